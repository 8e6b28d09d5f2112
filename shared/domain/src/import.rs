//! A plan read from another tool's file, before it becomes records.
//!
//! Every record id, code, order key and value that an import makes is a function of the file alone: two parties that
//! import the same file offline make equal facts, which merge to one plan without a conflict. Who imported, and when,
//! stands in a record of its own. See [`crate::plan::Plan::import`] for how it meets what is there already.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::limits::{NAME_CHARS_MAX, NOTES_BYTES_MAX, SHORT_TEXT_CHARS_MAX};
use crate::plan::{LinkType, Mode, TaskKind};
use crate::quantity::{Duration, Lag};
use crate::record::RecordId;
use crate::time::LocalDateTime;

/// Identifies the file that a plan came from, whatever its present name and content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId([u8; 32]);

/// A whole plan as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedPlan {
    pub source: SourceId,
    /// Title of the project in the file, or the file's name.
    pub source_name: String,
    /// The file's own identity, where it has one.
    pub guid: Option<String>,
    /// In outline order: a parent stands before its children.
    pub tasks: Vec<ImportedTask>,
    pub links: Vec<ImportedLink>,
    /// Names of the calendars, in the file's order.
    pub calendars: Vec<String>,
    pub report: ImportReport,
}

/// One task of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedTask {
    /// Identity within the file; unique there.
    pub uid: i64,
    /// Index into [`ImportedPlan::tasks`], smaller than its own; `None` at the top.
    pub parent: Option<usize>,
    /// May be empty: project files have unnamed rows.
    pub name: String,
    /// Milestone or task; that it is a summary follows from its children.
    pub kind: TaskKind,
    pub duration: Option<Duration>,
    /// 0 to 100.
    pub percent: u8,
    pub start: Option<LocalDateTime>,
    pub finish: Option<LocalDateTime>,
    pub mode: Mode,
    pub notes: String,
    pub wbs: String,
    /// Number of baselines the file holds for it.
    pub baselines: u32,
    /// Name of its own calendar, if it has one.
    pub calendar: Option<String>,
}

/// One dependency of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedLink {
    pub pred_uid: i64,
    pub succ_uid: i64,
    pub link_type: LinkType,
    pub lag: Lag,
}

/// What was found in the file, and what was not taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    pub tasks: usize,
    pub links: usize,
    pub calendars: usize,
    pub baselines: usize,
    pub dropped: Vec<Dropped>,
}

/// Something in the file that the plan does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Machine key such as `resources`, `task.constraint`, `link.unknown-task`; interfaces translate it.
    pub what: String,
    pub count: usize,
    /// The first one, in words of the file; may be empty.
    pub example: String,
}

impl SourceId {
    /// The identity of a file that carries a GUID; case and braces do not matter.
    pub fn of_guid(guid: &str) -> Self {
        let bare: String = guid
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Self(sha256("heqi source guid", &[bare.as_bytes()]))
    }

    /// The identity of a file without a GUID, which a person confirms: title, creation date and first task, as in the file.
    pub fn of_file(title: &str, created: &str, first_task: &str) -> Self {
        Self(sha256(
            "heqi source file",
            &[title.as_bytes(), created.as_bytes(), first_task.as_bytes()],
        ))
    }

    /// The record that the task with this uid becomes: the same for everybody who imports the file.
    pub fn record(&self, uid: i64) -> RecordId {
        RecordId::derived("heqi import", &[&self.0, uid.to_string().as_bytes()])
    }

    /// The human code of the task with this uid, such as `K7Q-T12`.
    pub fn code(&self, uid: i64) -> String {
        let letters = data_encoding::BASE32.encode(&self.0[..2]);
        format!("{}-T{uid}", &letters[..3])
    }

    /// Parses the 43 character base64url form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl ImportReport {
    /// Counts one more of what is not taken over.
    pub fn drop_one(&mut self, what: &str, example: &str) {
        match self.dropped.iter_mut().find(|d| d.what == what) {
            Some(known) => known.count += 1,
            None => self.dropped.push(Dropped {
                what: what.to_owned(),
                count: 1,
                example: cut_chars(example, SHORT_TEXT_CHARS_MAX),
            }),
        }
    }
}

impl ImportedPlan {
    /// True where the file has no identity of its own, so that a person confirms which plan it is.
    pub fn needs_confirmation(&self) -> bool {
        self.guid.is_none()
    }

    /// Cuts texts to the limits of the plan and says so in the report.
    pub fn fit(&mut self) {
        for task in &mut self.tasks {
            cut(&mut task.name, "task.name-cut", &mut self.report, |text| {
                cut_chars(text, NAME_CHARS_MAX)
            });
            cut(
                &mut task.notes,
                "task.notes-cut",
                &mut self.report,
                |text| cut_bytes(text, NOTES_BYTES_MAX),
            );
            cut(&mut task.wbs, "task.wbs-cut", &mut self.report, |text| {
                cut_chars(text, SHORT_TEXT_CHARS_MAX)
            });
            if let Some(calendar) = &mut task.calendar {
                cut(calendar, "task.calendar-cut", &mut self.report, |text| {
                    cut_chars(text, SHORT_TEXT_CHARS_MAX)
                });
            }
            task.percent = task.percent.min(100);
            task.duration = task.duration.and_then(Duration::valid);
        }
    }
}

fn cut(text: &mut String, what: &str, report: &mut ImportReport, shorten: impl Fn(&str) -> String) {
    let short = shorten(text);
    if short != *text {
        report.drop_one(what, text);
        *text = short;
    }
}

fn cut_chars(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn cut_bytes(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for SourceId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "not the identity of a source file".to_owned())
    }
}

impl From<SourceId> for String {
    fn from(source: SourceId) -> String {
        source.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_of_a_task_is_a_function_of_source_and_uid() {
        let one = SourceId::of_guid("{A1B2-C3}");
        assert_eq!(one, SourceId::of_guid("a1b2-c3"));
        let other = SourceId::of_file("Bridge", "2026-01-01T00:00:00", "Survey");
        assert_ne!(one.record(7), other.record(7));
        assert_ne!(one.record(7), one.record(8));
        assert_eq!(SourceId::parse(&one.to_string()), Some(one));
        assert!(one.code(7).ends_with("-T7"));
    }

    #[test]
    fn identities_are_pinned_for_ever() {
        let source = SourceId::of_guid("E6B4B0C8-8A2B-4D0F-9C39-1E2D3C4B5A69");
        assert_eq!(
            (source.record(1).to_string(), source.code(1)),
            ("yEuDeeWSn7najZoNO6mr1w".to_owned(), "QES-T1".to_owned())
        );
    }

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        assert_ne!(
            SourceId::of_file("ab", "c", ""),
            SourceId::of_file("a", "bc", "")
        );
    }
}
