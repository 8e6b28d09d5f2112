//! What a removed device wrote: before, beyond what its remover had read, and taken in again.

use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::{Action, Extent, Target};
use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::frame::{AmendRefused, NackReason};
use heqi_protocol::log::Point;
use heqi_protocol::{Charter, Envelope, FromRelay, Hash, Misbehaviour, Role, Roles, Space};

use super::harness::*;
use crate::ConnId;

struct Scene {
    relay: Relay,
    ann: Person,
    bob: Person,
    charter: Charter,
    conn: ConnId,
    of_bob: ConnId,
    stream: Stream,
}

fn scene() -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let bob = Person::new(2, ann.party);
    let (mut charter, conn) = relay.found_whole(&ann);
    let of_bob = relay.admit(&mut charter, (&ann, conn), &bob, &[Role::Pmo]);
    let stream = Stream::new(&bob, charter.venture(), 1);
    Scene {
        relay,
        ann,
        bob,
        charter,
        conn,
        of_bob,
        stream,
    }
}

impl Scene {
    /// Appends as bob, and gives the place it got.
    fn write(&mut self) -> (Envelope, Point) {
        let envelope = self.stream.seal(b"by bob");
        self.relay.send(self.of_bob, &append(&envelope));
        let ack = acks(&self.relay.take(self.of_bob)).pop().unwrap();
        (envelope, ack.point)
    }

    fn remove_bob(&mut self, point: Point) {
        let document = self.stream.document();
        let seen = vec![Extent { document, point }];
        let target = Target::Device(self.bob.device());
        let entry = fixture::remove(&self.charter, &self.ann, target, None, seen);
        self.relay.amend(&mut self.charter, self.conn, &entry);
    }

    fn take_in(&mut self, space: Space, envelopes: &[Hash]) {
        let document = self.stream.document();
        let entry = fixture::take_in(&self.charter, &self.ann, space, document, envelopes);
        self.relay.amend(&mut self.charter, self.conn, &entry);
    }

    fn answer(&mut self, envelope: &Envelope) -> Vec<FromRelay> {
        self.relay.send(self.conn, &append(envelope));
        self.relay.take(self.conn)
    }
}

fn nacked(got: &[FromRelay], expected: NackReason) -> bool {
    matches!(got, [FromRelay::Nack { reason, .. }] if *reason == expected)
}

#[test]
fn a_late_envelope_that_a_manager_has_taken_in_is_appended_by_anybody_who_reads_it() {
    let mut s = scene();
    let (_, point) = s.write();
    s.remove_bob(point);
    let [late, later, last] = [0, 1, 2].map(|_| s.stream.seal(b"while offline"));
    s.take_in(Space::Plan, &[late.hash(), last.hash()]);
    let carl = Person::new(3, s.ann.party);
    let conn = s
        .relay
        .admit(&mut s.charter, (&s.ann, s.conn), &carl, &[Role::Viewer]);
    s.relay.send(conn, &append(&late));
    let ack = acks(&s.relay.take(conn)).pop().unwrap();
    assert_eq!(ack.point.seq, point.seq + 1, "under its old epoch");
    assert!(nacked(&s.answer(&last), NackReason::Gap { have: 2 }));
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.answer(&later), [refused], "nobody has taken it in");
}

#[test]
fn what_is_taken_in_counts_in_the_document_that_the_manager_named_and_nowhere_else() {
    let mut s = scene();
    let (_, point) = s.write();
    s.remove_bob(point);
    let mut elsewhere = Stream::into_space(&s.bob, s.charter.venture(), Space::Finance, 9);
    let late = elsewhere.seal(b"into a space that bob never wrote to");
    s.take_in(Space::Plan, &[late.hash()]);
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.answer(&late), [refused]);
}

