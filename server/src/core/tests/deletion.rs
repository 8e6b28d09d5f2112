//! Documents that end, and those that begin a new life.

use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::frame::NackReason;
use heqi_protocol::{Charter, FromRelay, Space};

use super::harness::*;
use crate::ConnId;

struct Scene {
    relay: Relay,
    ann: Person,
    charter: Charter,
    conn: ConnId,
    stream: Stream,
}

fn scene() -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let stream = Stream::new(&ann, charter.venture(), 2).opening([5; 16]);
    Scene {
        relay,
        ann,
        charter,
        conn,
        stream,
    }
}

impl Scene {
    /// More than one commit drops.
    fn write_many(&mut self) {
        let conn = self.conn;
        let envelopes = (0..1_300).map(|_| self.stream.seal(&[7; 40]));
        let frames: Vec<_> = envelopes.map(|it| (conn, append(&it))).collect();
        self.relay.send_all(&frames);
    }

    fn delete(&mut self) {
        let document = self.stream.document();
        let entry = fixture::delete_document(&self.charter, &self.ann, Space::Plan, document);
        self.relay.amend(&mut self.charter, self.conn, &entry);
    }

    fn expect_forbidden(&mut self, frame: &heqi_protocol::ToRelay) {
        self.relay.send(self.conn, frame);
        let got = self.relay.take(self.conn);
        let forbidden = |frame: &FromRelay| {
            let reason = NackReason::Forbidden;
            matches!(frame, FromRelay::Nack { reason: r, .. } if *r == reason)
        };
        assert!(got.len() == 1 && forbidden(&got[0]), "{got:?}");
    }
}

#[test]
fn a_deleted_document_is_not_read_not_listed_and_not_written() {
    let mut s = scene();
    let reader = s.relay.join(&s.charter, &s.ann);
    let first = s.stream.seal(b"kept by its author");
    s.relay.send(s.conn, &append(&first));
    s.relay.take(s.conn);
    let document = s.stream.document();
    s.relay.send(reader, &subscribe(document, &[]));
    s.relay.take(reader);
    s.delete();
    assert!(matches!(
        s.relay.take(reader)[..],
        [FromRelay::Charter { .. }]
    ));
    s.expect_forbidden(&subscribe(document, &[]));
    let next = s.stream.seal(b"more");
    s.expect_forbidden(&append(&next));
    let kept = [(1, first.bytes().to_vec())];
    s.relay.send(s.conn, &restore(document, 1, &kept));
    assert_eq!(
        s.relay.take(s.conn).len(),
        1,
        "one nack, no acknowledgement"
    );
    assert_eq!(s.relay.take(reader), []);
    let fresh = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 2, &s.ann.key);
    let got = s.relay.take(fresh);
    assert!(
        matches!(got.last(), Some(FromRelay::Documents(list)) if list.is_empty()),
        "{got:?}"
    );
}

#[test]
fn an_acknowledgement_of_a_deleted_document_does_not_begin_a_new_life() {
    let mut s = scene();
    let first = s.stream.seal(b"acknowledged, then deleted");
    s.relay.send(s.conn, &append(&first));
    let ack = acks(&s.relay.take(s.conn)).pop().unwrap();
    assert_eq!(ack.point.seq, 1);
    s.delete();
    s.relay.send(s.conn, &attest(ack));
    assert_eq!(s.relay.take(s.conn), []);
    s.relay.restart();
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay.send(conn, &attest(ack));
    assert_eq!(s.relay.take(conn), []);
    assert_eq!(s.relay.core().incarnation().number, 1);
}

#[test]
fn a_document_is_deleted_in_the_space_it_is_in_alone() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found_whole(&ann);
    let mut stream = Stream::into_space(&ann, charter.venture(), Space::Finance, 1);
    stream = stream.opening([5; 16]);
    relay.send(conn, &append(&stream.seal(b"stays")));
    let document = stream.document();
    let entry = fixture::delete_document(&charter, &ann, Space::Plan, document);
    relay.amend(&mut charter, conn, &entry);
    let entry = fixture::new_generation(&charter, &ann, Space::Market, document, 1);
    relay.amend(&mut charter, conn, &entry);
    relay.send(conn, &append(&stream.seal(b"goes on")));
    assert_eq!(acks(&relay.take(conn))[0].point.seq, 2);
    relay.send(conn, &subscribe(document, &[]));
    assert_eq!(whole(&relay.take(conn)).len(), 2);
}

