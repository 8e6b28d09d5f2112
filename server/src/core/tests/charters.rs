use heqi_protocol::charter::{Charter, Target};
use heqi_protocol::fixture::{self, Link, Person};
use heqi_protocol::frame::{AmendRefused, Unavailable};
use heqi_protocol::handshake::Who;
use heqi_protocol::{FromRelay, Misbehaviour, Role, VentureId};

use super::harness::*;
use crate::Options;
use crate::image::Image;

fn bob() -> Person {
    Person::new(2, fixture::party(1))
}

#[test]
fn a_founded_venture_welcomes_its_founder_with_the_charter() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, _) = relay.found(&ann);
    let conn = relay.hello(charter.venture(), ann.who(), 0, &ann.key);
    let got = relay.take(conn);
    let [
        FromRelay::Welcome(welcome),
        FromRelay::Charter { first: 0, entries },
        FromRelay::Documents(_),
    ] = &got[..]
    else {
        panic!("{got:?}");
    };
    assert_eq!(welcome.charter_head, charter.head());
    assert_eq!(entries.len(), 1);
    let ack = entries[0].ack;
    ack.verify(charter.venture(), charter.relay()).unwrap();
    assert_eq!((ack.position, ack.head), (1, charter.head()));
}

#[test]
fn founding_again_shows_the_same_entry_and_the_founder_goes_on_as_a_device() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, _) = relay.found(&ann);
    let entry = fixture::genesis(&ann, charter.relay(), 7);
    let conn = relay.hello(charter.venture(), Who::Founder(ann.device()), 0, &ann.key);
    relay.take(conn);
    relay.send(conn, &found(&entry));
    assert_eq!(records(&relay.take(conn)).len(), 1);
    let mut charter = charter;
    let admit = fixture::admit_party(&charter, &ann, fixture::party(2));
    relay.amend(&mut charter, conn, &admit);
}

#[test]
fn a_closed_relay_takes_no_new_venture() {
    let options = Options {
        is_closed: true,
        ..Options::default()
    };
    let mut relay = Relay::on(Image::default(), options);
    let ann = founder();
    let entry = fixture::genesis(&ann, fixture::relay_key(&relay_signing_key()), 7);
    let venture = VentureId(entry.hash().0);
    let conn = relay.hello(venture, Who::Founder(ann.device()), 0, &ann.key);
    relay.take(conn);
    relay.send(conn, &found(&entry));
    let refused = FromRelay::AmendRefused {
        entry: entry.hash(),
        reason: AmendRefused::Closed,
    };
    assert_eq!(relay.take(conn), [refused]);
}

#[test]
fn a_venture_that_names_another_relay_is_refused() {
    let mut relay = Relay::new();
    let ann = founder();
    let other = fixture::relay_key(&fixture::signing_key("relay", 2));
    let entry = fixture::genesis(&ann, other, 7);
    let venture = VentureId(entry.hash().0);
    let conn = relay.hello(venture, Who::Founder(ann.device()), 0, &ann.key);
    relay.take(conn);
    relay.send(conn, &found(&entry));
    let refused = FromRelay::Refused(Misbehaviour::WrongRelay);
    assert_eq!(relay.take(conn), [refused]);
}

#[test]
fn an_entry_is_pushed_to_everybody_and_repeating_it_repeats_the_answer() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found(&ann);
    let other = relay.join(&charter, &ann);
    let admit = fixture::admit_party(&charter, &ann, fixture::party(2));
    relay.amend(&mut charter, conn, &admit);
    let pushed = records(&relay.take(other));
    assert_eq!(pushed[0].ack.head, charter.head());
    relay.send(conn, &amend(&admit));
    assert_eq!(records(&relay.take(conn)), pushed);
    assert_eq!(relay.take(other), [], "nobody else hears of the repetition");
}

#[test]
fn of_two_entries_for_one_place_the_second_is_told_that_the_charter_moved_on() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let first = fixture::admit_party(&charter, &ann, fixture::party(2));
    let second = fixture::admit_party(&charter, &ann, fixture::party(3));
    relay.send_all(&[(conn, amend(&first)), (conn, amend(&second))]);
    let got = relay.take(conn);
    let refused = FromRelay::AmendRefused {
        entry: second.hash(),
        reason: AmendRefused::MovedOn { position: 2 },
    };
    assert!(got.contains(&refused), "{got:?}");
    assert_eq!(records(&got)[0].ack.head, first.hash());
}

#[test]
fn an_invite_is_accepted_once() {
    let mut relay = Relay::new();
    let (ann, bob, eve) = (founder(), bob(), Person::new(3, fixture::party(1)));
    let (mut charter, conn) = relay.found(&ann);
    let link = Link::new(1);
    let invite = fixture::invite(&charter, &ann, &link, ann.party, &[Role::Pmo], None);
    relay.amend(&mut charter, conn, &invite);

    let before = charter.clone();
    let [holder, rival] =
        [0, 1].map(|_| relay.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key));
    assert_eq!(records(&relay.take(holder)).len(), 2);
    relay.take(rival);
    let accept = fixture::accept(&before, &link, &bob);
    let late = fixture::accept(&before, &link, &eve);
    charter.append(&accept).unwrap();
    relay.send_all(&[(holder, amend(&accept)), (rival, amend(&late))]);
    assert!(matches!(
        relay.take(holder)[..],
        [FromRelay::Charter { .. }]
    ));
    let [
        FromRelay::Charter { first: 2, entries },
        FromRelay::Refused(Misbehaviour::NotAdmitted),
    ] = &relay.take(rival)[..]
    else {
        panic!("sees that it is used, and is closed");
    };
    assert_eq!(entries[0].ack.head, accept.hash());
    relay.take(conn);

    let admit = fixture::admit_party(&charter, &ann, fixture::party(2));
    relay.amend(&mut charter, conn, &admit);
    let again = relay.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key);
    let got = relay.take(again);
    assert_eq!(records(&got).len(), 3, "up to the acceptance");
    assert_eq!(
        got.last(),
        Some(&FromRelay::Refused(Misbehaviour::NotAdmitted))
    );
    assert!(relay.closed.contains(&again));
    assert_eq!(relay.take(holder), [], "nothing more of the charter");
    let conn = relay.join(&charter, &bob);
    assert!(!relay.closed.contains(&conn));
}

