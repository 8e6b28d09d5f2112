//! What can be done with the plan, above the grid, and its counts below.

use heqi_domain::plan::PlanCommand;
use leptos::prelude::*;

use super::import::ImportTarget;
use super::state::Grid;
use crate::ui::downloads;
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};

/// Buttons, search, import and export.
#[component]
pub(crate) fn Toolbar(grid: Grid, importing: ImportTarget) -> impl IntoView {
    let session = grid.session;
    let none_active = move || grid.active.with(Option::is_none) || !grid.may_edit();
    let undo = move || !session.undo.get().undo;
    let redo = move || !session.undo.get().redo;
    let indent = move || grid.run_active(|task| PlanCommand::Indent { task });
    let outdent = move || grid.run_active(|task| PlanCommand::Outdent { task });
    let up = move || grid.run_active(|task| PlanCommand::MoveUp { task });
    let down = move || grid.run_active(|task| PlanCommand::MoveDown { task });
    view! {
        <div class="toolbar" role="toolbar" aria-label=move || t!("toolbar")>
            <h1>{move || t!("nav-plan")}</h1>
            <button
                class="button" data-kind="primary" data-testid="add-task"
                disabled=move || !grid.may_edit()
                on:click=move |_| grid.draft_below()
            >
                {icon(Icon::Plus)}
                <span class="button-label">{move || t!("add-task")}</span>
            </button>
            <span class="toolbar-line" aria-hidden="true"></span>
            <Tool label="undo" sign=Icon::Undo off=Signal::derive(undo) act=move || grid.undo(false) />
            <Tool label="redo" sign=Icon::Redo off=Signal::derive(redo) act=move || grid.undo(true) />
            <span class="toolbar-line" aria-hidden="true"></span>
            <Tool label="outdent" sign=Icon::Outdent off=Signal::derive(none_active) act=outdent />
            <Tool label="indent" sign=Icon::Indent off=Signal::derive(none_active) act=indent />
            <Tool label="move-up" sign=Icon::MoveUp off=Signal::derive(none_active) act=up />
            <Tool label="move-down" sign=Icon::MoveDown off=Signal::derive(none_active) act=down />
            <Tool label="delete-task" sign=Icon::Trash off=Signal::derive(none_active) act=move || grid.delete() />
            <span class="toolbar-gap"></span>
            <div class="search" role="search">
                {icon(Icon::Search)}
                <input
                    class="input" type="search" id="plan-search" data-testid="plan-search" autocomplete="off"
                    placeholder=move || t!("search")
                    aria-label=move || t!("search")
                    prop:value=grid.search
                    on:input=move |event| grid.search.set(event_target_value(&event))
                />
            </div>
            <input
                class="file-input" type="file" id="import-file" data-testid="import-input"
                accept=".xml,text/xml,application/xml"
                disabled=move || !grid.may_edit()
                on:change=move |event| importing.pick(&event)
            />
            <label class="button" for="import-file" hidden=move || !grid.may_edit() title=move || t!("plan-import")>
                {icon(Icon::Upload)}
                <span class="button-label">{move || t!("import")}</span>
            </label>
            <button class="button" data-testid="export-csv" title=move || t!("export-csv") on:click=move |_| downloads::save_csv(session)>
                {icon(Icon::Download)}
                <span class="button-label">{move || t!("export")}</span>
            </button>
        </div>
    }
}

/// A button with a sign alone; its words are its name and title.
#[component]
fn Tool(
    label: &'static str,
    sign: Icon,
    off: Signal<bool>,
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            class="button" data-kind="icon"
            data-testid=label
            aria-label=move || t!(label)
            title=move || t!(label)
            disabled=off
            // The grid keeps the focus, so that keys go on where they were.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| act()
        >
            {icon(sign)}
        </button>
    }
}

/// Counts, and the keys worth knowing.
#[component]
pub(crate) fn Foot(grid: Grid) -> impl IntoView {
    let count = move || grid.session.plan.len();
    let shown = move || grid.lines.with(|lines| lines.len());
    let searching = move || grid.search.with(|search| !search.trim().is_empty());
    view! {
        <div class="grid-foot">
            <span data-testid="task-count" data-count=count role="status">
                {move || if searching() {
                    t!("tasks-found", found = shown(), count = count())
                } else {
                    t!("tasks-count", count = count())
                }}
            </span>
            <span class="grid-keys" aria-hidden="true">
                {key("Enter", "key-new")}
                {key("F2", "key-edit")}
                {key("Tab", "key-next")}
                {key("Alt+Shift+→", "key-indent")}
                {key("Alt+Shift+↓", "key-move")}
                {key("Esc", "key-leave")}
            </span>
        </div>
    }
}

fn key(name: &'static str, label: &'static str) -> impl IntoView {
    view! { <span><kbd>{name}</kbd> " " {move || t!(label)}</span> }
}
