//! Nothing grows without end, and what is at its bound stops nobody from a removal.

use super::{alone, ann, bob, cat, join, private, refused, take, three, two};
use crate::access::{Role, Space};
use crate::charter::{Action, Charter, Refused, Standing, Target};
use crate::codec::encode;
use crate::fixture::{self, Link, Person, Stream};
use crate::limits::{
    BOXES_MAX, CHARTER_BYTES_MAX, CHARTER_ENTRIES_MAX, CHARTER_ENTRY_BYTES_MAX,
    CHARTER_RESERVE_BYTES_MAX, CHARTER_RESERVE_MAX, DEVICES_MAX, OFFERS_MAX, PARTIES_MAX,
    PENDING_INVITES_MAX, REMOVAL_DOCUMENTS_MAX, TAKE_IN_MAX, TAKEN_IN_MAX,
};
use crate::{DocumentId, Hash};

/// The charter as if it were that long.
fn as_long_as(charter: &Charter, len: usize) -> Charter {
    let mut charter = charter.clone();
    let head = charter.head();
    charter.heads.resize(len, head);
    charter
}

#[test]
fn who_fills_a_charter_keeps_nobody_from_a_removal() {
    let mut charter = three();
    let dan = Person::new(4, cat().party);
    join(&mut charter, &cat(), &dan, &[Role::Viewer]);
    let nearly = CHARTER_ENTRIES_MAX - PARTIES_MAX * CHARTER_RESERVE_MAX;
    let mut charter = as_long_as(&charter, nearly - 1);
    let full = Refused::Full("charter entries");
    let entry = fixture::confirm(&charter, &dan, ann().member);
    take(&mut charter, &entry);
    let entry = fixture::confirm(&charter, &dan, bob().member);
    refused(&charter, &entry, full.clone());
    for number in 0..CHARTER_RESERVE_MAX {
        let seed = 40 + u64::try_from(number).unwrap();
        let entry = fixture::admit_party(&charter, &cat(), fixture::party(seed));
        take(&mut charter, &entry);
    }
    let entry = fixture::admit_party(&charter, &cat(), fixture::party(70));
    refused(&charter, &entry, full);
    let target = Target::Party(cat().party);
    let proposal = fixture::propose(&charter, &ann(), Action::Remove(target));
    take(&mut charter, &proposal);
    let entry = fixture::answer(&charter, &bob(), proposal.hash(), true);
    take(&mut charter, &entry);
    let entry = fixture::remove(&charter, &ann(), target, Some(proposal.hash()), vec![]);
    take(&mut charter, &entry);
    assert!(charter.is_removed(target));
}

#[test]
fn who_fills_a_charter_with_large_entries_keeps_nobody_from_a_removal() {
    let mut charter = three();
    let dan = Person::new(4, cat().party);
    join(&mut charter, &cat(), &dan, &[Role::Viewer]);
    let full = Refused::Full("charter entries");
    charter.bytes = CHARTER_BYTES_MAX;
    let entry = fixture::confirm(&charter, &dan, bob().member);
    refused(&charter, &entry, full.clone());
    let before = charter.bytes;
    let entry = fixture::admit_party(&charter, &cat(), fixture::party(40));
    take(&mut charter, &entry);
    assert_eq!(charter.bytes, before + entry.bytes().len());
    let spent = &mut charter.state.reserve_spent;
    assert_eq!(spent[&cat().party], (0, entry.bytes().len()));
    spent.insert(cat().party, (0, CHARTER_RESERVE_BYTES_MAX));
    let entry = fixture::admit_party(&charter, &cat(), fixture::party(41));
    refused(&charter, &entry, full);
    let entry = fixture::remove(&charter, &bob(), Target::Member(bob().member), None, vec![]);
    take(&mut charter, &entry);
    const { assert!(CHARTER_RESERVE_BYTES_MAX >= CHARTER_ENTRY_BYTES_MAX) };
}

#[test]
fn charter_ends_at_its_limit() {
    let charter = as_long_as(&alone(), CHARTER_ENTRIES_MAX);
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    refused(&charter, &entry, Refused::Full("charter entries"));
}

