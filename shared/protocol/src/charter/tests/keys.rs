//! Keys come with the change that makes them due, for exactly those who may read.

use super::{MANAGER, alone, ann, bob, holds, invite, join, private, refused, take, two};
use crate::access::{Role, Space};
use crate::charter::{
    Author, Body, BoxKey, Charter, Entry, Keys, NewKey, OfferKind, Refused, Remove, Rotate,
    SetRoles, SpaceBox, Standing, Target, Withdraw,
};
use crate::fixture::{self, Link, Person, Stream};
use crate::{Hash, List};

fn dan() -> Person {
    Person::new(4, bob().party)
}

/// Bob's party with Dan, who holds what `roles` read.
fn with_dan(roles: &[Role]) -> Charter {
    let mut charter = two();
    join(&mut charter, &bob(), &dan(), roles);
    charter
}

fn by(charter: &Charter, person: &Person, body: Body) -> Entry {
    fixture::signed(charter, Author::Device(person.device()), body, &person.key)
}

fn keys_of(entry: &Entry) -> Keys {
    entry.content().body.keys().unwrap().clone()
}

/// The same entry with its first new key changed.
fn with_first(
    charter: &Charter,
    person: &Person,
    entry: &Entry,
    change: impl Fn(&mut NewKey),
) -> Entry {
    let keys = keys_of(entry);
    let mut rotated = keys.rotated.into_vec();
    change(&mut rotated[0]);
    let rotated = List::new(rotated).unwrap();
    let body = entry.content().body.clone();
    by(charter, person, body.with_keys(Keys { rotated, ..keys }))
}

#[test]
fn removal_with_other_keys_than_due_is_refused() {
    let charter = with_dan(&MANAGER);
    let target = Target::Member(dan().member);
    let fit = fixture::remove(&charter, &bob(), target, None, vec![]);
    let body = || fit.content().body.clone();
    let without = by(&charter, &bob(), body().with_keys(Keys::default()));
    refused(&charter, &without, Refused::Boxes);
    let (all, first) = (keys_of(&fit), keys_of(&fit).rotated[0].clone());
    let rotated = |rotated: Vec<NewKey>| Keys {
        rotated: List::new(rotated).unwrap(),
        boxes: all.boxes.clone(),
    };
    let too_few = rotated(all.rotated[1..].to_vec());
    let twice = rotated([all.rotated.to_vec(), vec![first.clone()]].concat());
    for keys in [too_few, twice] {
        let entry = by(&charter, &bob(), body().with_keys(keys));
        refused(&charter, &entry, Refused::Boxes);
    }
    let changes: [fn(&mut NewKey); 6] = [
        |new| new.epoch = 2,
        |new| new.epoch = 0,
        |new| new.previous = None,
        |new| new.boxes = List::new(new.boxes[1..].to_vec()).unwrap(),
        |new| {
            new.boxes =
                List::new([new.boxes.to_vec(), vec![new.boxes[0].clone()]].concat()).unwrap()
        },
        |new| {
            let mut boxes = new.boxes.to_vec();
            boxes[0].recipient = dan().keys().seal;
            new.boxes = List::new(boxes).unwrap();
        },
    ];
    for change in changes {
        refused(
            &charter,
            &with_first(&charter, &bob(), &fit, change),
            Refused::Boxes,
        );
    }
    let mut charter = charter;
    take(&mut charter, &fit);
}

#[test]
fn removed_device_is_in_no_later_key() {
    let mut charter = with_dan(&MANAGER);
    let target = Target::Device(dan().device());
    let entry = fixture::remove(&charter, &bob(), target, None, vec![]);
    take(&mut charter, &entry);
    let entry = fixture::rotate(&charter, &ann(), &[Space::Plan]);
    let seal = dan().keys().seal;
    let boxed = |entry: &Entry| {
        let keys = keys_of(entry);
        let of = |new: &NewKey| new.boxes.iter().any(|it| it.recipient == seal);
        keys.rotated.iter().any(of) || keys.boxes.iter().any(|it| it.key.recipient == seal)
    };
    assert!(!boxed(&entry));
    let fit = entry.content().body.clone();
    let smuggled = with_first(&charter, &ann(), &entry, |new| {
        let mut boxes = new.boxes.to_vec();
        boxes.push(crate::charter::KeyBox {
            recipient: dan().keys().seal,
            ..boxes[0].clone()
        });
        new.boxes = List::new(boxes).unwrap();
    });
    assert!(boxed(&smuggled));
    refused(&charter, &smuggled, Refused::Boxes);
    let entry = by(&charter, &ann(), fit);
    take(&mut charter, &entry);
}

