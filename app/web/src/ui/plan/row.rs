//! One line of the grid. It reads its own row's signal, so that a change elsewhere leaves it asleep.

use heqi_domain::plan::{RowKind, TaskRow};
use leptos::prelude::*;
use reactive_graph::computed::Selector;

use super::column::Column;
use super::editor::Editor;
use super::outline::Line;
use super::state::{Grid, Spot, cell_id, is_branch, line_id};
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::route::{Page, Route};

/// Width of one level of the outline.
const INDENT_PX: usize = 18;

/// What all lines of a grid share.
#[derive(Clone, Copy)]
pub(crate) struct RowContext {
    pub grid: Grid,
    pub row_px: f64,
    pub is_editing_line: StoredValue<Selector<Option<Line>>>,
}

/// Draws a line where it stands.
pub(crate) fn line(context: RowContext, line: Line) -> AnyView {
    match line {
        Line::Task(task) => match context.grid.session.plan.row(task) {
            Some(row) => task_line(context, line, row).into_any(),
            None => ().into_any(),
        },
        Line::Draft => draft_line(context).into_any(),
    }
}

fn task_line(context: RowContext, line: Line, row: ArcRwSignal<TaskRow>) -> impl IntoView {
    let grid = context.grid;
    let row = RwSignal::from(row);
    let position = position(context, line);
    let top = move || format!("translateY({}px)", position.get() as f64 * context.row_px);
    let expanded = move || {
        row.with(is_branch).then(|| {
            let id = row.with(|row| row.id);
            grid.closed.with(|closed| !closed.contains(&id)).to_string()
        })
    };
    let cells = Column::ALL
        .into_iter()
        .map(|column| cell(context, Spot { line, column }, row))
        .collect_view();
    // The active cell and its row are marked by the grid: an effect in every cell would make scrolling heavy.
    view! {
        <div
            class="grid-row"
            role="row"
            style:transform=top
            id=line_id(line)
            data-testid="task-row"
            data-id=row.with_untracked(|row| row.id.to_string())
            data-code=move || row.with(|row| row.code.clone())
            data-name=move || row.with(|row| row.name.clone())
            data-depth=move || row.with(|row| row.depth)
            data-kind=move || row.with(|row| kind_name(row.kind))
            data-conflicts=move || row.with(contested_columns)
            attr:aria-level=move || row.with(|row| row.depth + 1)
            aria-expanded=expanded
            aria-rowindex=move || position.get() + 2
        >
            {cells}
            {editor(context, line, move || row.with(|row| row.depth))}
        </div>
    }
}

/// The line of a task that has no name yet: only the name is there to be typed.
fn draft_line(context: RowContext) -> impl IntoView {
    let line = Line::Draft;
    let position = position(context, line);
    let top = move || format!("translateY({}px)", position.get() as f64 * context.row_px);
    let depth = move || context.grid.draft.get().map_or(0, |draft| draft.depth);
    let cells = Column::ALL
        .into_iter()
        .map(|column| {
            let id = cell_id(Spot { line, column });
            view! { <div class="cell" role="gridcell" id=id data-col=column.name()></div> }
        })
        .collect_view();
    view! {
        <div
            class="grid-row" role="row" data-testid="draft-row" id=line_id(line)
            style:transform=top
            attr:aria-level=move || depth() + 1
            aria-rowindex=move || position.get() + 2
        >
            {cells}
            {editor(context, line, depth)}
        </div>
    }
}

fn cell(context: RowContext, spot: Spot, row: RwSignal<TaskRow>) -> impl IntoView {
    let column = spot.column;
    let text = match column {
        Column::Start | Column::Finish => date(column, row).into_any(),
        _ => view! {
            <span class="cell-text">{move || row.with(|row| column.text(row))}</span>
        }
        .into_any(),
    };
    view! {
        <div
            class="cell"
            role="gridcell"
            id=cell_id(spot)
            data-testid=cell_testid(column)
            data-col=column.name()
            aria-colindex=column.index() + 1
            aria-readonly=matches!(column, Column::Outline | Column::Code).then_some("true")
            tabindex="-1"
        >
            {(column == Column::Name).then(|| name_prefix(context, spot, row))}
            {text}
            {(column == Column::Name).then(|| merge_link(context, row))}
        </div>
    }
}

