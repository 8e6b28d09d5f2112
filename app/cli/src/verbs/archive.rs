//! Everything as standard files and the signed log, and the check of such a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use heqi_replica::archive::{ArchivedLog, Listed, Listing};
use heqi_replica::{Failure, Problem, Reply, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::charter_words::day_of;
use crate::context::Context;
use crate::finding::short;
use crate::progress::Bar;
use crate::shell::Shell;
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
    let partial = partial(dir);
    refuse_if_filled(&partial)?;
    let written = write(context, &mut shell, &partial);
    let placed = written.and_then(|written| {
        if dir.exists() {
            fs::remove_dir(dir).map_err(|error| failed(dir, &error))?;
        }
        fs::rename(&partial, dir).map_err(|error| failed(dir, &error))?;
        Ok(written)
    });
    let Written { files, envelopes } = match placed {
        Ok(written) => written,
        Err(trouble) => {
            // What is left of it is ours, and the reason that matters is the first one.
            let _ = fs::remove_dir_all(&partial);
            return Err(trouble);
        }
    };
    let path = dir.display().to_string();
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
    let (verified, exported) = heqi_replica::archive::verify(&files)?;
    let json = json!({
        "valid": true,
        "charter_entries": verified.charter_entries,
        "parties": verified.parties,
        "members": verified.members,
        "devices": verified.devices,
        "documents": verified.documents,
        "envelopes": verified.envelopes,
        "acknowledged": verified.acknowledged,
        "exported": {
            "member_id": exported.member.to_string(),
            "device": exported.device.to_string(),
            "removed": exported.removed,
            "at_ms": exported.at_ms,
        },
    });
    let mut text = say!(
        context.texts,
        "cli-verified",
        entries = verified.charter_entries,
        documents = verified.documents,
        envelopes = verified.envelopes,
        acknowledged = verified.acknowledged,
    );
    text.push('\n');
    text.push_str(&say!(
        context.texts,
        "cli-verified-export",
        member = short(exported.member),
        device = short(exported.device),
        day = day_of(exported.at_ms),
    ));
    if exported.removed {
        text.push('\n');
        text.push_str(&say!(context.texts, "cli-verified-removed"));
    }
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

/// What was written.
struct Written {
    files: usize,
    envelopes: u64,
}

/// Writes all files, the signed list of them last.
fn write(context: &Context, shell: &mut Shell, dir: &Path) -> Result<Written, Trouble> {
    let Some(Reply::Archive(archive)) = shell.ask(Request::Archive)?.transpose()? else {
        return Err(Failure::NotYetMember.into());
    };
    let mut listed = Vec::new();
    for (path, bytes) in &archive.files {
        listed.push(Listed::of(path, bytes));
        put(dir, path, bytes)?;
    }
    let envelopes: usize = archive.logs.iter().map(|log| log.entries.len()).sum();
    let what = say!(context.texts, "cli-writing");
    let mut bar = (Bar::of(context, what, envelopes as u64), 0);
    for log in &archive.logs {
        listed.push(write_log(shell.store(), log, dir, &mut bar)?);
    }
    let files = listed.len() + 1;
    let signed = shell.ask(Request::SignArchive(listed))?.transpose()?;
    let Some(Reply::Manifest { path, file }) = signed else {
        return Err(Failure::NotYetMember.into());
    };
    put(dir, &path, &file)?;
    let envelopes = envelopes as u64;
    Ok(Written { files, envelopes })
}

fn put(dir: &Path, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
    let path = place(dir, path)?;
    fs::write(&path, bytes).map_err(|error| failed(&path, &error))
}

/// Writes a log piece by piece; `bar` goes on from what is done.
fn write_log(
    store: &Store,
    log: &ArchivedLog,
    dir: &Path,
    bar: &mut (Bar, u64),
) -> Result<Listed, Trouble> {
    let path = place(dir, &log.path)?;
    let failed = |error: std::io::Error| failed(&path, &error);
    let mut out = BufWriter::new(fs::File::create(&path).map_err(failed)?);
    let mut listing = Listing::of(&log.path);
    let mut write = |bytes: &[u8]| {
        listing.add(bytes);
        out.write_all(bytes).map_err(failed)
    };
    write(&log.head())?;
    for entries in log.entries.chunks(ENVELOPES_AT_A_TIME) {
        for bytes in read_entries(store, entries)? {
            write(&bytes)?;
        }
        bar.1 += entries.len() as u64;
        bar.0.done(bar.1);
    }
    out.flush().map_err(failed)?;
    Ok(listing.whole())
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

/// Reads the files of a folder by relative path. What is no file, or lies too deep, is there without content: no
/// export holds such.
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
        if kind.is_dir() && depth < DEPTH_MAX {
            collect(&entry.path(), &format!("{path}/"), depth + 1, files)?;
        } else if kind.is_file() {
            files.insert(path, fs::read(entry.path()).map_err(unreadable)?);
        } else {
            files.insert(path, Vec::new());
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
