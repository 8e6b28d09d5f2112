//! Founding a venture.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::{Note, TextField};
use crate::ui::i18n::t;
use crate::ui::session::use_session;
use crate::ui::{browser, failure, party_code, port, route::Route};
use crate::wire::{Failure, Reply, Request};

/// Asks for what a venture needs and founds it at the relay.
#[component]
pub(crate) fn CreatePage() -> impl IntoView {
    let form = Form::new();
    let session = use_session();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let tried = RwSignal::new(false);
    Effect::new(move || form.suggest_code());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if !form.is_complete() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            match port::ask(form.request()).await {
                Ok(Reply::Venture(venture)) => session.enter(venture),
                Ok(_) => failed.set(Some(Failure::Defect {
                    detail: "unfitting reply".into(),
                })),
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    let needed = move |value: RwSignal<String>| {
        Signal::derive(move || {
            let missing = tried.get() && value.with(|value| value.trim().is_empty());
            if missing {
                t!("field-needed")
            } else {
                String::new()
            }
        })
    };
    let code_problem = Signal::derive(move || {
        let wrong = tried.get() && form.code.with(|code| !party_code::is_valid(code));
        if wrong {
            t!("party-code-problem")
        } else {
            String::new()
        }
    });
    view! {
        <form class="start-body" novalidate on:submit=submit data-testid="create-form">
            <header>
                <h1>{move || t!("create-title")}</h1>
                <p>{move || t!("create-more")}</p>
            </header>
            <div class="form">
                <TextField label="create-venture" value=form.venture problem=needed(form.venture) testid="create-venture-name" />
                <div class="form-pair">
                    <TextField
                        label="party-name" value=form.party problem=needed(form.party)
                        testid="create-party-name" autocomplete="organization"
                    />
                    <TextField label="party-code" hint="party-code-hint" value=form.code problem=code_problem testid="create-party-code" max_length=party_code::CHARS_MAX />
                </div>
                <TextField
                    label="member-name" value=form.member problem=needed(form.member)
                    testid="create-member-name" autocomplete="name"
                />
                <TextField
                    label="relay-url" hint="relay-url-hint" value=form.relay problem=needed(form.relay)
                    testid="create-relay" autocomplete="url" kind="url"
                />
            </div>
            {move || failed.get().map(|failure| view! {
                <div role="alert" data-testid="create-failed">
                    <Note state="bad"><p>{failure::text(&failure)}</p></Note>
                </div>
            })}
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-size="large" data-testid="create-submit"
                    disabled=move || busy.get()
                >
                    {move || if busy.get() { t!("create-busy") } else { t!("create-submit") }}
                </button>
                <a class="button" data-kind="quiet" data-size="large" href=Route::Home.href()>{move || t!("back")}</a>
            </div>
        </form>
    }
}

#[derive(Clone, Copy)]
struct Form {
    venture: RwSignal<String>,
    party: RwSignal<String>,
    code: RwSignal<String>,
    /// The last code suggested; the person's own is never replaced.
    suggested: RwSignal<String>,
    member: RwSignal<String>,
    relay: RwSignal<String>,
}

impl Form {
    fn new() -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            venture: empty(),
            party: empty(),
            code: empty(),
            suggested: empty(),
            member: empty(),
            relay: RwSignal::new(browser::origin()),
        }
    }

    fn suggest_code(&self) {
        let suggestion = self.party.with(|party| party_code::suggest(party, &[]));
        if self.code.get_untracked() == self.suggested.get_untracked() {
            self.code.set(suggestion.clone());
            self.suggested.set(suggestion);
        }
    }

    fn is_complete(&self) -> bool {
        let filled = |value: RwSignal<String>| value.with_untracked(|v| !v.trim().is_empty());
        [self.venture, self.party, self.member, self.relay]
            .into_iter()
            .all(filled)
            && self.code.with_untracked(|code| party_code::is_valid(code))
    }

    fn request(&self) -> Request {
        let text = |value: RwSignal<String>| value.with_untracked(|v| v.trim().to_owned());
        Request::CreateVenture {
            relay: text(self.relay),
            venture: text(self.venture),
            party: text(self.party),
            code: text(self.code).to_uppercase(),
            member: text(self.member),
        }
    }
}
