//! Partners and members: parties, their people and devices, pending invites, and what is put to the parties.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::charter_words;
use super::dialog::{Question, Questions};
use super::i18n::{self, msg, t};
use super::icon::{Icon, icon};
use super::rename::Renames;
use super::session::{Session, use_session};
use super::{browser, port};
use crate::wire::{Failure, InviteRow, PartyRow, Reply, Request, Role, Target};

mod interests;
mod invite;
mod member;
mod proposals;
mod repair;

use interests::InterestsDialog;
use invite::InviteDialog;
pub(crate) use member::{Device, role_label};
use member::{Member, MemberDialog};
pub(crate) use proposals::Proposals;
use repair::{Appointee, Repair};

/// The list of parties, and the ways to change it.
#[component]
pub(crate) fn MembersPage() -> impl IntoView {
    let session = use_session();
    let (inviting, dividing) = (RwSignal::new(false), RwSignal::new(false));
    provide_context(Appointee(RwSignal::new(None)));
    let chosen = RwSignal::new(None);
    let manages = move || manages(session);
    let parties = move || session.members.get().unwrap_or_default().parties;
    let invites = move || session.members.get().unwrap_or_default().invites;
    let alone = move || {
        let parties = parties();
        let mine = parties.iter().find(|party| party.mine);
        mine.is_some_and(|party| managers(party) < 2)
    };
    view! {
        <div class="page">
            <div class="page-inner">
                <header class="page-head">
                    <h1>{move || t!("nav-members")}</h1>
                    <div class="page-actions">
                        <button class="button" data-testid="interests-open" hidden=move || !manages() on:click=move |_| dividing.set(true)>
                            {move || t!("interests-propose")}
                        </button>
                        <button
                            class="button" data-kind="primary" data-testid="invite-open"
                            hidden=move || !manages() on:click=move |_| inviting.set(true)
                        >
                            {icon(Icon::Invite)}
                            {move || t!("invite")}
                        </button>
                    </div>
                    <p>{move || t!("members-more")}</p>
                </header>
                <Proposals />
                {move || (manages() && alone()).then(|| view! {
                    <p class="hint" data-testid="one-manager">{icon(Icon::Info)} <span>{move || t!("one-manager")}</span></p>
                })}
                <For each=parties key=|party| party.clone() let:party>
                    <PartyPanel party=party chosen=chosen />
                </For>
                {move || {
                    let invites = invites();
                    (!invites.is_empty()).then(|| view! { <PendingInvites invites=invites /> })
                }}
            </div>
        </div>
        <InviteDialog open=inviting />
        <InterestsDialog open=dividing />
        <MemberDialog chosen=chosen />
    }
}

/// Whether the reader is a manager here and still part of the venture.
pub(crate) fn manages(session: Session) -> bool {
    session
        .open
        .with(|open| open.as_ref().is_some_and(|open| open.manages))
}

/// Asks, and tells what came of it: done, put to the parties, or why not.
pub(crate) fn ask(session: Session, request: Request, done: &'static str) {
    spawn_local(async move {
        match port::ask(request).await {
            Ok(Reply::Proposed) => session.toasts.good(t!("proposed-now")),
            Ok(_) => session.toasts.good(t!(done)),
            Err(failure) => session.finish(Err::<Reply, Failure>(failure)),
        }
    });
}

fn managers(party: &PartyRow) -> usize {
    let is = |member: &&crate::wire::MemberRow| {
        !member.removed && member.roles.contains(&Role::PartnerManager)
    };
    party.members.iter().filter(is).count()
}

