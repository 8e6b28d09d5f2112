//! Builds in release and measures.

use anyhow::Result;

use crate::browser;
use crate::process::{self, step};
use crate::programs;
use crate::wasm::Toolchain;
use crate::web::{self, Profile};
use crate::workspace::Workspace;

/// `cargo xtask bench`: the arguments go to the benchmark.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let browser = step("browser for the measurements", browser::ensure)?;
    let toolchain = Toolchain::ensure()?;
    let client = step("web client", || {
        web::build(workspace, &toolchain, Profile::Wasm)
    })?;
    step("programs", || {
        programs::build_release(workspace, &["heqi-relay", "heqi-cli"])
    })?;
    let mut cargo = workspace.cargo();
    cargo.args([
        "run",
        "--release",
        "--package",
        "heqi-tests",
        "--bin",
        "heqi-bench",
        "--",
    ]);
    cargo.args(arguments);
    programs::announce(&mut cargo, workspace, "release", &client, &browser);
    process::run(&mut cargo)
}
