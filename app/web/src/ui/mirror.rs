//! The plan as this tab shows it: an order of ids, and one signal per row, so that a changed row wakes only itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heqi_domain::RecordId;
use heqi_domain::plan::{Conflict, ConflictId, PlanDiff, Severity, Splice, TaskRow};
use leptos::prelude::*;

use crate::wire::SeenHeads;

/// Follows the worker's view by diffs alone.
#[derive(Clone, Copy)]
pub(crate) struct Mirror {
    order: RwSignal<Vec<RecordId>>,
    rows: StoredValue<HashMap<RecordId, ArcRwSignal<TaskRow>>>,
    conflicts: RwSignal<BTreeMap<ConflictId, Conflict>>,
    heads: StoredValue<SeenHeads>,
    /// Woken when a row changed its place in the outline, or its having children.
    shape: Trigger,
    /// Woken when any row changed a text that can be searched for.
    texts: Trigger,
}

impl Mirror {
    /// An empty plan.
    pub(crate) fn new() -> Self {
        Self {
            order: RwSignal::new(Vec::new()),
            rows: StoredValue::new(HashMap::new()),
            conflicts: RwSignal::new(BTreeMap::new()),
            heads: StoredValue::new(SeenHeads::default()),
            shape: Trigger::new(),
            texts: Trigger::new(),
        }
    }

    /// Starts again with a whole plan.
    pub(crate) fn reset(&self, heads: SeenHeads, plan: PlanDiff) {
        self.rows.update_value(HashMap::clear);
        self.conflicts.set(BTreeMap::new());
        self.order.set(Vec::new());
        self.apply(heads, plan);
    }

    /// Follows one diff.
    pub(crate) fn apply(&self, heads: SeenHeads, diff: PlanDiff) {
        self.heads.set_value(heads);
        let gone = self.splice(&diff.splices);
        self.put_rows(diff.rows, diff.renumbered, &gone);
        if !diff.conflicts_changed.is_empty() || !diff.conflicts_gone.is_empty() {
            self.conflicts.update(|conflicts| {
                for id in &diff.conflicts_gone {
                    conflicts.remove(id);
                }
                for conflict in diff.conflicts_changed {
                    conflicts.insert(conflict.id, conflict);
                }
            });
        }
    }

    /// The heads of what is shown: an editor keeps those it was opened at.
    pub(crate) fn heads(&self) -> SeenHeads {
        self.heads.get_value()
    }

    /// Ids in outline order; reading it follows changes of the order and of the outline's shape.
    pub(crate) fn with_outline<T>(&self, read: impl FnOnce(&[RecordId]) -> T) -> T {
        self.shape.track();
        self.order.with(|order| read(order))
    }

    /// Wakes the reader when texts of rows change.
    pub(crate) fn track_texts(&self) {
        self.texts.track();
    }

    /// Number of tasks; reading it follows.
    pub(crate) fn len(&self) -> usize {
        self.order.with(Vec::len)
    }

    /// The signal of one row; `None` once it is gone.
    pub(crate) fn row(&self, id: RecordId) -> Option<ArcRwSignal<TaskRow>> {
        self.rows.with_value(|rows| rows.get(&id).cloned())
    }

    /// Reads one row without following it.
    pub(crate) fn peek<T>(&self, id: RecordId, read: impl FnOnce(&TaskRow) -> T) -> Option<T> {
        self.row(id).map(|row| row.with_untracked(read))
    }

    /// Code and name of a task for a sentence; empty once it is gone.
    pub(crate) fn title(&self, id: RecordId) -> String {
        self.peek(id, |row| format!("{} {}", row.code, row.name))
            .unwrap_or_default()
    }

    /// The conflicts; reading them follows.
    pub(crate) fn with_conflicts<T>(
        &self,
        read: impl FnOnce(&BTreeMap<ConflictId, Conflict>) -> T,
    ) -> T {
        self.conflicts.with(read)
    }

    /// Conflicts that need somebody; reading it follows.
    pub(crate) fn conflicts_open(&self) -> usize {
        self.conflicts.with(|conflicts| {
            let open = |c: &&Conflict| c.severity > Severity::Info;
            conflicts.values().filter(open).count()
        })
    }

    /// The task with this code or outline number.
    pub(crate) fn find(&self, text: &str) -> Option<RecordId> {
        let text = text.trim();
        self.order.with_untracked(|order| {
            let named = |id: &&RecordId| {
                self.peek(**id, |row| {
                    row.code.eq_ignore_ascii_case(text) || row.number == text
                }) == Some(true)
            };
            order.iter().find(named).copied()
        })
    }

    fn splice(&self, splices: &[Splice]) -> BTreeSet<RecordId> {
        if splices.is_empty() {
            return BTreeSet::new();
        }
        let mut removed = BTreeSet::new();
        self.order.update(|order| {
            for splice in splices {
                let at = splice.at.min(order.len());
                let end = (at + splice.removed).min(order.len());
                removed.extend(order.splice(at..end, splice.inserted.iter().copied()));
            }
        });
        for id in splices.iter().flat_map(|splice| &splice.inserted) {
            removed.remove(id);
        }
        removed
    }

    fn put_rows(
        &self,
        rows: Vec<TaskRow>,
        renumbered: Vec<(RecordId, String)>,
        gone: &BTreeSet<RecordId>,
    ) {
        let mut reshaped = false;
        let mut retexted = false;
        self.rows.update_value(|known| {
            for id in gone {
                known.remove(id);
            }
            for row in rows {
                match known.get(&row.id) {
                    Some(signal) => {
                        let (shape, text) = signal.with_untracked(|old| differ(old, &row));
                        reshaped |= shape;
                        retexted |= text;
                        signal.set(row);
                    }
                    None => {
                        retexted = true;
                        known.insert(row.id, ArcRwSignal::new(row));
                    }
                }
            }
            for (id, number) in renumbered {
                if let Some(signal) = known.get(&id) {
                    signal.update(|row| row.number = number);
                }
            }
        });
        if reshaped {
            self.shape.notify();
        }
        if retexted {
            self.texts.notify();
        }
    }
}

/// Whether the outline's shape, and whether a searchable text differs.
fn differ(old: &TaskRow, new: &TaskRow) -> (bool, bool) {
    let shape =
        old.depth != new.depth || old.parent != new.parent || old.has_children != new.has_children;
    let text = old.name != new.name || old.code != new.code || old.accountable != new.accountable;
    (shape, text)
}
