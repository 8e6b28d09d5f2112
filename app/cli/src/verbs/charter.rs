//! The signed history, its verification, and what people compare.

use std::collections::BTreeMap;

use heqi_protocol::DeviceId;
use heqi_replica::archive::verify_held;
use heqi_replica::{Differs, Directory, Failure, Reply, Request, Security};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::CharterVerb;
use crate::charter_words::{Named, kind};
use crate::context::Context;
use crate::finding::{device_id, short};
use crate::shell::Shell;
use crate::space::key;
use crate::table::Table;
use crate::trouble::{Exit, Trouble};
use heqi_wording::say;

pub(crate) fn on_charter(context: &Context, verb: &CharterVerb) -> Result<Answer, Trouble> {
    match verb {
        CharterVerb::Log => log(context),
        CharterVerb::Verify => self::verified(context),
    }
}

fn log(context: &Context) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let Some(Reply::History(history)) = shell.ask(Request::History)?.transpose()? else {
        return Err(Failure::NotYetMember.into());
    };
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let mut table = Table::default();
    let mut entries = Vec::new();
    for entry in &history {
        let sentence = named.entry(entry);
        let rotated: Vec<_> = entry.rotated.iter().map(|it| named.space(*it)).collect();
        let keys = match rotated.is_empty() {
            true => String::new(),
            false => say!(texts, "event-rotated", spaces = texts.listed(&rotated)),
        };
        table.row([
            (entry.position + 1).to_string(),
            format!("{sentence} {keys}").trim_end().to_owned(),
        ]);
        entries.push(json!({
            "number": entry.position + 1,
            "hash": entry.hash.to_string(),
            "type": kind(&entry.event),
            "author": entry.author.map(|id| named.member(id)),
            "author_id": entry.author.map(|id| id.to_string()),
            "device": entry.device.map(|id| id.to_string()),
            "sentence": sentence,
            "rotated": entry.rotated.iter().map(|space| key(*space)).collect::<Vec<_>>(),
        }));
    }
    Ok(Answer::new(json!({ "entries": entries }), table.text()))
}

/// Folds the stored charter anew; nothing that was folded before is taken for true.
fn verified(context: &Context) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let Some(Reply::Archive(archive)) = shell.ask(Request::Archive)?.transpose()? else {
        return Err(Failure::NotYetMember.into());
    };
    let files: BTreeMap<_, _> = archive
        .files
        .into_iter()
        .filter(|(path, _)| path.ends_with(".heqi"))
        .collect();
    let verified = verify_held(&files)?;
    let keys = shell.replica().check_keys();
    let security = security_of(&mut shell)?;
    let words = security.charter.0.join(" ");
    let json = json!({
        "valid": keys.unfit.is_empty(),
        "entries": verified.charter_entries,
        "parties": verified.parties,
        "members": verified.members,
        "devices": verified.devices,
        "keys": keys.held,
        "keys_unfit": keys.unfit.iter().map(|(space, _)| key(*space)).collect::<Vec<_>>(),
        "words": words,
    });
    let texts = &context.texts;
    let text = say!(
        texts,
        "cli-charter-verified",
        entries = verified.charter_entries,
        keys = keys.held,
        words = words,
    );
    let answer = Answer::new(json, text);
    Ok(match keys.unfit.first() {
        None => answer,
        Some((space, _)) => {
            let directory = shell.replica().directory();
            let named = Named {
                texts,
                directory: &directory,
            };
            let note = say!(texts, "cli-key-unfit", space = named.space(*space));
            answer.noted(Some(note), Exit::Misbehaviour)
        }
    })
}

/// What people compare; or an alarm is put away.
pub(crate) fn security(context: &Context, dismiss: Option<&str>) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    if let Some(text) = dismiss {
        let alarms = security_of(&mut shell)?.alarms;
        let raised: Vec<DeviceId> = alarms.iter().map(|alarm| alarm.device).collect();
        let device = device_id(&raised, text)?;
        shell.ask(Request::Dismiss(device))?.transpose()?;
    }
    let security = security_of(&mut shell)?;
    let json = security_json(context, &shell, &security);
    Ok(Answer::new(json, security_text(context, &shell, &security)))
}

fn security_of(shell: &mut Shell) -> Result<Security, Trouble> {
    match shell.ask(Request::Security)?.transpose()? {
        Some(Reply::Security(security)) => Ok(security),
        _ => Err(Failure::NotYetMember.into()),
    }
}

