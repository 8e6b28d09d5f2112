//! Each reason for which an entry about devices, roles, documents and relays is refused.

use super::{MANAGER, ann, bob, holds, invite, join, refused, take, two};
use crate::access::{AccessRule, Grant, Role, Roles, Space};
use crate::charter::{
    Action, AddDevice, Author, Body, BoxKey, Charter, DeviceKeys, Entry, MoveRelay, Offer,
    OfferKind, Refused, SealedName, SpaceBox, Target,
};
use crate::fixture::{self, Link, Person};
use crate::limits::OFFERS_MAX;
use crate::{DocumentId, Hash, List};

fn dan() -> Person {
    Person::new(4, bob().party)
}

fn nobody() -> Person {
    Person::new(9, fixture::party(9))
}

/// Bob's party with Dan, who plans and manages nothing, and an open code of Bob's.
fn scene() -> (Charter, Link) {
    let mut charter = two();
    join(&mut charter, &bob(), &dan(), &[Role::Pmo]);
    let code = Link::new(50);
    let entry = fixture::offer(&charter, &bob(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    (charter, code)
}

fn by(charter: &Charter, person: &Person, body: Body) -> Entry {
    fixture::signed(charter, Author::Device(person.device()), body, &person.key)
}

fn wrong_boxes<const MAX: usize>(fit: &[SpaceBox]) -> Vec<List<SpaceBox, MAX>> {
    let other = |change: fn(&mut SpaceBox)| {
        let mut boxes = fit.to_vec();
        change(&mut boxes[0]);
        boxes
    };
    let lists = [
        vec![],
        fit[1..].to_vec(),
        [fit, &fit[..1]].concat(),
        other(|it| it.epoch += 1),
        other(|it| it.space = Space::Private(nobody().party)),
        other(|it| it.key.recipient = nobody().keys().seal),
    ];
    lists
        .into_iter()
        .map(|boxes| List::new(boxes).unwrap())
        .collect()
}

#[test]
fn offer_that_does_not_fit_is_refused() {
    let (charter, code) = scene();
    let entry = fixture::offer(&charter, &dan(), &Link::new(51), OfferKind::Recovery, None);
    let Body::Offer(fit) = entry.content().body.clone() else {
        panic!("it offers");
    };
    let with = |change: fn(&mut Offer)| {
        let mut offer = fit.clone();
        change(&mut offer);
        by(&charter, &dan(), Body::Offer(offer))
    };
    for entry in [
        fixture::offer(&charter, &dan(), &code, OfferKind::Device, None),
        with(|it| it.seal = bob().keys().seal),
        with(|it| it.offer = crate::InviteId(bob().device().0)),
    ] {
        refused(&charter, &entry, Refused::Taken);
    }
    refused(
        &charter,
        &with(|it| it.seal = BoxKey([0; 32])),
        Refused::WeakKey,
    );
    for boxes in wrong_boxes(&fit.boxes) {
        let body = Body::Offer(Offer {
            boxes,
            ..fit.clone()
        });
        refused(&charter, &by(&charter, &dan(), body), Refused::Boxes);
    }
    let entry = fixture::offer(&charter, &nobody(), &Link::new(51), OfferKind::Device, None);
    refused(&charter, &entry, Refused::UnknownAuthor);
}

#[test]
fn full_venture_takes_no_more_offers() {
    let relay = fixture::relay_key(&fixture::signing_key("relay", 1));
    let mut charter = Charter::found(&fixture::genesis(&ann(), relay, 1)).unwrap();
    let eve = Person::new(5, ann().party);
    join(&mut charter, &ann(), &eve, &[Role::Viewer]);
    let offer = |charter: &Charter, seed| {
        let code = Link::new(10_000 + seed);
        fixture::offer(charter, &eve, &code, OfferKind::Recovery, None)
    };
    for seed in 0..OFFERS_MAX as u64 {
        let entry = offer(&charter, seed);
        take(&mut charter, &entry);
    }
    refused(&charter, &offer(&charter, 9_999), Refused::Full("offers"));
    // What fills it keeps nobody from removing who did.
    let target = Target::Member(eve.member);
    let entry = fixture::remove(&charter, &ann(), target, None, vec![]);
    take(&mut charter, &entry);
    assert!(charter.offers().is_empty());
}

#[test]
fn device_that_does_not_fit_is_not_added() {
    let (charter, code) = scene();
    let device = bob().on_device(60);
    let entry = fixture::add_device(&charter, &code, &device);
    let Body::AddDevice(fit) = entry.content().body.clone() else {
        panic!("it adds");
    };
    let sign = |add: AddDevice| {
        let author = Author::Invite(code.id());
        fixture::signed(&charter, author, Body::AddDevice(add), &code.key)
    };
    let proven = |add: AddDevice| sign(add.prove(charter.venture(), code.id(), &device.key));
    let keys = |id, seal| DeviceKeys { id, seal };
    let taken = [
        keys(dan().device(), device.keys().seal),
        keys(device.device(), dan().keys().seal),
    ];
    for keys in taken {
        let add = AddDevice {
            device: keys,
            ..fit.clone()
        };
        refused(&charter, &proven(add), Refused::Taken);
    }
    let weak = AddDevice {
        device: keys(device.device(), BoxKey([0; 32])),
        ..fit.clone()
    };
    refused(&charter, &proven(weak), Refused::WeakKey);
    for boxes in wrong_boxes(&fit.boxes) {
        let add = AddDevice {
            boxes,
            ..fit.clone()
        };
        refused(&charter, &proven(add.clone()), Refused::Boxes);
        // Nor with the proof of what the device has signed.
        refused(&charter, &sign(add), Refused::DeviceProof);
    }
    let other = code_of(&charter, &fit, &dan());
    refused(&charter, &other, Refused::InviteSpent);
    let by_device = by(&charter, &bob(), Body::AddDevice(fit));
    refused(&charter, &by_device, Refused::InviteSpent);
    let mut charter = charter;
    take(&mut charter, &entry);
    let again = fixture::add_device(&charter, &code, &bob().on_device(61));
    refused(&charter, &again, Refused::InviteSpent);
}

/// The same addition, signed with the key of something that is no offer.
fn code_of(charter: &Charter, add: &AddDevice, person: &Person) -> Entry {
    let author = Author::Invite(crate::InviteId(person.device().0));
    fixture::signed(charter, author, Body::AddDevice(add.clone()), &person.key)
}

#[test]
fn offers_and_invites_are_not_used_for_each_other() {
    let (mut charter, code) = scene();
    let link = Link::new(51);
    invite(&mut charter, &bob(), &link, bob().party, &[Role::Viewer]);
    let added = fixture::add_device(&charter, &link, &bob().on_device(60));
    refused(&charter, &added, Refused::InviteSpent);
    let accepted = fixture::accept(&charter, &code, &Person::new(5, bob().party));
    refused(&charter, &accepted, Refused::InviteSpent);
}

#[test]
fn invites_and_offers_are_withdrawn_by_whom_they_concern() {
    let (mut charter, code) = scene();
    let link = Link::new(51);
    invite(&mut charter, &bob(), &link, bob().party, &[Role::Viewer]);
    for (person, what) in [
        (ann(), &link),
        (dan(), &link),
        (ann(), &code),
        (dan(), &code),
    ] {
        let entry = fixture::withdraw(&charter, &person, what);
        refused(&charter, &entry, Refused::OtherParty);
    }
    let entry = fixture::withdraw(&charter, &bob(), &Link::new(52));
    refused(&charter, &entry, Refused::InviteSpent);
    let kit = Link::new(53);
    let entry = fixture::offer(&charter, &dan(), &kit, OfferKind::Recovery, None);
    take(&mut charter, &entry);
    let entry = fixture::withdraw(&charter, &bob(), &kit);
    take(&mut charter, &entry);
    let entry = fixture::withdraw(&charter, &bob(), &kit);
    refused(&charter, &entry, Refused::InviteSpent);
}

#[test]
fn roles_that_cannot_be_set_are_refused() {
    let (charter, _) = scene();
    let set = |person: Person, member, roles: &[Role]| {
        fixture::set_roles(&charter, &person, member, roles)
    };
    for (entry, reason) in [
        (set(dan(), dan().member, &MANAGER), Refused::NotManager),
        (
            set(bob(), nobody().member, &MANAGER),
            Refused::UnknownMember,
        ),
        (
            set(bob(), ann().member, &[Role::Viewer]),
            Refused::OtherParty,
        ),
        (set(bob(), dan().member, &[]), Refused::NoRole),
        (set(bob(), dan().member, &[Role::Pmo]), Refused::Nothing),
    ] {
        refused(&charter, &entry, reason);
    }
    let fit = set(bob(), dan().member, &[Role::Market]);
    let bare = fit
        .content()
        .body
        .clone()
        .with_keys(crate::charter::Keys::default());
    refused(&charter, &by(&charter, &bob(), bare), Refused::Boxes);
}

#[test]
fn confirmation_is_of_another_member_and_once() {
    let (mut charter, _) = scene();
    for (entry, reason) in [
        (
            fixture::confirm(&charter, &bob(), bob().member),
            Refused::Nothing,
        ),
        (
            fixture::confirm(&charter, &bob(), nobody().member),
            Refused::UnknownMember,
        ),
    ] {
        refused(&charter, &entry, reason);
    }
    let entry = fixture::confirm(&charter, &bob(), dan().member);
    take(&mut charter, &entry);
    let entry = fixture::confirm(&charter, &bob(), dan().member);
    refused(&charter, &entry, Refused::Nothing);
}

#[test]
fn only_managers_decide_and_tend_documents_and_relays() {
    let (charter, _) = scene();
    let remove = Action::Remove(Target::Member(ann().member));
    let document = DocumentId([1; 32]);
    let (plan, relay) = (Space::Plan, charter.relay());
    for entry in [
        fixture::propose(&charter, &dan(), remove.clone()),
        fixture::answer(&charter, &dan(), Hash([1; 32]), true),
        fixture::set_access(&charter, &dan(), None, &[]),
        fixture::take_in(&charter, &dan(), plan, document, &[Hash([1; 32])]),
        fixture::delete_document(&charter, &dan(), plan, document),
        fixture::new_generation(&charter, &dan(), plan, document, 1),
        fixture::move_relay(&charter, &dan(), relay),
    ] {
        refused(&charter, &entry, Refused::NotManager);
    }
    // Nor does the holder of a code, who is nobody yet.
    let (charter, code) = scene();
    for body in [
        fixture::propose(&charter, &dan(), remove)
            .content()
            .body
            .clone(),
        fixture::withdraw(&charter, &bob(), &code)
            .content()
            .body
            .clone(),
        fixture::rotate(&charter, &bob(), &[plan])
            .content()
            .body
            .clone(),
        fixture::confirm(&charter, &bob(), dan().member)
            .content()
            .body
            .clone(),
    ] {
        let entry = fixture::signed(&charter, Author::Invite(code.id()), body, &code.key);
        refused(&charter, &entry, Refused::NotManager);
    }
}

#[test]
fn documents_are_tended_by_who_writes_there() {
    let (mut charter, _) = scene();
    let document = DocumentId([1; 32]);
    let finance = Space::Finance;
    for entry in [
        fixture::take_in(&charter, &bob(), finance, document, &[Hash([1; 32])]),
        fixture::delete_document(&charter, &bob(), finance, document),
        fixture::new_generation(&charter, &bob(), finance, document, 1),
        fixture::delete_document(&charter, &bob(), Space::Private(ann().party), document),
    ] {
        refused(&charter, &entry, Refused::MayNotWrite);
    }
    let plan = Space::Plan;
    let entry = fixture::take_in(&charter, &bob(), plan, document, &[]);
    refused(&charter, &entry, Refused::Nothing);
    for generation in [0, 2, u32::MAX] {
        let entry = fixture::new_generation(&charter, &bob(), plan, document, generation);
        refused(&charter, &entry, Refused::Document);
    }
    let entry = fixture::delete_document(&charter, &bob(), plan, document);
    take(&mut charter, &entry);
    for entry in [
        fixture::delete_document(&charter, &bob(), plan, document),
        fixture::new_generation(&charter, &bob(), plan, document, 1),
        fixture::take_in(&charter, &bob(), plan, document, &[Hash([1; 32])]),
    ] {
        refused(&charter, &entry, Refused::Document);
    }
}

#[test]
fn address_of_a_relay_is_sealed_under_the_newest_key() {
    let (charter, _) = scene();
    let url = SealedName {
        epoch: 1,
        ..fixture::name(&charter)
    };
    let relay = charter.relay();
    let body = Body::MoveRelay(MoveRelay { relay, url });
    refused(&charter, &by(&charter, &bob(), body), Refused::NameEpoch);
}

#[test]
fn proposals_about_nobody_are_refused() {
    let (charter, _) = scene();
    let nobody = nobody();
    for (action, reason) in [
        (
            Action::Remove(Target::Device(nobody.device())),
            Refused::UnknownDevice,
        ),
        (
            Action::Remove(Target::Member(nobody.member)),
            Refused::UnknownMember,
        ),
        (
            Action::Remove(Target::Party(nobody.party)),
            Refused::UnknownParty,
        ),
        (Action::Repair(nobody.party), Refused::UnknownParty),
        (
            Action::Remove(Target::Member(dan().member)),
            Refused::BadProposal,
        ),
    ] {
        let entry = fixture::propose(&charter, &bob(), action);
        refused(&charter, &entry, reason);
    }
}

#[test]
fn manager_who_lacks_a_key_that_nobody_doubts_does_not_replace_it() {
    let (mut charter, _) = scene();
    let finance = Roles::new(&[Role::Finance]);
    let rule = AccessRule {
        space: Space::Finance,
        party: Some(bob().party),
        grant: Some(Grant {
            read: finance,
            write: finance,
        }),
    };
    let entry = fixture::set_access(&charter, &bob(), None, &[rule]);
    take(&mut charter, &entry);
    let entry = fixture::rotate(&charter, &ann(), &[]);
    take(&mut charter, &entry);
    // Bob, who reads it no more, cannot give Dan the key along with the role.
    let roles = [Role::Finance, Role::PartnerManager];
    let entry = fixture::set_roles(&charter, &bob(), dan().member, &roles);
    take(&mut charter, &entry);
    assert!(charter.may_read(dan().device(), Space::Finance));
    let entry = fixture::rotate(&charter, &dan(), &[Space::Finance]);
    refused(&charter, &entry, Refused::Boxes);
    let entry = fixture::rotate(&charter, &ann(), &[]);
    take(&mut charter, &entry);
    assert!(holds(&charter, &dan(), Space::Finance));
}

#[test]
fn who_does_not_read_a_space_does_not_rotate_it_even_where_its_key_is_lost() {
    let (mut charter, _) = scene();
    let nobody = Roles::new(&[]);
    let rule = |person: &Person| AccessRule {
        space: Space::Finance,
        party: Some(person.party),
        grant: Some(Grant {
            read: nobody,
            write: nobody,
        }),
    };
    for person in [ann(), bob()] {
        let entry = fixture::set_access(&charter, &person, None, &[rule(&person)]);
        take(&mut charter, &entry);
    }
    assert!(charter.readers(Space::Finance).is_empty());
    let entry = fixture::rotate(&charter, &ann(), &[Space::Finance]);
    refused(&charter, &entry, Refused::NotManager);
}
