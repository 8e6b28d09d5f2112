//! The charter as people read it: one line an entry, in the order the relay took them.

use std::collections::BTreeSet;

use heqi_protocol::access::AccessRule;
use heqi_protocol::charter::{Action, Author, Body, Charter, Entry, OfferKind, SealedName, Target};
use heqi_protocol::frame::CharterRecord;
use heqi_protocol::log::Incarnation;
use heqi_protocol::{
    DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, Roles, Space, encode,
};

/// One entry of the charter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Number of entries before it.
    pub position: u64,
    pub hash: Hash,
    pub author: Option<MemberId>,
    pub device: Option<DeviceId>,
    /// The relay's life in which it was acknowledged.
    pub incarnation: Incarnation,
    pub event: Event,
    /// Spaces that got new keys by it.
    pub rotated: BTreeSet<Space>,
}

/// What an entry did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Founded {
        party: PartyId,
        member: MemberId,
    },
    PartyAdmitted(PartyId),
    Invited {
        party: PartyId,
        roles: Roles,
    },
    Joined {
        member: MemberId,
        party: PartyId,
    },
    Offered(OfferKind),
    DeviceAdded {
        device: DeviceId,
        member: MemberId,
    },
    Withdrawn(InviteId),
    RolesSet {
        member: MemberId,
        roles: Roles,
    },
    Removed(Target),
    KeysGiven,
    Complained(Space),
    Confirmed(MemberId),
    /// Something was put to the parties.
    Proposed(Action),
    Answered {
        proposal: Hash,
        agrees: bool,
    },
    AccessSet(Vec<AccessRule>),
    TakenIn {
        document: DocumentId,
        envelopes: u64,
    },
    DocumentDeleted(DocumentId),
    GenerationBegun {
        document: DocumentId,
        generation: u32,
    },
    RelayMoved(RelayKey),
    /// With the name of before, and the one that was given, where they can be opened.
    Named {
        target: Target,
        before: Option<String>,
        name: Option<String>,
    },
}

/// The history of a charter, from its records; entries that this build cannot read are left out.
pub(crate) fn history(
    charter: &Charter,
    records: &[CharterRecord],
    open: impl Fn(&SealedName) -> Option<String>,
) -> Vec<HistoryEntry> {
    let entries = records.iter().filter_map(|record| {
        let entry = Entry::decode(&record.entry).ok()?;
        Some((entry, record.ack.incarnation))
    });
    let mut lines = Vec::new();
    let mut invited = std::collections::BTreeMap::new();
    // What everything is called so far, by the bytes of what it is.
    let mut names = std::collections::BTreeMap::new();
    for (entry, incarnation) in entries {
        if let Body::Invite(invite) = &entry.content().body {
            invited.insert(invite.invite, invite.party);
        }
        let mut line = line(charter, &invited, &entry, incarnation);
        for (target, sealed) in given_by(&entry.content().body) {
            let given = open(sealed);
            let before = names.insert(encode(&target), given.clone());
            if let Event::Named {
                before: was, name, ..
            } = &mut line.event
            {
                *was = before.flatten();
                *name = given;
            }
        }
        lines.push(line);
    }
    lines
}

/// The names that an entry gives.
fn given_by(body: &Body) -> Vec<(Target, &SealedName)> {
    match body {
        Body::Genesis(genesis) => vec![
            (Target::Party(genesis.party), &genesis.party_name),
            (Target::Member(genesis.member), &genesis.member_name),
        ],
        Body::AdmitParty(admit) => vec![(Target::Party(admit.party), &admit.name)],
        Body::Accept(accept) => vec![(Target::Member(accept.member), &accept.name)],
        Body::SetName(set) => vec![(set.target, &set.name)],
        _ => Vec::new(),
    }
}

fn line(
    charter: &Charter,
    invited: &std::collections::BTreeMap<InviteId, PartyId>,
    entry: &Entry,
    incarnation: Incarnation,
) -> HistoryEntry {
    let content = entry.content();
    let device = match content.author {
        Author::Device(device) => Some(device),
        Author::Invite(_) => None,
    };
    let event = event(charter, invited, &content.author, &content.body);
    let author = match &event {
        Event::Joined { member, .. } | Event::DeviceAdded { member, .. } => Some(*member),
        _ => device
            .and_then(|device| charter.member_of(device))
            .map(|(id, _)| id),
    };
    let keys = content.body.keys();
    let rotated = keys.into_iter().flat_map(|keys| keys.rotated.iter());
    HistoryEntry {
        position: content.position,
        hash: entry.hash(),
        author,
        device,
        incarnation,
        event,
        rotated: rotated.map(|new| new.space).collect(),
    }
}

fn event(
    charter: &Charter,
    invited: &std::collections::BTreeMap<InviteId, PartyId>,
    author: &Author,
    body: &Body,
) -> Event {
    match body {
        Body::Genesis(genesis) => Event::Founded {
            party: genesis.party,
            member: genesis.member,
        },
        Body::AdmitParty(admit) => Event::PartyAdmitted(admit.party),
        Body::Invite(invite) => Event::Invited {
            party: invite.party,
            roles: invite.roles,
        },
        Body::Accept(accept) => {
            let party = match author {
                Author::Invite(invite) => invited.get(invite).copied(),
                Author::Device(_) => None,
            };
            let member = charter.members().get(&accept.member);
            let party = party.or(member.map(|member| member.party));
            Event::Joined {
                member: accept.member,
                party: party.unwrap_or(PartyId([0; 16])),
            }
        }
        Body::Offer(offer) => Event::Offered(offer.kind),
        Body::AddDevice(add) => {
            let member = charter.member_of(add.device.id).map(|(id, _)| id);
            Event::DeviceAdded {
                device: add.device.id,
                member: member.unwrap_or(MemberId([0; 16])),
            }
        }
        Body::Withdraw(withdraw) => Event::Withdrawn(withdraw.invite),
        Body::SetRoles(set) => Event::RolesSet {
            member: set.member,
            roles: set.roles,
        },
        Body::Remove(remove) => Event::Removed(remove.target),
        Body::Rotate(_) | Body::Rechain(_) => Event::KeysGiven,
        Body::Complain(complain) => Event::Complained(complain.space),
        Body::Confirm(confirm) => Event::Confirmed(confirm.member),
        Body::Propose(propose) => Event::Proposed(propose.action.clone()),
        Body::Answer(answer) => Event::Answered {
            proposal: answer.proposal,
            agrees: answer.agrees,
        },
        Body::SetAccess(set) => Event::AccessSet(set.rules.to_vec()),
        Body::TakeIn(take) => Event::TakenIn {
            document: take.document,
            envelopes: take.envelopes.len() as u64,
        },
        Body::DeleteDocument(delete) => Event::DocumentDeleted(delete.document),
        Body::NewGeneration(new) => Event::GenerationBegun {
            document: new.document,
            generation: new.generation,
        },
        Body::MoveRelay(moved) => Event::RelayMoved(moved.relay),
        Body::SetName(set) => Event::Named {
            target: set.target,
            before: None,
            name: None,
        },
    }
}
