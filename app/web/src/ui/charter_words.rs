//! The charter's ids, roles and rules as words of the page's language.

use heqi_wording::charter::{self as words, Event as Said, Proposal, Rule, Space as Named};

use super::browser;
use super::i18n::{self, say, t};
use crate::wire::{
    AccessRule, Action, DeviceRow, Event, HistoryRow, Id, MembersView, Role, Space, Target,
};

/// What an entry did, as a sentence.
pub(crate) fn history(members: &MembersView, row: &HistoryRow) -> String {
    let author = match row.author.as_str() {
        "" => t!("somebody"),
        name => name.to_owned(),
    };
    let said = event(members, &row.event);
    say(|texts| words::sentence(texts, &author, &said))
}

/// What a proposal would change, a sentence for each thing.
pub(crate) fn action(members: &MembersView, action: &Action) -> Vec<String> {
    let proposal = proposal(members, action);
    say(|texts| words::proposal(texts, &proposal))
}

/// The name of a space.
pub(crate) fn space(members: &MembersView, space: &Space) -> String {
    let named = named(members, space);
    say(|texts| words::space(texts, &named))
}

/// Roles as the language lists them.
pub(crate) fn roles(roles: &[Role]) -> String {
    let roles = names(roles);
    say(|texts| words::roles(texts, &roles))
}

/// The name of a party; its code where the name cannot be read.
pub(crate) fn party(members: &MembersView, id: &Id) -> String {
    let party = members.parties.iter().find(|party| party.id == *id);
    match party {
        Some(party) if !party.name.is_empty() => party.name.clone(),
        _ => t!("party-unnamed"),
    }
}

/// The name of a member.
pub(crate) fn member(members: &MembersView, id: &Id) -> String {
    let mut all = members.parties.iter().flat_map(|party| &party.members);
    let found = all.find(|member| member.id == *id);
    found.map_or_else(|| t!("somebody"), |member| member.name.clone())
}

/// The first two words of a device's key.
pub(crate) fn short(words: &str) -> String {
    let mut two = words.split(' ').take(2);
    let (first, second) = (
        two.next().unwrap_or_default(),
        two.next().unwrap_or_default(),
    );
    format!("{first} {second}")
}

/// What tells a device from others: its name, or the first two words of its key.
pub(crate) fn device(device: &DeviceRow) -> String {
    match device.name.as_str() {
        "" => short(&device.words),
        name => name.to_owned(),
    }
}

fn event(members: &MembersView, event: &Event) -> Said {
    let (of, whom) = (|id| party(members, id), |id| member(members, id));
    match event {
        Event::Founded { party, .. } => Said::Founded(of(party)),
        Event::PartyAdmitted(party) => Said::PartyAdmitted(of(party)),
        Event::Invited { party, roles } => Said::Invited {
            party: of(party),
            roles: names(roles),
        },
        Event::Joined { .. } => Said::Joined,
        Event::DeviceOffered => Said::DeviceOffered,
        Event::KitMade => Said::KitMade,
        Event::DeviceAdded { device, .. } => Said::DeviceAdded(device_of(members, device).0),
        Event::Withdrawn => Said::Withdrawn,
        Event::RolesSet { member, roles } => Said::RolesSet {
            member: whom(member),
            roles: names(roles),
        },
        Event::Removed(removed) => Said::Removed(target(members, removed)),
        Event::KeysGiven => Said::KeysGiven,
        Event::Complained(space) => Said::Complained(named(members, space)),
        Event::Confirmed(member) => Said::Confirmed(whom(member)),
        Event::Proposed(action) => Said::Proposed(proposal(members, action)),
        Event::Answered { proposal, agrees } => Said::Answered {
            id: proposal.0.chars().take(8).collect(),
            agrees: *agrees,
        },
        Event::AccessSet(rules) => Said::AccessSet(rules_of(members, rules)),
        Event::TakenIn(count) => Said::TakenIn(*count),
        Event::DocumentDeleted => Said::DocumentDeleted,
        Event::GenerationBegun => Said::GenerationBegun,
        Event::RelayMoved(relay) => Said::RelayMoved(short(relay)),
        Event::Named {
            target,
            before,
            name,
        } => Said::Named {
            target: named_before(members, target, before.as_deref()),
            name: name.clone(),
        },
    }
}

fn proposal(members: &MembersView, action: &Action) -> Proposal {
    match action {
        Action::Interests { from_day, shares } => Proposal::Interests {
            from: browser::local_day(*from_day, i18n::current().tag()),
            shares: shares
                .iter()
                .map(|(id, points)| (party(members, id), *points))
                .collect(),
        },
        Action::Access(rules) => Proposal::Access(rules_of(members, rules)),
        Action::Remove(removed) => Proposal::Remove(target(members, removed)),
        Action::Repair(id) => Proposal::Repair(party(members, id)),
    }
}

fn rules_of(members: &MembersView, rules: &[AccessRule]) -> Vec<Rule> {
    let rule = |rule: &AccessRule| Rule {
        space: named(members, &rule.space),
        party: rule.party.as_ref().map(|id| party(members, id)),
        grant: rule
            .grant
            .as_ref()
            .map(|grant| (names(&grant.read), names(&grant.write))),
    };
    rules.iter().map(rule).collect()
}

fn target(members: &MembersView, target: &Target) -> words::Target {
    match target {
        Target::Device(id) => {
            let (device, member) = device_of(members, id);
            words::Target::Device { device, member }
        }
        Target::Member(id) => words::Target::Member(member(members, id)),
        Target::Party(id) => words::Target::Party(party(members, id)),
    }
}

/// What got a name, by the one of before; a device that had none by two words of its key.
fn named_before(members: &MembersView, named: &Target, before: Option<&str>) -> words::Target {
    let known = target(members, named);
    match (known, before) {
        (words::Target::Device { member, .. }, before) => {
            let words = match named {
                Target::Device(id) => words_of(members, id),
                _ => None,
            };
            let device = before.map(str::to_owned).or(words).unwrap_or_default();
            words::Target::Device { device, member }
        }
        (words::Target::Member(_), Some(before)) => words::Target::Member(before.to_owned()),
        (words::Target::Party(_), Some(before)) => words::Target::Party(before.to_owned()),
        (known, None) => known,
    }
}

fn words_of(members: &MembersView, id: &Id) -> Option<String> {
    let mut all = members.parties.iter().flat_map(|party| &party.members);
    all.find_map(|member| {
        let device = member.devices.iter().find(|device| device.id == *id)?;
        Some(short(&device.words))
    })
}

/// A device as it is told from others, and its member's name.
fn device_of(members: &MembersView, id: &Id) -> (String, String) {
    let mut all = members.parties.iter().flat_map(|party| &party.members);
    let found = all.find_map(|member| {
        let device = member.devices.iter().find(|device| device.id == *id)?;
        Some((self::device(device), member.name.clone()))
    });
    found.unwrap_or_else(|| (id.0.chars().take(8).collect(), t!("somebody")))
}

fn named(members: &MembersView, space: &Space) -> Named {
    match space {
        Space::Private(id) => Named::Private(party(members, id)),
        other => Named::Named(other.name()),
    }
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}