#[test]
fn removed_device_neither_signs_entries_nor_writes() {
    let mut charter = with_dan(&MANAGER);
    let entry = fixture::remove(&charter, &bob(), Target::Member(dan().member), None, vec![]);
    take(&mut charter, &entry);
    for entry in [
        fixture::admit_party(&charter, &dan(), fixture::party(9)),
        fixture::offer(&charter, &dan(), &Link::new(50), OfferKind::Recovery, None),
        fixture::rotate(&charter, &dan(), &[Space::Plan]),
        fixture::complain(&charter, &dan(), Space::Plan),
    ] {
        refused(&charter, &entry, Refused::UnknownAuthor);
    }
    let position = charter.position();
    let envelope = Stream::new(&dan(), charter.venture(), 1).seal(b"after");
    assert!(!charter.may_write_at(dan().device(), Space::Plan, position));
    let standing = charter.judge(&envelope.header, envelope.hash(), 9, position);
    assert_ne!(standing, Standing::Fits);
    // Nor at a position of before, which a colluding relay may claim.
    let standing = charter.judge(&envelope.header, envelope.hash(), 9, position - 1);
    assert_eq!(standing, Standing::Late);
}

#[test]
fn who_leaves_cannot_rotate_and_nothing_is_written_until_another_does() {
    let mut charter = with_dan(&[Role::Viewer]);
    let entry = fixture::remove(&charter, &dan(), Target::Member(dan().member), None, vec![]);
    assert!(keys_of(&entry).rotated.is_empty());
    take(&mut charter, &entry);
    let due = |charter: &Charter| charter.spaces()[&Space::Plan].is_due;
    assert!(due(&charter));
    // Any holder may, even who came meanwhile and is no manager.
    let eve = Person::new(5, bob().party);
    join(&mut charter, &bob(), &eve, &[Role::Viewer]);
    let entry = fixture::rotate(&charter, &eve, &[]);
    take(&mut charter, &entry);
    assert!(!due(&charter) && holds(&charter, &eve, Space::Plan));
    assert!(charter.held_by(dan().keys().seal).is_empty());
}

#[test]
fn only_managers_rotate_what_is_not_due() {
    let charter = with_dan(&[Role::Pmo]);
    let entry = fixture::rotate(&charter, &dan(), &[Space::Plan]);
    refused(&charter, &entry, Refused::NotManager);
    let entry = by(
        &charter,
        &bob(),
        Body::Rotate(Rotate {
            keys: Keys::default(),
        }),
    );
    refused(&charter, &entry, Refused::Nothing);
    let mut charter = charter;
    let entry = fixture::rotate(&charter, &bob(), &[Space::Plan]);
    take(&mut charter, &entry);
    assert_eq!(charter.spaces()[&Space::Plan].epoch, 1);
}

