//! Short messages that appear over the page and go by themselves or by a button.

use leptos::prelude::*;

use super::i18n::t;
use super::icon::{Icon, icon};

/// How long a message stays, in milliseconds.
const SHOWN_MS: u64 = 8_000;
/// Messages shown at once; older ones make room.
const SHOWN_MAX: usize = 3;

/// Messages now on the page. Copies share them.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toast {
    id: u32,
    bad: bool,
    text: String,
}

impl Toasts {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Tells that something is done.
    pub(crate) fn good(&self, text: String) {
        let id = self.push(text, false);
        self.drop_later(id);
    }

    /// Tells that something was not done.
    pub(crate) fn bad(&self, text: String) {
        let id = self.push(text, true);
        self.drop_later(id);
    }

    /// Tells something bad that stays until somebody has read it.
    pub(crate) fn keep(&self, text: String) {
        self.push(text, true);
    }

    fn push(&self, text: String, bad: bool) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| {
            list.retain(|toast| toast.text != text);
            list.push(Toast { id, bad, text });
            let surplus = list.len().saturating_sub(SHOWN_MAX);
            list.drain(..surplus);
        });
        id
    }

    fn drop_later(&self, id: u32) {
        let toasts = *self;
        set_timeout(
            move || toasts.drop_one(id),
            std::time::Duration::from_millis(SHOWN_MS),
        );
    }

    fn drop_one(&self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// The place where messages appear.
#[component]
pub(crate) fn ToastList(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="toast" data-state=if toast.bad { "bad" } else { "ok" } data-testid="toast">
                    <span>{toast.text.clone()}</span>
                    <button
                        class="button"
                        data-kind="icon"
                        aria-label=move || t!("close")
                        on:click=move |_| toasts.drop_one(toast.id)
                    >
                        {icon(Icon::Close)}
                    </button>
                </div>
            </For>
        </div>
    }
}