#[test]
fn a_late_envelope_goes_to_nobody_who_may_not_read_its_space() {
    let mut s = scene();
    let mut finance = Stream::into_space(&s.ann, s.charter.venture(), Space::Finance, 9);
    let second = s.ann.on_device(70);
    let code = fixture::Link::new(71);
    let kind = heqi_protocol::charter::OfferKind::Device;
    let offer = fixture::offer(&s.charter, &s.ann, &code, kind, None);
    s.relay.amend(&mut s.charter, s.conn, &offer);
    let who = heqi_protocol::handshake::Who::Invite(code.id());
    let holder = s.relay.hello(s.charter.venture(), who, 0, &code.key);
    s.relay.take(holder);
    let add = fixture::add_device(&s.charter, &code, &second);
    s.relay.amend(&mut s.charter, holder, &add);
    let of_second = s.relay.join(&s.charter, &second);
    s.relay.take(s.conn);
    let target = Target::Device(s.ann.device());
    let removal = fixture::remove(&s.charter, &second, target, None, Vec::new());
    s.relay.amend(&mut s.charter, of_second, &removal);
    let late = finance.seal(b"late, in finance");
    let document = finance.document();
    let taken = fixture::take_in(
        &s.charter,
        &second,
        Space::Finance,
        document,
        &[late.hash()],
    );
    s.relay.amend(&mut s.charter, of_second, &taken);
    let viewer = Person::new(3, s.ann.party);
    let outsider = s.relay.admit(
        &mut s.charter,
        (&second, of_second),
        &viewer,
        &[Role::Viewer],
    );
    s.relay.send(outsider, &append(&late));
    assert!(nacked(&s.relay.take(outsider), NackReason::Forbidden));
    s.relay.send(of_second, &append(&late));
    assert_eq!(acks(&s.relay.take(of_second))[0].point.seq, 1);
    s.relay.send(outsider, &append(&late));
    assert!(nacked(&s.relay.take(outsider), NackReason::Forbidden));
}

#[test]
fn envelopes_from_before_a_removal_come_back_to_their_places_late_ones_too() {
    let mut s = scene();
    let (first, seen) = s.write();
    // The relay comes back from before the second one, and takes a removal whose author had not read it either.
    let copy = s.relay.image.copy();
    let position = s.charter.position();
    let late = s.stream.seal(b"by bob");
    s.relay.send(s.of_bob, &append(&late));
    let ack = acks(&s.relay.take(s.of_bob)).pop().unwrap();
    s.relay.roll_back_to(&copy);
    s.relay.core().reincarnate();
    s.conn = s.relay.join(&s.charter, &s.ann);
    s.remove_bob(seen);

    let document = s.stream.document();
    let kept = [&first, &late].map(|it| (position, it.bytes().to_vec()));
    s.relay.send(s.conn, &prove_all(&kept, ack));
    s.relay.send(s.conn, &restore(document, 1, &kept));
    let again = acks(&s.relay.take(s.conn)).pop().unwrap();
    assert_eq!(again.point, ack.point, "the chain needs both");

    let conn = s.conn;
    let unseen = s.stream.seal(b"never acknowledged");
    let forged = [(s.charter.position(), unseen.bytes().to_vec())];
    s.relay.send(conn, &restore(document, 3, &forged));
    let got = s.relay.take(conn);
    assert!(nacked(&got[..1], NackReason::Forbidden), "{got:?}");
}

#[test]
fn a_removal_that_overlooks_what_the_removed_have_written_is_to_be_signed_again() {
    let mut s = scene();
    let (_, first) = s.write();
    let (_, second) = s.write();
    let document = s.stream.document();
    let target = Target::Device(s.bob.device());
    let seen = vec![Extent {
        document,
        point: first,
    }];
    for stated in [seen, Vec::new()] {
        let entry = fixture::remove(&s.charter, &s.ann, target, None, stated);
        s.relay.take(s.conn);
        s.relay.send(s.conn, &amend(&entry));
        let got = s.relay.take(s.conn);
        let moved_on = |frame: &FromRelay| {
            matches!(frame, FromRelay::AmendRefused { reason: AmendRefused::MovedOn { position }, .. }
                if *position == s.charter.position())
        };
        assert!(got.iter().any(moved_on), "{got:?}");
    }
    s.remove_bob(second);
}

#[test]
fn who_writes_on_puts_their_removal_off_once() {
    let mut s = scene();
    let (_, first) = s.write();
    let (_, second) = s.write();
    let document = s.stream.document();
    let target = Target::Device(s.bob.device());
    let removal = |s: &Scene, point| {
        let seen = vec![Extent { document, point }];
        fixture::remove(&s.charter, &s.ann, target, None, seen)
    };
    let sent_back = |s: &mut Scene, entry| {
        s.relay.take(s.conn);
        s.relay.send(s.conn, &amend(&entry));
        let got = s.relay.take(s.conn);
        matches!(got[..], [FromRelay::AmendRefused { .. }])
    };
    let entry = removal(&s, first);
    assert!(sent_back(&mut s, entry));
    let (_, third) = s.write();
    assert!(third.seq > second.seq);
    // What was there when it was sent back is still to be read.
    let entry = removal(&s, first);
    assert!(sent_back(&mut s, entry));
    s.remove_bob(second);
}

