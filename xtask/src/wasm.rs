//! A toolchain that compiles to WebAssembly: the active one if it can, else one made from Debian's packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt::Apt;
use crate::process;
use crate::workspace::Workspace;

mod debian;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain whose standard library is there for [`TARGET`].
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The one cargo uses anyway.
    Active,
    /// The one linked into rustup as [`debian::NAME`].
    Debian,
}

impl Toolchain {
    /// Finds such a toolchain or makes one; says what to type where neither can be.
    pub(crate) fn ensure() -> Result<Self> {
        if active_has_target() {
            return Ok(Self::Active);
        }
        let apt = Apt::usable().filter(|_| cfg!(target_os = "linux"));
        Self::debian(&debian::folder()?, apt.as_ref())
    }

    /// The one of Debian's packages, made in `folder` if it is not there and `apt` can be used.
    fn debian(folder: &Path, apt: Option<&Apt>) -> Result<Self> {
        if debian::is_ready(folder) {
            debian::link(folder)?;
            return Ok(Self::Debian);
        }
        let Some(apt) = apt else {
            bail!(
                "the Rust toolchain cannot compile for the browser. Type: rustup target add {TARGET}"
            );
        };
        debian::make(apt, folder)?;
        Ok(Self::Debian)
    }

    /// Cargo of this toolchain, run in the root of the checkout.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut cargo = workspace.cargo();
        if matches!(self, Self::Debian) {
            // The library path is the one cargo set for us, and leads to the active toolchain.
            cargo
                .env("RUSTUP_TOOLCHAIN", debian::NAME)
                .env_remove("LD_LIBRARY_PATH");
        }
        cargo
    }
}

fn active_has_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    process::output_of(&mut rustc).is_ok_and(|folder| Path::new(&folder).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_neither_target_nor_apt_is_there_the_one_command_to_type_is_said() {
        let empty = std::env::temp_dir().join(format!("heqi-no-toolchain-{}", std::process::id()));
        let said = Toolchain::debian(&empty, None).unwrap_err().to_string();
        assert!(
            said.ends_with("Type: rustup target add wasm32-unknown-unknown"),
            "{said}"
        );
        assert!(!empty.exists(), "it was begun all the same");
    }
}
