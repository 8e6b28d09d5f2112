//! Decides an item of the merge review by ordinary writes, which supersede the competing ones.

use super::Edit;
use super::fields::percent_value;
use crate::plan::Rejected;
use crate::plan::command::{Choice, Position};
use crate::plan::conflict::{Conflict, ConflictId, ConflictKind, PartyReport, Side};
use crate::plan::field::{CODE, PARENT, reference};
use crate::plan::progress::{AGREED, report_field};
use crate::record::{RecordId, Value};

impl Edit<'_, '_, '_> {
    pub(crate) fn resolve(&mut self, id: ConflictId, choice: &Choice) -> Result<(), Rejected> {
        let conflict = self.plan.conflict(id);
        let conflict = conflict.ok_or(Rejected::UnknownConflict { conflict: id })?;
        let record = conflict.record;
        let unfit = || Rejected::ChoiceDoesNotFit { conflict: id };
        match (&conflict.kind, choice) {
            (ConflictKind::Field { field, sides, .. }, Choice::Take(op)) => {
                let side = sides.iter().find(|s| s.who.op == *op).ok_or_else(unfit)?;
                self.take(record, field, side)
            }
            (ConflictKind::Field { field, .. }, Choice::Write(edit)) if edit.field() == field => {
                self.set_field(record, edit)
            }
            (ConflictKind::DeleteEdit { .. }, Choice::Keep) => {
                self.keep_with_ancestors(record);
                Ok(())
            }
            (ConflictKind::DeleteEdit { .. }, Choice::Delete) => self.delete_either(record),
            (ConflictKind::MoveSkipped { .. }, Choice::AcceptPlacement) => {
                self.put_parent(record, self.plan.outline.parent(record));
                Ok(())
            }
            (ConflictKind::MoveSkipped { wanted, .. }, Choice::ApplyMove) => {
                self.apply_move(conflict, *wanted)
            }
            (ConflictKind::LinkSuspended { links, .. }, Choice::RemoveLink(link)) => {
                let in_loop = *link == record || links.iter().any(|(l, _)| l == link);
                self.remove_link(Some(*link).filter(|_| in_loop).ok_or_else(unfit)?)
            }
            (ConflictKind::CodeCollision { shown, .. }, Choice::AcceptCode) => {
                self.put_fact(record, CODE, Value::text(shown.as_str()));
                Ok(())
            }
            (
                ConflictKind::ProgressDisagreement { current, others },
                Choice::AgreePercent(percent),
            ) => self.agree(record, current, others, *percent),
            _ => Err(unfit()),
        }
    }

    fn take(&mut self, record: RecordId, field: &str, side: &Side) -> Result<(), Rejected> {
        if field == PARENT {
            let parent = reference(&side.value);
            if parent == self.plan.outline.parent(record) {
                self.put_parent(record, parent);
                return Ok(());
            }
            return self.move_task(record, Position::LastIn(parent));
        }
        self.overwrite(record, field, side.value.clone());
        self.touch(record);
        Ok(())
    }

    fn delete_either(&mut self, record: RecordId) -> Result<(), Rejected> {
        match self.plan.links.contains_key(&record) {
            true => self.remove_link(record),
            false => self.delete_tasks(&[record]),
        }
    }

    /// Makes a move that was left out: what stands in its way first takes the place of the moved task.
    fn apply_move(
        &mut self,
        conflict: &Conflict,
        wanted: Option<RecordId>,
    ) -> Result<(), Rejected> {
        let task = conflict.record;
        let Some(target) = wanted else {
            return self.move_task(task, Position::LastIn(None));
        };
        self.shown(target)?;
        if target == task {
            return Err(Rejected::BelowItself { task });
        }
        let outline = &self.plan.outline;
        let way: Vec<RecordId> = std::iter::once(target)
            .chain(outline.ancestors(target))
            .collect();
        let Some(at) = way.iter().position(|t| *t == task) else {
            return self.move_task(task, Position::LastIn(wanted));
        };
        self.fits_depth(outline.parent(task), self.height(task) + 1)?;
        self.put_parent(way[at - 1], outline.parent(task));
        self.put_parent(task, wanted);
        Ok(())
    }

    fn agree(
        &mut self,
        task: RecordId,
        current: &PartyReport,
        others: &[PartyReport],
        percent: u8,
    ) -> Result<(), Rejected> {
        let value = percent_value(percent)?;
        let dates = others.iter().chain([current]).map(|r| &r.date);
        let date = dates.max().unwrap_or(&current.date);
        if let Some(field) = report_field(AGREED, date) {
            self.overwrite(task, &field, value);
            self.touch(task);
        }
        Ok(())
    }
}
