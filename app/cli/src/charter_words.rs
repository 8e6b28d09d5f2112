//! Entries of the charter, proposals and access in plain words.

use heqi_protocol::access::AccessRule;
use heqi_protocol::charter::{Action, OfferKind, Refused, Target};
use heqi_protocol::{DeviceId, MemberId, PartyId, Roles};
use heqi_replica::{Directory, Event, HistoryEntry};
use heqi_wording::{Texts, say};

use crate::finding::short;
use crate::removal::named;
use crate::space;

/// Basis points of one percent.
const PERCENT: u16 = 100;

/// What an entry did, in one sentence.
pub(crate) fn event(texts: &Texts, directory: &Directory, entry: &HistoryEntry) -> String {
    let who = entry.author.map_or_else(
        || say!(texts, "somebody"),
        |id| member(texts, directory, id),
    );
    let about = |id| member(texts, directory, id);
    let of = |id| party(directory, id);
    match &entry.event {
        Event::Founded { party, .. } => {
            say!(texts, "event-founded", who = who, party = of(*party))
        }
        Event::PartyAdmitted(party) => {
            say!(texts, "event-party-admitted", who = who, party = of(*party))
        }
        Event::Invited { party, roles } => say!(
            texts,
            "event-invited",
            who = who,
            party = of(*party),
            roles = self::roles(texts, *roles),
        ),
        Event::Joined { .. } => say!(texts, "event-joined", who = who),
        Event::Offered(OfferKind::Device) => say!(texts, "event-device-offered", who = who),
        Event::Offered(OfferKind::Recovery) => say!(texts, "event-recovery-offered", who = who),
        Event::DeviceAdded { device, .. } => say!(
            texts,
            "event-device-added",
            who = who,
            device = short(device)
        ),
        Event::Withdrawn(_) => say!(texts, "event-withdrawn", who = who),
        Event::RolesSet { member, roles } => say!(
            texts,
            "event-roles-set",
            who = who,
            member = about(*member),
            roles = self::roles(texts, *roles),
        ),
        Event::Removed(target) => say!(
            texts,
            "event-removed",
            who = who,
            target = self::target(texts, directory, *target),
        ),
        Event::KeysGiven => say!(texts, "event-keys-given", who = who),
        Event::Complained(space) => say!(
            texts,
            "event-complained",
            who = who,
            space = space::said(texts, *space)
        ),
        Event::Confirmed(member) => {
            say!(texts, "event-confirmed", who = who, member = about(*member))
        }
        Event::Proposed(action) => say!(
            texts,
            "event-proposed",
            who = who,
            what = self::action(texts, directory, action),
        ),
        Event::Answered {
            proposal,
            agrees: true,
        } => say!(texts, "event-agreed", who = who, id = short(proposal)),
        Event::Answered { proposal, .. } => {
            say!(texts, "event-declined", who = who, id = short(proposal))
        }
        Event::AccessSet(rules) => say!(
            texts,
            "event-access-set",
            who = who,
            rules = self::rules(texts, directory, rules),
        ),
        Event::TakenIn { envelopes, .. } => {
            say!(texts, "event-taken-in", who = who, count = *envelopes)
        }
        Event::DocumentDeleted(_) => say!(texts, "event-document-deleted", who = who),
        Event::GenerationBegun { .. } => say!(texts, "event-generation-begun", who = who),
        Event::RelayMoved(relay) => {
            say!(texts, "event-relay-moved", who = who, relay = short(relay))
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
    }
}

/// What is put to the parties.
pub(crate) fn action(texts: &Texts, directory: &Directory, action: &Action) -> String {
    match action {
        Action::Interests { from_day, shares } => {
            let shares: Vec<_> = shares
                .iter()
                .map(|it| {
                    format!(
                        "{} {}",
                        party(directory, it.party),
                        percent(it.basis_points)
                    )
                })
                .collect();
            let day = day(*from_day);
            say!(
                texts,
                "action-interests",
                day = day,
                shares = texts.row(&shares)
            )
        }
        Action::Access(rules) => say!(
            texts,
            "action-access",
            rules = self::rules(texts, directory, rules)
        ),
        Action::Remove(target) => say!(
            texts,
            "action-remove",
            target = self::target(texts, directory, *target)
        ),
        Action::Repair(id) => say!(texts, "action-repair", party = party(directory, *id)),
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
        Refused::Nothing => say!(texts, "refused-nothing"),
        Refused::NotDecided => say!(texts, "refused-not-decided"),
        Refused::BadProposal => say!(texts, "refused-bad-proposal"),
        Refused::Interests => say!(texts, "refused-interests"),
        Refused::AccessRule => say!(texts, "refused-access-rule"),
        Refused::InviteSpent => say!(texts, "refused-spent"),
        Refused::UnknownMember | Refused::UnknownParty | Refused::UnknownDevice => {
            say!(texts, "refused-gone")
        }
        other => say!(texts, "refused-other", detail = other.to_string()),
    }
}

/// Roles in one cell.
pub(crate) fn roles(texts: &Texts, roles: Roles) -> String {
    let named: Vec<String> = roles
        .iter()
        .map(|role| texts.say(&format!("role-{}", role.name()), &[]))
        .collect();
    match named.is_empty() {
        true => say!(texts, "role-none"),
        false => texts.row(&named),
    }
}

/// Roles by their names in commands.
pub(crate) fn role_names(roles: Roles) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

/// Basis points as a percentage: `12.5 %`.
pub(crate) fn percent(basis_points: u16) -> String {
    let (whole, rest) = (basis_points / PERCENT, basis_points % PERCENT);
    let text = format!("{whole}.{rest:02}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

/// A day from its number since 1970-01-01.
pub(crate) fn day(number: i32) -> String {
    let first = jiff::civil::date(1970, 1, 1);
    let day = first.checked_add(jiff::Span::new().days(number));
    day.map_or_else(|_| number.to_string(), |day| day.to_string())
}

/// A member with their party.
pub(crate) fn member(texts: &Texts, directory: &Directory, id: MemberId) -> String {
    let (member, party) = named(directory, id);
    say!(texts, "member-of", member = member, party = party)
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

fn target(texts: &Texts, directory: &Directory, target: Target) -> String {
    match target {
        Target::Party(id) => say!(texts, "target-party", party = party(directory, id)),
        Target::Member(id) => member(texts, directory, id),
        Target::Device(id) => {
            let owner = owner(directory, id);
            let owner = owner.map_or_else(String::new, |it| member(texts, directory, it));
            say!(texts, "target-device", device = short(id), member = owner)
        }
    }
}

fn rules(texts: &Texts, directory: &Directory, rules: &[AccessRule]) -> String {
    let words = |rule: &AccessRule| {
        let space = space::said(texts, rule.space);
        let space = match rule.party {
            Some(id) => format!("{space} ({})", party(directory, id)),
            None => space,
        };
        match rule.grant {
            Some(grant) => say!(
                texts,
                "access-rule",
                space = space,
                read = roles(texts, grant.read),
                write = roles(texts, grant.write),
            ),
            None => say!(texts, "access-rule-default", space = space),
        }
    };
    let words: Vec<_> = rules.iter().map(words).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_and_days_read_as_people_write_them() {
        assert_eq!(percent(6000), "60 %");
        assert_eq!(percent(1250), "12.5 %");
        assert_eq!(percent(1), "0.01 %");
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(20_454), "2026-01-01");
    }
}
