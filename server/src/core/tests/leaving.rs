use std::sync::Arc;

use heqi_protocol::charter::Target;
use heqi_protocol::fixture::{self, Link, Person, Stream};
use heqi_protocol::frame::ToRelay;
use heqi_protocol::handshake::Who;
use heqi_protocol::{Charter, FromRelay, Misbehaviour, Role};

use super::harness::*;
use crate::{ConnId, Input};

const REFUSED: FromRelay = FromRelay::Refused(Misbehaviour::NotAdmitted);

struct Scene {
    relay: Relay,
    ann: Person,
    bob: Person,
    charter: Charter,
    conn: ConnId,
    of_bob: ConnId,
}

fn scene() -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let bob = Person::new(2, ann.party);
    let (mut charter, conn) = relay.found_whole(&ann);
    let of_bob = relay.admit(&mut charter, (&ann, conn), &bob, &[Role::Pmo]);
    Scene {
        relay,
        ann,
        bob,
        charter,
        conn,
        of_bob,
    }
}

impl Scene {
    fn remove_bob(&mut self) -> u64 {
        let target = Target::Device(self.bob.device());
        let entry = fixture::remove(&self.charter, &self.ann, target, None, Vec::new());
        self.relay.amend(&mut self.charter, self.conn, &entry);
        self.charter.position()
    }

    fn hello_as_bob(&mut self, has: u64) -> ConnId {
        let (venture, who) = (self.charter.venture(), self.bob.who());
        self.relay.hello(venture, who, has, &self.bob.key)
    }
}

#[test]
fn a_device_that_is_removed_while_connected_gets_the_entry_and_is_closed() {
    let mut s = scene();
    let mut stream = Stream::new(&s.ann, s.charter.venture(), 1);
    s.relay.send(s.of_bob, &subscribe(stream.document(), &[]));
    s.relay.take(s.of_bob);
    s.remove_bob();
    let got = s.relay.take(s.of_bob);
    let [FromRelay::Charter { entries, .. }, last] = &got[..] else {
        panic!("{got:?}");
    };
    assert_eq!(entries[0].ack.head, s.charter.head());
    assert_eq!(*last, REFUSED);
    assert!(s.relay.closed.contains(&s.of_bob));
    s.relay.send(s.conn, &append(&stream.seal(b"later")));
    assert_eq!(s.relay.take(s.of_bob), []);
}

#[test]
fn nothing_that_comes_in_one_batch_with_the_removal_reaches_the_removed() {
    let mut s = scene();
    let mut stream = Stream::new(&s.ann, s.charter.venture(), 1);
    s.relay.send(s.of_bob, &subscribe(stream.document(), &[]));
    s.relay.take(s.of_bob);
    let target = Target::Device(s.bob.device());
    let entry = fixture::remove(&s.charter, &s.ann, target, None, Vec::new());
    stream.header.epoch = 0;
    let before = stream.seal(b"in one batch with it");
    let of_bob = Stream::new(&s.bob, s.charter.venture(), 2).seal(b"too late");
    s.relay.send_all(&[
        (s.conn, append(&before)),
        (s.conn, amend(&entry)),
        (s.of_bob, append(&of_bob)),
        (s.of_bob, subscribe(stream.document(), &[])),
    ]);
    let got = s.relay.take(s.of_bob);
    assert_eq!(got.len(), 2, "{got:?}");
    assert_eq!(got[1], REFUSED);
    assert!(!s.relay.was_sent(s.of_bob, before.ciphertext()));
    assert_eq!(acks(&s.relay.take(s.conn))[0].point.seq, 1);
}

#[test]
fn a_removed_device_reads_the_charter_up_to_its_removal_and_no_further() {
    let mut s = scene();
    let removed_at = s.remove_bob();
    let removal = s.charter.head();
    for n in 5..8 {
        let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(n));
        s.relay.amend(&mut s.charter, s.conn, &admit);
    }
    for has in [0, 2, removed_at - 1, removed_at] {
        let conn = s.hello_as_bob(has);
        let got = s.relay.take(conn);
        let [FromRelay::Welcome(welcome), .., last] = &got[..] else {
            panic!("{got:?}");
        };
        assert_eq!(welcome.charter_position, removed_at);
        assert_eq!(welcome.charter_head, removal);
        assert_eq!(records(&got).len() as u64, removed_at - has);
        assert_eq!(*last, REFUSED);
        assert!(s.relay.closed.contains(&conn));
        assert!(!got.iter().any(|it| matches!(it, FromRelay::Documents(_))));
        assert!(!s.relay.was_sent(conn, &s.charter.head().0));
    }
}

#[test]
fn a_removed_device_that_claims_more_learns_nothing_and_does_nothing() {
    let mut s = scene();
    let removed_at = s.remove_bob();
    let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(5));
    s.relay.amend(&mut s.charter, s.conn, &admit);
    let document = Stream::new(&s.ann, s.charter.venture(), 1).document();
    let envelope = Stream::new(&s.bob, s.charter.venture(), 1).seal(b"by the removed");
    let again = fixture::admit_party(&s.charter, &s.bob, fixture::party(6));
    for frame in [
        subscribe(document, &[]),
        append(&envelope),
        amend(&again),
        restore(document, 1, &[]),
    ] {
        let conn = s.hello_as_bob(99);
        let got = s.relay.take(conn);
        assert!(
            matches!(&got[..], [FromRelay::Welcome(it)] if it.charter_position == removed_at),
            "{got:?}"
        );
        s.relay.send(conn, &frame);
        let got = s.relay.take(conn);
        assert!(matches!(got[..], [FromRelay::Unavailable(_)]), "{got:?}");
        assert!(s.relay.closed.contains(&conn));
    }
}

