//! What interfaces show of a plan, and how it changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conflict::{Conflict, ConflictId};
use super::task::{LinkType, ManualDates, Mode};
use crate::quantity::Duration;
use crate::record::RecordId;
use crate::time::LocalDateTime;

/// What a task is as shown: a summary exactly while it has children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    Task,
    Summary,
    Milestone,
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRow {
    pub id: RecordId,
    /// Human code, with `·2` where another task keeps the same one.
    pub code: String,
    /// Outline number such as `1.2.3`.
    pub number: String,
    /// 0 at the top.
    pub depth: usize,
    pub parent: Option<RecordId>,
    pub has_children: bool,
    pub kind: RowKind,
    pub name: String,
    /// `None` where not known, and for summaries.
    pub duration: Option<Duration>,
    /// 0 to 100; of a summary by the durations below it.
    pub percent: u8,
    /// Parties report different progress.
    pub percent_disputed: bool,
    pub mode: Mode,
    pub manual: Option<ManualDates>,
    /// Start and finish as the imported file had them.
    pub imported_start: Option<LocalDateTime>,
    pub imported_finish: Option<LocalDateTime>,
    pub accountable: String,
    pub has_notes: bool,
    pub predecessors: Vec<Predecessor>,
    /// Cells with an open item of the merge review: names of fields, `predecessors`, `percent`, or `live`.
    pub conflict_fields: Vec<String>,
}

/// A dependency as its successor's row shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    pub link: RecordId,
    pub task: RecordId,
    /// The predecessor's code as shown.
    pub code: String,
    pub link_type: LinkType,
    /// Signed, empty when none: `+2d`, `-50%`.
    pub lag: String,
    pub suspended: bool,
}

/// Everything about one task that its row leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDetail {
    pub row: TaskRow,
    pub notes: String,
    pub wbs: String,
    pub calendar: String,
    pub baselines: u32,
    /// Identity within the imported file.
    pub uid: Option<i64>,
    pub successors: Vec<Predecessor>,
    /// Every report of progress, by date, then party.
    pub reports: Vec<super::conflict::PartyReport>,
}

/// A task that is deleted and could be restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedTask {
    pub id: RecordId,
    pub code: String,
    pub name: String,
    pub parent: Option<RecordId>,
}

/// Replaces `removed` ids from `at` on by `inserted`; splices apply one after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    pub at: usize,
    pub removed: usize,
    pub inserted: Vec<RecordId>,
}

/// What a refresh changed in the view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDiff {
    /// Changes of the outline's order. A row whose id is removed and not inserted again is gone.
    pub splices: Vec<Splice>,
    /// Rows that are new or changed.
    pub rows: Vec<TaskRow>,
    /// Rows of which nothing but the outline number changed.
    pub renumbered: Vec<(RecordId, String)>,
    pub conflicts_changed: Vec<Conflict>,
    pub conflicts_gone: Vec<ConflictId>,
}

/// Counts for a headline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSummary {
    pub tasks: usize,
    pub summaries: usize,
    pub milestones: usize,
    pub links: usize,
    pub links_suspended: usize,
    pub conflicts: usize,
    /// Conflicts that need somebody: attention or blocking.
    pub conflicts_open: usize,
}

/// A copy of the view that follows by diffs alone: what an interface holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanMirror {
    pub order: Vec<RecordId>,
    pub rows: BTreeMap<RecordId, TaskRow>,
    pub conflicts: BTreeMap<ConflictId, Conflict>,
}

impl PlanDiff {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl PlanMirror {
    /// Follows one diff. A diff of another view is followed as far as it fits.
    pub fn apply(&mut self, diff: &PlanDiff) {
        let mut removed = Vec::new();
        for splice in &diff.splices {
            let at = splice.at.min(self.order.len());
            let end = (at + splice.removed).min(self.order.len());
            removed.extend(self.order.splice(at..end, splice.inserted.iter().copied()));
        }
        let inserted: std::collections::BTreeSet<_> =
            diff.splices.iter().flat_map(|s| &s.inserted).collect();
        for id in removed.iter().filter(|id| !inserted.contains(id)) {
            self.rows.remove(id);
        }
        for row in &diff.rows {
            self.rows.insert(row.id, row.clone());
        }
        for (id, number) in &diff.renumbered {
            if let Some(row) = self.rows.get_mut(id) {
                row.number.clone_from(number);
            }
        }
        for id in &diff.conflicts_gone {
            self.conflicts.remove(id);
        }
        for conflict in &diff.conflicts_changed {
            self.conflicts.insert(conflict.id, conflict.clone());
        }
    }
}
