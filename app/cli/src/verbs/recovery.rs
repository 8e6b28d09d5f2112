//! The recovery kit: a key that may only add a device, as words, a QR code and a file.

use std::io::{Read, Write};
use std::path::Path;

use heqi_replica::{
    Act, BadSealedFile, CodeLink, Failure, RecoveryKit, Reply, Request, StartError, open_file,
    seal_file,
};
use heqi_wording::{Language, say};
use serde_json::json;

use super::beginning::begin_device;
use super::device::link_of;
use super::qr;
use crate::answer::Answer;
use crate::args::{Code, RecoveryVerb};
use crate::asking::ask_now;
use crate::context::{Context, random};
use crate::finding::{self, short};
use crate::passphrase;
use crate::store::make_private_file;
use crate::syncing::sync;
use crate::trouble::{Trouble, Usage};

/// No recovery kit is as large; what is larger is none.
const BYTES_MAX: u64 = 64 << 10;
/// Words in a line.
const WORDS_A_LINE: usize = 4;

pub(crate) async fn on_recovery(context: &Context, verb: RecoveryVerb) -> Result<Answer, Trouble> {
    match verb {
        RecoveryVerb::Make { file, passphrase } => make(context, file.as_deref(), passphrase).await,
        RecoveryVerb::Keep { id } => keep(context, &id).await,
        RecoveryVerb::Use(code) => {
            let link = kit(context, &code).await?;
            begin_device(context, &link, "cli-recovered").await
        }
    }
}

async fn make(context: &Context, file: Option<&Path>, is_sealed: bool) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let passphrase = match is_sealed {
        true => Some(passphrase::choose(&context.texts)?),
        false => None,
    };
    // Before the kit is made: whoever has it counts on it.
    let out = file.map(create).transpose()?;
    let reply = ask_now(&mut shell, context, Act::MakeRecoveryKit).await;
    let saved = reply.and_then(|reply| {
        let Reply::RecoveryKit(kit) = reply else {
            return Err(Failure::NotYetMember.into());
        };
        if let (Some(mut out), Some(file)) = (out, file) {
            let bytes = match &passphrase {
                Some(passphrase) => seal_file(&kit.file, passphrase, random()?),
                None => kit.file.clone(),
            };
            let written = out.write_all(&bytes).and_then(|()| out.sync_all());
            let named = written.and_then(|()| sync_folder(file));
            named.map_err(|error| failed(file, &error))?;
        }
        Ok(kit)
    });
    let kit = match saved {
        Ok(kit) => kit,
        Err(trouble) => {
            // An empty file would pass for a kit.
            let _ = file.map(std::fs::remove_file);
            return Err(trouble);
        }
    };
    // A file is where it was asked to be. What a terminal shows is nowhere yet, and those before are all there is.
    if file.is_some() {
        shell.ask(Request::KeepKit(kit.id))?.transpose()?;
    }
    let synced = sync(&mut shell, context).await?;
    let relay = &shell.replica().directory().relay_url;
    Ok(answer(context, &kit, file, is_sealed, relay).synced(&synced, &context.texts))
}

async fn keep(context: &Context, text: &str) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    shell.in_venture()?;
    let id = finding::invite(&shell.replica().directory(), text)?;
    shell.ask(Request::KeepKit(id))?.transpose()?;
    let synced = sync(&mut shell, context).await?;
    let json = json!({ "id": id.to_string() });
    let text = match synced.is_acknowledged() {
        true => say!(context.texts, "cli-recovery-kept"),
        false => say!(context.texts, "cli-recovery-kept-here"),
    };
    Ok(Answer::new(json, text).synced(&synced, &context.texts))
}

fn answer(
    context: &Context,
    kit: &RecoveryKit,
    file: Option<&Path>,
    is_sealed: bool,
    relay: &str,
) -> Answer {
    let texts = &context.texts;
    let path = file.map(|file| file.display().to_string());
    let json = json!({
        "id": kit.id.to_string(),
        "file": path,
        "sealed": is_sealed,
        "link": kit.link,
        "words": kit.words.join(" "),
        "words_zh": kit.chinese_words.join(" "),
        "relay": relay,
        "kept": file.is_some(),
    });
    let words = match context.language {
        Language::English => &kit.words,
        Language::Chinese => &kit.chinese_words,
    };
    let lines: Vec<_> = words
        .chunks(WORDS_A_LINE)
        .map(|line| format!("    {}", line.join(" ")))
        .collect();
    let mut text = qr(&kit.link);
    text.push_str(&say!(texts, "cli-recovery-words", relay = relay));
    text.push_str(&format!("\n\n{}\n\n", lines.join("\n")));
    if let Some(path) = &path {
        text.push_str(&say!(texts, "cli-recovery-saved", path = path.as_str()));
        text.push('\n');
        if is_sealed {
            text.push_str(&say!(texts, "cli-recovery-sealed"));
            text.push('\n');
        }
    }
    text.push_str(&say!(texts, "cli-recovery-secret"));
    if path.is_none() {
        text.push('\n');
        text.push_str(&say!(texts, "cli-recovery-keep", id = short(kit.id)));
    }
    Answer::new(json, text)
}

/// A kit from its file, link or words.
async fn kit(context: &Context, given: &Code) -> Result<CodeLink, Trouble> {
    let as_file = match given.code.as_slice() {
        [only] if !CodeLink::is_one(only) && is_path(only) => Some(only),
        _ => None,
    };
    match as_file {
        Some(file) => {
            let bytes = read(Path::new(file))?;
            let file = match open_file(&bytes, None) {
                Err(BadSealedFile::PassphraseNeeded) => {
                    let passphrase = passphrase::ask(&context.texts, "cli-passphrase")?;
                    open_file(&bytes, passphrase.as_deref())
                }
                other => other,
            };
            let file = file.map_err(Trouble::Sealed)?;
            Ok(CodeLink::from_file(&file).map_err(StartError::from)?)
        }
        None => link_of(context, given).await,
    }
}

/// True for what is a file, or can be nothing else.
fn is_path(text: &str) -> bool {
    text.contains(['/', '\\', '.']) || Path::new(text).exists()
}

/// Has the name of a file outlast a loss of power, where the folder may be read and its file system can do that.
fn sync_folder(file: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let synced = match cfg!(unix) {
        true => std::fs::File::open(folder.unwrap_or(Path::new("."))).and_then(|it| it.sync_all()),
        false => Ok(()),
    };
    synced.or_else(|error| match error.kind() {
        InvalidInput | PermissionDenied | Unsupported => Ok(()),
        _ => Err(error),
    })
}

/// Makes the file where only its owner reads it; never over another file.
fn create(file: &Path) -> Result<std::fs::File, Trouble> {
    make_private_file(file).map_err(|error| failed(file, &error))
}

fn failed(file: &Path, error: &std::io::Error) -> Trouble {
    let path = file.display().to_string();
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => Usage::FileExists(path).into(),
        _ => Trouble::Write {
            path,
            cause: error.to_string(),
        },
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Trouble> {
    let failed = |error: std::io::Error| Trouble::Read {
        path: file.display().to_string(),
        cause: error.to_string(),
    };
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(failed)?;
    open.take(BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}
