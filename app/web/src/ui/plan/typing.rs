//! Typing into a cell: what it becomes, and that nothing typed is lost when its task goes meanwhile.

use heqi_domain::RecordId;
use heqi_domain::plan::{PlanCommand, Rejected, TaskRow};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::outline::Line;
use super::state::{Grid, Spot};
use crate::ui::i18n::t;
use crate::ui::port;
use crate::wire::{Failure, Request, SeenHeads};

/// A cell being typed into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editing {
    pub spot: Spot,
    /// What the editor starts with; `select` marks all of it.
    pub text: String,
    pub select: bool,
    /// The plan as the author saw it when they began.
    pub seen: SeenHeads,
    /// The task as they saw it then; `None` for one that is being named.
    pub row: Option<TaskRow>,
}

impl Editing {
    /// What the text asks for: what differs from the task as its author saw it, whatever others have made of it since.
    fn commands(&self, grid: &Grid, text: &str) -> Result<Vec<PlanCommand>, String> {
        let find = |name: &str| grid.session.plan.find(name);
        let of_row = |row| self.spot.column.commands(row, text, find);
        self.row.as_ref().map_or(Ok(Vec::new()), of_row)
    }
}

impl Grid {
    /// Opens an editor in the active cell: with its text, or with what was typed over it.
    pub(crate) fn edit(&self, typed: Option<String>) {
        let Some(spot) = self.active.get_untracked() else {
            return;
        };
        let Line::Task(task) = spot.line else { return };
        let Some(row) = self.session.plan.peek(task, TaskRow::clone) else {
            return;
        };
        if spot.column.is_editable(&row) && self.may_edit() {
            self.type_in(Editing {
                spot,
                select: typed.is_none(),
                text: typed.unwrap_or_else(|| spot.column.text(&row)),
                seen: self.session.plan.heads(),
                row: Some(row),
            });
        }
    }

    pub(super) fn type_in(&self, editing: Editing) {
        self.session.typed.set_value(editing.text.clone());
        self.editing.set(Some(editing));
    }

    /// Turns what was typed into commands. False keeps the editor open: the text is no value.
    pub(crate) fn commit(&self, text: &str) -> bool {
        let Some(editing) = self.editing.get_untracked() else {
            return true;
        };
        let Some(row) = &editing.row else {
            self.add_drafted(text);
            return true;
        };
        match editing.commands(self, text) {
            Ok(commands) => {
                self.editing.set(None);
                self.send(row.id, &editing.seen, commands, text);
                true
            }
            Err(problem) => {
                self.session.toasts.bad(problem);
                false
            }
        }
    }

    /// Closes the editor and forgets what was typed.
    pub(crate) fn cancel(&self) {
        self.editing.set(None);
        if self.draft.get_untracked().is_some() {
            self.close_draft();
        }
        self.focus();
    }

    /// Keeps what is being typed when its line goes. Where the task is still there, that is true, and its line comes
    /// back; else the text is sent all the same, and told if nothing takes it.
    pub(super) fn keep_typed(&self) -> bool {
        let Some(editing) = self.editing.get_untracked() else {
            return false;
        };
        let Some(row) = &editing.row else {
            return false;
        };
        if self.session.plan.row(row.id).is_some() {
            self.kept.set(Some(row.id));
            return true;
        }
        self.editing.set(None);
        // What was typed is not told beside a venture that was closed or locked.
        if self.session.open.with_untracked(Option::is_some) {
            let text = self.session.typed.get_value();
            match editing.commands(self, &text) {
                Ok(commands) => self.send(row.id, &editing.seen, commands, &text),
                Err(_) => self.give_back(text),
            }
        }
        false
    }

    /// Tells people what they typed in vain.
    pub(super) fn give_back(&self, text: String) {
        self.session.toasts.keep(t!("typed-into-gone", text = text));
    }

    /// Sends what was typed into a task; where that is gone, people get their text back.
    fn send(&self, task: RecordId, seen: &SeenHeads, commands: Vec<PlanCommand>, text: &str) {
        for command in commands {
            let (grid, seen, text) = (*self, seen.clone(), text.to_owned());
            spawn_local(async move {
                match port::ask(Request::Command { seen, command }).await {
                    Err(Failure::Rejected(Rejected::UnknownTask { task: gone }))
                        if gone == task =>
                    {
                        grid.give_back(text);
                    }
                    other => grid.session.finish(other),
                }
            });
        }
    }
}
