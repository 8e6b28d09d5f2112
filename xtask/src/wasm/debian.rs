//! A rustup toolchain made from the Rust that Debian ships to build its browsers.
//!
//! Debian has a recent compiler and the sources of its standard library, but not that library compiled for wasm32.
//! It is compiled here once (two minutes or so) into a folder of our own, which is linked into rustup under a name of
//! its own. Nothing of Debian or rustup is changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::TARGET;
use crate::apt::Apt;
use crate::process;

/// The name rustup knows it by.
pub(crate) const NAME: &str = "debian-wasm";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const RUSTLIB: &str = "/usr/lib/rustlib";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The folder the toolchain lives in, under the user's cache.
pub(crate) fn folder() -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => std::env::home_dir()
            .context("HOME is not set")?
            .join(".cache"),
    };
    Ok(cache.join("heqi").join(NAME))
}

/// Tells whether the toolchain is there and compiles: after an update of Debian's compiler it no longer does.
pub(crate) fn is_ready(folder: &Path) -> bool {
    let rustc = folder.join("bin/rustc");
    let probe = folder.join("probe.rs");
    rustc.is_file()
        && fs::write(&probe, "pub fn probe() -> String { String::new() }\n").is_ok()
        && process::output_of(
            Command::new(rustc)
                .args([
                    "--crate-type=lib",
                    "--emit=metadata",
                    "--target",
                    TARGET,
                    "-o",
                ])
                .arg(folder.join("probe.rmeta"))
                .arg(probe)
                .env_remove("LD_LIBRARY_PATH"),
        )
        .is_ok()
}

/// Installs Debian's compiler, compiles the standard library for wasm32 and links the result into rustup.
pub(crate) fn make(apt: &Apt, folder: &Path) -> Result<()> {
    let beside = folder
        .parent()
        .context("the toolchain has a folder of its own")?;
    fs::create_dir_all(beside)?;
    let lock = fs::File::create(beside.join(format!("{NAME}.lock")))?;
    if lock.try_lock().is_err() {
        eprintln!("   another run is making the WebAssembly toolchain: waiting for it");
        lock.lock()?;
    }
    if !is_ready(folder) {
        process::step(
            "WebAssembly toolchain from Debian's packages (once)",
            || {
                apt.install(&PACKAGES)?;
                apt.install(&[&linker_package()?])?;
                // Only a finished toolchain gets the name, so that a run that was stopped leaves nothing half done.
                let draft = beside.join(format!("{NAME}.draft"));
                remove_if_there(&draft)?;
                lay_out(&draft, folder)?;
                compile_std(&draft)?;
                remove_if_there(folder)?;
                fs::rename(&draft, folder)?;
                Ok(())
            },
        )?;
        if !is_ready(folder) {
            bail!(
                "the toolchain in {} does not compile for {TARGET}",
                folder.display()
            );
        }
    }
    link(folder)
}

/// Makes rustup know the toolchain, unless it does.
pub(crate) fn link(folder: &Path) -> Result<()> {
    let mut known = Command::new("rustup");
    known
        .args(["run", NAME, "rustc", "--print", "sysroot"])
        .env_remove("LD_LIBRARY_PATH");
    if process::output_of(&mut known).is_ok_and(|sysroot| Path::new(&sysroot) == folder) {
        return Ok(());
    }
    let mut link = Command::new("rustup");
    link.args(["toolchain", "link", NAME]).arg(folder);
    process::output_of(&mut link).context("rustup is needed to choose the toolchain")?;
    Ok(())
}

/// The linker that belongs to the LLVM of Debian's compiler.
fn linker_package() -> Result<String> {
    Ok(format!("lld-{}", llvm_major(&version_of_rustc()?)?))
}

fn version_of_rustc() -> Result<String> {
    process::output_of(Command::new(RUSTC).arg("-vV").env_remove("LD_LIBRARY_PATH"))
}

fn llvm_major(version: &str) -> Result<&str> {
    let llvm = field(version, "LLVM version")?;
    Ok(llvm.split('.').next().unwrap_or(llvm))
}

