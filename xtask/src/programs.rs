//! The programs of the product, built where a test or a benchmark finds them.

use std::path::Path;
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

/// Sets HEQI_DATA to the folder of real data beside the checkout, unless it is set or there is none.
pub(crate) fn announce_data(command: &mut Command, workspace: &Workspace) {
    let beside = workspace.root.join("../shared/data");
    if std::env::var_os("HEQI_DATA").is_none()
        && let Ok(data) = beside.canonicalize()
    {
        command.env("HEQI_DATA", data);
    }
}
