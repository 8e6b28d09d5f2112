//! Ventures that go to another relay, come from one, and outlive one.

use heqi_protocol::charter::Entry;
use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::frame::{AmendRefused, CharterRecord, Unavailable};
use heqi_protocol::{Charter, FromRelay, Misbehaviour, Role};

use super::harness::*;
use crate::image::Image;
use crate::{ConnId, Options};

const MOVED: FromRelay = FromRelay::Unavailable(Unavailable::Moved);

struct Scene {
    old: Relay,
    new: Relay,
    ann: Person,
    bob: Person,
    charter: Charter,
    conn: ConnId,
    of_bob: ConnId,
    stream: Stream,
    read: Vec<(u64, Vec<u8>)>,
}

fn other(options: Options) -> Relay {
    let key = fixture::signing_key("relay", 2);
    Relay::of(key, Image::default(), options)
}

/// A venture of two members at one relay, with something written, and another relay.
fn scene() -> Scene {
    let mut old = Relay::new();
    let ann = founder();
    let bob = Person::new(2, ann.party);
    let (mut charter, conn) = old.found_whole(&ann);
    let of_bob = old.admit(&mut charter, (&ann, conn), &bob, &[Role::Pmo]);
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let mut read = Vec::new();
    for _ in 0..3 {
        let envelope = stream.seal(b"written at the old relay");
        old.send(conn, &append(&envelope));
        read.push((charter.position(), envelope.bytes().to_vec()));
    }
    old.take(of_bob);
    Scene {
        old,
        new: other(Options::default()),
        ann,
        bob,
        charter,
        conn,
        of_bob,
        stream,
        read,
    }
}

impl Scene {
    fn records(&mut self) -> Vec<CharterRecord> {
        let (venture, who) = (self.charter.venture(), self.ann.who());
        let conn = self.old.hello(venture, who, 0, &self.ann.key);
        records(&self.old.take(conn))
    }

    fn move_entry(&self) -> Entry {
        fixture::move_relay(&self.charter, &self.ann, self.new.relay_key())
    }

    fn arrive(&mut self, person: &Person) -> ConnId {
        let (venture, has) = (self.charter.venture(), self.charter.position());
        let conn = self.new.hello(venture, person.who(), has, &person.key);
        let got = self.new.take(conn);
        assert!(matches!(got[..], [FromRelay::Welcome(_)]), "{got:?}");
        conn
    }

    /// The charter of the new relay as somebody sees it who has none.
    fn read_new(&mut self) -> Vec<CharterRecord> {
        let (venture, bob) = (self.charter.venture(), self.bob.clone());
        let conn = self.new.hello(venture, bob.who(), 0, &bob.key);
        records(&self.new.take(conn))
    }
}

#[test]
fn a_relay_that_a_venture_has_left_shows_the_way_and_takes_nothing() {
    let mut s = scene();
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    for conn in [s.conn, s.of_bob] {
        let got = s.old.take(conn);
        let [FromRelay::Charter { entries, .. }, last] = &got[..] else {
            panic!("{got:?}");
        };
        assert_eq!(entries[0].ack.head, entry.hash());
        assert_eq!(*last, MOVED);
        assert!(s.old.closed.contains(&conn));
    }
    let late = s.old.hello(s.charter.venture(), s.bob.who(), 1, &s.bob.key);
    let got = s.old.take(late);
    assert_eq!(records(&got).last().unwrap().ack.head, entry.hash());
    assert_eq!(got.last(), Some(&MOVED));
    let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(9));
    let envelope = s.stream.seal(b"too late");
    for frame in [
        amend(&admit),
        append(&envelope),
        subscribe(s.stream.document(), &[]),
        restore(s.stream.document(), 1, &s.read),
    ] {
        let has = s.charter.position();
        let conn = s
            .old
            .hello(s.charter.venture(), s.ann.who(), has, &s.ann.key);
        s.old.take(conn);
        s.old.send(conn, &frame);
        assert_eq!(s.old.take(conn), [MOVED]);
    }
}

#[test]
fn a_venture_that_has_moved_is_taken_over_with_its_records_and_logs() {
    let mut s = scene();
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    let kept = s.records();
    let ann = s.ann.clone();
    let conn = s.arrive(&ann);
    // In frames as small as they come.
    for record in &kept {
        s.new.send(conn, &restore_charter(vec![record.clone()]));
    }
    let document = s.stream.document();
    s.new.send(conn, &restore(document, 1, &s.read));
    let got = s.new.take(conn);
    let ack = acks(&got).pop().unwrap();
    assert_eq!(ack.point.seq, 3);
    ack.verify(s.charter.relay()).unwrap();
    s.new.restart();
    assert_eq!(s.read_new(), kept, "with the old relay's word");
    for record in kept {
        assert!(s.charter.is_acknowledged(&record.ack));
    }
    let conn = s.new.join(&s.charter, &s.bob);
    s.new.send(conn, &subscribe(document, &[]));
    assert_eq!(whole(&s.new.take(conn)), s.read);
    let conn = s.new.join(&s.charter, &s.ann);
    s.new.send(conn, &append(&s.stream.seal(b"goes on")));
    assert_eq!(acks(&s.new.take(conn))[0].point.seq, 4);
}

