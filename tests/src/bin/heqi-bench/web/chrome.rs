//! Chromium with an empty profile, driven by chromedriver.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use fantoccini::wd::{Capabilities, TimeoutConfiguration};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// How long anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// A window; driver and browser end with the value.
pub(crate) struct Window {
    client: Client,
    _driver: Driver,
    _profile: TempDir,
}

struct Driver(Child);

impl Window {
    /// Opens one; `None` where this system has no chromedriver.
    pub(crate) async fn open() -> Result<Option<Self>> {
        let Some((driver, port)) = start_driver().await? else {
            return Ok(None);
        };
        let profile = tempfile::tempdir()?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(&profile));
        let client = builder
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("Chromium does not start")?;
        let patience = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(patience).await?;
        Ok(Some(Self {
            client,
            _driver: driver,
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

impl Drop for Driver {
    fn drop(&mut self) {
        // The driver leads a group of its own, which holds the browsers it started.
        let group = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

async fn start_driver() -> Result<Option<(Driver, u16)>> {
    use std::os::unix::process::CommandExt as _;
    let free = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = free.local_addr()?.port();
    drop(free);
    let named = std::env::var_os("CHROMEDRIVER");
    let program = named.map_or_else(|| PathBuf::from("chromedriver"), PathBuf::from);
    let spawned = Command::new(program)
        .arg(format!("--port={port}"))
        .arg("--log-level=SEVERE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn();
    let driver = match spawned {
        Ok(child) => Driver(child),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot start chromedriver"),
    };
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        ensure!(
            started.elapsed() < Duration::from_secs(20),
            "chromedriver does not listen"
        );
        tokio::time::sleep(LOOK).await;
    }
    Ok(Some((driver, port)))
}

fn capabilities(profile: &TempDir) -> Capabilities {
    let mut options = json!({
        "args": [
            "--headless=new",
            // In containers this runs as root, where the sandbox cannot.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            // A page kept for going back would keep its worker, and the next navigation would open nothing.
            "--disable-features=BackForwardCache",
            "--lang=en-US",
            "--window-size=1400,900",
            format!("--user-data-dir={}", profile.path().display()),
        ],
    });
    if let Some(chromium) = std::env::var_os("CHROME") {
        options["binary"] = json!(PathBuf::from(chromium));
    }
    let mut all = Capabilities::new();
    all.insert("browserName".to_owned(), json!("chrome"));
    all.insert("goog:chromeOptions".to_owned(), options);
    all
}
