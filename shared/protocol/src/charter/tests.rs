//! The fold, tried with whole ventures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a failed test"
)]

mod bounds;
mod decisions;
mod hostile;
mod keys;
mod kinds;
mod names;
mod properties;
mod refusals;
mod steps;

use super::{Charter, Entry, Refused};
use crate::access::{Role, Space};
use crate::fixture::{self, Link, Person};
use crate::ids::PartyId;

const MANAGER: [Role; 2] = [Role::Pmo, Role::PartnerManager];

/// Founder and manager of party 1.
fn ann() -> Person {
    Person::new(1, fixture::party(1))
}

/// Manager of party 2.
fn bob() -> Person {
    Person::new(2, fixture::party(2))
}

/// Manager of party 3.
fn cat() -> Person {
    Person::new(3, fixture::party(3))
}

/// A venture of Ann's alone, with every space.
fn alone() -> Charter {
    let relay = fixture::relay_key(&fixture::signing_key("relay", 1));
    Charter::found(&fixture::whole_genesis(&ann(), relay, 1)).unwrap()
}

/// Ann's venture with Bob's party, whose private space has its first key.
fn two() -> Charter {
    let mut charter = alone();
    admit(&mut charter, &bob());
    charter
}

/// The same with Cat's party.
fn three() -> Charter {
    let mut charter = two();
    admit(&mut charter, &cat());
    charter
}

/// Brings in a party with its first manager, who begins its private space.
fn admit(charter: &mut Charter, manager: &Person) {
    let entry = fixture::admit_party(charter, &ann(), manager.party);
    take(charter, &entry);
    join(charter, &ann(), manager, &MANAGER);
    let entry = fixture::rotate(charter, manager, &[]);
    take(charter, &entry);
}

/// Brings `person` into their party by an invite of `by`.
fn join(charter: &mut Charter, by: &Person, person: &Person, roles: &[Role]) {
    let link = Link::new(charter.position());
    invite(charter, by, &link, person.party, roles);
    let entry = fixture::accept(charter, &link, person);
    take(charter, &entry);
}

fn invite(charter: &mut Charter, by: &Person, link: &Link, party: PartyId, roles: &[Role]) {
    let entry = fixture::invite(charter, by, link, party, roles, None);
    take(charter, &entry);
}

fn take(charter: &mut Charter, entry: &Entry) {
    let kind = entry.content().body.clone();
    assert_eq!(charter.append(entry), Ok(()), "{kind:?}");
}

fn refused(charter: &Charter, entry: &Entry, reason: Refused) {
    let mut tried = charter.clone();
    assert_eq!(tried.append(entry), Err(reason));
    assert_eq!(&tried, charter, "it is left as it was");
}

fn private(person: &Person) -> Space {
    Space::Private(person.party)
}

fn holds(charter: &Charter, person: &Person, space: Space) -> bool {
    charter.held_by(person.keys().seal).contains_key(&space)
}
