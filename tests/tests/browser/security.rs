//! What is told of others, and what is still there: edits that do not count, kits that nobody has, copies that are locked.

use std::time::Duration;

use heqi_tests::chrome::{Chrome, Profile};
use redb::{Database, ReadableDatabase as _, TableDefinition};
use serde_json::{Value, json};

use super::page::Page;
use super::relay::Relay;
use super::site::Site;
use super::{download, founded, heqi, open, pictures, started, until, web_folder};

/// How long members may take to hear of each other.
const PATIENCE: Duration = Duration::from_secs(120);

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");

/// First byte of the keys of changes that are made and not yet sealed.
const UNSEALED: u8 = 6;

/// Bytes of such a row before the checksum of its change: the stream, a length, and what every change begins with.
const BEFORE_CHECKSUM: usize = 16 + 4 + 4;

#[tokio::test]
async fn what_every_device_refuses_and_what_waits_is_told_with_its_author() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    heqi(&home, &["--offline", "task", "add", "Never seen"]).await;
    damage_unsealed(&home);
    heqi(&home, &["sync"]).await;
    heqi(&home, &["task", "add", "Built on it"]).await;

    page.show("security").await;
    let refused = page.text("edit-refused").await;
    assert!(refused.contains("1 edit by Bo (Südwerk)"), "{refused}");
    assert!(refused.contains("the checksum does not match"), "{refused}");
    let waits = page.text("edit-waiting").await;
    assert!(waits.contains("1 edit by Bo (Südwerk)"), "{waits}");
    let notice = page.text("relay-notice").await;
    assert!(notice.contains("Security"), "{notice}");
    pictures::take(&page, "outside", async |page| {
        page.show("security").await;
        page.find("edit-waiting").await;
        page.run(
            "const panel = document.querySelector('[data-testid=outside-panel]');
             panel.querySelector('details').open = true;
             panel.scrollIntoView({ block: 'start' });",
        )
        .await;
    })
    .await;
    page.show("plan").await;
    page.wait_for_plan().await;
    assert_eq!(page.tasks().await, Vec::<String>::new());
    page.close().await;
}

/// Flips a bit in the change that a closed home is about to seal, as a broken disk does, or somebody who means it.
fn damage_unsealed(home: &tempfile::TempDir) {
    let database = Database::open(home.path().join("home").join("replica.redb")).unwrap();
    let reading = database.begin_read().unwrap();
    let rows = reading.open_table(ROWS).unwrap();
    let (from, after) = ([UNSEALED], [UNSEALED + 1]);
    let mut unsealed = rows.range::<&[u8]>(&from[..]..&after[..]).unwrap();
    let (key, value) = unsealed.next().expect("an edit is not sealed yet").unwrap();
    let (key, mut value) = (key.value().to_vec(), value.value().to_vec());
    value[BEFORE_CHECKSUM] ^= 1;
    let writing = database.begin_write().unwrap();
    let mut rows = writing.open_table(ROWS).unwrap();
    rows.insert(key.as_slice(), value.as_slice()).unwrap();
    drop(rows);
    writing.commit().unwrap();
}

