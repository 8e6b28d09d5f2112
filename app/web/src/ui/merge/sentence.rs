//! A conflict in one plain sentence.

use heqi_domain::plan::{Conflict, ConflictKind, PartyReport, Who};

use crate::ui::field_name::{field_name, listed};
use crate::ui::i18n::t;
use crate::ui::session::Session;

/// What met what. A name may begin it, so its first letter is set as a sentence's.
pub(crate) fn of(session: Session, conflict: &Conflict) -> String {
    let sentence = plain(session, conflict);
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => sentence,
    }
}

fn plain(session: Session, conflict: &Conflict) -> String {
    let title = |task| session.plan.title(task);
    match &conflict.kind {
        ConflictKind::Field { field, sides, .. } => t!(
            "conflict-field",
            field = field_name(field),
            who = people(sides.iter().map(|side| &side.who)),
        ),
        ConflictKind::DeleteEdit {
            deleted_by,
            edited_by,
            fields,
            children,
        } => {
            let (deleter, editor) = (people(deleted_by), people(edited_by));
            if fields.is_empty() && !children.is_empty() {
                let tasks = children.iter().copied().map(title).collect::<Vec<_>>();
                return t!(
                    "conflict-delete-edit-below",
                    deleter = deleter,
                    editor = editor,
                    tasks = listed(&tasks)
                );
            }
            let fields = fields
                .iter()
                .map(|field| field_name(field))
                .collect::<Vec<_>>();
            t!(
                "conflict-delete-edit",
                deleter = deleter,
                editor = editor,
                fields = listed(&fields)
            )
        }
        ConflictKind::MoveSkipped {
            wanted,
            by,
            because,
            because_by,
        } => t!(
            "conflict-move-skipped",
            who = who(by),
            wanted = wanted.map_or_else(|| t!("outline-top"), title),
            because = title(*because),
            other = because_by.as_ref().map_or_else(|| t!("somebody"), who),
        ),
        ConflictKind::LinkSuspended {
            pred,
            succ,
            by,
            tasks,
            ..
        } => {
            let tasks = tasks.iter().copied().map(title).collect::<Vec<_>>();
            t!(
                "conflict-link-suspended",
                who = who(by),
                pred = title(*pred),
                succ = title(*succ),
                tasks = tasks.join(" → "),
            )
        }
        ConflictKind::CodeCollision {
            code,
            shown,
            keeper,
        } => t!(
            "conflict-code-collision",
            code = code.clone(),
            shown = shown.clone(),
            keeper = title(*keeper),
        ),
        ConflictKind::ProgressDisagreement { current, others } => {
            let others = others.iter().map(report).collect::<Vec<_>>();
            t!(
                "conflict-progress",
                current = report(current),
                others = listed(&others)
            )
        }
    }
}

/// A member with their party.
pub(crate) fn who(who: &Who) -> String {
    match &who.author {
        Some(author) if author.me => t!("you"),
        Some(author) => t!(
            "member-of",
            member = author.member.clone(),
            party = author.party.clone()
        ),
        None => t!("somebody"),
    }
}

fn people<'a>(people: impl IntoIterator<Item = &'a Who>) -> String {
    let mut names: Vec<String> = Vec::new();
    for person in people {
        let name = who(person);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    listed(&names)
}

fn report(report: &PartyReport) -> String {
    t!(
        "progress-report",
        party = report.party_code.clone(),
        percent = report.percent,
        date = report.date.to_string(),
    )
}
