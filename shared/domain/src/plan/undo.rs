//! Undo and redo of one's own commands, as new writes that put back what was there before.
//!
//! A step is refused where somebody changed since what it wrote: undo never takes back another's work. What another
//! import of the same file holds as well stays, and goes with the last of those imports that is undone
//! ([`crate::standing`]).

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::command::Context;
use super::edit::Edit;
use super::field::{IS, LIVE, MOVED, ORDER, PARENT, is_contestable, reference};
use super::imports::SOURCE;
use super::rejected::Rejected;
use crate::limits::UNDO_STEPS_MAX;
use crate::record::{Authors, RecordId, Value, Write};
use crate::stamp::{ImportHand, ImportStamp, is_deleted_stamp};
use crate::store::Register;

/// What one member can undo and redo, latest last.
#[derive(Clone, Debug, Default)]
pub struct UndoStack {
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// The writes of one command, each with what it wrote over.
#[derive(Clone, Debug, Default)]
struct Step {
    writes: Vec<Written>,
    /// What people had set in the records that the writes bring back.
    found: BTreeMap<(RecordId, String), Value>,
    /// Imports that had taken place of the file that the step imports; none where it imports none.
    imports: BTreeSet<RecordId>,
}

#[derive(Clone, Debug)]
struct Written {
    record: RecordId,
    field: String,
    /// `None` where the register did not exist.
    before: Option<Value>,
    value: Value,
}

impl UndoStack {
    /// Notes a command's writes; to be called before they are applied to `plan`.
    pub fn note(&mut self, plan: &Plan, writes: &[Write]) {
        if !writes.is_empty() {
            self.undone.clear();
            push(&mut self.done, Step::of(plan, writes));
        }
    }

    /// The writes that undo the last command. A step that cannot be undone any more is dropped and told of.
    pub fn undo(
        &mut self,
        plan: &Plan,
        context: &mut Context<'_>,
        authors: &dyn Authors,
    ) -> Result<Vec<Write>, Rejected> {
        let step = self.done.pop().ok_or(Rejected::NothingToUndo)?;
        let writes = step.revert(plan, context, authors)?;
        push(&mut self.undone, Step::of(plan, &writes));
        Ok(writes)
    }

