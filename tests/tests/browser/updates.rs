//! A newer build of the client while people work with the older one: it comes when somebody agrees, and nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::wd::WindowHandle;
use serde_json::json;

use heqi_tests::chrome::{Chrome, Profile};

use super::page::Page;
use super::relay::Relay;
use super::site::Site;
use super::{open, pictures, started, web_folder};

/// The locks of the origin that are held or waited for.
const LOCKS: &str = "
    navigator.locks.query().then(({ held, pending }) =>
        arguments[0]([held.length, pending.length]));";

/// How many browsers are tried.
const DESKS: usize = 5;

/// A folder that is served, and another build that can take its place.
struct Builds {
    folder: tempfile::TempDir,
    newer: String,
}

impl Builds {
    /// The client in `web`, and the same with other hashes: to a browser every file of it is another.
    fn of(web: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let page = fs::read_to_string(web.join("index.html")).unwrap();
        let [build, ui, worker] = [
            "data-build=\"",
            "data-ui-js=\"/assets/ui-",
            "data-worker-js=\"/assets/worker-",
        ]
        .map(|before| hash_after(&page, before));
        let other = |hash: &str| hash.chars().rev().collect::<String>();
        let exchanged = [&build, &ui, &worker].map(|hash| (hash.clone(), other(hash)));
        copy(web, &folder.path().join("served"), &[]);
        copy(web, &folder.path().join("next"), &exchanged);
        let newer = other(&build);
        assert_ne!(newer, build);
        Self { folder, newer }
    }

    fn served(&self) -> PathBuf {
        self.folder.path().join("served")
    }

    /// Puts the other build in its place, as building does.
    fn exchange(&self) {
        let (served, last) = (self.served(), self.folder.path().join("last"));
        fs::rename(&served, last).unwrap();
        fs::rename(self.folder.path().join("next"), served).unwrap();
    }

    /// Waits until a page is of the newer build and has a plan.
    async fn wait_for_newer(&self, page: &Page) {
        let newer = format!(
            "document.documentElement.dataset.build === '{}'",
            self.newer
        );
        page.wait_until(&newer).await;
        page.wait_for_plan().await;
    }
}

/// The hexadecimal digits after a text in the page.
fn hash_after(page: &str, before: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap();
    let hash = rest.split(|digit: char| !digit.is_ascii_hexdigit()).next();
    hash.unwrap().to_owned()
}

/// Copies a client with these hashes exchanged in names and texts; what is compressed beforehand stays behind.
fn copy(from: &Path, to: &Path, exchanged: &[(String, String)]) {
    let exchange = |text: String| {
        let exchange = |text: String, (old, new): &(String, String)| text.replace(old, new);
        exchanged.iter().fold(text, exchange)
    };
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let place = to.join(exchange(name));
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending {
            _ if path.is_dir() => copy(&path, &place, exchanged),
            Some("br" | "gz") => {}
            Some("html" | "js") => {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(place, exchange(text)).unwrap();
            }
            _ => drop(fs::copy(&path, place).unwrap()),
        }
    }
}

/// A venture at another relay than serves the client, open in two tabs, with an edit that cannot be sent.
struct Desk {
    builds: Builds,
    /// The venture's relay.
    site: Site,
    page: Page,
    tabs: [WindowHandle; 2],
    _client: Relay,
    _chrome: Chrome,
    _profile: Profile,
}

impl Desk {
    /// In a Chromium that answers when it is asked for a newer build.
    async fn with_two_tabs(web: &Path) -> Self {
        for _ in 0..DESKS {
            let desk = Self::tried(web).await;
            if answers(&desk.page).await {
                return desk;
            }
            desk.page.close().await;
        }
        panic!("none of {DESKS} browsers answers when it is asked for a newer build");
    }

    async fn tried(web: &Path) -> Self {
        let builds = Builds::of(web);
        let (client, site) = (Relay::start(&builds.served()).await, Site::serve(web).await);
        let chrome = started().await;
        let profile = Profile::empty().unwrap();
        let page = open(&chrome, &profile).await;
        page.go(&format!("{}/#/create", client.url())).await;
        for (field, text) in [
            ("create-venture-name", "Renewed"),
            ("create-party-name", "Nordbau"),
            ("create-member-name", "Anna"),
            ("create-relay", &site.url()),
        ] {
            page.fill(field, text).await;
        }
        page.click("create-submit").await;
        page.wait_for_plan().await;
        page.wait_for_sync("acknowledged").await;
        page.wait_for_offline_shell().await;
        let (first, address) = (page.window().await, page.address().await);
        let second = page.new_tab().await;
        page.go(&address).await;
        page.wait_for_plan().await;
        site.cut();
        page.wait_for_sync("offline").await;
        page.add_task("Unsent").await;
        page.turn_to(&first).await;
        page.wait_for_task("Unsent").await;
        assert_eq!(page.pending().await, Some(1));
        Self {
            builds,
            site,
            page,
            tabs: [first, second],
            _client: client,
            _chrome: chrome,
            _profile: profile,
        }
    }
}

/// Has the tab look for a newer build, as it does whenever it is turned to: to Chromium without a screen all tabs are seen
/// all the time.
async fn look(page: &Page) {
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
        .await;
}

