//! The signed history of the charter, newest first.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::charter_words;
use crate::ui::i18n::t;
use crate::ui::port;
use crate::ui::session::use_session;
use crate::wire::{HistoryRow, MembersView, Reply, Request};

/// Entries shown before somebody asks for all.
const SHOWN_FIRST: usize = 20;

#[component]
pub(super) fn HistoryPanel() -> impl IntoView {
    let session = use_session();
    let entries = RwSignal::new(Vec::<HistoryRow>::new());
    let all = RwSignal::new(false);
    Effect::new(move || {
        session.members.track();
        spawn_local(async move {
            if let Ok(Reply::History(mut rows)) = port::ask(Request::History).await {
                rows.reverse();
                entries.maybe_update(|entries| {
                    let differs = *entries != rows;
                    *entries = rows;
                    differs
                });
            }
        });
    });
    let count = move || entries.with(Vec::len);
    let rows = move || {
        let members = session.members.get().unwrap_or_default();
        let shown = if all.get() { usize::MAX } else { SHOWN_FIRST };
        let rows = entries.get().into_iter().take(shown);
        rows.map(|row| line(&members, row)).collect_view()
    };
    view! {
        <section class="panel" data-testid="history-panel">
            <div class="panel-head">
                <h2>{move || t!("history")}</h2>
                <span class="list-end muted">{move || t!("history-count", count = count())}</span>
            </div>
            <div class="panel-body"><p>{move || t!("history-more")}</p></div>
            <ol class="list history">{rows}</ol>
            <div class="panel-body" hidden=move || all.get() || count() <= SHOWN_FIRST>
                <button class="button" on:click=move |_| all.set(true)>{move || t!("history-all")}</button>
            </div>
        </section>
    }
}

fn line(members: &MembersView, row: HistoryRow) -> impl IntoView + use<> {
    let sentence = charter_words::history(members, &row);
    let spaces: Vec<String> = row
        .rotated
        .iter()
        .map(|space| charter_words::space(members, space))
        .collect();
    let rotated = crate::ui::i18n::say(|texts| texts.row(&spaces));
    let short: String = row.hash.chars().take(8).collect();
    view! {
        <li data-testid="history-entry" data-position=row.position>
            <span class="history-place">{row.position + 1}</span>
            <span class="member-text">
                <span>{sentence}</span>
                {(!spaces.is_empty()).then(|| view! {
                    <span class="muted">{t!("event-rotated", spaces = rotated)}</span>
                })}
            </span>
            <span class="list-end code muted" title=row.hash>{short}</span>
        </li>
    }
}
