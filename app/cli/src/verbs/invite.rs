//! An invite link for a person of a party.

use heqi_replica::{Reply, Request};
use serde_json::json;

use super::beginning::code_for;
use crate::answer::Answer;
use crate::args::Invite;
use crate::context::Context;
use crate::shell::Shell;
use crate::syncing::{Waited, wait_for};
use crate::trouble::{Exit, Trouble, exit_of, say_problem};
use heqi_wording::say;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) async fn invite(context: &Context, invite: Invite) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let request = Request::Invite {
        code: code(&shell, &invite),
        party: invite.party.clone(),
        roles: invite.roles.clone(),
        expires_ms: invite
            .days
            .map(|days| shell.now_ms() + u64::from(days) * DAY_MS),
    };
    let mut reply = shell.ask(request)?;
    let mut waited = Waited::Held;
    if reply.is_none() && !context.offline {
        waited = wait_for(&mut shell, context, |shell| {
            reply = reply.take().or_else(|| shell.reply());
            reply.is_some()
        })
        .await?;
    }
    let roles: Vec<_> = invite.roles.iter().map(|role| role.name()).collect();
    let json = |link: Option<&str>| json!({ "party": invite.party, "roles": roles, "link": link, "made": link.is_some() });
    let texts = &context.texts;
    match (reply.transpose()?, waited) {
        (Some(Reply::Invited { link }), _) => {
            let mut text = format!("{link}\n");
            text.push_str(&say!(texts, "invite-secret"));
            if is_loopback(&link) {
                text.push('\n');
                text.push_str(&say!(texts, "invite-loopback-made"));
            }
            Ok(Answer::new(json(Some(&link)), text))
        }
        (_, Waited::Held) => {
            let note = say!(texts, "cli-invite-later");
            Ok(Answer::new(json(None), String::new()).noted(Some(note), Exit::Done))
        }
        (_, Waited::Unavailable { reason }) => {
            let note = say!(texts, "cli-invite-unavailable", reason = reason);
            Ok(Answer::new(json(None), String::new()).noted(Some(note), Exit::Unavailable))
        }
        (_, Waited::Stopped(problem)) => {
            let note = say_problem(problem, texts);
            Ok(Answer::new(json(None), String::new()).noted(Some(note), exit_of(problem)))
        }
    }
}

/// The code that was given; else one for a party that is not in the venture yet.
fn code(shell: &Shell, invite: &Invite) -> String {
    let parties = shell.replica().directory().parties;
    let known = parties
        .iter()
        .any(|party| party.name == invite.party || party.code == invite.party);
    match &invite.code {
        Some(code) => code.clone(),
        None if known => String::new(),
        None => {
            let taken: Vec<String> = parties.into_iter().map(|party| party.code).collect();
            code_for(&invite.party, &taken)
        }
    }
}

/// Whether the link leads to the machine it was made on.
fn is_loopback(link: &str) -> bool {
    let host = link.split_once("://").map_or("", |(_, rest)| rest);
    ["localhost", "127.", "[::1]"]
        .iter()
        .any(|start| host.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_own_machine_are_told_from_others() {
        assert!(is_loopback("http://127.0.0.1:8787/#invite=x"));
        assert!(is_loopback("http://localhost:8787/#invite=x"));
        assert!(!is_loopback("https://relay.example/#invite=localhost"));
    }
}
