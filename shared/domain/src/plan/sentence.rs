//! An item of the merge review in a plain English sentence, for the command line and for logs.

use super::Plan;
use super::conflict::{Conflict, ConflictKind, Side, Who};
use super::field::{DURATION, LAG, MANUAL, PARENT, PROGRESS, composite, reference};
use super::task::ManualDates;
use crate::quantity::{Duration, Lag};
use crate::record::{RecordId, Value};

impl Plan {
    /// What met what, with names and values.
    pub fn sentence(&self, conflict: &Conflict) -> String {
        let subject = self.called(conflict.record);
        match &conflict.kind {
            ConflictKind::Field {
                field,
                base,
                sides,
                provisional,
            } => self.field_sentence(&subject, field, base.as_ref(), sides, *provisional),
            ConflictKind::DeleteEdit {
                deleted_by,
                edited_by,
                fields,
                children,
            } => {
                let what = match (fields.len(), children.first()) {
                    (_, Some(child)) => format!("put {} below it", self.called(*child)),
                    (0, None) => "worked on it".to_owned(),
                    (_, None) => format!("changed {}", fields.join(", ")),
                };
                let (deleters, editors) = (everybody(deleted_by), everybody(edited_by));
                format!("{subject}: deleted by {deleters}; {editors} {what}. Kept until decided.")
            }
            ConflictKind::MoveSkipped {
                wanted,
                by,
                because,
                because_by,
            } => format!(
                "{subject}: the move by {} to {} was not applied, because {} moved {}.",
                who(by),
                self.place(*wanted),
                because_by.as_ref().map_or("somebody".to_owned(), who),
                self.called(*because)
            ),
            ConflictKind::LinkSuspended { by, tasks, .. } => {
                let way: Vec<String> = tasks.iter().map(|t| self.called(*t)).collect();
                let way = way.join(" → ");
                format!(
                    "{subject} by {} is suspended: it closes a loop ({way}).",
                    who(by)
                )
            }
            ConflictKind::CodeCollision {
                code,
                shown,
                keeper,
            } => {
                let keeper = self.name(*keeper);
                format!("{subject} shows {shown}: \"{keeper}\" was given {code} first.")
            }
            ConflictKind::ProgressDisagreement { current, others } => {
                let says = others
                    .iter()
                    .map(|r| format!("{} says {}% at {}", r.party_code, r.percent, r.date));
                let says: Vec<String> = says.collect();
                format!(
                    "{subject}: {} says {}% at {}; {}.",
                    current.party_code,
                    current.percent,
                    current.date,
                    says.join(", ")
                )
            }
        }
    }

    fn field_sentence(
        &self,
        subject: &str,
        field: &str,
        base: Option<&Value>,
        sides: &[Side],
        provisional: usize,
    ) -> String {
        let says = sides
            .iter()
            .map(|s| format!("{} has {}", who(&s.who), self.value_text(field, &s.value)));
        let says: Vec<String> = says.collect();
        let was = base.map(|b| format!(" before: {};", self.value_text(field, b)));
        let shown = sides.get(provisional);
        let shown = shown
            .map(|s| self.value_text(field, &s.value))
            .unwrap_or_default();
        format!(
            "{subject}, {}:{} {}. Provisionally {shown}.",
            if field.starts_with(PROGRESS) {
                "percent"
            } else {
                field
            },
            was.unwrap_or_default(),
            says.join(", ")
        )
    }

    /// A value as people read it.
    pub fn value_text(&self, field: &str, value: &Value) -> String {
        let text = match value {
            Value::Int(number) => return format!("{number}%"),
            Value::Bool(flag) => return flag.to_string(),
            Value::Text(text) => text,
        };
        let read = match field {
            PARENT => Some(self.place(reference(value))),
            DURATION => composite(value).map(|d: Duration| d.to_string()),
            LAG => composite(value).map(|l: Lag| match l.is_none() {
                true => "no lag".to_owned(),
                false => l.to_string(),
            }),
            MANUAL => composite(value).map(|d: ManualDates| {
                let date = |d: Option<crate::time::LocalDateTime>| {
                    d.map_or("open".to_owned(), |d| d.to_string())
                };
                format!("{} – {}", date(d.start), date(d.finish))
            }),
            _ => None,
        };
        match read {
            Some(read) => read,
            None if text.is_empty() => "nothing".to_owned(),
            None => format!("\"{}\"", text.chars().take(80).collect::<String>()),
        }
    }

    fn place(&self, parent: Option<RecordId>) -> String {
        match parent {
            Some(parent) => format!("below {}", self.called(parent)),
            None => "the top".to_owned(),
        }
    }

    /// Code and name of a task; both ends of a dependency.
    fn called(&self, record: RecordId) -> String {
        match self.links.get(&record) {
            Some(link) => format!(
                "Dependency {} → {} ({})",
                self.codes().shown(link.pred),
                self.codes().shown(link.succ),
                link.link_type
            ),
            None => format!("{} \"{}\"", self.codes().shown(record), self.name(record)),
        }
    }
}

fn everybody(all: &[Who]) -> String {
    let mut names: Vec<String> = all.iter().map(who).collect();
    names.dedup();
    names.join(" and ")
}

fn who(who: &Who) -> String {
    match &who.author {
        Some(author) if author.me => "you".to_owned(),
        Some(author) => format!("{} ({})", author.member, author.party_code),
        None => "somebody not yet known".to_owned(),
    }
}
