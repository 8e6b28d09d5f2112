//! Where one's edits stand, always visible: on this device, at the relay, or waiting.

use heqi_wording::status;
use leptos::prelude::*;

use super::i18n::{say, t};
use super::session::use_session;
use crate::wire::{Local, RelayLink, RelayProblem, Request, SyncStatus};

/// One word for the state, in markup.
pub(crate) fn state_name(sync: &SyncStatus) -> &'static str {
    match (&sync.link, sync.local, sync.pending) {
        (RelayLink::Refused(_), ..) => "refused",
        (_, Local::Saving, _) => "saving",
        (RelayLink::Offline { .. }, ..) => "offline",
        (RelayLink::Connecting, ..) => "connecting",
        (RelayLink::CatchingUp { .. }, ..) => "catching-up",
        (RelayLink::Live, _, 0) => "acknowledged",
        (RelayLink::Live, ..) => "sending",
    }
}

/// Two lines: what is true of one's edits, and of the connection.
pub(crate) fn words(sync: &SyncStatus) -> (String, String) {
    let here = match (sync.local, sync.pending) {
        (Local::Saving, _) => t!("sync-saving"),
        (Local::Saved, count) => say(|texts| status::saved(texts, count.into())),
    };
    let link = match &sync.link {
        RelayLink::Offline { .. } => t!("sync-offline"),
        RelayLink::Connecting => t!("sync-connecting"),
        RelayLink::CatchingUp { done, total } => {
            t!("sync-catching-up", done = *done, total = *total)
        }
        RelayLink::Live if sync.pending == 0 || sync.trouble.is_some() => t!("sync-live"),
        RelayLink::Live => t!("sync-sending"),
        // Why is told at more length than fits here.
        RelayLink::Refused(RelayProblem::Removed) => {
            return (t!("sync-removed"), t!("sync-stopped"));
        }
        RelayLink::Refused(_) => t!("sync-stopped"),
    };
    (here, link)
}

/// The pill; a click tries the connection again.
#[component]
pub(crate) fn SyncPill() -> impl IntoView {
    let session = use_session();
    let state = move || {
        session
            .sync
            .with(|sync| sync.as_ref().map_or("closed", state_name))
    };
    let lines = Memo::new(move |_| session.sync.with(|sync| sync.as_ref().map(words)));
    let first = move || {
        lines
            .get()
            .map_or_else(|| t!("sync-closed"), |(first, _)| first)
    };
    let second = move || lines.get().map(|(_, second)| second).unwrap_or_default();
    let pending = move || {
        session
            .sync
            .with(|sync| sync.as_ref().map_or(0, |sync| sync.pending))
    };
    // Read out only where the connection changes: every edit passes through saving and sending.
    let spoken = Memo::new(move |_| match state() {
        "offline" | "refused" | "acknowledged" => format!("{}. {}", first(), second()),
        _ => String::new(),
    });
    view! {
        <button
            class="pill"
            data-testid="sync-pill"
            data-state=state
            data-pending=pending
            title=move || format!("{}\n{}\n{}", first(), second(), t!("sync-retry"))
            on:click=move |_| session.tell(Request::Reconnect)
        >
            <span class="pill-dot" aria-hidden="true"></span>
            <span class="pill-text">
                <span class="pill-first">{first}</span>
                <span>{second}</span>
            </span>
        </button>
        <span class="visually-hidden" role="status" aria-live="polite">{spoken}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::RelayProblem;

    fn sync(link: RelayLink, local: Local, pending: u32) -> SyncStatus {
        SyncStatus {
            local,
            link,
            pending,
            tabs: 1,
            quarantined: 0,
            waiting: 0,
            late: 0,
            alarms: 0,
            restored_ms: None,
            trouble: None,
        }
    }

    #[test]
    fn acknowledged_is_said_only_when_nothing_waits_anywhere() {
        let state = |link, local, pending| state_name(&sync(link, local, pending));
        let offline = || RelayLink::Offline { since_ms: None };
        assert_eq!(state(RelayLink::Live, Local::Saved, 0), "acknowledged");
        assert_eq!(state(RelayLink::Live, Local::Saved, 1), "sending");
        assert_eq!(state(RelayLink::Live, Local::Saving, 0), "saving");
        assert_eq!(state(offline(), Local::Saved, 0), "offline");
        let refused = RelayLink::Refused(RelayProblem::Removed);
        assert_eq!(state(refused, Local::Saved, 0), "refused");
    }
}
