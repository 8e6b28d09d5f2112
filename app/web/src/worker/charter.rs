//! What the charter says, from its ids and rules to what the interface is told, and back.

use heqi_protocol::access::{self as table};
use heqi_protocol::charter as of;
use heqi_protocol::{DeviceId, Hash, InviteId, List, MemberId, PartyId, Roles};
use heqi_replica::{Event as Happened, HistoryEntry, key_words};

use super::people::{charter_role, roles};
use crate::wire::{
    AccessRule, Action, CharterProblem, Event, Failure, Grant, HistoryRow, Id, Role, Space, Target,
};

/// The id as the interface carries it.
pub(super) fn id(id: impl std::fmt::Display) -> Id {
    Id(id.to_string())
}

pub(super) fn party(id: &Id) -> Result<PartyId, Failure> {
    PartyId::parse(&id.0).ok_or_else(unknown)
}

pub(super) fn member(id: &Id) -> Result<MemberId, Failure> {
    MemberId::parse(&id.0).ok_or_else(unknown)
}

pub(super) fn device(id: &Id) -> Result<DeviceId, Failure> {
    DeviceId::parse(&id.0).ok_or_else(unknown)
}

pub(super) fn invite(id: &Id) -> Result<InviteId, Failure> {
    InviteId::parse(&id.0).ok_or_else(unknown)
}

pub(super) fn hash(id: &Id) -> Result<Hash, Failure> {
    Hash::parse(&id.0).ok_or_else(unknown)
}

fn unknown() -> Failure {
    Failure::Defect {
        detail: "the interface sent an id that is none".into(),
    }
}

/// Words of a key as people read them.
pub(super) fn words_of(key: &[u8; 32]) -> String {
    key_words(key).0.join(" ")
}

pub(super) fn charter_roles(roles: &[Role]) -> Vec<heqi_protocol::Role> {
    roles.iter().map(|role| charter_role(*role)).collect()
}

pub(super) fn space(space: table::Space) -> Space {
    match space {
        table::Space::Directory => Space::Directory,
        table::Space::Plan => Space::Plan,
        table::Space::Risk => Space::Risk,
        table::Space::Contracts => Space::Contracts,
        table::Space::Finance => Space::Finance,
        table::Space::Market => Space::Market,
        table::Space::Governance => Space::Governance,
        table::Space::Private(party) => Space::Private(id(party)),
    }
}

fn charter_space(space: &Space) -> Result<table::Space, Failure> {
    Ok(match space {
        Space::Directory => table::Space::Directory,
        Space::Plan => table::Space::Plan,
        Space::Risk => table::Space::Risk,
        Space::Contracts => table::Space::Contracts,
        Space::Finance => table::Space::Finance,
        Space::Market => table::Space::Market,
        Space::Governance => table::Space::Governance,
        Space::Private(owner) => table::Space::Private(party(owner)?),
    })
}

pub(super) fn grant(grant: table::Grant) -> Grant {
    Grant {
        read: roles(grant.read),
        write: roles(grant.write),
    }
}

pub(super) fn rule(rule: table::AccessRule) -> AccessRule {
    AccessRule {
        space: space(rule.space),
        party: rule.party.map(id),
        grant: rule.grant.map(grant),
    }
}

/// Rules as the charter has them.
pub(super) fn charter_rules(rules: &[AccessRule]) -> Result<Vec<table::AccessRule>, Failure> {
    let rule = |rule: &AccessRule| {
        let grant = rule.grant.as_ref().map(|grant| table::Grant {
            read: Roles::new(&charter_roles(&grant.read)),
            write: Roles::new(&charter_roles(&grant.write)),
        });
        Ok(table::AccessRule {
            space: charter_space(&rule.space)?,
            party: rule.party.as_ref().map(party).transpose()?,
            grant,
        })
    };
    rules.iter().map(rule).collect()
}

fn target(target: of::Target) -> Target {
    match target {
        of::Target::Device(device) => Target::Device(id(device)),
        of::Target::Member(member) => Target::Member(id(member)),
        of::Target::Party(party) => Target::Party(id(party)),
    }
}

/// Whom to remove or what to name, as the charter has it.
pub(super) fn charter_target(target: &Target) -> Result<of::Target, Failure> {
    Ok(match target {
        Target::Device(id) => of::Target::Device(device(id)?),
        Target::Member(id) => of::Target::Member(member(id)?),
        Target::Party(id) => of::Target::Party(party(id)?),
    })
}

pub(super) fn action(action: &of::Action) -> Action {
    match action {
        of::Action::Interests { from_day, shares } => Action::Interests {
            from_day: *from_day,
            shares: shares
                .iter()
                .map(|share| (id(share.party), share.basis_points.into()))
                .collect(),
        },
        of::Action::Access(rules) => Action::Access(rules.iter().copied().map(rule).collect()),
        of::Action::Remove(removed) => Action::Remove(target(*removed)),
        of::Action::Repair(party) => Action::Repair(id(party)),
    }
}