#[test]
fn a_venture_whose_relay_is_dead_is_moved_by_an_entry_that_the_new_one_acknowledges() {
    let mut s = scene();
    let kept = s.records();
    let ann = s.ann.clone();
    let conn = s.arrive(&ann);
    let waiting = s.arrive(&s.bob.clone());
    s.new.send(conn, &restore_charter(kept.clone()));
    assert_eq!(s.new.take(conn), []);
    assert_eq!(s.read_nothing(), Some(Unavailable::UnknownVenture));
    let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(9));
    s.new.send(conn, &amend(&admit));
    let refused = FromRelay::AmendRefused {
        entry: admit.hash(),
        reason: AmendRefused::Forbidden,
    };
    assert_eq!(s.new.take(conn), [refused], "nothing but the move");
    let entry = s.move_entry();
    s.new.send(conn, &amend(&entry));
    s.charter.append(&entry).unwrap();
    let shown = records(&s.new.take(conn)).pop().unwrap();
    assert_eq!(shown.ack.head, entry.hash());
    assert!(s.charter.is_acknowledged(&shown.ack));
    let got = records(&s.new.take(waiting));
    assert_eq!(got.last(), Some(&shown), "who waited gets it too");
    s.new.restart();
    let all = s.read_new();
    assert_eq!(all[..kept.len()], kept);
    assert_eq!(all.last(), Some(&shown));
}

impl Scene {
    /// What an invite's holder hears at the new relay.
    fn read_nothing(&mut self) -> Option<Unavailable> {
        let link = fixture::Link::new(50);
        let who = heqi_protocol::handshake::Who::Invite(link.id());
        let conn = self.new.hello(self.charter.venture(), who, 0, &link.key);
        match self.new.take(conn)[..] {
            [FromRelay::Unavailable(unavailable)] => Some(unavailable),
            _ => None,
        }
    }
}

#[test]
fn only_a_device_of_the_charter_brings_a_venture_here() {
    let mut s = scene();
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    let kept = s.records();
    let eve = Person::new(66, s.ann.party);
    let conn = s.arrive(&eve);
    s.new.send(conn, &restore_charter(kept.clone()));
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.new.take(conn), [refused]);
    let conn = s.arrive(&eve);
    s.new.send(conn, &restore_charter(kept[..3].to_vec()));
    s.new.send(conn, &amend(&entry));
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.new.take(conn), [refused], "an entry of somebody else's");
    assert!(s.new.core().store().ventures().unwrap().is_empty());
}

#[test]
fn a_brought_charter_needs_the_word_of_the_relay_of_its_time_for_every_entry() {
    let mut s = scene();
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    let kept = s.records();
    let venture = s.charter.venture();
    let forge = |record: &CharterRecord, relay: &ed25519_dalek::SigningKey| {
        let ack = record.ack;
        let (position, head) = (ack.position, ack.head);
        heqi_protocol::log::CharterAck::sign(venture, ack.incarnation, position, head, relay)
    };
    let ann = s.ann.clone();
    for (at, key) in [(0, 3), (1, 3), (1, 2), (3, 3)] {
        let mut forged = kept.clone();
        let relay = fixture::signing_key("relay", key);
        forged[at].ack = forge(&forged[at], &relay);
        let conn = s.arrive(&ann);
        s.new.send(conn, &restore_charter(forged));
        let got = s.new.take(conn);
        // With its own key, the relay takes it for something that it has lost.
        let expected = match key {
            2 => matches!(got[..], [FromRelay::Reincarnated(_)]),
            _ => got == [FromRelay::Refused(Misbehaviour::ForgedAck)],
        };
        assert!(expected, "{at} by {key}: {got:?}");
    }
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(kept[1..].to_vec()));
    let refused = FromRelay::Refused(Misbehaviour::BadCharter);
    assert_eq!(s.new.take(conn), [refused], "from the genesis on");
}

