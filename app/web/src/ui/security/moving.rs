//! A manager moves the venture to another relay.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{CopyBox, Note, TextField};
use crate::ui::dialog::{Question, Questions};
use crate::ui::i18n::{msg, t};
use crate::ui::{failure, port};
use crate::wire::{Failure, Reply, Request};

/// How far a move is.
#[derive(Clone, Debug, PartialEq)]
enum Moving {
    No,
    Busy,
    /// The link for those whom the old relay can no longer tell.
    Moved(String),
    Failed(Failure),
}

/// The address of the new relay, what will happen, and the link that comes of it.
#[component]
pub(super) fn MovePanel() -> impl IntoView {
    let questions = expect_context::<Questions>();
    let (url, dead) = (RwSignal::new(String::new()), RwSignal::new(false));
    let moving = RwSignal::new(Moving::No);
    let busy = move || moving.with(|moving| *moving == Moving::Busy);
    let go = move |url: String, dead: bool| {
        moving.set(Moving::Busy);
        spawn_local(async move {
            let answer = port::ask(Request::MoveRelay { url, dead }).await;
            moving.set(match answer {
                Ok(Reply::Moved(link)) => Moving::Moved(link),
                Ok(_) => Moving::No,
                Err(failure) => Moving::Failed(failure),
            });
        });
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (address, is_dead) = (url.get_untracked(), dead.get_untracked());
        questions.ask(Question {
            title: msg("move-question"),
            subject: address.trim().to_owned(),
            points: match is_dead {
                false => vec![msg("move-key"), msg("move-follow"), msg("move-keeps")],
                true => vec![msg("move-key"), msg("move-takes-over"), msg("move-send")],
            },
            first: None,
            button: msg("move-button"),
            answer: Arc::new(move || go(address.clone(), is_dead)),
        });
    };
    view! {
        <section class="panel" data-testid="move-panel">
            <div class="panel-head"><h2>{move || t!("move")}</h2></div>
            <form class="panel-body" on:submit=submit>
                <p>{move || t!("move-more")}</p>
                <TextField label="move-url" hint="move-url-hint" value=url testid="move-url" kind="url" />
                <label class="check">
                    <input
                        type="checkbox" data-testid="move-dead" prop:checked=dead
                        on:change=move |event| dead.set(event_target_checked(&event))
                    />
                    <span>{move || t!("move-dead")}</span>
                </label>
                <div class="form-actions">
                    <button
                        class="button" data-testid="move-submit"
                        disabled=move || busy() || url.with(|url| url.trim().is_empty())
                    >
                        {move || if busy() { t!("move-busy") } else { t!("move-button") }}
                    </button>
                </div>
                <div role="status">
                    {move || match moving.get() {
                        Moving::Moved(link) => view! {
                            <Note state="ok" testid="move-done"><p>{move || t!("move-done")}</p></Note>
                            <CopyBox text=link testid="move-link" />
                        }.into_any(),
                        Moving::Failed(failed) => view! {
                            <Note state="bad" testid="move-failed"><p>{failure::text(&failed)}</p></Note>
                        }.into_any(),
                        Moving::No | Moving::Busy => ().into_any(),
                    }}
                </div>
            </form>
        </section>
    }
}
