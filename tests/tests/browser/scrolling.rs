//! A plan of many tasks: few rows are in the document, and those are the ones that belong where the plan is looked at.

use std::time::Duration;

use fantoccini::key::Key;
use heqi_tests::chrome::Profile;
use serde_json::Value;

use super::page::Page;
use super::relay::Relay;
use super::{open, plan, started, until, web_folder};

const TASKS: u64 = 10_000;

/// How long the import may take in a client that is built without optimisation.
const IMPORT: Duration = Duration::from_secs(300);

/// Lines that PageUp and PageDown go.
const PAGE_LINES: u64 = 20;

/// Rows that may be in the document beyond those in sight.
const ROWS_BEYOND_MAX: u64 = 24;

/// Places at which the plan is looked at from top to bottom.
const LOOKS: u64 = 60;

/// Scrolls to `arguments[0]` px, and tells once the rows there have been drawn: how many rows the document has, how many
/// are in sight, and what each of them is by its place and by its name.
const LOOK_AT: &str = "
    const [top, done] = arguments;
    const grid = document.querySelector('[data-testid=plan-grid]');
    const rows = () => [...grid.querySelectorAll('[data-testid=task-row]')];
    grid.scrollTop = top;
    const look = () => {
        const seen = grid.getBoundingClientRect(), all = rows();
        const head = grid.querySelector('[role=columnheader]').getBoundingClientRect().bottom;
        const inSight = all.filter((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return bottom > head + 1 && top < seen.bottom - 1;
        });
        const of = (row) => [Number(row.getAttribute('aria-rowindex')) - 2, row.dataset.name];
        const height = all[0].offsetHeight;
        done({
            inDocument: all.length,
            lines: Math.ceil((seen.bottom - head) / height),
            first: Math.floor(grid.scrollTop / height),
            inSight: inSight.map(of).sort(([a], [b]) => a - b),
        });
    };
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(look)));";

#[tokio::test]
async fn a_plan_of_ten_thousand_tasks_scrolls_with_few_rows_and_the_right_ones() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = open(&chrome, &Profile::empty().unwrap()).await;
    page.create_venture(&relay.url(), "Large", "Nordbau", "Anna")
        .await;
    page.drop_on_plan("large.xml", &plan::large(TASKS as usize))
        .await;
    let count = TASKS.to_string();
    until("the import is done", IMPORT, async || {
        (page.text_of("import-tasks").await? == count).then_some(())
    })
    .await;
    page.click("import-report-close").await;
    page.wait_for_task("Section 1").await;
    let row = "document.querySelector('[data-testid=task-row]').offsetHeight";
    let row = page.run(&format!("return {row}")).await.as_u64().unwrap();
    for at in 0..=LOOKS {
        look_at(&page, row, (TASKS - 1) * at / LOOKS).await;
    }
    // To another end in one go, and a little at a time.
    look_at(&page, row, 0).await;
    for at in 0..20 {
        look_at(&page, row, at * 7).await;
    }
    walk(&page).await;
    page.picture("plan-large").await;
    page.close().await;
}

/// Scrolls until `line` is on top, and holds the rows that are shown against those that belong there.
async fn look_at(page: &Page, row: u64, line: u64) {
    let top = vec![Value::from(row * line)];
    let seen = page.client().execute_async(LOOK_AT, top).await.unwrap();
    let number = |what: &str| seen[what].as_u64().unwrap();
    let (lines, first) = (number("lines"), number("first"));
    assert!(
        number("inDocument") <= lines + ROWS_BEYOND_MAX,
        "at {line}: {seen}"
    );
    let shown = seen["inSight"].as_array().unwrap();
    let last = (first + lines - 1).min(TASKS - 1);
    assert!(shown.len() as u64 + 1 >= last - first, "at {line}: {seen}");
    assert_eq!(shown[0][0], first, "at {line}: {seen}");
    for (at, shown) in (first..).zip(shown) {
        let name = format!("Section {}", at + 1);
        assert_eq!((&shown[0], &shown[1]), (&at.into(), &name.into()), "{seen}");
    }
}

/// To the ends of the plan and back by pages, by keys; the row with the focus is always in sight.
async fn walk(page: &Page) {
    look_at_top(page).await;
    let cell = "[data-testid=task-row][data-name='Section 1'] [data-col=name]";
    page.see(cell).await.click().await.unwrap();
    page.wait_for_cell("Section 1", "name").await;
    page.press_with(&[Key::Control], Key::End.into()).await;
    wait_for_line(page, TASKS).await;
    page.press(&Key::PageUp.to_string()).await;
    wait_for_line(page, TASKS - PAGE_LINES).await;
    page.press(&Key::PageUp.to_string()).await;
    wait_for_line(page, TASKS - 2 * PAGE_LINES).await;
    page.press(&Key::PageDown.to_string()).await;
    wait_for_line(page, TASKS - PAGE_LINES).await;
    page.press_with(&[Key::Control], Key::Home.into()).await;
    wait_for_line(page, 1).await;
    page.press(&Key::PageUp.to_string()).await;
    wait_for_line(page, 1).await;
    // Within the line.
    page.press(&Key::End.to_string()).await;
    let columns = "[...document.querySelector('[data-testid=task-row]').querySelectorAll('[data-col]')].map((cell) => cell.dataset.col)";
    let columns = page.run(&format!("return {columns}")).await;
    let columns = columns.as_array().unwrap();
    let (first, last) = (columns.first().unwrap(), columns.last().unwrap());
    page.wait_for_cell("Section 1", last.as_str().unwrap())
        .await;
    page.press(&Key::Home.to_string()).await;
    page.wait_for_cell("Section 1", first.as_str().unwrap())
        .await;
}

async fn look_at_top(page: &Page) {
    page.run("document.querySelector('[data-testid=plan-grid]').scrollTop = 0")
        .await;
    page.wait_for_task("Section 1").await;
}

/// Waits until the focus is in this line, counted from one, all of which is in sight.
async fn wait_for_line(page: &Page, line: u64) {
    page.wait_until(&format!(
        "(() => {{
            const row = document.activeElement?.closest('[data-testid=task-row]');
            const grid = document.querySelector('[data-testid=plan-grid]').getBoundingClientRect();
            const {{ top, bottom }} = row?.getBoundingClientRect() ?? {{}};
            return row?.dataset.name === 'Section {line}' && top >= grid.top && bottom <= grid.bottom + 1;
        }})()"
    ))
    .await;
}
