//! Two branches of a charter after a restore, and who gives way.

use heqi_protocol::charter::{Body, Entry};
use heqi_protocol::frame::{Sent, Unavailable};
use heqi_protocol::log::{CharterAck, Incarnation};
use heqi_protocol::{Bytes, FromRelay, Misbehaviour, Role, ToRelay};

use super::desk::{Desk, envelopes};
use crate::{Act, Request};

fn invite(party: &str, code: &str) -> Request {
    Request::Charter(Act::Invite {
        party: party.into(),
        code: code.into(),
        roles: vec![Role::Pmo],
        expires_ms: None,
    })
}

/// A desk at a relay that was founded in its first life and is in its second.
fn restored() -> Desk {
    let mut ann = Desk::settled().reopened();
    ann.incarnation.number = 2;
    ann.greet();
    let start = ann.start();
    ann.subscribed(start, start);
    ann
}

/// A desk whose second entry, acknowledged in the second life, admits a party, and the entry that a copy of it made
/// instead.
fn parted() -> (Desk, Vec<u8>) {
    let mut ann = restored();
    let mut twin = ann.copied();
    twin.greet();
    let start = twin.start();
    twin.subscribed(start, start);
    let other = amendment(twin.ask(invite("Cho Ltd", "C")));
    let own = amendment(ann.ask(invite("Bob Ltd", "B")));
    ann.take_entry(&own);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    assert_eq!(ann.replica.charter().unwrap().position(), 2);
    (ann, other)
}

fn amendment(sent: Vec<ToRelay>) -> Vec<u8> {
    let found = sent.into_iter().find_map(|frame| match frame {
        ToRelay::Amend(entry) => Some(entry.into_vec()),
        _ => None,
    });
    found.expect("it amends the charter")
}

/// Ann comes back to a relay of that life, whose second entry is the other one, acknowledged in that life.
fn shown(ann: Desk, other: &[u8], acknowledged: u32, now: u32) -> (Desk, Vec<ToRelay>) {
    shown_after(1, ann, other, acknowledged, now)
}

/// The same with the other entry after the first `common` ones.
fn shown_after(
    common: usize,
    ann: Desk,
    other: &[u8],
    acknowledged: u32,
    now: u32,
) -> (Desk, Vec<ToRelay>) {
    let mut ann = ann.reopened();
    let life = |number| Incarnation {
        number,
        nonce: [5; 8],
    };
    let head = Entry::hash_of(other);
    let position = common as u64 + 1;
    let (venture, life_then) = (ann.venture(), life(acknowledged));
    let ack = CharterAck::sign(venture, life_then, position, head, &ann.relay);
    ann.records.truncate(common);
    ann.records.push(heqi_protocol::frame::CharterRecord {
        entry: Bytes::new(other.to_vec()).unwrap(),
        ack,
    });
    ann.incarnation = life(now);
    ann.greet();
    // It asks for everything, to see where the branches part.
    ann.greet();
    let charter = ann.charter_from(0);
    let sent = ann.frame(charter);
    (ann, sent)
}

#[test]
fn two_entries_in_one_life_are_proof_against_the_relay() {
    let (ann, other) = parted();
    let (ann, _) = shown(ann, &other, 2, 3);
    assert_eq!(ann.accused(), Some(Misbehaviour::ForkedCharter));
}

#[test]
fn an_entry_in_a_life_that_was_over_is_proof_against_the_relay() {
    let (ann, other) = parted();
    let (ann, _) = shown(ann, &other, 0, 3);
    assert_eq!(ann.accused(), Some(Misbehaviour::ForkedCharter));
    // Nor is it taken by who has nothing to hold against it.
    let mut ann = restored().reopened();
    ann.greet();
    ann.incarnation.number = 0;
    ann.take_entry(&other);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    assert_eq!(ann.accused(), Some(Misbehaviour::ForkedCharter));
}

#[test]
fn an_entry_that_was_asked_for_twice_says_nothing_of_the_life_of_what_follows_it() {
    let mut ann = restored();
    let own = amendment(ann.ask(invite("Bob Ltd", "B")));
    ann.take_entry(&own);
    let newest = ann.charter_from(1);
    let next = amendment(ann.frame(newest));
    let mut twin = ann.copied();
    let start = twin.start();
    let mut sent = twin.greet();
    sent.extend(twin.subscribed(start, start));
    let other = amendment(sent);
    ann.take_entry(&next);
    let newest = ann.charter_from(2);
    ann.frame(newest);
    let (ann, _) = shown_after(2, ann, &other, 1, 3);
    assert_eq!(ann.accused(), None);
    let charter = ann.replica.charter().unwrap();
    assert_eq!(charter.head_at(3), Some(Entry::hash_of(&other)));
    assert!(ann.replica.status().relay_restored, "people are told");
}

