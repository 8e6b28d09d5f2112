//! Another name for a device, a member or a party.

use leptos::prelude::*;

use super::controls::TextField;
use super::dialog::Dialog;
use super::i18n::t;
use super::members::ask;
use super::session::use_session;
use crate::wire::{Request, Target};

/// What is to get another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rename {
    pub target: Target,
    /// The name it has; empty where it has none.
    pub name: String,
}

/// Where pages put what is to be renamed.
#[derive(Clone, Copy)]
pub(crate) struct Renames(RwSignal<Option<Rename>>);

impl Renames {
    pub(crate) fn provide() -> Self {
        let renames = Self(RwSignal::new(None));
        provide_context(renames);
        renames
    }

    pub(crate) fn ask(self, target: Target, name: &str) {
        let name = name.to_owned();
        self.0.set(Some(Rename { target, name }));
    }
}

/// Asks for the name of what waits for one.
#[component]
pub(crate) fn RenameDialog(renames: Renames) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(renames.0.with(Option::is_some)));
    Effect::new(move || {
        if !open.get() && renames.0.with_untracked(Option::is_some) {
            renames.0.set(None);
        }
    });
    view! {
        <Dialog open=open title="rename" testid="rename-dialog">
            {move || renames.0.get().map(|rename| view! { <RenameForm rename=rename open=open /> })}
        </Dialog>
    }
}

#[component]
fn RenameForm(rename: Rename, open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let label = match rename.target {
        Target::Device(_) => "device-name",
        Target::Member(_) => "name-of-member",
        Target::Party(_) => "party-name",
    };
    let name = RwSignal::new(rename.name.clone());
    let before = StoredValue::new(rename.name);
    let target = StoredValue::new(rename.target);
    let changed = move || {
        name.with(|name| {
            let name = name.trim();
            !name.is_empty() && before.with_value(|before| before != name)
        })
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !changed() {
            return;
        }
        let (target, name) = (target.get_value(), name.get_untracked());
        open.set(false);
        ask(session, Request::SetName { target, name }, "named-now");
    };
    view! {
        <form class="form" on:submit=submit>
            <TextField label=label hint="rename-hint" value=name testid="rename-name" max_length=100 />
            <div class="form-actions">
                <button class="button" data-kind="primary" data-testid="rename-save" disabled=move || !changed()>
                    {move || t!("rename-save")}
                </button>
                <button class="button" type="button" data-kind="quiet" on:click=move |_| open.set(false)>
                    {move || t!("cancel")}
                </button>
            </div>
        </form>
    }
}