/// Whether Chromium answers when it is asked for a newer build. On a starved machine its own look, which follows the load
/// of a page, at times never ends, and every later one waits for it until the browser is closed.
async fn answers(page: &Page) -> bool {
    let looked = "const patience = new Promise((resolve) => setTimeout(resolve, 15000, false));
        const shells = navigator.serviceWorker.ready.then((shells) => shells.update()).then(() => true);
        Promise.race([shells, patience]).then(arguments[0], (error) => arguments[0](String(error)));";
    page.ask(looked).await == json!(true)
}

/// Agrees to the newer build.
async fn agree(page: &Page) {
    let button = page.see("[data-testid=update-ready] button").await;
    button.click().await.unwrap();
}

/// One worker has the store, and nobody waits for it.
async fn assert_one_holds_the_store(page: &Page) {
    assert_eq!(page.ask(LOCKS).await, json!([1, 0]));
}

#[tokio::test]
async fn a_newer_build_is_told_to_all_tabs_and_taken_by_all_once_somebody_agrees() {
    let Some(web) = web_folder() else { return };
    let desk = Desk::with_two_tabs(&web).await;
    let Desk {
        builds,
        site,
        page,
        tabs: [first, second],
        ..
    } = &desk;

    builds.exchange();
    look(page).await;
    for tab in [first, second] {
        page.turn_to(tab).await;
        page.find("update-ready").await;
    }
    agree(page).await;
    for tab in [first, second] {
        page.turn_to(tab).await;
        builds.wait_for_newer(page).await;
        page.wait_for_task("Unsent").await;
        page.wait_for_sync("offline").await;
        assert_eq!(page.pending().await, Some(1));
    }
    assert_one_holds_the_store(page).await;
    let kept = page.ask("caches.keys().then(arguments[0])").await;
    assert_eq!(kept, json!([format!("heqi-{}", builds.newer)]));

    site.mend();
    page.wait_for_sync("acknowledged").await;
    page.add_task("Sent by the newer one").await;
    page.wait_for_sync("acknowledged").await;
    page.turn_to(first).await;
    page.wait_for_task("Sent by the newer one").await;
    desk.page.close().await;
}

#[tokio::test]
async fn what_somebody_types_in_a_tab_is_kept_when_another_takes_a_newer_build() {
    let Some(web) = web_folder() else { return };
    let desk = Desk::with_two_tabs(&web).await;
    let Desk {
        builds,
        page,
        tabs: [first, second],
        ..
    } = &desk;

    builds.exchange();
    look(page).await;
    page.click("add-task").await;
    page.find("cell-editor").await;
    page.press("Half a na").await;
    page.turn_to(second).await;
    agree(page).await;
    for tab in [second, first] {
        page.turn_to(tab).await;
        builds.wait_for_newer(page).await;
        page.wait_for_task("Unsent").await;
        page.wait_for_task("Half a na").await;
    }
    assert_one_holds_the_store(page).await;
    desk.page.close().await;
}

#[tokio::test]
async fn of_an_old_and_a_new_tab_the_old_one_is_told_and_comes_along() {
    let Some(web) = web_folder() else { return };
    let desk = Desk::with_two_tabs(&web).await;
    let Desk {
        builds,
        site,
        page,
        tabs: [first, second],
        ..
    } = &desk;

    builds.exchange();
    // Past what is kept for offline use, as with the shift key.
    page.with_devtools("Page.reload", json!({ "ignoreCache": true }))
        .await;
    builds.wait_for_newer(page).await;
    page.wait_for_task("Unsent").await;
    page.turn_to(second).await;
    page.wait_for_stop("fatal", "newer").await;
    page.turn_to(first).await;
    page.add_task("By the new one").await;
    page.turn_to(second).await;
    page.wait_for_stop("fatal", "newer").await;
    page.click("reload").await;
    builds.wait_for_newer(page).await;
    page.wait_for_task("By the new one").await;
    page.add_task("By the other one").await;
    page.turn_to(first).await;
    page.wait_for_task("By the other one").await;
    assert_one_holds_the_store(page).await;
    site.mend();
    page.wait_for_sync("acknowledged").await;
    desk.page.close().await;
}

#[tokio::test]
async fn pictures_of_a_newer_build_that_waits() {
    let Some(web) = web_folder() else { return };
    let builds = Builds::of(&web);
    let client = Relay::start(&builds.served()).await;
    let chrome = started().await;
    let profile = Profile::empty().unwrap();
    let page = open(&chrome, &profile).await;
    page.create_venture(&client.url(), "Renewed", "Nordbau", "Anna")
        .await;
    page.add_task("Piling").await;
    page.wait_for_sync("acknowledged").await;
    page.wait_for_offline_shell().await;
    builds.exchange();
    pictures::take(&page, "update", async |page| {
        page.find("update-ready").await;
        page.wait_for_task("Piling").await;
    })
    .await;
    page.go(&client.url()).await;
    pictures::take(&page, "update-start", async |page| {
        page.find("update-ready").await;
        page.find("host-sees").await;
    })
    .await;
    page.close().await;
}
