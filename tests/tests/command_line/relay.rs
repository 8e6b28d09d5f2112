//! A real relay on a port of this machine.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use heqi_tests::hostile::HostileRelay;

use super::home::program;

/// A relay that runs.
pub(super) struct Relay {
    data: tempfile::TempDir,
    process: Process,
    url: String,
}

/// A relay that was stopped; its data stays.
pub(super) struct Stopped {
    data: tempfile::TempDir,
    url: String,
}

/// A child that ends with its owner, also when a test fails.
struct Process {
    child: Child,
    /// Kept open: a relay that cannot print is not what is tested.
    _out: BufReader<ChildStdout>,
}

impl Relay {
    /// Starts one on an empty directory and a free port.
    pub(super) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::on(data, "127.0.0.1:0")
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Has its host be dishonest, at an address before its own.
    pub(super) fn hostile(&self) -> HostileRelay {
        let address = self.url.trim_start_matches("http://").parse().unwrap();
        let key = heqi_relay::serve::data::key(self.data.path()).unwrap();
        HostileRelay::before(address, key).unwrap()
    }

    /// Ends it, as gracefully as it is asked.
    pub(super) fn stop(self) -> Stopped {
        let Self { data, process, url } = self;
        process.terminate();
        Stopped { data, url }
    }

    fn on(data: tempfile::TempDir, listen: &str) -> Self {
        let mut child = Command::new(program("HEQI_RELAY_BIN", "heqi-relay"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data.path())
            .env("HEQI_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let process = Process { child, _out: out };
        let url = line.trim().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("the relay did not start: {line:?}"));
        Self {
            data,
            url: url.to_owned(),
            process,
        }
    }
}

impl Stopped {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The folder of its data.
    pub(super) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Starts it again on its data, at the same address.
    pub(super) fn start_again(self) -> Relay {
        let listen = self.url.trim_start_matches("http://").to_owned();
        Relay::on(self.data, &listen)
    }
}

impl Process {
    fn terminate(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the relay ended with {status}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended where it was asked to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
