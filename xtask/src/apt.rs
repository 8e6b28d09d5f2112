//! Debian's packages, where there are any.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;

/// apt-get on this machine, with the right to use it.
#[derive(Debug)]
pub(crate) struct Apt(());

impl Apt {
    /// Finds apt-get; `None` where there is none or we are not root.
    pub(crate) fn usable() -> Option<Self> {
        process::find_program("apt-get")?;
        process::find_program("dpkg-query")?;
        let user = process::output_of(Command::new("id").arg("-u")).ok()?;
        (user == "0").then_some(Self(()))
    }

    /// Installs those of `packages` that are missing. Never removes a package to make room for another.
    pub(crate) fn install(&self, packages: &[&str]) -> Result<()> {
        let missing: Vec<_> = packages.iter().filter(|name| !is_installed(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let names = missing
            .iter()
            .map(|name| **name)
            .collect::<Vec<_>>()
            .join(" ");
        eprintln!("   installing Debian's {names}");
        process::run(apt_get().arg("update")).context("apt-get cannot reach its sources")?;
        process::run(
            apt_get()
                .args(["install", "--yes", "--no-install-recommends", "--no-remove"])
                .args(missing),
        )
        .with_context(|| format!("apt-get could not install {names}"))
    }
}

/// Tells whether dpkg has this package installed; false where there is no dpkg.
pub(crate) fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    process::output_of(&mut query).is_ok_and(|status| status == "installed")
}

fn apt_get() -> Command {
    let mut apt = Command::new("apt-get");
    apt.args(["-qq", "-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
