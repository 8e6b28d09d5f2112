//! Members: who they are, what they may do, and their removal.

use std::io::{BufRead, Write};

use heqi_protocol::charter::Target;
use heqi_protocol::{Role, Roles};
use heqi_replica::{Act, Directory, MemberEntry, PartyEntry};
use serde_json::{Value, json};

use super::invite;
use crate::answer::Answer;
use crate::args::MemberVerb;
use crate::asking::{self, carry_out};
use crate::charter_words::{role_names, roles};
use crate::context::Context;
use crate::finding::{member, short};
use crate::table::Table;
use crate::trouble::{Trouble, Usage};
use heqi_wording::{Texts, say};

pub(crate) async fn on_member(context: &Context, verb: MemberVerb) -> Result<Answer, Trouble> {
    match verb {
        MemberVerb::List => list(context),
        MemberVerb::Remove { name } => remove(context, &name).await,
        MemberVerb::Grant { name, roles } => {
            let granted = Roles::new(&roles);
            let with = move |now: Roles| Roles::which(|role| now.has(role) || granted.has(role));
            set_roles(context, &name, with).await
        }
        MemberVerb::Revoke { name, roles } => {
            let taken = Roles::new(&roles);
            let without = move |now: Roles| Roles::which(|role| now.has(role) && !taken.has(role));
            set_roles(context, &name, without).await
        }
        MemberVerb::Name { name, new } => rename(context, &name, new).await,
        MemberVerb::Confirm { name, yes } => confirm(context, &name, yes).await,
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let parties = directory.parties.iter().map(|party| {
        let members = party.members.iter();
        let members: Vec<_> = members.map(|it| member_json(&directory, it)).collect();
        json!({
            "id": party.id.to_string(),
            "name": party.name,
            "code": party.code,
            "removed": party.is_removed,
            "members": members,
        })
    });
    let json = json!({
        "venture": directory.venture,
        "relay": directory.relay_url,
        "parties": parties.collect::<Vec<_>>(),
        "invites": invite::listed(&directory),
    });
    Ok(Answer::new(json, text(&context.texts, &directory)))
}

async fn remove(context: &Context, name: &str) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (party, member) = member(&directory, name)?;
    let json = json!({ "member": who_json(party, member) });
    let done = say!(
        context.texts,
        "cli-member-removed",
        name = member.name.as_str()
    );
    let act = Act::Remove(Target::Member(member.id));
    carry_out(context, shell, act, json, done).await
}

async fn rename(context: &Context, name: &str, new: String) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (party, member) = member(&directory, name)?;
    let json = json!({ "member": who_json(party, member) });
    let done = say!(
        context.texts,
        "cli-named",
        before = member.name.as_str(),
        name = new.trim()
    );
    asking::rename(context, shell, Target::Member(member.id), new, json, done).await
}

async fn set_roles(
    context: &Context,
    name: &str,
    change: impl FnOnce(Roles) -> Roles,
) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (party, member) = member(&directory, name)?;
    let after = change(member.roles);
    if after.is_empty() {
        return Err(Usage::LastRole.into());
    }
    let mut json = json!({ "member": who_json(party, member) });
    json["member"]["roles"] = role_names(after).into();
    let done = say!(
        context.texts,
        "cli-roles-set",
        name = member.name.as_str(),
        roles = roles(&context.texts, after),
    );
    let chosen: Vec<Role> = after.iter().collect();
    let act = Act::SetRoles {
        member: member.id,
        roles: chosen,
    };
    carry_out(context, shell, act, json, done).await
}

async fn confirm(context: &Context, name: &str, yes: bool) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (party, member) = member(&directory, name)?;
    let words = member.words.0.join(" ");
    let texts = &context.texts;
    if !yes {
        if context.json {
            return Err(Usage::NotConfirmed.into());
        }
        let question = say!(
            texts,
            "cli-confirm-question",
            name = member.name.as_str(),
            words = words.as_str()
        );
        if !agrees(&question) {
            return Err(Usage::NotConfirmed.into());
        }
    }
    let mut json = json!({ "member": who_json(party, member) });
    json["words"] = words.as_str().into();
    let done = say!(
        texts,
        "cli-member-confirmed",
        name = member.name.as_str(),
        words = words.as_str()
    );
    let act = Act::Confirm(member.id);
    carry_out(context, shell, act, json, done).await
}

/// Asks a person; anything but a plain yes is no.
fn agrees(question: &str) -> bool {
    let mut out = std::io::stderr().lock();
    // Where nobody reads the question, nobody answers it either.
    let _ = write!(out, "{question} ");
    let _ = out.flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let answer = answer.trim().to_lowercase();
    read.is_ok() && ["y", "yes", "是"].contains(&answer.as_str())
}

/// Which member a verb was about.
fn who_json(party: &PartyEntry, member: &MemberEntry) -> Value {
    json!({ "id": member.id.to_string(), "name": member.name, "party": party.name })
}

fn member_json(directory: &Directory, member: &MemberEntry) -> Value {
    let devices = member.devices.iter().filter(|device| !device.is_removed);
    let heard = member.devices.iter().filter_map(|device| device.heard_ms);
    json!({
        "id": member.id.to_string(),
        "name": member.name,
        "roles": role_names(member.roles),
        "devices": devices.count(),
        "heard_ms": heard.max(),
        "unconfirmed": member.unconfirmed,
        "at_home": member.at_home,
        "removed": member.is_removed,
        "words": member.words.0.join(" "),
        "recovery_kit": member.has_recovery_kit,
        "me": directory.me == Some(member.id),
    })
}

fn text(texts: &Texts, directory: &Directory) -> String {
    let mut table = Table::default();
    for party in &directory.parties {
        let removed = match party.is_removed {
            true => say!(texts, "cli-removed-mark"),
            false => String::new(),
        };
        table.row([format!("{} ({})", party.name, party.code), removed]);
        for member in &party.members {
            let marks = marks(texts, directory, member);
            let roles = roles(texts, member.roles);
            let id = short(member.id);
            table.row([format!("  {}", member.name), id, roles, texts.row(&marks)]);
        }
    }
    table.text() + &invite::pending(texts, directory)
}

fn marks(texts: &Texts, directory: &Directory, member: &MemberEntry) -> Vec<String> {
    let mut marks = Vec::new();
    if directory.me == Some(member.id) {
        marks.push(say!(texts, "you-mark"));
    }
    if member.is_removed {
        marks.push(say!(texts, "cli-removed-mark"));
    } else if member.unconfirmed {
        marks.push(say!(texts, "unconfirmed"));
    }
    marks
}
