//! A locked venture: what opens it, and what to do when that is lost.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::TextField;
use super::dialog::{Question, Questions};
use super::i18n::{msg, t};
use super::icon::{Icon, icon};
use super::members::ask;
use super::route::Route;
use super::session::use_session;
use super::{failure, passkey, port};
use crate::wire::{Failure, LockView, Passkey, Request, Secret, VentureKey, VentureSummary};

#[component]
pub(crate) fn LockScreen(lock: LockView) -> impl IntoView {
    let session = use_session();
    let route = expect_context::<RwSignal<Route>>();
    let key = move || match route.get_untracked() {
        Route::Venture(key, _) => key,
        _ => VentureKey(String::new()),
    };
    let copy = move || {
        session.ventures.with(|ventures| {
            let mut all = ventures.iter().flatten();
            all.find(|known| known.key == key()).cloned()
        })
    };
    let title = move || match session.name_of(&key()) {
        Some(name) => t!("locked-title", name = name),
        None => t!("locked"),
    };
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(String::new());
    let unlock = move |secret: Secret| {
        busy.set(true);
        failed.set(String::new());
        spawn_local(async move {
            let venture = key();
            let request = Request::Unlock {
                venture: venture.clone(),
                secret,
            };
            match port::ask(request).await {
                Ok(_) => session.unlocked(venture),
                Err(Failure::WrongSecret) => failed.set(t!("lock-wrong")),
                Err(other) => failed.set(failure::text(&other)),
            }
            busy.set(false);
        });
    };
    let passphrase = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        unlock(Secret::Passphrase(passphrase.get_untracked()));
    };
    Effect::new(|| {
        if let Some(field) = super::browser::element("unlock-passphrase") {
            let _refused = field.focus();
        }
    });
    view! {
        <section class="empty lock-screen" data-testid="locked">
            <span class="lock-mark">{icon(Icon::Lock)}</span>
            <h1 data-testid="locked-title">{title}</h1>
            <p>{move || t!("locked-more")}</p>
            <form class="form" on:submit=submit hidden=!lock.passphrase>
                <TextField label="passphrase" value=passphrase problem=failed testid="unlock-passphrase" kind="password" autocomplete="current-password" />
                <button class="button" data-kind="primary" data-size="large" data-testid="unlock" disabled=busy>
                    {move || if busy.get() { t!("unlocking") } else { t!("unlock") }}
                </button>
            </form>
            {lock.passkey.map(|passkey| view! { <ByPasskey passkey=passkey unlock=Callback::new(unlock) failed=failed /> })}
            <p class="muted">{move || t!("locked-lost")} " " <a href=Route::Restore(None).href()>{move || t!("locked-lost-way")}</a></p>
            <div class="form-actions">
                <a class="button" data-kind="quiet" href=Route::Home.href()>{move || t!("all-ventures")}</a>
                {move || copy().map(|copy| {
                    let others = session.ventures.with(|ventures| {
                        let mut all = ventures.iter().flatten();
                        all.any(|other| other.id == copy.id && other.key != copy.key)
                    });
                    view! { <RemoveCopy copy=copy others=others /> }
                })}
            </div>
        </section>
    }
}

/// Removes a locked copy of a venture from this browser, after asking; `others` where there is another one here.
#[component]
pub(crate) fn RemoveCopy(copy: VentureSummary, others: bool) -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let question = move |_| {
        let venture = copy.key.clone();
        let unsent = match copy.pending {
            0 => msg("copy-sent"),
            _ => msg("copy-unsent"),
        };
        let back = match others {
            true => msg("copy-other-stays"),
            false => msg("copy-last"),
        };
        questions.ask(Question {
            title: msg("copy-question"),
            subject: format!("{} · {} · {}", copy.name, copy.party, copy.member),
            points: vec![msg("copy-gone"), unsent, back],
            first: None,
            button: msg("copy-remove-button"),
            answer: Arc::new(move || {
                let venture = venture.clone();
                ask(session, Request::RemoveLocked { venture }, "copy-removed");
            }),
        });
    };
    view! {
        <button class="button" data-kind="quiet" data-testid="copy-remove" on:click=question>
            {icon(Icon::Trash)}
            {move || t!("copy-remove")}
        </button>
    }
}

#[component]
fn ByPasskey(
    passkey: Passkey,
    unlock: Callback<Secret>,
    failed: RwSignal<String>,
) -> impl IntoView {
    let ask = move |_| {
        let passkey = passkey.clone();
        spawn_local(async move {
            match passkey::secret(&passkey).await {
                Some(secret) => unlock.run(Secret::Passkey { passkey, secret }),
                None => failed.set(t!("passkey-refused")),
            }
        });
    };
    view! {
        <button class="button" data-size="large" data-testid="unlock-passkey" on:click=ask>
            {icon(Icon::Key)}
            {move || t!("unlock-passkey")}
        </button>
        <p class="field-error" role="alert">{failed}</p>
    }
}
