//! Finds the conflicts: of one record's registers, of the outline, of the network, and of codes.

use super::Plan;
use super::conflict::{Conflict, ConflictKind, Side, Who};
use super::field::{LAG, LIVE, MOVED, PARENT, PROGRESS, is_contestable, reference_value};
use crate::record::{Authors, Candidate, History, Op, RecordId, Value};
use crate::stamp::is_deleted_stamp;
use crate::store::{Register, is_live_stamp};

impl Plan {
    /// Conflicts among the registers of one task or link; none while it is not shown.
    pub(crate) fn record_conflicts(
        &self,
        record: RecordId,
        history: &dyn History,
        authors: &dyn Authors,
    ) -> Vec<Conflict> {
        let Some(task) = self.shown_at(record) else {
            return Vec::new();
        };
        let Some(registers) = self.store.record(record) else {
            return Vec::new();
        };
        let mut kinds: Vec<ConflictKind> = registers
            .registers()
            .filter(|(field, _)| is_contestable(field))
            .filter(|(field, _)| record == task || *field == LAG)
            .filter_map(|(field, register)| self.field_conflict(record, field, register, authors))
            .collect();
        kinds.extend(self.delete_edit(record, history, authors));
        if record == task {
            kinds.extend(self.progress_disagreement(record));
        }
        let conflicts = kinds
            .into_iter()
            .map(|kind| Conflict::new(record, task, kind));
        conflicts.collect()
    }

    /// Moves that were left out, and deleted parents that only a child keeps.
    pub(crate) fn outline_conflicts(&self, authors: &dyn Authors) -> Vec<Conflict> {
        let shown = |task: &RecordId| self.outline.is_shown(*task);
        let skipped = self
            .outline
            .skipped
            .iter()
            .filter(|s| shown(&s.task))
            .map(|s| {
                let kind = ConflictKind::MoveSkipped {
                    wanted: s.wanted,
                    by: Who::of(s.op, authors),
                    because: s.because,
                    because_by: s.because_op.map(|op| Who::of(op, authors)),
                };
                Conflict::new(s.task, s.task, kind)
            });
        let revived = self
            .outline
            .revived
            .iter()
            .filter_map(|(parent, children)| self.revived_parent(*parent, children, authors));
        skipped.chain(revived).collect()
    }

    pub(crate) fn network_conflicts(&self, authors: &dyn Authors) -> Vec<Conflict> {
        let suspended = self.network.suspended.iter().filter_map(|(id, found)| {
            let link = self.links.get(id)?;
            let others = found.links.iter().filter_map(|other| {
                let made = self.links.get(other)?.made;
                Some((*other, Who::of(made, authors)))
            });
            let kind = ConflictKind::LinkSuspended {
                pred: link.pred,
                succ: link.succ,
                by: Who::of(link.made, authors),
                tasks: found.tasks.clone(),
                links: others.collect(),
            };
            Some(Conflict::new(*id, link.succ, kind))
        });
        suspended.collect()
    }