#[test]
fn a_closed_relay_takes_no_venture_from_elsewhere_and_takes_back_its_own() {
    let mut s = scene();
    let options = Options {
        is_closed: true,
        ..Options::default()
    };
    s.new = other(options.clone());
    let ann = s.ann.clone();
    let entry = s.move_entry();
    let before = s.records();
    let closed = |entry: heqi_protocol::Hash| FromRelay::AmendRefused {
        entry,
        reason: AmendRefused::Closed,
    };
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(before.clone()));
    s.new.send(conn, &amend(&entry));
    assert_eq!(s.new.take(conn), [closed(entry.hash())]);

    // While it was open it took the venture; then it lost it.
    s.new = other(Options::default());
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(before));
    s.new.send(conn, &amend(&entry));
    s.charter.append(&entry).unwrap();
    let kept = s.read_new();
    s.new = other(options.clone());
    s.new.core().reincarnate();
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(kept.clone()));
    assert_eq!(s.read_new(), kept);

    s.new = other(options.clone());
    let mut t = scene();
    let entry = t.move_entry();
    t.old.amend_any(&mut t.charter, t.conn, &entry);
    let records = t.records();
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(records));
    assert_eq!(s.new.take(conn), [closed(entry.hash())]);
    assert!(s.new.core().store().ventures().unwrap().is_empty());
}

#[test]
fn a_venture_comes_home_to_a_relay_that_it_had_left() {
    let mut s = scene();
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    let home = fixture::move_relay(&s.charter, &s.ann, s.old.relay_key());
    let (venture, has) = (s.charter.venture(), s.charter.position());
    let conn = s.old.hello(venture, s.ann.who(), has, &s.ann.key);
    s.old.take(conn);
    s.old.send(conn, &amend(&home));
    s.charter.append(&home).unwrap();
    let got = s.old.take(conn);
    assert_eq!(records(&got)[0].ack.head, home.hash());
    assert!(s.charter.is_acknowledged(&records(&got)[0].ack));
    s.old.send(conn, &append(&s.stream.seal(b"home again")));
    assert_eq!(acks(&s.old.take(conn))[0].point.seq, 4);
}

#[test]
fn the_index_names_the_relay_that_a_venture_has_moved_to() {
    let mut s = scene();
    let link = fixture::Link::new(50);
    let roles = [Role::Pmo];
    let invite = fixture::invite(&s.charter, &s.ann, &link, s.ann.party, &roles, None);
    s.old.amend(&mut s.charter, s.conn, &invite);
    let entry = s.move_entry();
    s.old.amend_any(&mut s.charter, s.conn, &entry);
    let kept = s.records();
    let ann = s.ann.clone();
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(kept));
    let new = s.new.relay_key();
    for relay in [&mut s.old, &mut s.new] {
        let found = relay.core().finder().find(link.id()).unwrap();
        assert_eq!(found.map(|it| it.relay), Some(new));
    }
}

#[test]
fn records_are_brought_once_and_in_order_and_forgotten_with_who_brought_them() {
    let mut s = scene();
    let ann = s.ann.clone();
    let kept = s.records();
    let conn = s.arrive(&ann);
    s.new.send(conn, &restore_charter(kept.clone()));
    s.new.send(conn, &restore_charter(kept.clone()));
    let refused = FromRelay::Refused(Misbehaviour::BadCharter);
    assert_eq!(s.new.take(conn), [refused], "each record once");
    let gone = s.arrive(&ann);
    s.new.send(gone, &restore_charter(kept));
    s.new.step(vec![(gone, crate::Input::Gone)]);
    let conn = s.arrive(&ann);
    s.new.send(conn, &amend(&s.move_entry()));
    let unknown = FromRelay::Unavailable(Unavailable::UnknownVenture);
    assert_eq!(s.new.take(conn), [unknown], "nothing waits for the gone");
}

#[test]
fn what_waits_to_be_taken_over_is_bounded_and_the_idle_give_way() {
    let mut s = scene();
    let ann = s.ann.clone();
    for seed in 0..38 {
        let code = fixture::Link::new(100 + seed);
        let kind = heqi_protocol::charter::OfferKind::Recovery;
        let entry = fixture::offer(&s.charter, &ann, &code, kind, None);
        s.old.amend(&mut s.charter, s.conn, &entry);
    }
    let (ann, fits) = (s.ann.clone(), s.records());
    let bytes: usize = fits.iter().map(|record| record.entry.len()).sum();
    assert!((44 << 10..64 << 10).contains(&bytes), "{bytes}");
    let bring = |s: &mut Scene, records: &[CharterRecord]| {
        let conn = s.arrive(&ann);
        s.new.send(conn, &restore_charter(records.to_vec()));
        conn
    };
    let [one, two] = [0, 1].map(|_| bring(&mut s, &fits));
    let third = bring(&mut s, &fits);
    let busy = FromRelay::Unavailable(Unavailable::Busy);
    assert_eq!(s.new.take(third), std::slice::from_ref(&busy));
    s.new.now_ms += 60_001;
    let third = bring(&mut s, &fits);
    assert_eq!(s.new.take(third), []);
    for conn in [one, two] {
        assert_eq!(s.new.take(conn), std::slice::from_ref(&busy));
    }
    assert!(!s.new.closed.contains(&third), "it still waits");
}
