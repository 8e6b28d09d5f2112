use std::sync::Arc;

use heqi_protocol::fixture::{Person, Stream};
use heqi_protocol::frame::{NackReason, Sent, ToRelay};
use heqi_protocol::log::{Point, chain_next, chain_start};
use heqi_protocol::{Charter, DocumentId, Envelope, FromRelay, Misbehaviour, Prev, Space};

use super::harness::*;
use crate::{ConnId, Meter, Options};

struct Scene {
    relay: Relay,
    ann: Person,
    charter: Charter,
    conn: ConnId,
    stream: Stream,
    document: DocumentId,
}

fn scene() -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let stream = Stream::new(&ann, charter.venture(), 1);
    let document = stream.document();
    Scene {
        relay,
        ann,
        charter,
        conn,
        stream,
        document,
    }
}

fn seal_many(stream: &mut Stream, count: usize) -> Vec<Envelope> {
    (0..count).map(|n| stream.seal(&n.to_le_bytes())).collect()
}

fn appends(conn: ConnId, envelopes: &[Envelope]) -> Vec<(ConnId, ToRelay)> {
    envelopes.iter().map(|it| (conn, append(it))).collect()
}

#[test]
fn an_appended_envelope_is_acknowledged_with_the_chain_everybody_computes() {
    let mut s = scene();
    let envelope = s.stream.seal(b"one");
    s.relay.send(s.conn, &append(&envelope));
    let ack = acks(&s.relay.take(s.conn))[0];
    let start = chain_start(s.charter.venture(), s.document);
    assert_eq!(ack.point.seq, 1);
    assert_eq!(ack.point.chain, chain_next(start, envelope.hash(), 1));
    assert_eq!(ack.incarnation, s.relay.core().incarnation());
    ack.verify(s.charter.relay()).unwrap();
}

#[test]
fn a_batch_of_one_document_is_acknowledged_once() {
    let mut s = scene();
    let envelopes = seal_many(&mut s.stream, 10);
    s.relay.send_all(&appends(s.conn, &envelopes));
    let acks = acks(&s.relay.take(s.conn));
    assert_eq!(acks.len(), 1);
    assert_eq!(acks[0].point.seq, 10);
}

#[test]
fn readers_get_entries_whole_and_the_author_gets_its_own_by_hash() {
    let mut s = scene();
    let reader = s.relay.join(&s.charter, &s.ann);
    for conn in [s.conn, reader] {
        s.relay.send(conn, &subscribe(s.document, &[]));
        s.relay.take(conn);
    }
    let envelope = s.stream.seal(b"one");
    s.relay.send(s.conn, &append(&envelope));
    let to_reader = s.relay.take(reader);
    assert_eq!(whole(&to_reader), [(1, envelope.bytes().to_vec())]);
    assert_eq!(acks(&to_reader).len(), 1);
    let [
        // The document is new with its first entry.
        FromRelay::Documents(_),
        FromRelay::Entries {
            entries, first_seq, ..
        },
        FromRelay::Ack(_),
    ] = &s.relay.take(s.conn)[..]
    else {
        panic!("the author gets entries, then the acknowledgement");
    };
    assert_eq!(*first_seq, 1);
    assert_eq!(entries[0].sent, Sent::Yours(envelope.hash()));
}

#[test]
fn a_subscriber_reads_on_from_the_last_common_point() {
    let mut s = scene();
    let envelopes = seal_many(&mut s.stream, 5);
    let mut points = Vec::new();
    for envelope in &envelopes {
        s.relay.send(s.conn, &append(envelope));
        points.push(acks(&s.relay.take(s.conn))[0].point);
    }
    let forked = Point {
        seq: 4,
        chain: points[0].chain,
    };
    let locator = [forked, points[2], points[0]];
    s.relay.send(s.conn, &subscribe(s.document, &locator));
    let got = s.relay.take(s.conn);
    let subscribed = FromRelay::Subscribed {
        document: s.document,
        matched: points[2],
        head: points[4],
    };
    assert_eq!(got[0], subscribed);
    let read: Vec<_> = whole(&got).into_iter().map(|it| it.1).collect();
    assert_eq!(read, bytes_of(&envelopes[3..]));
    assert_eq!(acks(&got)[0].point, points[4]);
}

