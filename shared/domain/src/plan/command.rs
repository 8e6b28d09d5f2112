//! What a person can ask of a plan.

use serde::{Deserialize, Serialize};

use super::conflict::ConflictId;
use super::task::{LinkType, ManualDates, Mode, TaskKind};
use crate::import::ImportedPlan;
use crate::quantity::{Duration, Lag};
use crate::record::{Entropy, Op, RecordId};
use crate::time::Date;

/// What the caller supplies to a command: whose it is, and what this crate has no source of.
pub struct Context<'a> {
    /// Fresh ids and stamps.
    pub entropy: &'a mut dyn Entropy,
    /// Code of the author's party: ASCII letters and digits.
    pub party_code: &'a str,
    /// The author's day, the status date of a progress report that names none.
    pub today: Date,
}

/// One change of the plan by one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum PlanCommand {
    /// Adds a task below `parent` (`None`: at the top), right after its child `after` (`None`: as the last).
    AddTask {
        name: String,
        parent: Option<RecordId>,
        after: Option<RecordId>,
    },
    SetField {
        task: RecordId,
        edit: FieldEdit,
    },
    MoveTask {
        task: RecordId,
        to: Position,
    },
    /// Makes the task the last child of the sibling above it.
    Indent {
        task: RecordId,
    },
    /// Makes the task the next sibling of its parent.
    Outdent {
        task: RecordId,
    },
    MoveUp {
        task: RecordId,
    },
    MoveDown {
        task: RecordId,
    },
    /// Deletes the tasks and all below them.
    DeleteTasks {
        tasks: Vec<RecordId>,
    },
    /// Brings back a task, those above it, and those below it that were deleted along with it.
    Restore {
        task: RecordId,
    },
    AddLink {
        pred: RecordId,
        succ: RecordId,
        link_type: LinkType,
        lag: Lag,
    },
    /// Gives a dependency another type and lag.
    SetLink {
        link: RecordId,
        link_type: LinkType,
        lag: Lag,
    },
    RemoveLink {
        link: RecordId,
    },
    Resolve {
        conflict: ConflictId,
        choice: Choice,
    },
    Import {
        plan: Box<ImportedPlan>,
    },
}

/// A new value of one field of a task; an empty text or `None` unsets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "kebab-case")]
pub enum FieldEdit {
    Name(String),
    Kind(TaskKind),
    Duration(Option<Duration>),
    Mode(Mode),
    Manual(ManualDates),
    /// Progress as the author's party reports it, 0 to 100.
    Percent {
        percent: u8,
        status_date: Option<Date>,
    },
    Accountable(String),
    Notes(String),
}

/// A place in the outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    FirstIn(Option<RecordId>),
    LastIn(Option<RecordId>),
    Before(RecordId),
    After(RecordId),
}

/// How an item of the merge review is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// A field: the side that this operation wrote.
    Take(Op),
    /// A field of a task: a value of one's own.
    Write(FieldEdit),
    /// Deleted and edited: it stays.
    Keep,
    /// Deleted and edited: it goes, with all below it.
    Delete,
    /// A skipped move: the task stays where it is.
    AcceptPlacement,
    /// A skipped move: it is made after all; the task in its way takes the place that the moved one leaves.
    ApplyMove,
    /// A suspended dependency: this one of the loop goes.
    RemoveLink(RecordId),
    /// Two tasks of one code: the code shown becomes this task's own.
    AcceptCode,
    /// Differing reports of progress: what the parties agreed on.
    AgreePercent(u8),
}