#[test]
fn what_a_deleted_document_held_leaves_the_disk_in_many_small_commits() {
    let mut s = scene();
    let mut root = Stream::new(&s.ann, s.charter.venture(), 1);
    s.relay.send(s.conn, &append(&root.seal(b"stays")));
    s.write_many();
    s.relay.take(s.conn);
    let venture = s.charter.venture();
    let before = s.relay.core().store().venture(venture).unwrap().unwrap();
    assert_eq!(before.documents, 2);
    let row = s.relay.core().store().document(s.stream.document());
    let no = row.unwrap().unwrap().no;
    let commits = s.relay.core().tally().commits;
    s.delete();
    let took = s.relay.core().tally().commits - commits;
    assert!((3..10).contains(&took), "{took} commits");
    let store = s.relay.core().store();
    assert_eq!(store.dropped().unwrap(), [0_u64; 0]);
    assert!(store.rows_from(no, 1, usize::MAX).unwrap().is_empty());
    let device = s.ann.device();
    let stream = s.stream.header.stream;
    let store = s.relay.core().store();
    assert_eq!(store.stream(no, device, stream).unwrap(), None);
    let after = store.venture(venture).unwrap().unwrap();
    assert_eq!(after.documents, 1);
    assert!(after.bytes > 0 && after.bytes < before.bytes / 100);
    s.relay.send(s.conn, &append(&root.seal(b"goes on")));
    assert_eq!(acks(&s.relay.take(s.conn))[0].point.seq, 2);
    let store = s.relay.core().store();
    let later = store.venture(venture).unwrap().unwrap();
    assert!(later.bytes < before.bytes / 100, "memory and disk agree");
}

#[test]
fn a_relay_that_stops_in_the_middle_goes_on_dropping() {
    let mut s = scene();
    s.write_many();
    let document = s.stream.document();
    let entry = fixture::delete_document(&s.charter, &s.ann, Space::Plan, document);
    let input = crate::Input::frame(&amend(&entry).encode());
    let conn = s.conn;
    drop(s.relay.core().handle(vec![(conn, input)], 0));
    assert!(s.relay.core().has_more());
    s.relay.restart();
    assert!(s.relay.core().has_more());
    s.relay.step(Vec::new());
    let dropped = s.relay.core().store().dropped().unwrap();
    assert_eq!(dropped, [0_u64; 0]);
}

#[test]
fn a_document_deleted_in_the_batch_that_opened_it_is_gone_as_well() {
    let mut s = scene();
    let document = s.stream.document();
    let entry = fixture::delete_document(&s.charter, &s.ann, Space::Plan, document);
    let first = s.stream.seal(b"short-lived");
    s.relay
        .send_all(&[(s.conn, append(&first)), (s.conn, amend(&entry))]);
    let got = s.relay.take(s.conn);
    assert!(matches!(got[..], [FromRelay::Charter { .. }]), "{got:?}");
    let row = s.relay.core().store().document(document).unwrap();
    assert_eq!(row, None);
}

#[test]
fn a_new_life_of_a_document_takes_envelopes_of_that_life_alone() {
    let mut s = scene();
    let old = s.stream.seal(b"of the old life");
    s.relay.send(s.conn, &append(&old));
    s.relay.take(s.conn);
    let document = s.stream.document();
    let copy = s.relay.image.copy();
    let lost = s.stream.clone().seal(b"came back");
    s.relay.send(s.conn, &append(&lost));
    let ack = acks(&s.relay.take(s.conn)).pop().unwrap();
    s.relay.roll_back_to(&copy);
    s.relay.core().reincarnate();
    s.conn = s.relay.join(&s.charter, &s.ann);
    let entry = fixture::new_generation(&s.charter, &s.ann, Space::Plan, document, 1);
    s.relay.amend(&mut s.charter, s.conn, &entry);
    let mut twin = s.stream.clone();
    s.relay
        .send(s.conn, &append(&twin.seal(b"still of the old life")));
    let got = s.relay.take(s.conn);
    assert!(
        matches!(
            got[..],
            [FromRelay::Nack {
                reason: NackReason::StaleEpoch { .. },
                ..
            }]
        ),
        "{got:?}"
    );
    twin = s.stream.clone();
    twin.header.generation = 2;
    s.relay
        .send(s.conn, &append(&twin.seal(b"of a life that nobody began")));
    assert!(matches!(
        s.relay.take(s.conn)[..],
        [FromRelay::Nack {
            reason: NackReason::RestoreFirst,
            ..
        }]
    ));
    let read = [&old, &lost].map(|it| (1, it.bytes().to_vec()));
    s.relay.send(s.conn, &prove_all(&read, ack));
    s.relay.send(s.conn, &restore(document, 1, &read));
    assert_eq!(acks(&s.relay.take(s.conn))[0].point.seq, 2);
    let mut new = Stream::new(&s.ann, s.charter.venture(), 3);
    new.header.document = document;
    new.header.generation = 1;
    s.relay.send(s.conn, &append(&new.seal(b"of the new life")));
    assert_eq!(acks(&s.relay.take(s.conn))[0].point.seq, 3);
}
