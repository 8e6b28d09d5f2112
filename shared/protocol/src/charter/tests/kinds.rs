//! Entries of every kind do what they say.

use super::{MANAGER, alone, ann, bob, cat, holds, invite, join, private, take, three, two};
use crate::access::{AccessRule, Grant, Role, Roles, Space};
use crate::charter::{Action, Extent, OfferKind, Share, Standing, Target};
use crate::fixture::{self, Link, Person, Stream};
use crate::ids::{DocumentId, Hash};
use crate::log::Point;

#[test]
fn founder_of_a_whole_venture_holds_every_space() {
    let charter = alone();
    assert_eq!(charter.spaces().len(), 8);
    for space in charter.spaces().keys() {
        assert!(holds(&charter, &ann(), *space), "{space:?}");
    }
}

#[test]
fn new_party_begins_its_private_space_for_itself_alone() {
    let charter = two();
    assert!(holds(&charter, &bob(), private(&bob())));
    assert!(!holds(&charter, &ann(), private(&bob())));
    assert!(!holds(&charter, &bob(), private(&ann())));
    assert!(holds(&charter, &bob(), Space::Finance));
}

#[test]
fn code_adds_a_device_once_and_a_kit_adds_devices_until_it_is_withdrawn() {
    let mut charter = alone();
    let (code, kit) = (Link::new(50), Link::new(51));
    let [second, third, fourth] = [52, 53, 54].map(|seed| ann().on_device(seed));
    let entry = fixture::offer(&charter, &ann(), &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let entry = fixture::offer(&charter, &ann(), &kit, OfferKind::Recovery, None);
    take(&mut charter, &entry);
    let entry = fixture::add_device(&charter, &code, &second);
    take(&mut charter, &entry);
    assert!(!charter.offers().contains_key(&code.id()));
    for device in [&third, &fourth] {
        let entry = fixture::add_device(&charter, &kit, device);
        take(&mut charter, &entry);
        assert!(holds(&charter, device, private(&ann())));
    }
    let entry = fixture::withdraw(&charter, &second, &kit);
    take(&mut charter, &entry);
    assert!(charter.offers().is_empty());
    assert!(charter.held_by(kit.seal()).is_empty());
    assert!(
        charter
            .spaces()
            .values()
            .all(|it| it.epoch == 1 && !it.is_due)
    );
}

#[test]
fn withdrawn_invite_opens_no_later_epoch() {
    let mut charter = two();
    let link = Link::new(50);
    invite(&mut charter, &bob(), &link, bob().party, &MANAGER);
    assert!(charter.held_by(link.seal()).contains_key(&private(&bob())));
    let entry = fixture::withdraw(&charter, &bob(), &link);
    take(&mut charter, &entry);
    assert!(charter.held_by(link.seal()).is_empty());
    assert_eq!(charter.spaces()[&Space::Plan].epoch, 1);
}

#[test]
fn role_that_is_taken_away_takes_its_space_along() {
    let mut charter = two();
    let dan = Person::new(4, bob().party);
    join(&mut charter, &bob(), &dan, &[Role::Legal]);
    let before = charter.position();
    assert!(holds(&charter, &dan, Space::Finance));
    let entry = fixture::set_roles(&charter, &bob(), dan.member, &[Role::Market]);
    take(&mut charter, &entry);
    assert!(!holds(&charter, &dan, Space::Finance));
    assert_eq!(charter.spaces()[&Space::Finance].epoch, 1);
    assert_eq!(charter.spaces()[&Space::Plan].epoch, 0);
    let wrote = |at| charter.may_write_at(dan.device(), Space::Contracts, at);
    assert!(wrote(before) && !wrote(charter.position()));
    let entry = fixture::set_roles(&charter, &bob(), dan.member, &[Role::Finance]);
    take(&mut charter, &entry);
    assert!(holds(&charter, &dan, Space::Finance));
}

#[test]
fn removal_brings_new_keys_and_tells_late_from_early() {
    let mut charter = two();
    let dan = Person::new(4, bob().party);
    join(&mut charter, &bob(), &dan, &MANAGER);
    let mut stream = Stream::new(&dan, charter.venture(), 1);
    let (early, late) = (stream.seal(b"early"), stream.seal(b"late"));
    let at = charter.position();
    let (document, chain) = (stream.document(), early.hash());
    let seen = vec![Extent {
        document,
        point: Point { seq: 1, chain },
    }];
    let target = Target::Member(dan.member);
    let entry = fixture::remove(&charter, &bob(), target, None, seen);
    take(&mut charter, &entry);
    assert!(charter.is_removed(target) && charter.held_by(dan.keys().seal).is_empty());
    let judged =
        |envelope: &crate::Envelope, seq| charter.judge(&envelope.header, envelope.hash(), seq, at);
    assert_eq!(judged(&early, 1), Standing::Fits);
    assert_eq!(judged(&late, 2), Standing::Late);
    let entry = fixture::take_in(&charter, &bob(), Space::Plan, document, &[late.hash()]);
    take(&mut charter, &entry);
    let standing = charter.judge(&late.header, late.hash(), 2, at);
    assert_eq!(standing, Standing::Fits);
}

#[test]
fn removal_makes_nothing_late_that_its_author_did_not_read() {
    let mut charter = two();
    let dan = Person::new(4, ann().party);
    join(&mut charter, &ann(), &dan, &[Role::Finance]);
    let mut stream = Stream::into_space(&dan, charter.venture(), Space::Finance, 1);
    let (written, at) = (stream.seal(b"in finance"), charter.position());
    let code = Link::new(50);
    let entry = fixture::offer(&charter, &dan, &code, OfferKind::Device, None);
    take(&mut charter, &entry);
    let second = dan.on_device(51);
    let entry = fixture::add_device(&charter, &code, &second);
    take(&mut charter, &entry);
    let entry = fixture::set_roles(&charter, &ann(), dan.member, &[Role::Viewer]);
    take(&mut charter, &entry);
    let seen = vec![Extent {
        document: stream.document(),
        point: Point {
            seq: 0,
            chain: Hash::ZERO,
        },
    }];
    let target = Target::Device(dan.device());
    let entry = fixture::remove(&charter, &second, target, None, seen);
    take(&mut charter, &entry);
    let standing = charter.judge(&written.header, written.hash(), 1, at);
    assert_eq!(standing, Standing::Fits);
}

#[test]
fn parties_decide_on_interests_access_and_removals() {
    let mut charter = three();
    let shares = [&ann(), &bob(), &cat()].map(|it| it.party);
    let mut shares: Vec<_> = shares.into_iter().zip([5_000, 3_000, 2_000]).collect();
    shares.sort();
    let shares = shares.into_iter().map(|(party, basis_points)| Share {
        party,
        basis_points,
    });
    let shares = crate::List::new(shares.collect()).unwrap();
    let grant = Some(Grant {
        read: Roles::new(&[Role::Finance]),
        write: Roles::new(&[Role::Finance]),
    });
    let rules = [AccessRule {
        space: Space::Finance,
        party: None,
        grant,
    }];
    let interests = Action::Interests {
        from_day: 20_000,
        shares,
    };
    let access = Action::Access(crate::List::new(rules.to_vec()).unwrap());
    for action in [interests, access] {
        let entry = fixture::propose(&charter, &ann(), action);
        take(&mut charter, &entry);
        for party in [bob(), cat()] {
            let answer = fixture::answer(&charter, &party, entry.hash(), true);
            take(&mut charter, &answer);
        }
        if charter.proposals().contains_key(&entry.hash()) {
            let set = fixture::set_access(&charter, &ann(), Some(entry.hash()), &rules);
            take(&mut charter, &set);
        }
    }
    assert_eq!(charter.interests().len(), 1);
    assert!(!holds(&charter, &bob(), Space::Finance));
    let target = Target::Party(cat().party);
    let entry = fixture::propose(&charter, &bob(), Action::Remove(target));
    take(&mut charter, &entry);
    let answer = fixture::answer(&charter, &ann(), entry.hash(), true);
    take(&mut charter, &answer);
    let entry = fixture::remove(&charter, &ann(), target, Some(entry.hash()), vec![]);
    take(&mut charter, &entry);
    assert!(!charter.is_active(cat().device()));
    assert!(charter.spaces()[&private(&cat())].is_due);
    assert_eq!(charter.spaces()[&Space::Plan].epoch, 1);
}

#[test]
fn complaint_is_answered_by_a_manager_with_new_keys() {
    let mut charter = two();
    let entry = fixture::complain(&charter, &bob(), Space::Risk);
    take(&mut charter, &entry);
    assert!(charter.spaces()[&Space::Risk].is_doubted);
    assert!(!holds(&charter, &bob(), Space::Risk));
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    assert!(holds(&charter, &bob(), Space::Risk));
    assert!(!charter.spaces()[&Space::Risk].is_doubted);
}

#[test]
fn documents_end_and_begin_anew_and_the_relay_moves() {
    let mut charter = alone();
    let document = DocumentId::opened_by(charter.venture(), Space::Risk, ann().device(), [1; 16]);
    let entry = fixture::new_generation(&charter, &ann(), Space::Risk, document, 1);
    take(&mut charter, &entry);
    assert_eq!(charter.generation_in(Space::Risk, document), 1);
    let stream = Stream::into_space(&ann(), charter.venture(), Space::Risk, 1);
    let mut stream = stream.opening([1; 16]);
    stream.header.generation = 1;
    let envelope = stream.seal(b"");
    let judged = |at| charter.judge(&envelope.header, envelope.hash(), 1, at);
    let begun = charter.position();
    assert_eq!(
        judged(begun - 1),
        Standing::Forbidden,
        "it has yet to begin"
    );
    assert_eq!(judged(begun), Standing::Fits);
    let entry = fixture::delete_document(&charter, &ann(), Space::Risk, document);
    take(&mut charter, &entry);
    assert!(charter.is_deleted_in(Space::Risk, document));
    let (old, new) = (
        charter.relay(),
        fixture::relay_key(&fixture::signing_key("relay", 2)),
    );
    let entry = fixture::move_relay(&charter, &ann(), new);
    take(&mut charter, &entry);
    let position = charter.position();
    assert_eq!(charter.relay(), new);
    assert_eq!(
        (charter.relay_at(position - 1), charter.relay_at(position)),
        (old, new)
    );
}

#[test]
fn member_is_at_home_once_confirmed_by_their_own_party() {
    let mut charter = alone();
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    take(&mut charter, &entry);
    let (first, second) = (Link::new(50), Link::new(51));
    let dan = Person::new(4, bob().party);
    invite(&mut charter, &ann(), &first, bob().party, &MANAGER);
    invite(&mut charter, &ann(), &second, bob().party, &[Role::Viewer]);
    for (link, person) in [(&first, &bob()), (&second, &dan)] {
        let entry = fixture::accept(&charter, link, person);
        take(&mut charter, &entry);
    }
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    assert!(!holds(&charter, &dan, private(&bob())));
    let entry = fixture::confirm(&charter, &ann(), dan.member);
    take(&mut charter, &entry);
    assert!(!charter.members()[&dan.member].at_home);
    let entry = fixture::confirm(&charter, &bob(), dan.member);
    take(&mut charter, &entry);
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    assert!(holds(&charter, &dan, private(&bob())));
}
