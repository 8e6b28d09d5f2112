//! The plan page: the outline as a grid that is edited in place.

use leptos::prelude::*;

use super::controls::Note;
use super::i18n::t;
use super::icon::{Icon, icon};
use super::session::use_session;

mod column;
mod editor;
mod face;
mod grid;
mod import;
mod keys;
mod links;
mod outline;
mod over;
mod rows;
mod slot;
mod state;
mod toolbar;
mod typing;

use grid::GridView;
use import::{ImportTarget, ReportDialog};
use state::Grid;
use toolbar::{Foot, Toolbar};

/// The plan of the open venture.
#[component]
pub(crate) fn PlanPage() -> impl IntoView {
    let session = use_session();
    let grid = Grid::new(session);
    let report = RwSignal::new(None);
    let importing = ImportTarget { session, report };
    let empty = Memo::new(move |_| session.plan.len() == 0 && grid.draft.with(Option::is_none));
    view! {
        <Toolbar grid=grid importing=importing />
        {move || (!grid.may_edit()).then(|| view! {
            <div class="notices">
                <Note state="info" testid="read-only"><span>{move || t!("read-only")}</span></Note>
            </div>
        })}
        {move || if empty.get() {
            view! { <EmptyPlan grid=grid importing=importing /> }.into_any()
        } else {
            view! { <GridView grid=grid importing=importing /> }.into_any()
        }}
        <Foot grid=grid />
        <ReportDialog report=report />
    }
}

/// A plan without a task: the two ways to begin.
#[component]
fn EmptyPlan(grid: Grid, importing: ImportTarget) -> impl IntoView {
    view! {
        <div
            class="page"
            on:dragover=move |event| event.prevent_default()
            on:drop=move |event| importing.drop(&event)
        >
            <div class="empty" data-testid="empty-plan">
                {icon(Icon::Grid)}
                <h2>{move || t!("plan-empty")}</h2>
                <p>{move || t!("plan-empty-more")}</p>
                <div class="form-actions" hidden=move || !grid.may_edit()>
                    <button
                        class="button" data-kind="primary" data-testid="first-task"
                        on:click=move |_| grid.draft_at_end()
                    >
                        {icon(Icon::Plus)}
                        {move || t!("plan-first-task")}
                    </button>
                    <label class="button" for="import-file">
                        {icon(Icon::Upload)}
                        {move || t!("plan-import")}
                    </label>
                </div>
            </div>
        </div>
    }
}
