//! Devices, members and parties by the names that people give them.

use heqi_tests::chrome::Profile;
use serde_json::Value;

use super::page::Page;
use super::relay::Relay;
use super::{founded, heqi, open, pictures, started, web_folder};

#[tokio::test]
async fn a_device_is_called_by_its_browser_then_as_people_say_and_is_revoked_by_its_name() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.show("settings").await;
    let own = |name: &str| format!("[data-testid=device][data-this=true][data-name='{name}']");
    page.see(&own("Chrome on Linux")).await;
    page.click("device-add").await;
    let link = page.text("device-link").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["device", "join", &link]).await;
    page.find("device-added").await;
    page.click("device-dialog-close").await;
    heqi(&home, &["device", "name", "Anna/2", "Site office"]).await;
    page.see("[data-testid=device][data-this=false][data-name='Site office']")
        .await;

    page.see(&format!(
        "{} [data-testid=device-rename]",
        own("Chrome on Linux")
    ))
    .await
    .click()
    .await
    .unwrap();
    page.fill("rename-name", "Anna’s laptop 安娜").await;
    page.picture("rename").await;
    page.click("rename-save").await;
    page.see(&own("Anna’s laptop 安娜")).await;
    let listed = heqi(&home, &["sync"]).await + &heqi(&home, &["device", "list"]).await;
    assert!(listed.contains("Anna’s laptop 安娜"), "{listed}");
    pictures::take(&page, "devices", async |page| {
        page.show("settings").await;
        page.see(&own("Anna’s laptop 安娜")).await;
    })
    .await;

    page.see("[data-testid=device][data-name='Site office'] [data-testid=device-revoke]")
        .await
        .click()
        .await
        .unwrap();
    page.wait_until(
        "document.querySelector('.question-subject')?.textContent === 'Site office · Anna'",
    )
    .await;
    page.click("question-yes").await;
    page.see("[data-testid=device][data-name='Site office'][data-removed=true]")
        .await;
    page.show("members").await;
    let devices = page.text("member-devices").await;
    assert_eq!(devices, "Anna’s laptop 安娜");
    page.close().await;
}

#[tokio::test]
async fn a_member_and_a_party_are_renamed_and_the_history_tells_their_names_before() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    page.show("members").await;
    page.see("[data-testid=party][data-name=Nordbau] [data-testid=party-rename]")
        .await
        .click()
        .await
        .unwrap();
    page.fill("rename-name", "Nordbau 北岸建设").await;
    page.click("rename-save").await;
    page.see("[data-testid=party][data-name='Nordbau 北岸建设']")
        .await;
    // Another party's names are its own to give.
    let foreign = "[data-testid=party][data-name=Südwerk] [data-testid=party-rename]";
    page.wait_until(&format!("document.querySelector(`{foreign}`).hidden"))
        .await;

    open_member(&page, "Anna").await;
    page.click("member-rename").await;
    page.fill("rename-name", "Anna Berg").await;
    page.click("rename-save").await;
    page.wait_until(
        "document.querySelector('[data-testid=member-sheet] h3')?.textContent === 'Anna Berg'",
    )
    .await;
    page.picture("member-renamed").await;
    page.click("member-dialog-close").await;
    page.see("[data-testid=member][data-name='Anna Berg']")
        .await;
    let listed = heqi(&home, &["sync"]).await + &heqi(&home, &["member", "list"]).await;
    for name in ["Nordbau 北岸建设", "Anna Berg"] {
        assert!(listed.contains(name), "{listed}");
    }
    page.show("security").await;
    page.find("history-entry").await;
    let history = page.texts_of("history-entry").await.join("\n");
    for said in [
        "Anna Berg named the party Nordbau “Nordbau 北岸建设”.",
        "Anna Berg named Anna “Anna Berg”.",
    ] {
        assert!(history.contains(said), "{said}: {history}");
    }
    pictures::take(&page, "members-named", async |page| {
        page.show("members").await;
        page.see("[data-testid=member][data-name='Anna Berg']")
            .await;
    })
    .await;
    page.close().await;
}

#[tokio::test]
async fn who_does_not_read_the_plan_is_told_who_does_and_reads_it_once_they_may() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let home = tempfile::tempdir().unwrap();
    let (create, url) = (
        ["venture", "create", "Harbour bridge", "--relay"],
        relay.url(),
    );
    let names = ["--party", "Nordbau", "--member", "Anna"];
    heqi(&home, &[&create[..], &[&url], &names].concat()).await;
    heqi(&home, &["task", "add", "Survey"]).await;
    let roles = ["--read", "pmo,finance", "--write", "pmo"];
    heqi(&home, &[&["access", "set", "plan"], &roles[..]].concat()).await;
    let made = heqi(
        &home,
        &["--json", "invite", "--party", "Nordbau", "--role", "legal"],
    )
    .await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    page.go(made["link"].as_str().unwrap()).await;
    page.fill("invite-member-name", "Lea").await;
    page.click("invite-accept").await;
    page.find("plan-closed").await;
    assert_eq!(page.text("plan-readers").await, "PMO, Finance");
    let ask = page.text("plan-ask").await;
    assert!(
        ask.contains("ask a partner manager of your party (Anna) for one of these roles"),
        "{ask}"
    );
    pictures::take(&page, "plan-closed", async |page| {
        page.show("plan").await;
        page.find("plan-readers").await;
    })
    .await;
    // The rest of the venture is there.
    page.show("members").await;
    page.see("[data-testid=member][data-name=Anna]").await;
    page.show("plan").await;
    heqi(&home, &["sync"]).await;
    heqi(&home, &["member", "grant", "Lea", "finance"]).await;
    page.wait_for_task("Survey").await;
    page.find("read-only").await;
    page.close().await;
}

async fn open_member(page: &Page, name: &str) {
    page.see(&format!(
        "[data-testid=member][data-name='{name}'] [data-testid=member-open]"
    ))
    .await
    .click()
    .await
    .unwrap();
    page.find("member-sheet").await;
}
