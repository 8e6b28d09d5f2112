//! Names, people and places as the interface is told.

use heqi_protocol::charter::OfferKind;
use heqi_protocol::{Charter, MemberId, PartyId, Roles};
use heqi_replica::{
    BadLink, DeviceEntry, Directory, InviteEntry, InviteLink, MemberEntry, OfferEntry, PartyEntry,
    ProposalEntry,
};

use super::charter::{self, id};
use crate::wire::{
    DeviceRow, Failure, Grant, InviteInfo, InviteProblem, InviteRow, MemberRow, MembersView,
    OfferRow, PartyRow, ProposalRow, Rights, Role, Space,
};

/// The reader's own party and member, where they are in the directory.
pub(super) fn me(directory: &Directory) -> Option<(&PartyEntry, &heqi_replica::MemberEntry)> {
    let me = directory.me?;
    directory.parties.iter().find_map(|party| {
        let member = party.members.iter().find(|member| member.id == me)?;
        Some((party, member))
    })
}

/// Parties and members with the reader's own party first, then as they came in, those removed last.
pub(super) fn members_view(directory: &Directory, charter: Option<&Charter>) -> MembersView {
    let mine = me(directory).map(|(party, _)| party.id);
    let founder = charter.and_then(founder);
    let looks_after = |party| {
        let asked = charter.zip(mine);
        asked.is_some_and(|(charter, own)| charter.looks_after(own, party))
    };
    let interests = directory.interests.last();
    let row = |party: &PartyEntry| PartyRow {
        id: id(party.id),
        name: party.name.clone(),
        code: party.code.clone(),
        leader: founder.is_some_and(|id| party.members.iter().any(|m| m.id == id)),
        mine: Some(party.id) == mine,
        removed: party.is_removed,
        has_manager: party.has_manager,
        looked_after: looks_after(party.id),
        interest: interests.and_then(|schedule| {
            let mut shares = schedule.shares.iter();
            let share = shares.find(|share| share.party == party.id)?;
            Some(share.basis_points.into())
        }),
        last_heard_ms: party.heard_ms,
        access: grants(&party.access),
        members: party
            .members
            .iter()
            .map(|one| member_row(directory, one))
            .collect(),
    };
    let mut parties: Vec<_> = directory.parties.iter().map(row).collect();
    parties.sort_by_key(|party| (party.removed, !party.mine));
    MembersView {
        parties,
        invites: invites(directory),
        offers: offers(directory),
        proposals: proposals(directory, mine),
        access: charter.map(general_access).unwrap_or_default(),
        rules: directory.rules.iter().copied().map(charter::rule).collect(),
        rights: Rights::default(),
    }
}

/// The founder alone came by no invite.
fn founder(charter: &Charter) -> Option<MemberId> {
    let mut members = charter.members().iter();
    let founder = members.find(|(_, member)| member.invite.is_none());
    founder.map(|(id, _)| *id)
}

fn member_row(directory: &Directory, member: &MemberEntry) -> MemberRow {
    let device = |device: &DeviceEntry| DeviceRow {
        id: id(device.id),
        name: device.name.clone(),
        words: charter::words_of(&device.id.0),
        this: Some(device.id) == directory.device,
        removed: device.is_removed,
        last_heard_ms: device.heard_ms,
    };
    MemberRow {
        id: id(member.id),
        name: member.name.clone(),
        roles: roles(member.roles),
        me: Some(member.id) == directory.me,
        confirmed: !member.unconfirmed,
        removed: member.is_removed,
        has_kit: member.has_recovery_kit,
        words: member.words.0.join(" "),
        devices: member.devices.iter().map(device).collect(),
    }
}

/// The name of a member; empty where it is not known.
pub(super) fn name(directory: &Directory, member: MemberId) -> String {
    let mut members = directory.parties.iter().flat_map(|party| &party.members);
    let found = members.find(|one| one.id == member);
    found.map(|one| one.name.clone()).unwrap_or_default()
}

/// Who reads and writes each shared space where no party has a rule of its own.
pub(super) fn general_access(charter: &Charter) -> Vec<(Space, Grant)> {
    // No party has this id, so none has a rule of its own for it.
    let nobody = PartyId([0; 16]);
    let of = |space| (space, charter.access().grant(space, nobody));
    grants(&heqi_protocol::Space::SHARED.map(of))
}

fn grants(grants: &[(heqi_protocol::Space, heqi_protocol::access::Grant)]) -> Vec<(Space, Grant)> {
    let grant = |(space, grant): &(_, _)| (charter::space(*space), charter::grant(*grant));
    grants.iter().map(grant).collect()
}

fn invites(directory: &Directory) -> Vec<InviteRow> {
    let party = |id| directory.parties.iter().find(|party| party.id == id);
    let row = |invite: &InviteEntry| {
        let (party, code) = party(invite.party)
            .map(|party| (party.name.clone(), party.code.clone()))
            .unwrap_or_default();
        InviteRow {
            id: id(invite.id),
            party,
            code,
            roles: roles(invite.roles),
            by: name(directory, invite.by),
            expires_ms: invite.expires_ms,
            link: invite.link.clone(),
        }
    };
    directory.invites.iter().map(row).collect()
}

