//! What mends: late edits of removed members taken in, and a venture followed to where it has moved.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::TextField;
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::members::ask;
use crate::ui::session::use_session;
use crate::ui::{browser, port};
use crate::wire::Request;

/// Takes in the edits that a removed member has exported.
#[component]
pub(super) fn TakeInPanel() -> impl IntoView {
    let session = use_session();
    let late = move || {
        session
            .sync
            .with(|sync| sync.as_ref().map_or(0, |sync| sync.late))
    };
    let pick = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else {
            return;
        };
        spawn_local(async move {
            let bytes = browser::read(&file).await.unwrap_or_default();
            ask(session, Request::TakeIn { bytes }, "taken-in-now");
            input.set_value("");
        });
    };
    view! {
        <section class="panel" data-testid="late-panel">
            <div class="panel-head">
                <h2>{move || t!("late")}</h2>
                <span class="tag list-end" data-state="warn" hidden=move || late() == 0>{move || t!("late-count", count = late())}</span>
            </div>
            <div class="panel-body">
                <p>{move || t!("late-more")}</p>
                <div>
                    <input class="file-input" id="late-file" data-testid="late-input" type="file" accept=".heqi,application/octet-stream" on:change=pick />
                    <label class="button" for="late-file">{icon(Icon::Upload)} <span>{move || t!("late-take-in")}</span></label>
                </div>
            </div>
        </section>
    }
}

/// Goes to where a signed link says that the venture has moved.
#[component]
pub(super) fn FollowPanel() -> impl IntoView {
    let session = use_session();
    let link = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let link = link.get_untracked();
        spawn_local(async move {
            match port::ask(Request::FollowMove { link }).await {
                Ok(_) => session.toasts.good(t!("follow-now")),
                failed => session.finish(failed),
            }
        });
    };
    view! {
        <section class="panel" data-testid="follow-panel">
            <div class="panel-head"><h2>{move || t!("follow")}</h2></div>
            <form class="panel-body" on:submit=submit>
                <p>{move || t!("follow-more")}</p>
                <TextField label="follow-link" value=link testid="follow-link" max_length=2000 />
                <div class="form-actions">
                    <button class="button" data-testid="follow-submit" disabled=move || link.with(|link| link.trim().is_empty())>
                        {move || t!("follow-button")}
                    </button>
                </div>
            </form>
        </section>
    }
}
