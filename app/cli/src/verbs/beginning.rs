//! How a home comes to hold a venture: created, joined, or begun by the code of a member.

use heqi_protocol::Misbehaviour;
use heqi_protocol::frame::AmendRefused;
use heqi_replica::{CodeLink, Problem, Replica, relay_url};
use serde_json::json;

use crate::answer::Answer;
use crate::context::Context;
use crate::shell::Shell;
use crate::syncing::{Waited, wait_for};
use crate::trouble::{Exit, Trouble};
use heqi_wording::say;

/// What a founder says.
pub(crate) struct Names {
    pub(crate) venture: String,
    pub(crate) party: String,
    pub(crate) code: Option<String>,
    pub(crate) member: String,
}

pub(crate) async fn create(
    context: &Context,
    relay: &str,
    names: &Names,
) -> Result<Answer, Trouble> {
    let code = names
        .code
        .clone()
        .unwrap_or_else(|| code_for(&names.party, &[]));
    let relay = relay_url(relay).map_err(heqi_replica::StartError::from)?;
    let shell = context.begin(|entropy| {
        let (venture, party) = (&names.venture, &names.party);
        Replica::found(&relay, venture, party, &code, &names.member, entropy)
    })?;
    let json = json!({
        "venture": names.venture.trim(),
        "relay": &*relay,
        "party": { "name": names.party.trim(), "code": code.to_ascii_uppercase() },
        "member": names.member.trim(),
    });
    let text = say!(context.texts, "cli-created", venture = names.venture.trim());
    begin(context, shell, &relay, json, |_| text).await
}

pub(crate) async fn join(context: &Context, link: &str, member: &str) -> Result<Answer, Trouble> {
    let parsed = heqi_replica::InviteLink::parse(link).map_err(heqi_replica::StartError::from)?;
    let shell = context.begin(|entropy| Replica::join(link, member, entropy))?;
    let relay = parsed.relay_url.to_string();
    let json = json!({ "relay": relay, "member": member.trim() });
    let joined = begin(context, shell, &relay, json, |shell| {
        let venture = shell.replica().directory().venture;
        let tasks = shell.replica().plan().map_or(0, |plan| plan.order().len());
        say!(
            context.texts,
            "cli-joined",
            venture = venture,
            count = tasks
        )
    })
    .await;
    joined.map_err(|trouble| match trouble {
        // It knows nobody who goes by that key, or by none any more.
        Trouble::Stopped(Problem::Refused(Misbehaviour::NotAdmitted)) => {
            Trouble::Stopped(Problem::Amend(AmendRefused::InviteSpent))
        }
        other => other,
    })
}

/// Becomes a device of the member whose code this is.
pub(crate) async fn begin_device(
    context: &Context,
    link: &CodeLink,
    done: &'static str,
) -> Result<Answer, Trouble> {
    let shell = context.begin(|entropy| Ok(Replica::add(link, entropy)))?;
    let relay = link.relay_url.to_string();
    let json = json!({ "relay": relay });
    begin(context, shell, &relay, json, |shell| {
        let venture = shell.replica().directory().venture;
        let tasks = shell.replica().plan().map_or(0, |plan| plan.order().len());
        let args = [("venture", venture.into()), ("count", tasks.into())];
        context.texts.say(done, &args)
    })
    .await
}

/// Waits until the venture is on the relay and read. Leaves nothing behind where the relay was never reached, or
/// refused for good; else what was begun stays, for `heqi sync` to go on with.
async fn begin(
    context: &Context,
    mut shell: Shell,
    relay: &str,
    mut json: serde_json::Value,
    text: impl FnOnce(&Shell) -> String,
) -> Result<Answer, Trouble> {
    if shell.is_offline() {
        json["state"] = "begun".into();
        return Ok(Answer::new(json, say!(context.texts, "cli-begun-offline")));
    }
    let waited = wait_for(&mut shell, context, |shell| {
        let status = shell.status();
        status.member && status.settled
    })
    .await?;
    match waited {
        Waited::Held => {
            let replica = shell.replica();
            let directory = replica.directory();
            json["state"] = "ready".into();
            json["venture"] = directory.venture.into();
            json["relay"] = directory.relay_url.into();
            json["tasks"] = replica.plan().map_or(0, |plan| plan.order().len()).into();
            let text = text(&shell);
            Ok(Answer::new(json, text).noted(None, Exit::Done))
        }
        Waited::Unavailable { reason } => {
            let relay = relay.to_owned();
            if shell.line().opened {
                return Err(Trouble::Unfinished { relay, reason });
            }
            shell.discard()?;
            Err(Trouble::Unreachable { relay, reason })
        }
        Waited::Stopped(problem) => {
            // Only what certainly did not take place is thrown away: its keys may else be the only ones of a member.
            let refused = matches!(
                problem,
                Problem::Amend(_)
                    | Problem::Keys
                    | Problem::Code
                    | Problem::Refused(Misbehaviour::NotAdmitted)
            );
            if refused && !shell.status().member {
                shell.discard()?;
            }
            Err(Trouble::Stopped(problem))
        }
    }
}

/// A short code for a party of this name that is none of `taken`: its initials, else the next free letter.
pub(crate) fn code_for(party: &str, taken: &[String]) -> String {
    let initials: String = party
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.chars().next())
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .take(3)
        .collect();
    let free = |code: &String| !taken.iter().any(|other| other.eq_ignore_ascii_case(code));
    let shorter = (1..=initials.len())
        .rev()
        .map(|chars| initials[..chars].to_owned());
    let letters = ('A'..='Z').map(String::from);
    let numbered = (2..).map(|number| format!("P{number}"));
    shorter
        .chain(letters)
        .chain(numbered)
        .find(free)
        .expect("the numbers do not end before the parties do")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_of_the_initials_and_avoids_those_taken() {
        assert_eq!(code_for("China Railway No. 3", &[]), "CRN");
        assert_eq!(code_for("Acme", &[]), "A");
        assert_eq!(code_for("Acme", &["a".into()]), "B");
        assert_eq!(code_for("中铁三局", &["A".into()]), "B");
        let all: Vec<String> = ('A'..='Z').map(String::from).collect();
        assert_eq!(code_for("Acme", &all), "P2");
    }
}
