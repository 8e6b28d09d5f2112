//! Edits that came too late: listed, exported by who was removed, taken in by a manager.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use heqi_protocol::{DocumentId, Hash};
use heqi_replica::{Act, Failure, LateEdit, Reply, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::args::LateVerb;
use crate::asking::{Asked, ask, carry_out};
use crate::charter_words::Named;
use crate::context::Context;
use crate::finding::{What, begins, one, short};
use crate::shell::Shell;
use crate::space::key;
use crate::store::make_private_file;
use crate::table::Table;
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

/// Bytes of a file of late edits.
const BYTES_MAX: u64 = 64 << 20;

pub(crate) async fn on_late(context: &Context, verb: LateVerb) -> Result<Answer, Trouble> {
    match verb {
        LateVerb::List => list(context),
        LateVerb::Export { file } => export(context, &file),
        LateVerb::LetGo => let_go(context),
        LateVerb::Take { what } => match what.as_slice() {
            [only] if Path::new(only).exists() => take_file(context, Path::new(only)).await,
            ids => take(context, ids).await,
        },
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let late = late_of(&mut shell)?;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let mut table = Table::default();
    for edit in &late {
        table.row([
            short(edit.envelope),
            named.member(edit.member),
            named.space(edit.space),
        ]);
    }
    let listed = late.iter().map(|edit| {
        json!({
            "id": edit.envelope.to_string(),
            "member": named.member(edit.member),
            "member_id": edit.member.to_string(),
            "device": edit.device.to_string(),
            "space": key(edit.space),
            "document": edit.document.to_string(),
            "seq": edit.seq,
        })
    });
    let json = json!({ "late": listed.collect::<Vec<_>>() });
    let text = match late.is_empty() {
        true => say!(texts, "cli-no-late"),
        false => table.text() + &say!(texts, "cli-late-take"),
    };
    Ok(Answer::new(json, text))
}

fn export(context: &Context, file: &Path) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let Some(Reply::LateFile { file: bytes, edits }) =
        shell.ask(Request::ExportLate)?.transpose()?
    else {
        return Err(Failure::NotYetMember.into());
    };
    let path = file.display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Trouble::from(Usage::FileExists(path.clone())),
        _ => Trouble::Write {
            path: path.clone(),
            cause: error.to_string(),
        },
    };
    let mut out = make_private_file(file).map_err(failed)?;
    out.write_all(&bytes).map_err(failed)?;
    out.sync_all().map_err(failed)?;
    let text = say!(
        context.texts,
        "cli-late-exported",
        count = edits,
        path = path.as_str()
    );
    Ok(Answer::new(json!({ "file": path, "edits": edits }), text))
}

fn let_go(context: &Context) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let before = shell.status().pending;
    shell.ask(Request::LetGo)?.transpose()?;
    let edits = before - shell.status().pending;
    let text = say!(context.texts, "cli-late-let-go", count = edits);
    Ok(Answer::new(json!({ "edits": edits }), text))
}

async fn take_file(context: &Context, file: &Path) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let bytes = read(file)?;
    let json = json!({ "file": file.display().to_string() });
    let done = say!(context.texts, "cli-late-taken");
    carry_out(context, shell, Act::TakeInFile(bytes), json, done).await
}

/// Takes in what the log holds, each document on its own.
async fn take(context: &Context, ids: &[String]) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let late = late_of(&mut shell)?;
    let mut documents: BTreeMap<DocumentId, Vec<Hash>> = BTreeMap::new();
    for id in ids {
        let found = late.iter().filter(|edit| begins(edit.envelope, id));
        let edit = one(What::Late, id, found.collect(), |edit| short(edit.envelope))?;
        let envelopes = documents.entry(edit.document).or_default();
        if !envelopes.contains(&edit.envelope) {
            envelopes.push(edit.envelope);
        }
    }
    let taken: Vec<_> = documents.values().flatten().map(Hash::to_string).collect();
    let json = json!({ "taken": taken });
    let done = say!(context.texts, "cli-late-taken");
    let last = documents.pop_last();
    for (document, envelopes) in documents {
        let act = Act::TakeIn {
            document,
            envelopes,
        };
        let asked = ask(&mut shell, context, act).await?;
        if let Asked::Stopped(problem) = asked {
            return Err(shell.stopped(problem));
        }
    }
    let (document, envelopes) = last.ok_or(Failure::NoLateEdits)?;
    let act = Act::TakeIn {
        document,
        envelopes,
    };
    carry_out(context, shell, act, json, done).await
}

fn late_of(shell: &mut Shell) -> Result<Vec<LateEdit>, Trouble> {
    match shell.ask(Request::Late)?.transpose()? {
        Some(Reply::Late(late)) => Ok(late),
        _ => Err(Failure::NotYetMember.into()),
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
