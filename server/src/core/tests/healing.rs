use heqi_protocol::charter::{Charter, Standing, Target};
use heqi_protocol::fixture::{self, Link, Person, Stream};
use heqi_protocol::frame::{Attested, CharterRecord, NackReason, ToRelay};
use heqi_protocol::handshake::Who;
use heqi_protocol::{Ack, Envelope, FromRelay, Misbehaviour, Role, Space};

use super::harness::*;
use crate::ConnId;
use crate::image::Image;

/// A relay with three acknowledged entries, and the disk as it was after the first.
struct Lost {
    relay: Relay,
    ann: Person,
    charter: Charter,
    stream: Stream,
    read: Vec<(u64, Vec<u8>)>,
    ack: Ack,
    copy: Image,
}

fn lost() -> Lost {
    let mut relay = Relay::new();
    let ann = founder();
    let (charter, conn) = relay.found(&ann);
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let (mut read, mut last, mut copy) = (Vec::new(), None, Image::default());
    for n in 0..3 {
        let envelope = stream.seal(b"kept by its author");
        relay.send(conn, &append(&envelope));
        last = acks(&relay.take(conn)).pop();
        read.push((1, envelope.bytes().to_vec()));
        if n == 0 {
            copy = relay.image.copy();
        }
    }
    Lost {
        relay,
        ann,
        charter,
        stream,
        read,
        ack: last.unwrap(),
        copy,
    }
}

fn expect_reincarnated(relay: &mut Relay, conn: ConnId, number: u32) {
    let got = relay.take(conn);
    assert!(
        matches!(&got[..], [FromRelay::Reincarnated(it)] if it.number == number),
        "{got:?}"
    );
    assert!(relay.closed.contains(&conn));
}

#[test]
fn an_acknowledgement_the_log_bears_out_changes_nothing() {
    let mut s = lost();
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay.send(conn, &attest(s.ack));
    assert_eq!(s.relay.take(conn), []);
    assert_eq!(s.relay.core().incarnation().number, 1);
}

#[test]
fn a_relay_that_lost_entries_takes_them_back_to_their_old_places() {
    let mut s = lost();
    s.relay.roll_back_to(&s.copy);
    let conn = s.relay.join(&s.charter, &s.ann);
    let other = s.relay.join(&s.charter, &s.ann);
    s.relay.send(conn, &attest(s.ack));
    expect_reincarnated(&mut s.relay, conn, 2);
    expect_reincarnated(&mut s.relay, other, 2);

    let conn = s.relay.join(&s.charter, &s.ann);
    let document = s.stream.document();
    s.relay.send(conn, &subscribe(document, &[s.ack.point]));
    s.relay.take(conn);
    s.relay.send(conn, &restore(document, 2, &s.read[1..]));
    let got = s.relay.take(conn);
    let ack = acks(&got).pop().unwrap();
    assert_eq!(ack.point, s.ack.point, "same place, same chain");
    assert_ne!(ack.incarnation, s.ack.incarnation);
    s.relay.send(conn, &append(&s.stream.seal(b"goes on")));
    assert_eq!(acks(&s.relay.take(conn))[0].point.seq, 4);
}

#[test]
fn a_different_entry_in_the_old_place_shows_as_loss_too() {
    let mut s = lost();
    s.relay.roll_back_to(&s.copy);
    let conn = s.relay.join(&s.charter, &s.ann);
    let mut other = Stream::new(&s.ann, s.charter.venture(), 2);
    for _ in 0..5 {
        s.relay.send(conn, &append(&other.seal(b"new")));
    }
    s.relay.take(conn);
    s.relay.send(conn, &attest(s.ack));
    expect_reincarnated(&mut s.relay, conn, 2);
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay
        .send(conn, &restore(s.stream.document(), 2, &s.read[1..]));
    assert_eq!(
        acks(&s.relay.take(conn))[0].point.seq,
        8,
        "they go to the end"
    );
}

#[test]
fn what_is_there_already_is_not_restored_twice() {
    let mut s = lost();
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay
        .send(conn, &restore(s.stream.document(), 1, &s.read));
    let got = s.relay.take(conn);
    assert_eq!(acks(&got).pop().unwrap().point, s.ack.point);
}

