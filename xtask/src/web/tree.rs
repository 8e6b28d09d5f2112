//! A folder as a map in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// Contents by path, its parts parted by `/`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Reads a folder with all folders in it.
pub(crate) fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    read_into(folder, "", &mut files)?;
    Ok(files)
}

/// A short hash of names and contents, in hexadecimal.
pub(crate) fn hash(files: &Files) -> String {
    let mut hasher = Sha256::new();
    for (name, content) in files {
        for part in [name.as_bytes(), content] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize()[..8])
}

fn read_into(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("{} is no name for the web", entry.path().display());
        };
        // Editors leave hidden files behind.
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read_into(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_tells_name_from_content() {
        let files = |name: &str, content: &str| Files::from([(name.to_owned(), content.into())]);
        assert_ne!(hash(&files("ab", "c")), hash(&files("a", "bc")));
        assert_eq!(hash(&files("a", "b")), hash(&files("a", "b")));
    }

    #[test]
    fn folder_is_read_with_its_folders_and_without_hidden_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("icons")).unwrap();
        for name in ["index.html", "icons/icon.svg", ".index.html.swp"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let files = read(folder.path()).unwrap();
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            ["icons/icon.svg", "index.html"]
        );
        assert_eq!(files["icons/icon.svg"], b"icons/icon.svg");
    }
}
