//! A member: roles, devices, words to compare, and what a manager may do.

use std::sync::Arc;

use leptos::prelude::*;

use super::{ask, manages};
use crate::ui::browser;
use crate::ui::charter_words;
use crate::ui::controls::Note;
use crate::ui::dialog::{Dialog, Question, Questions};
use crate::ui::i18n::{self, msg, t};
use crate::ui::icon::{Icon, icon};
use crate::ui::rename::Renames;
use crate::ui::session::use_session;
use crate::wire::{DeviceRow, Id, MemberRow, PartyRow, Request, Role, Target};

/// Devices that a line of the list names.
const DEVICES_NAMED_MAX: usize = 2;

/// A line of a party's list; a click opens the member.
#[component]
pub(super) fn Member(member: MemberRow, chosen: RwSignal<Option<Id>>) -> impl IntoView {
    let named = member.name.clone();
    let (confirmed, removed, me) = (member.confirmed, member.removed, member.me);
    let devices: Vec<_> = member
        .devices
        .iter()
        .filter(|device| !device.removed)
        .map(charter_words::device)
        .collect();
    let roles = member.roles;
    let id = member.id;
    view! {
        <li data-testid="member" data-name=named data-confirmed=confirmed.to_string() data-removed=removed.to_string()>
            <button class="list-button" data-testid="member-open" on:click=move |_| chosen.set(Some(id.clone()))>
                {icon(Icon::People)}
                <span class="member-text">
                    <span class="member-name">
                        {member.name}
                        {me.then(|| view! { <span class="muted">" " {move || t!("you-mark")}</span> })}
                    </span>
                    <span class="muted">
                        {move || charter_words::roles(&roles)}
                        {(!removed).then(|| view! { " · " <span data-testid="member-devices">{move || devices_words(&devices)}</span> })}
                    </span>
                </span>
                <span class="list-end">
                    {removed.then(|| view! { <span class="tag" data-state="bad">{move || t!("removed-mark")}</span> })}
                    {(!confirmed && !me && !removed).then(|| view! {
                        <span class="tag" data-state="warn" data-testid="unconfirmed" title=move || t!("unconfirmed-more")>{move || t!("unconfirmed")}</span>
                    })}
                    {icon(Icon::Chevron)}
                </span>
            </button>
        </li>
    }
}

/// Devices by name; where they are many, how many.
fn devices_words(devices: &[String]) -> String {
    if (1..=DEVICES_NAMED_MAX).contains(&devices.len()) {
        i18n::say(|texts| texts.row(devices))
    } else {
        t!("devices-count", count = devices.len())
    }
}

/// The member that was chosen.
#[component]
pub(super) fn MemberDialog(chosen: RwSignal<Option<Id>>) -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    Effect::new(move || open.set(chosen.with(Option::is_some)));
    Effect::new(move || {
        if !open.get() && chosen.with_untracked(Option::is_some) {
            chosen.set(None);
        }
    });
    // Drawn anew only when what it shows has changed.
    let member = Memo::new(move |_| {
        let id = chosen.get()?;
        session.members.with(|members| {
            let parties = &members.as_ref()?.parties;
            parties.iter().find_map(|party| {
                let member = party.members.iter().find(|member| member.id == id)?;
                Some((party.clone(), member.clone()))
            })
        })
    });
    view! {
        <Dialog open=open title="member-dialog" testid="member-dialog">
            {move || member.get().map(|(party, member)| view! {
                <MemberSheet party=party member=member close=Callback::new(move |()| open.set(false)) />
            })}
        </Dialog>
    }
}