#[test]
fn a_restore_with_a_hole_in_a_stream_is_nacked() {
    let mut s = lost();
    s.relay.roll_back_to(&s.copy);
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay
        .send(conn, &restore(s.stream.document(), 3, &s.read[2..]));
    let got = s.relay.take(conn);
    let reason = NackReason::Gap { have: 1 };
    assert!(
        matches!(got[0], FromRelay::Nack { dseq: 3, reason: r, .. } if r == reason),
        "{got:?}"
    );
}

#[test]
fn a_forged_acknowledgement_ends_the_connection() {
    let mut s = lost();
    let conn = s.relay.join(&s.charter, &s.ann);
    let mut forged = s.ack;
    forged.point.seq = 99;
    s.relay.send(conn, &attest(forged));
    let refused = FromRelay::Refused(Misbehaviour::ForgedAck);
    assert_eq!(s.relay.take(conn), [refused]);
}

#[test]
fn an_acknowledgement_of_an_earlier_incarnation_proves_nothing_new() {
    let mut s = lost();
    s.relay.roll_back_to(&s.copy);
    s.relay.core().reincarnate();
    assert_eq!(s.relay.core().incarnation().number, 2);
    let conn = s.relay.join(&s.charter, &s.ann);
    s.relay.send(conn, &attest(s.ack));
    assert_eq!(s.relay.take(conn), []);
    s.relay.restart();
    assert_eq!(s.relay.core().incarnation().number, 2, "it was persisted");
}

#[test]
fn a_relay_that_lost_a_whole_venture_gets_it_back_from_a_member() {
    let mut s = lost();
    let conn = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 0, &s.ann.key);
    let kept = records(&s.relay.take(conn));
    s.relay.roll_back_to(&Image::default());
    s.relay.core().reincarnate();

    let conn = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 1, &s.ann.key);
    let got = s.relay.take(conn);
    assert!(
        matches!(&got[..], [FromRelay::Welcome(welcome)] if welcome.charter_position == 0),
        "{got:?}"
    );
    s.relay.send(conn, &restore_charter(kept.clone()));
    let document = s.stream.document();
    s.relay.send(conn, &subscribe(document, &[]));
    s.relay.send(conn, &restore(document, 1, &s.read));
    let got = s.relay.take(conn);
    assert_eq!(acks(&got).pop().unwrap().point, s.ack.point);

    let conn = s
        .relay
        .hello(s.charter.venture(), s.ann.who(), 0, &s.ann.key);
    assert_eq!(
        records(&s.relay.take(conn)),
        kept,
        "with its old acknowledgements"
    );
}

#[test]
fn a_lost_document_waits_for_the_envelope_that_opened_it() {
    let mut s = lost();
    let conn = s.relay.join(&s.charter, &s.ann);
    let mut opener = Stream::new(&s.ann, s.charter.venture(), 5).opening([5; 16]);
    let first = opener.seal(b"opens");
    let mut second = Stream::new(&s.ann, s.charter.venture(), 6);
    second.header.document = opener.document();
    let envelope = second.seal(b"follows");
    s.relay.send(conn, &append(&envelope));
    assert!(matches!(
        s.relay.take(conn)[..],
        [FromRelay::Nack {
            reason: NackReason::RestoreFirst,
            ..
        }]
    ));
    s.relay.send(conn, &append(&first));
    s.relay.send(conn, &append(&envelope));
    assert_eq!(acks(&s.relay.take(conn)).pop().unwrap().point.seq, 2);
}

/// A relay with three acknowledged entries of bob's, who may only read since, and the disk as it was before the last two.
struct Demoted {
    relay: Relay,
    ann: Person,
    charter: Charter,
    stream: Stream,
    of_bob: ConnId,
    read: Vec<(u64, Vec<u8>)>,
    ack: Ack,
    copy: Image,
}

