//! Records and commands of the domain as the two sides tell them, in a form without names or tags.
//!
//! The domain's own form serves documents and JSON: it leaves fields out and tags enums by name, so that reading it
//! takes a decoder that guesses types: a third of the interface's code, and a tenth of the worker's. What they tell each
//! other therefore goes through the twins here; a test holds them to carry everything.

use heqi_domain::plan::{
    Conflict, ConflictId, ConflictKind, ManualDates, PartyReport, PlanDiff, Severity, Side, Splice,
    TaskRow, Who,
};
use heqi_domain::quantity::{Duration, TimeUnit};
use heqi_domain::time::LocalDateTime;
use heqi_domain::{RecordId, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod command;
mod rejected;

pub(super) use command::CommandTwin;
pub(super) use rejected::RejectedTwin;

/// Serialises a [`PlanDiff`] by its twin.
pub(super) fn serialize<S: Serializer>(diff: &PlanDiff, serializer: S) -> Result<S::Ok, S::Error> {
    Diff::from(diff.clone()).serialize(serializer)
}

/// Deserialises a [`PlanDiff`] from its twin.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<PlanDiff, D::Error> {
    Diff::deserialize(deserializer).map(PlanDiff::from)
}

#[derive(Serialize, Deserialize)]
struct Diff {
    splices: Vec<Splice>,
    rows: Vec<Row>,
    renumbered: Vec<(RecordId, String)>,
    conflicts_changed: Vec<Item>,
    conflicts_gone: Vec<ConflictId>,
}

/// A row whose composites, which leave fields out, travel beside it.
#[derive(Serialize, Deserialize)]
struct Row {
    row: TaskRow,
    duration: Option<(i64, TimeUnit, bool, bool)>,
    manual: Option<(Option<LocalDateTime>, Option<LocalDateTime>)>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    id: ConflictId,
    record: RecordId,
    task: RecordId,
    severity: Severity,
    #[serde(with = "KindTwin")]
    kind: ConflictKind,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ConflictKind")]
enum KindTwin {
    Field {
        field: String,
        base: Option<Value>,
        sides: Vec<Side>,
        provisional: usize,
    },
    DeleteEdit {
        deleted_by: Vec<Who>,
        edited_by: Vec<Who>,
        fields: Vec<String>,
        children: Vec<RecordId>,
    },
    MoveSkipped {
        wanted: Option<RecordId>,
        by: Who,
        because: RecordId,
        because_by: Option<Who>,
    },
    LinkSuspended {
        pred: RecordId,
        succ: RecordId,
        by: Who,
        tasks: Vec<RecordId>,
        links: Vec<(RecordId, Who)>,
    },
    CodeCollision {
        code: String,
        shown: String,
        keeper: RecordId,
    },
    ProgressDisagreement {
        current: PartyReport,
        others: Vec<PartyReport>,
    },
}

impl From<PlanDiff> for Diff {
    fn from(diff: PlanDiff) -> Self {
        Self {
            splices: diff.splices,
            rows: diff.rows.into_iter().map(Row::from).collect(),
            renumbered: diff.renumbered,
            conflicts_changed: diff.conflicts_changed.into_iter().map(Item::from).collect(),
            conflicts_gone: diff.conflicts_gone,
        }
    }
}

impl From<Diff> for PlanDiff {
    fn from(diff: Diff) -> Self {
        Self {
            splices: diff.splices,
            rows: diff.rows.into_iter().map(TaskRow::from).collect(),
            renumbered: diff.renumbered,
            conflicts_changed: diff
                .conflicts_changed
                .into_iter()
                .map(Conflict::from)
                .collect(),
            conflicts_gone: diff.conflicts_gone,
        }
    }
}

impl From<TaskRow> for Row {
    fn from(mut row: TaskRow) -> Self {
        let duration = row.duration.take();
        let manual = row.manual.take();
        Self {
            row,
            duration: duration.map(|d| (d.minutes, d.unit, d.elapsed, d.estimated)),
            manual: manual.map(|dates| (dates.start, dates.finish)),
        }
    }
}

impl From<Row> for TaskRow {
    fn from(row: Row) -> Self {
        let duration = row
            .duration
            .map(|(minutes, unit, elapsed, estimated)| Duration {
                minutes,
                unit,
                elapsed,
                estimated,
            });
        let manual = row
            .manual
            .map(|(start, finish)| ManualDates { start, finish });
        Self {
            duration,
            manual,
            ..row.row
        }
    }
}

impl From<Conflict> for Item {
    fn from(conflict: Conflict) -> Self {
        Self {
            id: conflict.id,
            record: conflict.record,
            task: conflict.task,
            severity: conflict.severity,
            kind: conflict.kind,
        }
    }
}

impl From<Item> for Conflict {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            record: item.record,
            task: item.task,
            severity: item.severity,
            kind: item.kind,
        }
    }
}
