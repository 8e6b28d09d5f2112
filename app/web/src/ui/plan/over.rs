//! What stands over the rows: the line of a task that is being named, and the editor of a cell.

use leptos::prelude::*;

use super::column::Column;
use super::editor::Editor;
use super::outline::Line;
use super::slot::INDENT_PX;
use super::state::Grid;
use super::typing::Editing;

/// The line of a task that has no name yet: only the name is there to be typed.
pub(super) fn draft(grid: Grid, row_px: f64) -> impl IntoView {
    let is_open = Memo::new(move |_| grid.draft.with(Option::is_some));
    move || {
        let position = is_open.get().then(|| position(grid, Line::Draft))?;
        let cells = Column::ALL
            .into_iter()
            .map(|column| view! { <div class="cell" role="gridcell" data-col=column.name()></div> })
            .collect_view();
        Some(view! {
            <div
                class="grid-row" role="row" data-testid="draft-row" data-active="true"
                style:transform=move || moved(position.get(), row_px)
                attr:aria-level=move || depth(grid, Line::Draft) + 1
                aria-rowindex=move || position.get() + 2
            >
                {cells}
            </div>
        })
    }
}

/// The editor, over the cell that is being typed into.
pub(super) fn editor(grid: Grid, row_px: f64) -> impl IntoView {
    move || {
        let editing = grid.editing.get()?;
        let line = editing.spot.line;
        let position = position(grid, line);
        Some(view! {
            <div
                class="grid-row grid-over" role="presentation"
                style:transform=move || moved(position.get(), row_px)
            >
                {over_cell(grid, editing)}
            </div>
        })
    }
}

fn over_cell(grid: Grid, editing: Editing) -> impl IntoView {
    let Editing { spot, .. } = editing;
    let indent = move || format!("{}px", depth(grid, spot.line) * INDENT_PX);
    let indentation = (spot.column == Column::Name).then(|| {
        view! {
            <span class="indent" style:width=indent></span>
            <span class="twist"></span>
        }
    });
    view! {
        <div class="cell cell-over" data-col=spot.column.name()>
            {indentation}
            <Editor grid=grid editing=editing />
        </div>
    }
}

fn moved(position: usize, row_px: f64) -> String {
    format!("translateY({}px)", position as f64 * row_px)
}

/// Where the line stands; where it stood last, once it is gone.
fn position(grid: Grid, line: Line) -> Memo<usize> {
    Memo::new(move |last| {
        let now = grid.lines.with(|lines| lines.position(line));
        now.or(last.copied()).unwrap_or_default()
    })
}

fn depth(grid: Grid, line: Line) -> usize {
    match line {
        Line::Task(task) => {
            let row = grid.session.plan.row(task);
            row.map_or(0, |row| row.with(|row| row.depth))
        }
        Line::Draft => grid
            .draft
            .with(|draft| draft.as_ref().map_or(0, |draft| draft.depth)),
    }
}