#[test]
fn other_entries_bring_no_keys_but_those_due() {
    let mut charter = with_dan(&[Role::Pmo]);
    let code = Link::new(50);
    let entry = fixture::offer(&charter, &dan(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    // Dan may not rotate the plan for its own sake, so he does not do it along with something else.
    let demote = Body::SetRoles(SetRoles {
        member: dan().member,
        roles: crate::Roles::new(&[Role::Legal, Role::Pmo]),
        keys: keys_of(&fixture::rotate(&charter, &bob(), &[Space::Plan])),
    });
    refused(&charter, &by(&charter, &bob(), demote), Refused::Boxes);
    let fit = fixture::withdraw(&charter, &dan(), &code);
    let rotated = keys_of(&fit).rotated;
    assert!(
        rotated.iter().any(|new| new.space == Space::Plan),
        "the code opened it"
    );
    take(&mut charter, &fit);
}

#[test]
fn no_space_begins_along_with_something_else() {
    let relay = fixture::relay_key(&fixture::signing_key("relay", 1));
    let mut charter = Charter::found(&fixture::genesis(&ann(), relay, 1)).unwrap();
    let code = Link::new(50);
    let entry = fixture::offer(&charter, &ann(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let fit = fixture::withdraw(&charter, &ann(), &code);
    let first = keys_of(&fixture::rotate(&charter, &ann(), &[Space::Risk]));
    let first = first
        .rotated
        .iter()
        .find(|new| new.space == Space::Risk)
        .unwrap()
        .clone();
    // For exactly those who read it once the code is withdrawn: there is nothing else to refuse.
    let mut first = first;
    let mut boxes = first.boxes.into_vec();
    boxes.retain(|it| it.recipient != code.seal());
    first.boxes = List::new(boxes).unwrap();
    let keys = keys_of(&fit);
    let rotated = List::new([keys.rotated.to_vec(), vec![first]].concat()).unwrap();
    let body = Body::Withdraw(Withdraw {
        invite: code.id(),
        keys: Keys { rotated, ..keys },
    });
    refused(&charter, &by(&charter, &ann(), body), Refused::Boxes);
    let entry = fixture::rotate(&charter, &ann(), &[Space::Risk]);
    take(&mut charter, &entry);
    assert_eq!(charter.spaces()[&Space::Risk].epoch, 0);
}

#[test]
fn nobody_begins_the_private_space_of_another_party() {
    let mut charter = alone();
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    take(&mut charter, &entry);
    let home = private(&bob());
    let readers = [ann().keys().seal];
    let new = NewKey {
        space: home,
        epoch: 0,
        commitment: Hash([1; 32]),
        previous: None,
        boxes: List::new(
            readers
                .map(|recipient| crate::charter::KeyBox {
                    recipient,
                    encapped: [1; 32],
                    sealed: [2; 48],
                })
                .to_vec(),
        )
        .unwrap(),
    };
    let keys = Keys {
        rotated: List::new(vec![new]).unwrap(),
        boxes: List::default(),
    };
    let entry = by(&charter, &ann(), Body::Rotate(Rotate { keys }));
    refused(&charter, &entry, Refused::NotManager);
}

#[test]
fn complainer_who_is_no_manager_breaks_no_chain_of_keys() {
    let mut charter = with_dan(&[Role::Viewer]);
    let eve = Person::new(5, bob().party);
    join(&mut charter, &bob(), &eve, &[Role::Viewer]);
    let entry = fixture::complain(&charter, &dan(), Space::Plan);
    take(&mut charter, &entry);
    let entry = fixture::remove(&charter, &eve, Target::Member(eve.member), None, vec![]);
    take(&mut charter, &entry);
    assert!(charter.spaces()[&Space::Plan].is_due);
    let entry = fixture::rotate(&charter, &dan(), &[Space::Plan]);
    refused(&charter, &entry, Refused::NotManager);
    // Nor along with the withdrawal of a code of his own.
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    let code = Link::new(50);
    let entry = fixture::offer(&charter, &dan(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let entry = fixture::complain(&charter, &dan(), Space::Plan);
    take(&mut charter, &entry);
    let body = Body::Withdraw(Withdraw {
        invite: code.id(),
        keys: Keys::default(),
    });
    let mut due = charter
        .keys_due(&fixture::content(
            &charter,
            Author::Device(dan().device()),
            body.clone(),
        ))
        .unwrap();
    assert!(!due.rotated.contains_key(&Space::Plan));
    let mut readers = charter.readers(Space::Plan);
    readers.remove(&code.seal());
    let next = charter.spaces()[&Space::Plan].epoch + 1;
    due.rotated.insert(Space::Plan, (next, readers));
    let body = body.with_keys(fixture::keys(&charter, &due));
    refused(&charter, &by(&charter, &dan(), body), Refused::Boxes);
}

#[test]
fn complaints_are_of_ones_own_key_and_bounded() {
    let mut charter = with_dan(&[Role::Market]);
    for entry in [
        fixture::complain(&charter, &dan(), Space::Finance),
        by(
            &charter,
            &dan(),
            Body::Complain(crate::charter::Complain {
                space: Space::Plan,
                epoch: 7,
            }),
        ),
    ] {
        refused(&charter, &entry, Refused::Nothing);
    }
    let nowhere = fixture::complain(&charter, &dan(), Space::Private(fixture::party(9)));
    refused(&charter, &nowhere, Refused::Boxes);
    for _ in 0..crate::limits::COMPLAINTS_MAX {
        let entry = fixture::complain(&charter, &dan(), Space::Plan);
        take(&mut charter, &entry);
        assert!(
            !charter.spaces()[&Space::Plan].is_due,
            "others go on writing"
        );
        let entry = fixture::rotate(&charter, &bob(), &[]);
        take(&mut charter, &entry);
    }
    let entry = fixture::complain(&charter, &dan(), Space::Plan);
    refused(&charter, &entry, Refused::Full("complaints"));
}

#[test]
fn boxes_for_others_than_those_who_lack_the_key_are_refused() {
    let mut charter = two();
    let entry = fixture::complain(&charter, &bob(), Space::Risk);
    take(&mut charter, &entry);
    let rotate = |charter: &Charter, keys| by(charter, &ann(), Body::Rotate(Rotate { keys }));
    let given = |recipient: BoxKey, epoch| SpaceBox {
        space: Space::Risk,
        epoch,
        key: crate::charter::KeyBox {
            recipient,
            encapped: [1; 32],
            sealed: [2; 48],
        },
    };
    let fit = given(bob().keys().seal, 0);
    for boxes in [
        vec![given(ann().keys().seal, 0)],
        vec![given(dan().keys().seal, 0)],
        vec![given(bob().keys().seal, 1)],
        vec![fit.clone(), fit.clone()],
    ] {
        let keys = Keys {
            rotated: List::default(),
            boxes: List::new(boxes).unwrap(),
        };
        refused(&charter, &rotate(&charter, keys), Refused::Boxes);
    }
    let keys = Keys {
        rotated: List::default(),
        boxes: List::new(vec![fit]).unwrap(),
    };
    let entry = rotate(&charter, keys);
    take(&mut charter, &entry);
    assert!(holds(&charter, &bob(), Space::Risk));
}

#[test]
fn invites_and_codes_of_a_removed_device_let_nobody_in() {
    let mut charter = two();
    let (link, code, kit) = (Link::new(50), Link::new(51), Link::new(52));
    let stolen = bob().on_device(53);
    let entry = fixture::offer(&charter, &bob(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let entry = fixture::add_device(&charter, &code, &stolen);
    take(&mut charter, &entry);
    let code = Link::new(54);
    invite(&mut charter, &stolen, &link, bob().party, &MANAGER);
    for (offer, kind) in [(&code, OfferKind::Device), (&kit, OfferKind::Recovery)] {
        let entry = fixture::offer(&charter, &stolen, offer, kind, None);
        take(&mut charter, &entry);
    }
    let entry = fixture::remove(
        &charter,
        &bob(),
        Target::Device(stolen.device()),
        None,
        vec![],
    );
    take(&mut charter, &entry);
    refused(
        &charter,
        &fixture::accept(&charter, &link, &dan()),
        Refused::InviteSpent,
    );
    let back = bob().on_device(55);
    refused(
        &charter,
        &fixture::add_device(&charter, &code, &back),
        Refused::InviteSpent,
    );
    // A kit outlives the device that made it, which may be the one that was lost; it says which one that was.
    assert_eq!(charter.offers()[&kit.id()].device, stolen.device());
    let entry = fixture::withdraw(&charter, &bob(), &kit);
    take(&mut charter, &entry);
    refused(
        &charter,
        &fixture::add_device(&charter, &kit, &back),
        Refused::InviteSpent,
    );
}

#[test]
fn invites_of_a_manager_who_is_none_any_more_let_nobody_in() {
    let mut charter = with_dan(&MANAGER);
    let link = Link::new(50);
    invite(&mut charter, &dan(), &link, bob().party, &MANAGER);
    let entry = fixture::set_roles(&charter, &bob(), dan().member, &[Role::Viewer]);
    take(&mut charter, &entry);
    assert!(charter.held_by(link.seal()).is_empty());
    let back = Person::new(5, bob().party);
    refused(
        &charter,
        &fixture::accept(&charter, &link, &back),
        Refused::InviteSpent,
    );
}

#[test]
fn removal_of_nobody_is_refused() {
    let charter = with_dan(&[Role::Viewer]);
    let remove = |by, target| fixture::remove(&charter, &by, target, None, vec![]);
    let nobody = Person::new(9, fixture::party(9));
    for (entry, reason) in [
        (
            remove(bob(), Target::Device(nobody.device())),
            Refused::UnknownDevice,
        ),
        (
            remove(bob(), Target::Member(nobody.member)),
            Refused::UnknownMember,
        ),
        (
            remove(bob(), Target::Member(ann().member)),
            Refused::OtherParty,
        ),
        (
            remove(bob(), Target::Party(ann().party)),
            Refused::OtherParty,
        ),
        (
            remove(dan(), Target::Member(bob().member)),
            Refused::NotManager,
        ),
        (
            remove(dan(), Target::Party(bob().party)),
            Refused::NotManager,
        ),
    ] {
        refused(&charter, &entry, reason);
    }
    let point = crate::log::Point {
        seq: 1,
        chain: Hash::ZERO,
    };
    let extent = |fill| crate::charter::Extent {
        document: crate::DocumentId([fill; 32]),
        point,
    };
    for seen in [vec![extent(2), extent(1)], vec![extent(1), extent(1)]] {
        let body = Body::Remove(Remove {
            target: Target::Member(dan().member),
            proposal: None,
            seen: List::new(seen).unwrap(),
            keys: Keys::default(),
        });
        refused(&charter, &by(&charter, &bob(), body), Refused::Document);
    }
}

#[test]
fn older_keys_are_sealed_again_by_a_holder_of_the_newest_a_bounded_number_of_times() {
    let mut charter = with_dan(&[Role::Market]);
    let rechain = |charter: &Charter, who: &Person, space, epoch| {
        let previous = crate::charter::SealedKey {
            nonce: [1; 24],
            sealed: [2; 48],
        };
        let body = Body::Rechain(crate::charter::Rechain {
            space,
            epoch,
            previous,
        });
        by(charter, who, body)
    };
    let first = rechain(&charter, &dan(), Space::Plan, 0);
    refused(&charter, &first, Refused::Nothing);
    let entry = fixture::rotate(&charter, &bob(), &[Space::Plan, Space::Finance]);
    take(&mut charter, &entry);
    for (space, epoch) in [(Space::Finance, 1), (Space::Plan, 0), (Space::Plan, 2)] {
        let entry = rechain(&charter, &dan(), space, epoch);
        refused(&charter, &entry, Refused::Nothing);
    }
    let nowhere = rechain(&charter, &dan(), Space::Private(fixture::party(9)), 1);
    refused(&charter, &nowhere, Refused::Boxes);
    for round in [1, 2] {
        for _ in 0..crate::limits::RECHAINS_MAX {
            let entry = rechain(&charter, &dan(), Space::Plan, round);
            take(&mut charter, &entry);
        }
        let entry = rechain(&charter, &dan(), Space::Plan, round);
        refused(&charter, &entry, Refused::Full("older keys sealed again"));
        let entry = fixture::rotate(&charter, &bob(), &[Space::Plan]);
        take(&mut charter, &entry);
    }
}
