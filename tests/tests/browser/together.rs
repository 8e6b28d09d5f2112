//! An editor that is open while others change the same task: nobody states what they did not type, and loses nothing
//! that they did.

use fantoccini::key::Key;
use serde_json::Value;

use heqi_tests::chrome::Profile;

use super::page::Page;
use super::relay::Relay;
use super::{AGREEMENT, heqi, open, plan, started, until, web_folder};

/// Keeps the rows of a venture from everybody else until `window.heqiLetGo`, and counts what the worker says.
const HOLD_ROWS: &str = "
    const done = arguments[arguments.length - 1];
    window.heqiHeard = 0;
    window.heqiWorker.port.addEventListener('message', () => window.heqiHeard += 1);
    const opening = indexedDB.open('heqi-KEY');
    opening.onsuccess = () => {
        const rows = opening.result.transaction('rows', 'readwrite').objectStore('rows');
        const hold = () => {
            if (window.heqiLetGo) return opening.result.close();
            rows.count().onsuccess = hold;
        };
        hold();
        done(null);
    };";

/// Opens an editor in a cell of a task.
async fn open_cell(page: &Page, task: &str, column: &str) {
    let cell = format!("[data-testid=task-row][data-name='{task}'] [data-col={column}]");
    page.see(&cell).await.click().await.unwrap();
    page.wait_for_cell(task, column).await;
    page.press(&Key::F2.to_string()).await;
    page.find("cell-editor").await;
}

/// Waits until a cell of a task says this.
async fn wait_for_words(page: &Page, task: &str, column: &str, words: &str) {
    let cell = format!("[data-testid=task-row][data-name='{task}'] [data-col={column}] .cell-text");
    page.wait_until(&format!(
        "document.querySelector(`{cell}`)?.textContent === '{words}'"
    ))
    .await;
}

/// A plan in the browser, and a member of another party at the command line.
async fn two(page: &Page, relay: &Relay) -> tempfile::TempDir {
    page.create_venture(&relay.url(), "Together", "Nordbau", "Anna")
        .await;
    page.import(plan::file().path()).await;
    page.wait_for_task("Survey").await;
    let link = page.invite("Südwerk").await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    page.wait_for_task("Survey").await;
    home
}

async fn code(home: &tempfile::TempDir, task: &str) -> String {
    let listed = heqi(home, &["--json", "plan", "list"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let tasks = listed["tasks"].as_array().unwrap();
    let named = tasks.iter().find(|row| row["name"] == task).unwrap();
    named["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_editor_that_is_left_unchanged_states_nothing_whatever_came_in_meanwhile() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let home = two(&page, &relay).await;
    let (survey, opened) = (
        code(&home, "Survey").await,
        code(&home, "Opened to traffic").await,
    );
    heqi(&home, &["task", "set", &survey, "percent=40"]).await;
    wait_for_words(&page, "Survey", "percent", "40%").await;
    open_cell(&page, "Survey", "percent").await;
    heqi(&home, &["task", "set", &survey, "percent=60"]).await;
    wait_for_words(&page, "Survey", "percent", "60%").await;
    page.press(&Key::Enter.to_string()).await;

    open_cell(&page, "Opened to traffic", "predecessors").await;
    heqi(&home, &["task", "link", &survey, &opened]).await;
    wait_for_words(&page, "Opened to traffic", "predecessors", &survey).await;
    page.press(&Key::Enter.to_string()).await;

    // What had been sent before it has been sent with it.
    page.add_task("Afterwards").await;
    page.wait_for_sync("acknowledged").await;
    wait_for_words(&page, "Survey", "percent", "60%").await;
    wait_for_words(&page, "Opened to traffic", "predecessors", &survey).await;
    let marked = page.texts_of("row-conflicts").await;
    assert_eq!(marked, Vec::<String>::new());
    page.close().await;
}

#[tokio::test]
async fn what_is_typed_into_a_task_that_goes_is_kept_or_given_back() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let home = two(&page, &relay).await;
    let [survey, foundations, opened] = [
        code(&home, "Survey").await,
        code(&home, "Foundations").await,
        code(&home, "Opened to traffic").await,
    ];
    // Moved out of sight: the row comes back until it is done with.
    page.see("[data-testid=task-row][data-name=Foundations] [data-col=name]")
        .await
        .click()
        .await
        .unwrap();
    page.wait_for_cell("Foundations", "name").await;
    page.press(" ").await;
    page.wait_for_outline(&["Survey", "Foundations", "Opened to traffic"])
        .await;
    open_cell(&page, "Opened to traffic", "name").await;
    page.press("Opened to all traffic").await;
    heqi(&home, &["task", "move", &opened, "--under", &foundations]).await;
    page.wait_for_outline(&[
        "Survey",
        "Foundations",
        "-Piles",
        "-Caps",
        "-Opened to traffic",
    ])
    .await;
    page.press(&Key::Enter.to_string()).await;
    page.wait_for_outline(&["Survey", "Foundations"]).await;
    until("Bo reads what was typed", AGREEMENT, async || {
        heqi(&home, &["sync"]).await;
        let listed = heqi(&home, &["plan", "list"]).await;
        listed.contains("Opened to all traffic").then_some(())
    })
    .await;

    // Deleted: nothing takes the text, so people get it back.
    open_cell(&page, "Survey", "name").await;
    page.press("Survey of the north bank").await;
    heqi(&home, &["task", "delete", &survey]).await;
    let told = page.text("toast").await;
    assert!(told.contains("Survey of the north bank"), "{told}");
    page.wait_until("document.querySelector('[data-testid=cell-editor]') === null")
        .await;
    page.close().await;
}

#[tokio::test]
async fn a_venture_that_opens_slowly_does_not_take_the_page_from_one_chosen_after_it() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    let mut keys = Vec::new();
    for (venture, task) in [("Slow", "In the slow one"), ("Quick", "In the quick one")] {
        page.create_venture(&relay.url(), venture, "Nordbau", "Anna")
            .await;
        page.add_task(task).await;
        page.wait_for_sync("acknowledged").await;
        let address = page.address().await;
        keys.push(address.split('/').nth_back(1).unwrap().to_owned());
    }
    // A worker of its own opens them anew.
    page.end_worker().await;
    page.go(&format!("{}/#/", relay.url())).await;
    page.find("ventures").await;
    page.ask(&HOLD_ROWS.replace("KEY", &keys[0])).await;
    page.run(&format!("location.hash = '#/v/{}/plan'", keys[0]))
        .await;
    page.find("opening").await;
    page.run(&format!("location.hash = '#/v/{}/plan'", keys[1]))
        .await;
    page.wait_for_task("In the quick one").await;
    page.wait_for_sync("acknowledged").await;
    page.run("window.heqiHeard = 0; window.heqiLetGo = true;")
        .await;
    page.wait_until("window.heqiHeard > 0").await;
    page.add_task("Added afterwards").await;
    let tasks = page.tasks().await;
    assert_eq!(tasks, ["In the quick one", "Added afterwards"]);
    assert_eq!(page.text("venture-name").await, "Quick");
    page.close().await;
}
