//! Waiting for the relay: until something holds, or until it is plain that it will not.

use heqi_replica::{Digest, Problem};
use serde::Serialize;

use crate::context::Context;
use crate::progress::Bar;
use crate::shell::Shell;
use crate::store::StoreError;
use crate::trouble::{Exit, Trouble, exit_of, say_problem};
use heqi_wording::{Texts, say, status};

/// Connections lost in a row before the relay counts as unreachable.
const LOSSES_MAX: u32 = 3;

/// How waiting ended.
#[derive(Debug)]
pub(crate) enum Waited {
    /// What was waited for holds.
    Held,
    Unavailable {
        reason: String,
    },
    Stopped(Problem),
}

/// Where the edits of this device stand after a verb.
#[derive(Debug, Serialize)]
pub(crate) struct Synced {
    state: State,
    /// Own edits that the relay has not acknowledged; all are saved here.
    pending: u64,
    /// Changes of others that were merged.
    merged: u64,
    /// Own changes that met others' and stand in the merge review.
    met: u64,
    /// Why nothing more was exchanged.
    reason: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Everything is acknowledged, and everything there is has been read.
    Acknowledged,
    /// By choice.
    Offline,
    Unavailable,
    Stopped,
}

/// Connects, and waits until `held` holds.
pub(crate) async fn wait_for(
    shell: &mut Shell,
    context: &Context,
    mut held: impl FnMut(&mut Shell) -> bool,
) -> Result<Waited, StoreError> {
    let lost = shell.line().lost;
    shell.go_online()?;
    let mut bar = Bar::of_syncing(context);
    loop {
        if held(shell) {
            return Ok(Waited::Held);
        }
        let status = shell.status();
        bar.show(&status);
        if let Some(problem) = status.problem.filter(|problem| stops(*problem)) {
            return Ok(Waited::Stopped(problem));
        }
        if shell.line().lost >= lost + LOSSES_MAX {
            let reason = match status.problem {
                Some(problem) => say_problem(problem, &context.texts),
                None => shell.line().reason.clone(),
            };
            return Ok(Waited::Unavailable { reason });
        }
        match tokio::time::timeout(context.patience, shell.step()).await {
            Ok(stepped) => stepped?,
            Err(_) => {
                let seconds = context.patience.as_secs();
                let reason = say!(context.texts, "cli-silent", seconds = seconds);
                return Ok(Waited::Unavailable { reason });
            }
        }
    }
}

/// Sends what is saved and reads what there is, unless offline by choice. An edit is saved whatever comes of it.
pub(crate) async fn sync(shell: &mut Shell, context: &Context) -> Result<Synced, StoreError> {
    let (state, reason, exit) = if shell.is_offline() {
        (State::Offline, None, Exit::Done)
    } else {
        match wait_for(shell, context, |shell| shell.status().settled).await? {
            Waited::Held => (State::Acknowledged, None, Exit::Done),
            Waited::Unavailable { reason } => (State::Unavailable, Some(reason), Exit::Unavailable),
            Waited::Stopped(problem) => {
                let reason = match shell.removal() {
                    Some(removal) => removal.say(&context.texts),
                    None => say_problem(problem, &context.texts),
                };
                (State::Stopped, Some(reason), exit_of(problem))
            }
        }
    };
    let digests = shell.news().digests;
    let sum = |count: fn(&Digest) -> u64| digests.iter().map(count).sum();
    Ok(Synced {
        state,
        pending: shell.status().pending,
        merged: sum(|digest| digest.merged),
        met: sum(|digest| digest.met),
        reason,
        exit,
    })
}

impl Waited {
    /// Nothing but what was waited for will do.
    pub(crate) fn or_trouble(self, shell: &Shell, relay: &str) -> Result<(), Trouble> {
        match self {
            Self::Held => Ok(()),
            Self::Unavailable { reason } => Err(Trouble::Unreachable {
                relay: relay.to_owned(),
                reason,
            }),
            Self::Stopped(problem) => Err(shell.stopped(problem)),
        }
    }
}

impl Synced {
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn is_acknowledged(&self) -> bool {
        self.state == State::Acknowledged
    }

    /// What the merge brought, in the words of the browser client; empty where nothing.
    pub(crate) fn digest(&self, texts: &Texts) -> Vec<String> {
        let mut lines = Vec::new();
        if self.merged > 0 || self.met > 0 {
            lines.push(status::digest(texts, self.merged, self.met));
        }
        if self.met > 0 {
            lines.push(say!(texts, "cli-see-conflicts"));
        }
        lines
    }

    /// That edits wait, and why; `None` where they do not.
    pub(crate) fn note(&self, texts: &Texts) -> Option<String> {
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.state {
            State::Acknowledged => None,
            State::Offline => Some(say!(texts, "cli-saved-offline", count = self.pending)),
            State::Unavailable => Some(say!(
                texts,
                "cli-saved-unavailable",
                count = self.pending,
                reason = reason
            )),
            State::Stopped => Some(say!(
                texts,
                "cli-saved-stopped",
                count = self.pending,
                reason = reason
            )),
        }
    }
}

/// Whether nothing more is to be expected; the others pass, or are told of by losses.
const fn stops(problem: Problem) -> bool {
    match problem {
        Problem::Unavailable(_) | Problem::EnvelopeMissing | Problem::Undone => false,
        Problem::Relay(_)
        | Problem::Refused(_)
        | Problem::Nack(_)
        | Problem::Amend(_)
        | Problem::Keys
        | Problem::Code
        | Problem::Removed
        | Problem::Unadmitted
        | Problem::Brought
        | Problem::MayNotWrite
        | Problem::Withheld
        | Problem::CharterBehind
        | Problem::OlderKeys
        | Problem::Newer => true,
    }
}
