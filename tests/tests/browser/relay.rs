//! A relay as its own process, serving the client as `cargo xtask serve` does.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use heqi_tests::hostile::HostileRelay;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;

use super::until;

/// How long a relay may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A relay with its data; its process ends with the value.
pub(super) struct Relay {
    process: Option<Child>,
    data: tempfile::TempDir,
    web: PathBuf,
    address: SocketAddr,
}

impl Relay {
    /// Serves the client in `web` with an empty store.
    pub(super) async fn start(web: &Path) -> Self {
        let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut relay = Self {
            process: None,
            data: tempfile::tempdir().unwrap(),
            web: web.to_owned(),
            address,
        };
        relay.run().await;
        relay
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that browsers trust without TLS.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Has its host be dishonest, at an address before its own.
    pub(super) fn hostile(&self) -> HostileRelay {
        let key = heqi_relay::serve::data::key(self.data.path()).unwrap();
        HostileRelay::before(self.address, key).unwrap()
    }

    /// Ends the process as Ctrl-C does; its data stays.
    pub(super) async fn end(&mut self) {
        let mut process = self.process.take().unwrap();
        kill_process(Pid::from_child(&process), Signal::INT).unwrap();
        until("the relay has ended", PATIENCE, async || {
            process.try_wait().unwrap()
        })
        .await;
    }

    /// The folder of its data.
    pub(super) fn data(&self) -> &Path {
        self.data.path()
    }

    /// A copy of the data of a relay that has ended.
    pub(super) fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(self.data.path(), copy.path());
        copy
    }

    /// Puts a copy in the place of the data.
    pub(super) fn put_back(&mut self, copy: &tempfile::TempDir) {
        self.data = tempfile::tempdir().unwrap();
        copy_files(copy.path(), self.data.path());
    }

    /// Starts a process again, on the same data and at the same address.
    pub(super) async fn run(&mut self) {
        let process = Command::new(super::program("HEQI_RELAY_BIN", "heqi-relay"))
            .arg("serve")
            .arg("--data")
            .arg(self.data.path())
            .arg("--listen")
            .arg(self.address.to_string())
            .arg("--web")
            .arg(&self.web)
            .env("HEQI_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let address = self.address;
        until("the relay listens", PATIENCE, async || {
            TcpStream::connect(address).await.ok()
        })
        .await;
    }
}

fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _already_gone = process.kill();
            let _reaped = process.wait();
        }
    }
}
