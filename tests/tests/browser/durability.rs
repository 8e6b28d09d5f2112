//! What the page calls saved is on the disk: in a strict transaction, and there after the browser was killed.

use std::time::Duration;

use heqi_tests::chrome::Profile;

use super::relay::Relay;
use super::{founded, open, started, until, web_folder};

const PATIENCE: Duration = Duration::from_secs(60);

/// First bytes of the keys of what is of this device alone until the relay has it: the outbox, changes not yet sealed,
/// what was asked of the charter.
const OWN: [u64; 3] = [5, 6, 14];

/// The worker tells the page of every row it writes: the first byte of its key, and how durable the transaction is.
const TELL_WRITES: &str = "
    const told = new BroadcastChannel('writes');
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
        told.postMessage([new Uint8Array(key.buffer ?? key)[0], this.transaction.durability]);
        return put.call(this, value, key);
    };
    told.postMessage('told');";

const HEAR_WRITES: &str = "
    window.heqiWrites = [];
    window.heqiTold = new BroadcastChannel('writes');
    window.heqiTold.onmessage = (message) => window.heqiWrites.push(message.data);";

#[tokio::test]
async fn every_own_edit_is_written_with_strict_durability() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.run(HEAR_WRITES).await;
    page.in_worker(TELL_WRITES).await;
    page.wait_until("window.heqiWrites.includes('told')").await;
    page.add_task("Survey").await;
    page.rename_task("Survey", "Survey of the north bank").await;
    page.wait_for_sync("acknowledged").await;
    page.invite("Südwerk").await;
    let writes = page.run("return window.heqiWrites").await;
    let writes: Vec<(u64, String)> = writes
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|write| Some((write[0].as_u64()?, write[1].as_str()?.to_owned())))
        .collect();
    for table in OWN {
        let of_table = writes.iter().filter(|(key, _)| *key == table);
        let durability: Vec<&str> = of_table.map(|(_, durability)| &**durability).collect();
        assert!(!durability.is_empty(), "{table} is not in {writes:?}");
        assert!(
            durability.iter().all(|it| *it == "strict"),
            "{table}: {durability:?}"
        );
    }
    page.close().await;
}

#[tokio::test]
async fn an_edit_that_was_called_saved_is_there_after_the_browser_was_killed() {
    let Some(web) = web_folder() else { return };
    let mut relay = Relay::start(&web).await;
    let profile = Profile::empty().unwrap();
    let chrome = started().await;
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page.wait_for_sync("acknowledged").await;
    let address = page.address().await;
    relay.end().await;
    page.wait_for_sync("offline").await;
    for name in ["First", "Second", "Third"] {
        page.add_task(name).await;
    }
    until("the pill calls all of it saved", PATIENCE, async || {
        let is_saved = page.pending().await == Some(3);
        let said = page.text_of("sync-pill").await?;
        (is_saved && said.contains("Saved here, 3 waiting")).then_some(())
    })
    .await;
    // Chromium and all its processes are killed in the midst of what they do.
    drop(chrome);

    relay.run().await;
    let chrome = started().await;
    let page = open(&chrome, &profile).await;
    page.go(&address).await;
    for name in ["First", "Second", "Third"] {
        page.wait_for_task(name).await;
    }
    assert_eq!(page.tasks().await, ["First", "Second", "Third"]);
    page.wait_for_sync("acknowledged").await;
    page.close().await;
}
