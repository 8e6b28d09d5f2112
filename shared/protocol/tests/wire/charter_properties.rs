//! The charter as a whole: linear under any interleaving, and the same for everybody who folds it.

use ed25519_dalek::SigningKey;
use heqi_protocol::charter::{Author, Body, Entry, Refused};
use heqi_protocol::{Charter, DeviceId, InviteId, MemberId, PartyId, Role, Space};
use proptest::prelude::*;

use super::arbitrary::Draw;
use super::samples::{
    accept, admit, by_device, by_invite, device, fold, founder, guest, guest_member, history,
    invite, invite_key, key, next, public, second_party,
};
use super::whole::{kit, whole_history};

/// The relay's side: takes an entry only where it extends the charter.
struct Relay {
    log: Vec<Vec<u8>>,
    charter: Charter,
}

/// A manager with a fold of their own, which may be behind.
struct Manager {
    key: SigningKey,
    charter: Charter,
}

impl Relay {
    fn amend(&mut self, entry: &Entry) -> Result<(), Refused> {
        self.charter.append(entry)?;
        self.log.push(entry.bytes().to_vec());
        Ok(())
    }
}

impl Manager {
    fn catch_up(&mut self, relay: &Relay) {
        for bytes in &relay.log[usize::try_from(self.charter.position()).unwrap()..] {
            self.charter.append(&Entry::decode(bytes).unwrap()).unwrap();
        }
    }

