//! Exchanging with the relay, and where that stands.

use serde_json::json;

use crate::answer::Answer;
use crate::context::Context;
use crate::syncing::{self, Waited, wait_for};
use crate::table::Table;
use crate::trouble::{Exit, Trouble, Usage};
use heqi_wording::say;
use heqi_wording::status::saved;

pub(crate) async fn sync(context: &Context) -> Result<Answer, Trouble> {
    if context.offline {
        return Err(Usage::NeedsRelay.into());
    }
    let mut shell = context.open()?;
    shell.in_venture()?;
    if !shell.status().member {
        // A venture that was begun and not finished.
        let waited = wait_for(&mut shell, context, |shell| shell.status().member).await?;
        if let Waited::Unavailable { reason } = waited {
            let relay = shell.replica().directory().relay_url;
            return Err(Trouble::Unfinished { relay, reason });
        }
        waited.or_trouble(&shell, "")?;
    }
    let synced = syncing::sync(&mut shell, context).await?;
    let status = shell.status();
    let conflicts = shell
        .replica()
        .plan()
        .map_or(0, |plan| plan.conflicts().count());
    let json = json!({
        "conflicts": conflicts,
        "quarantined": status.quarantined,
        "late": status.late,
        "alarms": status.alarms,
        "relay_restored": status.relay_restored,
    });
    let mut lines = Vec::new();
    if synced.is_acknowledged() {
        lines.push(say!(context.texts, "sync-all-acknowledged"));
    }
    if status.relay_restored {
        lines.push(say!(context.texts, "cli-relay-restored"));
    }
    if status.quarantined > 0 {
        lines.push(say!(
            context.texts,
            "quarantined",
            count = status.quarantined
        ));
    }
    if status.late > 0 {
        lines.push(say!(context.texts, "cli-late-there", count = status.late));
    }
    if status.alarms > 0 {
        lines.push(say!(context.texts, "cli-alarms", count = status.alarms));
    }
    let answer = Answer::new(json, lines.join("\n")).synced(&synced, &context.texts);
    Ok(answer.alarmed(status.alarms))
}

/// Where this device stands, without asking the relay.
pub(crate) fn status(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let (replica, texts) = (shell.replica(), &context.texts);
    let status = shell.status();
    let directory = replica.directory();
    let (tasks, conflicts) = replica.plan().map_or((0, 0), |plan| {
        (plan.order().len(), plan.conflicts().count())
    });
    let me = directory.parties.iter().find_map(|party| {
        let mut members = party.members.iter();
        let member = members.find(|member| Some(member.id) == directory.me)?;
        Some((member.name.clone(), party.name.clone(), party.code.clone()))
    });
    let json = json!({
        "home": context.home()?.display().to_string(),
        "venture": directory.venture,
        "relay": directory.relay_url,
        "member": me.as_ref().map(|(name, party, code)| {
            json!({ "name": name, "party": party, "party_code": code })
        }),
        "ready": status.member,
        "tasks": tasks,
        "conflicts": conflicts,
        "pending": status.pending,
        "waiting": status.waiting,
        "quarantined": status.quarantined,
        "late": status.late,
        "alarms": status.alarms,
        "removed": status.removed,
    });
    let mut table = Table::default();
    let member = me.map_or_else(
        || say!(texts, "cli-not-ready"),
        |(member, party, _)| say!(texts, "member-of", member = member, party = party),
    );
    for (label, value) in [
        ("create-venture", directory.venture),
        ("relay-url", directory.relay_url),
        ("cli-member", member),
        ("cli-home", context.home()?.display().to_string()),
        ("nav-plan", say!(texts, "tasks-count", count = tasks)),
        ("nav-merge", say!(texts, "merge-badge", count = conflicts)),
        ("cli-edits", saved(texts, status.pending)),
    ] {
        table.row([texts.say(label, &[]), value]);
    }
    let mut text = table.text();
    if status.quarantined > 0 {
        text.push_str(&say!(texts, "quarantined", count = status.quarantined));
        text.push('\n');
    }
    if status.late > 0 {
        text.push_str(&say!(texts, "cli-late-there", count = status.late));
        text.push('\n');
    }
    if status.alarms > 0 {
        text.push_str(&say!(texts, "cli-alarms", count = status.alarms));
        text.push('\n');
    }
    if let Some(removal) = shell.removal() {
        text.push_str(&removal.say(texts));
    }
    Ok(Answer::new(json, text).noted(None, Exit::Done))
}