#[test]
fn a_stale_locator_falls_back_to_the_start() {
    let mut s = scene();
    let envelopes = seal_many(&mut s.stream, 3);
    s.relay.send_all(&appends(s.conn, &envelopes));
    s.relay.take(s.conn);
    let elsewhere = Point {
        seq: 2,
        chain: envelopes[0].hash(),
    };
    s.relay.send(s.conn, &subscribe(s.document, &[elsewhere]));
    let got = s.relay.take(s.conn);
    let start = Point {
        seq: 0,
        chain: chain_start(s.charter.venture(), s.document),
    };
    assert!(matches!(got[0], FromRelay::Subscribed { matched, .. } if matched == start));
    assert_eq!(whole(&got).len(), 3);
}

#[test]
fn what_comes_while_a_long_log_is_read_comes_after_it_and_once() {
    let mut s = scene();
    let big = vec![0; 200 << 10];
    let mut envelopes: Vec<_> = (0..20).map(|_| s.stream.seal(&big)).collect();
    s.relay.send_all(&appends(s.conn, &envelopes));
    let reader = s.relay.join(&s.charter, &s.ann);
    let last = s.stream.seal(b"last");
    // One batch: the log is still to be read when the new envelope arrives.
    let frames = [
        (reader, subscribe(s.document, &[])),
        (s.conn, append(&last)),
    ];
    s.relay.send_all(&frames);
    envelopes.push(last);
    let read: Vec<_> = whole(&s.relay.take(reader))
        .into_iter()
        .map(|it| it.1)
        .collect();
    assert_eq!(read, bytes_of(&envelopes));
}

#[test]
fn a_repeated_append_repeats_the_acknowledgement_and_adds_nothing() {
    let mut s = scene();
    let reader = s.relay.join(&s.charter, &s.ann);
    s.relay.send(reader, &subscribe(s.document, &[]));
    let envelopes = seal_many(&mut s.stream, 200);
    s.relay.send_all(&appends(s.conn, &envelopes));
    let first = acks(&s.relay.take(s.conn));
    s.relay.take(reader);
    for n in [199, 130, 64, 63, 0] {
        s.relay.send(s.conn, &append(&envelopes[n]));
        assert_eq!(acks(&s.relay.take(s.conn)), first, "envelope {n}");
    }
    assert_eq!(s.relay.take(reader), [], "nobody else hears of it");
}

#[test]
fn an_envelope_sent_twice_in_one_batch_stands_once() {
    let mut s = scene();
    let envelope = s.stream.seal(b"one");
    let frame = append(&envelope);
    s.relay
        .send_all(&[(s.conn, frame.clone()), (s.conn, frame)]);
    assert_eq!(acks(&s.relay.take(s.conn))[0].point.seq, 1);
}

#[test]
fn a_gap_is_nacked_with_what_is_there() {
    let mut s = scene();
    let envelopes = seal_many(&mut s.stream, 3);
    s.relay.send(s.conn, &append(&envelopes[0]));
    s.relay.take(s.conn);
    s.relay.send(s.conn, &append(&envelopes[2]));
    let [
        FromRelay::Nack {
            dseq: 3, reason, ..
        },
    ] = s.relay.take(s.conn)[..]
    else {
        panic!("no nack");
    };
    assert_eq!(reason, NackReason::Gap { have: 1 });
}

