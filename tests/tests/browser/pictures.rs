//! Pictures of what a page shows: in both languages, light and dark, on a desk and on a phone.

use serde_json::json;

use super::page::Page;

/// Width and height of a window on a desk and of a phone's.
const WINDOWS: [(u32, u32); 2] = [(1440, 900), (390, 844)];

/// Keeps pictures of what `show` brings the page to after it is loaded again; nothing is wider than its window. The page
/// is left in English, light and as it was shown last.
pub(super) async fn take(page: &Page, name: &str, show: impl AsyncFn(&Page)) {
    for language in ["zh-CN", "en"] {
        load(page, language).await;
        show(page).await;
        for theme in ["dark", "light"] {
            page.run(&format!(
                "document.documentElement.dataset.theme = '{theme}'"
            ))
            .await;
            for (width, height) in WINDOWS {
                resize(page, width, height).await;
                page.picture(&format!("{name}-{width}-{theme}-{language}"))
                    .await;
                let wide = page
                    .run("return document.scrollingElement.scrollWidth")
                    .await;
                let fits = wide.as_u64().unwrap() <= u64::from(width);
                assert!(fits, "{name} in {language}: {wide} of {width}");
            }
        }
    }
    page.with_devtools("Emulation.clearDeviceMetricsOverride", json!({}))
        .await;
}

async fn load(page: &Page, language: &str) {
    let remember = format!("localStorage.setItem('heqi.language', '{language}')");
    page.run(&remember).await;
    page.reload().await;
    page.wait_until(&format!("document.documentElement.lang === '{language}'"))
        .await;
}

async fn resize(page: &Page, width: u32, height: u32) {
    // A window as narrow as this is a phone's.
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
    });
    page.with_devtools("Emulation.setDeviceMetricsOverride", metrics)
        .await;
}
