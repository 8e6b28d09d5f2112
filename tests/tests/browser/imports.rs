//! A file that comes again: after its import was undone, and against what people have changed.

use heqi_tests::chrome::Profile;

use super::relay::Relay;
use super::{open, plan, started, web_folder};

#[tokio::test]
async fn an_import_comes_again_after_it_was_undone_and_tells_what_people_deleted() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Again", "Nordbau", "Anna")
        .await;
    let file = plan::file();
    let [survey, foundations, piles, caps, opened] = [
        "Survey",
        "Foundations",
        "-Piles",
        "-Caps",
        "Opened to traffic",
    ];
    let whole = [survey, foundations, piles, caps, opened];
    page.import(file.path()).await;
    page.wait_for_outline(&whole).await;
    page.click("undo").await;
    page.find("empty-plan").await;
    page.import(file.path()).await;
    page.wait_for_outline(&whole).await;

    let cell = "[data-testid='task-row'][data-name='Caps'] [data-col='code']";
    page.see(cell).await.click().await.unwrap();
    page.wait_for_cell("Caps", "code").await;
    page.click("delete-task").await;
    let rest = [survey, foundations, piles, opened];
    page.wait_for_outline(&rest).await;
    page.pick("import-input", file.path()).await;
    let kept = page.text("import-kept").await;
    assert!(kept.contains("Caps") && !kept.contains("Piles"), "{kept}");
    page.click("import-report-close").await;
    page.wait_for_outline(&rest).await;
    page.close().await;
}