#[tokio::test]
async fn edits_that_no_relay_takes_are_exported_and_let_go_of_after_a_question() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let [office, home] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let create = ["venture", "create", "Harbour bridge", "--relay"];
    let names = ["--party", "Nordbau", "--member", "Anna"];
    heqi(&office, &[&create[..], &[&site.url()], &names].concat()).await;
    heqi(&office, &["task", "add", "Survey"]).await;
    let invite = ["--json", "invite", "--party", "Nordbau", "--role", "pmo"];
    let made: Value = serde_json::from_str(&heqi(&office, &invite).await).unwrap();
    let link = made["link"].as_str().unwrap();
    // Anna's other device does not come by the way that is cut.
    let code = heqi(&office, &["--json", "device", "add"]).await;
    let code: Value = serde_json::from_str(&code).unwrap();
    let join = ["device", "join", code["code"].as_str().unwrap(), "--relay"];
    heqi(&home, &[&join[..], &[&site.direct_url()]].concat()).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.join(link, "Bo").await;
    page.wait_for_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    site.cut();
    page.wait_for_sync("offline").await;
    page.add_task("Unsent").await;
    heqi(&home, &["sync"]).await;
    heqi(&home, &["member", "grant", "Bo", "viewer"]).await;
    heqi(&home, &["member", "revoke", "Bo", "pmo"]).await;
    site.mend();

    page.find("let-go").await;
    pictures::take(&page, "let-go", async |page| {
        page.click("let-go").await;
        page.find("question-first").await;
    })
    .await;
    page.click("question-no").await;
    page.wait_for_task("Unsent").await;
    page.click("let-go").await;
    page.click("question-first").await;
    let file = download(&profile, "heqi").await;
    page.click("let-go").await;
    page.click("question-yes").await;
    page.wait_until("!document.querySelector('[data-testid=let-go]')")
        .await;
    until("the edit is let go of", PATIENCE, async || {
        (page.tasks().await == ["Survey"]).then_some(())
    })
    .await;
    page.wait_for_sync("acknowledged").await;
    page.reload().await;
    page.wait_for_task("Survey").await;
    assert_eq!(page.tasks().await, ["Survey"]);
    heqi(&home, &["late", "take", file.to_str().unwrap()]).await;
    page.wait_for_task("Unsent").await;
    page.close().await;
}

#[tokio::test]
async fn a_kit_whose_tab_is_gone_takes_no_other_ones_place_until_somebody_has_a_newer_one() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.click("recovery-save").await;
    let first = page.words("kit-words").await.join(" ");
    page.find("recovery-notice").await;
    page.click("kit-have").await;
    page.wait_until("!document.querySelector('[data-testid=recovery-notice]')")
        .await;
    page.show("settings").await;
    wait_for_kits(&page, &["false"]).await;

    let here = page.window().await;
    let address = page.address().await;
    page.new_tab().await;
    page.go(&address).await;
    page.find("recovery-export").await;
    page.run("document.querySelector('[data-testid=recovery-export]').click()")
        .await;
    page.close_tab(&here).await;
    wait_for_kits(&page, &["false", "true"]).await;
    let facts = page.texts_of("offer-facts").await;
    let unconfirmed = facts.iter().filter(|it| it.contains("not confirmed"));
    assert_eq!(unconfirmed.count(), 1, "{facts:?}");
    pictures::take(&page, "kits", async |page| {
        page.show("settings").await;
        page.find("offer-have").await;
        page.run("document.querySelector('[data-testid=devices-panel]').scrollIntoView()")
            .await;
    })
    .await;
    assert!(brings_back(&chrome, &relay, &first).await);
    page.see("[data-unconfirmed=true] [data-testid=offer-withdraw]")
        .await
        .click()
        .await
        .unwrap();
    wait_for_kits(&page, &["false"]).await;

    // Closed without a word, and found again in the list.
    page.click("recovery-export").await;
    let second = page.words("kit-words").await.join(" ");
    page.find("kit-have").await;
    page.picture("kit-asks").await;
    page.click("kit-close").await;
    wait_for_kits(&page, &["false", "true"]).await;
    page.click("offer-have").await;
    wait_for_kits(&page, &["false"]).await;
    assert!(!brings_back(&chrome, &relay, &first).await);
    assert!(brings_back(&chrome, &relay, &second).await);
    page.close().await;
}

/// Waits until the kits that are listed are these, by whether they are unconfirmed.
async fn wait_for_kits(page: &Page, wanted: &[&str]) {
    let listed = "[...document.querySelectorAll('[data-testid=offer][data-kind=kit]')].map((it) => it.dataset.unconfirmed).sort()";
    let wanted = json!(wanted);
    page.wait_until(&format!(
        "JSON.stringify({listed}) === JSON.stringify({wanted})"
    ))
    .await;
}

