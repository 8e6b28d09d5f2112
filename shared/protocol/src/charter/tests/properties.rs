//! What holds of a charter whatever two parties do in it, in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::steps::{Drawn, World};
use super::{Charter, Entry, Refused, two};
use crate::access::Space;
use crate::charter::{Body, BoxKey, Keys, Target};
use crate::fixture::{self, Person};

/// A relay that takes what extends the charter, and two managers' sides that may be behind.
struct Run {
    world: World,
    relay: Charter,
    entries: Vec<Entry>,
    sides: [Charter; 2],
    kinds: BTreeSet<u8>,
}

impl Run {
    fn new() -> Self {
        let relay = two();
        Self {
            world: World::new(),
            sides: [relay.clone(), relay.clone()],
            relay,
            entries: Vec::new(),
            kinds: BTreeSet::new(),
        }
    }

    fn step(&mut self, drawn: Drawn) {
        let side = usize::from(drawn.1 / 2) % 2;
        if drawn.4 {
            self.catch_up(side);
        }
        let Some(entry) = self.world.entry(&self.sides[side], side, drawn) else {
            return;
        };
        let behind = self.sides[side].position() < self.relay.position();
        let answer = self.relay.check(&entry);
        if behind {
            let position = self.relay.position();
            assert_eq!(answer, Err(Refused::NotNext { position }));
            self.catch_up(side);
            let again = self.world.entry(&self.sides[side], side, drawn);
            again.into_iter().for_each(|entry| self.amend(&entry));
        } else {
            self.amend(&entry);
        }
    }

    fn amend(&mut self, entry: &Entry) {
        keys_due_are_taken(&self.relay, entry);
        let before = self.relay.clone();
        if self.relay.append(entry).is_err() {
            assert_eq!(self.relay, before);
            return;
        }
        self.kinds.insert(crate::encode(&entry.content().body)[0]);
        names_stay_or_are_given(&before, &self.relay, entry);
        self.entries.push(entry.clone());
        sound(&self.relay, &self.world);
    }

    fn catch_up(&mut self, side: usize) {
        let charter = &mut self.sides[side];
        let first = self
            .entries
            .iter()
            .position(|it| it.content().position == charter.position());
        for entry in first.map_or(&[][..], |first| &self.entries[first..]) {
            charter.append(entry).unwrap();
        }
    }

    fn ends_alike(mut self) -> BTreeSet<u8> {
        for side in 0..2 {
            self.catch_up(side);
            assert_eq!(self.sides[side], self.relay);
        }
        self.kinds
    }
}

/// Whatever may be done at all may be done with the keys that are said to be due.
fn keys_due_are_taken(charter: &Charter, entry: &Entry) {
    let content = entry.content();
    if content.body.keys().is_none() {
        return;
    }
    if charter.keys_due(content).is_ok() {
        assert_eq!(charter.check(entry), Ok(()), "{:?}", content.body);
        let bare = content.body.clone().with_keys(Keys::default());
        let is_bare = content.body == bare;
        let rotates = matches!(content.body, Body::Rotate(_));
        assert!(!rotates || !is_bare, "a rotation of nothing");
    }
}

/// A name changes by an entry that gives one, and no other name by it; and nothing else changes by such an entry.
fn names_stay_or_are_given(before: &Charter, after: &Charter, entry: &Entry) {
    let given = match &entry.content().body {
        Body::SetName(set) => Some(set),
        _ => None,
    };
    for (id, party) in before.parties() {
        let is_given = given.is_some_and(|set| set.target == Target::Party(*id));
        let expected = given
            .filter(|_| is_given)
            .map_or(&party.name, |set| &set.name);
        assert_eq!(&after.parties()[id].name, expected);
    }
    for (id, member) in before.members() {
        let is_given = given.is_some_and(|set| set.target == Target::Member(*id));
        let expected = given
            .filter(|_| is_given)
            .map_or(&member.name, |set| &set.name);
        assert_eq!(&after.members()[id].name, expected);
    }
    for (id, device) in before.devices() {
        let is_given = given.is_some_and(|set| set.target == Target::Device(*id));
        let name = given.filter(|_| is_given).map(|set| &set.name);
        assert_eq!(
            after.devices()[id].name.as_ref(),
            name.or(device.name.as_ref())
        );
    }
    if given.is_some() {
        assert_eq!(before.spaces(), after.spaces());
        assert_eq!(before.access(), after.access());
        assert_eq!(before.invites(), after.invites());
        assert_eq!(before.offers(), after.offers());
        assert_eq!(before.proposals(), after.proposals());
    }
}

