//! Each reason for which an entry does not extend a charter; the charter stays as it was.

use heqi_protocol::charter::{
    Accept, AdmitParty, Author, Body, BoxKey, Content, Entry, Invite, Refused, SealedName, SpaceBox,
};
use heqi_protocol::limits::{DEVICES_MAX, PARTIES_MAX, PENDING_INVITES_MAX};
use heqi_protocol::sign::BadSignature;
use heqi_protocol::{
    Charter, Hash, InviteId, List, MemberId, PartyId, Role, Roles, Space, VentureId,
};

use super::arbitrary::Draw;
use super::samples::{
    accept, admit, boxes, by_device, by_invite, device, fold, founder, genesis, genesis_entry,
    guest, guest_member, history, invite, invite_key, key, name, next, public, seal_of,
    second_party, space_box,
};

#[test]
fn tampered_signature_is_refused() {
    let entries = history();
    let mut bytes = entries[1].bytes().to_vec();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    let tampered = Entry::decode(&bytes).unwrap();
    refused(
        &fold(&entries[..1]),
        &tampered,
        Refused::Signature(BadSignature),
    );
}

#[test]
fn entry_signed_by_another_member_is_refused() {
    let charter = fold(&history());
    let content = next(
        &charter,
        Author::Device(device(&founder())),
        admit(PartyId([9; 16])),
    );
    let entry = Entry::sign(&content, &guest()).unwrap();
    refused(&charter, &entry, Refused::Signature(BadSignature));
}

#[test]
fn wrong_place_is_refused() {
    let charter = fold(&history());
    let base = || {
        next(
            &charter,
            Author::Device(device(&founder())),
            admit(PartyId([9; 16])),
        )
    };
    for (content, reason) in [
        (
            Content {
                position: 3,
                ..base()
            },
            Refused::NotNext { position: 4 },
        ),
        (
            Content {
                position: 5,
                ..base()
            },
            Refused::NotNext { position: 4 },
        ),
        (
            Content {
                prev: Hash([1; 32]),
                ..base()
            },
            Refused::NotNext { position: 4 },
        ),
        (
            Content {
                venture: VentureId([1; 32]),
                ..base()
            },
            Refused::OtherVenture,
        ),
    ] {
        let entry = Entry::sign(&content, &founder()).unwrap();
        refused(&charter, &entry, reason);
    }
}

#[test]
fn replayed_entry_is_refused() {
    let entries = history();
    let charter = fold(&entries);
    refused(&charter, &entries[0], Refused::GenesisMisplaced);
    for entry in &entries[1..] {
        refused(&charter, entry, Refused::NotNext { position: 4 });
    }
}

#[test]
fn second_genesis_is_refused() {
    let charter = fold(&history());
    let entry = by_device(&charter, &founder(), Body::Genesis(genesis()));
    refused(&charter, &entry, Refused::GenesisMisplaced);
}

#[test]
fn unknown_author_is_refused() {
    let charter = fold(&history());
    let entry = by_device(&charter, &key(9), admit(PartyId([9; 16])));
    refused(&charter, &entry, Refused::UnknownAuthor);
    let entry = by_invite(&charter, &key(9), admit(PartyId([9; 16])));
    refused(&charter, &entry, Refused::InviteSpent);
}

#[test]
fn only_managers_admit_and_invite() {
    let charter = with_viewer();
    let entry = by_device(&charter, &viewer(), admit(PartyId([9; 16])));
    refused(&charter, &entry, Refused::NotManager);
    let body = Body::Invite(invite(&key(9), second_party(), &[Role::Viewer]));
    let entry = by_device(&charter, &viewer(), body.clone());
    refused(&charter, &entry, Refused::NotManager);
    let pending = with_pending();
    for body in [body, admit(PartyId([9; 16]))] {
        let entry = by_invite(&pending, &invite_key(), body);
        refused(&pending, &entry, Refused::NotManager);
    }
}

#[test]
fn party_with_a_manager_invites_its_own_people() {
    let charter = fold(&history());
    let body = Body::Invite(invite(&key(9), second_party(), &[Role::Viewer]));
    refused(
        &charter,
        &by_device(&charter, &founder(), body.clone()),
        Refused::OtherParty,
    );
    charter
        .clone()
        .append(&by_device(&charter, &guest(), body))
        .unwrap();
}

#[test]
fn invite_that_does_not_fit_is_refused() {
    let charter = fold(&history()[..2]);
    let fit = || invite(&invite_key(), second_party(), &[Role::Pmo]);
    let weak = BoxKey([0; 32]);
    for (invite, reason) in [
        (
            Invite {
                party: PartyId([9; 16]),
                ..fit()
            },
            Refused::UnknownParty,
        ),
        (
            Invite {
                roles: Roles::new(&[]),
                ..fit()
            },
            Refused::NoRole,
        ),
        (
            Invite {
                seal: weak,
                boxes: boxes(weak),
                ..fit()
            },
            Refused::WeakKey,
        ),
    ] {
        let entry = by_device(&charter, &founder(), Body::Invite(invite));
        refused(&charter, &entry, reason);
    }
    for boxes in wrong_boxes(fit().seal) {
        let invite = Invite { boxes, ..fit() };
        let entry = by_device(&charter, &founder(), Body::Invite(invite));
        refused(&charter, &entry, Refused::Boxes);
    }
    let entry = by_device(&charter, &founder(), Body::Invite(fit()));
    charter.clone().append(&entry).unwrap();
}