fn demoted() -> Demoted {
    let mut relay = Relay::new();
    let (ann, bob) = (founder(), Person::new(2, fixture::party(1)));
    let (mut charter, conn) = relay.found(&ann);
    let of_bob = relay.admit(&mut charter, (&ann, conn), &bob, &[Role::Pmo]);
    let admit = fixture::admit_party(&charter, &ann, fixture::party(7));
    relay.amend(&mut charter, conn, &admit);
    let mut stream = Stream::new(&bob, charter.venture(), 1);
    let (position, before) = (charter.position(), relay.image.copy());
    let demote = fixture::set_roles(&charter, &ann, bob.member, &[Role::Viewer]);
    let (mut read, mut last) = (Vec::new(), None);
    for _ in 0..3 {
        let envelope = stream.seal(b"while bob might write");
        relay.send(of_bob, &append(&envelope));
        last = acks(&relay.take(of_bob)).pop();
        read.push((position, envelope.bytes().to_vec()));
    }
    // The copy has the first entry, and what the charter says later.
    let whole = relay.image.copy();
    relay.roll_back_to(&before);
    let of_bob = relay.join(&charter, &bob);
    let conn = relay.join(&charter, &ann);
    let first = Envelope::decode(read[0].1.clone()).unwrap();
    relay.send(of_bob, &append(&first));
    let mut later = charter.clone();
    relay.amend(&mut later, conn, &demote);
    let copy = relay.image.copy();
    relay.roll_back_to(&whole);
    let conn = relay.join(&charter, &ann);
    let of_bob = relay.join(&charter, &bob);
    relay.amend(&mut charter, conn, &demote);
    relay.take(of_bob);
    Demoted {
        relay,
        ann,
        charter,
        stream,
        of_bob,
        read,
        ack: last.unwrap(),
        copy,
    }
}

fn forbidden(got: &[FromRelay], count: usize) -> bool {
    let is_it = |frame: &&FromRelay| {
        let reason = NackReason::Forbidden;
        matches!(frame, FromRelay::Nack { reason: r, .. } if *r == reason)
    };
    got.iter().filter(is_it).count() == count
}

#[test]
fn who_may_not_write_any_more_writes_nothing_as_if_it_had_been_before() {
    let mut s = demoted();
    let forged = (s.read[0].0, s.stream.seal(b"now").bytes().to_vec());
    let document = s.stream.document();
    let back = restore(document, 4, std::slice::from_ref(&forged));
    s.relay.send(s.of_bob, &back);
    assert!(forbidden(&s.relay.take(s.of_bob), 1));
    // Nor does the acknowledgement of what was there before serve for it.
    let mut read = s.read.clone();
    read.push(forged.clone());
    s.relay.send(s.of_bob, &prove_all(&read, s.ack));
    s.relay
        .send(s.of_bob, &prove(s.ack.point.chain, &read[3..], None));
    s.relay.send(s.of_bob, &back);
    assert!(forbidden(&s.relay.take(s.of_bob), 1));
    // Shown with another position than it had, an entry is another one.
    s.relay.roll_back_to(&s.copy);
    s.relay.core().reincarnate();
    let conn = s.relay.join(&s.charter, &s.ann);
    let moved = [(s.read[1].0 - 1, s.read[1].1.clone())];
    s.relay.send(conn, &prove_all(&s.read, s.ack));
    s.relay.send(conn, &restore(document, 2, &moved));
    assert!(forbidden(&s.relay.take(conn), 1));
}

#[test]
fn what_was_acknowledged_comes_back_whatever_its_author_may_do_now() {
    for runs in [1, 2] {
        let mut s = demoted();
        s.relay.roll_back_to(&s.copy);
        s.relay.core().reincarnate();
        let conn = s.relay.join(&s.charter, &s.ann);
        let document = s.stream.document();
        s.relay.send(conn, &restore(document, 2, &s.read[1..]));
        assert!(forbidden(&s.relay.take(conn), 1), "nothing shows it");
        let ack = s.ack;
        if runs == 1 {
            s.relay.send(conn, &prove_all(&s.read, ack));
            s.relay.send(conn, &restore(document, 2, &s.read[1..]));
        } else {
            let start = heqi_protocol::log::chain_start(ack.venture, document);
            let hash = |read: &(u64, Vec<u8>)| Envelope::decode(read.1.clone()).unwrap().hash();
            let middle = s.read[..2].iter().fold(start, |chain, read| {
                heqi_protocol::log::chain_next(chain, hash(read), read.0)
            });
            let first = prove(start, &s.read[..2], None);
            s.relay.send(conn, &first);
            s.relay.send(conn, &restore(document, 2, &s.read[1..2]));
            assert!(forbidden(&s.relay.take(conn), 1), "it leads nowhere yet");
            s.relay.send(conn, &prove(middle, &s.read[2..], Some(ack)));
            s.relay.send(conn, &first);
            s.relay.send(conn, &restore(document, 2, &s.read[1..2]));
            s.relay.send(conn, &prove(middle, &s.read[2..], None));
            s.relay.send(conn, &restore(document, 3, &s.read[2..]));
        }
        let got = s.relay.take(conn);
        assert_eq!(acks(&got).pop().unwrap().point, ack.point, "{got:?}");
    }
}

