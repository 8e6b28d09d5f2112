//! The sample venture gone on with: an entry of every kind, each with the keys that are due with it.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::entry::SealedKey;
use heqi_protocol::charter::{
    Action, AddDevice, Answer, Body, Complain, Confirm, Content, DeleteDocument, Due, Entry,
    Extent, Keys, MoveRelay, NewGeneration, NewKey, Offer, OfferKind, Propose, Rechain, Remove,
    Rotate, SealedName, SetAccess, SetName, SetRoles, Share, SpaceBox, TakeIn, Target, Withdraw,
};
use heqi_protocol::{
    Charter, DocumentId, Hash, InviteId, List, PartyId, RelayKey, Role, Roles, Signature, Space,
};

use super::samples::{
    boxes, by_device, by_invite, device, device_keys, fold, founder, genesis, guest, guest_member,
    history, key, key_box, name, next, point, public, seal_of, second_party,
};

/// The code of a device offer.
pub(crate) fn code() -> SigningKey {
    key(0x05)
}

/// The key of a recovery kit.
pub(crate) fn kit() -> SigningKey {
    key(0x06)
}

/// The founder's second device.
pub(crate) fn second() -> SigningKey {
    key(0x07)
}

/// Every kind of entry by name, in an order in which they fold.
pub(crate) fn whole_history() -> Vec<(&'static str, Entry)> {
    static MADE: LazyLock<Vec<(&str, Entry)>> = LazyLock::new(make);
    MADE.clone()
}

fn make() -> Vec<(&'static str, Entry)> {
    let names = ["genesis", "admit_party", "invite", "accept"];
    let mut story = Story {
        charter: fold(&history()),
        entries: names.into_iter().zip(history()).collect(),
    };
    devices(&mut story);
    decisions(&mut story);
    changes(&mut story);
    documents(&mut story);
    story.entries
}

struct Story {
    charter: Charter,
    entries: Vec<(&'static str, Entry)>,
}

impl Story {
    fn push(&mut self, name: &'static str, entry: Entry) -> Hash {
        let hash = entry.hash();
        self.charter.append(&entry).expect(name);
        self.entries.push((name, entry));
        hash
    }

