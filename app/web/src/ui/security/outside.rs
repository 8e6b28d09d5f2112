//! Edits that are in a log and not in view, with who signed them.

use leptos::prelude::*;

use super::person;
use crate::ui::i18n::t;
use crate::wire::SecurityView;

/// What every device refuses and what waits; nothing where there is neither.
#[component]
pub(super) fn OutsidePanel(view: SecurityView) -> impl IntoView {
    let SecurityView {
        refused, waiting, ..
    } = view;
    if refused.is_empty() && waiting.is_empty() {
        return ().into_any();
    }
    let refused = refused.into_iter().map(|edit| {
        let text = move || match edit.forged {
            true => t!("outside-forged", edit = edit.edit.clone()),
            false => t!(
                "outside-refused",
                who = person(&edit.member, &edit.party),
                edit = edit.edit.clone(),
                detail = edit.reason.clone()
            ),
        };
        view! { <li data-testid="edit-refused">{text}</li> }.into_any()
    });
    let waiting = waiting.into_iter().map(|edit| {
        let text = move || {
            t!(
                "outside-waiting",
                who = person(&edit.member, &edit.party),
                edit = edit.edit.clone()
            )
        };
        view! { <li data-testid="edit-waiting">{text}</li> }.into_any()
    });
    let rows: Vec<_> = refused.chain(waiting).collect();
    view! {
        <section class="panel" data-testid="outside-panel">
            <div class="panel-head"><h2>{move || t!("outside")}</h2></div>
            <div class="panel-body">
                <p>{move || t!("outside-more")}</p>
                <ul>{rows}</ul>
            </div>
        </section>
    }
    .into_any()
}
