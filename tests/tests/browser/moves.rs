//! A venture moves to another relay, as a manager does it and as those see it who follow.

use heqi_tests::chrome::Profile;

use super::page::Page;
use super::relay::Relay;
use super::{heqi, open, pictures, started, web_folder};

#[tokio::test]
async fn a_manager_moves_the_venture_and_members_follow_while_the_old_relay_answers() {
    let Some(web) = web_folder() else { return };
    let (old, new) = (Relay::start(&web).await, Relay::start(&web).await);
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    page.create_venture(&old.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    pictures::take(&page, "move", async |page| {
        page.show("security").await;
        page.fill("move-url", "https://relay.example").await;
    })
    .await;

    page.fill("move-url", "ftp://relay.example").await;
    move_it(&page).await;
    page.find("move-failed").await;
    page.fill("move-url", &new.url()).await;
    move_it(&page).await;
    page.find("move-done").await;
    let link = page.text("move-link").await;
    assert!(link.starts_with(&new.url()), "{link}");
    page.picture("move-done").await;
    page.show("plan").await;
    page.add_task("On the new relay").await;
    page.wait_for_sync("acknowledged").await;
    heqi(&home, &["sync"]).await;
    drop(old);
    heqi(&home, &["sync"]).await;
    let listed = heqi(&home, &["plan", "list"]).await;
    assert!(listed.contains("On the new relay"), "{listed}");
    let status = heqi(&home, &["--json", "status"]).await;
    assert!(status.contains(&new.url()), "{status}");
    page.close().await;
}

#[tokio::test]
async fn a_dead_relay_is_left_by_a_link_that_the_others_follow() {
    let Some(web) = web_folder() else { return };
    let (mut old, new) = (Relay::start(&web).await, Relay::start(&web).await);
    let chrome = started().await;
    let profiles = [(); 2].map(|()| Profile::empty().unwrap());
    let anna = open(&chrome, &profiles[0]).await;
    anna.create_venture(&old.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    anna.add_task("Before").await;
    let link = anna.invite("Südwerk").await;
    let bo = open(&chrome, &profiles[1]).await;
    bo.join(&link, "Bo").await;
    bo.wait_for_task("Before").await;
    for page in [&anna, &bo] {
        page.wait_for_sync("acknowledged").await;
        page.wait_for_offline_shell().await;
    }
    let place = bo.address().await;
    old.end().await;
    for page in [&anna, &bo] {
        page.wait_for_sync("offline").await;
    }
    bo.add_task("Without any relay").await;

    anna.show("security").await;
    anna.fill("move-url", &new.url()).await;
    anna.click("move-dead").await;
    move_it(&anna).await;
    let link = anna.text("move-link").await;
    anna.show("plan").await;
    anna.add_task("After").await;
    anna.wait_for_sync("acknowledged").await;

    // At the new relay's address the browser keeps nothing yet, and says where it does.
    bo.go(&link).await;
    bo.find("moved-page").await;
    bo.click("moved-follow").await;
    bo.find("moved-elsewhere").await;
    assert_eq!(bo.text("moved-link").await, link);
    pictures::take(&bo, "moved", async |page| {
        page.go(&link).await;
        page.click("moved-follow").await;
        page.find("moved-elsewhere").await;
    })
    .await;
    // Where it keeps the venture, the link leads on, though nothing answers at that address.
    let (_, mark) = link.split_once('#').unwrap();
    let here = place.split_once('#').unwrap().0;
    bo.go(&format!("{here}#{mark}")).await;
    bo.click("moved-follow").await;
    bo.wait_for_task("After").await;
    bo.wait_for_task("Before").await;
    bo.wait_for_task("Without any relay").await;
    bo.wait_for_sync("acknowledged").await;
    anna.wait_for_task("Without any relay").await;
    bo.close().await;
    anna.close().await;
}

/// Sends the form and says yes.
pub(super) async fn move_it(page: &Page) {
    page.click("move-submit").await;
    page.click("question-yes").await;
}
