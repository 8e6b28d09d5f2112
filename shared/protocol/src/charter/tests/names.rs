//! Names of devices, members and parties: who gives them, and each reason for which one is refused.

use super::{MANAGER, alone, ann, bob, join, refused, take, two};
use crate::access::Role;
use crate::charter::{Author, Body, Charter, OfferKind, Refused, SealedName, SetName, Target};
use crate::codec::Bytes;
use crate::fixture::{self, Link, Person};
use crate::limits::NAMES_MAX;

fn dan() -> Person {
    Person::new(4, bob().party)
}

fn nobody() -> Person {
    Person::new(9, fixture::party(9))
}

/// Bob's party with Dan, who manages nothing and has two devices.
fn scene() -> (Charter, Person) {
    let mut charter = two();
    join(&mut charter, &bob(), &dan(), &[Role::Viewer]);
    let (code, second) = (Link::new(50), dan().on_device(51));
    let entry = fixture::offer(&charter, &dan(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let entry = fixture::add_device(&charter, &code, &second);
    take(&mut charter, &entry);
    (charter, second)
}

fn give(charter: &mut Charter, by: &Person, target: Target, fill: u8) -> SealedName {
    let name = SealedName {
        sealed: Bytes::new(vec![fill; 40]).unwrap(),
        ..fixture::name(charter)
    };
    let body = Body::SetName(SetName {
        target,
        name: name.clone(),
    });
    take(charter, &fixture::amend(charter, by, body));
    name
}

#[test]
fn a_name_takes_the_place_of_the_one_before() {
    let (mut charter, second) = scene();
    assert_eq!(charter.devices()[&second.device()].name, None);
    for (by, fill) in [(&second, 1), (&dan(), 2)] {
        let name = give(&mut charter, by, Target::Device(second.device()), fill);
        assert_eq!(charter.devices()[&second.device()].name, Some(name));
    }
    for (by, fill) in [(&second, 3), (&bob(), 4)] {
        let name = give(&mut charter, by, Target::Member(dan().member), fill);
        assert_eq!(charter.members()[&dan().member].name, name);
    }
    let name = give(&mut charter, &bob(), Target::Party(bob().party), 5);
    assert_eq!(charter.parties()[&bob().party].name, name);
}

#[test]
fn names_are_given_by_whom_they_concern() {
    let (charter, second) = scene();
    let device = Target::Device(second.device());
    let (member, party) = (Target::Member(dan().member), Target::Party(bob().party));
    for (by, target, reason) in [
        // Not even by their manager: devices are told apart by who has them at hand.
        (bob(), device, Refused::OtherMember),
        (ann(), device, Refused::OtherMember),
        (ann(), member, Refused::OtherParty),
        (dan(), Target::Member(bob().member), Refused::NotManager),
        (dan(), party, Refused::NotManager),
        (ann(), party, Refused::OtherParty),
    ] {
        refused(&charter, &fixture::set_name(&charter, &by, target), reason);
    }
    // Nor by the holder of a code, who is nobody yet.
    let mut charter = charter;
    let code = Link::new(52);
    let entry = fixture::offer(&charter, &dan(), &code, OfferKind::Recovery, None);
    take(&mut charter, &entry);
    for target in [device, member] {
        let body = fixture::set_name(&charter, &dan(), target)
            .content()
            .body
            .clone();
        let entry = fixture::signed(&charter, Author::Invite(code.id()), body, &code.key);
        refused(&charter, &entry, Refused::NotManager);
    }
}

#[test]
fn party_that_never_had_members_is_named_by_any_manager() {
    let mut charter = alone();
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    take(&mut charter, &entry);
    let target = Target::Party(bob().party);
    let name = give(&mut charter, &ann(), target, 1);
    assert_eq!(charter.parties()[&bob().party].name, name);
    join(&mut charter, &ann(), &bob(), &MANAGER);
    refused(
        &charter,
        &fixture::set_name(&charter, &ann(), target),
        Refused::OtherParty,
    );
}

#[test]
fn what_is_not_there_is_not_named() {
    let (mut charter, second) = scene();
    let nobody = nobody();
    for (target, reason) in [
        (Target::Device(nobody.device()), Refused::UnknownDevice),
        (Target::Member(nobody.member), Refused::UnknownMember),
        (Target::Party(nobody.party), Refused::UnknownParty),
    ] {
        refused(
            &charter,
            &fixture::set_name(&charter, &bob(), target),
            reason,
        );
    }
    let entry = fixture::set_name(&charter, &nobody, Target::Member(nobody.member));
    refused(&charter, &entry, Refused::UnknownAuthor);
    let device = Target::Device(second.device());
    let entry = fixture::remove(&charter, &dan(), device, None, vec![]);
    take(&mut charter, &entry);
    let entry = fixture::set_name(&charter, &dan(), device);
    refused(&charter, &entry, Refused::UnknownDevice);
    let member = Target::Member(dan().member);
    let entry = fixture::remove(&charter, &bob(), member, None, vec![]);
    take(&mut charter, &entry);
    let entry = fixture::set_name(&charter, &bob(), member);
    refused(&charter, &entry, Refused::UnknownMember);
}

#[test]
fn a_name_is_sealed_under_the_newest_key() {
    let (mut charter, second) = scene();
    let old = fixture::set_name(&charter, &dan(), Target::Device(dan().device()));
    let device = Target::Device(second.device());
    let entry = fixture::remove(&charter, &dan(), device, None, vec![]);
    take(&mut charter, &entry);
    let body = old.content().body.clone();
    refused(
        &charter,
        &fixture::amend(&charter, &dan(), body),
        Refused::NameEpoch,
    );
}

#[test]
fn a_device_gives_a_bounded_number_of_names() {
    let mut charter = alone();
    let target = Target::Member(ann().member);
    for _ in 0..NAMES_MAX {
        let entry = fixture::set_name(&charter, &ann(), target);
        take(&mut charter, &entry);
    }
    let entry = fixture::set_name(&charter, &ann(), target);
    refused(&charter, &entry, Refused::Full("names"));
    // Who has given too many keeps nobody else from it.
    let (code, second) = (Link::new(50), ann().on_device(51));
    let entry = fixture::offer(&charter, &ann(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let entry = fixture::add_device(&charter, &code, &second);
    take(&mut charter, &entry);
    let entry = fixture::set_name(&charter, &second, target);
    take(&mut charter, &entry);
}
