//! A relay that is not honest, as people meet it in a browser: what they are told, and how it ends.

use heqi_protocol::DeviceId;
use heqi_tests::chrome::Profile;
use heqi_tests::hostile::Lie;
use serde_json::Value;

use super::moves::move_it;
use super::page::Page;
use super::relay::Relay;
use super::{heqi, open, pictures, started, web_folder};

#[tokio::test]
async fn another_history_is_told_in_a_bar_and_with_what_to_do_and_ends_by_a_move() {
    let Some(web) = web_folder() else { return };
    let (relay, honest) = (Relay::start(&web).await, Relay::start(&web).await);
    let host = relay.hostile();
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    let home = two(&page, &host.url()).await;
    host.deceive(device_of(&home, "Bo").await, Lie::LeaveOut);
    page.add_task("From Anna").await;
    page.wait_for_sync("acknowledged").await;
    // The second one says what Bo had seen, which is another log than Anna's.
    for name in ["From Bo", "Second from Bo"] {
        heqi(&home, &["task", "add", name]).await;
        page.wait_for_task(name).await;
    }
    page.find("alarm-notice").await;
    pictures::take(&page, "alarm-bar", async |page| {
        page.wait_for_task("Second from Bo").await;
        page.find("alarm-notice").await;
    })
    .await;
    page.show("security").await;
    let told = page.text("alarm").await;
    for part in [
        "Bo (Südwerk)",
        "other edits than you",
        "Agree on nothing",
        "Call that member",
        "moves the venture",
        "nothing is lost",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    // What is to be compared need not be looked for.
    page.see("details[open] [data-testid=words-log]").await;
    pictures::take(&page, "alarm", async |page| {
        page.find("alarm").await;
        page.see("details[open] [data-testid=words-log]").await;
    })
    .await;

    page.fill("move-url", &honest.url()).await;
    move_it(&page).await;
    page.find("move-done").await;
    page.click("alarm-seen").await;
    let none = "document.querySelector('[data-testid=alarm],[data-testid=alarm-notice]') === null";
    page.wait_until(none).await;
    page.show("plan").await;
    page.add_task("At the honest relay").await;
    page.wait_for_sync("acknowledged").await;
    for _ in 0..2 {
        heqi(&home, &["sync"]).await;
    }
    let listed = heqi(&home, &["plan", "list"]).await;
    let written = [
        "Before",
        "From Anna",
        "From Bo",
        "Second from Bo",
        "At the honest relay",
    ];
    for name in written {
        page.wait_for_task(name).await;
        assert!(listed.contains(name), "{name} is not in {listed}");
    }
    page.reload().await;
    page.wait_for_task("At the honest relay").await;
    page.wait_for_sync("acknowledged").await;
    page.show("security").await;
    page.find("words-charter").await;
    page.wait_until(none).await;
    page.close().await;
}

#[tokio::test]
async fn a_relay_that_contradicts_itself_is_told_with_the_proof_and_what_was_typed_stays() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let host = relay.hostile();
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    let home = two(&page, &host.url()).await;
    let anna = device_of(&home, "Anna").await;
    host.deceive(anna, Lie::AckAnother);
    page.add_task("Typed meanwhile").await;
    let told = page.text("relay-notice").await;
    for part in [
        "contradicts",
        "stays on this device",
        "managers",
        "acknowledged a log",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    pictures::take(&page, "relay-contradicts", async |page| {
        page.wait_for_task("Typed meanwhile").await;
        page.find("relay-notice").await;
    })
    .await;
    host.go_on_honestly(anna);
    page.reload().await;
    page.wait_for_task("Typed meanwhile").await;
    page.wait_for_sync("acknowledged").await;
    heqi(&home, &["sync"]).await;
    let listed = heqi(&home, &["plan", "list"]).await;
    assert!(listed.contains("Typed meanwhile"), "{listed}");
    page.close().await;
}

/// Anna in the browser and Bo at the command line, who have both read one task.
async fn two(page: &Page, relay: &str) -> tempfile::TempDir {
    page.create_venture(relay, "Harbour bridge", "Nordbau", "Anna")
        .await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    heqi(&home, &["task", "add", "Before"]).await;
    page.show("plan").await;
    page.wait_for_task("Before").await;
    page.wait_for_sync("acknowledged").await;
    home
}

/// The first device of a member, as a home lists it.
async fn device_of(home: &tempfile::TempDir, member: &str) -> DeviceId {
    let listed = heqi(home, &["--json", "device", "list"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let mut devices = listed["devices"].as_array().unwrap().iter();
    let device = devices.find(|device| device["member"] == member).unwrap();
    DeviceId::parse(device["id"].as_str().unwrap()).unwrap()
}