/// One field of what `rustc -vV` prints.
fn field<'a>(version: &'a str, name: &str) -> Result<&'a str> {
    version
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .with_context(|| format!("`{RUSTC} -vV` tells no {name}"))
}

/// Lays out the folders of a toolchain in `draft`, as they are to work once it is moved to `folder`.
fn lay_out(draft: &Path, folder: &Path) -> Result<()> {
    let version = version_of_rustc()?;
    let host = field(&version, "host")?;
    let rustlib = draft.join("lib/rustlib");
    for made in [
        draft.join("bin"),
        rustlib.join(host).join("bin"),
        rustlib.join(TARGET).join("lib"),
    ] {
        fs::create_dir_all(made)?;
    }
    symlink(
        format!("{RUSTLIB}/{host}/lib"),
        rustlib.join(host).join("lib"),
    )?;
    symlink(format!("{RUSTLIB}/src"), rustlib.join("src"))?;
    symlink(
        format!("/usr/lib/llvm-{}/bin/lld", llvm_major(&version)?),
        rustlib.join(host).join("bin/rust-lld"),
    )?;
    symlink(CARGO, draft.join("bin/cargo"))?;
    symlink("/usr/bin/rustdoc", draft.join("bin/rustdoc"))?;
    let rustc = draft.join("bin/rustc");
    let wrapper = format!(
        "#!/bin/sh\nexec {RUSTC} --sysroot '{}' \"$@\"\n",
        folder.display()
    );
    fs::write(&rustc, wrapper)?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Compiles the standard library for wasm32 from Debian's sources into the toolchain in `draft`.
fn compile_std(draft: &Path) -> Result<()> {
    let build = draft.join("build");
    fs::create_dir_all(build.join("src"))?;
    fs::write(build.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        build.join("Cargo.toml"),
        "[package]\nname = \"sysroot\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
         [profile.release]\ncodegen-units = 1\n[workspace]\n",
    )?;
    let compiled = build.join("target");
    process::run(
        Command::new(CARGO)
            .args(["build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro")
            .current_dir(&build)
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &compiled)
            .env("RUSTFLAGS", flags()?)
            .env_remove("LD_LIBRARY_PATH"),
    )
    .context("the standard library does not compile for wasm32")?;
    let libraries = draft.join("lib/rustlib").join(TARGET).join("lib");
    for entry in fs::read_dir(compiled.join(TARGET).join("release/deps"))? {
        let file = entry?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libsysroot-") {
            fs::copy(&file, libraries.join(name))?;
        }
    }
    fs::remove_dir_all(build)?;
    Ok(())
}

/// As Rust's own builds have it: bitcode for link-time optimisation, and no paths of this machine.
fn flags() -> Result<String> {
    let version = version_of_rustc()?;
    let sources = fs::canonicalize(format!("{RUSTLIB}/src/rust"))?;
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()
            .context("HOME is not set")?
            .join(".cargo"),
    };
    Ok(format!(
        "-Cembed-bitcode=yes --remap-path-prefix={}=/rustc/{} --remap-path-prefix={}=/cargo",
        sources.display(),
        field(&version, "commit-hash")?,
        cargo_home.join("registry/src").display(),
    ))
}

fn remove_if_there(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "rustc 1.96.0 (ac68faa20 2026-05-25)\nbinary: rustc\ncommit-hash: ac68faa20\n\
                           host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8";

    #[test]
    fn linker_follows_the_llvm_of_the_compiler() {
        assert_eq!(llvm_major(VERSION).unwrap(), "22");
        assert_eq!(field(VERSION, "host").unwrap(), "x86_64-unknown-linux-gnu");
        assert!(field(VERSION, "commit-date").is_err());
    }

    #[test]
    fn toolchain_that_is_not_there_is_not_ready() {
        let nowhere = tempfile::tempdir().unwrap();
        assert!(!is_ready(nowhere.path()));
    }
}
