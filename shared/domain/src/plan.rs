//! The plan: tasks in an outline, dependencies between them, and everything that follows from them.

mod command;
mod conflict;
pub mod field;
mod rejected;
mod task;
mod view;

pub use command::{Choice, Context, FieldEdit, PlanCommand, Position};
pub use conflict::{Conflict, ConflictId, ConflictKind, PartyReport, Severity, Side, Who};
pub use rejected::Rejected;
pub use task::{LinkType, ManualDates, Mode, TaskKind};
pub use view::{
    DeletedTask, PlanDiff, PlanMirror, PlanSummary, Predecessor, RowKind, Splice, TaskDetail, TaskRow,
};
