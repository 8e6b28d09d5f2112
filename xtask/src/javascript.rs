//! Automerge's own JavaScript, with which a test opens what Heqi exports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::apt::Apt;
use crate::process;
use crate::workspace::Workspace;

const SOURCE: &str = "tests/automerge-js";
const FILES: [&str; 3] = ["package.json", "package-lock.json", "open.mjs"];
const PROGRAMS: [&str; 2] = ["node", "npm"];
const DEBIAN_PACKAGES: [&str; 2] = ["nodejs", "npm"];
const STAMP: &str = "installed.stamp";

/// Installs it below `target`, once for each lock file, and returns its folder. node.js and npm are installed where apt
/// can; an error says why exports cannot be opened here.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    ensure_programs()?;
    install(
        &workspace.root.join(SOURCE),
        &workspace.target.join("automerge-js"),
    )
}

fn ensure_programs() -> Result<()> {
    let is_there = |program| process::find_program(program).is_some();
    if PROGRAMS.into_iter().all(is_there) {
        return Ok(());
    }
    match Apt::usable() {
        Some(apt) => apt.install(&DEBIAN_PACKAGES),
        None => bail!("node and npm are not both in PATH"),
    }
}

fn install(source: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for file in FILES {
        fs::copy(source.join(file), folder.join(file))
            .with_context(|| format!("cannot copy {file}"))?;
    }
    let wanted = fs::read(source.join("package-lock.json"))?;
    let stamp = folder.join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.to_owned());
    }
    eprintln!("   installing Automerge's JavaScript");
    process::output_of(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(folder),
    )?;
    fs::write(stamp, wanted)?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_already_is_not_fetched_again() {
        let (source, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for file in FILES {
            fs::write(source.path().join(file), file).unwrap();
        }
        fs::write(folder.path().join(STAMP), "package-lock.json").unwrap();
        // npm would fail on these files.
        assert_eq!(
            install(source.path(), folder.path()).unwrap(),
            folder.path()
        );
        assert!(folder.path().join("open.mjs").is_file());
    }
}
