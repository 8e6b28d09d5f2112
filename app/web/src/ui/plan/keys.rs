//! The keyboard of the grid.

use heqi_domain::plan::PlanCommand;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::column::Column;
use super::face::is_branch;
use super::outline::Line;
use super::state::{Grid, Spot};
use crate::ui::browser;

/// Lines that Page Up and Page Down pass.
const PAGE_LINES: isize = 20;

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Step {
        lines: isize,
        columns: isize,
    },
    /// To the first or last line.
    Ends {
        last: bool,
    },
    /// To the next or previous cell, on to the next line.
    Cell {
        back: bool,
    },
    NewTask,
    Edit,
    /// Opens an editor with this text in place of the cell's.
    Type(String),
    Toggle,
    /// Closes a branch, or goes to the one above.
    CloseOrLeft,
    OpenOrRight,
    Indent,
    Outdent,
    MoveUp,
    MoveDown,
    Delete,
    Undo,
    Redo,
    /// Leaves the grid for the toolbar.
    Leave,
}

/// A key with its modifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Press {
    pub key: String,
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
    /// An input method takes the key.
    pub composing: bool,
}

/// What a key press in the grid, outside an editor, asks for.
pub(crate) fn action(press: &Press) -> Option<Action> {
    if press.composing {
        return Some(Action::Type(String::new()));
    }
    match (press.ctrl, press.alt, press.shift) {
        (true, false, shift) => with_ctrl(&press.key, shift),
        (false, true, true) => with_alt_shift(&press.key),
        (false, false, shift) => plain(&press.key, shift),
        _ => None,
    }
}

/// Handles a key press on the grid.
pub(crate) fn handle(grid: Grid, event: &KeyboardEvent) {
    if grid.editing.with_untracked(Option::is_some) {
        return;
    }
    let Some(action) = action(&press(event)) else {
        return;
    };
    if run(grid, action) {
        event.prevent_default();
    }
}

/// The key press of an event.
pub(crate) fn press(event: &KeyboardEvent) -> Press {
    Press {
        key: event.key(),
        ctrl: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
        composing: event.is_composing() || event.key() == "Process",
    }
}

fn with_ctrl(key: &str, shift: bool) -> Option<Action> {
    Some(match (key, shift) {
        ("z" | "Z", false) => Action::Undo,
        ("z" | "Z", true) | ("y" | "Y", false) => Action::Redo,
        ("Home", _) => Action::Ends { last: false },
        ("End", _) => Action::Ends { last: true },
        _ => return None,
    })
}

fn with_alt_shift(key: &str) -> Option<Action> {
    Some(match key {
        "ArrowRight" => Action::Indent,
        "ArrowLeft" => Action::Outdent,
        "ArrowUp" => Action::MoveUp,
        "ArrowDown" => Action::MoveDown,
        _ => return None,
    })
}

fn plain(key: &str, shift: bool) -> Option<Action> {
    let all_columns = Column::ALL.len() as isize;
    Some(match key {
        "ArrowUp" => Action::Step {
            lines: -1,
            columns: 0,
        },
        "ArrowDown" => Action::Step {
            lines: 1,
            columns: 0,
        },
        "ArrowLeft" => Action::CloseOrLeft,
        "ArrowRight" => Action::OpenOrRight,
        "PageUp" => Action::Step {
            lines: -PAGE_LINES,
            columns: 0,
        },
        "PageDown" => Action::Step {
            lines: PAGE_LINES,
            columns: 0,
        },
        "Home" => Action::Step {
            lines: 0,
            columns: -all_columns,
        },
        "End" => Action::Step {
            lines: 0,
            columns: all_columns,
        },
        "Tab" => Action::Cell { back: shift },
        "Enter" => Action::NewTask,
        "F2" => Action::Edit,
        "Delete" => Action::Delete,
        "Backspace" => Action::Type(String::new()),
        "Escape" => Action::Leave,
        " " => Action::Toggle,
        typed if typed.chars().count() == 1 => Action::Type(typed.to_owned()),
        _ => return None,
    })
}

