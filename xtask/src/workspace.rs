//! Where things are in the checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// Arguments of cargo that name the product, both binaries of the client among it, and its tests. Each dependency is
/// compiled once where lints, builds and tests ask for one set of features.
pub(crate) const PRODUCT: [&str; 5] = [
    "--workspace",
    "--exclude",
    "xtask",
    "--features",
    "heqi-web/ui,heqi-web/worker",
];

/// Arguments of cargo that name this program, by itself as it was built to be run.
pub(crate) const XTASK: [&str; 2] = ["--package", "xtask"];

/// The checkout and its target folder, both absolute.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    /// Cargo names what goes wrong only.
    is_quiet: bool,
}

impl Workspace {
    /// Finds the checkout this program was built from, and the target folder cargo uses for it.
    pub(crate) fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a folder of the checkout")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(dir)?,
            None => root.join("target"),
        };
        Ok(Self {
            root,
            target,
            is_quiet: false,
        })
    }

    /// The same, for work beside other work: cargo names what goes wrong only.
    pub(crate) fn quiet(&self) -> Self {
        Self {
            root: self.root.clone(),
            target: self.target.clone(),
            is_quiet: true,
        }
    }

    /// Cargo of the active toolchain, run in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.root);
        if self.is_quiet {
            cargo.env("CARGO_TERM_QUIET", "true");
        }
        cargo
    }

    /// The host program `name` as cargo leaves it, in `debug` or `release`.
    pub(crate) fn program(&self, folder: &str, name: &str) -> PathBuf {
        self.target
            .join(folder)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
