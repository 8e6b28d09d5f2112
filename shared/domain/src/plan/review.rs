//! The merge review: every conflict by its id, kept alongside whose recomputation it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::conflict::{Conflict, ConflictId};
use crate::record::RecordId;

/// What is computed anew at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Conflicts of one record's registers.
    Record(RecordId),
    /// Skipped moves and parents that only a child keeps.
    Outline,
    /// Suspended dependencies.
    Network,
    /// Codes that several tasks hold.
    Codes,
}

/// All conflicts, and what became of them since the last look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Review {
    conflicts: BTreeMap<ConflictId, Conflict>,
    scopes: BTreeMap<Scope, BTreeSet<ConflictId>>,
    tasks: BTreeMap<RecordId, BTreeSet<ConflictId>>,
    touched: BTreeSet<ConflictId>,
    touched_tasks: BTreeSet<RecordId>,
}

impl Review {
    /// Replaces all conflicts of one scope.
    pub(crate) fn replace(&mut self, scope: Scope, found: Vec<Conflict>) {
        let old = self.scopes.remove(&scope).unwrap_or_default();
        let new: BTreeSet<ConflictId> = found.iter().map(|c| c.id).collect();
        for id in old.difference(&new) {
            self.remove(*id);
        }
        for conflict in found {
            if self.conflicts.get(&conflict.id) != Some(&conflict) {
                self.remove(conflict.id);
                self.insert(conflict);
            }
        }
        if !new.is_empty() {
            self.scopes.insert(scope, new);
        }
    }

    /// Conflicts that changed and that are gone since the last call.
    pub(crate) fn take_touched(&mut self) -> (Vec<Conflict>, Vec<ConflictId>) {
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        for id in std::mem::take(&mut self.touched) {
            match self.conflicts.get(&id) {
                Some(conflict) => changed.push(conflict.clone()),
                None => gone.push(id),
            }
        }
        (changed, gone)
    }

    /// Tasks whose conflicts changed since the last call.
    pub(crate) fn take_touched_tasks(&mut self) -> BTreeSet<RecordId> {
        std::mem::take(&mut self.touched_tasks)
    }

    pub(crate) fn len(&self) -> usize {
        self.conflicts.len()
    }

    pub(crate) fn all(&self) -> &BTreeMap<ConflictId, Conflict> {
        &self.conflicts
    }

    fn insert(&mut self, conflict: Conflict) {
        self.touched.insert(conflict.id);
        self.touched_tasks.insert(conflict.task);
        let of_task = self.tasks.entry(conflict.task).or_default();
        of_task.insert(conflict.id);
        self.conflicts.insert(conflict.id, conflict);
    }

    fn remove(&mut self, id: ConflictId) {
        let Some(conflict) = self.conflicts.remove(&id) else {
            return;
        };
        self.touched.insert(id);
        self.touched_tasks.insert(conflict.task);
        if let Some(of_task) = self.tasks.get_mut(&conflict.task) {
            of_task.remove(&id);
            if of_task.is_empty() {
                self.tasks.remove(&conflict.task);
            }
        }
    }
}

impl Plan {
    /// The merge review, by id.
    pub fn conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.conflicts.all().values()
    }

    /// One item of the merge review.
    pub fn conflict(&self, id: ConflictId) -> Option<&Conflict> {
        self.conflicts.all().get(&id)
    }

    /// The items that a task's row shows.
    pub fn conflicts_of(&self, task: RecordId) -> impl Iterator<Item = &Conflict> {
        let ids = self.conflicts.tasks.get(&task).into_iter().flatten();
        ids.filter_map(|id| self.conflicts.all().get(id))
    }
}
