//! Names, people and places as the interface is told.

use heqi_protocol::{MemberId, Roles};
use heqi_replica::{BadLink, Directory, InviteLink, PartyEntry};

use crate::wire::{
    Failure, InviteInfo, InviteProblem, InviteRow, MemberRow, MembersView, PartyRow, Role,
};

/// The reader's own party and member, where they are in the directory.
pub(super) fn me(directory: &Directory) -> Option<(&PartyEntry, &heqi_replica::MemberEntry)> {
    let me = directory.me?;
    directory.parties.iter().find_map(|party| {
        let member = party.members.iter().find(|member| member.id == me)?;
        Some((party, member))
    })
}

/// Parties and members with the reader's own party first, then as they came in.
pub(super) fn members_view(directory: &Directory, founder: Option<MemberId>) -> MembersView {
    let mine = me(directory).map(|(party, _)| party.id);
    let leads =
        |party: &PartyEntry| founder.is_some_and(|id| party.members.iter().any(|m| m.id == id));
    let row = |party: &PartyEntry| PartyRow {
        name: party.name.clone(),
        code: party.code.clone(),
        leader: leads(party),
        mine: Some(party.id) == mine,
        last_heard_ms: None,
        members: party
            .members
            .iter()
            .map(|member| MemberRow {
                name: member.name.clone(),
                roles: roles(member.roles),
                me: Some(member.id) == directory.me,
                confirmed: !member.unconfirmed,
            })
            .collect(),
    };
    let mut parties: Vec<_> = directory.parties.iter().map(row).collect();
    parties.sort_by_key(|party| !party.mine);
    MembersView {
        parties,
        invites: invites(directory),
    }
}

fn invites(directory: &Directory) -> Vec<InviteRow> {
    let party = |id| directory.parties.iter().find(|party| party.id == id);
    let rows = directory.invites.iter().flat_map(|invite| {
        let (name, code) = party(invite.party)
            .map(|party| (party.name.clone(), party.code.clone()))
            .unwrap_or_default();
        roles(invite.roles).into_iter().map(move |role| InviteRow {
            party: name.clone(),
            code: code.clone(),
            role,
        })
    });
    rows.collect()
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

fn roles(roles: Roles) -> Vec<Role> {
    let mut all = Role::ALL.to_vec();
    all.retain(|role| roles.has(charter_role(*role)));
    all
}

/// Host and port of an address, as people compare them.
fn host(url: &str) -> &str {
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
