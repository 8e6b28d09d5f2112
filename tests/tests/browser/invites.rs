//! Invites that lead nowhere, and windows that keep nothing: people are told before they rely on them.

use heqi_tests::chrome::{Chrome, Profile};
use serde_json::json;

use super::page::Page;
use super::relay::Relay;
use super::{founded, open, pictures, started, web_folder};

/// As little space as Firefox and Safari offer in a private window.
const LITTLE_SPACE: &str =
    "StorageManager.prototype.estimate = async () => ({ quota: 300 * 2 ** 20, usage: 0 })";

/// A browser to which the relay is another machine, and which trusts it as it would with TLS.
async fn elsewhere(chrome: &Chrome, site: &str) -> Page {
    let rules = "--host-resolver-rules=MAP relay.example 127.0.0.1";
    let trusted = format!("--unsafely-treat-insecure-origin-as-secure={site}");
    let profile = Profile::empty().unwrap();
    Page::new(chrome.open(&profile, &[rules, &trusted]).await.unwrap())
}

/// Shows what a pasted link tells.
async fn inspect(page: &Page, site: &str, link: &str) {
    page.go(&format!("{site}/#/invite")).await;
    page.fill("invite-link-input", link).await;
    page.click("invite-inspect").await;
    page.find("invite-facts").await;
}

#[tokio::test]
async fn an_invite_to_this_very_machine_warns_who_makes_it_and_who_opens_it_elsewhere() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let site = relay.url().replace("localhost", "relay.example");
    let chrome = started().await;
    let here = founded(&chrome, &relay).await;
    let link = here.make_invite("Südwerk").await;
    let told = here.text("invite-loopback").await;
    assert!(told.contains("localhost"), "{told}");
    assert!(told.contains("real address"), "{told}");
    pictures::take(&here, "invite-made-loopback", async |page| {
        page.make_invite("Südwerk").await;
    })
    .await;
    here.click("invite-close").await;

    let there = elsewhere(&chrome, &site).await;
    inspect(&there, &site, &link).await;
    let told = there.text("invite-loopback").await;
    assert!(told.contains("machine it was made on"), "{told}");
    there.picture("invite-opened-loopback").await;
    // On that machine itself the link works, and nobody is warned.
    let same = open(&chrome, &Profile::empty().unwrap()).await;
    same.go(&link).await;
    same.find("invite-facts").await;
    assert_eq!(same.text_of("invite-loopback").await, None);
    same.close().await;

    there
        .create_venture(&site, "Quay", "Westhafen", "Cat")
        .await;
    let link = there.make_invite("Südwerk").await;
    assert!(link.starts_with(&site), "{link}");
    assert_eq!(there.text_of("invite-loopback").await, None);
    inspect(&here, &relay.url(), &link).await;
    assert_eq!(here.text_of("invite-loopback").await, None);
    let told = here.text("invite-plaintext").await;
    assert!(told.contains("not encrypted"), "{told}");
    there.close().await;
    here.close().await;
}

