//! Tells the worker that somebody is there, so that a venture locks only when nobody is.

use std::cell::Cell;

use leptos::prelude::WithUntracked as _;

use super::browser;
use super::port;
use super::session::Session;
use crate::wire::Request;

/// Touches within this time are told once.
const QUIET_MS: u64 = 15_000;

/// Follows keys, pointers and the focus for as long as the tab lives.
pub(crate) fn provide(session: Session) {
    let told_ms = std::rc::Rc::new(Cell::new(0_u64));
    // The focus comes back where somebody returns to the page, or to a device that was asleep.
    for event in ["pointerdown", "keydown", "wheel", "focus"] {
        let told_ms = told_ms.clone();
        browser::on_window(event, move || {
            let now = browser::now_ms();
            let open = session.open.with_untracked(Option::is_some);
            if open && now.saturating_sub(told_ms.get()) >= QUIET_MS {
                told_ms.set(now);
                // Nothing comes of it that the page would have to wait for.
                let _answer = port::ask_numbered(Request::Touched);
            }
        });
    }
}
