//! Items of the merge review in one plain sentence.

use heqi_domain::RecordId;
use heqi_domain::plan::{Conflict, ConflictKind, PartyReport, Who};

use crate::texts::topic;
use crate::{Texts, Topic, field, say};

pub(crate) const TOPIC: Topic = topic!("conflict");

/// What met what. `title` tells code and name of a task.
pub fn sentence(texts: &Texts, conflict: &Conflict, title: &dyn Fn(RecordId) -> String) -> String {
    // A name may begin it.
    capitalised(plain(texts, conflict, title))
}

fn plain(texts: &Texts, conflict: &Conflict, title: &dyn Fn(RecordId) -> String) -> String {
    let titles = |tasks: &[RecordId]| tasks.iter().copied().map(title).collect::<Vec<_>>();
    match &conflict.kind {
        ConflictKind::Field { field, sides, .. } => say!(
            texts,
            "conflict-field",
            field = field::name(texts, field),
            who = people(texts, sides.iter().map(|side| &side.who)),
        ),
        ConflictKind::DeleteEdit {
            deleted_by,
            edited_by,
            fields,
            children,
        } if fields.is_empty() && !children.is_empty() => say!(
            texts,
            "conflict-delete-edit-below",
            deleter = people(texts, deleted_by),
            editor = people(texts, edited_by),
            tasks = texts.listed(&titles(children)),
        ),
        ConflictKind::DeleteEdit {
            deleted_by,
            edited_by,
            fields,
            ..
        } => {
            let fields = fields.iter().map(|field| field::name(texts, field));
            say!(
                texts,
                "conflict-delete-edit",
                deleter = people(texts, deleted_by),
                editor = people(texts, edited_by),
                fields = texts.listed(&fields.collect::<Vec<_>>()),
            )
        }
        ConflictKind::MoveSkipped {
            wanted,
            by,
            because,
            because_by,
        } => {
            let other = because_by.as_ref().map(|by| who(texts, by));
            say!(
                texts,
                "conflict-move-skipped",
                who = who(texts, by),
                wanted = wanted.map_or_else(|| say!(texts, "outline-top"), title),
                because = title(*because),
                other = other.unwrap_or_else(|| say!(texts, "somebody")),
            )
        }
        ConflictKind::LinkSuspended {
            pred,
            succ,
            by,
            tasks,
            ..
        } => say!(
            texts,
            "conflict-link-suspended",
            who = who(texts, by),
            pred = title(*pred),
            succ = title(*succ),
            tasks = titles(tasks).join(" → "),
        ),
        ConflictKind::CodeCollision {
            code,
            shown,
            keeper,
        } => say!(
            texts,
            "conflict-code-collision",
            code = code.as_str(),
            shown = shown.as_str(),
            keeper = title(*keeper),
        ),
        ConflictKind::ProgressDisagreement { current, others } => {
            let others = others.iter().map(|other| report(texts, other));
            say!(
                texts,
                "conflict-progress",
                current = report(texts, current),
                others = texts.listed(&others.collect::<Vec<_>>()),
            )
        }
    }
}

/// A member with their party.
pub fn who(texts: &Texts, who: &Who) -> String {
    match &who.author {
        Some(author) if author.me => say!(texts, "you"),
        Some(author) => say!(
            texts,
            "member-of",
            member = author.member.as_str(),
            party = author.party.as_str()
        ),
        None => say!(texts, "somebody"),
    }
}

fn people<'a>(texts: &Texts, people: impl IntoIterator<Item = &'a Who>) -> String {
    let mut names: Vec<String> = Vec::new();
    for person in people {
        let name = who(texts, person);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    texts.listed(&names)
}

fn report(texts: &Texts, report: &PartyReport) -> String {
    say!(
        texts,
        "progress-report",
        party = report.party_code.as_str(),
        percent = report.percent,
        date = report.date.to_string(),
    )
}

fn capitalised(sentence: String) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => sentence,
    }
}
