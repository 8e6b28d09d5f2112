//! Ventures of this device, and the ways to another one.

use leptos::prelude::*;

use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::route::{Page, Route};
use crate::ui::session::use_session;
use crate::wire::VentureSummary;

/// Lists ventures and offers to create, join or restore one.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let session = use_session();
    let known = move || {
        session
            .ventures
            .with(|ventures| ventures.as_ref().map(|ventures| !ventures.is_empty()))
    };
    view! {
        <div class="start-body">
            <header>
                <h1>{move || t!("home-title")}</h1>
                <p>
                    {move || match known() {
                        None => t!("loading"),
                        Some(true) => t!("home-known"),
                        Some(false) => t!("home-empty"),
                    }}
                </p>
            </header>
            <ul class="choices" data-testid="ventures" hidden=move || known() != Some(true)>
                <For
                    each=move || session.ventures.get().unwrap_or_default()
                    key=|venture| (venture.key.clone(), venture.name.clone(), venture.pending, venture.locked, venture.removed)
                    let:venture
                >
                    <li>
                        <VentureLink venture=venture />
                    </li>
                </For>
            </ul>
            <nav class="choices" aria-label=move || t!("home-ways")>
                {way(Route::Create, Icon::Plus, "way-create", "way-create-more", "go-create")}
                {way(Route::Invite(None), Icon::Invite, "way-invite", "way-invite-more", "go-invite")}
                {way(Route::Restore(None), Icon::Device, "way-restore", "way-restore-more", "go-restore")}
            </nav>
        </div>
    }
}

#[component]
fn VentureLink(venture: VentureSummary) -> impl IntoView {
    let href = Route::Venture(venture.key.clone(), Page::Plan).href();
    let member = format!("{} · {}", venture.party, venture.member);
    let pending = venture.pending;
    let (locked, removed) = (venture.locked, venture.removed);
    view! {
        <a class="choice" href=href data-testid="venture" data-name=venture.name.clone()>
            {icon(Icon::Grid)}
            <span class="choice-text">
                <span class="choice-title">{venture.name.clone()}</span>
                <span class="muted">{member}</span>
            </span>
            <span class="choice-end">
                {removed.then(|| view! { <span class="tag" data-state="bad">{move || t!("removed-mark")}</span> })}
                {locked.then(|| view! { <span class="tag">{icon(Icon::Lock)} {move || t!("locked-mark")}</span> })}
                {(pending > 0)
                    .then(|| view! {
                        <span class="tag" data-state="warn">{move || t!("sync-waiting", count = pending)}</span>
                    })}
            </span>
            {icon(Icon::Chevron)}
        </a>
    }
}

/// A way to a venture: the ids of its title and explanation.
fn way(
    route: Route,
    sign: Icon,
    title: &'static str,
    more: &'static str,
    testid: &'static str,
) -> impl IntoView {
    view! {
        <a class="choice" href=route.href() data-testid=testid>
            {icon(sign)}
            <span class="choice-text">
                <span class="choice-title">{move || t!(title)}</span>
                <span class="muted">{move || t!(more)}</span>
            </span>
            <span class="choice-end">{icon(Icon::Chevron)}</span>
        </a>
    }
}
