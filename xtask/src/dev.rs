//! Serves a quick build, and builds again whenever a source changes.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::command::Place;
use crate::process::{self, step};
use crate::serve;
use crate::wasm::Toolchain;
use crate::web::{self, Profile};
use crate::workspace::Workspace;

const LOOK_AGAIN: Duration = Duration::from_millis(400);
const CLIENT_SOURCES: [&str; 4] = ["app/web", "app/wording", "shared", "Cargo.toml"];
const RELAY_SOURCES: [&str; 3] = ["server", "shared/protocol", "Cargo.toml"];

/// Serves until it is stopped. A build that fails leaves the last good one running.
pub(crate) fn run(workspace: &Workspace, place: &Place) -> Result<()> {
    serve::refuse_taken_address(place.listen)?;
    let toolchain = Toolchain::ensure()?;
    let mut client = Watch::new(workspace, &CLIENT_SOURCES);
    let mut relay = Watch::new(workspace, &RELAY_SOURCES);
    let mut running: Option<Running> = None;
    loop {
        if client.changed()
            && let Err(error) = build_client(workspace, &toolchain)
        {
            eprintln!("   {error:#}\n   waiting for the next change");
        }
        if relay.changed() {
            match build_relay(workspace) {
                Ok(()) => {
                    drop(running.take());
                    running = Some(Running::start(workspace, place)?);
                    serve::announce_address(place)?;
                }
                Err(error) => eprintln!("   {error:#}\n   waiting for the next change"),
            }
        }
        wait_a_little();
    }
}

fn build_client(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    step("web client", || {
        web::build(workspace, toolchain, Profile::WasmTest)
    })
    .map(drop)
}

fn build_relay(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "heqi-relay", "--bins"]);
    step("relay", || process::run(&mut cargo))
}

#[allow(
    clippy::disallowed_methods,
    reason = "polling is what this command does: nothing tells us of a change"
)]
fn wait_a_little() {
    thread::sleep(LOOK_AGAIN);
}

/// A relay that is stopped when it is dropped.
struct Running(Child);

impl Running {
    fn start(workspace: &Workspace, place: &Place) -> Result<Self> {
        let client = workspace.target.join("web-test");
        Ok(Self(
            serve::relay(workspace, "debug", place, &client).spawn()?,
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; the relay's log survives being killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tells when anything below some folders changed.
struct Watch {
    roots: Vec<std::path::PathBuf>,
    seen: Option<State>,
}

/// Number of files and the time of the newest: enough to see an edit, a new file and a removed one.
type State = (usize, Option<SystemTime>);

impl Watch {
    fn new(workspace: &Workspace, sources: &[&str]) -> Self {
        Self {
            roots: sources
                .iter()
                .map(|source| workspace.root.join(source))
                .collect(),
            seen: None,
        }
    }

    /// True the first time, and then whenever something differs from the last call.
    fn changed(&mut self) -> bool {
        let mut now = (0, None);
        for root in &self.roots {
            look(root, &mut now);
        }
        self.seen.replace(now) != Some(now)
    }
}

fn look(path: &Path, state: &mut State) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            look(&entry.path(), state);
        }
    } else if let Ok(modified) = fs::metadata(path).and_then(|file| file.modified()) {
        state.0 += 1;
        state.1 = state.1.max(Some(modified));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_file_and_removed_file_are_changes_and_a_second_look_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Watch {
            roots: vec![folder.path().to_owned()],
            seen: None,
        };
        assert!(watch.changed());
        assert!(!watch.changed());
        let file = folder.path().join("new.rs");
        fs::write(&file, "").unwrap();
        assert!(watch.changed());
        assert!(!watch.changed());
        fs::remove_file(file).unwrap();
        assert!(watch.changed());
    }
}
