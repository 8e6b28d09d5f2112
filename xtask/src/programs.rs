//! The programs of the product, built where a test or a benchmark finds them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::browser::Browser;
use crate::process;
use crate::workspace::Workspace;

/// Builds relay and command line in release and nothing else.
pub(crate) fn build_release(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--bins"]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    process::run(&mut cargo)
}

/// Tells a test or benchmark where client, programs and browser are, and where real data is if it lies beside the
/// checkout. `folder` is `debug` or `release`.
pub(crate) fn announce(
    command: &mut Command,
    workspace: &Workspace,
    folder: &str,
    client: &Path,
    browser: &Browser,
) {
    announce_data(command, workspace);
    command
        .env("HEQI_WEB_DIR", client)
        .env("HEQI_RELAY_BIN", workspace.program(folder, "heqi-relay"))
        .env("HEQI_CLI_BIN", workspace.program(folder, "heqi"))
        .env("CHROME", &browser.chromium)
        .env("CHROMEDRIVER", &browser.driver);
}

/// Sets HEQI_DATA to the folder of real data, if there is one.
pub(crate) fn announce_data(command: &mut Command, workspace: &Workspace) {
    if let Some(data) = data(workspace) {
        command.env("HEQI_DATA", data);
    }
}

/// The folder of real data: the one that HEQI_DATA names, else the one beside the checkout.
pub(crate) fn data(workspace: &Workspace) -> Option<PathBuf> {
    let named = std::env::var_os("HEQI_DATA").map(PathBuf::from);
    named.or_else(|| workspace.root.join("../shared/data").canonicalize().ok())
}
