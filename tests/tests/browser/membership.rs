//! Who belongs to a venture, as people see and change it: recovery, devices, removal, access, and the lock.

use std::time::Duration;

use heqi_tests::chrome::{Chrome, Profile};
use serde_json::Value;

use super::authenticator;
use super::page::Page;
use super::site::Site;
use super::{AGREEMENT, heqi, open, started, until, web_folder};

/// How long what the charter has to take may be on its way to other members.
const PATIENCE: Duration = Duration::from_secs(120);

/// A member's browser on a new venture.
async fn founded(chrome: &Chrome, profile: &Profile, site: &Site) -> Page {
    let page = open(chrome, profile).await;
    page.create_venture(&site.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page
}

#[tokio::test]
async fn words_of_a_recovery_kit_bring_a_member_back_twice_in_either_language() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profiles = [(); 3].map(|()| Profile::empty().unwrap());
    let page = founded(&chrome, &profiles[0], &site).await;
    page.click("recovery-save").await;
    page.find("kit-page").await;
    page.picture("kit").await;
    let english = page.words("kit-words").await;
    let chinese = page.words("kit-words-zh").await;
    assert_eq!((english.len(), chinese.len()), (12, 12));
    page.close().await;

    for (profile, words) in profiles[1..]
        .iter()
        .zip([english.join(" "), chinese.concat()])
    {
        let page = open(&chrome, profile).await;
        page.go(&format!("{}/#/restore", site.url())).await;
        page.fill("restore-code", &words).await;
        page.click("code-submit").await;
        page.wait_for_plan().await;
        page.wait_for_task("Survey").await;
        page.wait_for_sync("acknowledged").await;
        page.close().await;
    }
}

#[tokio::test]
async fn a_double_click_makes_one_recovery_kit_and_seals_it() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    page.show("settings").await;
    page.fill("recovery-passphrase", "correct horse").await;
    page.run("const button = document.querySelector('[data-testid=recovery-export]'); button.click(); button.click();")
        .await;
    page.find("kit-page").await;
    page.click("kit-close").await;
    // Whatever a second click had asked for would be in the history by the time of this.
    page.click("device-add").await;
    page.find("device-typed").await;
    page.click("device-dialog-close").await;
    page.show("security").await;
    page.find("history-entry").await;
    let history = page.texts_of("history-entry").await;
    let made = history
        .iter()
        .filter(|said| said.contains("made a recovery kit"));
    assert_eq!(made.count(), 1, "{history:?}");
    page.close().await;
}

#[tokio::test]
async fn a_second_device_comes_in_by_a_typed_code_and_a_third_by_a_link() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profiles = [(); 3].map(|()| Profile::empty().unwrap());
    let first = founded(&chrome, &profiles[0], &site).await;
    first.show("settings").await;

    first.click("device-add").await;
    let typed = first.text("device-typed").await;
    first.picture("device-code").await;
    let second = open(&chrome, &profiles[1]).await;
    second.go(&format!("{}/#/restore", site.url())).await;
    second.fill("restore-code", &typed.to_lowercase()).await;
    second.click("code-submit").await;
    second.wait_for_task("Survey").await;
    second.add_task("From the second device").await;
    second.wait_for_sync("acknowledged").await;
    first.find("device-added").await;
    first.click("device-dialog-close").await;

    first.click("device-add").await;
    let link = first.text("device-link").await;
    let third = open(&chrome, &profiles[2]).await;
    third.go(&link).await;
    third.click("device-accept").await;
    third.wait_for_task("From the second device").await;
    third.close().await;

    // A code works once.
    let again = open(&chrome, &Profile::empty().unwrap()).await;
    again.go(&format!("{}/#/restore", site.url())).await;
    again.fill("restore-code", &typed).await;
    again.click("code-submit").await;
    again.find("restore-failed").await;
    again.close().await;
    second.close().await;
    first.close().await;
}

