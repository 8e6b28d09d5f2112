//! The plan: tasks in an outline, dependencies between them, and everything that follows from them.
//!
//! A [`Plan`] holds the registers of all records and what is computed of them. Whoever owns the document hands in the
//! candidates of every touched register ([`Plan::set`]) and asks what that changed in the view ([`Plan::refresh`]). A
//! command becomes register writes ([`Plan::command`]); they take effect only when their candidates come back through
//! `set`, so that an edit of one's own and a remote one go the same way. Equal registers, pasts and authors give an
//! equal plan, whatever the order in which they arrived.

mod code;
mod command;
mod conflict;
mod detect;
mod edit;
mod export;
mod facts;
pub mod field;
mod imports;
mod intake;
mod link;
mod moves;
mod network;
mod outline;
mod progress;
mod refresh;
mod rejected;
mod review;
mod rollup;
mod rows;
mod sentence;
mod task;
pub mod typed;
mod undo;
mod view;

use std::collections::{BTreeMap, BTreeSet};

pub use command::{Choice, Context, FieldEdit, PlanCommand, Position};
pub use conflict::{Conflict, ConflictId, ConflictKind, PartyReport, Severity, Side, Who};
pub use imports::ImportRecord;
pub use intake::{Import, ImportOutcome, KeptField, KeptWhy};
pub use link::link_id;
pub use rejected::Rejected;
pub use task::{LinkType, ManualDates, Mode, TaskKind};
pub use undo::UndoStack;
pub use view::{
    DeletedTask, PlanDiff, PlanMirror, PlanSummary, Predecessor, RowKind, Splice, TaskDetail,
    TaskRow,
};

use crate::record::{Candidate, RecordId};
use crate::standing::Standing;
use crate::store::Store;
use code::Codes;
use link::Link;
use moves::MoveLog;
use network::Network;
use outline::{Node, Outline};
use review::Review;
use rollup::{Rollup, Totals};

/// All facts of a plan, and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    store: Store,
    /// The imports that took place, each with those that its maker saw standing.
    imports: BTreeMap<RecordId, BTreeSet<RecordId>>,
    standing: Standing,
    nodes: BTreeMap<RecordId, Node>,
    moves: MoveLog,
    links: BTreeMap<RecordId, Link>,
    links_of: BTreeMap<RecordId, BTreeSet<RecordId>>,
    codes: Codes,
    /// What the parties report of each task's progress.
    reports: BTreeMap<RecordId, Vec<PartyReport>>,
    outline: Outline,
    network: Network,
    /// What each task counts for in the progress of its summaries.
    totals: BTreeMap<RecordId, Totals>,
    rollup: Rollup,
    conflicts: Review,
    rows: BTreeMap<RecordId, TaskRow>,
}

impl Plan {
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the candidates of one register; seen in the view after the next [`Plan::refresh`].
    pub fn set(&mut self, record: RecordId, field: &str, candidates: Vec<Candidate>) {
        self.store.set(record, field, candidates);
    }

    /// The candidates of one register, ascending by operation.
    pub fn candidates(&self, record: RecordId, field: &str) -> &[Candidate] {
        self.store
            .register(record, field)
            .map(|r| r.candidates())
            .unwrap_or_default()
    }
}
