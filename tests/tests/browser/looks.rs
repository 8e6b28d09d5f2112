//! How pages look: on a desk and on a phone, light and dark, in both languages. Nothing is wider than its window.

use serde_json::{Value, json};

use heqi_tests::chrome::Profile;

use super::page::Page;
use super::relay::Relay;
use super::{heqi, open, plan, started, web_folder};

/// Width and height of a window on a desk and of a phone's.
const WINDOWS: [(u32, u32); 2] = [(1440, 900), (390, 844)];
const PAGES: [&str; 4] = ["plan", "merge", "members", "settings"];

#[tokio::test]
async fn no_page_is_wider_than_its_window() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let (venture, party) = ("Harbour bridge 海港大桥", "Nordbau 北岸建设");
    page.create_venture(&relay.url(), venture, party, "Anna")
        .await;
    page.import(plan::file().path()).await;
    page.wait_for_task("Survey").await;
    meet_in_a_name(&page).await;
    let venture = page.address().await;
    for language in ["en", "zh-CN"] {
        for theme in ["light", "dark"] {
            set(&page, language, theme).await;
            for (width, height) in WINDOWS {
                resize(&page, width, height).await;
                page.go(&format!("{}/#/", relay.url())).await;
                page.find("ventures").await;
                let name = |shown: &str| format!("{shown}-{width}-{theme}-{language}");
                judge(&page, &name("start"), width).await;
                page.go(&venture).await;
                page.wait_for_plan().await;
                for shown in PAGES {
                    page.show(shown).await;
                    let there = format!("[data-testid=nav-{shown}][aria-current=page]");
                    page.wait_until(&format!("document.querySelector('{there}')"))
                        .await;
                    judge(&page, &name(shown), width).await;
                }
            }
        }
    }
    page.close().await;
}

/// Has another party name a task differently at the same time.
async fn meet_in_a_name(page: &Page) {
    let link = page.invite("南岸建设").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    let listed = heqi(&home, &["--json", "plan", "list"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let code = listed["tasks"][0]["code"].as_str().unwrap().to_owned();
    let name = "name=Survey of the south bank 南岸勘察";
    heqi(&home, &["--offline", "task", "set", &code, name]).await;
    page.rename_task("Survey", "Survey of the north bank 北岸勘察")
        .await;
    page.wait_for_sync("acknowledged").await;
    heqi(&home, &["sync"]).await;
    page.find("row-conflicts").await;
}

#[tokio::test]
async fn the_browser_chooses_the_language_and_a_person_another() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let chinese = json!({ "userAgent": "Mozilla/5.0 Chrome/150.0", "acceptLanguage": "zh-CN,zh" });
    page.with_devtools("Emulation.setUserAgentOverride", chinese)
        .await;
    page.go(&relay.url()).await;
    page.wait_until("document.documentElement.lang === 'zh-CN'")
        .await;
    page.wait_until("document.body.textContent.includes('恢复凭证')")
        .await;
    page.click("language-en").await;
    page.wait_until("document.body.textContent.includes('recovery kit')")
        .await;
    page.reload().await;
    page.wait_until("document.documentElement.lang === 'en'")
        .await;
    page.close().await;
}

/// Keeps a picture; the page itself never scrolls sideways.
async fn judge(page: &Page, name: &str, width: u32) {
    page.picture(name).await;
    let wide = page
        .run("return document.scrollingElement.scrollWidth")
        .await;
    assert!(
        wide.as_u64().unwrap() <= u64::from(width),
        "{name}: {wide} of {width}"
    );
}

async fn set(page: &Page, language: &str, theme: &str) {
    let remember = format!(
        "localStorage.setItem('heqi.language', '{language}'); localStorage.setItem('heqi.theme', '{theme}')"
    );
    page.run(&remember).await;
    page.show("plan").await;
    page.reload().await;
    page.wait_for_plan().await;
    let language_is: Value = page.run("return document.documentElement.lang").await;
    assert_eq!(language_is, language);
}

async fn resize(page: &Page, width: u32, height: u32) {
    // A window as narrow as this is a phone's.
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
    });
    page.with_devtools("Emulation.setDeviceMetricsOverride", metrics)
        .await;
}
