//! Chromium with profiles of its own, driven by chromedriver.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;

use super::page::Page;
use super::until;

/// A running chromedriver; what it started ends with it.
pub(super) struct Chrome {
    driver: std::process::Child,
    port: u16,
}

/// What a browser remembers: gone with the value.
pub(super) struct Profile {
    folder: tempfile::TempDir,
}

impl Chrome {
    /// Starts chromedriver on a free port.
    pub(super) async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let driver = Command::new(super::program("CHROMEDRIVER", "chromedriver"))
            .arg(format!("--port={port}"))
            .arg("--log-level=SEVERE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A group of its own, so that the browsers it starts end with it.
            .process_group(0)
            .spawn()
            .unwrap();
        until(
            "chromedriver listens",
            Duration::from_secs(20),
            async || TcpStream::connect(("127.0.0.1", port)).await.ok(),
        )
        .await;
        Self { driver, port }
    }

    /// Opens a window of the profile.
    pub(super) async fn open(&self, profile: &Profile) -> Page {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(profile.capabilities());
        let url = format!("http://127.0.0.1:{}", self.port);
        let client: Client = builder.connect(&url).await.unwrap();
        Page::new(client)
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _already_gone = Command::new("kill").args(["-9", "--", &group]).status();
        let _reaped = self.driver.wait();
    }
}

impl Profile {
    /// An empty profile, as of a browser just installed.
    pub(super) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Where its downloads land.
    pub(super) fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    fn capabilities(&self) -> Capabilities {
        let folder = self.folder.path().join("profile");
        let mut options = json!({
            "args": [
                "--headless=new",
                // Tests run as root in containers, where the sandbox cannot.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--lang=en-US",
                "--window-size=1400,900",
                format!("--user-data-dir={}", folder.display()),
            ],
            "prefs": {
                "download.default_directory": self.downloads(),
                "download.prompt_for_download": false,
                "intl.accept_languages": "en-US,en",
            },
        });
        if let Some(chromium) = std::env::var_os("CHROME") {
            options["binary"] = json!(Path::new(&chromium));
        }
        let all = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        all.as_object().unwrap().clone()
    }
}
