//! Items of the merge review in words, and which ways there are to decide them.

use heqi_domain::plan::{
    Conflict, ConflictKind, ManualDates, Mode, PartyReport, Plan, TaskKind, Who, field,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::LocalDateTime;
use heqi_domain::{RecordId, Value};

use crate::text::{Texts, say};

/// What met what, in one sentence.
pub(crate) fn sentence(texts: &Texts, plan: &Plan, conflict: &Conflict) -> String {
    let title = |task| title(plan, task);
    match &conflict.kind {
        ConflictKind::Field { field, sides, .. } => say!(
            texts,
            "conflict-field",
            field = field_name(texts, field),
            who = people(texts, sides.iter().map(|side| &side.who)),
        ),
        ConflictKind::DeleteEdit {
            deleted_by,
            edited_by,
            fields,
            children,
        } => {
            let (deleter, editor) = (people(texts, deleted_by), people(texts, edited_by));
            if fields.is_empty() && !children.is_empty() {
                let tasks: Vec<_> = children.iter().copied().map(title).collect();
                let tasks = texts.listed(&tasks);
                return say!(
                    texts,
                    "conflict-delete-edit-below",
                    deleter = deleter,
                    editor = editor,
                    tasks = tasks
                );
            }
            let fields: Vec<_> = fields
                .iter()
                .map(|field| field_name(texts, field))
                .collect();
            let fields = texts.listed(&fields);
            say!(
                texts,
                "conflict-delete-edit",
                deleter = deleter,
                editor = editor,
                fields = fields
            )
        }
        ConflictKind::MoveSkipped {
            wanted,
            by,
            because,
            because_by,
        } => say!(
            texts,
            "conflict-move-skipped",
            who = who(texts, by),
            wanted = wanted.map_or_else(|| say!(texts, "outline-top"), title),
            because = title(*because),
            other = because_by
                .as_ref()
                .map_or_else(|| say!(texts, "somebody"), |by| who(texts, by)),
        ),
        ConflictKind::LinkSuspended {
            pred,
            succ,
            by,
            tasks,
            ..
        } => {
            let tasks: Vec<_> = tasks.iter().copied().map(title).collect();
            say!(
                texts,
                "conflict-link-suspended",
                who = who(texts, by),
                pred = title(*pred),
                succ = title(*succ),
                tasks = tasks.join(" → "),
            )
        }
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
            let others: Vec<_> = others.iter().map(|other| report(texts, other)).collect();
            let others = texts.listed(&others);
            let current = report(texts, current);
            say!(
                texts,
                "conflict-progress",
                current = current,
                others = others
            )
        }
    }
}

/// The ways to decide an item, as options of `heqi resolve`.
pub(crate) fn choices(conflict: &Conflict) -> Vec<String> {
    match &conflict.kind {
        ConflictKind::Field { field, sides, .. } => {
            let takes = (1..=sides.len()).map(|side| format!("--take {side}"));
            let written = writable(field).then(|| "--write VALUE".to_owned());
            takes.chain(written).collect()
        }
        ConflictKind::DeleteEdit { .. } => vec!["--keep".into(), "--delete".into()],
        ConflictKind::MoveSkipped { .. } => {
            vec!["--accept-placement".into(), "--apply-move".into()]
        }
        ConflictKind::LinkSuspended { links, .. } => (1..=links.len() + 1)
            .map(|link| format!("--remove-link {link}"))
            .collect(),
        ConflictKind::CodeCollision { .. } => vec!["--accept-code".into()],
        ConflictKind::ProgressDisagreement { .. } => vec!["--agree PERCENT".into()],
    }
}

/// Code and name of a task.
pub(crate) fn title(plan: &Plan, task: RecordId) -> String {
    if let Some(row) = plan.row(task) {
        return format!("{} {}", row.code, row.name);
    }
    let deleted = plan
        .deleted()
        .into_iter()
        .find(|deleted| deleted.id == task);
    deleted.map_or_else(
        || task.to_string(),
        |deleted| format!("{} {}", deleted.code, deleted.name),
    )
}

/// A member with their party.
pub(crate) fn who(texts: &Texts, who: &Who) -> String {
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

/// The name of a register or cell as people know it; the register's own where it has none.
pub(crate) fn field_name(texts: &Texts, name: &str) -> String {
    let id = match name {
        field::NAME => "field-name",
        field::KIND => "field-kind",
        field::PARENT => "field-parent",
        field::DURATION => "field-duration",
        field::MODE => "field-mode",
        field::MANUAL => "field-manual",
        field::ACCOUNTABLE => "field-accountable",
        field::NOTES => "field-notes",
        field::CODE => "field-code",
        field::LAG => "field-lag",
        "percent" => "field-percent",
        "predecessors" => "field-predecessors",
        "live" => "field-live",
        progress if progress.starts_with(field::PROGRESS) => "field-percent",
        other => return other.to_owned(),
    };
    texts.say(id, &[])
}

/// A register's value as people read it.
pub(crate) fn value(texts: &Texts, plan: &Plan, field: &str, value: Option<&Value>) -> String {
    let unset = || say!(texts, "value-unset");
    let text = match value {
        None => return unset(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Text(text)) => text.clone(),
    };
    let words = match field {
        field::DURATION => parsed::<Duration>(&text).map(|duration| duration.to_string()),
        field::LAG => parsed::<Lag>(&text).map(|lag| lag.to_string()),
        field::MANUAL => parsed::<ManualDates>(&text).map(|dates| dates_words(&dates)),
        field::MODE => Mode::parse(&text).map(|mode| match mode {
            Mode::Auto => say!(texts, "mode-auto"),
            Mode::Manual => say!(texts, "mode-manual"),
        }),
        field::KIND => TaskKind::parse(&text).map(|kind| match kind {
            TaskKind::Task => say!(texts, "kind-task"),
            TaskKind::Milestone => say!(texts, "milestone"),
        }),
        field::PARENT => Some(match RecordId::parse(&text) {
            Some(parent) => title(plan, parent),
            None => say!(texts, "outline-top"),
        }),
        progress if progress.starts_with(field::PROGRESS) => Some(format!("{text}%")),
        _ => None,
    };
    let words = words.unwrap_or(text);
    if words.is_empty() { unset() } else { words }
}

/// Whether a value of one's own can be written to settle a field.
fn writable(field: &str) -> bool {
    matches!(
        field,
        field::NAME
            | field::KIND
            | field::DURATION
            | field::MODE
            | field::MANUAL
            | field::ACCOUNTABLE
            | field::NOTES
            | field::LAG
    )
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

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn dates_words(dates: &ManualDates) -> String {
    let words =
        |time: &Option<LocalDateTime>| time.as_ref().map_or_else(|| "…".to_owned(), short_time);
    format!("{} – {}", words(&dates.start), words(&dates.finish))
}

/// A point in time without the parts that say nothing.
pub(crate) fn short_time(time: &LocalDateTime) -> String {
    let text = time.as_str();
    let short = text.strip_suffix("T00:00:00");
    short
        .or_else(|| text.strip_suffix(":00"))
        .unwrap_or(text)
        .replace('T', " ")
}