#[test]
fn who_writes_what_nobody_reads_by_itself_does_not_put_their_removal_off() {
    let mut s = scene();
    let (_, point) = s.write();
    let mut own = Stream::new(&s.bob, s.charter.venture(), 2).opening([5; 16]);
    s.relay
        .send(s.of_bob, &append(&own.seal(b"in a document of bob's own")));
    assert_eq!(acks(&s.relay.take(s.of_bob)).len(), 1);
    s.relay.take(s.conn);
    s.remove_bob(point);
}

#[test]
fn a_removal_that_the_charter_refuses_is_refused_for_that() {
    let mut s = scene();
    let mut stream = Stream::new(&s.ann, s.charter.venture(), 3);
    s.relay.send(s.conn, &append(&stream.seal(b"by ann")));
    let target = Target::Device(s.ann.device());
    let entry = fixture::remove(&s.charter, &s.bob, target, None, Vec::new());
    s.relay.take(s.of_bob);
    s.relay.send(s.of_bob, &amend(&entry));
    let refused = FromRelay::AmendRefused {
        entry: entry.hash(),
        reason: AmendRefused::Forbidden,
    };
    assert_eq!(s.relay.take(s.of_bob), [refused]);
}

#[test]
fn a_space_that_waits_for_new_keys_takes_nothing_new_and_gets_back_what_it_had() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found_whole(&ann);
    // From now on managers as such do not read finance.
    let only = Roles::new(&[Role::Finance]);
    let grant = Some(Grant {
        read: only,
        write: only,
    });
    let rule = AccessRule {
        space: Space::Finance,
        party: None,
        grant,
    };
    let rules = heqi_protocol::List::new(vec![rule]).unwrap();
    let proposal = fixture::propose(&charter, &ann, Action::Access(rules));
    relay.amend(&mut charter, conn, &proposal);
    let set = fixture::set_access(&charter, &ann, Some(proposal.hash()), &[rule]);
    relay.amend(&mut charter, conn, &set);
    let [mia, fay] = [2, 3].map(|seed| Person::new(seed, ann.party));
    relay.admit(&mut charter, (&ann, conn), &mia, &[Role::PartnerManager]);
    relay.admit(&mut charter, (&ann, conn), &fay, &[Role::Finance]);
    let mut stream = Stream::into_space(&ann, charter.venture(), Space::Finance, 1);
    stream.header.epoch = charter.spaces()[&Space::Finance].epoch;
    let mut twin = stream.clone();
    let kept = twin.seal(b"before");
    let position = charter.position();
    let copy = relay.image.copy();
    relay.send(conn, &append(&kept));
    let ack = acks(&relay.take(conn)).pop().unwrap();
    relay.roll_back_to(&copy);
    relay.core().reincarnate();
    let [conn, of_mia] = [&ann, &mia].map(|who| relay.join(&charter, who));

    let target = Target::Member(fay.member);
    let removal = fixture::remove(&charter, &mia, target, None, Vec::new());
    relay.amend(&mut charter, of_mia, &removal);
    assert!(charter.spaces()[&Space::Finance].is_due);
    relay.take(conn);
    relay.send(conn, &append(&kept));
    assert!(nacked(&relay.take(conn), NackReason::KeysDue));
    let entries = [(position, kept.bytes().to_vec())];
    relay.send(conn, &restore(stream.document(), 1, &entries));
    assert!(
        nacked(&relay.take(conn), NackReason::Forbidden),
        "anybody might say so"
    );
    relay.send(conn, &prove_all(&entries, ack));
    relay.send(conn, &restore(stream.document(), 1, &entries));
    assert_eq!(
        acks(&relay.take(conn))[0].point.seq,
        1,
        "it was there before"
    );

    let rotation = fixture::rotate(&charter, &ann, &[]);
    relay.amend(&mut charter, conn, &rotation);
    twin.header.epoch = charter.spaces()[&Space::Finance].epoch;
    relay.send(conn, &append(&twin.seal(b"after")));
    assert_eq!(acks(&relay.take(conn))[0].point.seq, 2);
}
