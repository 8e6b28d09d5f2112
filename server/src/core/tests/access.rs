//! Rights that change while people are connected, and what never reaches those who have none.

use std::collections::BTreeSet;

use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::frame::NackReason;
use heqi_protocol::log::Point;
use heqi_protocol::{Charter, DocumentId, Envelope, FromRelay, Role, Space, ToRelay};

use super::harness::*;
use crate::ConnId;

struct Scene {
    relay: Relay,
    ann: Person,
    bob: Person,
    charter: Charter,
    conn: ConnId,
    of_bob: ConnId,
    finance: Stream,
}

fn scene(roles: &[Role]) -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let bob = Person::new(2, ann.party);
    let (mut charter, conn) = relay.found_whole(&ann);
    let of_bob = relay.admit(&mut charter, (&ann, conn), &bob, roles);
    let finance = Stream::into_space(&ann, charter.venture(), Space::Finance, 1);
    Scene {
        relay,
        ann,
        bob,
        charter,
        conn,
        of_bob,
        finance,
    }
}

impl Scene {
    fn roles_of_bob(&mut self, roles: &[Role]) -> heqi_protocol::charter::Entry {
        fixture::set_roles(&self.charter, &self.ann, self.bob.member, roles)
    }

    fn epoch(&self) -> u32 {
        self.charter.spaces()[&Space::Finance].epoch
    }

    fn write(&mut self) -> (Envelope, Point) {
        self.finance.header.epoch = self.epoch();
        let text = format!("secret {} of finance", self.finance.header.dseq);
        let envelope = self.finance.seal(text.as_bytes());
        self.relay.send(self.conn, &append(&envelope));
        let ack = acks(&self.relay.take(self.conn)).pop().unwrap();
        (envelope, ack.point)
    }
}

fn documents(frames: &[FromRelay]) -> BTreeSet<(Space, DocumentId)> {
    let lists = frames.iter().filter_map(|frame| match frame {
        FromRelay::Documents(list) => Some(list.iter().map(|it| (it.space, it.document))),
        _ => None,
    });
    lists.flatten().collect()
}

#[test]
fn who_loses_access_hears_nothing_more_not_even_of_the_same_batch() {
    let mut s = scene(&[Role::Finance]);
    let document = s.finance.document();
    s.relay.send(s.of_bob, &subscribe(document, &[]));
    let (first, _) = s.write();
    assert_eq!(whole(&s.relay.take(s.of_bob)).len(), 1);

    let entry = s.roles_of_bob(&[Role::Viewer]);
    let before = s.finance.seal(b"in one batch with the entry");
    let mut own = Stream::into_space(&s.bob, s.charter.venture(), Space::Finance, 3);
    let own = own.seal(b"by bob himself, still in time");
    s.relay.send_all(&[
        (s.of_bob, append(&own)),
        (s.conn, append(&before)),
        (s.conn, amend(&entry)),
    ]);
    s.charter.append(&entry).unwrap();
    let got = s.relay.take(s.of_bob);
    assert!(matches!(got[..], [FromRelay::Charter { .. }]), "{got:?}");
    assert_eq!(acks(&s.relay.take(s.conn)).pop().unwrap().point.seq, 3);

    let (after, _) = s.write();
    assert_eq!(s.relay.take(s.of_bob), []);
    // What he wrote himself is repeated to nobody who may not read it.
    for frame in [
        subscribe(document, &[]),
        append(&own),
        restore(document, 1, &[(1, own.bytes().to_vec())]),
    ] {
        s.relay.send(s.of_bob, &frame);
        let got = s.relay.take(s.of_bob);
        assert!(
            matches!(
                got[..],
                [FromRelay::Nack {
                    reason: NackReason::Forbidden,
                    ..
                }]
            ),
            "{got:?}"
        );
    }
    s.relay.send(s.of_bob, &restore(document, 1, &[]));
    assert_eq!(s.relay.take(s.of_bob), []);
    assert!(s.relay.was_sent(s.of_bob, first.ciphertext()));
    for envelope in [before, after] {
        assert!(!s.relay.was_sent(s.of_bob, envelope.ciphertext()));
    }
}

#[test]
fn what_is_left_to_be_read_of_a_long_log_is_not_read_after_access_is_lost() {
    let mut s = scene(&[Role::Finance]);
    let big = vec![3; 200 << 10];
    let document = s.finance.document();
    for _ in 0..10 {
        let envelope = s.finance.seal(&big);
        s.relay.send(s.conn, &append(&envelope));
    }
    let entry = s.roles_of_bob(&[Role::Viewer]);
    s.relay.send_all(&[
        (s.of_bob, subscribe(document, &[])),
        (s.conn, amend(&entry)),
    ]);
    let got = s.relay.take(s.of_bob);
    assert!(whole(&got).is_empty(), "{got:?}");
}