#[component]
fn MemberSheet(party: PartyRow, member: MemberRow, close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let (own, looked_after) = (party.mine, party.looked_after);
    let alive = !member.removed;
    let manager = move || manages(session);
    let (id, me) = (member.id.clone(), member.me);
    let words = member.words.clone();
    let renames = expect_context::<Renames>();
    let rename = {
        let (id, name) = (id.clone(), member.name.clone());
        move |_| renames.ask(Target::Member(id.clone()), &name)
    };
    let confirm = {
        let id = id.clone();
        move |_| ask(session, Request::Confirm(id.clone()), "confirmed-now")
    };
    let devices = member
        .devices
        .iter()
        .cloned()
        .map(|device| {
            let removable = alive && !device.removed && !device.this && (me || (own && manager()));
            let whose = member.name.clone();
            let nameable = alive && me && !device.removed;
            view! { <Device device=device whose=whose removable=removable nameable=nameable /> }
        })
        .collect_view();
    view! {
        <div class="member-head" data-testid="member-sheet">
            <h3>{member.name.clone()}</h3>
            <span class="muted">{party.name}</span>
            {member.has_kit.then(|| view! { <span class="tag" data-state="ok">{move || t!("kit-mark")}</span> })}
            <button
                class="button list-end" data-kind="quiet" data-testid="member-rename"
                hidden=move || !(alive && (me || (own && manager()))) on:click=rename
            >
                {icon(Icon::Pen)}
                {move || t!("rename")}
            </button>
        </div>
        {(!member.confirmed && !me && alive).then(|| view! {
            <Note state="warn" testid="compare">
                <p>{move || t!("compare-more")}</p>
            </Note>
        })}
        <div class="words-box">
            <span class="field-label">{move || t!("member-words")}</span>
            <p class="words" data-testid="member-words">{words}</p>
            <button
                class="button" data-kind="primary" data-testid="member-confirm"
                hidden={member.confirmed || me || !alive} on:click=confirm
            >
                {icon(Icon::Check)}
                {move || t!("compare-same")}
            </button>
        </div>
        {alive.then(|| view! { <RolesForm member=member.clone() looked_after=looked_after /> })}
        <section>
            <h3>{move || t!("devices")}</h3>
            <ul class="list list-framed">{devices}</ul>
        </section>
        {alive.then(|| view! { <RemoveMember member=member own=own close=close /> })}
    }
}

#[component]
fn RolesForm(member: MemberRow, looked_after: bool) -> impl IntoView {
    let session = use_session();
    let may = move || looked_after && manages(session);
    let held = RwSignal::new(member.roles.clone());
    let before = StoredValue::new(member.roles);
    let changed = move || held.with(|held| before.with_value(|before| held != before));
    let id = StoredValue::new(member.id);
    let boxes = Role::ALL
        .into_iter()
        .map(|role| view! { <RoleBox role=role held=held disabled=Signal::derive(move || !may()) /> })
        .collect_view();
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (member, roles) = (id.get_value(), held.get_untracked());
        ask(
            session,
            Request::SetRoles { member, roles },
            "roles-set-now",
        );
    };
    view! {
        <form on:submit=save data-testid="roles-form">
            <fieldset class="roles">
                <legend>{move || t!("roles")}</legend>
                {boxes}
            </fieldset>
            <div class="form-actions" hidden=move || !(may() && changed())>
                <button class="button" data-kind="primary" data-testid="roles-save" disabled=move || held.with(Vec::is_empty)>
                    {move || t!("roles-save")}
                </button>
                <span class="muted">{move || t!("roles-rotate")}</span>
            </div>
        </form>
    }
}

/// One role of several that can be held.
#[component]
pub(super) fn RoleBox(
    role: Role,
    held: RwSignal<Vec<Role>>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let toggle = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        held.update(|held| {
            held.retain(|other| *other != role);
            if on {
                held.push(role);
                held.sort_by_key(|one| Role::ALL.iter().position(|other| other == one));
            }
        });
    };
    view! {
        <label class="check">
            <input
                type="checkbox" data-testid=format!("role-{}", role.name()) disabled=disabled
                prop:checked=move || held.with(|held| held.contains(&role)) on:change=toggle
            />
            <span>{move || t!(role_label(role))}</span>
        </label>
    }
}

