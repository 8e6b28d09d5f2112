//! Restoring a venture from a recovery file.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{Note, TextField};
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::route::Route;
use crate::ui::session::use_session;
use crate::ui::{browser, failure, port};
use crate::wire::{Failure, RecoveryProblem, Reply, Request};

/// Takes a recovery file, and a passphrase where the file asks for one.
#[component]
pub(crate) fn RestorePage() -> impl IntoView {
    let session = use_session();
    let file = RwSignal::new_local(None::<web_sys::File>);
    let passphrase = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let asks = move || {
        failed.with(|failed| {
            matches!(
                failed,
                Some(Failure::Recovery(
                    RecoveryProblem::PassphraseNeeded | RecoveryProblem::PassphraseWrong
                ))
            )
        })
    };
    let asked = RwSignal::new(false);
    Effect::new(move || {
        if asks() {
            asked.set(true);
        }
    });
    let restore = move || {
        let Some(picked) = file.get_untracked() else {
            return;
        };
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let typed = passphrase.get_untracked();
            let request = Request::RestoreRecovery {
                bytes: browser::read(&picked).await.unwrap_or_default(),
                passphrase: (!typed.is_empty()).then_some(typed),
            };
            match port::ask(request).await {
                Ok(Reply::Venture(venture)) => session.enter(venture),
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    let pick = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        file.set(input.files().and_then(|files| files.get(0)));
        restore();
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        restore();
    };
    view! {
        <form class="start-body" on:submit=submit data-testid="restore-form">
            <header>
                <h1>{move || t!("restore-title")}</h1>
                <p>{move || t!("restore-more")}</p>
            </header>
            <div>
                <input
                    class="file-input" id="restore-file" data-testid="restore-input" type="file"
                    accept=".heqi,application/octet-stream" on:change=pick
                />
                <label class="button" data-size="large" for="restore-file">
                    {icon(Icon::Upload)}
                    <span>{move || file.with(|file| match file {
                        Some(file) => file.name(),
                        None => t!("restore-pick"),
                    })}</span>
                </label>
            </div>
            <div hidden=move || !asked.get()>
                <TextField label="passphrase" value=passphrase testid="restore-passphrase" kind="password" />
            </div>
            {move || failed.get().map(|failure| view! {
                <div role="alert" data-testid="restore-failed">
                    <Note state="bad"><p>{failure::text(&failure)}</p></Note>
                </div>
            })}
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-size="large" data-testid="restore-submit"
                    disabled=move || busy.get() || file.with(Option::is_none)
                >
                    {move || if busy.get() { t!("restore-busy") } else { t!("restore-submit") }}
                </button>
                <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("back")}</a>
            </div>
        </form>
    }
}
