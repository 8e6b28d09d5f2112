//! A relay in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub(crate) struct Relay {
    child: Child,
    pub(crate) address: SocketAddr,
}

pub(crate) fn command(data: &Path, verb: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heqi-relay"));
    command.arg(verb).arg("--data").arg(data);
    command
}

/// Runs a verb to its end and gives what it printed.
pub(crate) fn run(data: &Path, verb: &str) -> String {
    let output = command(data, verb).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The public key of the relay in that directory.
pub(crate) fn key_of(data: &Path) -> heqi_protocol::RelayKey {
    heqi_protocol::RelayKey::parse(run(data, "key").trim_end()).unwrap()
}

impl Relay {
    /// Starts one on a free port and waits until it says where it listens.
    pub(crate) fn start(data: &Path, args: &[&str]) -> Self {
        Self::spawn(command(data, "serve"), args)
    }

    /// The same in a process that a shell has limited before; what it says stands in [`Self::said`].
    #[cfg(target_os = "linux")]
    pub(crate) fn start_limited(data: &Path, limit: &str, args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{limit} && exec \"$@\""), "sh"])
            .args([env!("CARGO_BIN_EXE_heqi-relay"), "serve", "--data"])
            .arg(data)
            .stderr(std::fs::File::create(data.join("said")).unwrap());
        Self::spawn(command, args)
    }

    /// What a limited relay has said so far.
    #[cfg(target_os = "linux")]
    pub(crate) fn said(data: &Path) -> String {
        std::fs::read_to_string(data.join("said")).unwrap()
    }

    fn spawn(mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http");
        let address = address.and_then(|it| it.trim_start_matches('s').strip_prefix("://"));
        let address = address.unwrap_or_else(|| panic!("said {line:?}"));
        Self {
            address: address.parse().unwrap(),
            child,
        }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The whole answer to a GET, headers and all.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A certificate of its own with its key, as files.
pub(crate) struct Certificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    der: CertificateDer<'static>,
}

impl Certificate {
    pub(crate) fn make(dir: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let der = made.cert.der().clone();
        Self { cert, key, der }
    }

    /// The whole answer to a GET over TLS, trusting this certificate alone.
    pub(crate) async fn get(&self, address: SocketAddr, path: &str) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = tokio::net::TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, tcp).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await;
        read.expect("nothing comes")?;
        Ok(String::from_utf8(answer).unwrap())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