/// A device by name and words, when it was heard last, and the ways to name and to revoke it.
#[component]
pub(crate) fn Device(
    device: DeviceRow,
    whose: String,
    removable: bool,
    nameable: bool,
) -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let renames = expect_context::<Renames>();
    let words = charter_words::short(&device.words);
    let label = charter_words::device(&device);
    let subject = format!("{label} · {whose}");
    let named = (!device.name.is_empty()).then(|| device.name.clone());
    let rename = {
        let (id, name) = (device.id.clone(), device.name.clone());
        move |_| renames.ask(Target::Device(id.clone()), &name)
    };
    let id = device.id;
    let (heard, is_this) = (device.last_heard_ms, device.this);
    let revoke = move |_| {
        let target = Target::Device(id.clone());
        questions.ask(Question {
            title: msg("device-revoke"),
            subject: subject.clone(),
            points: vec![
                msg("device-stops"),
                msg("remove-rotates"),
                msg("remove-keeps"),
            ],
            first: None,
            button: msg("device-revoke-button"),
            answer: Arc::new(move || {
                ask(
                    session,
                    Request::Remove(target.clone()),
                    "device-revoked-now",
                );
            }),
        });
    };
    view! {
        <li data-testid="device" data-name=device.name data-this=device.this.to_string() data-removed=device.removed.to_string() title=device.words>
            {icon(Icon::Device)}
            <span class="member-text">
                {named.is_some().then(|| view! { <span class="member-name" data-testid="device-name">{named}</span> })}
                <span class="code">{words}</span>
                {(!is_this).then(|| view! {
                    <span class="muted">{move || match heard {
                        Some(ms) => t!("last-heard", time = browser::local_time(ms, i18n::current().tag())),
                        None => t!("never-heard"),
                    }}</span>
                })}
            </span>
            <span class="list-end">
                {device.this.then(|| view! { <span class="tag" data-state="info">{move || t!("this-device")}</span> })}
                {device.removed.then(|| view! { <span class="tag" data-state="bad">{move || t!("removed-mark")}</span> })}
                <button class="button" data-kind="quiet" data-testid="device-rename" hidden=!nameable on:click=rename>
                    {icon(Icon::Pen)}
                    {move || t!("rename")}
                </button>
                <button class="button" data-kind="quiet" data-testid="device-revoke" hidden=!removable on:click=revoke>
                    {move || t!("revoke")}
                </button>
            </span>
        </li>
    }
}

#[component]
fn RemoveMember(member: MemberRow, own: bool, close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let questions = expect_context::<Questions>();
    let me = member.me;
    let name = member.name;
    let id = member.id;
    let remove = move |_| {
        let mut points = vec![
            msg("remove-rotates"),
            msg("remove-keeps"),
            msg("remove-late"),
        ];
        if !own {
            points.insert(0, msg("remove-votes"));
        }
        close.run(());
        let target = Target::Member(id.clone());
        questions.ask(Question {
            title: if me {
                msg("leave-venture")
            } else {
                msg("remove-member")
            },
            subject: name.clone(),
            points,
            first: None,
            button: match (me, own) {
                (true, _) => msg("leave-button"),
                (_, true) => msg("remove-button"),
                _ => msg("remove-propose"),
            },
            answer: Arc::new(move || {
                ask(session, Request::Remove(target.clone()), "removed-now");
            }),
        });
    };
    view! {
        <div class="form-actions danger-zone" hidden=move || !(me || manages(session))>
            <button class="button" data-kind="danger" data-testid="member-remove" on:click=remove>
                {move || match (me, own) {
                    (true, _) => t!("leave-venture"),
                    (_, true) => t!("remove-member"),
                    _ => t!("remove-propose"),
                }}
            </button>
        </div>
    }
}

/// Message id of a role's name.
pub(crate) const fn role_label(role: Role) -> &'static str {
    match role {
        Role::PartnerManager => msg("role-partner-manager"),
        Role::Pmo => msg("role-pmo"),
        Role::Finance => msg("role-finance"),
        Role::Market => msg("role-market"),
        Role::Legal => msg("role-legal"),
        Role::Viewer => msg("role-viewer"),
    }
}
