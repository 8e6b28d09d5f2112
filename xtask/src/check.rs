//! Format and lints.

use anyhow::{Context as _, Result};

use crate::process::{self, step};
use crate::wasm::{self, Toolchain};
use crate::workspace::Workspace;

/// `cargo xtask check`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    format(workspace)?;
    lint_programs(workspace)?;
    lint_client(workspace, &toolchain)
}

/// Fails if rustfmt would change a file.
pub(crate) fn format(workspace: &Workspace) -> Result<()> {
    step("format", || {
        ensure_component(workspace, "fmt", "rustfmt")?;
        process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
            .context("to format everything, type: cargo fmt --all")
    })
}

/// Lints all that runs outside a browser, tests included.
pub(crate) fn lint_programs(workspace: &Workspace) -> Result<()> {
    step("lints", || {
        ensure_component(workspace, "clippy", "clippy")?;
        let mut cargo = workspace.cargo();
        cargo.args([
            "clippy",
            "--locked",
            "--workspace",
            "--exclude",
            "heqi-web",
            "--all-targets",
        ]);
        process::run(cargo.args(["--", "--deny", "warnings"]))
    })
}

/// Lints both binaries of the client as they are compiled for the browser; only checks them where there is no clippy
/// for that.
pub(crate) fn lint_client(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    step("lints of the web client", || {
        let clippy = toolchain.ensure_clippy(workspace);
        for feature in ["ui", "worker"] {
            let mut cargo = toolchain.cargo(workspace);
            cargo.arg(if clippy { "clippy" } else { "check" });
            cargo.args(["--package", "heqi-web", "--target", wasm::TARGET]);
            cargo.args(["--no-default-features", "--features", feature]);
            // The profile of the tests' client: its macros and build scripts are then compiled once for both.
            cargo.args(["--profile", "wasm-test"]);
            if clippy {
                cargo.args(["--", "--deny", "warnings"]);
            }
            process::run(&mut cargo)?;
        }
        Ok(())
    })
}

fn ensure_component(workspace: &Workspace, command: &str, component: &str) -> Result<()> {
    process::output_of(workspace.cargo().args([command, "--version"]))
        .with_context(|| format!("type: rustup component add {component}"))
        .map(drop)
}