fn offers(directory: &Directory) -> Vec<OfferRow> {
    let own = directory
        .offers
        .iter()
        .filter(|offer| Some(offer.member) == directory.me);
    let device = |offer: &OfferEntry| {
        let (_, me) = me(directory)?;
        let made_by = me.devices.iter().find(|one| one.id == offer.device)?;
        Some(made_by.name.clone())
    };
    let row = |offer: &OfferEntry| OfferRow {
        id: id(offer.id),
        kit: offer.kind == OfferKind::Recovery,
        expires_ms: offer.expires_ms,
        made_ms: offer.made_ms,
        device: device(offer).unwrap_or_default(),
        unconfirmed: offer.is_unconfirmed,
    };
    own.map(row).collect()
}

fn proposals(directory: &Directory, mine: Option<PartyId>) -> Vec<ProposalRow> {
    let party_name = |id: PartyId| {
        let party = directory.parties.iter().find(|party| party.id == id);
        party.map(|party| party.name.clone()).unwrap_or_default()
    };
    let row = |proposal: &ProposalEntry| {
        let said = |party: &PartyId| match (
            proposal.agreed.contains(party),
            proposal.declined.contains(party),
        ) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let counts = |party: &PartyId| proposal.electorate.contains(party);
        ProposalRow {
            id: id(proposal.id),
            action: charter::action(&proposal.action),
            by: name(directory, proposal.by),
            votes: proposal
                .electorate
                .iter()
                .map(|party| (party_name(*party), said(party)))
                .collect(),
            may_answer: mine.is_some_and(|mine| counts(&mine) && said(&mine).is_none()),
            decided: proposal.is_decided,
        }
    };
    directory.proposals.iter().map(row).collect()
}

/// What an invite link tells by itself; `known` stays open.
pub(super) fn invite_info(link: &InviteLink) -> InviteInfo {
    let relay = link.relay_url.to_string();
    let loopback = is_loopback(host_name(&relay));
    InviteInfo {
        host: host(&relay).to_owned(),
        loopback,
        plaintext: relay.starts_with("http://") && !loopback,
        relay,
        known: None,
    }
}

/// Why a text is no link, as the interface tells it.
pub(super) const fn bad_link(bad: BadLink) -> Failure {
    match bad {
        BadLink::Url => Failure::RelayUrl,
        BadLink::Newer => Failure::Invite(InviteProblem::Newer),
        BadLink::NoInvite | BadLink::Damaged => Failure::Invite(InviteProblem::Malformed),
    }
}

/// The role as the charter has it.
pub(super) const fn charter_role(role: Role) -> heqi_protocol::Role {
    match role {
        Role::PartnerManager => heqi_protocol::Role::PartnerManager,
        Role::Pmo => heqi_protocol::Role::Pmo,
        Role::Finance => heqi_protocol::Role::Finance,
        Role::Market => heqi_protocol::Role::Market,
        Role::Legal => heqi_protocol::Role::Legal,
        Role::Viewer => heqi_protocol::Role::Viewer,
    }
}

/// The roles in the order they are offered.
pub(super) fn roles(roles: Roles) -> Vec<Role> {
    let mut all = Role::ALL.to_vec();
    all.retain(|role| roles.has(charter_role(*role)));
    all
}

/// Host and port of an address, as people compare them.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// The host alone, without brackets around an IPv6 address.
fn host_name(url: &str) -> &str {
    let host = host(url);
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    host.split(':').next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let named = name == "localhost" || name.ends_with(".localhost");
    let address = name.parse::<std::net::IpAddr>();
    named || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_is_told_from_others() {
        for url in [
            "http://localhost:8787",
            "http://LOCALHOST",
            "https://relay.localhost/x",
            "http://127.0.0.1:80",
            "http://127.9.9.9",
            "http://[::1]:8787",
            "http://0.0.0.0:1",
        ] {
            assert!(is_loopback(host_name(url)), "{url}");
        }
        for url in [
            "https://relay.example",
            "http://192.168.1.4:8787",
            "https://localhost.example",
            "https://127.0.0.1.example",
            "http://[2001:db8::1]",
        ] {
            assert!(!is_loopback(host_name(url)), "{url}");
        }
    }

    #[test]
    fn the_host_keeps_its_port_and_loses_scheme_and_path() {
        assert_eq!(
            host("https://relay.example:8787/heqi"),
            "relay.example:8787"
        );
        assert_eq!(host("http://[::1]:1"), "[::1]:1");
    }

    #[test]
    fn roles_are_the_same_on_both_sides() {
        for role in Role::ALL {
            assert_eq!(charter_role(role).name(), role.name());
            assert_eq!(roles(Roles::new(&[charter_role(role)])), [role]);
        }
    }

    #[test]
    fn texts_that_are_no_invite_are_refused_as_such() {
        for text in [
            "",
            "https://relay.example",
            "https://relay.example/#invite=!!",
        ] {
            let bad = InviteLink::parse(text).err().map(bad_link);
            let malformed = Failure::Invite(InviteProblem::Malformed);
            assert_eq!(bad, Some(malformed), "{text}");
        }
    }
}
