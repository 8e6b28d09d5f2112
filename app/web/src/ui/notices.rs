//! What people should know while they work: bars above the page, none of which stops the work.

use std::sync::Arc;

use heqi_wording::status;
use leptos::prelude::*;

use super::controls::Note;
use super::dialog::{Question, Questions};
use super::environment::Keeping;
use super::i18n::{self, msg, t};
use super::icon::{Icon, icon};
use super::lock_screen::RemoveCopy;
use super::members::ask;
use super::route::{Page, Route};
use super::session::use_session;
use super::{browser, downloads, failure, kit};
use crate::wire::{Digest, RelayLink, RelayProblem, Request, Stage, VentureSummary};

/// All bars that apply.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    view! {
        <div class="notices">
            <UpdateNotice />
            <AlarmNotice />
            <RelayNotice />
            <LockedCopyNotice />
            <RecoveryNotice />
            <DigestNotice />
            <ProgressNotice />
        </div>
    }
}

/// A newer build waits in the service worker.
#[component]
pub(crate) fn UpdateNotice() -> impl IntoView {
    let root = browser::document().document_element();
    let now = root.is_some_and(|root| root.get_attribute("data-update").is_some());
    let ready = RwSignal::new(now);
    browser::on_window("heqi-update", move || ready.set(true));
    move || {
        ready.get().then(|| {
            view! {
                <Note state="info" testid="update-ready">
                    <span>{move || t!("update-ready")}</span>
                    <button class="button" on:click=|_| browser::renew()>
                        {move || t!("update-now")}
                    </button>
                </Note>
            }
        })
    }
}

/// Somebody was shown another history.
#[component]
fn AlarmNotice() -> impl IntoView {
    let session = use_session();
    let count = Memo::new(move |_| {
        session
            .sync
            .with(|sync| sync.as_ref().map_or(0, |sync| sync.alarms))
    });
    move || {
        (count.get() > 0).then(|| {
            view! {
                <Note state="bad" testid="alarm-notice">
                    <span role="alert">{move || t!("alarm-notice")}</span>
                    <a class="button" href=move || href_of(session, Page::Security)>{move || t!("alarm-look")}</a>
                </Note>
            }
        })
    }
}

/// The link to a page of the open venture.
fn href_of(session: super::session::Session, page: Page) -> Option<String> {
    session.open.with(|open| {
        let key = open.as_ref().map(|open| open.venture.key.clone());
        key.map(|key| Route::Venture(key, page).href())
    })
}

/// The relay refuses, was restored from a backup, or sent what no replica accepts.
#[component]
fn RelayNotice() -> impl IntoView {
    let session = use_session();
    let told = Memo::new(move |_| {
        session.sync.with(|sync| {
            let sync = sync.as_ref()?;
            let text = |problem| failure::relay_text(problem, sync.pending);
            if let RelayLink::Refused(problem) = &sync.link {
                return Some(("bad", text(problem)));
            }
            if let Some(problem) = &sync.trouble {
                return Some(("warn", text(problem)));
            }
            if sync.quarantined > 0 {
                return Some(("warn", t!("quarantined", count = sync.quarantined)));
            }
            let time = browser::local_time(sync.restored_ms?, i18n::current().tag());
            Some(("warn", t!("relay-restored", time = time)))
        })
    });
    // Edits that no relay takes are worth a file of their own.
    let keeps_edits = Memo::new(move |_| {
        session.sync.with(|sync| {
            sync.as_ref().is_some_and(|sync| {
                sync.trouble == Some(RelayProblem::MayNotEdit) && sync.pending > 0
            })
        })
    });
    move || {
        told.get().map(|(state, text)| {
            view! {
                <Note state=state testid="relay-notice">
                    <span>{text}</span>
                    {move || keeps_edits.get().then(|| view! { <ExportLate /> <LetGo /> })}
                </Note>
            }
        })
    }
}

/// Saves own edits that no relay takes.
#[component]
pub(crate) fn ExportLate(
    /// How much it stands out among buttons.
    #[prop(optional)]
    kind: Option<&'static str>,
) -> impl IntoView {
    let session = use_session();
    view! {
        <button class="button" data-kind=kind data-testid="export-late" on:click=move |_| downloads::save(session, Request::ExportLate)>
            {icon(Icon::Download)}
            {move || t!("export-late")}
        </button>
    }
}

/// Gives up own edits that no relay takes, after asking.
#[component]
fn LetGo() -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let count = move || {
        session
            .sync
            .with_untracked(|sync| sync.as_ref().map_or(0, |sync| sync.pending))
    };
    let question = move |_| {
        questions.ask(Question {
            title: msg("let-go-question"),
            subject: t!("let-go-count", count = count()),
            points: vec![msg("let-go-view"), msg("let-go-gone"), msg("let-go-save")],
            first: Some((
                msg("export-late"),
                Arc::new(move || downloads::save(session, Request::ExportLate)),
            )),
            button: msg("let-go-button"),
            answer: Arc::new(move || ask(session, Request::LetGo, "let-go-now")),
        });
    };
    view! {
        <button class="button" data-kind="quiet" data-testid="let-go" on:click=question>
            {move || t!("let-go")}
        </button>
    }
}

