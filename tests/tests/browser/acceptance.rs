//! The main job, on real input: a real project file, two companies, a relay that is away meanwhile.

use std::io::Write as _;
use std::path::PathBuf;

use heqi_tests::chrome::Profile;

use crate::command_line::secrecy::form_of;

use super::page::Page;
use super::relay::Relay;
use super::{AGREEMENT, download, open, plan, started, until, web_folder};

/// Tasks of `sample.xml`, without the one that stands for the project itself.
const SAMPLE_TASKS: usize = 19;

#[tokio::test]
async fn two_companies_edit_a_real_plan_while_the_relay_is_down_and_agree_afterwards() {
    let Some(web) = web_folder() else { return };
    let Some(sample) = sample() else { return };
    let mut relay = Relay::start(&web).await;
    let chrome = started().await;
    let (first, second) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let (a, b) = (open(&chrome, &first).await, open(&chrome, &second).await);

    a.create_venture(&relay.url(), "Tally crossing", "Nordbau", "Annabel Kessler")
        .await;
    a.import(&sample).await;
    a.wait_for_task("Related Task 6b").await;
    assert_eq!(a.tasks().await.len(), SAMPLE_TASKS);
    let link = a.invite("南岸建设").await;
    b.join(&link, "Bohdan Malik").await;
    b.wait_for_task("Related Task 6b").await;
    for page in [&a, &b] {
        page.wait_for_sync("acknowledged").await;
        page.wait_for_offline_shell().await;
    }
    assert_eq!(b.tasks().await, a.tasks().await);

    relay.end().await;
    for page in [&a, &b] {
        page.wait_for_sync("offline").await;
    }
    a.rename_task("First Task", "First task of the north bank")
        .await;
    a.rename_task("Second Task", "Piling").await;
    a.add_task("Permits").await;
    b.rename_task("First Task", "First task of the south bank")
        .await;
    b.rename_task("Third task", "Deck").await;
    b.add_task("Traffic plan").await;
    for (page, own) in [(&a, "Permits"), (&b, "Traffic plan")] {
        page.reload().await;
        page.wait_for_task(own).await;
        page.wait_for_sync("offline").await;
        assert_eq!(page.pending().await, Some(3));
    }

    relay.run().await;
    for page in [&a, &b] {
        page.wait_for_sync("acknowledged").await;
        for task in ["Permits", "Traffic plan", "Piling", "Deck"] {
            page.wait_for_task(task).await;
        }
    }
    until("both show the same plan", AGREEMENT, async || {
        (a.tasks().await == b.tasks().await).then_some(())
    })
    .await;
    assert_eq!(a.tasks().await.len(), SAMPLE_TASKS + 2);
    for page in [&a, &b] {
        assert_lists_both_names(page).await;
    }
    // Whoever came back second found the other's edits there, and is told that one met.
    let digests = [
        a.text_of("digest-text").await,
        b.text_of("digest-text").await,
    ];
    let met = |digest: &Option<String>| digest.as_ref().is_some_and(|said| said.contains("met"));
    assert!(digests.iter().any(met), "{digests:?}");

    // What one decides is decided for both.
    a.click("resolve-take").await;
    for page in [&a, &b] {
        page.wait_until("document.querySelector('[data-testid=conflict]') === null")
            .await;
        page.show("plan").await;
        page.wait_for_plan().await;
    }
    until("both show what was decided", AGREEMENT, async || {
        (a.tasks().await == b.tasks().await).then_some(())
    })
    .await;
    a.click("export-csv").await;
    let csv = std::fs::read_to_string(download(&first, "csv").await).unwrap();
    let tasks = a.tasks().await;
    for task in &tasks {
        assert!(csv.contains(task), "{task:?} in {csv}");
    }
    a.close().await;
    b.close().await;
    relay.end().await;
    let names = [
        "crossing",
        "Nordbau",
        "南岸建设",
        "Annabel",
        "Kessler",
        "Bohdan",
        "Malik",
    ];
    let secret = link.split_once("#invite=").unwrap().1;
    let words = names.into_iter().chain(tasks.iter().map(String::as_str));
    for word in words.chain(["First Task", "south bank", "Third task", secret]) {
        assert_eq!(form_of(word, relay.data()), None, "{word:?}");
    }
}

/// The one edit that met another is listed, with what was there before.
async fn assert_lists_both_names(page: &Page) {
    page.show("merge").await;
    page.find("conflict").await;
    let mut sides = page.texts_of("side-value").await;
    sides.sort();
    assert_eq!(
        sides,
        [
            "First task of the north bank",
            "First task of the south bank"
        ]
    );
    let base = page.text_of("side-base").await.unwrap();
    assert!(base.contains("First Task"), "{base}");
    assert_eq!(page.texts_of("conflict").await.len(), 1);
}

#[tokio::test]
async fn a_dropped_file_of_thousands_of_tasks_is_imported_with_its_progress_shown() {
    const TASKS: usize = 4_000;
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&relay.url(), "Large", "Nordbau", "Anna")
        .await;
    page.drop_on_plan("large.xml", &plan::large(TASKS)).await;
    let count = TASKS.to_string();
    until("the import is done", AGREEMENT, async || {
        (page.text_of("import-tasks").await? == count).then_some(())
    })
    .await;
    page.click("import-report-close").await;
    let said = page.progress_said().await;
    let percents = said
        .iter()
        .filter_map(|said| said.rsplit(' ').next()?.parse::<u32>().ok());
    let between = percents.filter(|percent| (1..100).contains(percent));
    assert!(between.count() >= 2, "{said:?}");
    page.wait_for_task("Section 1").await;
    page.wait_for_sync("acknowledged").await;
    page.close().await;
}

/// A file that Microsoft Project wrote; `None`, said past the capture of test output, where there is none.
fn sample() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("HEQI_DATA") else {
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: a real project file in two browsers, for HEQI_DATA is unset"
        );
        said.unwrap();
        return None;
    };
    Some(PathBuf::from(data).join("mspdi/sample.xml"))
}
