//! What happens when the tab is about to close.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{BeforeUnloadEvent, Event};

use super::session::Session;
use super::{browser, port};
use crate::wire::Local;

/// Warns before unsaved or unsent edits are left behind, and says goodbye to the worker.
pub(crate) fn provide(session: Session) {
    let renews = StoredValue::new(false);
    listen("beforeunload", move |event| {
        // Once: whoever stays after all is asked the next time.
        let renews_now = renews.try_update_value(std::mem::take).unwrap_or_default();
        if leaves_edits_behind(session, renews_now) {
            event.prevent_default();
            let event: &BeforeUnloadEvent = event.unchecked_ref();
            event.set_return_value("unsent");
        }
    });
    listen("pagehide", move |_| port::bye());
    listen("heqi-load", move |_| renews.set_value(true));
}

/// Saved edits are sent by any other tab of the worker, and by this one where it is loaded again by its own button; an
/// open editor or an unsaved edit is this tab's alone.
fn leaves_edits_behind(session: Session, renews: bool) -> bool {
    let unsent = session.sync.with_untracked(|sync| match sync {
        Some(sync) => {
            let is_left = sync.pending > 0 && sync.tabs <= 1 && !renews;
            sync.local == Local::Saving || is_left
        }
        None => false,
    });
    unsent || session.editing.get_untracked()
}

fn listen(event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener);
    let _refused = browser::window()
        .add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // The tab listens until it is gone.
    listener.forget();
}