/// Who came back beside a locked copy has no use for it any more.
#[component]
fn LockedCopyNotice() -> impl IntoView {
    let session = use_session();
    let later = RwSignal::new(false);
    let copy = Memo::new(move |_| {
        let open = session.open.with(|open| {
            let venture = &open.as_ref()?.venture;
            Some(venture.clone())
        });
        let open = open?;
        let is_mine = |it: &&VentureSummary| {
            (&it.id, &it.party, &it.member) == (&open.id, &open.party, &open.member)
        };
        session.ventures.with(|ventures| {
            let mut others = ventures.iter().flatten();
            let copy = others.find(|it| it.locked && it.key != open.key && is_mine(it));
            copy.cloned()
        })
    });
    move || {
        let copy = copy.get().filter(|_| !later.get());
        copy.map(|copy| {
            view! {
                <Note state="info" testid="copy-notice">
                    <span>{move || t!("copy-notice")}</span>
                    <RemoveCopy copy=copy others=true />
                    <button class="button" data-kind="quiet" data-testid="copy-later" on:click=move |_| later.set(true)>
                        {move || t!("later")}
                    </button>
                </Note>
            }
        })
    }
}

/// Before the first edit: without a recovery file, data cleared by the browser is gone.
#[component]
fn RecoveryNotice() -> impl IntoView {
    let session = use_session();
    let later = RwSignal::new(false);
    let wanted = Memo::new(move |_| {
        // Who does not edit has the settings for it.
        let never = session.open.with(|open| {
            open.as_ref()
                .is_some_and(|open| open.may_edit && open.venture.recovery_saved_ms.is_none())
        });
        never && !later.get()
    });
    let private = move || session.keeping.get() == Some(Keeping::Private);
    move || {
        wanted.get().then(|| {
            view! {
                <Note state=Signal::derive(move || if private() { "warn" } else { "info" }) testid="recovery-notice">
                    <span>{move || if private() { t!("recovery-private") } else { t!("recovery-first") }}</span>
                    <button
                        class="button" data-kind="primary" data-testid="recovery-save"
                        disabled=session.making_kit
                        on:click=move |_| kit::make(session, None, || ())
                    >
                        {move || kit::make_words(session)}
                    </button>
                    <button
                        class="button" data-kind="quiet" data-testid="recovery-later"
                        on:click=move |_| later.set(true)
                    >
                        {move || t!("later")}
                    </button>
                </Note>
            }
        })
    }
}

/// What a reconnect brought.
#[component]
fn DigestNotice() -> impl IntoView {
    let session = use_session();
    let href = move || href_of(session, Page::Merge);
    let words = |digest: Digest| {
        let (merged, met) = (digest.merged.into(), digest.met.into());
        i18n::say(|texts| status::digest(texts, merged, met))
    };
    view! {
        <div role="status">
            {move || session.digest.get().map(|digest| view! {
                <Note state={if digest.met > 0 { "warn" } else { "ok" }} testid="digest">
                    <span data-testid="digest-text">{words(digest)}</span>
                    <a class="button" href=href hidden={digest.met == 0} data-testid="digest-review">
                        {move || t!("digest-review")}
                    </a>
                    <button class="button" data-kind="quiet" on:click=move |_| session.digest.set(None)>
                        {move || t!("close")}
                    </button>
                </Note>
            })}
        </div>
    }
}

/// How far long work is.
#[component]
fn ProgressNotice() -> impl IntoView {
    let session = use_session();
    let shown = Memo::new(move |_| session.progress.with(Option::is_some));
    let stage = move || {
        session
            .progress
            .with(|progress| match progress.map(|(_, p)| p.stage) {
                Some(Stage::Reading) => t!("stage-reading"),
                Some(Stage::Applying) => t!("stage-applying"),
                Some(Stage::Saving) => t!("stage-saving"),
                None => String::new(),
            })
    };
    // An indeterminate bar has no value at all.
    let value = move || {
        session.progress.with(|progress| {
            let (_, progress) = (*progress)?;
            (progress.total > 0).then(|| (progress.done * 100 / progress.total).to_string())
        })
    };
    move || {
        shown.get().then(|| {
            view! {
                <div class="note" data-testid="progress">
                    <div class="progress note-body">
                        <span role="status">{stage}</span>
                        <progress max="100" value=value aria-label=stage></progress>
                    </div>
                </div>
            }
        })
    }
}
