//! This device was removed: by whom, what stays, and what can be taken along.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::notices::ExportLate;
use super::session::{Session, use_session};
use super::{browser, downloads, port};
use crate::wire::{RemovedView, Reply, Request};

/// A screen before the page, then a bar above it once somebody reads on.
#[component]
pub(crate) fn Removed(reading: RwSignal<bool>) -> impl IntoView {
    let removal = RwSignal::new(None::<RemovedView>);
    spawn_local(async move {
        if let Ok(Reply::Removed(view)) = port::ask(Request::Removal).await {
            removal.set(Some(view));
        }
    });
    view! {
        {move || match reading.get() {
            true => view! { <Bar reading=reading /> }.into_any(),
            false => view! { <Screen removal=removal reading=reading /> }.into_any(),
        }}
    }
}

#[component]
fn Screen(removal: RwSignal<Option<RemovedView>>, reading: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let by = move || {
        removal.get().map(|removal| {
            let who = match removal.by.as_str() {
                "" => t!("somebody"),
                name => name.to_owned(),
            };
            let time = browser::local_time(removal.learned_ms, i18n::current().tag());
            t!(
                "removed-by",
                who = who,
                entry = removal.position + 1,
                time = time
            )
        })
    };
    let pending = move || {
        session
            .sync
            .with(|sync| sync.as_ref().map_or(0, |sync| sync.pending))
    };
    view! {
        <section class="removed" data-testid="removed" role="alert">
            <span class="lock-mark">{icon(Icon::Alert)}</span>
            <h1>{move || t!("removed-title")}</h1>
            <p data-testid="removed-by">{by}</p>
            <ul class="question-points">
                <li>{move || t!("removed-reads")}</li>
                <li>{move || t!("removed-stops")}</li>
                <li>{move || match pending() {
                    0 => t!("removed-nothing-unsent"),
                    count => t!("removed-unsent", count = count),
                }}</li>
            </ul>
            <div class="form-actions">
                <Exports />
                <button class="button" data-kind="quiet" data-testid="removed-read" on:click=move |_| reading.set(true)>
                    {move || t!("removed-read")}
                </button>
            </div>
            <p class="muted">{move || t!("removed-mistake")}</p>
        </section>
    }
}

#[component]
fn Bar(reading: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="notices">
            <div class="note" data-state="bad" data-testid="removed-bar">
                {icon(Icon::Alert)}
                <div class="note-body">
                    <span>{move || t!("removed-bar")}</span>
                    <button class="button" on:click=move |_| reading.set(false)>{move || t!("removed-details")}</button>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Exports() -> impl IntoView {
    let session: Session = use_session();
    let unsent = Memo::new(move |_| {
        session
            .sync
            .with(|sync| sync.as_ref().is_some_and(|sync| sync.pending > 0))
    });
    view! {
        {move || unsent.get().then(|| view! { <ExportLate kind="primary" /> })}
        <button class="button" data-testid="export-archive" on:click=move |_| downloads::save(session, Request::ExportArchive)>
            {icon(Icon::Download)}
            {move || t!("export-archive")}
        </button>
    }
}