#[tokio::test]
async fn a_member_who_is_removed_sees_by_whom_and_keeps_what_was_there() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let (own, other) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let anna = founded(&chrome, &own, &site).await;
    anna.show("members").await;
    anna.click("invite-open").await;
    anna.choose("invite-party", "0").await;
    anna.click("invite-create").await;
    let link = anna.text("invite-link").await;
    anna.click("invite-close").await;
    let bo = open(&chrome, &other).await;
    bo.join(&link, "Bo").await;
    bo.wait_for_task("Survey").await;
    bo.wait_for_sync("acknowledged").await;

    let row = "[data-testid=member][data-name=Bo]";
    anna.see(row).await;
    anna.picture("members").await;
    anna.see(&format!("{row} [data-testid=member-open]"))
        .await
        .click()
        .await
        .unwrap();
    anna.picture("member").await;
    anna.click("member-remove").await;
    anna.picture("question").await;
    anna.click("question-yes").await;
    anna.see("[data-testid=member][data-name=Bo][data-removed=true]")
        .await;

    bo.find("removed").await;
    let by = bo.text("removed-by").await;
    assert!(by.contains("Anna"), "{by}");
    bo.picture("removed").await;
    bo.click("export-archive").await;
    until("the archive is downloaded", AGREEMENT, async || {
        let files = std::fs::read_dir(other.downloads()).ok()?;
        let mut paths = files.flatten().map(|file| file.path());
        paths.find(|path| path.extension().is_some_and(|end| end == "zip"))
    })
    .await;
    bo.click("removed-read").await;
    bo.wait_for_task("Survey").await;
    bo.close().await;
    anna.close().await;
}

#[tokio::test]
async fn the_access_matrix_shows_a_rule_that_the_parties_have_agreed_on() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    page.show("members").await;
    page.click("invite-open").await;
    page.fill("invite-party-name", "Südwerk").await;
    page.click("role-partner-manager").await;
    page.click("invite-create").await;
    let link = page.text("invite-link").await;
    page.click("invite-close").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    page.show("access").await;
    let cell = |level: &str| {
        format!("[data-testid=access-cell][data-space=risk][data-role=viewer][data-level={level}]")
    };
    page.see(&cell("read")).await;
    page.picture("access").await;
    page.click("access-change").await;
    page.choose("access-space", "risk").await;
    page.click("level-viewer-write").await;
    page.picture("access-change").await;
    page.click("access-submit").await;
    // Nothing changes before the other party has agreed.
    page.wait_until("document.querySelector('[data-testid=toast]')")
        .await;
    page.see(&cell("read")).await;
    heqi(&home, &["sync"]).await;
    let open = heqi(&home, &["--json", "proposal", "list"]).await;
    let open: Value = serde_json::from_str(&open).unwrap();
    let proposal = open["proposals"][0]["id"].as_str().unwrap();
    heqi(&home, &["proposal", "approve", proposal]).await;
    page.see(&cell("write")).await;
    page.see("tr[data-changed=true]").await;
    page.show("security").await;
    page.see("[data-testid=history-entry][data-position='0']")
        .await;
    page.click("verify-now").await;
    page.see("[data-testid=verified][data-state=ok]").await;
    page.picture("security").await;
    page.close().await;
}

#[tokio::test]
async fn a_locked_venture_opens_with_its_passphrase_alone_and_leaves_nothing_readable() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    assert!(readable_rows(&page).await > 0);
    page.show("settings").await;
    for field in ["lock-passphrase", "lock-again"] {
        page.fill(field, "correct horse battery").await;
    }
    page.click("lock-set").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    until("every row is sealed", PATIENCE, async || {
        (readable_rows(&page).await == 0).then_some(())
    })
    .await;
    page.picture("lock").await;
    page.click("lock-now").await;
    page.find("locked").await;
    page.picture("locked").await;
    page.fill("unlock-passphrase", "wrong horse battery").await;
    page.click("unlock").await;
    page.see("[data-testid=unlock-passphrase][aria-invalid=true]")
        .await;
    page.fill("unlock-passphrase", "correct horse battery")
        .await;
    page.click("unlock").await;
    page.show("plan").await;
    page.wait_for_task("Survey").await;
    page.add_task("After the lock").await;
    page.wait_for_sync("acknowledged").await;
    assert_eq!(readable_rows(&page).await, 0);

    page.reload().await;
    page.find("unlock-passphrase").await;
    page.close().await;
}