#[test]
fn two_envelopes_for_one_place_are_refused_and_kept_as_proof() {
    let mut s = scene();
    let mut twin = s.stream.clone();
    let (first, second) = (s.stream.seal(b"one"), twin.seal(b"two"));
    s.relay.send(s.conn, &append(&first));
    s.relay.take(s.conn);
    s.relay.send(s.conn, &append(&second));
    let refused = FromRelay::Refused(Misbehaviour::Equivocation);
    assert_eq!(s.relay.take(s.conn), [refused]);
    assert!(s.relay.closed.contains(&s.conn));
    let proofs = s.relay.core().store().proofs().unwrap();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0].first, first.bytes());
    assert_eq!(proofs[0].second, second.bytes());
}

#[test]
fn a_wrong_predecessor_is_a_broken_log() {
    let mut s = scene();
    let first = s.stream.seal(b"one");
    s.relay.send(s.conn, &append(&first));
    s.relay.take(s.conn);
    s.stream.header.prev = Prev::Next {
        hash: heqi_protocol::Hash([9; 32]),
    };
    s.relay
        .send(s.conn, &append(&s.stream.clone().seal(b"two")));
    let refused = FromRelay::Refused(Misbehaviour::BrokenLog);
    assert_eq!(s.relay.take(s.conn), [refused]);
}

#[test]
fn a_document_opened_by_its_first_envelope_is_told_to_all_who_may_read_it() {
    let mut s = scene();
    let reader = s.relay.join(&s.charter, &s.ann);
    let mut stream = Stream::new(&s.ann, s.charter.venture(), 2).opening([5; 16]);
    let envelopes = seal_many(&mut stream, 2);
    s.relay.send_all(&appends(s.conn, &envelopes));
    let [FromRelay::Documents(list)] = &s.relay.take(reader)[..] else {
        panic!("no list of documents");
    };
    assert_eq!(list[0].document, stream.document());
    assert_eq!(list[0].space, Space::Plan);
    let later = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 1, &s.ann.key);
    let got = s.relay.take(later);
    assert!(
        matches!(&got[1], FromRelay::Documents(list) if list[0].seq == 2),
        "{got:?}"
    );
}

#[test]
fn an_envelope_for_another_document_than_it_names_is_refused() {
    let mut s = scene();
    s.stream.header.opens = Some([1; 16]);
    s.relay.send(s.conn, &append(&s.stream.seal(b"one")));
    let refused = FromRelay::Refused(Misbehaviour::WrongDocument);
    assert_eq!(s.relay.take(s.conn), [refused]);
}

#[test]
fn one_cannot_append_in_the_name_of_another_device() {
    let mut s = scene();
    let eve = Person::new(66, s.ann.party);
    let mut stream = Stream::new(&eve, s.charter.venture(), 1);
    s.relay.send(s.conn, &append(&stream.seal(b"one")));
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.relay.take(s.conn), [refused]);
}

#[test]
fn a_forged_envelope_is_refused() {
    let mut s = scene();
    let mut bytes = s.stream.seal(b"one").bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let frame = ToRelay::Append(heqi_protocol::Bytes::new(bytes).unwrap());
    s.relay.send(s.conn, &frame);
    let refused = FromRelay::Refused(Misbehaviour::BadSignature);
    assert_eq!(s.relay.take(s.conn), [refused]);
}

#[test]
fn a_space_without_keys_takes_no_envelope_and_shows_no_document() {
    let mut s = scene();
    let venture = s.charter.venture();
    s.stream.header.space = Space::Finance;
    s.stream.header.document = DocumentId::root(venture, Space::Finance);
    let document = s.stream.document();
    s.relay.send(s.conn, &append(&s.stream.seal(b"one")));
    s.relay.send(s.conn, &subscribe(document, &[]));
    for frame in s.relay.take(s.conn) {
        assert!(
            matches!(
                frame,
                FromRelay::Nack {
                    reason: NackReason::Forbidden,
                    ..
                }
            ),
            "{frame:?}"
        );
    }
}

