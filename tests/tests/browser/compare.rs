//! What two people read to each other is the same in the browser and at the command line.

use heqi_tests::chrome::Profile;
use serde_json::Value;

use super::page::Page;
use super::relay::Relay;
use super::{AGREEMENT, founded, heqi, open, pictures, started, until, web_folder};

/// What a home says of its security.
async fn security(home: &tempfile::TempDir) -> Value {
    heqi(home, &["sync"]).await;
    let said = heqi(home, &["--json", "security"]).await;
    serde_json::from_str(&said).unwrap()
}

/// The words of a member, as the security page has them.
async fn words_of(page: &Page, member: &str) -> String {
    page.find("words-member").await;
    let row = format!(
        "return [...document.querySelectorAll('[data-testid=words-member]')]
            .find((words) => words.previousElementSibling.textContent.trim().startsWith('{member}')).textContent"
    );
    page.run(&row).await.as_str().unwrap().to_owned()
}

/// The parties of the list of those heard, each with what is said of it.
async fn heard(page: &Page) -> Vec<(String, String)> {
    page.find("heard").await;
    let list = "return [...document.querySelectorAll('[data-testid=heard] dt')]
        .map((party) => [party.textContent, party.nextElementSibling.textContent])";
    let list = page.run(list).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| (text(&row[0]), text(&row[1]))).collect()
}

#[tokio::test]
async fn words_and_last_edits_are_the_same_on_both_sides() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = page.invite("Südwerk").await;
    let (bo, office) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    heqi(&bo, &["join", &link, "--member", "Bo"]).await;
    // Anna's second device is of the party that reads when Bo's was heard.
    page.show("settings").await;
    page.click("device-add").await;
    let link = page.text("device-link").await;
    heqi(&office, &["device", "join", &link]).await;
    page.click("device-dialog-close").await;
    page.show("security").await;
    page.see("[data-testid=heard] dd").await;
    assert_eq!(
        heard(&page).await,
        [("Südwerk".to_owned(), "not heard from yet".to_owned())]
    );
    assert_eq!(security(&office).await["heard"][0]["heard_ms"], Value::Null);

    page.show("plan").await;
    page.add_task("From Anna").await;
    page.wait_for_sync("acknowledged").await;
    heqi(&bo, &["task", "add", "From Bo"]).await;
    page.wait_for_task("From Bo").await;
    page.wait_for_sync("acknowledged").await;
    let (of_bo, of_office) = (security(&bo).await, security(&office).await);
    page.show("security").await;
    let anna = words_of(&page, "Anna").await;
    assert_eq!(words_of(&page, "Bo").await, of_bo["member_words"]);
    assert_eq!(anna, of_office["member_words"]);
    assert_ne!(of_bo["member_words"], of_office["member_words"]);
    for side in [&of_bo, &of_office] {
        let charter = side["charter_words"].as_str().unwrap();
        until("the charter is the same", AGREEMENT, async || {
            (page.text_of("words-charter").await? == charter).then_some(())
        })
        .await;
    }

    let row = &of_office["heard"][0];
    assert_eq!(row["party"], "Südwerk");
    let time = format!(
        "return new Date({}).toLocaleString('en', {{ dateStyle: 'medium', timeStyle: 'short' }})",
        row["heard_ms"].as_u64().unwrap()
    );
    let time = page.run(&time).await;
    let told = format!("last heard {}", time.as_str().unwrap());
    assert_eq!(heard(&page).await, [("Südwerk".to_owned(), told)]);
    pictures::take(&page, "heard", async |page| {
        page.show("security").await;
        page.find("heard").await;
        page.run("document.querySelector('[data-testid=relay-panel]').scrollIntoView()")
            .await;
    })
    .await;

    // A third one reads the same of both.
    let third = open(&chrome, &Profile::empty().unwrap()).await;
    let link = page.invite("Westhafen").await;
    third.join(&link, "Cat").await;
    third.show("security").await;
    for (member, words) in [("Anna", &of_office), ("Bo", &of_bo)] {
        assert_eq!(words_of(&third, member).await, words["member_words"]);
    }
    third.close().await;
    page.close().await;
}
