//! Turns a command into register writes, or says why the rules forbid it.
//!
//! Nothing changes here: the writes take effect when their candidates come back. Every record that an edit concerns
//! also gets a fresh live stamp, so that the edit revives what somebody deletes without knowing of it.

mod decide;
mod fields;
mod links;
mod tasks;

use std::collections::BTreeSet;

use super::Plan;
use super::command::{Context, PlanCommand};
use super::field::{LIVE, MOVED, PARENT, reference_value};
use super::rejected::Rejected;
use crate::record::{RecordId, Value, Write};
use crate::stamp::{ImportStamp, deleted_value, fresh_stamp, live_value};

/// The writes of one command in the making.
pub(crate) struct Edit<'p, 'c, 'e> {
    pub plan: &'p Plan,
    pub context: &'c mut Context<'e>,
    stamp: String,
    writes: Vec<Write>,
    revived: BTreeSet<RecordId>,
}

impl Plan {
    /// The writes that carry out a command; empty where it changes nothing. What an import amounts to is told by
    /// [`Plan::import`].
    pub fn command(
        &self,
        command: &PlanCommand,
        context: &mut Context<'_>,
    ) -> Result<Vec<Write>, Rejected> {
        let mut edit = Edit::new(self, context);
        match command {
            PlanCommand::AddTask {
                name,
                parent,
                after,
            } => edit.add_task(name, *parent, *after)?,
            PlanCommand::SetField { task, edit: to } => edit.set_field(*task, to)?,
            PlanCommand::MoveTask { task, to } => edit.move_task(*task, *to)?,
            PlanCommand::Indent { task } => edit.indent(*task)?,
            PlanCommand::Outdent { task } => edit.outdent(*task)?,
            PlanCommand::MoveUp { task } => edit.move_among_siblings(*task, -1)?,
            PlanCommand::MoveDown { task } => edit.move_among_siblings(*task, 1)?,
            PlanCommand::DeleteTasks { tasks } => edit.delete_tasks(tasks)?,
            PlanCommand::Restore { task } => edit.restore(*task)?,
            PlanCommand::AddLink {
                pred,
                succ,
                link_type,
                lag,
            } => edit.add_link(*pred, *succ, *link_type, *lag)?,
            PlanCommand::SetLink {
                link,
                link_type,
                lag,
            } => edit.set_link(*link, *link_type, *lag)?,
            PlanCommand::RemoveLink { link } => edit.remove_link(*link)?,
            PlanCommand::Resolve { conflict, choice } => edit.resolve(*conflict, choice)?,
            PlanCommand::Import { plan } => return Ok(self.import(plan, context)?.writes),
        }
        Ok(edit.finish())
    }
}

impl<'p, 'c, 'e> Edit<'p, 'c, 'e> {
    pub(crate) fn new(plan: &'p Plan, context: &'c mut Context<'e>) -> Self {
        let stamp = fresh_stamp(context.entropy);
        Self {
            plan,
            context,
            stamp,
            writes: Vec::new(),
            revived: BTreeSet::new(),
        }
    }

    /// Writes a register, unless it holds this value undisputed; true if it was written.
    pub(crate) fn put(&mut self, record: RecordId, field: &str, value: Value) -> bool {
        let undisputed = match self.plan.store.register(record, field) {
            Some(register) => register.sides().len() == 1 && register.value() == Some(&value),
            None => value == Value::text(""),
        };
        if !undisputed {
            self.overwrite(record, field, value);
        }
        !undisputed
    }

    /// Writes a register whatever it holds.
    pub(crate) fn overwrite(&mut self, record: RecordId, field: &str, value: Value) {
        self.writes.push(Write {
            record,
            field: field.to_owned(),
            value,
        });
    }

    /// Stamps the record as edited.
    pub(crate) fn touch(&mut self, record: RecordId) {
        self.revived.insert(record);
    }

    /// Leaves the record without a stamp of this command.
    pub(crate) fn untouch(&mut self, record: RecordId) {
        self.revived.remove(&record);
    }

    /// Writes a register and stamps the record, if that changes anything.
    pub(crate) fn put_fact(&mut self, record: RecordId, field: &str, value: Value) {
        if self.put(record, field, value) {
            self.touch(record);
        }
    }

    /// Puts a task below another, in the register that people see and in the log that decides.
    pub(crate) fn put_parent(&mut self, task: RecordId, parent: Option<RecordId>) {
        let stamp = format!("{MOVED}{}", self.stamp);
        if self.plan.value(task, PARENT).is_some() {
            self.put(task, PARENT, reference_value(parent));
        } else {
            // Even at the top: where a task was made is what later moves start from.
            self.overwrite(task, PARENT, reference_value(parent));
        }
        self.overwrite(task, &stamp, reference_value(parent));
        self.touch(task);
    }

    /// Stamps the record as deleted.
    pub(crate) fn delete(&mut self, record: RecordId) {
        let value = deleted_value(&self.stamp);
        self.overwrite(record, LIVE, value);
    }

    /// Stamps the record as gone with the undo of an import, and of all that it lived with.
    pub(crate) fn undo_import(&mut self, record: RecordId, import: RecordId) {
        let imports = self.imports_with(record, Some(import));
        let value = ImportStamp::undone(&imports, &self.stamp);
        self.overwrite(record, LIVE, value);
    }

    /// Stamps the record as gone, because the file of `import` no longer has it.
    pub(crate) fn leave(&mut self, record: RecordId, import: RecordId) {
        let imports = self.imports_with(record, None);
        let value = ImportStamp::left(import, &imports, &self.stamp);
        self.overwrite(record, LIVE, value);
    }

    /// Stamps the record as touched by nobody but imports: those it lived with, and `import`.
    pub(crate) fn stamp_as_imported(&mut self, record: RecordId, import: Option<RecordId>) {
        let imports = self.imports_with(record, import);
        let value = ImportStamp::live(&imports, &self.stamp);
        self.untouch(record);
        self.overwrite(record, LIVE, value);
    }

    fn imports_with(&self, record: RecordId, import: Option<RecordId>) -> Vec<RecordId> {
        let mut imports = self.plan.imports_with(record);
        imports.retain(|id| Some(*id) != import);
        imports.extend(import);
        imports
    }

    pub(crate) fn finish(mut self) -> Vec<Write> {
        for record in std::mem::take(&mut self.revived) {
            let value = live_value(&self.stamp);
            self.overwrite(record, LIVE, value);
        }
        self.writes
    }

    /// The task, if it is one that is not deleted.
    pub(crate) fn shown(&self, task: RecordId) -> Result<RecordId, Rejected> {
        match self.plan.outline.is_shown(task) {
            true => Ok(task),
            false => Err(Rejected::UnknownTask { task }),
        }
    }
}
