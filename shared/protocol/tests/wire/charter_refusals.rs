//! Each reason for which an entry does not extend a charter; the charter stays as it was.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::montgomery::MontgomeryPoint;
use heqi_protocol::charter::{
    Accept, AdmitParty, Author, Body, BoxKey, Content, DeviceKeys, Entry, Invite, Refused,
    SealedName, SpaceBox,
};
use heqi_protocol::limits::{DEVICES_MAX, PARTIES_MAX, PENDING_INVITES_MAX};
use heqi_protocol::sign::BadSignature;
use heqi_protocol::{
    Charter, Hash, InviteId, List, MemberId, PartyId, Role, Roles, Space, VentureId,
};

use super::arbitrary::Draw;
use super::samples::{
    accept, admit, boxes, by_device, by_invite, device, device_keys, fold, founder, genesis,
    genesis_entry, guest, guest_member, history, invite, invite_key, key, name, next, public,
    seal_of, second_party, space_box,
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
fn invite_is_accepted_once() {
    let charter = fold(&history());
    for (member, device) in [(guest_member(), guest()), (MemberId([0x22; 16]), key(9))] {
        let accept = accept(charter.venture(), &invite_key(), member, &device);
        let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
        refused(&charter, &entry, Refused::InviteSpent);
    }
}

#[test]
fn device_accepts_nothing_in_the_place_of_an_invite() {
    let charter = with_pending();
    let accept = accept(charter.venture(), &invite_key(), guest_member(), &guest());
    let entry = by_device(&charter, &founder(), Body::Accept(accept));
    refused(&charter, &entry, Refused::InviteSpent);
}

#[test]
fn proof_of_another_device_or_admission_is_refused() {
    let charter = with_pending();
    let (venture, id) = (charter.venture(), InviteId(public(&invite_key())));
    let (member, keys) = (guest_member(), device_keys(&guest()));
    let fit = || accept(venture, &invite_key(), member, &guest());
    let other_seal = DeviceKeys {
        seal: seal_of(&key(9)),
        ..keys
    };
    let prove = Accept::sign_proof;
    let proofs = [
        prove(venture, id, member, &keys, &founder()),
        prove(venture, id, member, &keys, &invite_key()),
        prove(VentureId([0; 32]), id, member, &keys, &guest()),
        prove(venture, InviteId([0; 32]), member, &keys, &guest()),
        prove(venture, id, MemberId([0; 16]), &keys, &guest()),
        prove(venture, id, member, &other_seal, &guest()),
    ];
    for proof in proofs {
        let body = Body::Accept(Accept { proof, ..fit() });
        refused(
            &charter,
            &by_invite(&charter, &invite_key(), body),
            Refused::DeviceProof,
        );
    }
}

#[test]
fn acceptance_with_other_boxes_than_due_is_refused() {
    let charter = with_pending();
    let fit = || accept(charter.venture(), &invite_key(), guest_member(), &guest());
    for boxes in wrong_boxes(fit().device.seal) {
        let body = Body::Accept(Accept { boxes, ..fit() });
        refused(
            &charter,
            &by_invite(&charter, &invite_key(), body),
            Refused::Boxes,
        );
    }
}

#[test]
fn device_whom_nothing_can_be_boxed_for_is_refused() {
    let charter = with_pending();
    let (venture, id) = (charter.venture(), InviteId(public(&invite_key())));
    for weak in low_order() {
        let device = DeviceKeys {
            seal: weak,
            ..device_keys(&guest())
        };
        let accept = Accept {
            device,
            proof: Accept::sign_proof(venture, id, guest_member(), &device, &guest()),
            boxes: boxes(weak),
            ..accept(venture, &invite_key(), guest_member(), &guest())
        };
        let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
        refused(&charter, &entry, Refused::WeakKey);
    }
}

#[test]
fn keys_of_low_order_are_those_that_share_no_secret() {
    let contributes = |bytes: [u8; 32]| MontgomeryPoint(bytes).mul_clamped([7; 32]).0 != [0; 32];
    for weak in low_order() {
        assert!(!contributes(weak.0) && weak.is_low_order(), "{weak:?}");
    }
    let mut draw = Draw(1);
    for _ in 0..64 {
        let bytes = draw.array();
        assert_eq!(contributes(bytes), !BoxKey(bytes).is_low_order());
    }
    // Their neighbours: one bit away from a key of low order lies a good one, but for the bit that X25519 ignores.
    for weak in low_order() {
        for bit in 0..256 {
            let mut bytes = weak.0;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(contributes(bytes), !BoxKey(bytes).is_low_order());
        }
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
    for _ in 0..PENDING_INVITES_MAX {
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
fn with_pending() -> Charter {
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
fn wrong_boxes<const MAX: usize>(seal: BoxKey) -> Vec<List<SpaceBox, MAX>> {
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

/// Every encoding of every point whose order divides eight, on the curve and on its twist.
fn low_order() -> Vec<BoxKey> {
    let mut keys: Vec<[u8; 32]> = EIGHT_TORSION
        .iter()
        .map(|point| point.to_montgomery().0)
        .collect();
    // -1 is the point of order four of the twist; p and p + 1 are 0 and 1 again.
    for last in [0xec, 0xed, 0xee] {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (last, 0x7f);
        keys.push(bytes);
    }
    let ignored = keys.clone().into_iter().map(|mut bytes| {
        bytes[31] |= 0x80;
        bytes
    });
    keys.extend(ignored);
    keys.into_iter().map(BoxKey).collect()
}

fn refused(charter: &Charter, entry: &Entry, reason: Refused) {
    let mut tried = charter.clone();
    assert_eq!(tried.append(entry), Err(reason));
    assert_eq!(&tried, charter);
}
