use heqi_protocol::charter::OfferKind;
use heqi_protocol::fixture::{self, Link, Person};
use heqi_protocol::frame::AmendRefused;
use heqi_protocol::handshake::Who;
use heqi_protocol::{Charter, FromRelay, InviteId, Misbehaviour, Role};
use redb::ReadableTable;

use super::harness::*;
use crate::ConnId;
use crate::log::find::Whereabouts;

struct Scene {
    relay: Relay,
    ann: Person,
    charter: Charter,
    conn: ConnId,
    code: Link,
}

fn offered(kind: OfferKind, expires_ms: Option<u64>) -> Scene {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found_whole(&ann);
    let code = Link::new(5);
    let offer = fixture::offer(&charter, &ann, &code, kind, expires_ms);
    relay.amend(&mut charter, conn, &offer);
    Scene {
        relay,
        ann,
        charter,
        conn,
        code,
    }
}

impl Scene {
    fn hello(&mut self) -> ConnId {
        let who = Who::Invite(self.code.id());
        let venture = self.charter.venture();
        self.relay.hello(venture, who, 0, &self.code.key)
    }

    fn add(&mut self, seed: u64) -> Person {
        let device = self.ann.on_device(seed);
        let holder = self.hello();
        self.relay.take(holder);
        let entry = fixture::add_device(&self.charter, &self.code, &device);
        self.relay.amend(&mut self.charter, holder, &entry);
        assert!(!self.relay.closed.contains(&holder), "it goes by itself");
        device
    }

    fn found(&mut self, id: InviteId) -> Option<Whereabouts> {
        self.relay.core().finder().find(id).unwrap()
    }
}

#[test]
fn the_holder_of_a_code_reads_the_charter_and_adds_one_device() {
    let mut s = offered(OfferKind::Device, None);
    let device = s.add(8);
    let conn = s.relay.join(&s.charter, &device);
    assert!(!s.relay.closed.contains(&conn));
    let again = s.hello();
    let got = s.relay.take(again);
    assert_eq!(records(&got).len(), 3, "up to the device that was added");
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(got.last(), Some(&refused));
}

#[test]
fn a_recovery_key_adds_devices_until_it_is_taken_back() {
    let mut s = offered(OfferKind::Recovery, Some(1));
    for seed in [8, 9] {
        let device = s.add(seed);
        s.relay.join(&s.charter, &device);
        s.relay.take(s.conn);
    }
    let withdrawal = fixture::withdraw(&s.charter, &s.ann, &s.code);
    s.relay.amend(&mut s.charter, s.conn, &withdrawal);
    let holder = s.hello();
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(s.relay.take(holder).last(), Some(&refused));
}

#[test]
fn a_code_adds_no_device_after_its_time() {
    let mut s = offered(OfferKind::Device, Some(1_010));
    s.relay.now_ms += 11;
    let holder = s.hello();
    s.relay.take(holder);
    let entry = fixture::add_device(&s.charter, &s.code, &s.ann.on_device(8));
    s.relay.send(holder, &amend(&entry));
    let refused = FromRelay::AmendRefused {
        entry: entry.hash(),
        reason: AmendRefused::Expired,
    };
    assert_eq!(s.relay.take(holder), [refused]);
}

#[test]
fn the_holder_of_a_code_reads_no_document() {
    let mut s = offered(OfferKind::Recovery, None);
    let holder = s.hello();
    let got = s.relay.take(holder);
    assert!(!got.iter().any(|it| matches!(it, FromRelay::Documents(_))));
    let document = fixture::Stream::new(&s.ann, s.charter.venture(), 1).document();
    s.relay.send(holder, &subscribe(document, &[]));
    let refused = FromRelay::Refused(Misbehaviour::OutOfTurn);
    assert_eq!(s.relay.take(holder), [refused]);
}

#[test]
fn pending_invites_and_offers_are_found_until_they_are_used_or_taken_back() {
    let mut s = offered(OfferKind::Device, None);
    let (venture, relay) = (s.charter.venture(), s.charter.relay());
    let here = Some(Whereabouts { venture, relay });
    let (code, link, other) = (s.code.id(), Link::new(6), Link::new(7));
    for link in [&link, &other] {
        let (party, roles) = (s.ann.party, [Role::Pmo]);
        let invite = fixture::invite(&s.charter, &s.ann, link, party, &roles, None);
        s.relay.amend(&mut s.charter, s.conn, &invite);
    }
    for id in [code, link.id(), other.id()] {
        assert_eq!(s.found(id), here);
    }
    assert_eq!(s.found(Link::new(99).id()), None);
    s.add(8);
    s.relay.take(s.conn);
    let withdrawal = fixture::withdraw(&s.charter, &s.ann, &link);
    s.relay.amend(&mut s.charter, s.conn, &withdrawal);
    s.relay.restart();
    assert_eq!(s.found(code), None);
    assert_eq!(s.found(link.id()), None);
    assert_eq!(s.found(other.id()), here);
}

#[test]
fn nobody_takes_over_the_code_of_another_venture() {
    let mut s = offered(OfferKind::Device, None);
    let eve = Person::new(66, fixture::party(66));
    let (mut charter, conn) = s.relay.found_whole(&eve);
    let offer = fixture::offer(&charter, &eve, &s.code, OfferKind::Device, None);
    s.relay.amend(&mut charter, conn, &offer);
    let venture = s.charter.venture();
    assert_eq!(s.found(s.code.id()).map(|it| it.venture), Some(venture));
    let withdrawal = fixture::withdraw(&charter, &eve, &s.code);
    s.relay.amend(&mut charter, conn, &withdrawal);
    assert_eq!(s.found(s.code.id()).map(|it| it.venture), Some(venture));
}

#[test]
fn a_store_without_an_index_gets_one() {
    let mut s = offered(OfferKind::Recovery, None);
    s.relay.core = None;
    let db = s.relay.image.open().unwrap();
    let txn = db.begin_write().unwrap();
    let found: redb::TableDefinition<[u8; 32], ([u8; 32], [u8; 32])> =
        redb::TableDefinition::new("found");
    assert!(txn.delete_table(found).unwrap());
    {
        let facts: redb::TableDefinition<(), &[u8]> = redb::TableDefinition::new("facts");
        let mut table = txn.open_table(facts).unwrap();
        let mut row = table.get(()).unwrap().unwrap().value().to_vec();
        row[0] = 1;
        table.insert((), row.as_slice()).unwrap();
    }
    txn.commit().unwrap();
    drop(db);
    s.relay.restart();
    let venture = s.charter.venture();
    assert_eq!(s.found(s.code.id()).map(|it| it.venture), Some(venture));
}
