//! A party without a manager: what is wrong, the proposal to give it one, and the choice once the parties have agreed.

use leptos::prelude::*;

use super::{ask, manages};
use crate::ui::controls::Note;
use crate::ui::i18n::t;
use crate::ui::session::use_session;
use crate::wire::{Action, Id, MemberRow, PartyRow, Request, Role};

/// Who is chosen to become manager of a party; kept beside the rows, which are made anew with whatever changes in them.
#[derive(Clone, Copy)]
pub(super) struct Appointee(pub(super) RwSignal<Option<Id>>);

/// What stands above the members of a party that has no manager; only managers of other parties can act on it.
#[component]
pub(super) fn Repair(party: PartyRow) -> impl IntoView {
    let session = use_session();
    let party = StoredValue::new(party);
    let is_manager = Memo::new(move |_| manages(session));
    move || {
        let party = party.get_value();
        let shown = match (party.mine, is_manager.get(), party.looked_after) {
            (true, _, _) => view! {
                <Note state="warn" testid="no-manager"><p>{move || t!("no-manager-mine")}</p></Note>
            }
            .into_any(),
            (false, true, true) => view! { <Appoint members=party.members /> }.into_any(),
            (false, true, false) => view! { <ProposeRepair party=party /> }.into_any(),
            (false, false, _) => return None,
        };
        Some(view! { <div class="panel-body" data-kind="note">{shown}</div> })
    }
}

#[component]
fn ProposeRepair(party: PartyRow) -> impl IntoView {
    let session = use_session();
    let action = StoredValue::new(Action::Repair(party.id));
    let is_proposed = Memo::new(move |_| {
        session.members.with(|members| {
            let mut proposals = members.iter().flat_map(|members| &members.proposals);
            action.with_value(|action| proposals.any(|proposal| proposal.action == *action))
        })
    });
    let propose = move |_| ask(session, Request::Propose(action.get_value()), "decided-now");
    move || {
        match is_proposed.get() {
        true => view! {
            <Note state="info" testid="repair-proposed"><p>{move || t!("repair-proposed")}</p></Note>
        }
        .into_any(),
        false => view! {
            <Note state="warn" testid="no-manager">
                <p>{move || t!("no-manager")}</p>
                <button class="button" data-testid="repair-propose" on:click=propose>{move || t!("repair-propose")}</button>
            </Note>
        }
        .into_any(),
    }
    }
}

/// The parties have agreed: who becomes manager is chosen here, or invited.
#[component]
fn Appoint(members: Vec<MemberRow>) -> impl IntoView {
    let session = use_session();
    let members: Vec<_> = members
        .into_iter()
        .filter(|member| !member.removed)
        .collect();
    if members.is_empty() {
        return view! {
            <Note state="warn" testid="appoint"><p>{move || t!("appoint-nobody")}</p></Note>
        }
        .into_any();
    }
    let Appointee(appointee) = expect_context();
    let first = members[0].id.clone();
    let ids: Vec<Id> = members.iter().map(|member| member.id.clone()).collect();
    let chosen = Memo::new(move |_| {
        let kept = appointee.get().filter(|id| ids.contains(id));
        kept.unwrap_or_else(|| first.clone())
    });
    let options = members
        .iter()
        .map(|member| {
            let (id, name) = (member.id.clone(), member.name.clone());
            let value = id.0.clone();
            view! { <option value=value selected=move || chosen.get() == id>{name}</option> }
        })
        .collect_view();
    let members = StoredValue::new(members);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let member = members.with_value(|members| {
            let mut members = members.iter();
            let member = members.find(|member| chosen.with_untracked(|id| member.id == *id));
            member.cloned()
        });
        let Some(MemberRow { id, mut roles, .. }) = member else {
            return;
        };
        roles.push(Role::PartnerManager);
        let request = Request::SetRoles { member: id, roles };
        ask(session, request, "appointed-now");
    };
    view! {
        <Note state="warn" testid="appoint">
            <p>{move || t!("appoint-more")}</p>
            <form class="form-actions" on:submit=submit>
                <label class="visually-hidden" for="appoint-member">{move || t!("appoint-member")}</label>
                <select
                    class="input" id="appoint-member" data-testid="appoint-member"
                    on:change=move |event| appointee.set(Some(Id(event_target_value(&event))))
                >
                    {options}
                </select>
                <button class="button" data-kind="primary" data-testid="appoint-submit">{move || t!("appoint")}</button>
            </form>
        </Note>
    }
    .into_any()
}
