//! Tasks come, move, go and come back.

use std::collections::BTreeSet;

use super::Edit;
use super::fields::valid_name;
use crate::limits::{DEPTH_MAX, ORDER_KEY_CHARS_MAX, TASKS_MAX};
use crate::order::{fresh_between, nth};
use crate::plan::Rejected;
use crate::plan::command::Position;
use crate::plan::field::{CODE, IS, IS_TASK, KIND, LIVE, NAME, ORDER, PARENT};
use crate::plan::task::TaskKind;
use crate::record::{RecordId, Value};
use crate::store::{Register, is_live_stamp};

impl Edit<'_, '_, '_> {
    pub(crate) fn add_task(
        &mut self,
        name: &str,
        parent: Option<RecordId>,
        after: Option<RecordId>,
    ) -> Result<(), Rejected> {
        let name = valid_name(name)?;
        let to = match after {
            Some(after) => Position::After(after),
            None => Position::LastIn(parent),
        };
        let (place, at) = self.resolve_position(to)?;
        if let Some(task) = after.filter(|_| place != parent) {
            return Err(Rejected::UnknownTask { task });
        }
        if self.plan.outline.order.len() >= TASKS_MAX {
            return Err(Rejected::TooManyTasks);
        }
        self.fits_depth(parent, 1)?;
        let task = RecordId::fresh(self.context.entropy);
        let key = self.key_at(&self.plan.outline.children(parent), at);
        let code = self.plan.codes().next_task_code(self.context.party_code);
        self.overwrite(task, IS, Value::text(IS_TASK));
        self.overwrite(task, CODE, Value::Text(code));
        self.overwrite(task, NAME, Value::Text(name));
        self.overwrite(task, KIND, Value::text(TaskKind::Task.as_str()));
        self.overwrite(task, ORDER, Value::Text(key));
        self.put_parent(task, parent);
        Ok(())
    }

    pub(crate) fn move_task(&mut self, task: RecordId, to: Position) -> Result<(), Rejected> {
        self.shown(task)?;
        let (parent, at) = self.resolve_position(to)?;
        let outline = &self.plan.outline;
        if parent.is_some_and(|p| p == task || outline.is_below(p, task)) {
            return Err(Rejected::BelowItself { task });
        }
        self.fits_depth(parent, self.height(task))?;
        let siblings = outline.children(parent);
        let own = siblings.iter().position(|s| *s == task);
        if own.is_some_and(|own| at == own || at == own + 1) && !self.is_placement_open(task) {
            return Ok(());
        }
        let at = at - usize::from(own.is_some_and(|own| own < at));
        let others: Vec<RecordId> = siblings.into_iter().filter(|s| *s != task).collect();
        let key = self.key_at(&others, at);
        self.put_fact(task, ORDER, Value::Text(key));
        if outline.parent(task) != parent || self.is_placement_open(task) {
            self.put_parent(task, parent);
        }
        Ok(())
    }

    pub(crate) fn indent(&mut self, task: RecordId) -> Result<(), Rejected> {
        let (siblings, at) = self.among_siblings(task)?;
        match at.checked_sub(1) {
            Some(above) => self.move_task(task, Position::LastIn(Some(siblings[above]))),
            None => Err(Rejected::NowhereToMove { task }),
        }
    }

    pub(crate) fn outdent(&mut self, task: RecordId) -> Result<(), Rejected> {
        self.shown(task)?;
        match self.plan.outline.parent(task) {
            Some(parent) => self.move_task(task, Position::After(parent)),
            None => Err(Rejected::NowhereToMove { task }),
        }
    }

    pub(crate) fn move_among_siblings(
        &mut self,
        task: RecordId,
        by: isize,
    ) -> Result<(), Rejected> {
        let (siblings, at) = self.among_siblings(task)?;
        let other = at.checked_add_signed(by).and_then(|at| siblings.get(at));
        match other {
            Some(other) if by < 0 => self.move_task(task, Position::Before(*other)),
            Some(other) => self.move_task(task, Position::After(*other)),
            None => Err(Rejected::NowhereToMove { task }),
        }
    }

    pub(crate) fn delete_tasks(&mut self, tasks: &[RecordId]) -> Result<(), Rejected> {
        let mut all = BTreeSet::new();
        for task in tasks {
            all.extend(self.plan.outline.subtree(self.shown(*task)?));
        }
        for task in all {
            self.delete(task);
        }
        Ok(())
    }

    pub(crate) fn restore(&mut self, task: RecordId) -> Result<(), Rejected> {
        let plan = self.plan;
        if !plan.nodes.contains_key(&task) {
            return Err(Rejected::UnknownTask { task });
        }
        if plan.outline.is_shown(task) {
            return Ok(());
        }
        let along = plan.value(task, LIVE);
        let below = plan.outline.descendants(task);
        let mut back: Vec<RecordId> = below
            .into_iter()
            .filter(|t| plan.value(*t, LIVE) == along)
            .collect();
        if plan.outline.order.len() + back.len() >= TASKS_MAX {
            return Err(Rejected::TooManyTasks);
        }
        back.push(task);
        self.keep_with_ancestors(task);
        back.into_iter().for_each(|t| self.touch(t));
        Ok(())
    }

    /// Stamps a task as live, and those above it that somebody deleted.
    pub(crate) fn keep_with_ancestors(&mut self, task: RecordId) {
        self.touch(task);
        for above in self.plan.outline.ancestors(task) {
            let register = self.plan.store.register(above, LIVE);
            let deleted = |r: &Register| r.sides().iter().any(|c| !is_live_stamp(c));
            if register.is_some_and(deleted) {
                self.touch(above);
            }
        }
    }

    /// Whether moves of the task are in conflict, so that staying in place is a decision too.
    pub(crate) fn is_placement_open(&self, task: RecordId) -> bool {
        let outline = &self.plan.outline;
        let disputed = self.plan.store.register(task, PARENT);
        outline.skipped.iter().any(|s| s.task == task)
            || disputed.is_some_and(|r| r.sides().len() > 1)
    }

    /// Refuses a place below `parent` for a subtree of so many levels.
    pub(crate) fn fits_depth(
        &self,
        parent: Option<RecordId>,
        levels: usize,
    ) -> Result<(), Rejected> {
        let place = parent.and_then(|p| self.plan.outline.place(p));
        match place.map_or(0, |p| p.depth + 1) + levels <= DEPTH_MAX {
            true => Ok(()),
            false => Err(Rejected::TooDeep),
        }
    }

    /// Levels of a task and all below it.
    pub(crate) fn height(&self, task: RecordId) -> usize {
        let depth = |t: &RecordId| self.plan.outline.place(*t).map_or(0, |p| p.depth);
        let below = self.plan.outline.subtree(task).iter().map(depth).max();
        below.map_or(1, |deepest| deepest - depth(&task) + 1)
    }

    /// An order key for the place `at` among siblings. Where there is no room left, the siblings get new keys.
    fn key_at(&mut self, siblings: &[RecordId], at: usize) -> String {
        let order = |task: &RecordId| self.plan.text(*task, ORDER);
        let after = at.checked_sub(1).and_then(|i| siblings.get(i)).map(order);
        let before = siblings.get(at).map(order);
        let key = fresh_between(after, before, self.context.entropy);
        match key.filter(|k| k.len() <= ORDER_KEY_CHARS_MAX) {
            Some(key) => key,
            None => self.rekey(siblings, at),
        }
    }

    fn rekey(&mut self, siblings: &[RecordId], at: usize) -> String {
        let before = siblings.iter().take(at).enumerate();
        let after = siblings
            .iter()
            .enumerate()
            .skip(at)
            .map(|(i, s)| (i + 1, s));
        for (i, sibling) in before.chain(after) {
            self.put(*sibling, ORDER, Value::Text(nth(i)));
        }
        nth(at)
    }

    fn among_siblings(&self, task: RecordId) -> Result<(Vec<RecordId>, usize), Rejected> {
        self.shown(task)?;
        let siblings = self.plan.outline.children(self.plan.outline.parent(task));
        let at = siblings.iter().position(|s| *s == task);
        at.map(|at| (siblings, at))
            .ok_or(Rejected::UnknownTask { task })
    }

    /// Parent and index among its children.
    fn resolve_position(&self, to: Position) -> Result<(Option<RecordId>, usize), Rejected> {
        let (parent, beside) = match to {
            Position::FirstIn(parent) | Position::LastIn(parent) => (parent, None),
            Position::Before(task) | Position::After(task) => {
                (self.plan.outline.parent(self.shown(task)?), Some(task))
            }
        };
        if let Some(parent) = parent {
            self.shown(parent)?;
        }
        let siblings = self.plan.outline.children(parent);
        let found = beside.and_then(|task| siblings.iter().position(|s| *s == task));
        let at = match to {
            Position::FirstIn(_) => 0,
            Position::LastIn(_) => siblings.len(),
            Position::Before(_) => found.unwrap_or(0),
            Position::After(_) => found.map_or(siblings.len(), |at| at + 1),
        };
        Ok((parent, at))
    }
}
