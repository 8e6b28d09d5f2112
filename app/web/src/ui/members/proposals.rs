//! What is put to the parties: what it would change, who has said what, and one's own answer.

use leptos::prelude::*;

use super::{ask, manages};
use crate::ui::charter_words;
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::session::use_session;
use crate::wire::{MembersView, ProposalRow, Request};

/// All open proposals; nothing where there are none.
#[component]
pub(crate) fn Proposals() -> impl IntoView {
    let session = use_session();
    let view = move || session.members.get().unwrap_or_default();
    let waiting = Memo::new(move |_| {
        session.members.with(|members| {
            let proposals = members.as_ref().map(|members| members.proposals.clone());
            proposals.unwrap_or_default()
        })
    });
    move || {
        let proposals = waiting.get();
        let members = view();
        (!proposals.is_empty()).then(|| {
            let rows = proposals
                .into_iter()
                .map(|proposal| view! { <Proposal proposal=proposal members=members.clone() /> })
                .collect_view();
            view! {
                <section class="panel" data-testid="proposals">
                    <div class="panel-head"><h2>{move || t!("proposals")}</h2></div>
                    <ul class="list">{rows}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Proposal(proposal: ProposalRow, members: MembersView) -> impl IntoView {
    let session = use_session();
    let may = proposal.may_answer;
    let id = StoredValue::new(proposal.id);
    let answer = move |agrees: bool| {
        let proposal = id.get_value();
        let done = if agrees { "agreed-now" } else { "declined-now" };
        ask(session, Request::Answer { proposal, agrees }, done);
    };
    let action = proposal.action;
    let sentences = move || {
        charter_words::action(&members, &action)
            .into_iter()
            .map(|sentence| view! { <p>{sentence}</p> })
            .collect_view()
    };
    let votes = proposal
        .votes
        .into_iter()
        .map(|(party, said)| {
            let (state, sign) = match said {
                Some(true) => ("ok", Some(Icon::Check)),
                Some(false) => ("bad", Some(Icon::Close)),
                None => ("open", None),
            };
            let words = move || match said {
                Some(true) => t!("vote-agrees"),
                Some(false) => t!("vote-declines"),
                None => t!("vote-open"),
            };
            view! {
                <span class="tag" data-state=state>
                    {sign.map(icon)} {party} <span class="visually-hidden">": " {words}</span>
                </span>
            }
        })
        .collect_view();
    let by = proposal.by;
    view! {
        <li class="proposal" data-testid="proposal" data-decided=proposal.decided.to_string()>
            <div class="proposal-text">{sentences}</div>
            <div class="proposal-votes">
                <span class="muted">{move || t!("proposed-by", name = by.clone())}</span>
                {votes}
                {proposal.decided.then(|| view! { <span class="tag" data-state="info">{move || t!("proposal-decided")}</span> })}
            </div>
            <div class="form-actions" hidden=move || !(may && manages(session))>
                <button class="button" data-kind="primary" data-testid="proposal-agree" on:click=move |_| answer(true)>
                    {move || t!("approve")}
                </button>
                <button class="button" data-testid="proposal-decline" on:click=move |_| answer(false)>
                    {move || t!("decline")}
                </button>
            </div>
        </li>
    }
}
