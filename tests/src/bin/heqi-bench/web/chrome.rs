//! One window of Chromium with an empty profile, and what is done in it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, Locator};
use heqi_tests::chrome::{Chrome, Profile};
use serde_json::Value;

/// How long anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
/// A page kept for going back would keep its worker, and the next navigation would open nothing.
const SWITCHES: [&str; 1] = ["--disable-features=BackForwardCache"];

/// A window; driver and browser end with the value.
pub(crate) struct Window {
    client: Client,
    _chrome: Chrome,
    _profile: Profile,
}

impl Window {
    /// Opens one; `None` where this system has no chromedriver.
    pub(crate) async fn open() -> Result<Option<Self>> {
        let Some(chrome) = Chrome::start().await? else {
            return Ok(None);
        };
        let profile = Profile::empty()?;
        let client = chrome.open(&profile, &SWITCHES).await?;
        let patience = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(patience).await?;
        Ok(Some(Self {
            client,
            _chrome: chrome,
            _profile: profile,
        }))
    }

    pub(crate) async fn go(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    pub(crate) async fn address(&self) -> Result<String> {
        Ok(self.client.current_url().await?.into())
    }

    /// Types into the element of this test id; for a file field, the file's path.
    pub(crate) async fn type_into(&self, testid: &str, text: &str) -> Result<()> {
        let css = format!("[data-testid='{testid}']");
        let wait = self.client.wait().at_most(PATIENCE);
        let field = wait.for_element(Locator::Css(&css)).await;
        let field = field.with_context(|| format!("{testid} is not there"))?;
        Ok(field.send_keys(text).await?)
    }

    pub(crate) async fn click(&self, testid: &str) -> Result<()> {
        let css = format!("[data-testid='{testid}']");
        let started = Instant::now();
        loop {
            let clicked = match self.client.find(Locator::Css(&css)).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return Ok(()),
                Err(error) if started.elapsed() > PATIENCE => {
                    return Err(error).with_context(|| format!("{testid} takes no click"));
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Waits until an expression is true on the page.
    pub(crate) async fn wait_until(&self, expression: &str) -> Result<()> {
        let started = Instant::now();
        let script = format!("return Boolean({expression})");
        loop {
            let is_true = self.client.execute(&script, Vec::new()).await;
            if matches!(is_true, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "waited in vain until {expression}; the page says {}",
                    self.text().await
                );
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The beginning of what the page says, on one line.
    async fn text(&self) -> String {
        let script = "return document.body.innerText.replaceAll('\\n', ' / ').slice(0, 300)";
        let text = self.client.execute(script, Vec::new()).await;
        text.map_or_else(|error| error.to_string(), |text| text.to_string())
    }

    /// Runs a script that hands its result to `done`.
    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        Ok(self.client.execute_async(&script, Vec::new()).await?)
    }

    pub(crate) async fn close(self) {
        // Its processes end with the driver in any case.
        let _ = self.client.clone().close().await;
    }
}