#[test]
fn taken_ids_are_refused() {
    let charter = fold(&history());
    let entry = by_device(&charter, &founder(), admit(second_party()));
    refused(&charter, &entry, Refused::Taken);
    let spent = Body::Invite(invite(&invite_key(), second_party(), &[Role::Pmo]));
    refused(
        &charter,
        &by_device(&charter, &guest(), spent.clone()),
        Refused::Taken,
    );
    let pending = with_pending();
    refused(
        &pending,
        &by_device(&pending, &founder(), spent),
        Refused::Taken,
    );
    for (member, device) in [(genesis().member, guest()), (guest_member(), founder())] {
        let accept = accept(pending.venture(), &invite_key(), member, &device);
        let entry = by_invite(&pending, &invite_key(), Body::Accept(accept));
        refused(&pending, &entry, Refused::Taken);
    }
}

#[test]
fn name_under_another_epoch_than_the_newest_is_refused() {
    let later = || SealedName {
        epoch: 1,
        ..name(0)
    };
    let charter = with_pending();
    let party = PartyId([9; 16]);
    let body = Body::AdmitParty(AdmitParty {
        party,
        name: later(),
    });
    refused(
        &charter,
        &by_device(&charter, &founder(), body),
        Refused::NameEpoch,
    );
    let accept = Accept {
        name: later(),
        ..accept(charter.venture(), &invite_key(), guest_member(), &guest())
    };
    let id = InviteId(public(&invite_key()));
    let accept = accept.prove(charter.venture(), id, &guest());
    let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
    refused(&charter, &entry, Refused::NameEpoch);
}

#[test]
fn full_venture_takes_no_more_parties() {
    let mut charter = fold(&[genesis_entry()]);
    for number in 1..u8::try_from(PARTIES_MAX).unwrap() {
        let entry = by_device(&charter, &founder(), admit(PartyId([number + 0x40; 16])));
        charter.append(&entry).unwrap();
    }
    let entry = by_device(&charter, &founder(), admit(PartyId([0; 16])));
    refused(&charter, &entry, Refused::Full("parties"));
}

#[test]
fn full_venture_takes_no_more_invites_and_devices() {
    let mut charter = fold(&[genesis_entry()]);
    let mut numbers = Draw(3);
    let mut fresh = || ed25519_dalek::SigningKey::from_bytes(&numbers.array());
    let body = |key: &_| Body::Invite(invite(key, genesis().party, &[Role::Viewer]));
    let mut links = Vec::new();
    // The first, and those that nobody else's first is kept for.
    for _ in 0..=PENDING_INVITES_MAX - PARTIES_MAX {
        let link = fresh();
        charter
            .append(&by_device(&charter, &founder(), body(&link)))
            .unwrap();
        links.push(link);
    }
    refused(
        &charter,
        &by_device(&charter, &founder(), body(&fresh())),
        Refused::Full("pending invites"),
    );
    for number in 1..DEVICES_MAX {
        let link = links.pop().unwrap_or_else(&mut fresh);
        if !charter.invites().contains_key(&InviteId(public(&link))) {
            charter
                .append(&by_device(&charter, &founder(), body(&link)))
                .unwrap();
        }
        charter
            .append(&by_invite(
                &charter,
                &link,
                joins(&charter, &link, number, &fresh()),
            ))
            .unwrap();
    }
    let link = fresh();
    charter
        .append(&by_device(&charter, &founder(), body(&link)))
        .unwrap();
    let entry = by_invite(&charter, &link, joins(&charter, &link, 0, &fresh()));
    refused(&charter, &entry, Refused::Full("devices"));
}

fn joins(
    charter: &Charter,
    link: &ed25519_dalek::SigningKey,
    number: usize,
    device: &ed25519_dalek::SigningKey,
) -> Body {
    let mut member = [0x33; 16];
    member[..2].copy_from_slice(&u16::try_from(number).unwrap().to_le_bytes());
    Body::Accept(accept(charter.venture(), link, MemberId(member), device))
}

fn viewer() -> ed25519_dalek::SigningKey {
    key(0x42)
}

/// The sample venture with an invite that nobody has accepted.
pub(crate) fn with_pending() -> Charter {
    fold(&history()[..3])
}

/// The sample venture with a member who is no manager.
fn with_viewer() -> Charter {
    let mut charter = fold(&history());
    let link = key(0x41);
    let body = Body::Invite(invite(&link, second_party(), &[Role::Viewer]));
    charter
        .append(&by_device(&charter, &guest(), body))
        .unwrap();
    let accept = accept(charter.venture(), &link, MemberId([0x42; 16]), &viewer());
    charter
        .append(&by_invite(&charter, &link, Body::Accept(accept)))
        .unwrap();
    charter
}

/// Boxes that are missing, twice, too many, for another key, of another epoch or space.
pub(crate) fn wrong_boxes<const MAX: usize>(seal: BoxKey) -> Vec<List<SpaceBox, MAX>> {
    let one = |space| space_box(space, seal);
    let (directory, plan) = (one(Space::Directory), one(Space::Plan));
    let late = SpaceBox {
        epoch: 1,
        ..plan.clone()
    };
    let foreign = space_box(Space::Plan, seal_of(&key(9)));
    let both = vec![directory.clone(), plan.clone()];
    let with = |more: SpaceBox| [both.clone(), vec![more]].concat();
    [
        vec![],
        vec![directory.clone()],
        vec![plan.clone()],
        vec![plan.clone(), plan.clone()],
        with(plan),
        with(one(Space::Risk)),
        with(foreign.clone()),
        with(late.clone()),
        vec![directory.clone(), late],
        vec![directory.clone(), foreign],
        vec![directory, one(Space::Risk)],
    ]
    .into_iter()
    .map(|boxes| List::new(boxes).unwrap())
    .collect()
}

pub(crate) fn refused(charter: &Charter, entry: &Entry, reason: Refused) {
    let mut tried = charter.clone();
    assert_eq!(tried.append(entry), Err(reason));
    assert_eq!(&tried, charter);
}
