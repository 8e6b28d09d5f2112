//! Builds the web client: two wasm binaries, their JavaScript, the page around them, everything compressed.
//!
//! `app/web/static/` is copied into the result. Its text files may name things by placeholders in two pairs of braces:
//! `ui_js`, `ui_wasm`, `worker_js` and `worker_wasm` are the two binaries; `style_css` is the file `style.css` of the
//! same folder, and so for any file of it; `build` is a hash of the whole client; `files`, for the service worker, is a
//! JSON list of all addresses but the service worker's own. What is named by a placeholder lies under `/assets/`, with
//! a hash of its content in its address, and may be cached for ever. Everything else keeps its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::wasm::{self, Toolchain};
use crate::workspace::Workspace;

mod bindgen;
mod compress;
mod layout;
mod tree;

/// How the two binaries are compiled and compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// As small as can be.
    Wasm,
    /// Quick to build, for tests and development.
    WasmTest,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::WasmTest => "wasm-test",
        }
    }

    fn default_folder(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join(match self {
            Self::Wasm => "web",
            Self::WasmTest => "web-test",
        })
    }

    fn names(self) -> bindgen::Names {
        match self {
            Self::Wasm => bindgen::Names::Removed,
            Self::WasmTest => bindgen::Names::Kept,
        }
    }

    fn effort(self) -> compress::Effort {
        match self {
            Self::Wasm => compress::Effort::Best,
            Self::WasmTest => compress::Effort::Quick,
        }
    }
}

/// What puts the client together. The running program itself is no measure: cargo may replace it meanwhile.
const PROGRAM: [&str; 5] = [
    include_str!("web.rs"),
    include_str!("web/bindgen.rs"),
    include_str!("web/compress.rs"),
    include_str!("web/layout.rs"),
    include_str!("web/tree.rs"),
];

/// A binary of `heqi-web`, and the feature that makes it.
#[derive(Clone, Copy)]
struct Binary {
    name: &'static str,
    key: &'static str,
}

const BINARIES: [Binary; 2] = [
    Binary {
        name: "heqi-ui",
        key: "ui",
    },
    Binary {
        name: "heqi-worker",
        key: "worker",
    },
];

/// `cargo xtask web`.
pub(crate) fn command(workspace: &Workspace, profile: Profile, out: Option<PathBuf>) -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    let out = match out {
        Some(out) => std::path::absolute(out)?,
        None => profile.default_folder(workspace),
    };
    build_into(workspace, &toolchain, profile, &out)
}

/// Builds the client into the profile's own folder under `target` and returns that folder.
pub(crate) fn build(
    workspace: &Workspace,
    toolchain: &Toolchain,
    profile: Profile,
) -> Result<PathBuf> {
    let out = profile.default_folder(workspace);
    build_into(workspace, toolchain, profile, &out)?;
    Ok(out)
}

fn build_into(
    workspace: &Workspace,
    toolchain: &Toolchain,
    profile: Profile,
    out: &Path,
) -> Result<()> {
    match profile {
        Profile::Wasm => {
            for binary in BINARIES {
                compile(workspace, toolchain, profile, &[binary])?;
            }
        }
        // What both need is compiled once; what the other needs is left out by the linker, by and large.
        Profile::WasmTest => compile(workspace, toolchain, profile, &BINARIES)?,
    }
    let source = Source {
        wasm: BINARIES.map(|binary| wasm_file(workspace, profile, &binary)),
        page: workspace.root.join("app/web/static"),
    };
    let stamp = source.stamp(workspace, profile)?;
    let stamp_file = out.with_extension("stamp");
    if out.is_dir() && fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        return Ok(());
    }
    let started = Instant::now();
    let files = source.laid_out(
        profile,
        &workspace.target.join("bindgen").join(profile.name()),
    )?;
    let sizes = replace(out, &files, profile.effort())?;
    fs::write(stamp_file, stamp)?;
    report(out, &sizes, started);
    Ok(())
}

