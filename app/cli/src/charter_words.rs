//! Entries of the charter and proposals with the names of people and parties in them, for their sentences.

use heqi_protocol::access::AccessRule;
use heqi_protocol::charter::{Action, OfferKind, Refused, Target};
use heqi_protocol::{DeviceId, MemberId, PartyId, Roles, Space};
use heqi_replica::{Directory, Event, HistoryEntry};
use heqi_wording::{Texts, charter, say};

use crate::finding::{label, short};
use crate::removal::named;
use crate::space::key;

/// Ids turned into names.
pub(crate) struct Named<'a> {
    pub(crate) texts: &'a Texts,
    pub(crate) directory: &'a Directory,
}

impl Named<'_> {
    /// What an entry did, in one sentence.
    pub(crate) fn entry(&self, entry: &HistoryEntry) -> String {
        let author = entry.author.map(|id| self.member(id));
        let author = author.unwrap_or_else(|| say!(self.texts, "somebody"));
        charter::sentence(self.texts, &author, &self.event(&entry.event))
    }

    /// What a proposal would change.
    pub(crate) fn action(&self, action: &Action) -> String {
        charter::proposal(self.texts, &self.proposal(action)).join(" ")
    }

    /// A member with their party.
    pub(crate) fn member(&self, id: MemberId) -> String {
        let (member, party) = named(self.directory, id);
        say!(self.texts, "member-of", member = member, party = party)
    }

    /// A party's name.
    pub(crate) fn party(&self, id: PartyId) -> String {
        party(self.directory, id)
    }

    /// Whose device it is.
    pub(crate) fn owner(&self, device: DeviceId) -> String {
        let owner = owner(self.directory, device);
        owner.map_or_else(|| say!(self.texts, "somebody"), |id| self.member(id))
    }

    /// A device's name, or the first digits of its id.
    fn device(&self, id: DeviceId) -> String {
        let mut members = self.directory.parties.iter().flat_map(|it| &it.members);
        let known = members.find_map(|member| member.devices.iter().find(|it| it.id == id));
        known.map_or_else(|| short(id), label)
    }

    /// What people call a space.
    pub(crate) fn space(&self, space: Space) -> String {
        charter::space(self.texts, &self.named_space(space))
    }

    fn event(&self, event: &Event) -> charter::Event {
        use charter::Event as Said;
        match event {
            Event::Founded { party, .. } => Said::Founded(self.party(*party)),
            Event::PartyAdmitted(party) => Said::PartyAdmitted(self.party(*party)),
            Event::Invited { party, roles } => Said::Invited {
                party: self.party(*party),
                roles: role_names(*roles),
            },
            Event::Joined { .. } => Said::Joined,
            Event::Offered(OfferKind::Device) => Said::DeviceOffered,
            Event::Offered(OfferKind::Recovery) => Said::KitMade,
            Event::DeviceAdded { device, .. } => Said::DeviceAdded(self.device(*device)),
            Event::Withdrawn(_) => Said::Withdrawn,
            Event::RolesSet { member, roles } => Said::RolesSet {
                member: self.member(*member),
                roles: role_names(*roles),
            },
            Event::Removed(target) => Said::Removed(self.target(*target)),
            Event::KeysGiven => Said::KeysGiven,
            Event::Complained(space) => Said::Complained(self.named_space(*space)),
            Event::Confirmed(member) => Said::Confirmed(self.member(*member)),
            Event::Proposed(action) => Said::Proposed(self.proposal(action)),
            Event::Answered { proposal, agrees } => Said::Answered {
                id: short(proposal),
                agrees: *agrees,
            },
            Event::AccessSet(rules) => Said::AccessSet(self.rules(rules)),
            Event::TakenIn { envelopes, .. } => Said::TakenIn(*envelopes),
            Event::DocumentDeleted(_) => Said::DocumentDeleted,
            Event::GenerationBegun { .. } => Said::GenerationBegun,
            Event::RelayMoved(relay) => Said::RelayMoved(short(relay)),
            Event::Named {
                target,
                before,
                name,
            } => Said::Named {
                target: self.named_before(*target, before.as_deref()),
                name: name.clone(),
            },
        }
    }

    fn proposal(&self, action: &Action) -> charter::Proposal {
        match action {
            Action::Interests { from_day, shares } => charter::Proposal::Interests {
                from: day(*from_day),
                shares: shares
                    .iter()
                    .map(|share| (self.party(share.party), u32::from(share.basis_points)))
                    .collect(),
            },
            Action::Access(rules) => charter::Proposal::Access(self.rules(rules)),
            Action::Remove(target) => charter::Proposal::Remove(self.target(*target)),
            Action::Repair(party) => charter::Proposal::Repair(self.party(*party)),
        }
    }

    fn target(&self, target: Target) -> charter::Target {
        match target {
            Target::Party(id) => charter::Target::Party(self.party(id)),
            Target::Member(id) => charter::Target::Member(self.member(id)),
            Target::Device(id) => charter::Target::Device {
                device: self.device(id),
                member: self.owner(id),
            },
        }
    }

    /// What got a name, by the one of before.
    fn named_before(&self, target: Target, before: Option<&str>) -> charter::Target {
        let known = self.target(target);
        let Some(before) = before else {
            return match (target, known) {
                (Target::Device(id), charter::Target::Device { member, .. }) => {
                    let device = short(id);
                    charter::Target::Device { device, member }
                }
                (_, known) => known,
            };
        };
        let before = before.to_owned();
        match known {
            charter::Target::Device { member, .. } => charter::Target::Device {
                device: before,
                member,
            },
            charter::Target::Member(_) => charter::Target::Member(before),
            charter::Target::Party(_) => charter::Target::Party(before),
        }
    }

    fn rules(&self, rules: &[AccessRule]) -> Vec<charter::Rule> {
        let rule = |rule: &AccessRule| charter::Rule {
            space: self.named_space(rule.space),
            party: rule.party.map(|id| self.party(id)),
            grant: rule
                .grant
                .map(|grant| (role_names(grant.read), role_names(grant.write))),
        };
        rules.iter().map(rule).collect()
    }

    fn named_space(&self, space: Space) -> charter::Space {
        match space {
            Space::Private(party) => charter::Space::Private(self.party(party)),
            shared => charter::Space::Named(key(shared)),
        }
    }
}