fn sound(charter: &Charter, world: &World) {
    let active: Vec<_> = charter
        .devices()
        .values()
        .filter(|it| it.removed.is_none())
        .collect();
    let pending = charter.invites().values().map(|it| it.seal);
    let offered = charter.offers().values().map(|it| it.seal);
    let devices: BTreeSet<BoxKey> = active.iter().map(|it| it.keys.seal).collect();
    let there: BTreeSet<BoxKey> = devices
        .iter()
        .copied()
        .chain(pending)
        .chain(offered)
        .collect();
    for (space, epoch) in charter.spaces() {
        let readers = charter.readers(*space);
        assert!(
            readers.is_subset(&there),
            "{space:?} is read by whom is gone"
        );
        assert!(
            epoch.holders.is_subset(&readers),
            "{space:?} is held by whom may not read it"
        );
        let owed: BTreeSet<BoxKey> = active
            .iter()
            .flat_map(|device| owed_in(charter, device.keys.id, *space))
            .collect();
        let left_out = readers
            .iter()
            .any(|it| !epoch.holders.contains(it) && !owed.contains(it));
        // Only pending invites and offers hold it, or nobody with a device reads it.
        let is_lost = epoch.holders.is_empty();
        let is_stuck = !is_lost || readers.is_disjoint(&devices);
        let nobody_can = epoch.holders.is_disjoint(&devices) && is_stuck;
        assert!(!left_out || nobody_can, "{space:?} is kept from a reader");
        if let Space::Private(party) = space {
            for device in active.iter().filter(|it| readers.contains(&it.keys.seal)) {
                let member = &charter.members()[&device.member];
                assert!(member.party == *party && member.at_home);
            }
        }
    }
    for person in &world.people {
        if charter
            .devices()
            .get(&person.device())
            .is_some_and(|it| it.removed.is_some())
        {
            shut_out(charter, person);
        }
    }
}

fn owed_in(charter: &Charter, device: crate::DeviceId, space: Space) -> BTreeSet<BoxKey> {
    let owed = charter.owed_by(device);
    let keys = owed.rotated.get(&space).or_else(|| owed.boxes.get(&space));
    keys.map(|(_, recipients)| recipients.clone())
        .unwrap_or_default()
}

/// A removed device reads, writes and signs nothing.
fn shut_out(charter: &Charter, person: &Person) {
    let device = person.device();
    assert!(charter.held_by(person.keys().seal).is_empty());
    assert!(charter.owed_by(device).is_empty());
    for space in charter.spaces().keys() {
        assert!(!charter.may_read(device, *space));
        assert!(!charter.may_write_at(device, *space, charter.position()));
    }
    let entry = fixture::confirm(charter, person, super::ann().member);
    assert_eq!(charter.check(&entry), Err(Refused::UnknownAuthor));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_managers_make_one_sound_charter_in_any_order(
        steps in prop::collection::vec(any::<Drawn>(), 1..48),
    ) {
        let mut run = Run::new();
        steps.into_iter().for_each(|drawn| run.step(drawn));
        run.ends_alike();
    }
}

#[test]
fn steps_of_every_kind_are_taken() {
    let mut kinds = BTreeSet::new();
    for seed in 0..16_u64 {
        let mut run = Run::new();
        for number in 0..48_u64 {
            let drawn =
                crate::sign::digest("test", &[&seed.to_le_bytes(), &number.to_le_bytes()]).0;
            run.step((drawn[0], drawn[1], drawn[2], drawn[3], drawn[4] > 99));
        }
        kinds.extend(run.ends_alike());
    }
    // All but founding, admitting parties and moving, which change nobody's access.
    let expected: BTreeSet<u8> = (2..18).chain([20]).collect();
    assert_eq!(kinds, expected);
}
