//! People, parties, devices and the like as people name them: by name, or by the first digits of an id.

use heqi_protocol::{DeviceId, InviteId};
use heqi_replica::{
    DeviceEntry, Directory, InviteEntry, LogWords, MemberEntry, OfferEntry, PartyEntry,
    ProposalEntry,
};
use heqi_wording::{Texts, say};

use crate::space::key;

/// Digits of an id at least.
const DIGITS_MIN: usize = 4;
/// Digits that lists show.
const DIGITS_SHOWN: usize = 8;

/// Why nobody is meant by a name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFound {
    #[error("there is no {what:?} {name:?}")]
    Nothing { what: What, name: String },
    #[error("{name:?} may be any of {candidates:?}")]
    Several {
        name: String,
        candidates: Vec<String>,
    },
}

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Member,
    Party,
    Device,
    Invite,
    Proposal,
    Late,
    Document,
}

impl NotFound {
    /// What to do about it.
    pub(crate) fn say(&self, texts: &Texts) -> String {
        match self {
            Self::Nothing { what, name } => texts.say(what.message(), &[("name", name.into())]),
            Self::Several { name, candidates } => say!(
                texts,
                "cli-several",
                name = name.as_str(),
                candidates = texts.row(candidates),
            ),
        }
    }
}

impl What {
    const fn message(self) -> &'static str {
        match self {
            Self::Member => "cli-unknown-member",
            Self::Party => "cli-unknown-party",
            Self::Device => "cli-unknown-device",
            Self::Invite => "cli-unknown-invite",
            Self::Proposal => "cli-unknown-proposal",
            Self::Late => "cli-unknown-late",
            Self::Document => "cli-unknown-document",
        }
    }
}

/// The first digits of an id, as lists show it.
pub(crate) fn short(id: impl ToString) -> String {
    let mut digits = id.to_string();
    digits.truncate(DIGITS_SHOWN);
    digits
}

/// A member by name, by party and name, or by the first digits of their id. Those who were removed are found where
/// nobody else goes by the name.
pub(crate) fn member<'a>(
    directory: &'a Directory,
    text: &str,
) -> Result<(&'a PartyEntry, &'a MemberEntry), NotFound> {
    let everybody = || {
        let parties = directory.parties.iter();
        parties.flat_map(|party| party.members.iter().map(move |member| (party, member)))
    };
    let fits = |(party, member): &(&PartyEntry, &MemberEntry)| {
        let of_party = text
            .split_once([':', '：'])
            .is_some_and(|(own, name)| is_party(party, own) && same(&member.name, name));
        same(&member.name, text) || of_party || begins(member.id, text)
    };
    let active: Vec<_> = everybody()
        .filter(|(_, member)| !member.is_removed)
        .filter(fits)
        .collect();
    let found = match active.is_empty() {
        true => everybody().filter(fits).collect(),
        false => active,
    };
    one(What::Member, text, found, |(party, member)| {
        format!("{}:{} ({})", party.code, member.name, short(member.id))
    })
}

/// A party by name, code or the first digits of its id.
pub(crate) fn party<'a>(directory: &'a Directory, text: &str) -> Result<&'a PartyEntry, NotFound> {
    let fits = |party: &&PartyEntry| is_party(party, text) || begins(party.id, text);
    let mut found: Vec<_> = directory.parties.iter().filter(fits).collect();
    if found.iter().any(|party| !party.is_removed) {
        found.retain(|party| !party.is_removed);
    }
    one(What::Party, text, found, |party| {
        format!("{} ({}, {})", party.name, party.code, short(party.id))
    })
}

/// What tells a device from others: its name, or the first digits of its id.
pub(crate) fn label(device: &DeviceEntry) -> String {
    match device.name.as_str() {
        "" => short(device.id),
        name => name.to_owned(),
    }
}

