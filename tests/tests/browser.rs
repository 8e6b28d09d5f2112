//! The product in real Chromium, against a real relay.
//!
//! `HEQI_WEB_DIR` names the built client, as `cargo xtask test` sets it; without it these tests say that they were
//! skipped. `HEQI_RELAY_BIN`, `HEQI_CLI_BIN`, `CHROME` and `CHROMEDRIVER` name programs that are elsewhere.

mod acceptance;
mod authenticator;
mod backups;
mod compare;
mod devtools;
mod durability;
mod hostile;
mod imports;
mod invites;
mod joining;
mod keyboard;
mod looks;
mod membership;
mod moves;
mod names;
mod page;
mod paper;
mod pictures;
mod plan;
mod relay;
mod repair;
mod screens;
mod scrolling;
mod security;
mod site;
mod together;
mod troubles;
mod updates;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use heqi_tests::chrome::{Chrome, Profile};
use tokio::io::AsyncWriteExt as _;

use page::Page;
use relay::Relay;
use site::Site;

/// Time between two looks at something that is not there yet.
const LOOK: Duration = Duration::from_millis(50);

/// How long members may take to agree once they are connected.
const AGREEMENT: Duration = Duration::from_secs(180);

#[tokio::test]
async fn two_profiles_merge_what_they_edited_offline_and_reload_offline() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let (first, second) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let (a, b) = (open(&chrome, &first).await, open(&chrome, &second).await);

    a.create_venture(&site.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    let file = plan::file();
    a.import(file.path()).await;
    a.wait_for_task("Survey").await;
    let imported = a.tasks().await;
    assert_eq!(imported, plan::TASKS);
    let link = a.invite("南岸建设").await;
    b.join(&link, "Bo").await;
    b.wait_for_task("Survey").await;
    for page in [&a, &b] {
        page.wait_for_sync("acknowledged").await;
        page.wait_for_offline_shell().await;
    }
    a.picture("plan").await;

    site.cut();
    for page in [&a, &b] {
        page.wait_for_sync("offline").await;
    }
    a.rename_task("Survey", "Survey of the north bank").await;
    a.add_task("Permits").await;
    b.rename_task("Survey", "Survey of the south bank").await;
    b.add_task("Traffic plan").await;
    for (page, own) in [(&a, "Permits"), (&b, "Traffic plan")] {
        page.reload().await;
        page.wait_for_task(own).await;
        page.wait_for_sync("offline").await;
        assert!(page.pending().await.unwrap() > 0);
    }

    site.mend();
    for page in [&a, &b] {
        page.wait_for_sync("acknowledged").await;
        page.wait_for_task("Permits").await;
        page.wait_for_task("Traffic plan").await;
        page.find("row-conflicts").await;
    }
    until("both show the same plan", AGREEMENT, async || {
        (a.tasks().await == b.tasks().await).then_some(())
    })
    .await;
    let merged = a.tasks().await;
    assert_eq!(merged.len(), imported.len() + 2, "{merged:?}");
    a.show("merge").await;
    a.find("conflict").await;
    a.picture("merge").await;
    a.close().await;
    b.close().await;
}

#[tokio::test]
async fn tabs_of_one_profile_share_one_replica() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&site.url(), "Two tabs", "Nordbau", "Anna")
        .await;
    let here = page.window().await;
    let address = page.address().await;
    let other = page.new_tab().await;
    page.go(&address).await;
    page.wait_for_plan().await;
    // Only what the tabs share can bring an edit from one to the other now.
    site.cut();
    page.wait_for_sync("offline").await;
    page.add_task("From the second tab").await;
    page.turn_to(&here).await;
    page.wait_for_task("From the second tab").await;
    page.add_task("From the first tab").await;
    page.turn_to(&other).await;
    page.wait_for_task("From the first tab").await;
    assert_eq!(page.pending().await, Some(2));
    page.close().await;
}

#[tokio::test]
async fn a_recovery_kit_restores_the_venture_in_an_empty_profile() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let (lost, empty) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let page = open(&chrome, &lost).await;
    page.create_venture(&site.url(), "Recovered", "Nordbau", "Anna")
        .await;
    page.click("recovery-save").await;
    page.click("kit-close").await;
    page.add_task("Kept").await;
    page.wait_for_sync("acknowledged").await;
    let file = download(&lost, "heqi").await;
    page.close().await;

    let page = open(&chrome, &empty).await;
    page.go(&format!("{}/#/restore", site.url())).await;
    page.pick("restore-input", &file).await;
    page.wait_for_plan().await;
    page.wait_for_task("Kept").await;
    page.add_task("Added after").await;
    page.wait_for_sync("acknowledged").await;
    page.show("settings").await;
    page.fill("recovery-passphrase", "correct horse").await;
    page.click("recovery-export").await;
    let sealed = download(&empty, "heqi").await;
    page.close().await;
    let third = Profile::empty().unwrap();
    let page = open(&chrome, &third).await;
    page.go(&format!("{}/#/restore", site.url())).await;
    page.pick("restore-input", &sealed).await;
    page.fill("restore-passphrase", "wrong horse").await;
    page.click("restore-submit").await;
    page.find("restore-failed").await;
    page.fill("restore-passphrase", "correct horse").await;
    page.click("restore-submit").await;
    page.wait_for_plan().await;
    page.wait_for_task("Added after").await;
    page.close().await;
}