fn compile(
    workspace: &Workspace,
    toolchain: &Toolchain,
    profile: Profile,
    binaries: &[Binary],
) -> Result<()> {
    let mut cargo = toolchain.cargo(workspace);
    cargo.args([
        "build",
        "--locked",
        "--package",
        "heqi-web",
        "--target",
        wasm::TARGET,
        "--profile",
        profile.name(),
    ]);
    for binary in binaries {
        cargo.args(["--features", binary.key, "--bin", binary.name]);
    }
    if profile == Profile::Wasm {
        cargo.args(["--config", &flags(workspace)?]);
    }
    process::run(&mut cargo).context("the client does not build")
}

/// Compiler flags of the smallest client, as a line of cargo's configuration.
fn flags(workspace: &Workspace) -> Result<String> {
    // Leptos makes one type of every view unless told to erase them, and each is code of its own.
    let mut flags = vec!["--cfg=erase_components".to_owned()];
    flags.extend(without_paths(workspace)?);
    let flags = serde_json::Value::from(flags);
    Ok(format!("target.{}.rustflags={flags}", wasm::TARGET))
}

/// Keeps the folders of this machine out of the messages compiled into the client.
fn without_paths(workspace: &Workspace) -> Result<[String; 2]> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()
            .context("HOME is not set")?
            .join(".cargo"),
    };
    let flag = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    Ok([
        flag(&cargo_home.join("registry/src"), "/crates"),
        flag(&workspace.root, "/heqi"),
    ])
}

fn wasm_file(workspace: &Workspace, profile: Profile, binary: &Binary) -> PathBuf {
    let folder = workspace.target.join(wasm::TARGET).join(profile.name());
    folder.join(format!("{}.wasm", binary.name))
}

/// What the client is put together from.
struct Source {
    wasm: [PathBuf; BINARIES.len()],
    page: PathBuf,
}

impl Source {
    /// A hash of all that goes in, including what puts it together: equal stamps mean an equal client.
    fn stamp(&self, workspace: &Workspace, profile: Profile) -> Result<String> {
        let mut inputs = tree::read(&self.page)?;
        for file in &self.wasm {
            inputs.insert(file.display().to_string(), fs::read(file)?);
        }
        let lock = fs::read(workspace.root.join("Cargo.lock"))?;
        inputs.insert("Cargo.lock".to_owned(), lock);
        let program = [profile.name(), &PROGRAM.concat()].join(" ");
        inputs.insert("program".to_owned(), program.into_bytes());
        Ok(tree::hash(&inputs))
    }

    /// All files of the client by their address below the root.
    fn laid_out(&self, profile: Profile, scratch: &Path) -> Result<tree::Files> {
        let mut bound = Vec::new();
        for (binary, wasm) in BINARIES.iter().zip(&self.wasm) {
            eprintln!("   binding {} to JavaScript", binary.name);
            bound.push(layout::Bound {
                key: binary.key,
                name: binary.name,
                files: bindgen::bind(
                    wasm,
                    binary.name,
                    profile.names(),
                    &scratch.join(binary.name),
                )?,
            });
        }
        layout::lay_out(&tree::read(&self.page)?, &bound)
    }
}

/// Writes the client beside the old one and then puts it in its place, so that nobody is served half of each.
fn replace(out: &Path, files: &tree::Files, effort: compress::Effort) -> Result<compress::Sizes> {
    let Some(name) = out.file_name() else {
        bail!("{} is no folder to put the client in", out.display());
    };
    let next = out.with_file_name(format!("{}.next", name.to_string_lossy()));
    let last = out.with_file_name(format!("{}.last", name.to_string_lossy()));
    for folder in [&next, &last] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    let sizes = compress::write(&next, files, out, effort)?;
    if out.exists() {
        fs::rename(out, &last)?;
    }
    fs::rename(&next, out)?;
    if last.exists() {
        fs::remove_dir_all(&last)?;
    }
    Ok(sizes)
}

fn report(out: &Path, sizes: &compress::Sizes, started: Instant) {
    for (name, size) in sizes {
        if name.ends_with(".wasm") {
            let (plain, brotli) = (size.plain / 1000, size.brotli / 1000);
            eprintln!("   {name}: {plain} kB, {brotli} kB brotli");
        }
    }
    eprintln!(
        "   client in {}: {}",
        out.display(),
        process::spent(started.elapsed())
    );
}
