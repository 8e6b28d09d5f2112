//! What the grid shows and where the person is in it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use heqi_domain::RecordId;
use heqi_domain::plan::{PlanCommand, Rejected, TaskRow};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::column::Column;
use super::outline::{self, Entry, Line, Lines};
use super::typing::Editing;
use crate::ui::i18n::t;
use crate::ui::session::Session;
use crate::ui::{browser, port};
use crate::wire::{Failure, Reply, Request};

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spot {
    pub line: Line,
    pub column: Column,
}

/// Where a task that is being named will be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub parent: Option<RecordId>,
    pub after: Option<RecordId>,
    pub depth: usize,
}

/// The state of the grid. Copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub session: Session,
    pub active: RwSignal<Option<Spot>>,
    pub editing: RwSignal<Option<Editing>>,
    /// A task shown although it is below a closed one or not searched for: it is being typed into.
    pub kept: RwSignal<Option<RecordId>>,
    pub draft: RwSignal<Option<Draft>>,
    pub closed: RwSignal<BTreeSet<RecordId>>,
    pub search: RwSignal<String>,
    pub lines: Memo<Lines>,
    /// Asked of the view: bring this position on screen.
    pub reveal: RwSignal<Option<usize>>,
    /// Asked of the view: give the active cell the focus.
    pub wants_focus: RwSignal<bool>,
}

impl Grid {
    /// A grid over the plan of the session.
    pub(crate) fn new(session: Session) -> Self {
        let draft = RwSignal::new(None);
        let closed = RwSignal::new(BTreeSet::new());
        let search = RwSignal::new(String::new());
        let kept = RwSignal::new(None);
        let lines = Memo::new(move |_| {
            let closed = closed.get();
            lines(session, draft.get(), &closed, &search.get(), kept.get())
        });
        let grid = Self {
            session,
            active: RwSignal::new(None),
            editing: RwSignal::new(None),
            kept,
            draft,
            closed,
            search,
            lines,
            reveal: RwSignal::new(None),
            wants_focus: RwSignal::new(false),
        };
        Effect::new(move || {
            let is_typed_into = grid.editing.with(Option::is_some);
            session.editing.set(is_typed_into);
            if !is_typed_into {
                kept.set(None);
            }
        });
        on_cleanup(move || session.editing.set(false));
        grid.keep_active();
        grid
    }