async fn started() -> Chrome {
    let started = Chrome::start().await.unwrap();
    started.expect("chromedriver is there; `cargo xtask test` finds or installs it")
}

/// A page in an empty profile, with a venture that Anna of Nordbau has founded at a relay.
async fn founded(chrome: &Chrome, relay: &Relay) -> Page {
    let page = open(chrome, &Profile::empty().unwrap()).await;
    page.create_venture(&relay.url(), "Harbour bridge", "Nordbau", "Anna")
        .await;
    page
}

async fn open(chrome: &Chrome, profile: &Profile) -> Page {
    // A name that is not this machine's own, for what browsers allow only there.
    let elsewhere = "--host-resolver-rules=MAP relay.example 127.0.0.1";
    Page::new(chrome.open(profile, &[elsewhere]).await.unwrap())
}

/// The first file of that ending that a profile has downloaded, once it is whole.
async fn download(profile: &Profile, ending: &str) -> PathBuf {
    let what = format!("a .{ending} file is downloaded");
    until(&what, AGREEMENT, async || {
        let files = std::fs::read_dir(profile.downloads()).ok()?;
        let paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
        let is = |path: &PathBuf, end: &str| path.extension().is_some_and(|it| it == end);
        // Its name is taken by an empty file before what is downloaded beside it is moved there.
        let is_under_way = paths.iter().any(|path| is(path, "crdownload"));
        let mut whole = paths.into_iter().filter(|path| {
            let holds = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
            holds && !is_under_way
        });
        whole.find(|path| is(path, ending))
    })
    .await
}

#[tokio::test]
async fn command_line_and_browser_converge() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&site.url(), "Both ways", "Nordbau", "Anna")
        .await;
    page.add_task("From the browser").await;
    page.wait_for_sync("acknowledged").await;
    let link = page.invite("Südwerk").await;

    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["join", &link, "--member", "Bo"]).await;
    heqi(&home, &["sync"]).await;
    heqi(&home, &["task", "add", "From the command line"]).await;
    page.wait_for_task("From the command line").await;
    page.rename_task("From the command line", "Named in the browser")
        .await;
    page.wait_for_sync("acknowledged").await;
    heqi(&home, &["sync"]).await;
    let listed = heqi(&home, &["plan", "list"]).await;
    for name in ["From the browser", "Named in the browser"] {
        assert!(listed.contains(name), "{listed}");
    }
    page.close().await;
}

#[tokio::test]
async fn a_link_printed_by_the_command_line_opens_in_the_browser() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let home = tempfile::tempdir().unwrap();
    let (create, url) = (["venture", "create", "Printed", "--relay"], site.url());
    let names = ["--party", "Nordbau", "--member", "Anna"];
    heqi(&home, &[&create[..], &[&url], &names].concat()).await;
    heqi(&home, &["task", "add", "From the command line"]).await;
    let said = heqi(&home, &["invite", "--party", "Südwerk", "--role", "pmo"]).await;
    let link = said
        .split_whitespace()
        .find(|word| word.contains("#invite="));
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.join(link.unwrap(), "Bo").await;
    page.wait_for_task("From the command line").await;
    page.show("members").await;
    let own = "[data-testid=member][data-name=Bo][data-confirmed=false]";
    page.wait_until(&format!("document.querySelector('{own}')"))
        .await;
    page.close().await;
}

/// Runs the command line and returns what it prints.
async fn heqi(home: &tempfile::TempDir, arguments: &[&str]) -> String {
    let output = tokio::process::Command::new(program("HEQI_CLI_BIN", "heqi"))
        .arg("--home")
        .arg(home.path().join("home"))
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "heqi {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the command line with a line of standard input; what it prints, or what it says of its failure.
async fn heqi_typing(
    home: &tempfile::TempDir,
    arguments: &[&str],
    line: &str,
) -> Result<String, String> {
    let mut child = tokio::process::Command::new(program("HEQI_CLI_BIN", "heqi"))
        .arg("--home")
        .arg(home.path().join("home"))
        .args(["--lang", "en"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    // It may have ended already, having read nothing.
    let _ = typed.write_all(format!("{line}\n").as_bytes()).await;
    drop(typed);
    let output = child.wait_with_output().await.unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(said(&output.stderr)),
    }
}

/// The folder of the built client; `None`, said visibly, where there is none to test.
fn web_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("HEQI_WEB_DIR").map(PathBuf::from);
    if folder.is_none() {
        // Past the capture of test output.
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: a test in Chromium, for HEQI_WEB_DIR names no built client; `cargo xtask test` builds one"
        );
        said.unwrap();
    }
    folder
}

/// A program named by a variable, else one beside this test's own, else one to be found by name.
fn program(variable: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(|deps| deps.parent());
    let beside = folder.map(|folder| folder.join(name));
    match beside.filter(|program| program.exists()) {
        Some(program) => program,
        None => name.into(),
    }
}

/// Looks until there is something, at most for that long.
async fn until<T>(what: &str, patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(LOOK).await;
    }
}
