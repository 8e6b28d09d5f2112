//! Why a command is refused: the user asked for what the rules forbid.

use serde::{Deserialize, Serialize};

use super::conflict::ConflictId;
use crate::limits::{DEPTH_MAX, NAME_CHARS_MAX, TASKS_MAX};
use crate::record::RecordId;

/// A refusal, with a stable key and arguments for texts in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Rejected {
    #[error("there is no such task")]
    UnknownTask { task: RecordId },
    #[error("there is no such dependency")]
    UnknownLink { link: RecordId },
    #[error("this item of the merge review is settled already")]
    UnknownConflict { conflict: ConflictId },
    #[error("this choice does not fit the item of the merge review")]
    ChoiceDoesNotFit { conflict: ConflictId },
    #[error("a name is needed, of at most {NAME_CHARS_MAX} characters")]
    EmptyName,
    #[error("{field} is too long: at most {limit}")]
    TooLong { field: String, limit: usize },
    #[error("{given:?} is no valid {field}")]
    InvalidValue { field: String, given: String },
    #[error("a summary has no {field} of its own: it follows from the tasks below it")]
    NotForSummary { field: String },
    #[error("a task cannot be moved below itself")]
    BelowItself { task: RecordId },
    #[error("a task cannot depend on itself")]
    LinkToItself { task: RecordId },
    #[error("this dependency would close a loop")]
    WouldCloseLoop { tasks: Vec<RecordId> },
    #[error("the task cannot be moved any further that way")]
    NowhereToMove { task: RecordId },
    #[error("the outline has at most {DEPTH_MAX} levels")]
    TooDeep,
    #[error("a plan has at most {TASKS_MAX} tasks")]
    TooManyTasks,
    #[error("{code:?} is no party code that can report progress")]
    InvalidPartyCode { code: String },
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("{field} was changed since by {by}")]
    ChangedSince {
        record: RecordId,
        field: String,
        /// Name of the member, empty where not known.
        by: String,
    },
}

impl Rejected {
    /// Stable key for texts in the reader's language.
    pub fn key(&self) -> &'static str {
        match self {
            Self::UnknownTask { .. } => "rejected-unknown-task",
            Self::UnknownLink { .. } => "rejected-unknown-link",
            Self::UnknownConflict { .. } => "rejected-unknown-conflict",
            Self::ChoiceDoesNotFit { .. } => "rejected-choice-does-not-fit",
            Self::EmptyName => "rejected-empty-name",
            Self::TooLong { .. } => "rejected-too-long",
            Self::InvalidValue { .. } => "rejected-invalid-value",
            Self::NotForSummary { .. } => "rejected-not-for-summary",
            Self::BelowItself { .. } => "rejected-below-itself",
            Self::LinkToItself { .. } => "rejected-link-to-itself",
            Self::WouldCloseLoop { .. } => "rejected-would-close-loop",
            Self::NowhereToMove { .. } => "rejected-nowhere-to-move",
            Self::TooDeep => "rejected-too-deep",
            Self::TooManyTasks => "rejected-too-many-tasks",
            Self::InvalidPartyCode { .. } => "rejected-invalid-party-code",
            Self::NothingToUndo => "rejected-nothing-to-undo",
            Self::ChangedSince { .. } => "rejected-changed-since",
        }
    }

    /// Arguments of the text: names and their values.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::UnknownTask { task }
            | Self::BelowItself { task }
            | Self::LinkToItself { task }
            | Self::NowhereToMove { task } => vec![("task", task.to_string())],
            Self::UnknownLink { link } => vec![("link", link.to_string())],
            Self::UnknownConflict { conflict } | Self::ChoiceDoesNotFit { conflict } => {
                vec![("conflict", conflict.to_string())]
            }
            Self::EmptyName => vec![("limit", NAME_CHARS_MAX.to_string())],
            Self::TooLong { field, limit } => {
                vec![("field", field.clone()), ("limit", limit.to_string())]
            }
            Self::InvalidValue { field, given } => {
                vec![("field", field.clone()), ("given", given.clone())]
            }
            Self::NotForSummary { field } => vec![("field", field.clone())],
            Self::WouldCloseLoop { tasks } => vec![("tasks", tasks.len().to_string())],
            Self::TooDeep => vec![("limit", DEPTH_MAX.to_string())],
            Self::TooManyTasks => vec![("limit", TASKS_MAX.to_string())],
            Self::InvalidPartyCode { code } => vec![("code", code.clone())],
            Self::NothingToUndo => Vec::new(),
            Self::ChangedSince { field, by, .. } => {
                vec![("field", field.clone()), ("by", by.clone())]
            }
        }
    }
}
