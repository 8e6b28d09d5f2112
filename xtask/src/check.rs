//! Format and lints.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{self, step};
use crate::workspace::{PRODUCT, Workspace, XTASK};

/// `cargo xtask check`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    format(workspace)?;
    lint(workspace)
}

/// Fails if rustfmt would change a file.
pub(crate) fn format(workspace: &Workspace) -> Result<()> {
    step("format", || {
        ensure_component(workspace, "fmt", "rustfmt")?;
        process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
            .context("to format everything, type: cargo fmt --all")
    })
}

/// Lints everything, the client and the tests included, as compiled for this machine.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    step("lints", || {
        ensure_component(workspace, "clippy", "clippy")?;
        for packages in [&PRODUCT[..], &XTASK] {
            let mut cargo = workspace.cargo();
            cargo.args(["clippy", "--locked", "--all-targets"]);
            process::run(cargo.args(packages).args(["--", "--deny", "warnings"]))?;
        }
        Ok(())
    })
}

/// Makes cargo lint what it compiles: the compiler of the workspace's own crates is clippy's, which is rustc with more
/// lints. A dependency is then compiled once, not checked for the lints and compiled for the tests.
pub(crate) fn lint_along<'a>(
    workspace: &Workspace,
    cargo: &'a mut Command,
) -> Result<&'a mut Command> {
    ensure_component(workspace, "clippy", "clippy")?;
    // As `cargo clippy -- --deny warnings` does it, words set apart by what no word is.
    Ok(cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env(
        "CLIPPY_ARGS",
        ["--deny", "warnings", ""].join("__CLIPPY_HACKERY__"),
    ))
}

fn ensure_component(workspace: &Workspace, command: &str, component: &str) -> Result<()> {
    process::output_of(workspace.cargo().args([command, "--version"]))
        .with_context(|| format!("type: rustup component add {component}"))
        .map(drop)
}
