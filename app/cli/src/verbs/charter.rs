//! The signed history, and its verification.

use std::collections::BTreeMap;

use heqi_replica::archive::verify_held;
use heqi_replica::{Failure, Reply, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::args::CharterVerb;
use crate::charter_words::{Named, kind};
use crate::context::Context;
use crate::space::key;
use crate::table::Table;
use crate::trouble::{Exit, Trouble};
use crate::verbs::security::security_of;
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