/// A device by the first digits of its id, by its name, by its member where that has no other, or by member and
/// number. Those that were revoked are found where no other goes by the name.
pub(crate) fn device<'a>(
    directory: &'a Directory,
    text: &str,
) -> Result<(&'a MemberEntry, &'a DeviceEntry), NotFound> {
    let members = directory.parties.iter().flat_map(|party| &party.members);
    let devices = members.flat_map(|member| member.devices.iter().map(move |it| (member, it)));
    let fits = |device: &DeviceEntry| begins(device.id, text) || same(&device.name, text);
    let mut found: Vec<_> = devices.filter(|(_, device)| fits(device)).collect();
    if found.iter().any(|(_, device)| !device.is_removed) {
        found.retain(|(_, device)| !device.is_removed);
    }
    if found.is_empty() {
        let (name, number) = match text.rsplit_once('/') {
            Some((name, number)) => (name, number.parse::<usize>().ok()),
            None => (text, None),
        };
        let unknown = |_| nothing(What::Device, text);
        let (_, owner) = member(directory, name).map_err(unknown)?;
        found = match number {
            Some(number) => (owner.devices.iter().skip(number.wrapping_sub(1)).take(1))
                .map(|device| (owner, device))
                .collect(),
            None => (owner.devices.iter().filter(|device| !device.is_removed))
                .map(|device| (owner, device))
                .collect(),
        };
    }
    one(What::Device, text, found, |(member, device)| {
        let digits = short(device.id);
        match device.name.as_str() {
            "" => format!("{} ({digits})", member.name),
            name => format!("{} ({name}, {digits})", member.name),
        }
    })
}

/// An alarm's or anybody's device by the first digits of its id alone.
pub(crate) fn device_id(ids: &[DeviceId], text: &str) -> Result<DeviceId, NotFound> {
    let found = ids.iter().copied().filter(|id| begins(*id, text)).collect();
    one(What::Device, text, found, |id| short(*id))
}

/// A pending invite, device code or kit: by its id, or by its party.
pub(crate) fn invite(directory: &Directory, text: &str) -> Result<InviteId, NotFound> {
    let parties = &directory.parties;
    let name = |it: &InviteEntry| parties.iter().find(|party| party.id == it.party);
    let invites = directory.invites.iter().filter(|it| {
        begins(it.id, text)
            || name(it).is_some_and(|party| is_party(party, text))
            || is_link(it, text)
    });
    let offers = directory.offers.iter();
    let offers = offers.filter(|it: &&OfferEntry| begins(it.id, text));
    let found = invites.map(|it| it.id).chain(offers.map(|it| it.id));
    one(What::Invite, text, found.collect(), |id| short(*id))
}

/// A proposal by the first digits of its id.
pub(crate) fn proposal<'a>(
    directory: &'a Directory,
    text: &str,
) -> Result<&'a ProposalEntry, NotFound> {
    let proposals = directory.proposals.iter();
    let found = proposals.filter(|it| begins(it.id, text)).collect();
    one(What::Proposal, text, found, |it| short(it.id))
}

/// A document by its space, or the first digits of its id.
pub(crate) fn document<'a>(logs: &'a [LogWords], text: &str) -> Result<&'a LogWords, NotFound> {
    let fits = |log: &&LogWords| same(key(log.space), text) || begins(log.document, text);
    let found = logs.iter().filter(fits).collect();
    one(What::Document, text, found, |log| {
        format!("{} ({})", short(log.document), key(log.space))
    })
}

/// The only one of those found.
pub(crate) fn one<T>(
    what: What,
    text: &str,
    mut found: Vec<T>,
    label: impl Fn(&T) -> String,
) -> Result<T, NotFound> {
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            Err(NotFound::Several {
                name: text.to_owned(),
                candidates: found.iter().map(label).collect(),
            })
        }
        (None, _) => Err(nothing(what, text)),
    }
}

