use heqi_protocol::FromRelay;
use heqi_protocol::fixture::Stream;
use heqi_protocol::frame::{CharterRecord, Unavailable};
use heqi_protocol::limits::CHARTER_ENTRY_BYTES_MAX;
use heqi_protocol::log::CharterAck;

use super::harness::*;
use crate::core::pushing::charter_frame;
use crate::fanout::CHUNK_BYTES_SOFT;
use crate::log::row::Facts;
use crate::log::{CharterSuffix, Staged, Store};

#[test]
fn a_restart_keeps_everything_that_was_acknowledged() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let mut sent = Vec::new();
    let mut last = None;
    for _ in 0..5 {
        let envelope = stream.seal(b"kept");
        relay.send(conn, &append(&envelope));
        last = acks(&relay.take(conn)).pop();
        sent.push(envelope.bytes().to_vec());
    }
    let incarnation = relay.core().incarnation();

    relay.restart();
    assert_eq!(relay.core().incarnation(), incarnation);
    let conn = relay.join(&charter, &ann);
    relay.send(conn, &subscribe(stream.document(), &[]));
    let got = relay.take(conn);
    let read: Vec<_> = whole(&got).into_iter().map(|it| it.1).collect();
    assert_eq!(read, sent);
    assert_eq!(acks(&got).pop(), last, "the same word, byte for byte");

    relay.send(conn, &append(&stream.seal(b"goes on")));
    assert_eq!(acks(&relay.take(conn))[0].point.seq, 6);
}

#[test]
fn a_commit_that_fails_acknowledges_nothing_and_leaves_nothing() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let reader = relay.join(&charter, &ann);
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    relay.send(reader, &subscribe(stream.document(), &[]));
    let kept = stream.seal(b"kept");
    relay.send(conn, &append(&kept));
    relay.take(conn);
    relay.take(reader);

    relay.image.fail(true);
    let lost = stream.seal(b"lost");
    relay.send(conn, &append(&lost));
    let told = [FromRelay::Unavailable(Unavailable::Storage)];
    assert_eq!(relay.take(conn), told);
    assert_eq!(relay.take(reader), told);
    assert!(relay.core().broken().is_some());

    relay.core = None;
    relay.image.fail(false);
    relay.restart();
    let conn = relay.join(&charter, &ann);
    relay.send(conn, &subscribe(stream.document(), &[]));
    let read = whole(&relay.take(conn));
    assert_eq!(read, [(1, kept.bytes().to_vec())]);
    relay.send(conn, &append(&lost));
    assert_eq!(acks(&relay.take(conn))[0].point.seq, 2);
}

#[test]
fn a_relay_whose_disk_failed_takes_no_connection() {
    let mut relay = Relay::new();
    relay.image.fail(true);
    let ann = founder();
    let entry = heqi_protocol::fixture::genesis(
        &ann,
        heqi_protocol::fixture::relay_key(&relay_signing_key()),
        7,
    );
    let venture = heqi_protocol::VentureId(entry.hash().0);
    let who = heqi_protocol::handshake::Who::Founder(ann.device());
    let conn = relay.hello(venture, who, 0, &ann.key);
    relay.take(conn);
    relay.send(conn, &found(&entry));
    let late = crate::ConnId(1_000);
    let meter = std::sync::Arc::new(unlimited());
    relay.step(vec![(late, crate::Input::Connected(meter))]);
    let told = [FromRelay::Unavailable(Unavailable::Storage)];
    assert_eq!(relay.take(late), told);
}

#[test]
fn a_store_holds_one_layout_and_refuses_another_s() {
    let relay = Relay::new();
    let copy = relay.image.copy();
    drop(relay);
    let db = copy.open().unwrap();
    let table: redb::TableDefinition<(), &[u8]> = redb::TableDefinition::new("facts");
    let txn = db.begin_write().unwrap();
    txn.open_table(table)
        .unwrap()
        .insert((), &[9; 34][..])
        .unwrap();
    txn.commit().unwrap();
    let opened = crate::Core::open(db, relay_signing_key(), [0; 32], crate::Options::default());
    assert!(opened.is_err());
}

#[test]
fn charter_entries_of_the_largest_size_go_out_in_frames_of_their_own() {
    let relay = Relay::new();
    let db = relay.image.copy().open().unwrap();
    let (store, _) = Store::open(db, Facts::new([0; 8])).unwrap();
    let sizes = [
        60 << 10,
        CHARTER_ENTRY_BYTES_MAX,
        CHARTER_ENTRY_BYTES_MAX,
        9,
    ];
    let records = sizes.map(|len| CharterRecord {
        entry: heqi_protocol::Bytes::new(vec![7; len]).unwrap(),
        ack: CharterAck::sign(
            heqi_protocol::VentureId([1; 32]),
            Facts::new([0; 8]).incarnation,
            1,
            heqi_protocol::Hash::ZERO,
            &relay_signing_key(),
        ),
    });
    let suffix = CharterSuffix {
        venture_no: 9,
        first: 0,
        records: records.to_vec(),
    };
    let mut staged = Staged::default();
    let venture = heqi_protocol::VentureId([1; 32]);
    staged.charters.insert(venture, suffix);
    store.commit(&staged).unwrap();
    let mut read = Vec::new();
    while read.len() < records.len() {
        let first = read.len() as u64;
        let chunk = store.charter_from(9, first, CHUNK_BYTES_SOFT).unwrap();
        let frame = charter_frame(first, chunk).unwrap();
        let frame = FromRelay::decode(&frame).unwrap();
        read.extend(super::harness::records(&[frame]));
    }
    assert_eq!(read, records);
}
