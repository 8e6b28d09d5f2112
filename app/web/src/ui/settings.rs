//! Settings: devices, recovery kit, lock, language, colours, how the data is kept, exports, and what the host sees.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::{LanguageSwitch, Note, TextField, ThemeSwitch};
use super::environment::{self, Keeping};
use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::session::use_session;
use super::{browser, downloads, kit, port};

mod devices;
mod lock;

use devices::DevicesPanel;
use lock::LockPanel;

/// The settings of this device, and of the open venture on it.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    view! {
        <div class="page">
            <div class="page-inner">
                <header class="page-head">
                    <h1>{move || t!("nav-settings")}</h1>
                </header>
                <DevicesPanel />
                <RecoveryPanel />
                <LockPanel />
                <section class="panel">
                    <div class="panel-head"><h2>{move || t!("settings-look")}</h2></div>
                    <div class="panel-body">
                        <div class="setting">
                            <div class="setting-text"><span class="setting-title">{move || t!("settings-language")}</span></div>
                            <LanguageSwitch />
                        </div>
                        <div class="setting">
                            <div class="setting-text"><span class="setting-title">{move || t!("settings-theme")}</span></div>
                            <ThemeSwitch />
                        </div>
                    </div>
                </section>
                <KeepingPanel />
                <VenturePanel />
            </div>
        </div>
    }
}

#[component]
fn RecoveryPanel() -> impl IntoView {
    let session = use_session();
    let passphrase = RwSignal::new(String::new());
    let saved = move || {
        session
            .open
            .with(|open| open.as_ref().and_then(|o| o.venture.recovery_saved_ms))
    };
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = passphrase.get_untracked();
        kit::make(session, (!typed.is_empty()).then_some(typed), move || {
            passphrase.set(String::new());
        });
    };
    view! {
        <section class="panel" data-testid="recovery-panel">
            <div class="panel-head">
                <h2>{move || t!("settings-recovery")}</h2>
                <span class="tag list-end" data-testid="recovery-state" data-state=move || if saved().is_some() { "ok" } else { "warn" }>
                    {move || match saved() {
                        Some(ms) => t!("recovery-saved-at", time = browser::local_time(ms, i18n::current().tag())),
                        None => t!("recovery-never"),
                    }}
                </span>
            </div>
            <form class="panel-body" on:submit=save>
                <p>{move || t!("recovery-more")}</p>
                <TextField
                    label="passphrase-optional" hint="passphrase-hint" value=passphrase
                    testid="recovery-passphrase" kind="password" autocomplete="new-password"
                />
                <div class="form-actions">
                    <button class="button" data-kind="primary" data-testid="recovery-export" disabled=session.making_kit>
                        {icon(Icon::Download)}
                        {move || kit::make_words(session)}
                    </button>
                </div>
            </form>
        </section>
    }
}

/// How well the browser keeps the data.
#[component]
fn KeepingPanel() -> impl IntoView {
    let session = use_session();
    let state = move || match session.keeping.get() {
        Some(Keeping::Kept) => "ok",
        Some(Keeping::BestEffort | Keeping::Private) => "warn",
        Some(Keeping::Unknown) | None => "info",
    };
    let words = move || match session.keeping.get() {
        Some(Keeping::Kept) => t!("keeping-kept"),
        Some(Keeping::BestEffort) => t!("keeping-best-effort"),
        Some(Keeping::Private) => t!("keeping-private"),
        Some(Keeping::Unknown) => t!("keeping-unknown"),
        None => t!("loading"),
    };
    let ask = move |_| {
        spawn_local(async move { session.keeping.set(Some(environment::ask_to_keep().await)) });
    };
    view! {
        <section class="panel" data-testid="keeping-panel" data-state=state>
            <div class="panel-head"><h2>{move || t!("settings-storage")}</h2></div>
            <div class="panel-body">
                <Note state=Signal::derive(state)><p>{words}</p></Note>
                <div class="form-actions" hidden=move || session.keeping.get() == Some(Keeping::Kept)>
                    <button class="button" data-testid="keeping-ask" on:click=ask>{move || t!("keeping-ask")}</button>
                </div>
            </div>
        </section>
    }
}

/// Facts of the open venture on this device, and its exports.
#[component]
fn VenturePanel() -> impl IntoView {
    let session = use_session();
    let venture = move || {
        session
            .open
            .with(|open| open.as_ref().map(|open| open.venture.clone()))
    };
    view! {
        <section class="panel">
            <div class="panel-head"><h2>{move || t!("settings-venture")}</h2></div>
            <div class="panel-body">
                {move || venture().map(|venture| view! {
                    <dl class="facts">
                        <dt>{move || t!("create-venture")}</dt>
                        <dd>{venture.name}</dd>
                        <dt>{move || t!("party-name")}</dt>
                        <dd>{format!("{} · {}", venture.code, venture.party)}</dd>
                        <dt>{move || t!("member-name")}</dt>
                        <dd>{venture.member}</dd>
                        <dt>{move || t!("relay-url")}</dt>
                        <dd>{venture.relay}</dd>
                        <dt>{move || t!("settings-build")}</dt>
                        <dd class="code">{port::build()}</dd>
                    </dl>
                })}
                <div class="form-actions">
                    <button class="button" data-testid="settings-export-csv" on:click=move |_| downloads::save_csv(session)>
                        {icon(Icon::Download)}
                        {move || t!("export-csv")}
                    </button>
                    <button
                        class="button" data-testid="settings-export-archive"
                        on:click=move |_| downloads::save(session, crate::wire::Request::ExportArchive)
                    >
                        {icon(Icon::Download)}
                        {move || t!("export-archive")}
                    </button>
                </div>
            </div>
        </section>
    }
}