/// The editor over the cell of this line that is being typed into.
fn editor(
    context: RowContext,
    line: Line,
    depth: impl Fn() -> usize + Copy + Send + 'static,
) -> impl IntoView {
    let open = move || {
        context
            .is_editing_line
            .with_value(|s| s.selected(&Some(line)))
    };
    move || {
        let editing = open().then(|| context.grid.editing.get()).flatten()?;
        let column = editing.spot.column;
        let named = column == Column::Name;
        Some(view! {
            <div class="cell cell-over" data-col=column.name()>
                {named.then(|| view! {
                    <span class="indent" style:width=move || format!("{}px", depth() * INDENT_PX)></span>
                    <span class="twist"></span>
                })}
                <Editor grid=context.grid editing=editing />
            </div>
        })
    }
}

/// Names of the columns that an open item of the merge review speaks of.
fn contested_columns(row: &TaskRow) -> Option<String> {
    if row.conflict_fields.is_empty() {
        return None;
    }
    let contested = Column::ALL
        .into_iter()
        .filter(|column| column.is_contested(row));
    Some(contested.map(Column::name).collect::<Vec<_>>().join(" "))
}

/// Indentation, the twist of a branch, the mark of a milestone.
fn name_prefix(context: RowContext, spot: Spot, row: RwSignal<TaskRow>) -> impl IntoView {
    let grid = context.grid;
    let Line::Task(task) = spot.line else {
        return ().into_any();
    };
    let depth = Memo::new(move |_| row.with(|row| row.depth));
    let kind = Memo::new(move |_| row.with(|row| row.kind));
    let branch = Memo::new(move |_| row.with(is_branch));
    let open = move || grid.closed.with(|closed| !closed.contains(&task));
    // The indentation is a property of the cell, so that it stays where the editor takes the text's place.
    let indent = move || format!("{}px", depth.get() * INDENT_PX);
    view! {
        <span class="indent" style:width=indent></span>
        {move || if branch.get() {
            view! {
                <button
                    class="twist" tabindex="-1" data-testid="twist"
                    data-state=move || if open() { "open" } else { "closed" }
                    aria-label=move || if open() { t!("branch-close") } else { t!("branch-open") }
                    on:click=move |_| grid.toggle(task)
                >
                    {icon(Icon::Chevron)}
                </button>
            }.into_any()
        } else {
            view! { <span class="twist"></span> }.into_any()
        }}
        {move || (kind.get() == RowKind::Milestone).then(|| view! {
            <span class="milestone-mark" role="img" aria-label=move || t!("milestone")></span>
        })}
    }
    .into_any()
}

/// How many items of the merge review speak of the row, as a way to them.
fn merge_link(context: RowContext, row: RwSignal<TaskRow>) -> impl IntoView {
    let count = Memo::new(move |_| row.with(|row| row.conflict_fields.len()));
    let session = context.grid.session;
    let href = move || {
        session.open.with(|open| {
            let key = open.as_ref().map(|open| open.venture.key.clone());
            key.map(|key| Route::Venture(key, Page::Merge).href())
        })
    };
    move || {
        (count.get() > 0).then(|| {
            view! {
                <a
                    class="row-badge" href=href tabindex="-1" data-testid="row-conflicts"
                    aria-label=move || t!("merge-badge", count = count.get())
                >
                    {count}
                </a>
            }
        })
    }
}

/// A date with its origin: entered, or as the imported file had it.
fn date(column: Column, row: RwSignal<TaskRow>) -> impl IntoView {
    move || {
        row.with(|row| column.date(row)).map(|date| {
            let imported = date.imported.clone();
            view! {
                <span class="cell-text">{date.day}</span>
                {(!date.entered).then(|| view! {
                    <span class="date-kind" title=move || t!("date-imported")>{move || t!("date-imported-short")}</span>
                })}
                {imported.map(|day| {
                    let title = day.clone();
                    view! {
                        <span class="date-kind" data-state="over" title=move || t!("date-imported-was", day = title.clone())>
                            {day.get(5..).unwrap_or(&day).to_owned()}
                        </span>
                    }
                })}
            }
        })
    }
}

fn position(context: RowContext, line: Line) -> Memo<usize> {
    let lines = context.grid.lines;
    Memo::new(move |last| {
        let now = lines.with(|lines| lines.position(line));
        now.or(last.copied()).unwrap_or_default()
    })
}

fn kind_name(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Task => "task",
        RowKind::Summary => "summary",
        RowKind::Milestone => "milestone",
    }
}

const fn cell_testid(column: Column) -> &'static str {
    match column {
        Column::Outline => "cell-outline",
        Column::Code => "cell-code",
        Column::Name => "cell-name",
        Column::Duration => "cell-duration",
        Column::Start => "cell-start",
        Column::Finish => "cell-finish",
        Column::Percent => "cell-percent",
        Column::Predecessors => "cell-predecessors",
        Column::Accountable => "cell-accountable",
    }
}