/// A venture with an invite and its acceptance by bob, and the disk as it was before both.
fn with_bob() -> (Relay, Person, Person, Charter, Vec<CharterRecord>, Image) {
    let mut relay = Relay::new();
    let (ann, bob) = (founder(), Person::new(2, fixture::party(1)));
    let (mut charter, conn) = relay.found(&ann);
    let copy = relay.image.copy();
    let link = Link::new(1);
    let invite = fixture::invite(&charter, &ann, &link, ann.party, &[Role::Pmo], None);
    relay.amend(&mut charter, conn, &invite);
    let holder = relay.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key);
    relay.take(holder);
    let accept = fixture::accept(&charter, &link, &bob);
    relay.amend(&mut charter, holder, &accept);
    let conn = relay.hello(charter.venture(), bob.who(), 0, &bob.key);
    let kept = records(&relay.take(conn));
    (relay, ann, bob, charter, kept, copy)
}

#[test]
fn a_device_whose_admission_was_lost_brings_it_back() {
    let (mut relay, _, bob, charter, kept, copy) = with_bob();
    relay.roll_back_to(&copy);
    let conn = relay.hello(charter.venture(), bob.who(), 3, &bob.key);
    let got = relay.take(conn);
    assert!(matches!(got[..], [FromRelay::Welcome(_)]), "{got:?}");
    let lost = ToRelay::Attest(Attested::Charter(kept[2].ack));
    relay.send(conn, &lost);
    expect_reincarnated(&mut relay, conn, 2);

    let conn = relay.hello(charter.venture(), bob.who(), 3, &bob.key);
    relay.take(conn);
    relay.send(conn, &restore_charter(kept.clone()));
    relay.take(conn);
    let mut stream = Stream::new(&bob, charter.venture(), 9);
    relay.send(conn, &append(&stream.seal(b"by bob")));
    assert_eq!(acks(&relay.take(conn)).len(), 1);
    let fresh = relay.hello(charter.venture(), bob.who(), 0, &bob.key);
    assert_eq!(records(&relay.take(fresh)), kept);
}

#[test]
fn of_two_branches_the_one_acknowledged_in_the_lower_incarnation_stands() {
    let (mut relay, ann, bob, charter, kept, copy) = with_bob();
    relay.roll_back_to(&copy);
    relay.core().reincarnate();
    let mut other = Charter::found(&fixture::genesis(&ann, charter.relay(), 7)).unwrap();
    let conn = relay.join(&other, &ann);
    for n in 2..5 {
        let admit = fixture::admit_party(&other, &ann, fixture::party(n));
        relay.amend(&mut other, conn, &admit);
    }
    assert_eq!(other.position(), 4);

    // Bob has more than one entry less than the relay: he is let in by his longer way round.
    let back = relay.hello(charter.venture(), ann.who(), 3, &ann.key);
    relay.take(back);
    relay.send(back, &restore_charter(kept.clone()));
    let pushed = relay.take(conn);
    assert!(
        matches!(&pushed[..], [FromRelay::Charter { first: 1, entries }] if entries.len() == 2),
        "{pushed:?}"
    );
    let conn = relay.hello(charter.venture(), bob.who(), 0, &bob.key);
    assert_eq!(records(&relay.take(conn)), kept);
    relay.restart();
    let conn = relay.hello(charter.venture(), bob.who(), 0, &bob.key);
    assert_eq!(records(&relay.take(conn)), kept, "after a restart too");
}

