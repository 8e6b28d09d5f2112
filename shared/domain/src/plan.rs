//! The plan: tasks in an outline, dependencies between them, and everything that follows from them.

mod task;

pub use task::{LinkType, ManualDates, Mode, TaskKind};
