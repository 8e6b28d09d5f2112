//! The plan page of a member whose roles do not read the plan: which roles do, and whom to ask for one.

use leptos::prelude::*;

use super::charter_words;
use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::route::{Page, Route};
use super::session::use_session;
use crate::wire::{MembersView, PartyRow, Role, Space};

/// What is shown in the place of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Closed {
    readers: Vec<Role>,
    own: Vec<Role>,
    /// Names of the managers of one's own party, but for oneself.
    managers: Vec<String>,
}

#[component]
pub(crate) fn PlanClosed() -> impl IntoView {
    let session = use_session();
    let closed = Memo::new(move |_| {
        session
            .members
            .with(|members| members.as_ref().and_then(of_members))
    });
    let href = move |page| {
        session.open.with(|open| {
            let key = open.as_ref().map(|open| open.venture.key.clone());
            key.map(|key| Route::Venture(key, page).href())
        })
    };
    let ask = move |managers: &[String]| match managers {
        [] => t!("plan-closed-nobody"),
        names => t!(
            "plan-closed-ask",
            names = i18n::say(|texts| texts.row(names))
        ),
    };
    view! {
        <div class="page">
            <div class="empty" data-testid="plan-closed">
                {icon(Icon::Lock)}
                <h2>{move || t!("plan-closed")}</h2>
                {move || closed.get().map(|closed| view! {
                    <dl class="facts">
                        <dt>{move || t!("plan-closed-readers")}</dt>
                        <dd data-testid="plan-readers">{move || charter_words::roles(&closed.readers)}</dd>
                        <dt>{move || t!("plan-closed-own")}</dt>
                        <dd>{move || charter_words::roles(&closed.own)}</dd>
                    </dl>
                    <p data-testid="plan-ask">{move || ask(&closed.managers)}</p>
                })}
                <p class="muted">{move || t!("plan-closed-rest")}</p>
                <div class="form-actions">
                    <a class="button" data-kind="primary" href=move || href(Page::Members)>
                        {icon(Icon::People)}
                        {move || t!("nav-members")}
                    </a>
                    <a class="button" href=move || href(Page::Access)>
                        {icon(Icon::Key)}
                        {move || t!("nav-access")}
                    </a>
                </div>
            </div>
        </div>
    }
}

fn of_members(members: &MembersView) -> Option<Closed> {
    let party = members.parties.iter().find(|party| party.mine)?;
    let me = party.members.iter().find(|member| member.me)?;
    let managers = party.members.iter().filter(|member| {
        !member.removed && !member.me && member.roles.contains(&Role::PartnerManager)
    });
    Some(Closed {
        readers: readers(party),
        own: me.roles.clone(),
        managers: managers.map(|member| member.name.clone()).collect(),
    })
}

/// The roles of a party that read the plan.
fn readers(party: &PartyRow) -> Vec<Role> {
    let mut grants = party.access.iter();
    let plan = grants.find(|(space, _)| *space == Space::Plan);
    plan.map(|(_, grant)| grant.read.clone())
        .unwrap_or_default()
}
