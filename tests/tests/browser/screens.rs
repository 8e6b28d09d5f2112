//! What people meet rarely: an idle lock, votes, sealed kits of the command line, codes of another relay.

use heqi_tests::chrome::Profile;
use serde_json::Value;

use super::relay::Relay;
use super::{download, founded, heqi, heqi_typing, open, pictures, started, web_folder};

/// Minutes pass in the worker as if they were tenths of a second: by its clock, and for what waits for that long.
const FAST_MINUTES: &str = "
    const now = Date.now.bind(Date), began = now();
    Date.now = () => began + (now() - began) * 600;
    const setTimeout = self.setTimeout.bind(self);
    self.setTimeout = (ring, ms, ...rest) => setTimeout(ring, ms >= 60000 ? ms / 600 : ms, ...rest);";

/// A night passes by the worker's clock, of which its timers know nothing: the device was asleep.
const SLEEP: &str = "
    const now = Date.now.bind(Date);
    Date.now = () => now() + 8 * 3600000;";

#[tokio::test]
async fn a_venture_locks_when_nobody_has_touched_it_for_the_time_that_was_set() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.show("settings").await;
    for field in ["lock-passphrase", "lock-again"] {
        page.fill(field, "correct horse battery").await;
    }
    page.click("lock-set").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    page.in_worker(FAST_MINUTES).await;
    page.choose("lock-idle", "5").await;
    page.find("locked").await;
    // Locked for every tab, and after a reload.
    let here = page.window().await;
    let address = page.address().await;
    page.new_tab().await;
    page.go(&address).await;
    page.find("locked").await;
    page.close_tab(&here).await;
    pictures::take(&page, "locked-idle", async |page| {
        page.find("locked").await;
    })
    .await;
    page.fill("unlock-passphrase", "correct horse battery")
        .await;
    page.click("unlock").await;
    page.show("plan").await;
    page.wait_for_task("Survey").await;
    page.close().await;
}

#[tokio::test]
async fn a_venture_locks_when_the_device_was_asleep_for_longer_than_that() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.show("settings").await;
    for field in ["lock-passphrase", "lock-again"] {
        page.fill(field, "correct horse battery").await;
    }
    page.click("lock-set").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    page.choose("lock-idle", "60").await;
    page.show("plan").await;
    page.add_task("Before").await;
    page.wait_for_sync("acknowledged").await;
    page.in_worker(SLEEP).await;
    page.click("undo").await;
    page.find("locked").await;
    page.fill("unlock-passphrase", "correct horse battery")
        .await;
    page.click("unlock").await;
    page.show("plan").await;
    page.wait_for_task("Before").await;
    page.close().await;
}

#[tokio::test]
async fn parties_vote_in_the_browser_on_what_another_has_proposed() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let home = tempfile::tempdir().unwrap();
    page.show("members").await;
    page.click("invite-open").await;
    page.fill("invite-party-name", "Südwerk").await;
    page.click("role-partner-manager").await;
    page.click("invite-create").await;
    let link = page.text("invite-link").await;
    page.click("invite-close").await;
    heqi(&home, &["join", &link, "--member", "Bo"]).await;

    let shares = ["party", "interests", "Nordbau=60", "Südwerk=40"];
    heqi(&home, &shares).await;
    page.find("proposal").await;
    pictures::take(&page, "proposal", async |page| {
        page.show("members").await;
        page.find("proposal-agree").await;
    })
    .await;
    page.click("proposal-agree").await;
    page.wait_until("document.querySelector('[data-testid=party][data-name=Nordbau] .interest')?.textContent === '60%'")
        .await;
    let listed = heqi(&home, &["sync"]).await + &heqi(&home, &["party", "list"]).await;
    assert!(listed.contains("60%") && listed.contains("40%"), "{listed}");

    let rule = ["access", "set", "risk", "--read", "pmo", "--write", "none"];
    heqi(&home, &rule).await;
    page.click("proposal-decline").await;
    page.wait_until("document.querySelector('[data-testid=proposal]') === null")
        .await;
    heqi(&home, &["sync"]).await;
    let open = heqi(&home, &["--json", "proposal", "list"]).await;
    let open: Value = serde_json::from_str(&open).unwrap();
    assert_eq!(open["proposals"], Value::Array(Vec::new()));
    page.show("access").await;
    page.see("[data-testid=access-cell][data-space=risk][data-role=viewer][data-level=read]")
        .await;
    page.close().await;
}

#[tokio::test]
async fn browser_and_command_line_open_each_others_sealed_kits() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.show("settings").await;
    page.fill("recovery-passphrase", "tide mill 7").await;
    page.click("recovery-export").await;
    let sealed = download(&profile, "heqi").await;
    page.close().await;

    let home = tempfile::tempdir().unwrap();
    let path = sealed.to_str().unwrap();
    let told = heqi_typing(&home, &["recovery", "use", path], "tide mill 8").await;
    let told = told.unwrap_err();
    assert!(told.contains("does not open the file"), "{told}");
    let told = heqi_typing(&home, &["recovery", "use", path], "").await;
    assert!(told.unwrap_err().contains("sealed"));
    heqi_typing(&home, &["recovery", "use", path], "tide mill 7")
        .await
        .unwrap();
    let listed = heqi(&home, &["plan", "list"]).await;
    assert!(listed.contains("Survey"), "{listed}");

    let file = home.path().join("cli.heqi");
    let path = file.to_str().unwrap();
    heqi_typing(
        &home,
        &["recovery", "make", path, "--passphrase"],
        "潮汐 磨坊",
    )
    .await
    .unwrap();
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    page.go(&format!("{}/#/restore", relay.url())).await;
    page.pick("restore-input", &file).await;
    page.fill("restore-passphrase", "潮汐").await;
    page.click("restore-submit").await;
    page.find("restore-failed").await;
    page.fill("restore-passphrase", "潮汐 磨坊").await;
    page.click("restore-submit").await;
    page.wait_for_task("Survey").await;
    page.close().await;
}

#[tokio::test]
async fn a_typed_code_is_looked_up_at_the_relay_that_is_named_and_at_no_other() {
    let Some(web) = web_folder() else { return };
    let (host, other) = (Relay::start(&web).await, Relay::start(&web).await);
    let home = tempfile::tempdir().unwrap();
    let (create, url) = (
        ["venture", "create", "Harbour bridge", "--relay"],
        host.url(),
    );
    let names = ["--party", "Nordbau", "--member", "Anna"];
    heqi(&home, &[&create[..], &[&url], &names].concat()).await;
    heqi(&home, &["task", "add", "Survey"]).await;
    let made = heqi(&home, &["--json", "device", "add"]).await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let typed = made["code"].as_str().unwrap();
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    // The client of one relay, the venture of another.
    page.go(&format!("{}/#/restore", other.url())).await;
    page.fill("restore-code", typed).await;
    page.click("code-submit").await;
    let told = page.text("restore-failed").await;
    assert!(told.contains("relay"), "{told}");
    pictures::take(&page, "code-elsewhere", async |page| {
        page.go(&format!("{}/#/restore", other.url())).await;
        page.fill("restore-code", typed).await;
        page.click("code-submit").await;
        page.find("restore-failed").await;
    })
    .await;
    page.fill("restore-relay", &host.url()).await;
    page.click("code-submit").await;
    page.wait_for_task("Survey").await;
    page.add_task("From another client").await;
    page.wait_for_sync("acknowledged").await;
    page.close().await;
}