fn security_json(context: &Context, shell: &Shell, security: &Security) -> Value {
    let directory = shell.replica().directory();
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let logs = security.logs.iter().map(|log| {
        json!({
            "space": key(log.space),
            "document": log.document.to_string(),
            "seq": log.seq,
            "words": log.words.0.join(" "),
        })
    });
    let alarms = security.alarms.iter().map(|alarm| {
        let what = match alarm.what {
            Differs::Log { document, seq } => {
                json!({ "type": "log", "document": document.to_string(), "seq": seq })
            }
            Differs::Charter { position } => json!({ "type": "charter", "entries": position }),
        };
        json!({
            "device": alarm.device.to_string(),
            "member": named.owner(alarm.device),
            "differs": what,
        })
    });
    let who =
        |device: &DeviceId| json!({ "device": device.to_string(), "member": named.owner(*device) });
    let refused = security.refused.iter().map(|edit| {
        json!({
            "hash": edit.hash.to_string(),
            "document": edit.document.map(|document| document.to_string()),
            "by": edit.device.as_ref().map(who),
            "reason": edit.reason,
        })
    });
    let waiting = security.waiting.iter().map(|edit| {
        json!({
            "envelope": edit.envelope.to_string(),
            "document": edit.document.to_string(),
            "by": edit.device.as_ref().map(who),
        })
    });
    json!({
        "member_words": own_words(&directory),
        "charter_words": security.charter.0.join(" "),
        "charter_entries": security.charter_position,
        "relay": security.relay.to_string(),
        "device": security.device.to_string(),
        "logs": logs.collect::<Vec<_>>(),
        "alarms": alarms.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    })
}

fn security_text(context: &Context, shell: &Shell, security: &Security) -> String {
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let mut text = say!(texts, "cli-security-member", words = own_words(&directory));
    text.push('\n');
    text.push_str(&say!(
        texts,
        "cli-security-charter",
        entries = security.charter_position,
        words = security.charter.0.join(" "),
    ));
    text.push('\n');
    let mut table = Table::default();
    for log in &security.logs {
        table.row([
            format!("  {}", named.space(log.space)),
            log.seq.to_string(),
            log.words.0.join(" "),
        ]);
    }
    text.push_str(&say!(texts, "cli-security-logs"));
    text.push('\n');
    text.push_str(&table.text());
    text.push_str(&say!(
        texts,
        "cli-security-keys",
        relay = short(security.relay),
        device = short(security.device),
    ));
    text.push('\n');
    if security.alarms.is_empty() {
        text.push_str(&say!(texts, "cli-security-no-alarm"));
    }
    for alarm in &security.alarms {
        let who = named.owner(alarm.device);
        let device = short(alarm.device);
        text.push_str(&match alarm.what {
            Differs::Log { seq, .. } => {
                say!(
                    texts,
                    "cli-security-alarm-log",
                    who = who,
                    seq = seq,
                    device = device
                )
            }
            Differs::Charter { position } => say!(
                texts,
                "cli-security-alarm-charter",
                who = who,
                entry = position,
                device = device
            ),
        });
        text.push('\n');
    }
    let edits = edits_text(&named, security);
    if !edits.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text + &edits
}

/// Who wrote what was refused as invalid, and what waits.
fn edits_text(named: &Named<'_>, security: &Security) -> String {
    let texts = named.texts;
    let unknown = || say!(texts, "cli-security-nobody");
    let who = |device: Option<DeviceId>| device.map_or_else(unknown, |it| named.owner(it));
    let refused = security.refused.iter().map(|edit| {
        let text = say!(
            texts,
            "outside-refused",
            who = who(edit.device),
            edit = short(edit.hash),
            detail = edit.reason.as_str()
        );
        format!("! {text}")
    });
    let waiting = security.waiting.iter().map(|edit| {
        say!(
            texts,
            "outside-waiting",
            who = who(edit.device),
            edit = short(edit.envelope)
        )
    });
    refused.chain(waiting).map(|line| line + "\n").collect()
}

/// The words that this member reads to others.
fn own_words(directory: &Directory) -> String {
    let mut members = directory.parties.iter().flat_map(|party| &party.members);
    let me = members.find(|member| Some(member.id) == directory.me);
    me.map_or_else(String::new, |me| me.words.0.join(" "))
}