#[tokio::test]
async fn a_window_that_looks_private_is_told_of_before_an_invite_is_used_and_before_the_first_edit()
{
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let host = founded(&chrome, &relay).await;
    let link = host.invite("Südwerk").await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    let little = json!({ "source": LITTLE_SPACE });
    page.with_devtools("Page.addScriptToEvaluateOnNewDocument", little)
        .await;
    page.go(&link).await;
    let told = page.text("private-window").await;
    assert!(told.contains("private window"), "{told}");
    pictures::take(&page, "invite-private", async |page| {
        page.find("private-window").await;
    })
    .await;
    page.fill("invite-member-name", "Bo").await;
    let is_off = "document.querySelector('[data-testid=invite-accept]').disabled";
    page.wait_until(is_off).await;
    page.click("invite-keep-here").await;
    page.click("invite-accept").await;
    page.wait_for_plan().await;
    let told = page.text("recovery-notice").await;
    assert!(told.contains("private window"), "{told}");

    page.show("settings").await;
    page.see("[data-testid=keeping-panel][data-state=warn]")
        .await;
    let told = page.text("keeping-panel").await;
    assert!(told.contains("private window"), "{told}");
    pictures::take(&page, "keeping-private", async |page| {
        page.show("settings").await;
        page.see("[data-testid=keeping-panel][data-state=warn]")
            .await;
    })
    .await;
    // Refused; the browser has not promised anything.
    page.click("keeping-ask").await;
    page.see("[data-testid=keeping-panel][data-state=warn]")
        .await;
    let granted = json!({ "permissions": ["durableStorage"], "origin": relay.url() });
    page.with_devtools("Browser.grantPermissions", granted)
        .await;
    page.click("keeping-ask").await;
    page.see("[data-testid=keeping-panel][data-state=ok]").await;
    let told = page.text("keeping-panel").await;
    assert!(told.contains("until you delete it"), "{told}");
    page.wait_until("document.querySelector('[data-testid=keeping-ask]').offsetParent === null")
        .await;
    let told = page.text("recovery-notice").await;
    assert!(!told.contains("private window"), "{told}");
    page.close().await;
    host.close().await;
}

#[tokio::test]
async fn an_incognito_window_promises_nothing_and_what_it_held_is_gone_but_for_the_kit() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let incognito = async || Page::new(chrome.open(&profile, &["--incognito"]).await.unwrap());
    let page = incognito().await;
    page.create_venture(&relay.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page.find("recovery-notice").await;
    page.show("settings").await;
    page.see("[data-testid=keeping-panel][data-state=warn]")
        .await;
    page.show("plan").await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.click("recovery-save").await;
    let words = page.words("kit-words").await.join(" ");
    page.click("kit-have").await;
    page.close().await;

    let page = incognito().await;
    page.go(&relay.url()).await;
    page.wait_until("document.querySelector('[data-testid=ventures]')?.hidden")
        .await;
    page.go(&format!("{}/#/restore", relay.url())).await;
    page.fill("restore-code", &words).await;
    page.click("code-submit").await;
    page.wait_for_task("Survey").await;
    page.close().await;
}

#[tokio::test]
async fn who_opens_an_invite_that_was_revoked_is_told_so() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let (taken_back, other) = (page.invite("Südwerk").await, page.invite("Westhafen").await);
    page.show("members").await;
    let row = |party: &str| {
        format!(
            "[...document.querySelectorAll('[data-testid=pending-invite]')].find((it) => it.textContent.includes('{party}'))"
        )
    };
    page.wait_until(&row("Südwerk")).await;
    page.run(&format!(
        "{}.querySelector('[data-testid=invite-revoke]').click()",
        row("Südwerk")
    ))
    .await;
    let asked = page.text("question").await;
    assert!(asked.contains("Südwerk"), "{asked}");
    assert!(asked.contains("stops working at once"), "{asked}");
    page.click("question-yes").await;
    page.wait_until(&format!("!{}", row("Südwerk"))).await;
    page.wait_until(&row("Westhafen")).await;

    let guest = open(&chrome, &Profile::empty().unwrap()).await;
    guest.go(&taken_back).await;
    guest.fill("invite-member-name", "Bo").await;
    guest.click("invite-accept").await;
    let told = guest.text("invite-failed").await;
    assert!(told.contains("taken back"), "{told}");
    assert!(told.contains("Ask for a new one"), "{told}");
    pictures::take(&guest, "invite-revoked", async |page| {
        page.go("about:blank").await;
        page.go(&taken_back).await;
        page.fill("invite-member-name", "Bo").await;
        page.click("invite-accept").await;
        page.find("invite-failed").await;
    })
    .await;
    guest.close().await;
    let guest = open(&chrome, &Profile::empty().unwrap()).await;
    guest.join(&other, "Cat").await;
    page.see("[data-testid=member][data-name=Cat]").await;
    assert_eq!(page.texts_of("member").await.len(), 2);
    guest.close().await;
    page.close().await;
}