#[tokio::test]
async fn a_lock_that_was_cut_off_half_way_seals_the_rest_when_it_is_opened() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    page.ask(KEEP_ROWS).await;
    page.show("settings").await;
    for field in ["lock-passphrase", "lock-again"] {
        page.fill(field, "correct horse battery").await;
    }
    page.click("lock-set").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    until("every row is sealed", PATIENCE, async || {
        (readable_rows(&page).await == 0).then_some(())
    })
    .await;
    page.click("lock-now").await;
    page.find("locked").await;
    page.ask(PUT_ROWS_BACK).await;
    assert!(readable_rows(&page).await > 0);
    page.fill("unlock-passphrase", "correct horse battery")
        .await;
    page.click("unlock").await;
    page.show("plan").await;
    page.wait_for_task("Survey").await;
    assert_eq!(readable_rows(&page).await, 0);
    page.close().await;
}

/// Keeps the rows of the venture's database on the page as they are now.
const KEEP_ROWS: &str = "
    const done = arguments[arguments.length - 1];
    const opening = indexedDB.open('heqi-' + location.hash.split('/')[2]);
    opening.onsuccess = () => {
        const rows = opening.result.transaction('rows').objectStore('rows');
        const keys = rows.getAllKeys(), values = rows.getAll();
        values.onsuccess = () => {
            window.heqiRows = keys.result.map((key, at) => [key, values.result[at]]);
            opening.result.close();
            done(null);
        };
    };";

/// Puts the rows back that were kept, as if they had never been sealed.
const PUT_ROWS_BACK: &str = "
    const done = arguments[arguments.length - 1];
    const opening = indexedDB.open('heqi-' + location.hash.split('/')[2]);
    opening.onsuccess = () => {
        const writing = opening.result.transaction('rows', 'readwrite');
        for (const [key, value] of window.heqiRows) writing.objectStore('rows').put(value, key);
        writing.oncomplete = () => {
            opening.result.close();
            done(null);
        };
    };";

#[tokio::test]
async fn a_passkey_opens_the_lock_without_a_passphrase() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    authenticator::add(page.client()).await;
    page.show("settings").await;
    page.click("passkey-add").await;
    page.see("[data-testid=lock-state][data-state=ok]").await;
    page.click("lock-now").await;
    page.click("unlock-passkey").await;
    page.show("plan").await;
    page.wait_for_task("Survey").await;
    assert_eq!(readable_rows(&page).await, 0);
    page.close().await;
}

/// Rows of the venture's database that are not sealed, envelopes left out.
async fn readable_rows(page: &Page) -> u64 {
    const SCRIPT: &str = "
        const done = arguments[arguments.length - 1];
        const key = location.hash.split('/')[2];
        const opening = indexedDB.open('heqi-' + key);
        opening.onsuccess = () => {
            const database = opening.result;
            const rows = database.transaction('rows').objectStore('rows');
            const keys = rows.getAllKeys(), values = rows.getAll();
            values.onsuccess = () => {
                const bytes = (value) => new Uint8Array(value.buffer ?? value);
                const sealed = (value) => new TextDecoder().decode(bytes(value).slice(0, 8)) === 'heqi row';
                const envelope = (key) => bytes(key)[0] === 4;
                const open = values.result.filter((value, at) => !envelope(keys.result[at]) && !sealed(value));
                database.close();
                done(open.length);
            };
        };
        opening.onerror = () => done(null);";
    page.ask(SCRIPT)
        .await
        .as_u64()
        .expect("the database can be read")
}

#[tokio::test]
async fn pages_of_membership_fit_a_phone_and_the_dark() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = founded(&chrome, &profile, &site).await;
    page.resize(390, 844).await;
    for name in ["members", "access", "security", "settings"] {
        page.show(name).await;
        page.see(".page-head h1").await;
        let wide =
            "arguments[arguments.length - 1](document.documentElement.scrollWidth > innerWidth)";
        assert_eq!(
            page.ask(wide).await,
            Value::Bool(false),
            "{name} is too wide"
        );
        page.picture(&format!("phone-{name}")).await;
    }
    page.close().await;
}
