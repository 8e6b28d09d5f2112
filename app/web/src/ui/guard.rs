//! What happens when the tab is about to close.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::BeforeUnloadEvent;

use super::session::Session;
use super::{browser, port};
use crate::wire::Local;

/// Warns before unsaved or unsent edits are left behind, and says goodbye to the worker.
pub(crate) fn provide(session: Session) {
    listen("beforeunload", move |event: BeforeUnloadEvent| {
        if leaves_edits_behind(session) {
            event.prevent_default();
            event.set_return_value("unsent");
        }
    });
    listen("pagehide", move |_: BeforeUnloadEvent| port::bye());
}

/// Saved edits are sent by any other tab of the worker; an open editor or an unsaved edit is this tab's alone.
fn leaves_edits_behind(session: Session) -> bool {
    let unsent = session.sync.with_untracked(|sync| match sync {
        Some(sync) => sync.local == Local::Saving || (sync.pending > 0 && sync.tabs <= 1),
        None => false,
    });
    unsent || session.editing.get_untracked()
}

fn listen(event: &str, listener: impl Fn(BeforeUnloadEvent) + 'static) {
    let listener = Closure::<dyn Fn(BeforeUnloadEvent)>::new(listener);
    let _refused = browser::window()
        .add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // The tab listens until it is gone.
    listener.forget();
}