    /// The writes that bring back what was undone last.
    pub fn redo(
        &mut self,
        plan: &Plan,
        context: &mut Context<'_>,
        authors: &dyn Authors,
    ) -> Result<Vec<Write>, Rejected> {
        let step = self.undone.pop().ok_or(Rejected::NothingToUndo)?;
        let writes = step.revert(plan, context, authors)?;
        push(&mut self.done, Step::of(plan, &writes));
        Ok(writes)
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

fn push(steps: &mut Vec<Step>, step: Step) {
    if steps.len() == UNDO_STEPS_MAX {
        steps.remove(0);
    }
    steps.push(step);
}

impl Step {
    fn of(plan: &Plan, writes: &[Write]) -> Self {
        let written = |w: &Write| Written {
            record: w.record,
            field: w.field.clone(),
            before: plan.value(w.record, &w.field).cloned(),
            value: w.value.clone(),
        };
        let mut found = BTreeMap::new();
        for write in writes.iter().filter(|w| comes_back(plan, w)) {
            let registers = plan.store.record(write.record).into_iter();
            let registers = registers.flat_map(|record| record.registers());
            for (field, register) in registers.filter(|(field, _)| is_contestable(field)) {
                let value = register.value().cloned();
                found.extend(value.map(|value| ((write.record, field.to_owned()), value)));
            }
        }
        Self {
            writes: writes.iter().map(written).collect(),
            found,
            imports: imported_before(plan, writes),
        }
    }

    fn revert(
        &self,
        plan: &Plan,
        context: &mut Context<'_>,
        authors: &dyn Authors,
    ) -> Result<Vec<Write>, Rejected> {
        let mut gone = self.records_to_delete();
        let is_import = |record: &RecordId| plan.imports.contains_key(record);
        let import = gone.iter().copied().find(is_import);
        let mut edit = Edit::new(plan, context);
        if self.is_held(plan, &gone) {
            gone.retain(is_import);
        } else {
            self.check(plan, &gone, authors)?;
            let is_of_import = self.writes.iter().any(|w| is_import(&w.record));
            for written in self.writes.iter().filter(|w| !gone.contains(&w.record)) {
                written.revert(&mut edit)?;
                if is_of_import && plan.is_by_import(written.record) {
                    edit.untouch(written.record);
                }
            }
        }
        // What somebody has deleted since stays deleted by them.
        for record in gone.iter().filter(|record| plan.store.is_live(**record)) {
            match (self.left(*record), import) {
                (Some(by), _) => edit.leave(*record, by),
                (None, Some(import)) if import != *record => edit.undo_import(*record, import),
                (None, _) => edit.delete(*record),
            }
        }
        Ok(edit.finish())
    }

    /// Records that the step created or brought back.
    fn records_to_delete(&self) -> BTreeSet<RecordId> {
        let came = |w: &&Written| match w.field.as_str() {
            IS => w.before.is_none(),
            LIVE => !is_deleted_stamp(&w.value) && w.before.as_ref().is_some_and(is_deleted_stamp),
            _ => false,
        };
        self.writes.iter().filter(came).map(|w| w.record).collect()
    }

    /// The import whose file no longer had the record that the step brought back.
    fn left(&self, record: RecordId) -> Option<RecordId> {
        let mut writes = self.writes.iter();
        let write = writes.find(|w| w.record == record && w.field == LIVE)?;
        match ImportStamp::read(write.before.as_ref()?)?.hand {
            ImportHand::Left(by) => Some(by),
            _ => None,
        }
    }

    /// Whether the file that the step imported was imported otherwise since: all of it may be of that import as well,
    /// which writes nothing where it finds what it would write.
    fn is_held(&self, plan: &Plan, gone: &BTreeSet<RecordId>) -> bool {
        let mut own = gone.iter().filter(|it| plan.imports.contains_key(it));
        own.any(|own| {
            let mut others = plan.imports_of(plan.text(*own, SOURCE));
            others.any(|other| !gone.contains(&other) && !self.imports.contains(&other))
        })
    }

    fn check(
        &self,
        plan: &Plan,
        gone: &BTreeSet<RecordId>,
        authors: &dyn Authors,
    ) -> Result<(), Rejected> {
        let imports = gone.iter().any(|it| plan.imports.contains_key(it));
        for written in &self.writes {
            let (record, field) = (written.record, &written.field);
            // Imports of one file say the same, and the others of them are undone.
            let agree = |r: &Register| r.sides().iter().all(|c| c.value == written.value);
            let register = plan.store.register(record, field);
            let is_agreed = imports && register.is_some_and(agree);
            let still = plan.value(record, field) == Some(&written.value)
                && (is_agreed || !is_disputed(plan, record, field));
            if !still && is_contestable(&written.field) {
                return Err(changed_since(plan, written.record, &written.field, authors));
            }
        }
        for record in gone {
            self.check_untouched(plan, *record, authors)?;
            let below = plan.outline.subtree(*record);
            if let Some(task) = below.iter().find(|t| !gone.contains(t)) {
                return Err(changed_since(plan, *task, PARENT, authors));
            }
        }
        Ok(())
    }

    /// Refuses to delete a record in which more was set since than the step found or wrote.
    fn check_untouched(
        &self,
        plan: &Plan,
        record: RecordId,
        authors: &dyn Authors,
    ) -> Result<(), Rejected> {
        let own = |field: &str| {
            let mut writes = self.writes.iter();
            writes.any(|w| w.record == record && w.field == field)
        };
        let found = |field: &str, register: &Register| {
            let found = self.found.get(&(record, field.to_owned()));
            register.value() == found && !is_disputed(plan, record, field)
        };
        let registers = plan.store.record(record).into_iter();
        let mut registers = registers.flat_map(|record| record.registers());
        let changed = registers.find(|(field, register)| {
            is_contestable(field) && !own(field) && !found(field, register)
        });
        match changed {
            Some((field, _)) => Err(changed_since(plan, record, field, authors)),
            None => Ok(()),
        }
    }
}

impl Written {
    fn revert(&self, edit: &mut Edit<'_, '_, '_>) -> Result<(), Rejected> {
        let plan = edit.plan;
        let before = self.before.clone().unwrap_or(Value::text(""));
        match self.field.as_str() {
            LIVE if is_deleted_stamp(&self.value) => {
                if plan.value(self.record, LIVE) == Some(&self.value) {
                    match ImportStamp::read(&self.value) {
                        Some(_) => edit.stamp_as_imported(self.record, None),
                        None => edit.touch(self.record),
                    }
                }
            }
            LIVE => {}
            PARENT => revert_parent(edit, self.record, reference(&before))?,
            ORDER => {
                if plan.value(self.record, ORDER) == Some(&self.value) {
                    edit.put_fact(self.record, ORDER, before);
                }
            }
            field if field.starts_with(MOVED) => {}
            field => edit.put_fact(self.record, field, before),
        }
        Ok(())
    }
}

fn revert_parent(
    edit: &mut Edit<'_, '_, '_>,
    task: RecordId,
    parent: Option<RecordId>,
) -> Result<(), Rejected> {
    let outline = &edit.plan.outline;
    if let Some(parent) = parent {
        edit.shown(parent)?;
        if parent == task || outline.is_below(parent, task) {
            return Err(Rejected::BelowItself { task });
        }
    }
    edit.put_parent(task, parent);
    Ok(())
}

/// The imports of the file that the writes, not yet applied, import or bring back.
fn imported_before(plan: &Plan, writes: &[Write]) -> BTreeSet<RecordId> {
    let sources = writes
        .iter()
        .filter_map(|write| match write.field.as_str() {
            SOURCE => write.value.as_text(),
            LIVE if comes_back(plan, write) => Some(plan.text(write.record, SOURCE)),
            _ => None,
        });
    let sources: BTreeSet<&str> = sources.filter(|source| !source.is_empty()).collect();
    let imports = sources.into_iter().flat_map(|it| plan.imports_of(it));
    imports.collect()
}

/// Whether the write, not yet applied, takes back that its record is deleted.
fn comes_back(plan: &Plan, write: &Write) -> bool {
    let is_gone = || plan.value(write.record, LIVE).is_some_and(is_deleted_stamp);
    write.field == LIVE && !is_deleted_stamp(&write.value) && is_gone()
}

fn is_disputed(plan: &Plan, record: RecordId, field: &str) -> bool {
    let register = plan.store.register(record, field);
    is_contestable(field) && register.is_some_and(|r| r.sides().len() > 1)
}

fn changed_since(plan: &Plan, record: RecordId, field: &str, authors: &dyn Authors) -> Rejected {
    let winner = plan.store.register(record, field).and_then(|r| r.winner());
    let author = winner.and_then(|c| authors.author(&c.op.actor));
    Rejected::ChangedSince {
        record,
        field: field.to_owned(),
        by: author.map(|a| a.member).unwrap_or_default(),
    }
}
