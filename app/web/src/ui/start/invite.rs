//! Opening an invite: looked at without the network, used only by a button.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{Note, TextField};
use crate::ui::environment::{self, Keeping};
use crate::ui::i18n::t;
use crate::ui::route::{Page, Route};
use crate::ui::session::use_session;
use crate::ui::{browser, failure, port};
use crate::wire::{Failure, InviteInfo, Reply, Request};

/// Takes a link, shows what it tells, and joins when asked to.
#[component]
pub(crate) fn InvitePage(link: Option<String>) -> impl IntoView {
    let arrived = link.is_some();
    let link = RwSignal::new(link.unwrap_or_default());
    let info = RwSignal::new(None::<InviteInfo>);
    let failed = RwSignal::new(None::<Failure>);
    let inspect = move || {
        let text = link.with_untracked(|link| link.trim().to_owned());
        spawn_local(async move {
            match port::ask(Request::InspectInvite { link: text }).await {
                Ok(Reply::Invite(found)) => {
                    failed.set(None);
                    info.set(Some(found));
                }
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    if arrived {
        inspect();
    }
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        inspect();
    };
    view! {
        <div class="start-body" data-testid="invite-page">
            <header>
                <h1>{move || t!("invite-title")}</h1>
                <p>{move || t!("invite-more")}</p>
            </header>
            <form class="form" on:submit=submit hidden=move || info.with(Option::is_some)>
                <div class="field">
                    <label class="field-label" for="invite-link-input">{move || t!("invite-link")}</label>
                    <textarea
                        class="input" id="invite-link-input" data-testid="invite-link-input" rows="4"
                        spellcheck="false" autocomplete="off"
                        prop:value=link
                        on:input=move |event| link.set(event_target_value(&event))
                    ></textarea>
                </div>
                <div class="form-actions">
                    <button class="button" data-kind="primary" data-size="large" data-testid="invite-inspect">
                        {move || t!("invite-inspect")}
                    </button>
                    <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("back")}</a>
                </div>
            </form>
            {move || failed.get().map(|failure| view! {
                <div role="alert" data-testid="invite-failed">
                    <Note state="bad"><p>{failure::text(&failure)}</p></Note>
                </div>
            })}
            {move || info.get().map(|info| match info.known.clone() {
                Some(key) => {
                    let href = Route::Venture(key, Page::Plan).href();
                    view! {
                        <Note state="info">
                            <p>{move || t!("invite-known")}</p>
                            <a href=href>{move || t!("invite-known-open")}</a>
                        </Note>
                    }.into_any()
                }
                None => view! { <Accept info=info link=link failed=failed /> }.into_any(),
            })}
        </div>
    }
}

/// What the invite tells, and the button that uses it.
#[component]
fn Accept(
    info: InviteInfo,
    link: RwSignal<String>,
    failed: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let session = use_session();
    let member = RwSignal::new(String::new());
    let keep = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let app = environment::in_app_browser();
    let private = move || session.keeping.get() == Some(Keeping::Private);
    let asks = move || app.is_some() || private();
    let ready = move || member.with(|name| !name.trim().is_empty()) && (keep.get() || !asks());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !ready() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let request = Request::AcceptInvite {
            link: link.with_untracked(|link| link.trim().to_owned()),
            member: member.with_untracked(|name| name.trim().to_owned()),
        };
        spawn_local(async move {
            match port::ask(request).await {
                Ok(Reply::Venture(venture)) => {
                    // The link is used up, and its key must not stay in the address bar or the history.
                    browser::replace_fragment("/");
                    session.enter(venture);
                }
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit data-testid="invite-form">
            <InviteFacts info=info />
            {move || app.map(|app| view! {
                <Note state="warn" testid="in-app-browser"><p>{move || t!("in-app", app = app)}</p></Note>
            })}
            {move || private().then(|| view! {
                <Note state="warn" testid="private-window"><p>{move || t!("keeping-private")}</p></Note>
            })}
            <TextField label="member-name" value=member testid="invite-member-name" autocomplete="name" />
            <label class="check" hidden=move || !asks()>
                <input
                    type="checkbox" data-testid="invite-keep-here"
                    prop:checked=keep
                    on:change=move |event| keep.set(event_target_checked(&event))
                />
                <span>{move || match app {
                    Some(app) => t!("keep-here-app", app = app),
                    None => t!("keep-here"),
                }}</span>
            </label>
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-size="large" data-testid="invite-accept"
                    disabled=move || busy.get() || !ready()
                >
                    {move || if busy.get() { t!("invite-busy") } else { t!("invite-accept") }}
                </button>
                <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("not-now")}</a>
            </div>
            <p class="muted">{move || t!("invite-once")}</p>
        </form>
    }
}

#[component]
fn InviteFacts(info: InviteInfo) -> impl IntoView {
    let here = browser::origin();
    let elsewhere = !info.relay.starts_with(&here);
    let (loopback, plaintext) = (info.loopback, info.plaintext);
    view! {
        <dl class="facts" data-testid="invite-facts" data-host=info.host.clone()>
            <dt>{move || t!("invite-host")}</dt>
            <dd>{info.host.clone()}</dd>
            <dt>{move || t!("invite-who")}</dt>
            <dd>{move || t!("invite-who-unknown")}</dd>
        </dl>
        {(loopback && elsewhere).then(|| view! {
            <Note state="warn" testid="invite-loopback"><p>{move || t!("invite-loopback")}</p></Note>
        })}
        {(plaintext && !loopback).then(|| view! {
            <Note state="warn" testid="invite-plaintext"><p>{move || t!("invite-plaintext")}</p></Note>
        })}
    }
}