#[test]
fn who_gains_access_is_told_of_the_documents_there() {
    let mut s = scene(&[Role::Viewer]);
    s.write();
    let mut opened = Stream::into_space(&s.ann, s.charter.venture(), Space::Finance, 8);
    opened = opened.opening([8; 16]);
    s.relay.send(s.conn, &append(&opened.seal(b"opens")));
    assert_eq!(s.relay.take(s.of_bob), []);
    let entry = s.roles_of_bob(&[Role::Finance]);
    s.relay.amend(&mut s.charter, s.conn, &entry);
    let got = s.relay.take(s.of_bob);
    assert!(matches!(got[0], FromRelay::Charter { .. }), "{got:?}");
    let both = [s.finance.document(), opened.document()];
    let expected = both.map(|document| (Space::Finance, document));
    assert_eq!(documents(&got), expected.into());
    s.relay.send(s.of_bob, &subscribe(both[0], &[]));
    assert_eq!(whole(&s.relay.take(s.of_bob)).len(), 1);
}

/// Everything that must not be heard of, byte for byte.
#[derive(Default)]
struct Needles(BTreeSet<Vec<u8>>);

impl Needles {
    fn add(&mut self, envelope: &Envelope, point: Point) {
        self.0.insert(envelope.ciphertext().to_vec());
        self.0.insert(envelope.hash().0.to_vec());
        self.0.insert(envelope.header.stream.0.to_vec());
        self.0.insert(envelope.header.document.0.to_vec());
        self.0.insert(point.chain.0.to_vec());
    }
}

/// Asks for everything that one may try to learn of a document.
fn probes(document: DocumentId, stolen: &Envelope) -> Vec<ToRelay> {
    let point = Point {
        seq: 1,
        chain: stolen.hash(),
    };
    vec![
        restore(document, 1, &[]),
        subscribe(DocumentId([9; 32]), &[point]),
    ]
}

#[test]
fn a_device_without_access_is_never_sent_a_byte_of_a_space() {
    let mut s = scene(&[Role::Viewer]);
    let cecil = Person::new(7, fixture::party(7));
    let admit = fixture::admit_party(&s.charter, &s.ann, cecil.party);
    s.relay.amend(&mut s.charter, s.conn, &admit);
    let of_cecil = s.relay.admit(
        &mut s.charter,
        (&s.ann, s.conn),
        &cecil,
        &[Role::PartnerManager],
    );
    let begin = fixture::rotate(&s.charter, &cecil, &[]);
    s.relay.amend(&mut s.charter, of_cecil, &begin);
    let private = Space::Private(cecil.party);
    let mut sources = [
        (s.conn, s.finance.clone()),
        (
            s.conn,
            Stream::into_space(&s.ann, s.charter.venture(), Space::Finance, 4).opening([4; 16]),
        ),
        (
            of_cecil,
            Stream::into_space(&cecil, s.charter.venture(), private, 5),
        ),
        (
            of_cecil,
            Stream::into_space(&cecil, s.charter.venture(), private, 6).opening([6; 16]),
        ),
    ];
    let mut needles = Needles::default();
    let mut known = BTreeSet::new();
    let mut conns = vec![s.of_bob];
    let mut plan = Stream::new(&s.ann, s.charter.venture(), 50);
    for round in 0..6_u8 {
        for (conn, stream) in &mut sources {
            let newest = s.charter.spaces()[&stream.header.space].epoch;
            stream.header.epoch = newest;
            let envelope = stream.seal(&[round, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]);
            s.relay.send(*conn, &append(&envelope));
            let point = acks(&s.relay.take(*conn)).pop().unwrap().point;
            needles.add(&envelope, point);
            let bob = *conns.last().unwrap();
            for probe in probes(stream.document(), &envelope) {
                s.relay.send(bob, &probe);
            }
        }
        plan.header.epoch = s.charter.spaces()[&Space::Plan].epoch;
        let envelope = plan.seal(&[round; 16]);
        s.relay.send(s.conn, &append(&envelope));
        // Halfway, bob gets access to finance on another device's word, and loses it again before anything is written.
        if round == 2 {
            for roles in [&[Role::Finance][..], &[Role::Viewer]] {
                let entry = s.roles_of_bob(roles);
                s.relay.send(s.conn, &amend(&entry));
                s.charter.append(&entry).unwrap();
                s.relay.take(s.conn);
                if roles.contains(&Role::Finance) {
                    // What he may know for a moment is nothing that must stay hidden.
                    let mut told = documents(&s.relay.take(*conns.last().unwrap()));
                    told.retain(|(space, _)| *space == Space::Finance);
                    assert_eq!(told.len(), 2);
                    known.extend(told.into_iter().map(|(_, document)| document.0.to_vec()));
                }
            }
        }
        let has = if round % 2 == 0 {
            0
        } else {
            s.charter.position()
        };
        let again = s
            .relay
            .hello(s.charter.venture(), s.bob.who(), has, &s.bob.key);
        s.relay.send(again, &subscribe(plan.document(), &[]));
        conns.push(again);
    }
    for conn in &conns[1..] {
        assert!(s.relay.was_sent(*conn, &[5; 16]), "the ear is not deaf");
    }
    for needle in needles.0.difference(&known) {
        for conn in &conns {
            assert!(!s.relay.was_sent(*conn, needle), "{needle:?}");
        }
    }
    let reader = s.relay.join(&s.charter, &s.ann);
    s.relay
        .send(reader, &subscribe(sources[0].1.document(), &[]));
    let held = needles.0.iter().filter(|it| s.relay.was_sent(reader, it));
    assert!(held.count() > 5, "who has access is sent them");
}
