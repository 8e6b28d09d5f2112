//! The two servers as processes of their own, each on an empty store on a real disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::counters::{self, Counters};

const ANSWER_DEADLINE: Duration = Duration::from_secs(20);

/// A running server; its process and its store end with the value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    _data: TempDir,
}

/// The relay's own counts.
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Server {
    /// The relay in release, as `HEQI_RELAY_BIN` names it or as it lies beside this program.
    pub(crate) async fn relay(target: &Path, arguments: &[OsString]) -> Result<Self> {
        let program = relay_program()?;
        let arguments = arguments.to_vec();
        Self::spawn(target, move |data| {
            let mut command = Command::new(program);
            command.arg("serve").arg("--data").arg(data);
            command.args(["--listen", "127.0.0.1:0"]).args(arguments);
            command
        })
        .await
    }

    /// The bare durable broadcast: this program in another role.
    pub(crate) async fn bare(target: &Path) -> Result<Self> {
        let program = std::env::current_exe().context("cannot tell where this program is")?;
        Self::spawn(target, move |data| {
            let mut command = Command::new(program);
            command.arg("bare").arg("--data").arg(data);
            command
        })
        .await
    }

    async fn spawn(
        target: &Path,
        command: impl FnOnce(&Path) -> Command + Send + 'static,
    ) -> Result<Self> {
        // Beside what is built, for the system's folder of temporary files may be memory.
        let data = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(target)
            .context("cannot make a folder for a store")?;
        let folder = data.path().to_path_buf();
        let started = tokio::task::spawn_blocking(move || start(command(&folder)));
        let (child, address) = started.await.context("starting a server panicked")??;
        Ok(Self {
            child,
            address,
            _data: data,
        })
    }

    /// Processor time so far.
    pub(crate) fn counters(&self) -> Result<Counters> {
        Counters::of(self.child.id())
    }

    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        counters::resident_bytes(self.child.id())
    }

    /// What the relay's page of metrics says.
    pub(crate) fn metrics(&self) -> Result<Metrics> {
        let mut stream = TcpStream::connect(self.address).context("the relay is gone")?;
        stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n")?;
        let mut page = String::new();
        stream
            .read_to_string(&mut page)
            .context("the relay gives no metrics")?;
        let values = page.lines().filter_map(|line| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Ok(Metrics(values.collect()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Metrics {
    /// A count by its name; 0 where the page has none.
    pub(crate) fn value(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }
}

fn start(mut command: Command) -> Result<(Child, SocketAddr)> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .env("HEQI_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let stdout = child.stdout.take().context("the server has no output")?;
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line);
    let address = line.trim().strip_prefix("listening on http://");
    match address.and_then(|address| address.parse().ok()) {
        Some(address) if read.is_ok() => Ok((child, address)),
        _ => {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
            anyhow::bail!("{shown} does not say where it listens, but {line:?}")
        }
    }
}

fn relay_program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("HEQI_RELAY_BIN") {
        return Ok(program.into());
    }
    let own = std::env::current_exe().context("cannot tell where this program is")?;
    let program = own.with_file_name(format!("heqi-relay{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(
        program.is_file(),
        "{} is not there: type `cargo xtask bench`, which builds it",
        program.display()
    );
    Ok(program)
}
