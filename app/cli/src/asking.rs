//! What is asked of the charter: written at once where the relay is reached, else kept for the next `heqi sync`.

use heqi_protocol::charter::Target;
use heqi_replica::{Act, Failure, Problem, Reply, Request};
use heqi_wording::{Texts, say};
use serde_json::Value;

use crate::answer::Answer;
use crate::context::Context;
use crate::finding::short;
use crate::shell::Shell;
use crate::syncing::{Waited, sync, wait_for};
use crate::trouble::{Exit, Trouble, exit_of, say_problem};

/// What became of what was asked.
#[derive(Debug)]
pub(crate) enum Asked {
    Answered(Box<Reply>),
    /// Kept, as nothing was to be dialled.
    Kept,
    /// Kept, as the relay could not be reached.
    Unavailable(String),
    Stopped(Problem),
}

/// Asks, and waits for the answer unless offline by choice.
pub(crate) async fn ask(shell: &mut Shell, context: &Context, act: Act) -> Result<Asked, Trouble> {
    shell.in_venture()?;
    let mut reply = shell.ask(Request::Charter(act))?;
    if reply.is_none() && context.offline {
        return Ok(Asked::Kept);
    }
    let waited = wait_for(shell, context, |shell| {
        reply = reply.take().or_else(|| shell.reply());
        reply.is_some()
    })
    .await?;
    if let Some(reply) = reply {
        return Ok(Asked::Answered(Box::new(reply?)));
    }
    Ok(match waited {
        Waited::Unavailable { reason } => Asked::Unavailable(reason),
        Waited::Stopped(problem) => Asked::Stopped(problem),
        Waited::Held => Asked::Kept,
    })
}

/// Gives somebody or something a new name.
pub(crate) async fn rename(
    context: &Context,
    shell: Shell,
    target: Target,
    new: String,
    mut json: Value,
    done: String,
) -> Result<Answer, Trouble> {
    json["name"] = new.trim().into();
    let act = Act::SetName { target, name: new };
    carry_out(context, shell, act, json, done).await
}

/// Asks, exchanges what follows from it, and says `done` where it is done.
pub(crate) async fn carry_out(
    context: &Context,
    mut shell: Shell,
    act: Act,
    mut json: Value,
    done: String,
) -> Result<Answer, Trouble> {
    let texts = &context.texts;
    let asked = ask(&mut shell, context, act).await?;
    if let Some(removal) = shell.removal() {
        // Whoever leaves of their own accord is gone once it is done: there is nothing more to exchange.
        json["state"] = "done".into();
        return match removal.by {
            None => Ok(Answer::new(json, done)),
            Some(_) => Err(Trouble::Removed(Box::new(removal))),
        };
    }
    json["state"] = asked.state().into();
    let text = match &asked {
        Asked::Answered(reply) => match reply.as_ref() {
            Reply::Proposed { proposal } => {
                json["proposal"] = proposal.to_string().into();
                say!(texts, "cli-proposed", id = short(proposal))
            }
            _ => done,
        },
        asked => return Ok(asked.kept(json, texts)),
    };
    let synced = sync(&mut shell, context).await?;
    Ok(Answer::new(json, text).synced(&synced, texts))
}

/// Asks for something that is shown once and kept nowhere: only where the relay is there.
pub(crate) async fn ask_now(
    shell: &mut Shell,
    context: &Context,
    act: Act,
) -> Result<Reply, Trouble> {
    if context.offline {
        return Err(crate::trouble::Usage::NeedsRelay.into());
    }
    shell.in_venture()?;
    let relay = shell.replica().directory().relay_url;
    let waited = wait_for(shell, context, |shell| shell.status().settled).await?;
    waited.or_trouble(shell, &relay)?;
    match ask(shell, context, act).await? {
        Asked::Answered(reply) => Ok(*reply),
        Asked::Kept => Err(Failure::NotYetMember.into()),
        Asked::Unavailable(reason) => Err(Trouble::Unfinished { relay, reason }),
        Asked::Stopped(problem) => Err(shell.stopped(problem)),
    }
}

impl Asked {
    /// The `state` in JSON.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::Answered(reply) if matches!(**reply, Reply::Proposed { .. }) => "proposed",
            Self::Answered(_) => "done",
            Self::Kept | Self::Unavailable(_) | Self::Stopped(_) => "kept",
        }
    }

    /// That it waits for the relay, and why.
    pub(crate) fn kept(&self, json: Value, texts: &Texts) -> Answer {
        let (note, exit) = match self {
            Self::Answered(_) => (None, Exit::Done),
            Self::Kept => (Some(say!(texts, "cli-kept")), Exit::Done),
            Self::Unavailable(reason) => {
                let note = say!(texts, "cli-kept-unavailable", reason = reason.as_str());
                (Some(note), Exit::Unavailable)
            }
            Self::Stopped(problem) => (Some(say_problem(*problem, texts)), exit_of(*problem)),
        };
        Answer::new(json, String::new()).noted(note, exit)
    }
}