/// What to put to the parties, as the charter has it.
pub(super) fn charter_action(action: &Action) -> Result<of::Action, Failure> {
    let too_many = |_| Failure::Charter(CharterProblem::Nothing);
    Ok(match action {
        Action::Interests { from_day, shares } => {
            let mut all = Vec::with_capacity(shares.len());
            for (id, points) in shares {
                let wrong = |_| Failure::Charter(CharterProblem::Interests);
                all.push(of::Share {
                    party: party(id)?,
                    basis_points: u16::try_from(*points).map_err(wrong)?,
                });
            }
            all.sort_by_key(|share| share.party);
            of::Action::Interests {
                from_day: *from_day,
                shares: List::new(all).map_err(too_many)?,
            }
        }
        Action::Access(rules) => {
            of::Action::Access(List::new(charter_rules(rules)?).map_err(too_many)?)
        }
        Action::Remove(target) => of::Action::Remove(charter_target(target)?),
        Action::Repair(id) => of::Action::Repair(party(id)?),
    })
}

/// An entry of the history; `name` tells a member.
pub(super) fn history_row(entry: HistoryEntry, name: impl Fn(MemberId) -> String) -> HistoryRow {
    HistoryRow {
        position: entry.position,
        hash: entry.hash.to_string(),
        author: entry.author.map(name).unwrap_or_default(),
        event: event(entry.event),
        rotated: entry.rotated.into_iter().map(space).collect(),
    }
}

fn event(event: Happened) -> Event {
    match event {
        Happened::Founded { party, member } => Event::Founded {
            party: id(party),
            member: id(member),
        },
        Happened::PartyAdmitted(party) => Event::PartyAdmitted(id(party)),
        Happened::Invited { party, roles: held } => Event::Invited {
            party: id(party),
            roles: roles(held),
        },
        Happened::Joined { member, party } => Event::Joined {
            member: id(member),
            party: id(party),
        },
        Happened::Offered(of::OfferKind::Device) => Event::DeviceOffered,
        Happened::Offered(of::OfferKind::Recovery) => Event::KitMade,
        Happened::DeviceAdded { device, member } => Event::DeviceAdded {
            member: id(member),
            device: id(device),
        },
        Happened::Withdrawn(_) => Event::Withdrawn,
        Happened::RolesSet {
            member,
            roles: held,
        } => Event::RolesSet {
            member: id(member),
            roles: roles(held),
        },
        Happened::Removed(removed) => Event::Removed(target(removed)),
        Happened::KeysGiven => Event::KeysGiven,
        Happened::Complained(about) => Event::Complained(space(about)),
        Happened::Confirmed(member) => Event::Confirmed(id(member)),
        Happened::Proposed(put) => Event::Proposed(action(&put)),
        Happened::Answered { proposal, agrees } => Event::Answered {
            proposal: id(proposal),
            agrees,
        },
        Happened::AccessSet(rules) => Event::AccessSet(rules.into_iter().map(rule).collect()),
        Happened::TakenIn { envelopes, .. } => Event::TakenIn(envelopes),
        Happened::DocumentDeleted(_) => Event::DocumentDeleted,
        Happened::GenerationBegun { .. } => Event::GenerationBegun,
        Happened::RelayMoved(relay) => Event::RelayMoved(words_of(&relay.0)),
        Happened::Named {
            target: named,
            before,
            name,
        } => Event::Named {
            target: target(named),
            before,
            name,
        },
    }
}

/// Why the charter refuses, as the interface is told.
pub(super) fn problem(refused: &of::Refused) -> CharterProblem {
    match refused {
        of::Refused::NotManager => CharterProblem::NotManager,
        of::Refused::OtherParty => CharterProblem::OtherParty,
        of::Refused::OtherMember => CharterProblem::OtherMember,
        of::Refused::Interests => CharterProblem::Interests,
        of::Refused::AccessRule => CharterProblem::AccessRule,
        of::Refused::Nothing => CharterProblem::Nothing,
        of::Refused::NotDecided => CharterProblem::NotDecided,
        of::Refused::BadProposal => CharterProblem::BadProposal,
        of::Refused::InviteSpent => CharterProblem::Spent,
        of::Refused::UnknownMember | of::Refused::UnknownParty | of::Refused::UnknownDevice => {
            CharterProblem::Gone
        }
        of::Refused::NoRole => CharterProblem::NoRole,
        of::Refused::Full(_) => CharterProblem::Full,
        other => CharterProblem::Other {
            reason: other.to_string(),
        },
    }
}
