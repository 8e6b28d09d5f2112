//! Browsers in which something is missing, full or broken: nothing saved is lost, and people are told what to do.

use serde_json::json;

use heqi_tests::chrome::Profile;

use super::relay::Relay;
use super::{AGREEMENT, open, pictures, plan, started, until, web_folder};

/// Panics in the worker's wasm, as a defect would: a tab is told something and answers by connecting again, which the
/// worker's bookkeeping does not allow at that moment. The trap is thrown once more where nothing catches it.
const PANIC: &str = "
    const tab = { addEventListener() {}, close() {}, postMessage() {
        try { self.heqiConnect(tab); } catch (trap) { setTimeout(() => { throw trap; }); }
    } };
    self.heqiConnect(tab);
    setTimeout(() => tab.onmessage({ data: new Uint8Array(1) }));";

#[tokio::test]
async fn a_panic_in_the_worker_is_told_and_a_reload_goes_on() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Defect", "Nordbau", "Anna")
        .await;
    page.add_task("Saved before").await;
    page.wait_for_sync("acknowledged").await;
    page.click("add-task").await;
    page.find("cell-editor").await;
    page.press("Half a na").await;
    page.in_worker(PANIC).await;
    page.wait_for_stop("fatal", "defect").await;
    // What was being typed can be taken along.
    assert_eq!(page.text("fatal-typed").await, "Half a na");
    let said = page.text_of("fatal").await.unwrap();
    assert!(said.contains("panicked"), "{said}");
    page.click("reload").await;
    page.wait_for_task("Saved before").await;
    page.add_task("Added after").await;
    page.wait_for_sync("acknowledged").await;
    page.close().await;
}

#[tokio::test]
async fn a_full_disk_stops_editing_and_changes_nothing_that_was_saved() {
    const LARGE: usize = 4_000;
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    // The shell's own files would use up the space that is given here.
    let no_shell = json!({ "source": "delete Navigator.prototype.serviceWorker" });
    page.with_devtools("Page.addScriptToEvaluateOnNewDocument", no_shell)
        .await;
    let scarce = json!({ "origin": relay.url(), "quotaSize": 600_000 });
    page.go(&format!("{}/healthz", relay.url())).await;
    page.with_devtools("Storage.overrideQuotaForOrigin", scarce)
        .await;
    page.create_venture(&relay.url(), "Full", "Nordbau", "Anna")
        .await;
    page.drop_on_plan("large.xml", &plan::large(LARGE)).await;
    page.wait_for_stop("fatal", "full").await;

    let plenty = json!({ "origin": relay.url() });
    page.with_devtools("Storage.overrideQuotaForOrigin", plenty)
        .await;
    page.click("reload").await;
    page.wait_for_plan().await;
    assert_eq!(page.tasks().await, Vec::<String>::new());
    page.drop_on_plan("large.xml", &plan::large(LARGE)).await;
    let count = LARGE.to_string();
    until("the import is done", AGREEMENT, async || {
        (page.text_of("import-tasks").await? == count).then_some(())
    })
    .await;
    page.close().await;
}

#[tokio::test]
async fn without_shared_workers_one_tab_works_and_a_second_is_told() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let absent = json!({ "source": "delete window.SharedWorker" });
    page.with_devtools("Page.addScriptToEvaluateOnNewDocument", absent.clone())
        .await;
    page.create_venture(&relay.url(), "One tab", "Nordbau", "Anna")
        .await;
    page.wait_until("!('SharedWorker' in window)").await;
    page.add_task("From the first tab").await;
    page.wait_for_sync("acknowledged").await;
    let here = page.window().await;
    let address = page.address().await;

    let other = page.new_tab().await;
    page.with_devtools("Page.addScriptToEvaluateOnNewDocument", absent)
        .await;
    page.go(&address).await;
    page.wait_for_stop("fatal", "occupied").await;
    page.turn_to(&here).await;
    page.add_task("The first tab goes on").await;
    page.close_tab(&other).await;
    page.click("reload").await;
    page.wait_for_task("From the first tab").await;
    page.wait_for_task("The first tab goes on").await;
    page.add_task("From the second tab").await;
    page.wait_for_sync("acknowledged").await;
    page.close().await;
}

#[tokio::test]
async fn a_page_without_encryption_from_another_machine_is_refused_with_the_remedies() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    let port = relay.address().port();
    page.go(&format!("http://relay.example:{port}")).await;
    page.wait_for_stop("unfit", "secure context").await;
    let said = page.text_of("unfit").await.unwrap();
    for remedy in ["https://", &format!("http://localhost:{port}")] {
        assert!(said.contains(remedy), "{said}");
    }
    pictures::take(&page, "insecure", async |page| {
        page.wait_for_stop("unfit", "secure context").await;
    })
    .await;
    page.close().await;
}

#[tokio::test]
async fn an_invite_is_used_by_its_button_alone_and_a_built_in_browser_is_asked_before() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let (first, second) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let (a, b) = (open(&chrome, &first).await, open(&chrome, &second).await);
    a.create_venture(&relay.url(), "Asked", "Nordbau", "Anna")
        .await;
    let link = a.invite("Südwerk").await;
    let wechat =
        json!({ "userAgent": "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile MicroMessenger/8.0.50" });
    b.with_devtools("Emulation.setUserAgentOverride", wechat)
        .await;
    b.go(&link).await;
    b.find("in-app-browser").await;
    b.fill("invite-member-name", "Bo").await;
    b.wait_until("document.querySelector('[data-testid=invite-accept]').disabled")
        .await;
    // Looked at twice, and used by nobody.
    b.reload().await;
    b.find("in-app-browser").await;
    b.fill("invite-member-name", "Bo").await;
    b.click("invite-keep-here").await;
    b.click("invite-accept").await;
    b.wait_for_plan().await;
    let address = b.address().await;
    assert!(!address.contains("invite"), "{address}");
    a.close().await;
    b.close().await;
}

#[tokio::test]
async fn closing_the_last_tab_with_unsent_edits_warns_and_otherwise_does_not() {
    let Some(web) = web_folder() else { return };
    let mut relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Closing", "Nordbau", "Anna")
        .await;
    page.add_task("Sent").await;
    page.wait_for_sync("acknowledged").await;
    let warns = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    page.wait_until(&format!("!({warns})")).await;
    relay.end().await;
    page.wait_for_sync("offline").await;
    page.add_task("Unsent").await;
    page.wait_until(warns).await;
    relay.run().await;
    page.wait_for_sync("acknowledged").await;
    page.wait_until(&format!("!({warns})")).await;
    page.close().await;
}

#[tokio::test]
async fn a_link_that_the_browser_does_not_copy_is_selected_to_be_copied_by_hand() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Copying", "Nordbau", "Anna")
        .await;
    for unsanitized in [false, true] {
        let permission =
            json!({ "name": "clipboard-write", "allowWithoutSanitization": unsanitized });
        let denied = json!({ "permission": permission, "setting": "denied" });
        page.with_devtools("Browser.setPermission", denied).await;
    }
    page.show("members").await;
    page.click("invite-open").await;
    page.fill("invite-party-name", "Südwerk").await;
    page.click("invite-create").await;
    let link = page.text("invite-link").await;
    assert!(link.contains("#invite="), "{link}");
    page.click("invite-copy").await;
    page.wait_until(&format!("String(getSelection()) === '{link}'"))
        .await;
    let told = page.text("copy-refused").await;
    assert!(told.contains("Ctrl+C"), "{told}");
    page.close().await;
}
