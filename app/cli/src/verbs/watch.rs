//! Staying connected and telling what changes.

use heqi_replica::{Link, Status, ViewChange};
use serde_json::json;

use super::TaskJson;
use crate::answer::{Answer, print_json, print_text};
use crate::context::Context;
use crate::shell::Shell;
use crate::space::key;
use crate::trouble::{Trouble, Usage};
use heqi_wording::{say, status};

/// Prints changes until it is interrupted, or until the relay is not to be trusted.
pub(crate) async fn watch(context: &Context) -> Result<Answer, Trouble> {
    if context.offline {
        return Err(Usage::NeedsRelay.into());
    }
    let mut shell = context.open()?;
    shell.in_venture()?;
    shell.go_online()?;
    let mut interrupted = std::pin::pin!(interrupted());
    let mut told = Told::default();
    loop {
        tell(context, &mut shell, &mut told);
        let status = shell.status();
        if let Some(problem) = status.problem.filter(|_| status.link == Link::Offline) {
            return Err(shell.stopped(problem));
        }
        tokio::select! {
            stepped = shell.step() => stepped?,
            () = &mut interrupted => break,
        }
    }
    let json = json!({ "event": "end", "pending": shell.status().pending });
    Ok(Answer::new(json, String::new()))
}

/// What was said last of what stays until it changes.
#[derive(Default)]
struct Told {
    link: Option<String>,
    alarms: u64,
}

/// Prints what is new.
fn tell(context: &Context, shell: &mut Shell, told: &mut Told) {
    let news = shell.news();
    for view in &news.views {
        tell_view(context, shell, view);
    }
    for digest in &news.digests {
        let event = json!({ "event": "digest", "merged": digest.merged, "met": digest.met });
        let words = status::digest(&context.texts, digest.merged, digest.met);
        tell_line(context, &event, words);
    }
    if news.directory_changed {
        let directory = shell.replica().directory();
        let members: usize = directory
            .parties
            .iter()
            .map(|party| party.members.len())
            .sum();
        let event =
            json!({ "event": "members", "parties": directory.parties.len(), "members": members });
        tell_line(
            context,
            &event,
            say!(context.texts, "cli-members", count = members),
        );
    }
    let status = shell.status();
    let words = link_words(context, &status);
    if told.link.as_ref() != Some(&words) {
        let event = json!({
            "event": "status",
            "online": status.link == Link::Online,
            "settled": status.settled,
            "pending": status.pending,
        });
        tell_line(context, &event, words.clone());
        told.link = Some(words);
    }
    if told.alarms != status.alarms {
        told.alarms = status.alarms;
        let event = json!({ "event": "alarms", "alarms": status.alarms });
        let words = say!(context.texts, "cli-alarms", count = status.alarms);
        tell_line(context, &event, words);
    }
}

fn tell_view(context: &Context, shell: &Shell, view: &ViewChange) {
    let Some(plan) = shell.replica().plan_of(view.space) else {
        return;
    };
    let gone: usize = view.diff.splices.iter().map(|splice| splice.removed).sum();
    let inserted: usize = view
        .diff
        .splices
        .iter()
        .map(|splice| splice.inserted.len())
        .sum();
    let event = json!({
        "event": "plan",
        "space": key(view.space),
        "tasks": view.diff.rows.iter().map(TaskJson::of).collect::<Vec<_>>(),
        "removed": gone.saturating_sub(inserted),
        "conflicts_new": view.diff.conflicts_changed.iter().map(|c| c.id.to_string()).collect::<Vec<_>>(),
        "conflicts_gone": view.diff.conflicts_gone.iter().map(|c| c.to_string()).collect::<Vec<_>>(),
    });
    let mut text = super::plan::table(context, view.diff.rows.iter());
    for conflict in &view.diff.conflicts_changed {
        let sentence = super::review::sentence(&context.texts, plan, conflict);
        text.push_str(&format!("! {}: {sentence}\n", plan.title(conflict.task)));
    }
    tell_line(context, &event, text.trim_end().to_owned());
}

fn tell_line(context: &Context, event: &serde_json::Value, text: String) {
    if context.json {
        print_json(event);
    } else {
        print_text(&text);
    }
}

fn link_words(context: &Context, status: &Status) -> String {
    let texts = &context.texts;
    match (status.link, status.pending) {
        (Link::Online, _) if status.settled => say!(texts, "sync-live"),
        (Link::Online, 0) => say!(texts, "cli-reading"),
        (Link::Online, _) => say!(texts, "sync-sending"),
        (Link::Connecting, _) => say!(texts, "sync-connecting"),
        (Link::Offline | Link::Waiting { .. }, 0) => say!(texts, "sync-offline"),
        (Link::Offline | Link::Waiting { .. }, count) => status::saved(texts, count),
    }
}

/// Ends when the process is asked to: Ctrl-C, or SIGTERM where there is one.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