#[component]
fn PartyPanel(party: PartyRow, chosen: RwSignal<Option<crate::wire::Id>>) -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let renames = expect_context::<Renames>();
    let (name, named) = (party.name.clone(), party.name.clone());
    let may_rename = party.mine && !party.removed;
    let rename = {
        let (id, name) = (party.id.clone(), party.name.clone());
        move |_| renames.ask(Target::Party(id.clone()), &name)
    };
    let (code, removed) = (party.code.clone(), party.removed);
    let heard = party.last_heard_ms;
    let others = !party.mine && !removed;
    let target = Target::Party(party.id.clone());
    let subject = party.name.clone();
    let remove = move |_| {
        let target = target.clone();
        questions.ask(Question {
            title: msg("remove-party"),
            subject: subject.clone(),
            points: vec![
                msg("remove-votes"),
                msg("remove-rotates"),
                msg("remove-keeps"),
            ],
            first: None,
            button: msg("remove-propose"),
            answer: Arc::new(move || ask(session, Request::Remove(target.clone()), "removed-now")),
        });
    };
    let unmanaged = !removed && !party.has_manager && !party.members.is_empty();
    let repair = unmanaged.then(|| view! { <Repair party=party.clone() /> });
    let members = party
        .members
        .into_iter()
        .map(|member| view! { <Member member=member chosen=chosen /> })
        .collect_view();
    view! {
        <section class="panel" data-testid="party" data-code=code data-name=named data-removed=removed.to_string()>
            <div class="panel-head">
                <span class="code">{party.code}</span>
                <h2>{move || if name.is_empty() { t!("party-unnamed") } else { name.clone() }}</h2>
                {party.interest.map(|points| view! {
                    <span class="interest" title=move || t!("interest-more")>{heqi_wording::charter::percent(points)}</span>
                })}
                {party.leader.then(|| view! { <span class="tag">{move || t!("party-leader")}</span> })}
                {party.mine.then(|| view! { <span class="tag" data-state="info">{move || t!("party-mine")}</span> })}
                {removed.then(|| view! { <span class="tag" data-state="bad">{move || t!("removed-mark")}</span> })}
                {(!removed && !party.has_manager).then(|| view! {
                    <span class="tag" data-state="warn">{move || t!("no-manager-mark")}</span>
                })}
                <span class="list-end muted">
                    {move || heard.filter(|_| !party.mine).map(|ms| {
                        t!("last-heard", time = browser::local_time(ms, i18n::current().tag()))
                    })}
                    {move || (heard.is_none() && others).then(|| t!("never-heard"))}
                    <button
                        class="button" data-kind="quiet" data-testid="party-rename"
                        hidden=move || !(may_rename && manages(session)) on:click=rename.clone()
                    >
                        {icon(Icon::Pen)}
                        {move || t!("rename")}
                    </button>
                    <button
                        class="button" data-kind="quiet" data-testid="party-remove"
                        hidden=move || !(others && manages(session)) on:click=remove.clone()
                    >
                        {move || t!("remove")}
                    </button>
                </span>
            </div>
            {repair}
            <ul class="list">{members}</ul>
        </section>
    }
}

#[component]
fn PendingInvites(invites: Vec<InviteRow>) -> impl IntoView {
    let rows = invites
        .into_iter()
        .map(|invite| view! { <PendingInvite invite=invite /> })
        .collect_view();
    view! {
        <section class="panel" data-testid="pending-invites">
            <div class="panel-head"><h2>{move || t!("invites-pending")}</h2></div>
            <ul class="list">{rows}</ul>
        </section>
    }
}

#[component]
fn PendingInvite(invite: InviteRow) -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let (expires, roles) = (invite.expires_ms, invite.roles);
    let subject = format!("{} · {}", invite.code, invite.party);
    let id = invite.id;
    let by = invite.by;
    let past = expires.is_some_and(|ms| ms < browser::now_ms());
    let revoke = move |_| {
        let id = id.clone();
        questions.ask(Question {
            title: msg("invite-revoke"),
            subject: subject.clone(),
            points: vec![msg("revoke-dead"), msg("remove-rotates")],
            first: None,
            button: msg("revoke"),
            answer: Arc::new(move || {
                ask(session, Request::Withdraw(id.clone()), "revoked-now");
            }),
        });
    };
    let until = move || match expires {
        None => t!("expires-never"),
        Some(ms) => {
            let time = browser::local_time(ms, i18n::current().tag());
            match past {
                true => t!("expired-at", time = time),
                false => t!("expires-at", time = time),
            }
        }
    };
    view! {
        <li data-testid="pending-invite" data-state=if past { "expired" } else { "pending" }>
            {icon(Icon::Invite)}
            <span class="code">{invite.code}</span>
            <span class="member-text">
                <span>{invite.party}</span>
                <span class="muted">
                    {move || charter_words::roles(&roles)} " · " {move || t!("invited-by", name = by.clone())} " · " {until}
                </span>
            </span>
            <span class="list-end">
                <button
                    class="button" data-kind="quiet" data-testid="invite-revoke"
                    hidden=move || !manages(session) on:click=revoke
                >
                    {move || t!("revoke")}
                </button>
            </span>
        </li>
    }
}