#[test]
fn removal_has_room_for_every_key_and_document_there_can_be() {
    let mut charter = two();
    let code = Link::new(50);
    let entry = fixture::offer(
        &charter,
        &ann(),
        &code,
        crate::charter::OfferKind::Device,
        None,
    );
    take(&mut charter, &entry);
    let second = ann().on_device(51);
    let entry = fixture::add_device(&charter, &code, &second);
    take(&mut charter, &entry);
    let small = fixture::remove(
        &charter,
        &ann(),
        Target::Device(second.device()),
        None,
        vec![],
    );
    let keys = small.content().body.keys().unwrap();
    let boxes: usize = keys.rotated.iter().map(|new| new.boxes.len()).sum();
    assert_eq!(keys.rotated.len(), 8, "the shared spaces and one private");
    let each = encode(&keys.rotated[0].boxes[0]).len();
    let extent = crate::charter::Extent {
        document: DocumentId([0; 32]),
        point: crate::log::Point {
            seq: 0,
            chain: Hash::ZERO,
        },
    };
    let recipients = DEVICES_MAX + PENDING_INVITES_MAX + OFFERS_MAX;
    let whole = small.bytes().len() - boxes * each
        + keys.rotated.len() * recipients * each
        + REMOVAL_DOCUMENTS_MAX * encode(&extent).len();
    assert!(recipients <= BOXES_MAX);
    assert!(whole <= CHARTER_ENTRY_BYTES_MAX, "{whole}");
}

#[test]
fn envelopes_taken_in_are_bounded() {
    let mut charter = two();
    let document = DocumentId::root(charter.venture(), Space::Plan);
    let hashes = |from: usize| -> Vec<Hash> {
        let numbers = from..from + TAKE_IN_MAX;
        numbers
            .map(|it| crate::sign::digest("test", &[&it.to_le_bytes()]))
            .collect()
    };
    for round in 0..TAKEN_IN_MAX / TAKE_IN_MAX {
        let hashes = hashes(round * TAKE_IN_MAX);
        let entry = fixture::take_in(&charter, &ann(), Space::Plan, document, &hashes);
        take(&mut charter, &entry);
    }
    let entry = fixture::take_in(&charter, &ann(), Space::Plan, document, &[Hash([1; 32])]);
    refused(&charter, &entry, Refused::Full("envelopes taken in"));
    let entry = fixture::take_in(&charter, &bob(), Space::Plan, document, &[Hash([1; 32])]);
    take(&mut charter, &entry);
}

#[test]
fn party_that_fills_the_table_of_invites_keeps_nobody_from_inviting() {
    let mut charter = three();
    let invite = |charter: &Charter, by: &Person, seed| {
        fixture::invite(
            charter,
            by,
            &Link::new(seed),
            by.party,
            &[Role::Viewer],
            None,
        )
    };
    for number in 0..=PENDING_INVITES_MAX - PARTIES_MAX {
        let entry = invite(&charter, &ann(), 1_000 + number as u64);
        take(&mut charter, &entry);
    }
    let full = Refused::Full("pending invites");
    refused(&charter, &invite(&charter, &ann(), 999), full.clone());
    for (by, seed) in [(bob(), 501), (cat(), 502)] {
        let entry = invite(&charter, &by, seed);
        take(&mut charter, &entry);
        refused(&charter, &invite(&charter, &by, 999), full.clone());
    }
}

#[test]
fn rights_of_a_position_stay_what_they_were() {
    let mut charter = alone();
    let entry = fixture::admit_party(&charter, &ann(), bob().party);
    take(&mut charter, &entry);
    let (first, second) = (Link::new(60), Link::new(61));
    let dan = Person::new(4, bob().party);
    for (link, person, roles) in [
        (&first, bob(), Role::PartnerManager),
        (&second, dan.clone(), Role::Pmo),
    ] {
        let entry = fixture::invite(&charter, &ann(), link, person.party, &[roles], None);
        take(&mut charter, &entry);
    }
    for (link, person) in [(&first, &bob()), (&second, &dan)] {
        let entry = fixture::accept(&charter, link, person);
        take(&mut charter, &entry);
    }
    let mut stream = Stream::into_space(&bob(), charter.venture(), private(&bob()), 1);
    let (envelope, before) = (stream.seal(b"before it had keys"), charter.position());
    let judged =
        |charter: &Charter, position| charter.judge(&envelope.header, envelope.hash(), 1, position);
    assert_eq!(judged(&charter, before), Standing::Forbidden);
    let entry = fixture::rotate(&charter, &bob(), &[]);
    take(&mut charter, &entry);
    assert_eq!(judged(&charter, before), Standing::Forbidden);
    assert_eq!(judged(&charter, charter.position()), Standing::Fits);
    let unconfirmed = charter.position();
    let entry = fixture::confirm(&charter, &bob(), dan.member);
    take(&mut charter, &entry);
    let writes = |at| charter.may_write_at(dan.device(), private(&bob()), at);
    assert!(!writes(unconfirmed) && writes(charter.position()));
}