    /// Signs on top of what the author knows; where that is behind, looks again and signs again.
    fn amend(&mut self, relay: &mut Relay, body: &Body) {
        let behind = self.charter.position() < relay.charter.position();
        let refused = relay.amend(&by_device(&self.charter, &self.key, body.clone()));
        let position = relay.charter.position();
        assert_eq!(refused.is_err(), behind);
        if behind {
            assert_eq!(refused, Err(Refused::NotNext { position }));
            self.catch_up(relay);
            relay
                .amend(&by_device(&self.charter, &self.key, body.clone()))
                .unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn managers_who_interleave_make_one_linear_charter(
        steps in prop::collection::vec((0..2_usize, any::<bool>(), any::<bool>()), 1..24),
    ) {
        let entries = history();
        let charter = fold(&entries);
        let log = entries.iter().map(|entry| entry.bytes().to_vec()).collect();
        let mut relay = Relay { log, charter: charter.clone() };
        let mut authors = [founder(), guest()].map(|key| Manager { key, charter: charter.clone() });
        for (number, (who, party, looks_first)) in steps.iter().enumerate() {
            let author = &mut authors[*who];
            if *looks_first {
                author.catch_up(&relay);
            }
            author.amend(&mut relay, &intent(number, *who, *party));
        }
        linear(&relay.log);
        prop_assert_eq!(relay.log.len(), entries.len() + steps.len());
        let read: Vec<Entry> = relay.log.iter().map(|bytes| Entry::decode(bytes).unwrap()).collect();
        prop_assert_eq!(&fold(&read), &relay.charter);
        for mut author in authors {
            author.catch_up(&relay);
            prop_assert_eq!(&author.charter, &relay.charter);
        }
        let parties = steps.iter().filter(|(_, party, _)| *party).count();
        prop_assert_eq!(relay.charter.parties().len(), 2 + parties);
        prop_assert_eq!(relay.charter.invites().len(), steps.len() - parties);
    }

    #[test]
    fn stranger_entries_leave_the_charter_as_it_was(seed in any::<u64>(), fit in any::<bool>()) {
        let mut charter = fold(&history());
        let before = charter.clone();
        let mut content = Draw(seed).content();
        if fit {
            content.venture = charter.venture();
            content.position = charter.position();
            content.prev = charter.head();
        }
        let entry = Entry::sign(&content, &founder()).unwrap();
        prop_assert!(charter.append(&entry).is_err());
        prop_assert_eq!(charter, before);
    }

    #[test]
    fn arbitrary_bodies_by_members_are_taken_whole_or_not_at_all(seed in any::<u64>(), who in 0..3_usize) {
        let mut charter = whole();
        let before = charter.clone();
        let (body, key) = (Draw(seed).body(), [founder(), guest(), kit()][who].clone());
        let author = match who {
            2 => Author::Invite(InviteId(public(&kit()))),
            _ => Author::Device(device(&key)),
        };
        let content = next(&charter, author, body);
        let _ = charter.keys_due(&content);
        let entry = Entry::sign(&content, &key).unwrap();
        let answer = charter.append(&entry);
        prop_assert_eq!(charter.position() > before.position(), answer.is_ok());
        if answer.is_err() {
            prop_assert_eq!(charter, before);
        }
    }

    #[test]
    fn entries_out_of_order_leave_the_charter_as_it_was(order in prop::collection::vec(0..4_usize, 1..12)) {
        let entries = history();
        let mut charter = Charter::found(&entries[0]).unwrap();
        for index in order {
            let before = charter.clone();
            let fits = usize::try_from(charter.position()).unwrap() == index;
            prop_assert_eq!(charter.append(&entries[index]).is_ok(), fits);
            if !fits {
                prop_assert_eq!(&charter, &before);
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_an_entry_is_refused() {
    let entries = history();
    for (index, entry) in entries.iter().enumerate() {
        let before = (index > 0).then(|| fold(&entries[..index]));
        for bit in 0..entry.bytes().len() * 8 {
            let mut bytes = entry.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(flipped) = Entry::decode(&bytes) else {
                continue;
            };
            let taken = match before.clone() {
                None => Charter::found(&flipped).is_ok(),
                Some(mut charter) => charter.append(&flipped).is_ok(),
            };
            assert!(!taken, "entry {index}, bit {bit}");
        }
    }
}

#[test]
fn charter_knows_the_head_of_every_position() {
    let entries = history();
    let charter = fold(&entries);
    assert_eq!(charter.head_at(0), None);
    for (position, entry) in (1..).zip(&entries) {
        assert_eq!(charter.head_at(position), Some(entry.hash()));
    }
    assert_eq!(charter.head_at(5), None);
    assert_eq!(charter.head_at(u64::MAX), None);
    assert_eq!(charter.head(), entries[3].hash());
}

#[test]
fn device_may_write_from_its_admission_on() {
    let charter = fold(&history());
    let at = |key: SigningKey| {
        [0, 1, 2, 3, 4, 5].map(|position| charter.may_write_at(device(&key), Space::Plan, position))
    };
    assert_eq!(at(founder()), [false, true, true, true, true, false]);
    assert_eq!(at(guest()), [false, false, false, false, true, false]);
    assert_eq!(at(key(9)), [false; 6]);
    let directory = |key| charter.may_write_at(device(key), Space::Directory, 4);
    assert!(!directory(&founder()), "names stand in charter entries");
    assert!(
        !charter.may_write_at(device(&founder()), Space::Risk, 4),
        "it has no key"
    );
}

#[test]
fn viewer_reads_the_plan_and_does_not_write_it() {
    let mut charter = fold(&history());
    let (link, viewer) = (key(0x41), key(0x42));
    let body = Body::Invite(invite(&link, second_party(), &[Role::Viewer]));
    let entry = by_device(&charter, &guest(), body);
    charter.append(&entry).unwrap();
    let accept = accept(charter.venture(), &link, MemberId([0x42; 16]), &viewer);
    let entry = by_invite(&charter, &link, Body::Accept(accept));
    charter.append(&entry).unwrap();
    let position = charter.position();
    assert!(charter.may_read(device(&viewer), Space::Plan));
    assert!(!charter.may_write_at(device(&viewer), Space::Plan, position));
    assert!(!charter.may_read(DeviceId([0; 32]), Space::Plan));
}

#[test]
fn accepted_invite_becomes_a_member_of_its_party_and_roles() {
    let charter = fold(&history());
    let (id, member) = charter.member_of(device(&guest())).unwrap();
    assert_eq!(id, guest_member());
    assert_eq!(member.party, second_party());
    assert!(member.roles.has(Role::Pmo) && member.roles.has(Role::PartnerManager));
    let invite = InviteId(public(&invite_key()));
    assert_eq!(member.invite, Some(invite));
    assert_eq!(charter.devices()[&device(&guest())].admitted_at, 4);
}

/// The venture as it stands before the kit is withdrawn: with an open offer, a proposal and a complaint.
fn whole() -> Charter {
    let entries = whole_history().into_iter();
    let entries = entries.take_while(|(name, _)| *name != "withdraw");
    fold(&entries.map(|(_, entry)| entry).collect::<Vec<_>>())
}

/// What the author of a step wants: distinct for every step.
fn intent(number: usize, who: usize, party: bool) -> Body {
    let seed = 0x80 + u8::try_from(number).unwrap();
    if party {
        return admit(PartyId([seed; 16]));
    }
    let own = [PartyId([0x10; 16]), second_party()][who];
    Body::Invite(invite(&key(seed), own, &[Role::Viewer]))
}

fn linear(log: &[Vec<u8>]) {
    let entries: Vec<Entry> = log
        .iter()
        .map(|bytes| Entry::decode(bytes).unwrap())
        .collect();
    for (position, pair) in (1..).zip(entries.windows(2)) {
        assert_eq!(pair[1].content().prev, pair[0].hash());
        assert_eq!(pair[1].content().position, position);
    }
}