/// The kind of an event in JSON.
pub(crate) const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Founded { .. } => "founded",
        Event::PartyAdmitted(_) => "party-admitted",
        Event::Invited { .. } => "invited",
        Event::Joined { .. } => "joined",
        Event::Offered(OfferKind::Device) => "device-offered",
        Event::Offered(OfferKind::Recovery) => "recovery-offered",
        Event::DeviceAdded { .. } => "device-added",
        Event::Withdrawn(_) => "withdrawn",
        Event::RolesSet { .. } => "roles-set",
        Event::Removed(_) => "removed",
        Event::KeysGiven => "keys-given",
        Event::Complained(_) => "complained",
        Event::Confirmed(_) => "confirmed",
        Event::Proposed(_) => "proposed",
        Event::Answered { agrees: true, .. } => "agreed",
        Event::Answered { .. } => "declined",
        Event::AccessSet(_) => "access-set",
        Event::TakenIn { .. } => "taken-in",
        Event::DocumentDeleted(_) => "document-deleted",
        Event::GenerationBegun { .. } => "generation-begun",
        Event::RelayMoved(_) => "relay-moved",
        Event::Named { .. } => "named",
    }
}

/// The kind of an action in JSON.
pub(crate) const fn action_kind(action: &Action) -> &'static str {
    match action {
        Action::Interests { .. } => "interests",
        Action::Access(_) => "access",
        Action::Remove(_) => "remove",
        Action::Repair(_) => "repair",
    }
}

/// Why the charter's rules forbid an entry.
pub(crate) fn refused(texts: &Texts, refused: &Refused) -> String {
    match refused {
        Refused::NotManager => say!(texts, "cli-not-manager"),
        Refused::OtherParty => say!(texts, "cli-other-party"),
        Refused::OtherMember => say!(texts, "refused-other-member"),
        Refused::Nothing => say!(texts, "cli-refused-nothing"),
        Refused::NotDecided => say!(texts, "cli-refused-not-decided"),
        Refused::BadProposal => say!(texts, "cli-refused-bad-proposal"),
        Refused::Interests => say!(texts, "cli-refused-interests"),
        Refused::AccessRule => say!(texts, "cli-refused-access-rule"),
        Refused::InviteSpent => say!(texts, "cli-refused-spent"),
        Refused::UnknownMember | Refused::UnknownParty | Refused::UnknownDevice => {
            say!(texts, "cli-refused-gone")
        }
        other => say!(texts, "cli-refused-other", detail = other.to_string()),
    }
}

/// Roles in one cell.
pub(crate) fn roles(texts: &Texts, roles: Roles) -> String {
    charter::roles(texts, &role_names(roles))
}

/// Roles by their names in commands.
pub(crate) fn role_names(roles: Roles) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

/// A day from its number since 1970-01-01.
pub(crate) fn day(number: i32) -> String {
    let first = jiff::civil::date(1970, 1, 1);
    let day = first.checked_add(jiff::Span::new().days(number));
    day.map_or_else(|_| number.to_string(), |day| day.to_string())
}

/// The day of a time, in UTC.
pub(crate) fn day_of(at_ms: u64) -> String {
    let days = i32::try_from(at_ms / 86_400_000).unwrap_or(i32::MAX);
    day(days)
}

/// A party's name.
pub(crate) fn party(directory: &Directory, id: PartyId) -> String {
    let known = directory.parties.iter().find(|party| party.id == id);
    known.map_or_else(|| short(id), |party| party.name.clone())
}

/// Whose device it is.
pub(crate) fn owner(directory: &Directory, device: DeviceId) -> Option<MemberId> {
    let mut members = directory.parties.iter().flat_map(|party| &party.members);
    let owner = members.find(|member| member.devices.iter().any(|it| it.id == device));
    owner.map(|owner| owner.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_by_their_number() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(20_454), "2026-01-01");
    }
}
