//! Chromium with profiles of its own, driven by chromedriver.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;

/// How long chromedriver may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// A running chromedriver; what it started ends with it.
pub struct Chrome {
    driver: Child,
    port: u16,
}

/// What a browser remembers: gone with the value.
pub struct Profile {
    folder: TempDir,
}

impl Chrome {
    /// Starts chromedriver, the one that `CHROMEDRIVER` names if it is set, on a free port; `None` where this system
    /// has none.
    pub async fn start() -> Result<Option<Self>> {
        let free = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = free.local_addr()?.port();
        drop(free);
        let named = std::env::var_os("CHROMEDRIVER");
        let spawned = Command::new(named.unwrap_or_else(|| "chromedriver".into()))
            .arg(format!("--port={port}"))
            .arg("--log-level=SEVERE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A group of its own, so that the browsers it starts end with it.
            .process_group(0)
            .spawn();
        let chrome = match spawned {
            Ok(driver) => Self { driver, port },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("cannot start chromedriver"),
        };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            ensure!(started.elapsed() < PATIENCE, "chromedriver does not listen");
            tokio::time::sleep(LOOK).await;
        }
        Ok(Some(chrome))
    }

    /// Opens a window of the profile, in a browser that is started with further switches.
    pub async fn open(&self, profile: &Profile, switches: &[&str]) -> Result<Client> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(profile.capabilities(switches));
        let url = format!("http://127.0.0.1:{}", self.port);
        let client = builder.connect(&url).await;
        client.context("Chromium does not start")
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _already_gone = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _reaped = self.driver.wait();
    }
}

impl Profile {
    /// An empty profile, as of a browser just installed.
    pub fn empty() -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for a profile")?;
        Ok(Self { folder })
    }

    /// Where its downloads land.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    fn capabilities(&self, switches: &[&str]) -> Capabilities {
        let folder = self.folder.path().join("profile");
        let folder = format!("--user-data-dir={}", folder.display());
        let mut arguments = vec![
            "--headless=new",
            // In containers this runs as root, where the sandbox cannot.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            // Nothing but what the tests ask for goes out.
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en-US",
            "--window-size=1400,900",
            &folder,
        ];
        arguments.extend(switches);
        let mut options = json!({
            "args": arguments,
            "prefs": {
                "download.default_directory": self.downloads(),
                "download.prompt_for_download": false,
                "intl.accept_languages": "en-US,en",
            },
        });
        if let Some(chromium) = std::env::var_os("CHROME") {
            options["binary"] = json!(PathBuf::from(chromium));
        }
        let mut all = Capabilities::new();
        all.insert("browserName".to_owned(), json!("chrome"));
        all.insert("goog:chromeOptions".to_owned(), options);
        all
    }
}
