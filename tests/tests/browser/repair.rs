//! Managers of a party: the hint where there is one, and what the other parties do where there is none.

use heqi_tests::chrome::Profile;
use serde_json::Value;
use tempfile::TempDir;

use super::page::Page;
use super::relay::Relay;
use super::{founded, heqi, open, pictures, started, web_folder};

/// Makes an invite into a party, known by its place in the list or new by its name, with these roles; its link.
async fn invite(page: &Page, party: Result<usize, &str>, roles: &[&str]) -> String {
    page.show("members").await;
    page.click("invite-open").await;
    match party {
        Ok(at) => page.choose("invite-party", &at.to_string()).await,
        Err(name) => page.fill("invite-party-name", name).await,
    }
    for role in roles {
        page.click(&format!("role-{role}")).await;
    }
    page.click("invite-create").await;
    let link = page.text("invite-link").await;
    page.click("invite-close").await;
    link
}

/// A member of the command line who came in by this link.
async fn joined(link: &str, name: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", link, "--member", name]).await;
    home
}

#[tokio::test]
async fn one_manager_of_a_party_is_told_so_until_there_is_a_second() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = invite(&page, Ok(0), &[]).await;
    let told = page.text("one-manager").await;
    assert!(told.contains("one manager"), "{told}");
    let home = joined(&link, "Bo").await;
    page.see("[data-testid=member][data-name=Bo]").await;
    // A member who is none does not count.
    page.find("one-manager").await;
    let link = invite(&page, Ok(0), &["partner-manager"]).await;
    let second = joined(&link, "Cat").await;
    page.see("[data-testid=member][data-name=Cat]").await;
    let gone = "document.querySelector('[data-testid=one-manager]') === null";
    page.wait_until(gone).await;
    heqi(&second, &["member", "revoke", "Cat", "partner-manager"]).await;
    page.find("one-manager").await;
    heqi(&home, &["sync"]).await;
    page.close().await;
}

#[tokio::test]
async fn a_party_without_a_manager_gets_one_when_the_others_agree() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let bo = joined(
        &invite(&page, Err("Südwerk"), &["partner-manager"]).await,
        "Bo",
    )
    .await;
    let cat = joined(
        &invite(&page, Err("Westhafen"), &["partner-manager"]).await,
        "Cat",
    )
    .await;
    let made = heqi(
        &cat,
        &["--json", "invite", "--party", "Westhafen", "--role", "pmo"],
    )
    .await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let dan = open(&chrome, &Profile::empty().unwrap()).await;
    dan.join(made["link"].as_str().unwrap(), "Dan").await;
    let party = "[data-testid=party][data-name=Westhafen]";
    page.see(&format!("{party} [data-testid=member][data-name=Dan]"))
        .await;
    assert_eq!(page.text_of("no-manager").await, None);
    heqi(&cat, &["member", "remove", "Cat"]).await;

    // Nobody's business but the others'; who is concerned reads whom to ask.
    dan.show("members").await;
    let told = dan.text("no-manager").await;
    assert!(
        told.contains("Ask the managers of the other parties"),
        "{told}"
    );
    assert_eq!(dan.text_of("repair-propose").await, None);
    let told = page.text("no-manager").await;
    assert!(told.contains("This party has no manager"), "{told}");
    assert!(told.contains("most of the other parties"), "{told}");
    page.see(&format!("{party} [data-testid=repair-propose]"))
        .await;
    pictures::take(&page, "no-manager", async |page| {
        page.find("repair-propose").await;
    })
    .await;
    // Before that, nobody can be invited into it.
    page.click("invite-open").await;
    page.find("invite-party").await;
    let parties = "[...document.querySelectorAll('[data-testid=invite-party] option')].map((it) => it.textContent).join()";
    let parties = page.run(&format!("return {parties}")).await;
    assert!(
        !parties.as_str().unwrap().contains("Westhafen"),
        "{parties}"
    );
    page.click("invite-close").await;

    page.click("repair-propose").await;
    let proposed = page.text("proposal").await;
    assert!(proposed.contains("Westhafen"), "{proposed}");
    assert!(proposed.contains("manager"), "{proposed}");
    page.find("repair-proposed").await;
    assert_eq!(page.text_of("appoint").await, None);
    pictures::take(&page, "repair-proposed", async |page| {
        page.find("repair-proposed").await;
    })
    .await;
    heqi(&bo, &["sync"]).await;
    let listed = heqi(&bo, &["--json", "proposal", "list"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["proposals"][0]["type"], "repair");
    let id = listed["proposals"][0]["id"].as_str().unwrap();
    heqi(&bo, &["proposal", "approve", id]).await;

    page.find("appoint").await;
    pictures::take(&page, "appoint", async |page| {
        page.find("appoint-member").await;
    })
    .await;
    let choices = "[...document.querySelectorAll('[data-testid=appoint-member] option')].map((it) => it.textContent)";
    let choices = page.run(&format!("return {choices}")).await;
    assert_eq!(choices, Value::from(vec!["Dan"]));
    page.click("appoint-submit").await;
    for told in ["no-manager", "repair-proposed", "appoint", "proposal"] {
        page.wait_until(&format!(
            "document.querySelector('[data-testid={told}]') === null"
        ))
        .await;
    }
    // Dan looks after the party now.
    dan.find("one-manager").await;
    assert_eq!(dan.text_of("no-manager").await, None);
    invite(&dan, Ok(0), &[]).await;
    heqi(&bo, &["sync"]).await;
    let parties = heqi(&bo, &["--json", "party", "list"]).await;
    let parties: Value = serde_json::from_str(&parties).unwrap();
    let parties = parties["parties"].as_array().unwrap();
    assert!(parties.iter().all(|party| party["has_manager"] == true));
    dan.close().await;
    page.close().await;
}

#[tokio::test]
async fn two_parties_decline_to_give_a_third_one_a_manager() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = invite(&page, Err("Südwerk"), &["partner-manager"]).await;
    let bo = joined(&link, "Bo").await;
    let link = invite(&page, Err("Westhafen"), &[]).await;
    joined(&link, "Cat").await;
    heqi(&bo, &["sync"]).await;
    heqi(&bo, &["party", "repair", "Westhafen"]).await;
    page.find("repair-proposed").await;
    assert_eq!(page.text_of("repair-propose").await, None);
    page.click("proposal-decline").await;
    page.find("repair-propose").await;
    assert_eq!(page.text_of("proposal").await, None);
    assert_eq!(page.text_of("appoint").await, None);
    page.close().await;
}
