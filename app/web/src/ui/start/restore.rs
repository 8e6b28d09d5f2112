//! Adding this device to a member: by a link, a typed code, the words of a recovery kit, or its file.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{Note, TextField};
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::route::Route;
use crate::ui::session::{Session, use_session};
use crate::ui::{browser, failure, port};
use crate::wire::{CodeInfo, Failure, RecoveryProblem, Reply, Request};

/// Takes a link with which the page was opened, or whatever somebody has.
#[component]
pub(crate) fn RestorePage(link: Option<String>) -> impl IntoView {
    let failed = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    view! {
        <div class="start-body" data-testid="restore-page">
            <header>
                <h1>{move || t!("restore-title")}</h1>
                <p>{move || t!("restore-more")}</p>
            </header>
            {match link {
                Some(link) => view! { <ByLink link=link failed=failed busy=busy /> }.into_any(),
                None => view! { <ByCode failed=failed busy=busy /> <ByFile failed=failed busy=busy /> }.into_any(),
            }}
            {move || failed.get().map(|failure| view! {
                <div role="alert" data-testid="restore-failed">
                    <Note state="bad"><p>{failure::text(&failure)}</p></Note>
                </div>
            })}
            <div class="form-actions">
                <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("back")}</a>
            </div>
        </div>
    }
}

/// Adds this device and opens the venture.
fn add(
    session: Session,
    text: String,
    relay: String,
    failed: RwSignal<Option<Failure>>,
    busy: RwSignal<bool>,
) {
    busy.set(true);
    failed.set(None);
    spawn_local(async move {
        match port::ask(Request::AddDevice { text, relay }).await {
            Ok(Reply::Venture(venture)) => {
                // A code in the address bar or the history would be one more copy of a secret.
                browser::replace_fragment("/");
                session.enter(venture);
            }
            Ok(_) => {}
            Err(failure) => failed.set(Some(failure)),
        }
        busy.set(false);
    });
}

/// A link says where it leads before it is used.
#[component]
fn ByLink(link: String, failed: RwSignal<Option<Failure>>, busy: RwSignal<bool>) -> impl IntoView {
    let info = RwSignal::new(None::<CodeInfo>);
    let text = StoredValue::new(link);
    spawn_local(async move {
        let request = Request::InspectCode {
            text: text.get_value(),
            relay: String::new(),
        };
        match port::ask(request).await {
            Ok(Reply::Code(found)) => info.set(Some(found)),
            Ok(_) => {}
            Err(failure) => failed.set(Some(failure)),
        }
    });
    let session = use_session();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        add(session, text.get_value(), String::new(), failed, busy);
    };
    view! {
        <form class="form" on:submit=submit data-testid="device-form" hidden=move || info.with(Option::is_none)>
            {move || info.get().map(|info| view! {
                <dl class="facts">
                    <dt>{move || t!("invite-host")}</dt>
                    <dd>{info.host}</dd>
                    <dt>{move || t!("restore-by")}</dt>
                    <dd>{move || if info.kit { t!("offer-kit") } else { t!("offer-code") }}</dd>
                </dl>
                {info.known.then(|| view! { <Note state="info"><p>{move || t!("recovery-known")}</p></Note> })}
            })}
            <div class="form-actions">
                <button class="button" data-kind="primary" data-size="large" data-testid="device-accept" disabled=busy>
                    {move || if busy.get() { t!("restore-busy") } else { t!("restore-add") }}
                </button>
            </div>
            <p class="muted">{move || t!("restore-once")}</p>
        </form>
    }
}

#[component]
fn ByCode(failed: RwSignal<Option<Failure>>, busy: RwSignal<bool>) -> impl IntoView {
    let (text, relay) = (
        RwSignal::new(String::new()),
        RwSignal::new(browser::origin()),
    );
    let session = use_session();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        add(
            session,
            text.get_untracked(),
            relay.get_untracked(),
            failed,
            busy,
        );
    };
    view! {
        <form class="form" on:submit=submit data-testid="code-form">
            <div class="field">
                <label class="field-label" for="restore-code">{move || t!("restore-code")}</label>
                <textarea
                    class="input code-input" id="restore-code" data-testid="restore-code" rows="3" spellcheck="false"
                    autocomplete="off" autocapitalize="off" aria-describedby="restore-code-hint" prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
                <span class="field-hint" id="restore-code-hint">{move || t!("restore-code-hint")}</span>
            </div>
            <TextField label="relay-url" hint="restore-relay-hint" value=relay testid="restore-relay" kind="url" autocomplete="url" />
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-size="large" data-testid="code-submit"
                    disabled=move || busy.get() || text.with(|text| text.trim().is_empty())
                >
                    {move || if busy.get() { t!("restore-busy") } else { t!("restore-add") }}
                </button>
            </div>
        </form>
    }
}

#[component]
fn ByFile(failed: RwSignal<Option<Failure>>, busy: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let file = RwSignal::new_local(None::<web_sys::File>);
    let passphrase = RwSignal::new(String::new());
    let asked = RwSignal::new(false);
    Effect::new(move || {
        let asks = failed.with(|failed| {
            let problem = match failed {
                Some(Failure::Recovery(problem)) => *problem,
                _ => return false,
            };
            let asking = [
                RecoveryProblem::PassphraseNeeded,
                RecoveryProblem::PassphraseWrong,
            ];
            asking.contains(&problem)
        });
        if asks {
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
        <form class="form or" on:submit=submit data-testid="restore-form">
            <p class="muted">{move || t!("restore-or-file")}</p>
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
                <TextField label="passphrase" value=passphrase testid="restore-passphrase" kind="password" autocomplete="current-password" />
            </div>
            <div class="form-actions" hidden=move || !asked.get()>
                <button class="button" data-kind="primary" data-size="large" data-testid="restore-submit" disabled=busy>
                    {move || if busy.get() { t!("restore-busy") } else { t!("restore-submit") }}
                </button>
            </div>
        </form>
    }
}