/// True where the words of a kit let an empty browser in; else it is told that they do not.
async fn brings_back(chrome: &Chrome, relay: &Relay, words: &str) -> bool {
    let page = open(chrome, &Profile::empty().unwrap()).await;
    page.go(&format!("{}/#/restore", relay.url())).await;
    page.fill("restore-code", words).await;
    page.click("code-submit").await;
    page.see("[data-testid=restore-failed], [data-testid=add-task]")
        .await;
    let is_in = page.text_of("restore-failed").await.is_none();
    page.close().await;
    is_in
}

#[tokio::test]
async fn who_came_back_beside_a_locked_copy_removes_it() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.click("recovery-save").await;
    let words = page.words("kit-words").await.join(" ");
    page.click("kit-have").await;
    lock(&page).await;
    page.go(&format!("{}/#/restore", relay.url())).await;
    page.fill("restore-code", &words).await;
    page.click("code-submit").await;
    page.wait_for_task("Survey").await;
    assert_eq!(databases(&page).await, 2);
    page.find("copy-notice").await;
    pictures::take(&page, "copy", async |page| {
        page.click("copy-remove").await;
        page.find("question-yes").await;
    })
    .await;
    let told = page.text("question").await;
    assert!(told.contains("all its edits had been sent"), "{told}");
    assert!(
        told.contains("The other copy in this browser stays"),
        "{told}"
    );
    page.click("question-yes").await;
    page.wait_until("!document.querySelector('[data-testid=copy-notice]')")
        .await;
    until("the copy is gone", PATIENCE, async || {
        (databases(&page).await == 1).then_some(())
    })
    .await;
    page.add_task("Afterwards").await;
    page.wait_for_sync("acknowledged").await;
    page.reload().await;
    page.wait_for_task("Afterwards").await;
    page.click("all-ventures").await;
    page.find("venture").await;
    assert_eq!(page.texts_of("venture").await.len(), 1);
    page.close().await;
}

#[tokio::test]
async fn a_locked_venture_is_removed_from_its_lock_screen_with_what_was_not_sent() {
    let Some(web) = web_folder() else { return };
    let mut relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.wait_for_offline_shell().await;
    relay.end().await;
    page.wait_for_sync("offline").await;
    page.add_task("Unsent").await;
    lock(&page).await;
    pictures::take(&page, "locked-copy", async |page| {
        page.click("copy-remove").await;
        page.find("question-yes").await;
    })
    .await;
    let told = page.text("question").await;
    assert!(told.contains("edits that were not sent"), "{told}");
    assert!(told.contains("another device of yours"), "{told}");
    page.click("question-no").await;
    // It is still there, and opens.
    page.fill("unlock-passphrase", "correct horse battery")
        .await;
    page.click("unlock").await;
    page.show("plan").await;
    page.wait_for_task("Unsent").await;
    page.show("settings").await;
    page.click("lock-now").await;
    page.click("copy-remove").await;
    page.click("question-yes").await;
    page.wait_until("document.querySelector('[data-testid=ventures]')?.hidden")
        .await;
    until("the copy is gone", PATIENCE, async || {
        (databases(&page).await == 0).then_some(())
    })
    .await;
    page.close().await;
}

/// Locks the open venture by a passphrase.
async fn lock(page: &Page) {
    page.show("settings").await;
    for field in ["lock-passphrase", "lock-again"] {
        page.fill(field, "correct horse battery").await;
    }
    page.click("lock-set").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    page.click("lock-now").await;
    page.find("locked").await;
}

/// How many ventures the browser has a database for.
async fn databases(page: &Page) -> u64 {
    let count = "const done = arguments[arguments.length - 1];
        indexedDB.databases().then((all) => done(all.filter((it) => it.name.startsWith('heqi-')).length));";
    page.ask(count).await.as_u64().unwrap()
}