    fn by(&mut self, key: &SigningKey, name: &'static str, body: Body) -> Hash {
        let content = next(&self.charter, author(key), body.clone());
        let entry = by_device(
            &self.charter,
            key,
            body.with_keys(due(&self.charter, &content)),
        );
        self.push(name, entry)
    }
}

fn author(key: &SigningKey) -> heqi_protocol::charter::Author {
    heqi_protocol::charter::Author::Device(device(key))
}

fn devices(story: &mut Story) {
    let body = Body::Offer(offer(&code(), OfferKind::Device));
    story.by(&founder(), "offer", body);
    let venture = story.charter.venture();
    let add = AddDevice {
        device: device_keys(&second()),
        proof: Signature([0; 64]),
        boxes: boxes(seal_of(&second())),
    };
    let add = add.prove(venture, InviteId(public(&code())), &second());
    let entry = by_invite(&story.charter, &code(), Body::AddDevice(add));
    story.push("add_device", entry);
    let body = Body::Offer(offer(&kit(), OfferKind::Recovery));
    story.by(&founder(), "offer_recovery", body);
    let member = genesis().member;
    story.by(&guest(), "confirm", Body::Confirm(Confirm { member }));
    let space = Space::Risk;
    let mut first = Due::default();
    // Who may read Risk is who holds the plan.
    let readers = story.charter.readers(Space::Plan);
    first.rotated.insert(space, (0, readers));
    let body = Body::Rotate(Rotate { keys: keys(&first) });
    let entry = by_device(&story.charter, &founder(), body);
    story.push("rotate", entry);
    let body = Body::Complain(Complain { space, epoch: 0 });
    story.by(&guest(), "complain", body);
}

fn decisions(story: &mut Story) {
    let agrees = true;
    for (propose, answer, action) in [
        ("propose_interests", "answer_interests", interests()),
        ("propose_access", "answer_access", Action::Access(rules())),
    ] {
        let proposal = story.by(&founder(), propose, Body::Propose(Propose { action }));
        story.by(&guest(), answer, Body::Answer(Answer { proposal, agrees }));
    }
    let proposal = story.charter.proposals().keys().next().copied();
    let body = Body::SetAccess(SetAccess {
        proposal,
        rules: rules(),
        keys: Keys::default(),
    });
    story.by(&founder(), "set_access", body);
    let action = Action::Remove(Target::Member(guest_member()));
    story.by(
        &founder(),
        "propose_remove",
        Body::Propose(Propose { action }),
    );
}

fn changes(story: &mut Story) {
    let roles = Roles::new(&[Role::PartnerManager, Role::Pmo, Role::Legal]);
    let body = Body::SetRoles(SetRoles {
        member: guest_member(),
        roles,
        keys: Keys::default(),
    });
    story.by(&guest(), "set_roles", body);
    let body = Body::Withdraw(Withdraw {
        invite: InviteId(public(&kit())),
        keys: Keys::default(),
    });
    story.by(&founder(), "withdraw", body);
    let mut seen = [[0x61; 32], [0x62; 32]].map(|document| Extent {
        document: DocumentId(document),
        point: point(17),
    });
    seen[1].point = point(18);
    let body = Body::Remove(Remove {
        target: Target::Device(device(&second())),
        proposal: None,
        seen: List::new(seen.to_vec()).unwrap(),
        keys: Keys::default(),
    });
    story.by(&founder(), "remove", body);
}

fn documents(story: &mut Story) {
    let (space, document) = (Space::Plan, DocumentId([0x61; 32]));
    let envelopes = List::new(vec![Hash([0x73; 32]), Hash([0x74; 32])]).unwrap();
    let body = Body::TakeIn(TakeIn {
        space,
        document,
        envelopes,
    });
    story.by(&founder(), "take_in", body);
    let generation = 1;
    let body = Body::NewGeneration(NewGeneration {
        space,
        document,
        generation,
    });
    story.by(&founder(), "new_generation", body);
    let body = Body::DeleteDocument(DeleteDocument { space, document });
    story.by(&founder(), "delete_document", body);
    let epoch = story.charter.spaces()[&Space::Directory].epoch;
    let url = SealedName {
        epoch,
        ..name(0xa5)
    };
    let relay = RelayKey(public(&key(0x4f)));
    let body = Body::MoveRelay(MoveRelay { relay, url });
    story.by(&founder(), "move_relay", body);
    let body = Body::Rechain(Rechain {
        space: Space::Plan,
        epoch: story.charter.spaces()[&Space::Plan].epoch,
        previous: SealedKey {
            nonce: [0x6e; 24],
            sealed: [0x73; 48],
        },
    });
    story.by(&founder(), "rechain", body);
    for (kind, target, fill) in [
        ("name_device", Target::Device(device(&founder())), 0xa6),
        ("name_member", Target::Member(guest_member()), 0xa7),
        ("name_party", Target::Party(second_party()), 0xa8),
    ] {
        let name = SealedName {
            epoch,
            ..name(fill)
        };
        let by = if fill == 0xa6 { founder() } else { guest() };
        story.by(&by, kind, Body::SetName(SetName { target, name }));
    }
}

fn offer(code: &SigningKey, kind: OfferKind) -> Offer {
    Offer {
        offer: InviteId(public(code)),
        seal: seal_of(code),
        kind,
        tag: Hash([0x7a; 32]),
        expires_ms: (kind == OfferKind::Device).then_some(1_900_000_000_000),
        boxes: boxes(seal_of(code)),
    }
}

fn interests() -> Action {
    let share = |party, basis_points| Share {
        party,
        basis_points,
    };
    let shares = vec![
        share(PartyId([0x10; 16]), 6_500),
        share(second_party(), 3_500),
    ];
    Action::Interests {
        from_day: -1,
        shares: List::new(shares).unwrap(),
    }
}

fn rules<const MAX: usize>() -> List<AccessRule, MAX> {
    let grant = Grant {
        read: Roles::new(&[Role::Pmo, Role::Legal]),
        write: Roles::new(&[Role::Pmo]),
    };
    let rules = [(None, Some(grant)), (Some(second_party()), None)];
    let rules = rules.map(|(party, grant)| AccessRule {
        space: Space::Risk,
        party,
        grant,
    });
    List::new(rules.to_vec()).unwrap()
}

/// One action of every kind.
pub(crate) fn actions() -> [Action; 4] {
    [
        interests(),
        Action::Access(rules()),
        Action::Remove(targets()[0]),
        Action::Repair(second_party()),
    ]
}

pub(crate) fn targets() -> [Target; 3] {
    [
        Target::Device(device(&guest())),
        Target::Member(guest_member()),
        Target::Party(second_party()),
    ]
}

fn due(charter: &Charter, content: &Content) -> Keys {
    keys(&charter.keys_due(content).unwrap())
}

fn keys(due: &Due) -> Keys {
    let rotated = due.rotated.iter().map(|(space, (epoch, readers))| NewKey {
        space: *space,
        epoch: *epoch,
        commitment: Hash([0xc1; 32]),
        previous: (*epoch > 0).then_some(SealedKey {
            nonce: [0xc2; 24],
            sealed: [0xc3; 48],
        }),
        boxes: List::new(readers.iter().map(|it| key_box(*it, 0xb2)).collect()).unwrap(),
    });
    let boxed = due.boxes.iter().flat_map(|(space, (epoch, readers))| {
        readers.iter().map(|it| SpaceBox {
            space: *space,
            epoch: *epoch,
            key: key_box(*it, 0xb3),
        })
    });
    Keys {
        rotated: List::new(rotated.collect()).unwrap(),
        boxes: List::new(boxed.collect()).unwrap(),
    }
}