#[test]
fn an_invite_is_not_accepted_after_its_time() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found(&ann);
    let link = Link::new(1);
    let expires_ms = Some(relay.now_ms + 10);
    let invite = fixture::invite(&charter, &ann, &link, ann.party, &[Role::Pmo], expires_ms);
    relay.amend(&mut charter, conn, &invite);
    relay.now_ms += 11;
    let holder = relay.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key);
    relay.take(holder);
    let entry = fixture::accept(&charter, &link, &bob());
    relay.send(holder, &amend(&entry));
    let refused = FromRelay::AmendRefused {
        entry: entry.hash(),
        reason: AmendRefused::Expired,
    };
    assert_eq!(relay.take(holder), [refused]);
}

#[test]
fn the_holder_of_an_invite_reads_no_document() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found(&ann);
    let link = Link::new(1);
    let invite = fixture::invite(&charter, &ann, &link, ann.party, &[Role::Pmo], None);
    relay.amend(&mut charter, conn, &invite);
    let holder = relay.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key);
    let got = relay.take(holder);
    assert!(!got.iter().any(|it| matches!(it, FromRelay::Documents(_))));
    let document = fixture::Stream::new(&ann, charter.venture(), 1).document();
    relay.send(holder, &subscribe(document, &[]));
    let refused = FromRelay::Refused(Misbehaviour::OutOfTurn);
    assert_eq!(relay.take(holder), [refused]);
}

#[test]
fn a_stranger_is_not_admitted_and_a_stranger_s_venture_is_unknown() {
    let mut relay = Relay::new();
    let (ann, eve) = (founder(), Person::new(66, fixture::party(1)));
    let (charter, _) = relay.found(&ann);
    let conn = relay.hello(charter.venture(), eve.who(), 0, &eve.key);
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(relay.take(conn), [refused]);
    let link = Link::new(9);
    let conn = relay.hello(VentureId([9; 32]), Who::Invite(link.id()), 0, &link.key);
    let unknown = FromRelay::Unavailable(Unavailable::UnknownVenture);
    assert_eq!(relay.take(conn), [unknown]);
}

#[test]
fn a_hello_to_another_challenge_is_refused() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, _) = relay.found(&ann);
    let (_, challenge) = relay.connect_with(std::sync::Arc::new(unlimited()));
    let (conn, _) = relay.connect_with(std::sync::Arc::new(unlimited()));
    let hello = fixture::hello(&challenge, charter.venture(), ann.who(), 0, &ann.key);
    relay.send(conn, &heqi_protocol::ToRelay::Hello(hello));
    let refused = FromRelay::Refused(Misbehaviour::BadSignature);
    assert_eq!(relay.take(conn), [refused]);
}

#[test]
fn nothing_is_said_before_hello() {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, _): (Charter, _) = relay.found(&ann);
    let (conn, _) = relay.connect_with(std::sync::Arc::new(unlimited()));
    let document = fixture::Stream::new(&ann, charter.venture(), 1).document();
    relay.send(conn, &subscribe(document, &[]));
    let refused = FromRelay::Refused(Misbehaviour::OutOfTurn);
    assert_eq!(relay.take(conn), [refused]);
    assert!(relay.closed.contains(&conn));
}

#[test]
fn a_name_is_taken_from_whom_it_concerns_and_shown_to_everybody() {
    let mut relay = Relay::new();
    let ann = founder();
    let (mut charter, conn) = relay.found(&ann);
    let viewer = relay.admit(&mut charter, (&ann, conn), &bob(), &[Role::Viewer]);
    let own = Target::Device(bob().device());
    for target in [own, Target::Member(bob().member)] {
        let entry = fixture::set_name(&charter, &bob(), target);
        relay.amend(&mut charter, viewer, &entry);
        let shown = records(&relay.take(conn)).pop().unwrap();
        assert_eq!(shown.ack.head, entry.hash());
    }
    for (by, sender, target) in [
        (&ann, conn, own),
        (&bob(), viewer, Target::Device(ann.device())),
        (&bob(), viewer, Target::Member(ann.member)),
        (&bob(), viewer, Target::Party(ann.party)),
    ] {
        let entry = fixture::set_name(&charter, by, target);
        relay.send(sender, &amend(&entry));
        let refused = FromRelay::AmendRefused {
            entry: entry.hash(),
            reason: AmendRefused::Forbidden,
        };
        assert_eq!(relay.take(sender), [refused], "{target:?}");
    }
}
