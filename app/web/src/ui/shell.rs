//! The frame of an open venture: its name, the pages, the state of sync, and notices above the page.

use leptos::prelude::*;

use super::access::AccessPage;
use super::dialog::{QuestionDialog, Questions};
use super::failure;
use super::i18n::{msg, t};
use super::icon::{Icon, icon};
use super::kit::KitDialog;
use super::lock_screen::LockScreen;
use super::members::MembersPage;
use super::merge::MergePage;
use super::notices::Notices;
use super::plan::PlanPage;
use super::plan_closed::PlanClosed;
use super::removed::Removed;
use super::rename::{RenameDialog, Renames};
use super::route::{Page, Route};
use super::security::SecurityPage;
use super::session::use_session;
use super::settings::SettingsPage;
use super::sync_pill::SyncPill;
use crate::wire::{Failure, VentureKey};

/// The frame with the page of the URL in it.
#[component]
pub(crate) fn Shell() -> impl IntoView {
    let session = use_session();
    let route = expect_context::<RwSignal<Route>>();
    let page = Memo::new(move |_| match route.get() {
        Route::Venture(_, page) => page,
        _ => Page::Plan,
    });
    // The open venture changes with every count of it; the page is drawn anew only when it opens or closes.
    let is_open = Memo::new(move |_| session.open.with(Option::is_some));
    let is_removed = Memo::new(move |_| {
        session
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.removed))
    });
    let reads = Memo::new(move |_| {
        session
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.reads))
    });
    let reading = RwSignal::new(false);
    let stops = Memo::new(move |_| is_removed.get() && !reading.get());
    let questions = Questions::provide();
    let renames = Renames::provide();
    view! {
        <a class="skip" href="#main" on:click=skip_to_main>{move || t!("skip")}</a>
        <div class="shell" data-page=move || page.get().name()>
            <Brand />
            <Nav page=page />
            <div class="foot">
                <SyncPill />
            </div>
            <main class="main" id="main" tabindex="-1">
                {move || is_removed.get().then(|| view! { <Removed reading=reading /> })}
                {move || (!is_removed.get()).then(|| view! { <Notices /> })}
                {move || match (is_open.get(), page.get()) {
                    (false, _) => view! { <Waiting /> }.into_any(),
                    (true, _) if stops.get() => ().into_any(),
                    (true, Page::Plan) if !reads.get() => view! { <PlanClosed /> }.into_any(),
                    (true, Page::Plan) => view! { <PlanPage /> }.into_any(),
                    (true, Page::Merge) => view! { <MergePage /> }.into_any(),
                    (true, Page::Members) => view! { <MembersPage /> }.into_any(),
                    (true, Page::Access) => view! { <AccessPage /> }.into_any(),
                    (true, Page::Security) => view! { <SecurityPage /> }.into_any(),
                    (true, Page::Settings) => view! { <SettingsPage /> }.into_any(),
                }}
            </main>
        </div>
        <QuestionDialog questions=questions />
        <RenameDialog renames=renames />
        <KitDialog />
    }
}

/// The fragment names places, so the link moves the focus instead of the URL.
fn skip_to_main(event: web_sys::MouseEvent) {
    event.prevent_default();
    if let Some(main) = super::browser::element("main") {
        let _refused = main.focus();
    }
}

#[component]
fn Brand() -> impl IntoView {
    let session = use_session();
    let venture = move || {
        session
            .open
            .with(|open| open.as_ref().map(|open| open.venture.clone()))
    };
    let route = expect_context::<RwSignal<Route>>();
    let listed = move || match route.get() {
        Route::Venture(key, _) => session.name_of(&key),
        _ => None,
    };
    let name = move || {
        let name = venture().map(|venture| venture.name).or_else(listed);
        name.unwrap_or_else(|| "Heqi 合契".to_owned())
    };
    let who = move || {
        venture()
            .map(|venture| format!("{} · {}", venture.party, venture.member))
            .unwrap_or_default()
    };
    view! {
        <header class="brand">
            <a class="brand-link" href=Route::Home.href() title=move || t!("all-ventures") data-testid="all-ventures">
                <img class="brand-mark" src="/icon.svg" alt="" width="28" height="28" />
                <span class="brand-text">
                    <span class="brand-name" data-testid="venture-name">{name}</span>
                    <span class="brand-party">{who}</span>
                </span>
            </a>
        </header>
    }
}

#[component]
fn Nav(page: Memo<Page>) -> impl IntoView {
    let session = use_session();
    let route = expect_context::<RwSignal<Route>>();
    let key = move || match route.get() {
        Route::Venture(key, _) => key,
        _ => VentureKey(String::new()),
    };
    let open_conflicts = Memo::new(move |_| session.plan.conflicts_open());
    let items = Page::ALL
        .into_iter()
        .map(|item| {
            let (label, sign) = nav_words(item);
            view! {
                <a
                    class="nav-item"
                    data-testid=format!("nav-{}", item.name())
                    href=move || Route::Venture(key(), item).href()
                    aria-current=move || (page.get() == item).then_some("page")
                >
                    {icon(sign)}
                    <span>{move || t!(label)}</span>
                    {(item == Page::Merge).then(|| view! { <MergeBadge count=open_conflicts /> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="nav" aria-label=move || t!("nav-label")>
            {items}
        </nav>
    }
}

#[component]
fn MergeBadge(count: Memo<usize>) -> impl IntoView {
    view! {
        <span class="badge" hidden=move || count.get() == 0 data-testid="merge-badge">
            <span aria-hidden="true">{count}</span>
            <span class="visually-hidden">{move || t!("merge-badge", count = count.get())}</span>
        </span>
    }
}

fn nav_words(page: Page) -> (&'static str, Icon) {
    match page {
        Page::Plan => (msg("nav-plan"), Icon::Grid),
        Page::Merge => (msg("nav-merge"), Icon::Merge),
        Page::Members => (msg("nav-members"), Icon::People),
        Page::Access => (msg("nav-access"), Icon::Key),
        Page::Security => (msg("nav-security"), Icon::Shield),
        Page::Settings => (msg("nav-settings"), Icon::Gear),
    }
}

/// While the venture opens, or why it does not.
#[component]
fn Waiting() -> impl IntoView {
    let session = use_session();
    view! {
        {move || match session.not_open.get() {
            None => view! {
                <div class="empty" role="status" data-testid="opening">
                    <img class="boot-mark" src="/icon.svg" alt="" width="40" height="40" />
                    <p>{move || t!("opening")}</p>
                </div>
            }.into_any(),
            Some(Failure::Locked(lock)) => view! { <LockScreen lock=lock /> }.into_any(),
            Some(problem) => view! {
                <div class="empty" role="alert" data-testid="not-open">
                    {icon(Icon::Alert)}
                    <h2>{move || t!("not-open")}</h2>
                    <p>{failure::text(&problem)}</p>
                    <a class="button" href=Route::Home.href()>{move || t!("all-ventures")}</a>
                </div>
            }.into_any(),
        }}
    }
}