#[test]
fn the_branch_of_the_lower_life_is_shown_to_a_restored_relay() {
    let (ann, other) = parted();
    let (ann, sent) = shown(ann, &other, 3, 3);
    let [ToRelay::RestoreCharter(records)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    let own = Entry::decode(&records[0].entry).unwrap();
    assert!(matches!(own.content().body, Body::AdmitParty(_)));
    assert_eq!(ann.accused(), None);
    assert_eq!(ann.replica.charter().unwrap().head_at(2), Some(own.hash()));
}

#[test]
fn a_relay_that_will_not_take_the_older_branch_rolled_back() {
    let (ann, other) = parted();
    let (mut ann, _) = shown(ann, &other, 3, 3);
    for _ in 0..10 {
        if ann.accused().is_some() {
            break;
        }
        ann.now += 3_000;
        ann.feed(crate::Input::Wake);
        ann.greet();
        ann.greet();
        let charter = ann.charter_from(0);
        ann.frame(charter);
    }
    assert_eq!(ann.accused(), Some(Misbehaviour::RolledBack));
}

#[test]
fn who_gives_way_asks_again_for_what_the_other_branch_has_overtaken() {
    let (ann, other) = parted();
    let (mut ann, _) = shown(ann, &other, 1, 3);
    assert_eq!(ann.accused(), None);
    let charter = ann.replica.charter().unwrap();
    assert_eq!(charter.head_at(2), Some(Entry::hash_of(&other)));
    let again = ann.feed(crate::Input::Wake);
    let own = Entry::decode(&amendment_or(&ann, again)).unwrap();
    let Body::AdmitParty(_) = own.content().body else {
        panic!("{own:?}");
    };
    assert_eq!(own.content().position, 2);
}

/// The amendment among frames, or among all that was sent before.
fn amendment_or(desk: &Desk, sent: Vec<ToRelay>) -> Vec<u8> {
    let before = desk.outputs.iter().filter_map(|output| match output {
        crate::Output::Send(frame) => ToRelay::decode(frame).ok(),
        _ => None,
    });
    let amended = before.chain(sent).filter_map(|frame| match frame {
        ToRelay::Amend(entry) => Some(entry.into_vec()),
        _ => None,
    });
    let mut amended: Vec<Vec<u8>> = amended.collect();
    amended.pop().expect("it amends the charter")
}

#[test]
fn what_was_written_here_stays_in_view_when_a_branch_is_given_up() {
    let (mut ann, other) = parted();
    let start = ann.start();
    // One edit is read back, one is on its way out, one is not sealed.
    let logged = envelopes(&ann.edit("Logged")).remove(0);
    ann.entries(1, vec![Sent::Yours(logged.hash())]);
    assert_eq!(envelopes(&ann.edit("Sent")).len(), 1);
    ann.feed(crate::Input::Online(false));
    ann.edit("Unsealed");
    let (mut ann, _) = shown(ann, &other, 1, 3);
    let all = ["Logged", "Sent", "Unsealed"];
    assert_eq!(ann.names(), all);
    ann.subscribed(start, start);
    assert_eq!(ann.names(), all);
    // A process that ends meanwhile finds them again.
    let ann = ann.reopened();
    assert_eq!(ann.names(), all);
}

#[test]
fn what_a_relay_has_lost_stays_in_view_when_a_branch_is_given_up() {
    let (mut ann, other) = parted();
    let start = ann.start();
    let logged = envelopes(&ann.edit("Logged")).remove(0);
    ann.entries(1, vec![Sent::Yours(logged.hash())]);
    let point = ann.after(start, logged.hash());
    ann.frame(FromRelay::Ack(ann.ack_of(point)));
    // The relay comes back without it, and then with the other branch.
    ann.incarnation.number += 1;
    ann.frame(FromRelay::Unavailable(Unavailable::Draining));
    ann.greet();
    ann.subscribed(start, start);
    assert_eq!(ann.names(), ["Logged"]);
    let (ann, _) = shown(ann, &other, 1, 4);
    assert_eq!(ann.names(), ["Logged"]);
}

#[test]
fn a_relay_that_forks_again_after_it_took_the_branch_is_shown_it_again() {
    let (ann, other) = parted();
    let kept = ann.records.clone();
    let (mut ann, _) = shown(ann, &other, 3, 3);
    let forked = ann.records.clone();
    for _ in 0..5 {
        // The relay takes the branch, and goes back to the other one.
        ann.records.clone_from(&kept);
        ann.now += 3_000;
        ann.feed(crate::Input::Wake);
        let sent = ann.greet();
        let subscribes = |frame: &ToRelay| matches!(frame, ToRelay::Subscribe { .. });
        assert!(sent.iter().any(subscribes), "{sent:?}");
        ann.records.clone_from(&forked);
        ann.frame(FromRelay::Unavailable(Unavailable::Draining));
        ann.now += 60_000;
        ann.feed(crate::Input::Wake);
        ann.greet();
        ann.greet();
        let charter = ann.charter_from(0);
        let sent = ann.frame(charter);
        assert!(
            matches!(sent.as_slice(), [ToRelay::RestoreCharter(_)]),
            "{sent:?}"
        );
    }
    assert_eq!(ann.accused(), None);
}

#[test]
fn nothing_is_read_of_a_log_before_the_charter_is_read_again() {
    let (ann, other) = parted();
    let mut ann = ann.reopened();
    ann.records[1].ack.head = Entry::hash_of(&other);
    ann.greet();
    assert_eq!(ann.greet(), Vec::<ToRelay>::new());
    assert_ne!(ann.replica.status().link, crate::Link::Online);
}

#[test]
fn a_name_sealed_with_a_key_of_a_branch_that_gives_way_is_sealed_again() {
    let (_, other) = parted();
    let mut ann = restored();
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Directory]);
    for request in [Request::Charter(Act::Rotate(keys)), invite("Bob Ltd", "B")] {
        let mut sent = ann.ask(request);
        while !sent.is_empty() {
            ann.take_entry(&amendment(sent));
            let newest = ann.charter_from(ann.records.len() - 1);
            sent = ann.frame(newest);
        }
    }
    assert_eq!(ann.records.len(), 4);
    let (mut ann, _) = shown(ann, &other, 1, 3);
    let names = |ann: &Desk| {
        let parties = ann.replica.directory().parties.into_iter();
        let mut names: Vec<_> = parties.map(|party| party.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&ann), ["Ann Ltd", "Cho Ltd"]);
    let mut own = Some(amendment_or(&ann, Vec::new()));
    while let Some(entry) = own {
        ann.take_entry(&entry);
        let newest = ann.charter_from(ann.records.len() - 1);
        own = ann.frame(newest).into_iter().find_map(|frame| match frame {
            ToRelay::Amend(entry) => Some(entry.into_vec()),
            _ => None,
        });
    }
    assert_eq!(names(&ann), ["Ann Ltd", "Bob Ltd", "Cho Ltd"]);
    let spaces = ann.replica.charter().unwrap().spaces();
    assert_eq!(spaces[&heqi_protocol::Space::Directory].epoch, 1);
}