    /// Whether the member may edit the plan.
    pub(crate) fn may_edit(&self) -> bool {
        self.session
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.may_edit))
    }

    /// Makes a cell the active one, brings it on screen and gives it the focus.
    pub(crate) fn go_to(&self, spot: Spot) {
        self.active.set(Some(spot));
        self.reveal
            .set(self.lines.with_untracked(|lines| lines.position(spot.line)));
        self.focus();
    }

    /// Gives the active cell the focus as soon as it is drawn.
    pub(crate) fn focus(&self) {
        self.wants_focus.set(true);
    }

    /// Gives the active cell the focus once the line that had it is gone.
    fn refocus(self) {
        request_animation_frame(move || {
            // The page may have been left before the frame.
            let is_there = self.wants_focus.try_get_untracked().is_some();
            if is_there && browser::focus_is_nowhere() {
                self.focus();
            }
        });
    }

    /// Moves the active cell by lines and columns, stopping at the ends.
    pub(crate) fn step(&self, lines_by: isize, columns_by: isize) {
        let lines = self.lines.get_untracked();
        let Some(spot) = self.active.get_untracked() else {
            return self.go_to_first();
        };
        let last = lines.len().saturating_sub(1);
        let at = lines.position(spot.line).unwrap_or_default();
        let at = at.saturating_add_signed(lines_by).min(last);
        if let Some(line) = lines.at(at) {
            let column = spot.column.moved(columns_by);
            self.go_to(Spot { line, column });
        }
    }

    /// Makes the name of the first line the active cell.
    pub(crate) fn go_to_first(&self) {
        if let Some(line) = self.lines.with_untracked(|lines| lines.at(0)) {
            self.go_to(Spot {
                line,
                column: Column::Name,
            });
        }
    }

    /// The task of the active line.
    pub(crate) fn active_task(&self) -> Option<RecordId> {
        self.active.get_untracked()?.line.task()
    }

    /// Opens a line for a new task below the active one, as its sibling.
    pub(crate) fn draft_below(&self) {
        let Some(task) = self.active_task() else {
            return self.draft_at_end();
        };
        let draft = self.session.plan.peek(task, |row| Draft {
            parent: row.parent,
            after: Some(row.id),
            depth: row.depth,
        });
        if let Some(draft) = draft {
            self.open_draft(draft);
        }
    }

    /// Opens a line for a new task at the end of the outline's top.
    pub(crate) fn draft_at_end(&self) {
        self.open_draft(Draft {
            parent: None,
            after: None,
            depth: 0,
        });
    }

    /// Opens or closes a summary.
    pub(crate) fn toggle(&self, task: RecordId) {
        self.closed.update(|closed| {
            if !closed.remove(&task) {
                closed.insert(task);
            }
        });
    }

    /// Deletes the active task with all below it, and offers to take that back.
    pub(crate) fn delete(&self) {
        if let Some(task) = self.active_task().filter(|_| self.may_edit()) {
            let (session, seen) = (self.session, self.session.plan.heads());
            let command = PlanCommand::DeleteTasks { tasks: vec![task] };
            spawn_local(async move {
                let result = port::ask(Request::Command { seen, command }).await;
                if result.is_ok() {
                    session.toasts.good(t!("task-deleted"));
                }
                session.finish(result);
            });
        }
    }

    /// Does something with the active task.
    pub(crate) fn run_active(&self, command: impl FnOnce(RecordId) -> PlanCommand) {
        if let Some(task) = self.active_task().filter(|_| self.may_edit()) {
            self.session.run(command(task));
        }
    }

    /// Takes back the last own edit, or does it again.
    pub(crate) fn undo(&self, again: bool) {
        let undo = self.session.undo.get_untracked();
        match again {
            false if undo.undo => self.session.tell(Request::Undo),
            true if undo.redo => self.session.tell(Request::Redo),
            _ => {}
        }
    }

    fn open_draft(&self, draft: Draft) {
        if !self.may_edit() {
            return;
        }
        let spot = Spot {
            line: Line::Draft,
            column: Column::Name,
        };
        self.draft.set(Some(draft));
        self.type_in(Editing {
            spot,
            text: String::new(),
            select: false,
            seen: self.session.plan.heads(),
            row: None,
        });
        self.active.set(Some(spot));
        self.reveal.set(
            self.lines
                .with_untracked(|lines| lines.position(Line::Draft)),
        );
    }

    pub(super) fn close_draft(&self) {
        let before = self.draft.get_untracked().and_then(|draft| draft.after);
        self.draft.set(None);
        let line = before.map(Line::Task).or_else(|| {
            self.lines
                .with_untracked(|lines| lines.at(lines.len().saturating_sub(1)))
        });
        self.active.set(line.map(|line| Spot {
            line,
            column: Column::Name,
        }));
    }

    pub(super) fn add_drafted(&self, name: &str) {
        let draft = self.draft.get_untracked();
        let name = name.trim().to_owned();
        self.editing.set(None);
        let Some(draft) = draft.filter(|_| !name.is_empty()) else {
            return self.close_draft();
        };
        self.draft.set(None);
        let Draft { parent, after, .. } = draft;
        let seen = self.session.plan.heads();
        let command = PlanCommand::AddTask {
            name: name.clone(),
            parent,
            after,
        };
        let grid = *self;
        spawn_local(async move {
            match port::ask(Request::Command { seen, command }).await {
                Ok(Reply::Applied {
                    created: Some(task),
                }) => {
                    // A draft opened meanwhile keeps the focus.
                    if grid.editing.try_with_untracked(Option::is_none) == Some(true) {
                        grid.go_to(Spot {
                            line: Line::Task(task),
                            column: Column::Name,
                        });
                    }
                }
                Err(Failure::Rejected(Rejected::UnknownTask { .. })) => grid.give_back(name),
                other => grid.session.finish(other),
            }
        });
    }

    /// When the active line goes, its neighbour takes its place.
    fn keep_active(self) {
        let place = StoredValue::new(0_usize);
        Effect::new(move || {
            let lines = self.lines.get();
            let Some(spot) = self.active.get() else {
                return;
            };
            match lines.position(spot.line) {
                Some(at) => place.set_value(at),
                // Its line comes back.
                None if self.keep_typed() => {}
                None => {
                    let at = place.get_value().min(lines.len().saturating_sub(1));
                    self.active
                        .set(lines.at(at).map(|line| Spot { line, ..spot }));
                    self.refocus();
                }
            }
        });
    }
}

fn lines(
    session: Session,
    draft: Option<Draft>,
    closed: &BTreeSet<RecordId>,
    search: &str,
    kept: Option<RecordId>,
) -> Lines {
    let search = search.trim().to_lowercase();
    if !search.is_empty() {
        session.plan.track_texts();
    }
    let entries = session.plan.with_outline(|order| {
        let entry = |id: &RecordId| {
            let mut entry = session.plan.peek(*id, |row| entry(row, &search))?;
            entry.found |= kept == Some(*id);
            Some(entry)
        };
        order.iter().filter_map(entry).collect::<Vec<Entry>>()
    });
    let mut closed = Cow::Borrowed(closed);
    if let Some(kept) = kept {
        for task in outline::above(&entries, kept) {
            closed.to_mut().remove(&task);
        }
    }
    let shown = outline::shown(&entries, &closed, !search.is_empty());
    let mut lines: Vec<Line> = shown.iter().copied().map(Line::Task).collect();
    if let Some(draft) = draft {
        lines.insert(draft_position(&entries, &shown, draft), Line::Draft);
    }
    Lines::new(lines)
}

fn entry(row: &TaskRow, search: &str) -> Entry {
    let holds = |text: &str| text.to_lowercase().contains(search);
    let found = search.is_empty()
        || holds(&row.name)
        || holds(&row.code)
        || holds(&row.accountable)
        || row.number.starts_with(search);
    Entry {
        id: row.id,
        depth: row.depth,
        found,
    }
}

fn draft_position(entries: &[Entry], shown: &[RecordId], draft: Draft) -> usize {
    let visible: BTreeSet<&RecordId> = shown.iter().collect();
    let shown_entries: Vec<Entry> = entries
        .iter()
        .filter(|entry| visible.contains(&entry.id))
        .copied()
        .collect();
    let after = draft
        .after
        .and_then(|anchor| outline::after_branch(&shown_entries, anchor));
    after.unwrap_or(shown.len())
}
