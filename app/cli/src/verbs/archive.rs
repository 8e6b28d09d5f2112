//! Everything as standard files and the signed log, and the check of such a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use heqi_replica::archive::{Archive, ArchivedLog, Invalid};
use heqi_replica::{Failure, Problem, Reply, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::context::Context;
use crate::progress::Bar;
use crate::store::Store;
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

/// Envelopes read from the store at a time: at most this many MiB.
const ENVELOPES_AT_A_TIME: usize = 16;
/// Folders below the exported one; an export has one level.
const DEPTH_MAX: usize = 4;

/// Writes into a folder beside the wanted one and puts it in place when it is whole.
pub(crate) fn export(context: &Context, dir: &Path) -> Result<Answer, Trouble> {
    refuse_if_filled(dir)?;
    let mut shell = context.open()?;
    let Some(Reply::Archive(archive)) = shell.ask(Request::Archive)?.transpose()? else {
        return Err(Failure::NotYetMember.into());
    };
    let partial = partial(dir);
    refuse_if_filled(&partial)?;
    let written = write(context, &archive, shell.store(), &partial);
    let placed = written.and_then(|envelopes| {
        if dir.exists() {
            fs::remove_dir(dir).map_err(|error| failed(dir, &error))?;
        }
        fs::rename(&partial, dir).map_err(|error| failed(dir, &error))?;
        Ok(envelopes)
    });
    let envelopes = match placed {
        Ok(envelopes) => envelopes,
        Err(trouble) => {
            // What is left of it is ours, and the reason that matters is the first one.
            let _ = fs::remove_dir_all(&partial);
            return Err(trouble);
        }
    };
    let path = dir.display().to_string();
    let files = archive.files.len() + archive.logs.len();
    let json = json!({ "dir": path, "files": files, "envelopes": envelopes });
    let text = say!(
        context.texts,
        "cli-exported",
        count = envelopes,
        path = path.as_str()
    );
    Ok(Answer::new(json, text))
}

pub(crate) fn verify(context: &Context, dir: &Path) -> Result<Answer, Trouble> {
    let mut files = BTreeMap::new();
    collect(dir, "", 0, &mut files)?;
    // Automerge's loader is not made for hostile files: should it panic on one, that file is invalid like any other.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let verified = std::panic::catch_unwind(|| heqi_replica::archive::verify(&files));
    std::panic::set_hook(hook);
    let verified = verified.unwrap_or_else(|_| {
        Err(Invalid::Unreadable {
            path: dir.display().to_string(),
            reason: "a document in it is damaged".into(),
        })
    })?;
    let json = json!({
        "valid": true,
        "charter_entries": verified.charter_entries,
        "parties": verified.parties,
        "members": verified.members,
        "devices": verified.devices,
        "documents": verified.documents,
        "envelopes": verified.envelopes,
        "acknowledged": verified.acknowledged,
    });
    let text = say!(
        context.texts,
        "cli-verified",
        entries = verified.charter_entries,
        documents = verified.documents,
        envelopes = verified.envelopes,
        acknowledged = verified.acknowledged,
    );
    Ok(Answer::new(json, text))
}

fn refuse_if_filled(dir: &Path) -> Result<(), Trouble> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Usage::FolderNotEmpty(dir.display().to_string()).into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(dir, &error)),
    }
}

fn partial(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    dir.with_file_name(name)
}

/// Writes all files; answers with the number of envelopes.
fn write(context: &Context, archive: &Archive, store: &Store, dir: &Path) -> Result<u64, Trouble> {
    for (path, bytes) in &archive.files {
        let path = place(dir, path)?;
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
    }
    let total: usize = archive.logs.iter().map(|log| log.entries.len()).sum();
    let bar = Bar::of(context, say!(context.texts, "cli-writing"), total as u64);
    let mut done = 0;
    for log in &archive.logs {
        let path = place(dir, &log.path)?;
        let file = fs::File::create(&path).map_err(|error| failed(&path, &error))?;
        let mut out = BufWriter::new(file);
        out.write_all(&log.head())
            .map_err(|error| failed(&path, &error))?;
        for entries in log.entries.chunks(ENVELOPES_AT_A_TIME) {
            for bytes in read_entries(store, entries)? {
                out.write_all(&bytes)
                    .map_err(|error| failed(&path, &error))?;
            }
            done += entries.len() as u64;
            bar.done(done);
        }
        out.flush().map_err(|error| failed(&path, &error))?;
    }
    Ok(done)
}

fn read_entries(
    store: &Store,
    entries: &[(heqi_protocol::Hash, u64)],
) -> Result<Vec<Vec<u8>>, Trouble> {
    let hashes = entries.iter().map(|(hash, _)| *hash).collect();
    let found = store.envelopes(hashes)?;
    found
        .into_iter()
        .zip(entries)
        .map(|((_, envelope), (_, charter_position))| {
            let entry = envelope.and_then(|bytes| ArchivedLog::entry(*charter_position, bytes));
            entry.ok_or(Trouble::Stopped(Problem::EnvelopeMissing))
        })
        .collect()
}

/// The path of a file below `dir`, its folder made.
fn place(dir: &Path, relative: &str) -> Result<PathBuf, Trouble> {
    let path = dir.join(relative);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    Ok(path)
}

/// Reads the files of an export by relative path; links are not followed.
fn collect(
    dir: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Read {
        path: dir.display().to_string(),
        cause: error.to_string(),
    };
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let known = [".heqi", ".log", ".automerge"]
            .iter()
            .any(|end| name.ends_with(end));
        if kind.is_dir() && depth < DEPTH_MAX {
            collect(&entry.path(), &format!("{path}/"), depth + 1, files)?;
        } else if kind.is_file() && known {
            files.insert(path, fs::read(entry.path()).map_err(unreadable)?);
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Write {
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}
