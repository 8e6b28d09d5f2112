//! A relay that was put back to an older copy of its data: nothing is lost, and people are told.

use super::relay::Relay;
use super::{founded, heqi, started, web_folder};

#[tokio::test]
async fn an_older_copy_of_a_relay_is_told_of_in_words_and_gets_back_what_it_lost() {
    let Some(web) = web_folder() else { return };
    let mut relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    page.add_task("Before the copy").await;
    page.wait_for_sync("acknowledged").await;
    let said = heqi(&home, &["sync"]).await;
    assert!(!said.contains("restored"), "{said}");
    relay.end().await;
    let copy = relay.copy();
    relay.run().await;
    page.wait_for_sync("acknowledged").await;
    page.add_task("After the copy").await;
    page.wait_for_sync("acknowledged").await;
    heqi(&home, &["task", "add", "From Bo"]).await;
    page.wait_for_task("From Bo").await;
    page.wait_for_sync("acknowledged").await;
    assert_eq!(page.text_of("relay-notice").await, None);

    relay.end().await;
    relay.put_back(&copy);
    relay.run().await;
    page.wait_until(
        "document.querySelector('[data-testid=relay-notice]')?.textContent.includes('backup')",
    )
    .await;
    let told = page.text("relay-notice").await;
    for part in ["restored from a backup", "given back what it had lost"] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    page.wait_for_sync("acknowledged").await;
    page.picture("relay-restored").await;
    let said = heqi(&home, &["sync"]).await;
    for part in ["restored from a backup", "give back what it had lost"] {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    let written = ["Before the copy", "After the copy", "From Bo"];
    for name in written {
        page.wait_for_task(name).await;
    }
    let listed = heqi(&home, &["plan", "list"]).await;
    for name in written {
        assert!(listed.contains(name), "{name} is not in {listed}");
    }
    // Told once: the next time it is as it was left.
    let said = heqi(&home, &["sync"]).await;
    assert!(!said.contains("restored"), "{said}");
    page.close().await;
}
