//! What a hostile member, manager or host tries, and does not get.

use super::{MANAGER, alone, ann, bob, holds, invite, join, private, refused, take, two};
use crate::access::{Role, Space};
use crate::charter::{Charter, Refused, Standing, Target};
use crate::fixture::{self, Link, Person, Stream};
use crate::ids::DocumentId;

/// Somebody whom Ann has brought into Bob's party, not Bob.
fn stooge() -> Person {
    Person::new(66, bob().party)
}

/// Bob's party, into which Ann has invited Bob, and somebody else with `roles` whose link is still open.
fn with_stooge(roles: &[Role]) -> (Charter, Link) {
    let mut charter = alone();
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    take(&mut charter, &entry);
    let (first, second) = (Link::new(60), Link::new(61));
    invite(&mut charter, &ann(), &first, bob().party, &MANAGER);
    invite(&mut charter, &ann(), &second, bob().party, roles);
    let entry = fixture::accept(&charter, &first, &bob());
    take(&mut charter, &entry);
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    (charter, second)
}

#[test]
fn another_party_makes_no_second_manager_of_a_party_that_has_one() {
    let (charter, link) = with_stooge(&MANAGER);
    refused(
        &charter,
        &fixture::accept(&charter, &link, &stooge()),
        Refused::OtherParty,
    );
    let mut charter = charter;
    let entry = fixture::withdraw(&charter, &bob(), &link);
    take(&mut charter, &entry);
}

#[test]
fn who_is_not_at_home_lets_nobody_into_the_private_space() {
    let (mut charter, link) = with_stooge(&[Role::Viewer]);
    let entry = fixture::accept(&charter, &link, &stooge());
    take(&mut charter, &entry);
    // Even where their own party's manager gives them the role of one.
    let entry = fixture::set_roles(&charter, &bob(), stooge().member, &MANAGER);
    take(&mut charter, &entry);
    let (link, friend) = (Link::new(62), Person::new(67, bob().party));
    invite(&mut charter, &stooge(), &link, bob().party, &MANAGER);
    assert!(!charter.readers(private(&bob())).contains(&link.seal()));
    let entry = fixture::accept(&charter, &link, &friend);
    take(&mut charter, &entry);
    assert!(!charter.members()[&friend.member].at_home);
    let entry = fixture::confirm(&charter, &stooge(), friend.member);
    take(&mut charter, &entry);
    for person in [stooge(), friend] {
        assert!(!charter.may_read(person.device(), private(&bob())));
        assert!(
            !charter
                .readers(private(&bob()))
                .contains(&person.keys().seal)
        );
    }
}

#[test]
fn who_empties_a_party_gets_a_new_private_space_and_no_key_of_the_old() {
    let (mut charter, link) = with_stooge(&[Role::Viewer]);
    let entry = fixture::accept(&charter, &link, &stooge());
    take(&mut charter, &entry);
    let entry = fixture::set_roles(&charter, &bob(), stooge().member, &MANAGER);
    take(&mut charter, &entry);
    let target = Target::Member(bob().member);
    let entry = fixture::remove(&charter, &stooge(), target, None, vec![]);
    take(&mut charter, &entry);
    let friend = Person::new(67, bob().party);
    join(&mut charter, &stooge(), &friend, &[Role::Viewer]);
    assert!(!holds(&charter, &friend, private(&bob())));
    let due = charter.owed_by(friend.device());
    let (epoch, readers) = &due.rotated[&private(&bob())];
    assert_eq!((*epoch, readers.len()), (1, 1));
    // Nobody is left who has the key of before, so none can be chained.
    let entry = fixture::rotate(&charter, &friend, &[]);
    let crate::charter::Body::Rotate(rotate) = &entry.content().body else {
        panic!("it rotates");
    };
    assert!(rotate.keys.rotated.iter().all(|new| new.previous.is_none()));
    take(&mut charter, &entry);
}

#[test]
fn document_is_deleted_and_begun_anew_only_in_the_space_it_is_in() {
    let mut charter = two();
    let venture = charter.venture();
    // Bob writes to the plan and not to finance, and says of documents there that they were the plan's.
    let opened = DocumentId::opened_by(venture, Space::Finance, ann().device(), [1; 16]);
    for document in [opened, DocumentId::root(venture, Space::Finance)] {
        let entry = fixture::new_generation(&charter, &bob(), Space::Plan, document, 1);
        take(&mut charter, &entry);
        let entry = fixture::delete_document(&charter, &bob(), Space::Plan, document);
        take(&mut charter, &entry);
        assert!(!charter.is_deleted_in(Space::Finance, document));
        assert_eq!(charter.generation_in(Space::Finance, document), 0);
        let honest = fixture::delete_document(&charter, &bob(), Space::Finance, document);
        refused(&charter, &honest, Refused::MayNotWrite);
        let mut stream = Stream::into_space(&ann(), venture, Space::Finance, 1);
        stream.header.document = document;
        let envelope = stream.seal(b"kept");
        let standing = charter.judge(&envelope.header, envelope.hash(), 1, charter.position());
        assert_eq!(standing, Standing::Fits);
    }
}

#[test]
fn envelope_is_taken_in_only_where_the_manager_writes() {
    let mut charter = two();
    let mut stream = Stream::into_space(&bob(), charter.venture(), Space::Finance, 1);
    let (envelope, document) = (stream.seal(b"Bob reads finance"), stream.document());
    let hash = envelope.hash();
    let judged = |charter: &Charter| charter.judge(&envelope.header, hash, 1, charter.position());
    let entry = fixture::take_in(&charter, &bob(), Space::Finance, document, &[hash]);
    refused(&charter, &entry, Refused::MayNotWrite);
    let entry = fixture::take_in(&charter, &bob(), Space::Plan, document, &[hash]);
    take(&mut charter, &entry);
    assert_eq!(judged(&charter), Standing::Forbidden);
    let entry = fixture::take_in(&charter, &ann(), Space::Finance, document, &[hash]);
    take(&mut charter, &entry);
    assert_eq!(judged(&charter), Standing::Fits);
}

#[test]
fn root_of_a_space_is_not_deleted() {
    let charter = two();
    let root = DocumentId::root(charter.venture(), Space::Plan);
    let entry = fixture::delete_document(&charter, &bob(), Space::Plan, root);
    refused(&charter, &entry, Refused::Document);
}
