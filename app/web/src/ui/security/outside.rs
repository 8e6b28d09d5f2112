//! Edits that are in a log and not in view, by who signed them.

use leptos::prelude::*;

use super::person;
use crate::ui::controls::Note;
use crate::ui::i18n::t;
use crate::wire::{EditOutside, SecurityView};

/// What every device refuses and what waits; nothing where there is neither.
#[component]
pub(super) fn OutsidePanel(view: SecurityView) -> impl IntoView {
    let SecurityView {
        refused, waiting, ..
    } = view;
    if refused.is_empty() && waiting.is_empty() {
        return ().into_any();
    }
    let refused = by_author(refused)
        .into_iter()
        .map(|edits| view! { <Refused edits=edits /> })
        .collect_view();
    let waiting = by_author(waiting)
        .into_iter()
        .map(|edits| view! { <Waiting edits=edits /> })
        .collect_view();
    view! {
        <section class="panel" data-testid="outside-panel">
            <div class="panel-head"><h2>{move || t!("outside")}</h2></div>
            <div class="panel-body">
                <p>{move || t!("outside-more")}</p>
                {refused}
                {waiting}
            </div>
        </section>
    }
    .into_any()
}

/// The edits of each author together, in the order in which the authors come first.
fn by_author(edits: Vec<EditOutside>) -> Vec<Vec<EditOutside>> {
    let mut authors: Vec<Vec<EditOutside>> = Vec::new();
    for edit in edits {
        let same = |known: &&mut Vec<EditOutside>| known.iter().any(|it| has_author_of(it, &edit));
        match authors.iter_mut().find(same) {
            Some(known) => known.push(edit),
            None => authors.push(vec![edit]),
        }
    }
    authors
}

fn has_author_of(one: &EditOutside, other: &EditOutside) -> bool {
    (&one.member, &one.party, one.forged) == (&other.member, &other.party, other.forged)
}

/// Where edits that stand together come from.
#[derive(Clone, Copy)]
enum Origin {
    Author,
    Unknown,
    /// Nobody has signed them as they stand in the log.
    Forged,
}

fn origin(edits: &[EditOutside]) -> Origin {
    match edits.first() {
        Some(edit) if edit.forged => Origin::Forged,
        Some(edit) if !edit.member.is_empty() => Origin::Author,
        _ => Origin::Unknown,
    }
}

fn author(edits: &[EditOutside]) -> String {
    edits
        .first()
        .map(|edit| person(&edit.member, &edit.party))
        .unwrap_or_default()
}

#[component]
fn Refused(edits: Vec<EditOutside>) -> impl IntoView {
    let kept = edits.clone();
    let origin = origin(&edits);
    let text = move || match origin {
        Origin::Author => t!(
            "outside-refused-by",
            who = author(&kept),
            count = kept.len()
        ),
        Origin::Unknown => t!("outside-refused-nobody", count = kept.len()),
        Origin::Forged => t!("outside-forged-count", count = kept.len()),
    };
    let advice = move || match origin {
        Origin::Author => t!("outside-refused-do"),
        Origin::Unknown => t!("outside-refused-nobody-do"),
        Origin::Forged => t!("outside-forged-do"),
    };
    view! {
        <Note state="warn" testid="edit-refused">
            <p><strong>{text}</strong></p>
            <p>{advice}</p>
            <Report edits=edits />
        </Note>
    }
}

#[component]
fn Waiting(edits: Vec<EditOutside>) -> impl IntoView {
    let kept = edits.clone();
    let text = move || {
        t!(
            "outside-waiting-by",
            who = author(&kept),
            count = kept.len()
        )
    };
    view! {
        <Note state="info" testid="edit-waiting">
            <p><strong>{text}</strong></p>
            <p>{move || t!("outside-waiting-do")}</p>
            <Report edits=edits />
        </Note>
    }
}

/// The edits themselves, folded away: for whoever looks into the cause.
#[component]
fn Report(edits: Vec<EditOutside>) -> impl IntoView {
    let rows = edits
        .into_iter()
        .map(|edit| {
            view! {
                <dt class="code">{edit.edit}</dt>
                <dd lang="en">{edit.reason}</dd>
            }
        })
        .collect_view();
    view! {
        <details class="more">
            <summary>{move || t!("fatal-detail")}</summary>
            <dl class="facts">{rows}</dl>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_one_author_stand_together() {
        let edit = |edit: &str, member: &str, party: &str| EditOutside {
            edit: edit.into(),
            member: member.into(),
            party: party.into(),
            forged: false,
            reason: String::new(),
        };
        let (one, other) = (edit("1", "Bo", "South"), edit("2", "Bo", "North"));
        let (third, unknown) = (edit("3", "Bo", "South"), edit("4", "", ""));
        let forged = EditOutside {
            forged: true,
            ..edit("5", "", "")
        };
        let all = [&one, &other, &unknown, &third, &forged];
        let edits = all.map(Clone::clone).to_vec();
        let together = [vec![one, third], vec![other], vec![unknown], vec![forged]];
        assert_eq!(by_author(edits), together);
    }
}
