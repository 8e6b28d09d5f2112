//! Who reads and who writes which space: a table of spaces and roles, once for all parties and once for each that has
//! rules of its own.

use leptos::prelude::*;

use super::charter_words;
use super::i18n::{msg, t};
use super::icon::{Icon, icon};
use super::members::{Proposals, manages};
use super::session::use_session;
use crate::wire::{Grant, MembersView, PartyRow, Role, Space};

mod change;

use change::ChangeDialog;

/// What a role may do with a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    None,
    Read,
    Write,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Read, Self::Write];

    pub(super) fn of(grant: &Grant, role: Role) -> Self {
        match (grant.write.contains(&role), grant.read.contains(&role)) {
            (true, _) => Self::Write,
            (_, true) => Self::Read,
            _ => Self::None,
        }
    }

    /// Name of the level in markup.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Message id of the level.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::None => msg("level-none"),
            Self::Read => msg("level-read"),
            Self::Write => msg("level-write"),
        }
    }
}

/// The tables, and the way to change them.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let session = use_session();
    let changing = RwSignal::new(false);
    // Only what the tables show, so that they are not drawn anew for every device that was heard.
    let shown = Memo::new(move |_| {
        session.members.with(|members| {
            let mut members = members.clone().unwrap_or_default();
            members.parties.retain(|party| !party.removed);
            for party in &mut members.parties {
                party.last_heard_ms = None;
                for member in &mut party.members {
                    member.devices.clear();
                }
            }
            members
        })
    });
    view! {
        <div class="page">
            <div class="page-inner" data-width="wide">
                <header class="page-head">
                    <h1>{move || t!("nav-access")}</h1>
                    <button
                        class="button" data-kind="primary" data-testid="access-change"
                        hidden=move || !manages(session) on:click=move |_| changing.set(true)
                    >
                        {move || t!("access-change")}
                    </button>
                    <p>{move || t!("access-more")}</p>
                </header>
                <Proposals />
                <Legend />
                {move || tables(&shown.get())}
                <p class="muted">{move || t!("access-private-note")}</p>
            </div>
        </div>
        <ChangeDialog open=changing />
    }
}

#[component]
fn Legend() -> impl IntoView {
    let entries = Level::ALL
        .into_iter()
        .rev()
        .map(|level| view! { <li>{mark(level)} <span>{move || t!(level.label())}</span></li> })
        .collect_view();
    view! { <ul class="legend">{entries}</ul> }
}

fn tables(members: &MembersView) -> impl IntoView + use<> {
    let mine = members.parties.iter().find(|party| party.mine);
    let held: Vec<Role> = mine
        .map(|party| {
            let me = party.members.iter().find(|member| member.me);
            me.map(|member| member.roles.clone()).unwrap_or_default()
        })
        .unwrap_or_default();
    let own_rules = |party: &&PartyRow| {
        let mut rules = members.rules.iter();
        rules.any(|rule| rule.party.as_ref() == Some(&party.id))
    };
    let general = table(members, None, &members.access, &held);
    let others: Vec<_> = members
        .parties
        .iter()
        .filter(own_rules)
        .map(|party| table(members, Some(party), &party.access, &held))
        .collect();
    view! { {general} {others} }
}

/// One table; for a party it marks the spaces that have a rule of its own.
fn table(
    members: &MembersView,
    party: Option<&PartyRow>,
    access: &[(Space, Grant)],
    held: &[Role],
) -> impl IntoView + use<> {
    let id = party.map(|party| party.id.clone());
    let changed = |space: &Space| {
        let mut rules = members.rules.iter();
        rules.any(|rule| rule.space == *space && rule.party == id)
    };
    let rows = access
        .iter()
        .map(|(space, grant)| row(members, space, grant, changed(space)))
        .collect_view();
    let heads = Role::ALL
        .into_iter()
        .map(|role| {
            let own = held.contains(&role);
            view! {
                <th scope="col" data-own=own.to_string()>
                    <span>{move || t!(short_label(role))}</span>
                    {own.then(|| view! { <span class="visually-hidden">" (" {move || t!("you-mark")} ")"</span> })}
                </th>
            }
        })
        .collect_view();
    let name = party.map(|party| party.name.clone());
    let of = name.clone().unwrap_or_else(|| "*".into());
    let caption = move || match &name {
        Some(name) => name.clone(),
        None => t!("all-parties"),
    };
    view! {
        <section class="panel access-panel" data-testid="access-table" data-party=of>
            <table class="access">
                <caption>{caption}</caption>
                <thead><tr><th scope="col"><span class="visually-hidden">{move || t!("access-space")}</span></th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn row(
    members: &MembersView,
    space: &Space,
    grant: &Grant,
    changed: bool,
) -> impl IntoView + use<> {
    let cells = Role::ALL
        .into_iter()
        .map(|role| {
            let level = Level::of(grant, role);
            view! {
                <td data-testid="access-cell" data-space=space.name() data-role=role.name() data-level=level.name()>
                    {mark(level)}
                    <span class="visually-hidden">{move || t!(level.label())}</span>
                </td>
            }
        })
        .collect_view();
    let name = space.clone();
    let members = members.clone();
    view! {
        <tr data-changed=changed.to_string()>
            <th scope="row">
                {move || charter_words::space(&members, &name)}
                {changed.then(|| view! { <span class="tag" data-state="info">{move || t!("access-changed")}</span> })}
            </th>
            {cells}
        </tr>
    }
}

fn mark(level: Level) -> impl IntoView {
    let sign = match level {
        Level::None => None,
        Level::Read => Some(Icon::Eye),
        Level::Write => Some(Icon::Pen),
    };
    view! { <span class="level" data-level=level.name() aria-hidden="true">{sign.map(icon)}</span> }
}

/// Message id of a role's name where room is short.
const fn short_label(role: Role) -> &'static str {
    match role {
        Role::PartnerManager => msg("role-short-partner-manager"),
        Role::Pmo => msg("role-short-pmo"),
        Role::Finance => msg("role-short-finance"),
        Role::Market => msg("role-short-market"),
        Role::Legal => msg("role-short-legal"),
        Role::Viewer => msg("role-short-viewer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_goes_before_reading() {
        let grant = Grant {
            read: vec![Role::Pmo, Role::Viewer],
            write: vec![Role::Pmo],
        };
        assert_eq!(Level::of(&grant, Role::Pmo), Level::Write);
        assert_eq!(Level::of(&grant, Role::Viewer), Level::Read);
        assert_eq!(Level::of(&grant, Role::Finance), Level::None);
    }
}