#[test]
fn a_slow_reader_is_shown_out_once_it_has_read_its_removal() {
    let mut s = scene();
    for n in 5..60 {
        let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(n));
        s.relay.amend(&mut s.charter, s.conn, &admit);
    }
    let meter = Arc::new(crate::Meter::default());
    let (slow, challenge) = s.relay.connect_with(meter.clone());
    let hello = fixture::hello(&challenge, s.charter.venture(), s.bob.who(), 0, &s.bob.key);
    s.relay.send(slow, &ToRelay::Hello(hello));
    // More than a chunk has not gone out when the removal comes.
    let mut stream = Stream::new(&s.ann, s.charter.venture(), 1);
    s.relay.send(slow, &subscribe(stream.document(), &[]));
    for _ in 0..3 {
        let envelope = stream.seal(&[9; 300 << 10]);
        s.relay.send(s.conn, &append(&envelope));
    }
    s.relay.take(s.conn);
    s.remove_bob();
    assert!(!s.relay.closed.contains(&slow), "has still to read");
    meter.sent(u64::MAX / 2);
    s.relay.step(vec![(slow, Input::Room)]);
    let got = s.relay.take(slow);
    let last = records(&got).last().unwrap().ack.head;
    assert_eq!(last, s.charter.head());
    assert_eq!(got.last(), Some(&REFUSED));
}

#[test]
fn a_removal_that_is_on_disk_takes_effect_though_the_relay_died_before_it_told_anybody() {
    let mut s = scene();
    let target = Target::Device(s.bob.device());
    let entry = fixture::remove(&s.charter, &s.ann, target, None, Vec::new());
    s.charter.append(&entry).unwrap();
    let input = Input::frame(&amend(&entry).encode());
    let now_ms = s.relay.now_ms;
    let conn = s.conn;
    // What the core gave out is lost with the process.
    drop(s.relay.core().handle(vec![(conn, input)], now_ms));
    s.relay.restart();

    let conn = s.hello_as_bob(3);
    let got = s.relay.take(conn);
    assert_eq!(records(&got).last().unwrap().ack.head, entry.hash());
    assert_eq!(got.last(), Some(&REFUSED));
    let ann = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 3, &s.ann.key);
    s.relay.send(ann, &amend(&entry));
    let got = s.relay.take(ann);
    assert_eq!(records(&got).last().unwrap().ack.head, entry.hash());
}

#[test]
fn an_invite_that_was_taken_back_reads_up_to_that() {
    let mut s = scene();
    let link = Link::new(77);
    let roles = [Role::Pmo];
    let invite = fixture::invite(&s.charter, &s.ann, &link, s.ann.party, &roles, None);
    s.relay.amend(&mut s.charter, s.conn, &invite);
    let holder = s
        .relay
        .hello(s.charter.venture(), Who::Invite(link.id()), 0, &link.key);
    s.relay.take(holder);
    let withdrawal = fixture::withdraw(&s.charter, &s.ann, &link);
    s.relay.amend(&mut s.charter, s.conn, &withdrawal);
    let got = s.relay.take(holder);
    assert_eq!(records(&got)[0].ack.head, withdrawal.hash());
    assert_eq!(got.last(), Some(&REFUSED));
    let admit = fixture::admit_party(&s.charter, &s.ann, fixture::party(5));
    s.relay.amend(&mut s.charter, s.conn, &admit);
    let holder = s
        .relay
        .hello(s.charter.venture(), Who::Invite(link.id()), 0, &link.key);
    let got = s.relay.take(holder);
    let last = records(&got).last().unwrap().ack.head;
    assert_eq!(last, withdrawal.hash());
    assert_eq!(got.last(), Some(&REFUSED));
}

#[test]
fn a_member_who_is_removed_takes_all_their_devices_and_invites_along() {
    let mut s = scene();
    let code = Link::new(70);
    let second = s.bob.on_device(71);
    let kind = heqi_protocol::charter::OfferKind::Recovery;
    let offer = fixture::offer(&s.charter, &s.bob, &code, kind, None);
    s.relay.amend(&mut s.charter, s.of_bob, &offer);
    let holder = s
        .relay
        .hello(s.charter.venture(), Who::Invite(code.id()), 0, &code.key);
    s.relay.take(holder);
    let add = fixture::add_device(&s.charter, &code, &second);
    s.relay.amend(&mut s.charter, holder, &add);
    let of_second = s.relay.join(&s.charter, &second);
    for conn in [s.conn, s.of_bob] {
        s.relay.take(conn);
    }
    let target = Target::Member(s.bob.member);
    let entry = fixture::remove(&s.charter, &s.ann, target, None, Vec::new());
    s.relay.amend(&mut s.charter, s.conn, &entry);
    for conn in [s.of_bob, of_second, holder] {
        let got = s.relay.take(conn);
        assert_eq!(records(&got)[0].ack.head, entry.hash());
        assert_eq!(got.last(), Some(&REFUSED));
    }
}
