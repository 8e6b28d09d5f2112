//! Makes the JavaScript that loads a wasm binary.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::tree::{self, Files};

/// What becomes of the names of functions, which only a stack trace shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    Kept,
    Removed,
}

/// Binds a wasm file for use as an ES module and returns what came of it: `NAME.js`, `NAME_bg.wasm`, snippets.
pub(crate) fn bind(wasm: &Path, name: &str, names: Names, scratch: &Path) -> Result<Files> {
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .remove_name_section(names == Names::Removed)
        .remove_producers_section(true)
        .generate(scratch)
        .with_context(|| format!("wasm-bindgen cannot bind {name}"))?;
    tree::read(scratch)
}
