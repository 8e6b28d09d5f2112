//! Parties, their members, and pending invites.

use heqi_protocol::Roles;
use heqi_replica::Directory;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::context::Context;
use crate::table::Table;
use crate::trouble::Trouble;
use heqi_wording::{Texts, say};

pub(crate) fn members(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    Ok(Answer::new(
        json(&directory),
        text(&context.texts, &directory),
    ))
}

fn json(directory: &Directory) -> Value {
    let parties = directory.parties.iter().map(|party| {
        let members = party.members.iter().map(|member| {
            json!({
                "id": member.id.to_string(),
                "name": member.name,
                "roles": names(member.roles),
                "devices": member.devices.len(),
                "unconfirmed": member.unconfirmed,
                "me": directory.me == Some(member.id),
            })
        });
        json!({
            "id": party.id.to_string(),
            "name": party.name,
            "code": party.code,
            "members": members.collect::<Vec<_>>(),
        })
    });
    let invites = directory.invites.iter().map(|invite| {
        json!({
            "party": invite.party.to_string(),
            "roles": names(invite.roles),
            "expires_ms": invite.expires_ms,
            "link": invite.link,
        })
    });
    json!({
        "venture": directory.venture,
        "relay": directory.relay_url,
        "parties": parties.collect::<Vec<_>>(),
        "invites": invites.collect::<Vec<_>>(),
    })
}

fn text(texts: &Texts, directory: &Directory) -> String {
    let mut table = Table::default();
    for party in &directory.parties {
        table.row([format!("{} ({})", party.name, party.code)]);
        for member in &party.members {
            let mut marks = Vec::new();
            if directory.me == Some(member.id) {
                marks.push(say!(texts, "you-mark"));
            }
            if member.unconfirmed {
                marks.push(say!(texts, "unconfirmed"));
            }
            let roles = roles(texts, member.roles);
            table.row([format!("  {}", member.name), roles, texts.row(&marks)]);
        }
    }
    if !directory.invites.is_empty() {
        table.row([say!(texts, "invites-pending")]);
    }
    for invite in &directory.invites {
        let party = directory
            .parties
            .iter()
            .find(|party| party.id == invite.party);
        let party = party.map_or(String::new(), |party| party.name.clone());
        let link = invite.link.clone().unwrap_or_default();
        table.row([format!("  {party}"), roles(texts, invite.roles), link]);
    }
    table.text()
}

fn names(roles: Roles) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

fn roles(texts: &Texts, roles: Roles) -> String {
    let named: Vec<String> = names(roles)
        .into_iter()
        .map(|name| texts.say(&format!("role-{name}"), &[]))
        .collect();
    texts.row(&named)
}
