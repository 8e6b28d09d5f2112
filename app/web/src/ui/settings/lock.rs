//! The lock of this venture on this device: passphrase, passkey, idleness.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::TextField;
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::passkey;
use crate::ui::port;
use crate::ui::session::use_session;
use crate::wire::{LockView, Reply, Request, Secret};

/// Minutes of idleness that are offered; 0 is never.
const IDLE_MINUTES: [u32; 5] = [0, 5, 15, 60, 240];
/// Characters a passphrase has at least: what guesses it has the browser's files and all the time there is.
const PASSPHRASE_CHARS_MIN: usize = 10;

#[component]
pub(super) fn LockPanel() -> impl IntoView {
    let session = use_session();
    let lock = RwSignal::new(LockView::default());
    let ask = move |request: Request| {
        spawn_local(async move {
            match port::ask(request).await {
                Ok(Reply::Lock(view)) => lock.set(view),
                other => session.finish(other),
            }
        });
    };
    ask(Request::Lock);
    let locks = move || lock.with(|lock| lock.passphrase || lock.passkey.is_some());
    let choose = move |event| {
        let minutes = event_target_value(&event).parse().unwrap_or(0);
        ask(Request::SetIdle { minutes });
    };
    let options = move || {
        let chosen = lock.with(|lock| lock.idle_minutes);
        IDLE_MINUTES
            .into_iter()
            .map(|minutes| view! {
                <option value=minutes.to_string() selected={minutes == chosen}>{move || match minutes {
                    0 => t!("idle-never"),
                    minutes => t!("idle-minutes", count = minutes),
                }}</option>
            })
            .collect_view()
    };
    view! {
        <section class="panel" data-testid="lock-panel">
            <div class="panel-head">
                <h2>{move || t!("lock")}</h2>
                <span class="tag list-end" data-testid="lock-state" data-state=move || if locks() { "ok" } else { "info" }>
                    {move || if locks() { t!("lock-on") } else { t!("lock-off") }}
                </span>
            </div>
            <div class="panel-body">
                <p>{move || t!("lock-more")}</p>
                <PassphraseForm lock=lock ask=Callback::new(ask) />
                <PasskeyRow lock=lock ask=Callback::new(ask) />
                <div class="setting" hidden=move || !locks()>
                    <label class="setting-text" for="lock-idle"><span class="setting-title">{move || t!("idle")}</span></label>
                    <select class="input" id="lock-idle" data-testid="lock-idle" on:change=choose>{options}</select>
                </div>
                <div class="form-actions" hidden=move || !locks()>
                    <button class="button" data-kind="primary" data-testid="lock-now" on:click=move |_| session.tell(Request::LockNow)>
                        {icon(Icon::Lock)}
                        {move || t!("lock-now")}
                    </button>
                </div>
            </div>
        </section>
    }
}

#[component]
fn PassphraseForm(lock: RwSignal<LockView>, ask: Callback<Request>) -> impl IntoView {
    let (first, second) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(false);
    let problem = move || {
        let (first, second) = (first.get(), second.get());
        if first.trim().chars().count() < PASSPHRASE_CHARS_MIN {
            return Some(t!("passphrase-short", count = PASSPHRASE_CHARS_MIN));
        }
        (first != second).then(|| t!("passphrase-differs"))
    };
    let shown = Signal::derive(move || {
        if tried.get() {
            problem().unwrap_or_default()
        } else {
            String::new()
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if problem().is_some() {
            return;
        }
        ask.run(Request::AddSecret(Secret::Passphrase(
            first.get_untracked(),
        )));
        first.set(String::new());
        second.set(String::new());
        tried.set(false);
    };
    view! {
        <form class="form" on:submit=submit data-testid="lock-form">
            <div class="form-pair" data-even="true">
                <TextField label="passphrase-new" value=first testid="lock-passphrase" kind="password" autocomplete="new-password" />
                <TextField label="passphrase-again" value=second problem=shown testid="lock-again" kind="password" autocomplete="new-password" />
            </div>
            <div class="form-actions">
                <button class="button" data-testid="lock-set">
                    {move || if lock.with(|lock| lock.passphrase) { t!("passphrase-change") } else { t!("passphrase-set") }}
                </button>
                <button
                    class="button" type="button" data-kind="quiet" data-testid="lock-unset"
                    hidden=move || lock.with(|lock| !lock.passphrase)
                    on:click=move |_| ask.run(Request::RemoveSecret { passkey: false })
                >
                    {move || t!("passphrase-unset")}
                </button>
            </div>
            <p class="muted">{move || t!("lock-lost")}</p>
        </form>
    }
}

#[component]
fn PasskeyRow(lock: RwSignal<LockView>, ask: Callback<Request>) -> impl IntoView {
    let session = use_session();
    let able = RwSignal::new(false);
    spawn_local(async move { able.set(passkey::is_offered().await) });
    let has = move || lock.with(|lock| lock.passkey.is_some());
    let name = move || {
        session
            .open
            .with_untracked(|open| open.as_ref().map(|open| open.venture.name.clone()))
    };
    let add = move |_| {
        let name = name().unwrap_or_default();
        spawn_local(async move {
            match passkey::make(&name).await {
                Some((passkey, secret)) => {
                    ask.run(Request::AddSecret(Secret::Passkey { passkey, secret }));
                }
                None => session.toasts.bad(t!("passkey-refused")),
            }
        });
    };
    view! {
        <div class="setting" data-testid="passkey-row" data-state=move || if able.get() { "able" } else { "unable" }>
            <div class="setting-text">
                <span class="setting-title">{move || t!("passkey")}</span>
                <span class="muted">{move || if able.get() { t!("passkey-more") } else { t!("passkey-none") }}</span>
            </div>
            <button class="button" data-testid="passkey-add" hidden=move || !able.get() || has() on:click=add>
                {move || t!("passkey-add")}
            </button>
            <button
                class="button" data-testid="passkey-remove" hidden=move || !has()
                on:click=move |_| ask.run(Request::RemoveSecret { passkey: true })
            >
                {move || t!("passkey-remove")}
            </button>
        </div>
    }
}