/// True where the id begins with these digits, and they are enough to mean it.
pub(crate) fn begins(id: impl ToString, text: &str) -> bool {
    let digits = text.trim().to_ascii_lowercase();
    digits.len() >= DIGITS_MIN && id.to_string().starts_with(&digits)
}

fn nothing(what: What, text: &str) -> NotFound {
    NotFound::Nothing {
        what,
        name: text.to_owned(),
    }
}

fn is_party(party: &PartyEntry, text: &str) -> bool {
    same(&party.name, text) || same(&party.code, text)
}

fn is_link(invite: &InviteEntry, text: &str) -> bool {
    invite.link.as_deref() == Some(text.trim())
}

fn same(name: &str, text: &str) -> bool {
    !name.is_empty() && name.trim().to_lowercase() == text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use heqi_protocol::{MemberId, PartyId, Roles};
    use heqi_replica::Words;

    use super::*;

    fn entry(id: u8, name: &str, is_removed: bool) -> MemberEntry {
        MemberEntry {
            id: MemberId([id; 16]),
            name: name.into(),
            roles: Roles::new(&[]),
            devices: vec![DeviceEntry {
                id: DeviceId([id; 32]),
                name: format!("{name}'s phone"),
                is_removed,
                heard_ms: None,
            }],
            unconfirmed: false,
            at_home: true,
            is_removed,
            words: Words(Vec::new()),
            has_recovery_kit: false,
        }
    }

    fn directory() -> Directory {
        let party = |id: u8, name: &str, code: &str, members| PartyEntry {
            id: PartyId([id; 16]),
            name: name.into(),
            code: code.into(),
            members,
            is_removed: false,
            has_manager: true,
            access: Vec::new(),
            heard_ms: None,
        };
        let alpha = vec![entry(0x11, "Ann", false), entry(0x12, "Li", false)];
        let beta = vec![entry(0x21, "Li", false), entry(0x22, "Ann", true)];
        Directory {
            parties: vec![party(1, "Alpha", "A", alpha), party(2, "南岸", "N", beta)],
            ..Directory::default()
        }
    }

    fn id(found: Result<(&PartyEntry, &MemberEntry), NotFound>) -> u8 {
        found.unwrap().1.id.0[0]
    }

    #[test]
    fn a_member_goes_by_name_by_party_and_by_digits() {
        let directory = directory();
        assert_eq!(id(member(&directory, "ann")), 0x11);
        assert_eq!(id(member(&directory, "南岸:Li")), 0x21);
        assert_eq!(id(member(&directory, "a:li")), 0x12);
        assert_eq!(id(member(&directory, "2121")), 0x21);
        assert_eq!(id(member(&directory, "N:Ann")), 0x22);
    }

    #[test]
    fn a_name_of_several_lists_them_and_an_unknown_one_is_told() {
        let directory = directory();
        let Err(NotFound::Several { candidates, .. }) = member(&directory, "Li") else {
            panic!("one of two was taken");
        };
        assert_eq!(candidates, ["A:Li (12121212)", "N:Li (21212121)"]);
        let nobody = member(&directory, "Eve");
        assert!(matches!(nobody, Err(NotFound::Nothing { .. })));
        assert!(member(&directory, "21").is_err(), "two digits are too few");
    }

    #[test]
    fn a_device_goes_by_digits_by_its_member_and_by_its_number() {
        let directory = directory();
        let device = |text: &str| device(&directory, text).map(|(_, device)| device.id.0[0]);
        assert_eq!(device("1111"), Ok(0x11));
        assert_eq!(device("Ann"), Ok(0x11));
        assert_eq!(device("N:Li/1"), Ok(0x21));
        assert!(device("N:Li/2").is_err());
        assert!(device("N:Ann").is_err(), "it is revoked already");
        assert_eq!(
            device("ANN's phone"),
            Ok(0x11),
            "of two of that name one is revoked"
        );
        assert!(device("Li's phone").is_err(), "two go by it");
    }
}