/// Does it; false leaves the key to the browser.
fn run(grid: Grid, action: Action) -> bool {
    match action {
        Action::Step { lines, columns } => grid.step(lines, columns),
        Action::Ends { last } => to_end(grid, last),
        Action::Cell { back } => return next_cell(grid, back),
        Action::NewTask => grid.draft_below(),
        Action::Edit => grid.edit(None),
        Action::Type(text) => grid.edit(Some(text)),
        Action::Toggle => toggle(grid, None),
        Action::CloseOrLeft if branch_is(grid, true) => toggle(grid, Some(true)),
        Action::CloseOrLeft => grid.step(0, -1),
        Action::OpenOrRight if branch_is(grid, false) => toggle(grid, Some(false)),
        Action::OpenOrRight => grid.step(0, 1),
        Action::Indent => grid.run_active(|task| PlanCommand::Indent { task }),
        Action::Outdent => grid.run_active(|task| PlanCommand::Outdent { task }),
        Action::MoveUp => grid.run_active(|task| PlanCommand::MoveUp { task }),
        Action::MoveDown => grid.run_active(|task| PlanCommand::MoveDown { task }),
        Action::Delete => grid.delete(),
        Action::Undo => grid.undo(false),
        Action::Redo => grid.undo(true),
        Action::Leave => leave(),
    }
    true
}

fn to_end(grid: Grid, last: bool) {
    let lines = grid.lines.get_untracked();
    let at = if last {
        lines.len().saturating_sub(1)
    } else {
        0
    };
    let column = grid
        .active
        .get_untracked()
        .map_or(Column::Name, |spot| spot.column);
    if let Some(line) = lines.at(at) {
        grid.go_to(Spot { line, column });
    }
}

/// Goes to the neighbouring cell; false at the ends of the grid, where Tab leaves it.
fn next_cell(grid: Grid, back: bool) -> bool {
    let Some(spot) = grid.active.get_untracked() else {
        return false;
    };
    let at_end = spot.column
        == *if back {
            Column::ALL.first()
        } else {
            Column::ALL.last()
        }
        .unwrap_or(&spot.column);
    let by = if back { -1 } else { 1 };
    if !at_end {
        grid.step(0, by);
        return true;
    }
    let lines = grid.lines.get_untracked();
    let next = lines
        .position(spot.line)
        .and_then(|at| at.checked_add_signed(by))
        .and_then(|at| lines.at(at));
    let Some(line) = next else { return false };
    let column = spot.column.moved(-by * Column::ALL.len() as isize);
    grid.go_to(Spot { line, column });
    true
}

/// Whether the active cell is in the outline's own columns, on a branch that is open or closed as asked.
fn branch_is(grid: Grid, open: bool) -> bool {
    let Some(Spot {
        line: Line::Task(task),
        column: Column::Outline,
    }) = grid.active.get_untracked()
    else {
        return false;
    };
    let branch = grid.session.plan.peek(task, is_branch) == Some(true);
    let closed = grid.closed.with_untracked(|closed| closed.contains(&task));
    branch && closed != open
}

fn toggle(grid: Grid, close: Option<bool>) {
    let Some(task) = grid.active_task() else {
        return;
    };
    let closed = grid.closed.with_untracked(|closed| closed.contains(&task));
    let branch = grid.session.plan.peek(task, is_branch) == Some(true);
    if branch && close.is_none_or(|close| close != closed) {
        grid.toggle(task);
    }
}

/// A way out by keyboard, as Tab walks the cells.
fn leave() {
    if let Some(search) = browser::element("plan-search") {
        let _refused = search.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str, modifiers: &str) -> Press {
        Press {
            key: key.into(),
            ctrl: modifiers.contains('c'),
            shift: modifiers.contains('s'),
            alt: modifiers.contains('a'),
            composing: modifiers.contains('i'),
        }
    }

    #[test]
    fn keys_ask_for_what_planners_expect() {
        for (key, modifiers, expected) in [
            ("Enter", "", Action::NewTask),
            ("Tab", "s", Action::Cell { back: true }),
            ("F2", "", Action::Edit),
            ("ArrowRight", "as", Action::Indent),
            ("ArrowLeft", "as", Action::Outdent),
            ("ArrowUp", "as", Action::MoveUp),
            ("z", "c", Action::Undo),
            ("Z", "cs", Action::Redo),
            ("x", "", Action::Type("x".into())),
            ("中", "", Action::Type("中".into())),
            ("Delete", "", Action::Delete),
        ] {
            assert_eq!(action(&press(key, modifiers)), Some(expected), "{key}");
        }
    }

    #[test]
    fn shortcuts_of_the_browser_are_left_alone() {
        for (key, modifiers) in [
            ("c", "c"),
            ("ArrowLeft", "a"),
            ("F5", ""),
            ("Shift", "s"),
            ("t", "c"),
        ] {
            assert_eq!(action(&press(key, modifiers)), None, "{key}");
        }
    }

    #[test]
    fn a_key_of_an_input_method_opens_an_empty_editor() {
        assert_eq!(
            action(&press("Process", "i")),
            Some(Action::Type(String::new()))
        );
    }
}
