//! The plan by the keyboard alone: every key leaves the focus where the next one is expected.

use fantoccini::key::Key;

use heqi_tests::chrome::Profile;

use super::page::Page;
use super::relay::Relay;
use super::{open, started, web_folder};

const MOVE: [Key; 2] = [Key::Alt, Key::Shift];

#[tokio::test]
async fn a_plan_is_made_ordered_edited_and_undone_by_keys_alone() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Keys", "Nordbau", "Anna")
        .await;
    name_three(&page).await;
    order(&page).await;
    edit(&page).await;
    walk(&page).await;
    take_back(&page).await;
    page.close().await;
}

async fn name_three(page: &Page) {
    page.click("first-task").await;
    for name in ["One", "Two", "Three"] {
        page.find("cell-editor").await;
        page.press(&format!("{name}{}", Key::Enter)).await;
        page.wait_for_cell(name, "name").await;
        if name != "Three" {
            page.press(&Key::Enter.to_string()).await;
        }
    }
    page.wait_for_outline(&["One", "Two", "Three"]).await;
}

async fn order(page: &Page) {
    for (key, plan) in [
        (Key::Up, ["One", "Three", "Two"]),
        (Key::Right, ["One", "-Three", "Two"]),
        (Key::Left, ["One", "Three", "Two"]),
        (Key::Down, ["One", "Two", "Three"]),
    ] {
        page.press_with(&MOVE, key.into()).await;
        page.wait_for_outline(&plan).await;
        page.wait_for_cell("Three", "name").await;
    }
}

async fn edit(page: &Page) {
    page.press(&Key::Up.to_string()).await;
    page.wait_for_cell("Two", "name").await;
    page.press(&Key::F2.to_string()).await;
    page.find("cell-editor").await;
    page.press(&format!("{} bis{}", Key::End, Key::Enter)).await;
    page.wait_for_outline(&["One", "Two bis", "Three"]).await;
    page.wait_for_cell("Three", "name").await;
    // Typing stands in place of what the cell said; Escape leaves that as it was.
    page.press("Four").await;
    page.find("cell-editor").await;
    page.press(&Key::Escape.to_string()).await;
    page.wait_for_cell("Three", "name").await;
    page.wait_for_outline(&["One", "Two bis", "Three"]).await;
}

async fn walk(page: &Page) {
    page.press(&Key::Tab.to_string()).await;
    page.wait_for_cell("Three", "duration").await;
    page.press_with(&[Key::Shift], Key::Tab.into()).await;
    page.wait_for_cell("Three", "name").await;
    page.press(&Key::Home.to_string()).await;
    page.wait_for_cell("Three", "outline").await;
    page.press(&Key::Tab.to_string()).await;
    page.wait_for_cell("Three", "code").await;
    page.press_with(&[Key::Control], Key::Home.into()).await;
    page.wait_for_cell("One", "code").await;
    page.press_with(&[Key::Control], Key::End.into()).await;
    page.wait_for_cell("Three", "code").await;
}

async fn take_back(page: &Page) {
    let control = [Key::Control];
    page.press_with(&control, 'z').await;
    page.wait_for_outline(&["One", "Two", "Three"]).await;
    page.press_with(&control, 'y').await;
    page.wait_for_outline(&["One", "Two bis", "Three"]).await;
    page.press(&Key::Delete.to_string()).await;
    page.wait_for_outline(&["One", "Two bis"]).await;
    page.wait_for_cell("Two bis", "code").await;
    page.press_with(&control, 'z').await;
    page.wait_for_outline(&["One", "Two bis", "Three"]).await;
}