#[test]
fn new_keys_that_were_asked_for_in_a_branch_that_gives_way_are_asked_for_again() {
    let (_, other) = parted();
    let mut ann = restored();
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Plan]);
    let own = amendment(ann.ask(Request::Charter(Act::Rotate(keys))));
    ann.take_entry(&own);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    let (mut ann, sent) = shown(ann, &other, 1, 3);
    let again = Entry::decode(&amendment_or(&ann, sent)).unwrap();
    let Body::Rotate(rotate) = &again.content().body else {
        panic!("{again:?}");
    };
    let rotated: Vec<_> = rotate.keys.rotated.iter().map(|new| new.space).collect();
    assert_eq!(rotated, [heqi_protocol::Space::Plan]);
    assert_eq!(again.content().position, 2);
    ann.take_entry(again.bytes());
    let newest = ann.charter_from(2);
    assert!(ann.frame(newest).is_empty(), "they are asked for once");
}

#[test]
fn keys_of_a_branch_that_gave_way_go_when_nothing_needs_them_any_more() {
    let (_, other) = parted();
    let mut ann = restored();
    let start = ann.start();
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Plan]);
    let own = amendment(ann.ask(Request::Charter(Act::Rotate(keys))));
    ann.take_entry(&own);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    let body = envelopes(&ann.edit("Piling")).remove(0);
    assert_eq!(body.header.epoch, 1);
    ann.entries(1, vec![Sent::Yours(body.hash())]);
    let is_lost_key = |key: &Vec<u8>| key.first() == Some(&21);
    let rows = |ann: &Desk| ann.rows.keys().filter(|key| is_lost_key(key)).count();
    assert_eq!(rows(&ann), 0);
    let (mut ann, _) = shown(ann, &other, 1, 3);
    let persisted = ann.outputs.iter().any(|output| match output {
        crate::Output::Persist(ops) => ops.iter().any(|op| match op {
            crate::StoreOp::Put(key, _) => is_lost_key(key),
            crate::StoreOp::Delete(_) => false,
        }),
        _ => false,
    });
    assert!(persisted, "the key is kept until the edit is sealed again");
    ann.subscribed(start, start);
    ann.now += 1_000;
    let again = envelopes(&ann.feed(crate::Input::Wake));
    assert!(again.iter().all(|it| it.header.epoch == 0));
    assert_eq!(ann.names(), ["Piling"]);
    assert_eq!(rows(&ann), 0);
    assert!(ann.replica.orphan_keys.is_empty());
}