#[test]
fn a_laggard_is_told_to_read_again_and_then_reads_everything() {
    let mut s = scene();
    let meter = Arc::new(Meter::default());
    let (slow, challenge) = s.relay.connect_with(meter.clone());
    let hello =
        heqi_protocol::fixture::hello(&challenge, s.charter.venture(), s.ann.who(), 1, &s.ann.key);
    s.relay.send(slow, &ToRelay::Hello(hello));
    s.relay.send(slow, &subscribe(s.document, &[]));
    s.relay.take(slow);
    let big = vec![0; 900 << 10];
    let envelopes: Vec<_> = (0..8).map(|_| s.stream.seal(&big)).collect();
    for envelope in &envelopes {
        s.relay.send(s.conn, &append(envelope));
    }
    let got = s.relay.take(slow);
    let read = whole(&got).len();
    assert!(read < envelopes.len(), "nothing is buffered without end");
    assert_eq!(got.last(), Some(&FromRelay::Reread(s.document)));
    assert!(!s.relay.closed.contains(&slow));

    // It has read what it was sent, and goes on from there.
    meter.sent(u64::MAX / 2);
    let point = acks(&got).last().unwrap().point;
    assert_eq!(point.seq, read as u64);
    s.relay.send(slow, &subscribe(s.document, &[point]));
    let rest = whole(&s.relay.take(slow));
    assert_eq!(read + rest.len(), envelopes.len());
}

#[test]
fn one_who_asks_and_does_not_read_the_answers_is_closed() {
    let mut s = scene();
    let (deaf, challenge) = s.relay.connect_with(Arc::new(Meter::default()));
    let venture = s.charter.venture();
    let hello = heqi_protocol::fixture::hello(&challenge, venture, s.ann.who(), 1, &s.ann.key);
    s.relay.send(deaf, &ToRelay::Hello(hello));
    let forbidden = (deaf, subscribe(DocumentId([9; 32]), &[]));
    let questions = vec![forbidden; 10_000];
    let mut asked = 0;
    while !s.relay.closed.contains(&deaf) {
        s.relay.send_all(&questions);
        asked += questions.len();
        assert!(asked < 1_000_000, "is never closed");
    }
}

#[test]
fn where_all_who_do_not_read_take_too_much_together_the_furthest_behind_is_closed() {
    let mut s = scene();
    let venture = s.charter.venture();
    let [first, second] = [0, 1].map(|_| {
        let (deaf, challenge) = s.relay.connect_with(Arc::new(Meter::default()));
        let hello = heqi_protocol::fixture::hello(&challenge, venture, s.ann.who(), 1, &s.ann.key);
        s.relay.send(deaf, &ToRelay::Hello(hello));
        deaf
    });
    let questions = |conn| vec![(conn, subscribe(DocumentId([9; 32]), &[])); 10_000];
    for _ in 0..12 {
        s.relay.send_all(&questions(first));
    }
    assert!(!s.relay.closed.contains(&first), "alone it may");
    for _ in 0..12 {
        s.relay.send_all(&questions(second));
        if !s.relay.closed.is_empty() {
            break;
        }
    }
    assert!(s.relay.closed.contains(&first));
    assert!(!s.relay.closed.contains(&second));
    s.relay.send(s.conn, &append(&s.stream.seal(b"goes on")));
    assert_eq!(acks(&s.relay.take(s.conn)).len(), 1);
}

#[test]
fn a_venture_beyond_its_quota_is_nacked() {
    let ann = founder();
    let relay_key = heqi_protocol::fixture::relay_key(&relay_signing_key());
    let genesis = heqi_protocol::fixture::genesis(&ann, relay_key, 7);
    let options = Options {
        venture_bytes_max: Some(genesis.bytes().len() as u64 + 1_000),
        ..Options::default()
    };
    let mut relay = Relay::on(crate::image::Image::default(), options);
    let (charter, conn) = relay.found(&ann);
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    relay.send(conn, &append(&stream.seal(&[0; 300])));
    assert_eq!(acks(&relay.take(conn)).len(), 1);
    relay.send(conn, &append(&stream.seal(&[0; 300])));
    assert!(matches!(
        relay.take(conn)[..],
        [FromRelay::Nack {
            reason: NackReason::Quota,
            ..
        }]
    ));
}