#[test]
fn records_without_this_relay_s_word_are_refused() {
    let (mut relay, ann, _, charter, mut kept, copy) = with_bob();
    relay.roll_back_to(&copy);
    relay.core().reincarnate();
    kept[1].ack.signature = kept[0].ack.signature;
    let conn = relay.join(&charter, &ann);
    relay.send(conn, &restore_charter(kept));
    let refused = FromRelay::Refused(Misbehaviour::ForgedAck);
    assert_eq!(relay.take(conn), [refused]);
}

#[test]
fn a_removal_that_was_acknowledged_before_the_loss_is_not_overtaken() {
    let mut relay = Relay::new();
    let (ann, bob) = (founder(), Person::new(2, fixture::party(1)));
    let (mut charter, conn) = relay.found(&ann);
    relay.admit(
        &mut charter,
        (&ann, conn),
        &bob,
        &[Role::Pmo, Role::PartnerManager],
    );
    let copy = relay.image.copy();
    let before = charter.clone();
    let target = Target::Device(bob.device());
    let removal = fixture::remove(&charter, &ann, target, None, Vec::new());
    relay.amend(&mut charter, conn, &removal);
    let all = relay.hello(charter.venture(), ann.who(), 0, &ann.key);
    let kept = records(&relay.take(all));

    // The removal is lost; bob writes, changes the charter, and would lock out ann.
    relay.roll_back_to(&copy);
    relay.core().reincarnate();
    let of_bob = relay.join(&before, &bob);
    let mut theirs = before.clone();
    let admit = fixture::admit_party(&theirs, &bob, fixture::party(8));
    relay.amend(&mut theirs, of_bob, &admit);
    let revenge = fixture::remove(
        &theirs,
        &bob,
        Target::Device(ann.device()),
        None,
        Vec::new(),
    );
    relay.amend(&mut theirs, of_bob, &revenge);
    let mut stream = Stream::new(&bob, charter.venture(), 9);
    stream.header.epoch = theirs.spaces()[&Space::Plan].epoch;
    let written = stream.seal(b"under the branch that goes");
    relay.send(of_bob, &append(&written));
    assert_eq!(acks(&relay.take(of_bob)).pop().unwrap().point.seq, 1);

    let all = relay.hello(charter.venture(), bob.who(), 0, &bob.key);
    let branch = records(&relay.take(all));
    assert_eq!(branch.len() as u64, theirs.position());

    // Ann, removed there, has the older word.
    let has = kept.len() as u64;
    let back = relay.hello(charter.venture(), ann.who(), has, &ann.key);
    let refused = FromRelay::Refused(Misbehaviour::NotAdmitted);
    assert_eq!(relay.take(back).last(), Some(&refused));
    assert!(!relay.closed.contains(&back), "she may know better");
    relay.send(back, &subscribe(stream.document(), &[]));
    assert_eq!(relay.take(back), [], "and may do nothing else");
    relay.send(back, &restore_charter(kept.clone()));
    let got = relay.take(of_bob);
    assert_eq!(records(&got).last(), kept.last());
    assert_eq!(got.last(), Some(&refused));
    let conn = relay.join(&charter, &ann);
    relay.send(conn, &subscribe(stream.document(), &[]));
    let (position, bytes) = whole(&relay.take(conn)).pop().unwrap();
    let envelope = Envelope::decode(bytes).unwrap();
    let (header, hash) = (&envelope.header, envelope.hash());
    let standing = charter.judge(header, hash, 1, position);
    assert_eq!(standing, Standing::Late, "it stays, and counts for nothing");

    // Whoever brings the other branch changes nothing.
    relay.core().reincarnate();
    let of_bob = relay.hello(charter.venture(), bob.who(), 99, &bob.key);
    relay.take(of_bob);
    let parted = usize::try_from(before.position()).unwrap();
    relay.send(of_bob, &restore_charter(branch[parted..].to_vec()));
    let fresh = relay.hello(charter.venture(), ann.who(), 0, &ann.key);
    assert_eq!(records(&relay.take(fresh)), kept);
}
