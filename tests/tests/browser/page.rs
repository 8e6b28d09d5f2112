//! The product's pages, as a person uses them.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::{devtools, until};

mod file;
mod keys;

/// How long anything on a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// One window.
#[derive(Clone)]
pub(super) struct Page {
    client: Client,
}

impl Page {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The session behind the window.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to an address.
    pub(super) async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Loads the page again; what Chromium asks before is agreed to.
    pub(super) async fn reload(&self) {
        self.run("window.onbeforeunload = null; location.reload()")
            .await;
        until("the page is loaded again", PATIENCE, async || {
            // Unsaved work is warned about, which is right, and this is a person who reloads all the same.
            let _no_question = self.client.accept_alert().await;
            let fresh = "return performance.now() < 60000 && document.readyState === 'complete'";
            (self.try_run(fresh).await? == Value::Bool(true)).then_some(())
        })
        .await;
    }

    /// Where the window is.
    pub(super) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().into()
    }

    /// What the element of this test id says, once it is there.
    pub(super) async fn text(&self, testid: &str) -> String {
        self.find(testid).await;
        let script =
            format!("return document.querySelector(\"[data-testid='{testid}']\").textContent");
        let text = self.try_run(&script).await.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The words in a list of this test id, in their order.
    pub(super) async fn words(&self, testid: &str) -> Vec<String> {
        self.find(testid).await;
        let script = format!(
            "return [...document.querySelectorAll(\"[data-testid='{testid}'] li\")].map((li) => li.textContent)"
        );
        let words = self.try_run(&script).await.unwrap_or_default();
        let words = words.as_array().cloned().unwrap_or_default();
        words
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// Chooses the option of this value.
    pub(super) async fn choose(&self, testid: &str, value: &str) {
        let field = self.find(testid).await;
        field.select_by_value(value).await.unwrap();
    }

    /// Makes the window this large, in pixels.
    pub(super) async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.unwrap();
    }

    /// The element that this selector finds, once it is there.
    pub(super) async fn see(&self, css: &str) -> Element {
        self.find_css(css).await
    }

    /// Runs a script that ends by calling its argument, and returns what it calls with.
    pub(super) async fn ask(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Closes the browser.
    pub(super) async fn close(self) {
        let _already_gone = self.client.close().await;
    }

    /// The window that this page is.
    pub(super) async fn window(&self) -> WindowHandle {
        self.client.window().await.unwrap()
    }

    /// Opens another tab and turns to it.
    pub(super) async fn new_tab(&self) -> WindowHandle {
        let tab = self.client.new_window(true).await.unwrap().handle;
        self.turn_to(&tab).await;
        tab
    }

    /// Turns to a tab.
    pub(super) async fn turn_to(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.unwrap();
    }

    /// The element of this test id, once it is there.
    pub(super) async fn find(&self, testid: &str) -> Element {
        self.find_css(&format!("[data-testid='{testid}']")).await
    }

    /// Clicks once the element takes clicks.
    pub(super) async fn click(&self, testid: &str) {
        let css = format!("[data-testid='{testid}']");
        self.click_css(&css).await;
    }

    /// Types into a field in place of what is there, once it takes keys.
    pub(super) async fn fill(&self, testid: &str, text: &str) {
        until(testid, PATIENCE, async || {
            let field = self.find(testid).await;
            field.send_keys(&select_all(text)).await.ok()
        })
        .await;
    }

    /// Founds a venture and waits for its plan.
    pub(super) async fn create_venture(
        &self,
        site: &str,
        venture: &str,
        party: &str,
        member: &str,
    ) {
        self.go(&format!("{site}/#/create")).await;
        self.fill("create-venture-name", venture).await;
        self.fill("create-party-name", party).await;
        self.fill("create-member-name", member).await;
        self.click("create-submit").await;
        self.wait_for_plan().await;
    }

    /// Uses an invite and waits for the plan.
    pub(super) async fn join(&self, link: &str, member: &str) {
        self.go(link).await;
        self.fill("invite-member-name", member).await;
        self.click("invite-accept").await;
        self.wait_for_plan().await;
    }

    /// Makes an invite for somebody of a new party, and leaves its dialog open; its link.
    pub(super) async fn make_invite(&self, party: &str) -> String {
        self.show("members").await;
        self.click("invite-open").await;
        self.fill("invite-party-name", party).await;
        self.click("invite-create").await;
        self.text("invite-link").await
    }

    /// Makes an invite for somebody of a new party and returns its link, as its button copies it.
    pub(super) async fn invite(&self, party: &str) -> String {
        let parameters =
            json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        devtools::run(&self.client, "Browser.grantPermissions", parameters).await;
        self.make_invite(party).await;
        self.click("invite-copy").await;
        let link = until("the invite's link is copied", PATIENCE, async || {
            let shown = self.text_of("invite-link").await?;
            let read =
                "navigator.clipboard.readText().then(arguments[0], () => arguments[0](null))";
            let copied = self.client.execute_async(read, Vec::new()).await.ok()?;
            (copied == shown.as_str()).then_some(shown)
        })
        .await;
        self.click("invite-close").await;
        self.show("plan").await;
        link
    }

    /// What an element says, if it is there.
    pub(super) async fn text_of(&self, testid: &str) -> Option<String> {
        let script =
            format!("return document.querySelector('[data-testid={testid}]')?.textContent");
        self.try_run(&script).await?.as_str().map(str::to_owned)
    }

    /// What all elements of a test id say, in the page's order.
    pub(super) async fn texts_of(&self, testid: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll('[data-testid={testid}]')].map((it) => it.textContent)"
        );
        texts(self.try_run(&script).await.unwrap_or_default())
    }

    /// Waits until an expression is true on the page.
    pub(super) async fn wait_until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        until(expression, PATIENCE, async || {
            (self.try_run(&script).await? == Value::Bool(true)).then_some(())
        })
        .await;
    }

    /// Waits until the product has stopped, for the reason of that name.
    pub(super) async fn wait_for_stop(&self, screen: &str, reason: &str) {
        let shown = format!(
            "document.querySelector('[data-testid={screen}]')?.dataset.state === '{reason}'"
        );
        self.wait_until(&shown).await;
    }

    /// Does what only developer tools can.
    pub(super) async fn with_devtools(&self, method: &str, parameters: Value) -> Value {
        devtools::run(&self.client, method, parameters).await
    }

    /// Runs a script in the worker that the tabs share.
    pub(super) async fn in_worker(&self, script: &str) {
        devtools::in_shared_worker(&self.client, script).await;
    }

    /// Ends the worker that the tabs share and leaves the page; whatever is opened next has a new one.
    pub(super) async fn end_worker(&self) {
        self.in_worker("self.close()").await;
        self.go("about:blank").await;
    }

    /// Closes the tab and turns to another.
    pub(super) async fn close_tab(&self, other: &WindowHandle) {
        self.client.close_window().await.unwrap();
        self.turn_to(other).await;
    }

    /// Turns to a page of the open venture.
    pub(super) async fn show(&self, page: &str) {
        let script =
            format!("location.hash = location.hash.replace(/^(#\\/v\\/[^/]+).*$/, '$1/{page}')");
        self.run(&script).await;
    }

    /// Waits until the open venture's plan is on the page.
    pub(super) async fn wait_for_plan(&self) {
        self.find("add-task").await;
    }

    /// Adds a task by its name.
    pub(super) async fn add_task(&self, name: &str) {
        self.click("add-task").await;
        self.find("cell-editor")
            .await
            .send_keys(&format!("{name}{}", Key::Enter))
            .await
            .unwrap();
        self.wait_for_task(name).await;
        // The next task may be named at once; here it is not.
        if let Ok(editor) = self
            .client
            .find(Locator::Css("[data-testid='cell-editor']"))
            .await
        {
            let _closed_by_itself = editor.send_keys(&Key::Escape.to_string()).await;
        }
    }

    /// Gives a task another name.
    pub(super) async fn rename_task(&self, name: &str, to: &str) {
        let cell = format!("[data-testid='task-row'][data-name='{name}'] [data-col='name']");
        self.click_css(&cell).await;
        let focused = format!(
            "return document.activeElement?.closest('[data-testid=task-row]')?.dataset.name === '{name}'"
        );
        until("the cell has the focus", PATIENCE, async || {
            (self.try_run(&focused).await? == Value::Bool(true)).then_some(())
        })
        .await;
        let active = self.client.active_element().await.unwrap();
        active.send_keys(&Key::F2.to_string()).await.unwrap();
        let editor = self.find("cell-editor").await;
        let typed = format!("{}{}", select_all(to), Key::Enter);
        editor.send_keys(&typed).await.unwrap();
        self.wait_for_task(to).await;
    }

    /// The names of the tasks, from top to bottom.
    pub(super) async fn tasks(&self) -> Vec<String> {
        self.rows("row.dataset.name").await
    }

    /// A text of each `row` of the plan, from top to bottom.
    async fn rows(&self, text: &str) -> Vec<String> {
        let script = format!(
            "const rows = [...document.querySelectorAll('[data-testid=task-row]')];
            const place = (row) => Number(row.getAttribute('aria-rowindex'));
            return rows.sort((a, b) => place(a) - place(b)).map((row) => {text});"
        );
        texts(self.try_run(&script).await.unwrap_or_default())
    }

    pub(super) async fn wait_for_task(&self, name: &str) {
        let what = format!("the task {name:?} is there");
        until(&what, PATIENCE, async || {
            let tasks = self.tasks().await;
            tasks.iter().any(|task| task == name).then_some(())
        })
        .await;
    }

    /// Waits until the pill says so, in a word.
    pub(super) async fn wait_for_sync(&self, state: &str) {
        let what = format!("syncing is {state:?}");
        until(&what, PATIENCE, async || {
            (self.pill("state").await? == state).then_some(())
        })
        .await;
    }

    /// Own edits that the relay has not acknowledged, by the pill.
    pub(super) async fn pending(&self) -> Option<u32> {
        self.pill("pending").await?.parse().ok()
    }

    /// Waits until the page can be loaded without a network.
    pub(super) async fn wait_for_offline_shell(&self) {
        until("the page is kept for offline use", PATIENCE, async || {
            let kept = "return navigator.serviceWorker.controller !== null";
            (self.try_run(kept).await? == Value::Bool(true)).then_some(())
        })
        .await;
    }

    /// Keeps a picture of the window under `target/screenshots`.
    pub(super) async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let png = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    async fn find_css(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE);
        match found.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("not-found").await;
                panic!("{css}: {error}: see target/screenshots/not-found.png");
            }
        }
    }

    async fn click_css(&self, css: &str) {
        let what = format!("{css} takes a click");
        until(&what, PATIENCE, async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_enabled().await.ok()?.then_some(())?;
            element.click().await.ok()
        })
        .await;
    }

    async fn pill(&self, what: &str) -> Option<String> {
        let script =
            format!("return document.querySelector('[data-testid=sync-pill]')?.dataset.{what}");
        self.try_run(&script).await?.as_str().map(str::to_owned)
    }

    pub(super) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    async fn try_run(&self, script: &str) -> Option<Value> {
        self.client.execute(script, Vec::new()).await.ok()
    }
}

/// Keys that put `text` in place of what a field holds.
fn select_all(text: &str) -> String {
    format!("{}a{}{text}", Key::Control, Key::Null)
}

/// The texts in a list.
fn texts(list: Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    let text = |item: Value| item.as_str().map(str::to_owned);
    list.into_iter().filter_map(text).collect()
}
