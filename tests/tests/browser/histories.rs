//! What is in a log and does not fit: a history that others were not shown, and an edit without what it builds on.

use heqi_tests::chrome::Profile;

use super::relay::Relay;
use super::{open, pictures, started, web_folder};
use crate::command_line::home::Home;

#[tokio::test]
async fn two_histories_are_told_with_what_to_do_when_they_cross() {
    let Some(web) = web_folder() else { return };
    let mut relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Two histories", "Nordbau", "Anna")
        .await;
    let link = page.invite("Südwerk").await;
    let address = page.address().await;
    let bo = Home::empty();
    bo.run(&["join", &link, "--member", "Bo"]);
    bo.run(&["task", "add", "Before"]);
    page.show("plan").await;
    page.wait_for_task("Before").await;
    page.wait_for_sync("acknowledged").await;

    // Bo's next edit, sealed, comes to stand in both histories: after Anna's in the one, alone in the other.
    bo.offline(&["task", "add", "From Bo"]);
    let bo_elsewhere = bo.copy();
    relay.end().await;
    let other = relay.copy_of_data();
    relay.run().await;
    page.add_task("From Anna").await;
    page.wait_for_sync("acknowledged").await;
    page.close().await;
    bo.run(&["sync"]);

    relay.end().await;
    let shown_to_anna = relay.change_data(other);
    relay.run().await;
    bo_elsewhere.run(&["sync"]);
    bo_elsewhere.offline(&["task", "add", "From the other history"]);
    relay.end().await;
    let _shown_to_bo = relay.change_data(shown_to_anna);

    // What Bo seals there names what Bo has seen; the relay passes it on to Anna.
    bo.take_outbox_of(&bo_elsewhere);
    relay.run().await;
    bo.run(&["sync"]);
    let page = open(&chrome, &profile).await;
    page.go(&address).await;
    page.wait_for_plan().await;
    page.find("alarm-notice").await;
    page.show("security").await;
    let told = page.text("alarm").await;
    for part in ["Bo (Südwerk)", "another history", "moves the venture"] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    pictures::take(&page, "two-histories", async |page| {
        page.find("alarm").await;
    })
    .await;
    // It is kept over a reload, until it has been seen.
    page.click("alarm-seen").await;
    page.wait_until(
        "document.querySelector('[data-testid=alarm],[data-testid=alarm-notice]') === null",
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn an_edit_that_waits_for_what_never_comes_is_listed_with_its_author() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Waiting", "Nordbau", "Anna")
        .await;
    let link = page.invite("Südwerk").await;
    let bo = Home::empty();
    bo.run(&["join", &link, "--member", "Bo"]);
    bo.run(&["task", "add", "Before"]);
    bo.offline(&["task", "add", "Lost"]);
    bo.lose_oldest_unsent();
    bo.offline(&["task", "add", "Builds on it"]);
    bo.run(&["sync"]);
    page.show("plan").await;
    page.wait_for_task("Before").await;
    page.show("security").await;
    let told = page.text("edit-waiting").await;
    assert!(told.contains("Bo (Südwerk)"), "{told}");
    pictures::take(&page, "edit-waiting", async |page| {
        page.find("edit-waiting").await;
    })
    .await;
    page.close().await;
}
