//! A venture has moved to another relay: followed by a button, never by opening the link.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{CopyBox, Note};
use crate::ui::i18n::t;
use crate::ui::route::Route;
use crate::ui::session::use_session;
use crate::ui::{failure, port};
use crate::wire::{Failure, Reply, Request};

#[component]
pub(crate) fn MovedPage(link: String) -> impl IntoView {
    let session = use_session();
    let failed = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let is_elsewhere = move || failed.with(|failed| *failed == Some(Failure::NoVenture));
    let given = StoredValue::new(link.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let link = link.clone();
        spawn_local(async move {
            match port::ask(Request::FollowMove { link }).await {
                Ok(Reply::Venture(venture)) => session.enter(venture),
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    view! {
        <form class="start-body" on:submit=submit data-testid="moved-page">
            <header>
                <h1>{move || t!("moved-title")}</h1>
                <p>{move || t!("moved-more")}</p>
            </header>
            {move || failed.get().map(|failure| match failure {
                // What a browser keeps is kept by address, and the link leads to the new relay's.
                Failure::NoVenture => view! {
                    <div role="alert"><Note state="warn" testid="moved-elsewhere"><p>{move || t!("moved-elsewhere")}</p></Note></div>
                    <CopyBox text=given.get_value() testid="moved-link" />
                }.into_any(),
                failure => view! {
                    <div role="alert"><Note state="bad"><p>{failure::text(&failure)}</p></Note></div>
                }.into_any(),
            })}
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-size="large" data-testid="moved-follow"
                    disabled=busy hidden=is_elsewhere
                >
                    {move || t!("follow-button")}
                </button>
                <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("not-now")}</a>
            </div>
        </form>
    }
}
