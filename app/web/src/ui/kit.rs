//! The recovery kit: made, saved as a file, and shown as a page to be printed.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::Dialog;
use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::qr::Qr;
use super::session::{Session, use_session};
use super::{browser, port};
use crate::wire::{Id, RecoveryKit, Reply, Request};

/// Makes a kit, saves its file, shows its page, and calls `made`; the file is sealed where a passphrase is given. One is
/// made at a time.
pub(crate) fn make(session: Session, passphrase: Option<String>, made: impl FnOnce() + 'static) {
    if session.making_kit.get_untracked() {
        return;
    }
    session.making_kit.set(true);
    spawn_local(async move {
        let answer = port::ask(Request::MakeKit { passphrase }).await;
        session.making_kit.set(false);
        match answer {
            Ok(Reply::Kit(kit)) => {
                made();
                save(session, &kit);
                session.kit.set(Some(*kit));
            }
            other => session.finish(other),
        }
    });
}

fn save(session: Session, kit: &RecoveryKit) {
    let kind = "application/octet-stream";
    match browser::download(&kit.file_name, kind, &kit.file) {
        Ok(()) => session.toasts.good(t!("kit-saved")),
        Err(_) => session.toasts.bad(t!("download-refused")),
    }
}

/// What the button says that makes a kit.
pub(crate) fn make_words(session: Session) -> String {
    match session.making_kit.get() {
        true => t!("recovery-making"),
        false => t!("recovery-save"),
    }
}

/// Somebody has this kit: it takes the place of those made before.
pub(crate) fn keep(session: Session, kit: Id) {
    spawn_local(async move {
        match port::ask(Request::KeepKit(kit)).await {
            Ok(_) => session.toasts.good(t!("kit-kept")),
            failed => session.finish(failed),
        }
    });
}

/// Shows the kit that was just made; it is never shown again.
#[component]
pub(crate) fn KitDialog() -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    Effect::new(move || {
        let shown = session.kit.with(Option::is_some);
        open.set(shown);
        browser::set_root_attribute("data-print", shown.then_some("kit"));
    });
    Effect::new(move || {
        if !open.get() && session.kit.with_untracked(Option::is_some) {
            session.kit.set(None);
            session.toasts.bad(t!("kit-unconfirmed-now"));
        }
    });
    view! {
        <Dialog open=open title="kit" testid="kit">
            {move || session.kit.get().map(|kit| view! { <KitSheet kit=kit /> })}
        </Dialog>
    }
}

#[component]
fn KitSheet(kit: RecoveryKit) -> impl IntoView {
    let session = use_session();
    let sealed = kit.sealed;
    let saved = StoredValue::new(kit.clone());
    let id = kit.id.clone();
    let have = move |_| {
        keep(session, id.clone());
        session.kit.set(None);
    };
    view! {
        <div class="kit-actions">
            <p>{move || t!("kit-shown-once")}</p>
            <div class="form-actions">
                <button class="button" data-kind="primary" data-testid="kit-print" on:click=|_| browser::print()>
                    {icon(Icon::Print)}
                    {move || t!("kit-print")}
                </button>
                <button class="button" data-testid="kit-save" on:click=move |_| saved.with_value(|kit| save(session, kit))>
                    {icon(Icon::Download)}
                    {move || t!("kit-save-again")}
                </button>
            </div>
            {sealed.then(|| view! { <p class="muted">{move || t!("kit-sealed")}</p> })}
        </div>
        <KitPage kit=kit />
        <div class="kit-actions">
            <p>{move || t!("kit-have-more")}</p>
            <div class="form-actions">
                <button class="button" data-kind="primary" data-testid="kit-have" on:click=have>
                    {icon(Icon::Check)}
                    {move || t!("kit-have")}
                </button>
            </div>
        </div>
    }
}

/// One page of paper.
#[component]
fn KitPage(kit: RecoveryKit) -> impl IntoView {
    let session = use_session();
    let venture = session
        .open
        .with_untracked(|open| open.as_ref().map(|open| open.venture.clone()));
    let made = kit.made_ms;
    let time = move || browser::local_time(made, i18n::current().tag());
    let facts = venture.map(|venture| {
        view! {
            <dl class="facts">
                <dt>{move || t!("create-venture")}</dt>
                <dd>{venture.name}</dd>
                <dt>{move || t!("member-name")}</dt>
                <dd>{format!("{} · {}", venture.member, venture.party)}</dd>
                <dt>{move || t!("relay-url")}</dt>
                <dd>{venture.relay}</dd>
                <dt>{move || t!("kit-date")}</dt>
                <dd>{time}</dd>
            </dl>
        }
    });
    view! {
        <article class="kit" data-testid="kit-page">
            <header class="kit-head">
                <img src="/icon.svg" alt="" width="36" height="36" />
                <div>
                    <h1>{move || t!("kit")}</h1>
                    <p>{move || t!("kit-claim")}</p>
                </div>
            </header>
            <div class="kit-body">
                <Qr text=kit.link label=Signal::derive(|| t!("kit-qr")) />
                {facts}
            </div>
            <h2>{move || t!("kit-words")}</h2>
            {words(kit.words, "en", "kit-words")}
            {words(kit.chinese_words, "zh-CN", "kit-words-zh")}
            <h2>{move || t!("kit-how")}</h2>
            <ol class="steps">
                <li>{move || t!("kit-how-open")}</li>
                <li>{move || t!("kit-how-type")}</li>
                <li>{move || t!("kit-how-after")}</li>
            </ol>
            <p class="kit-warning">{move || t!("kit-warning")}</p>
        </article>
    }
}

fn words(words: Vec<String>, language: &'static str, testid: &'static str) -> impl IntoView {
    let items = words
        .into_iter()
        .map(|word| view! { <li>{word}</li> })
        .collect_view();
    view! { <ol class="kit-words" lang=language data-testid=testid>{items}</ol> }
}