    pub(crate) fn code_conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        for (code, holders) in self.codes.shared() {
            let Some((keeper, others)) = holders.split_first() else {
                continue;
            };
            let shown = others.iter().filter(|t| self.outline.is_shown(**t));
            found.extend(shown.map(|task| {
                let kind = ConflictKind::CodeCollision {
                    code: code.to_owned(),
                    shown: self.codes.shown(*task),
                    keeper: *keeper,
                };
                Conflict::new(*task, *task, kind)
            }));
        }
        found
    }

    /// The shown task whose row tells of a record: itself, or a standing link's successor.
    fn shown_at(&self, record: RecordId) -> Option<RecordId> {
        if self.outline.is_shown(record) {
            return Some(record);
        }
        let link = self.links.get(&record)?;
        link.is_shown(&self.outline).then_some(link.succ)
    }

    fn field_conflict(
        &self,
        record: RecordId,
        field: &str,
        register: &Register,
        authors: &dyn Authors,
    ) -> Option<ConflictKind> {
        let settled = register.settled().filter(|s| s.sides.len() > 1)?;
        let sides: Vec<Side> = settled.sides.iter().map(|c| side(c, authors)).collect();
        let shows = |value: &Value| sides.iter().rposition(|s| s.value == *value);
        let provisional = match field {
            // The replay of moves decides, not the register.
            PARENT => shows(&reference_value(self.outline.parent(record))),
            _ if field.starts_with(PROGRESS) => {
                let lowest = sides.iter().filter_map(|s| s.value.as_int()).min();
                lowest.and_then(|percent| shows(&Value::Int(percent)))
            }
            _ => None,
        };
        Some(ConflictKind::Field {
            field: field.to_owned(),
            base: settled.base.clone(),
            provisional: provisional.unwrap_or(sides.len() - 1),
            sides,
        })
    }

    /// A record that somebody deleted while somebody else, not knowing, edited it.
    fn delete_edit(
        &self,
        record: RecordId,
        history: &dyn History,
        authors: &dyn Authors,
    ) -> Option<ConflictKind> {
        let sides = self.store.register(record, LIVE)?.sides();
        let (deletes, edits): (Vec<&Candidate>, Vec<&Candidate>) =
            sides.iter().partition(|c| is_deleted_stamp(&c.value));
        let last_delete = deletes.last().filter(|_| !edits.is_empty())?.op;
        Some(ConflictKind::DeleteEdit {
            fields: self.fields_unseen_by(last_delete, record, history),
            deleted_by: deletes.iter().map(|c| Who::of(c.op, authors)).collect(),
            edited_by: edits.iter().map(|c| Who::of(c.op, authors)).collect(),
            children: Vec::new(),
        })
    }

    /// Fields whose present values are not those that the author of `op` saw.
    fn fields_unseen_by(&self, op: Op, record: RecordId, history: &dyn History) -> Vec<String> {
        let Some(registers) = self.store.record(record) else {
            return Vec::new();
        };
        let changed = registers.registers().filter(|(field, register)| {
            if !is_contestable(field) {
                return false;
            }
            let seen = history.seen_by(op, record, field);
            let known = |c: &Candidate| seen.iter().any(|s| s.value == c.value);
            !register.sides().iter().all(known)
        });
        changed.map(|(field, _)| field.to_owned()).collect()
    }

    /// A deleted parent that only what stands below it keeps. Where the child below was deleted too, and edited, or
    /// is itself only kept, the item stands there alone.
    fn revived_parent(
        &self,
        parent: RecordId,
        children: &[RecordId],
        authors: &dyn Authors,
    ) -> Option<Conflict> {
        let untouched = |child: &&RecordId| match self.store.register(**child, LIVE) {
            Some(live) => live.sides().iter().all(is_live_stamp),
            None => true,
        };
        let children: Vec<RecordId> = children.iter().filter(untouched).copied().collect();
        let deletes = self.store.register(parent, LIVE)?.sides();
        if children.is_empty() {
            return None;
        }
        let came = children.iter().filter_map(|child| self.came_by(*child));
        let kind = ConflictKind::DeleteEdit {
            deleted_by: deletes.iter().map(|c| Who::of(c.op, authors)).collect(),
            edited_by: came.map(|op| Who::of(op, authors)).collect(),
            fields: Vec::new(),
            children,
        };
        Some(Conflict::new(parent, parent, kind))
    }

    /// The operation that last moved a task, its creation included.
    fn came_by(&self, task: RecordId) -> Option<Op> {
        let moves = self.store.record(task)?.starting_with(MOVED);
        moves.filter_map(|(_, register)| register.first_op()).max()
    }

    fn progress_disagreement(&self, task: RecordId) -> Option<ConflictKind> {
        if self.outline.place(task)?.has_children() {
            return None;
        }
        let progress = self.progress(task);
        let current = progress.current?;
        (!progress.disagreeing.is_empty()).then_some(ConflictKind::ProgressDisagreement {
            current,
            others: progress.disagreeing,
        })
    }
}

fn side(candidate: &Candidate, authors: &dyn Authors) -> Side {
    Side {
        value: candidate.value.clone(),
        who: Who::of(candidate.op, authors),
    }
}
