//! What a relay may do that it must not, each told by its name.

use heqi_protocol::charter::{Body, Target};
use heqi_protocol::frame::{AmendRefused, NackReason, Sent, Unavailable};
use heqi_protocol::handshake::{Versions, Welcome};
use heqi_protocol::log::{Ack, Incarnation, Point};
use heqi_protocol::{Bytes, FromRelay, Hash, List, Misbehaviour, StreamId, ToRelay};

use super::desk::{Desk, envelopes};
use crate::{Input, Link, Problem, Replica};

#[test]
fn a_frame_that_cannot_be_read_is_bad() {
    let mut desk = Desk::founder();
    desk.feed(Input::Frame(vec![255, 1, 2]));
    assert_eq!(desk.accused(), Some(Misbehaviour::BadFrame));
}

#[test]
fn nothing_but_the_handshake_is_heard_before_the_relay_has_proven_its_key() {
    let made = Desk::settled();
    let start = made.start();
    let document = made.document();
    let frames = [
        made.charter_from(0),
        FromRelay::Subscribed {
            document,
            matched: start,
            head: start,
        },
        FromRelay::Entries {
            document,
            first_seq: 1,
            entries: List::default(),
        },
        FromRelay::Ack(made.ack_of(start)),
        FromRelay::Reread(document),
        FromRelay::Nack {
            document,
            stream: StreamId([0; 16]),
            dseq: 1,
            reason: NackReason::RestoreFirst,
        },
        FromRelay::AmendRefused {
            entry: Hash::ZERO,
            reason: AmendRefused::Forbidden,
        },
        FromRelay::Documents(List::default()),
    ];
    for frame in frames {
        let mut desk = made.reopened();
        let sent = desk.frame(frame.clone());
        assert!(sent.is_empty(), "{frame:?} was answered by {sent:?}");
        assert_eq!(desk.accused(), Some(Misbehaviour::OutOfTurn), "{frame:?}");
    }
}

#[test]
fn handshake_frames_have_their_turn() {
    let mut early = Desk::founder();
    let sent = early.frame(FromRelay::Challenge(early.challenge()));
    let [ToRelay::Hello(hello)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    let challenge = early.challenge();
    let incarnation = early.incarnation;
    let welcome = Welcome::sign(&challenge, hello, incarnation, 0, Hash::ZERO, &early.relay);
    let mut unasked = Desk::founder();
    unasked.frame(FromRelay::Welcome(welcome));
    assert_eq!(unasked.accused(), Some(Misbehaviour::OutOfTurn));
    early.frame(FromRelay::Challenge(challenge));
    assert_eq!(early.accused(), Some(Misbehaviour::OutOfTurn));
    let mut twice = Desk::live();
    twice.frame(FromRelay::Welcome(welcome));
    assert_eq!(twice.accused(), Some(Misbehaviour::OutOfTurn));
}

#[test]
fn an_entry_that_is_sent_back_though_nothing_has_changed_is_signed_again_after_longer_and_longer() {
    let mut desk = Desk::settled();
    let request = crate::Request::Charter(crate::Act::Invite {
        party: "Bob Ltd".into(),
        code: "B".into(),
        roles: vec![heqi_protocol::Role::Pmo],
        expires_ms: None,
    });
    let mut sent = desk.ask(request);
    let position = desk.records.len() as u64;
    for pause in [250, 500, 1_000, 2_000] {
        let [ToRelay::Amend(entry)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        let entry = heqi_protocol::charter::Entry::hash_of(entry);
        let reason = AmendRefused::MovedOn { position };
        assert_eq!(desk.frame(FromRelay::AmendRefused { entry, reason }), []);
        assert!(desk.replica.asked.is_empty(), "it will not be taken");
        desk.now += pause - 1;
        assert_eq!(desk.feed(Input::Wake), []);
        desk.now += 1;
        sent = desk.feed(Input::Wake);
    }
    assert_eq!(desk.accused(), None);
}

#[test]
fn a_relay_of_other_versions_is_told_so() {
    let mut desk = Desk::founder();
    let mut challenge = desk.challenge();
    challenge.versions = Versions { min: 90, max: 91 };
    desk.frame(FromRelay::Challenge(challenge));
    assert_eq!(desk.accused(), Some(Misbehaviour::NoCommonVersion));
}

#[test]
fn a_relay_with_another_key_than_the_charters_gets_no_hello() {
    let mut desk = Desk::settled().reopened();
    let mut challenge = desk.challenge();
    challenge.relay.0[0] ^= 1;
    assert!(desk.frame(FromRelay::Challenge(challenge)).is_empty());
    assert_eq!(desk.accused(), Some(Misbehaviour::WrongRelay));
}

#[test]
fn a_recovered_device_refuses_a_relay_that_shows_the_charter_of_another() {
    let made = Desk::settled();
    let mut desk = made.emptied();
    desk.relay = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    desk.greet();
    let charter = desk.charter_from(0);
    desk.frame(charter);
    assert_eq!(desk.accused(), Some(Misbehaviour::WrongRelay));
}

#[test]
fn a_welcome_of_another_key_is_a_bad_signature() {
    let mut desk = Desk::founder();
    let challenge = desk.challenge();
    let sent = desk.frame(FromRelay::Challenge(challenge));
    let [ToRelay::Hello(hello)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    let welcome = Welcome::sign(&challenge, hello, desk.incarnation, 0, Hash::ZERO, &other);
    desk.frame(FromRelay::Welcome(welcome));
    assert_eq!(desk.accused(), Some(Misbehaviour::BadSignature));
}

#[test]
fn charter_entries_must_extend_the_charter_with_the_relays_word() {
    let mut desk = Desk::founder();
    let sent = desk.greet();
    let Some(ToRelay::Found(genesis)) = sent.last() else {
        panic!("{sent:?}");
    };
    desk.take_entry(genesis);
    let genuine = desk.records[0].clone();
    let shown = |change: &dyn Fn(&mut heqi_protocol::frame::CharterRecord), first| {
        let mut desk = Desk::founder();
        desk.greet();
        let mut record = genuine.clone();
        change(&mut record);
        desk.frame(FromRelay::Charter {
            first,
            entries: List::new(vec![record]).unwrap(),
        });
        desk.accused()
    };
    assert_eq!(shown(&|_| {}, 0), None);
    assert_eq!(shown(&|_| {}, u64::MAX), Some(Misbehaviour::BadCharter));
    assert_eq!(
        shown(&|record| record.ack.signature.0[0] ^= 1, 0),
        Some(Misbehaviour::ForkedCharter)
    );
    assert_eq!(
        shown(&|record| record.ack.position = 2, 0),
        Some(Misbehaviour::ForkedCharter)
    );
    assert_eq!(
        shown(
            &|record| record.entry = Bytes::new(vec![1, 2, 3]).unwrap(),
            0
        ),
        Some(Misbehaviour::BadCharter)
    );
    let mut other = Desk::new(
        Replica::found(
            "https://relay.test",
            "Bridge",
            "Bob Ltd",
            "B",
            "Bob",
            [2; 32],
        )
        .unwrap(),
    );
    let sent = other.greet();
    let Some(ToRelay::Found(theirs)) = sent.last() else {
        panic!("{sent:?}");
    };
    assert_eq!(
        shown(&|record| record.entry = theirs.clone(), 0),
        Some(Misbehaviour::OtherVenture)
    );
}

#[test]
fn a_relay_that_lost_the_charter_and_goes_on_in_the_same_life_rolled_back() {
    let mut desk = Desk::settled().reopened();
    let sent = desk.greet_at(0, Hash::ZERO);
    assert!(matches!(sent.first(), Some(ToRelay::Attest(_))), "{sent:?}");
    let start = desk.start();
    desk.subscribed(start, start);
    assert_eq!(desk.accused(), Some(Misbehaviour::RolledBack));
}

#[test]
fn a_subscription_nobody_asked_for_is_out_of_turn() {
    let mut desk = Desk::settled();
    let start = desk.start();
    desk.subscribed(start, start);
    assert_eq!(desk.accused(), Some(Misbehaviour::OutOfTurn));
}

#[test]
fn a_common_point_that_is_not_ours_breaks_the_log() {
    for seq in [0, 1, u64::MAX] {
        let mut desk = Desk::live();
        let point = Point {
            seq,
            chain: Hash([1; 32]),
        };
        desk.subscribed(point, point);
        assert_eq!(desk.accused(), Some(Misbehaviour::BrokenLog));
    }
}

#[test]
fn entries_with_a_gap_or_unreadable_or_never_sent_break_the_log() {
    let whole = |bytes: Vec<u8>| Sent::Whole(Bytes::new(bytes).unwrap());
    for (first_seq, sent) in [
        (2, whole(vec![])),
        (u64::MAX, whole(vec![])),
        (1, whole(vec![1, 2, 3])),
        (1, Sent::Yours(Hash([6; 32]))),
    ] {
        let mut desk = Desk::settled();
        desk.entries(first_seq, vec![sent]);
        assert_eq!(desk.accused(), Some(Misbehaviour::BrokenLog));
    }
}

#[test]
fn acknowledgements_are_of_this_venture_life_key_and_log() {
    let accused = |change: &dyn Fn(&Desk) -> Ack| {
        let mut desk = Desk::settled();
        let ack = change(&desk);
        desk.frame(FromRelay::Ack(ack));
        desk.accused()
    };
    assert_eq!(accused(&|desk| desk.ack_of(desk.start())), None);
    let forged = |desk: &Desk| Ack {
        venture: heqi_protocol::VentureId([1; 32]),
        ..desk.ack_of(desk.start())
    };
    assert_eq!(accused(&forged), Some(Misbehaviour::ForgedAck));
    let of_another_life = |desk: &Desk| Ack {
        incarnation: Incarnation {
            number: 2,
            nonce: [0; 8],
        },
        ..desk.ack_of(desk.start())
    };
    assert_eq!(accused(&of_another_life), Some(Misbehaviour::ForgedAck));
    let unsigned = |desk: &Desk| {
        let mut ack = desk.ack_of(desk.start());
        ack.signature.0[3] ^= 1;
        ack
    };
    assert_eq!(accused(&unsigned), Some(Misbehaviour::BadSignature));
    let forked = |desk: &Desk| {
        desk.ack_of(Point {
            seq: 0,
            chain: Hash([1; 32]),
        })
    };
    assert_eq!(accused(&forked), Some(Misbehaviour::ForkedLog));
}

#[test]
fn an_older_word_said_again_does_not_hide_a_later_loss() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let start = desk.start();
    let one = desk.after(start, body.hash());
    desk.entries(1, vec![Sent::Yours(body.hash())]);
    let newest = desk.ack_of(one);
    desk.frame(FromRelay::Ack(newest));
    let older = desk.ack_of(start);
    desk.frame(FromRelay::Ack(older));
    let mut again = desk.reopened();
    again.greet();
    let sent = again.subscribed(start, start);
    let shown = ToRelay::Attest(heqi_protocol::frame::Attested::Log(newest));
    assert_eq!(sent.first(), Some(&shown));
    again.subscribed(start, start);
    assert_eq!(again.accused(), Some(Misbehaviour::RolledBack));
}

#[test]
fn a_relay_that_welcomes_and_closes_is_not_dialled_without_pause() {
    let mut desk = Desk::settled();
    let dials = desk.dials;
    for _ in 0..20 {
        desk.frame(FromRelay::Unavailable(Unavailable::Storage));
        if desk.dials > dials + 1 {
            break;
        }
        if desk.replica.status().link == Link::Connecting {
            desk.greet();
        }
    }
    let link = desk.replica.status().link;
    assert!(matches!(link, Link::Waiting { retry_at } if retry_at > desk.now));
}

#[test]
fn a_relay_that_calls_for_a_new_epoch_that_is_none_makes_no_new_envelopes() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let rows = desk.rows.len();
    for current in [0, 1, u32::MAX] {
        let sent = desk.frame(FromRelay::Nack {
            document: desk.document(),
            stream: body.header.stream,
            dseq: 1,
            reason: NackReason::StaleEpoch { current },
        });
        assert!(sent.is_empty(), "{sent:?}");
    }
    assert_eq!(desk.rows.len(), rows);
    assert_eq!(desk.replica.status().pending, 1);
}

#[test]
fn a_relay_that_calls_for_a_new_epoch_has_a_while_to_show_it() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Plan]);
    let mut sent = desk.ask(crate::Request::Charter(crate::Act::Rotate(keys)));
    let stale = FromRelay::Nack {
        document: desk.document(),
        stream: body.header.stream,
        dseq: body.header.dseq,
        reason: NackReason::StaleEpoch { current: 1 },
    };
    desk.frame(stale.clone());
    assert_eq!(desk.problem(), None);
    desk.now += 6_000;
    desk.feed(Input::Wake);
    assert_eq!(desk.problem(), Some(Problem::CharterBehind));
    desk.took(&mut sent);
    assert_eq!(desk.problem(), None);
    desk.frame(stale);
    assert_eq!(desk.problem(), None);
    assert_eq!(desk.replica.status().pending, 1);
}

#[test]
fn an_answer_that_comes_twice_to_an_envelope_of_an_older_epoch_is_no_problem() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Plan]);
    let mut sent = desk.ask(crate::Request::Charter(crate::Act::Rotate(keys)));
    desk.took(&mut sent);
    let nack = FromRelay::Nack {
        document: desk.document(),
        stream: body.header.stream,
        dseq: body.header.dseq,
        reason: NackReason::StaleEpoch { current: 1 },
    };
    sent.extend(desk.frame(nack.clone()));
    sent.extend(desk.feed(Input::Wake));
    let again = envelopes(&sent).pop().unwrap();
    assert_eq!(again.header.epoch, 1);
    let sent = desk.frame(nack);
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(desk.problem(), None);
}

#[test]
fn what_a_relay_has_acknowledged_and_does_not_give_is_asked_for_again_and_told() {
    let mut desk = Desk::settled();
    let ahead = desk.after(desk.start(), Hash([1; 32]));
    desk.frame(FromRelay::Ack(desk.ack_of(ahead)));
    assert!(!desk.replica.status().settled);
    let start = desk.start();
    for problem in [None, Some(Problem::Withheld)] {
        desk.now += 31_000;
        let sent = desk.feed(Input::Wake);
        assert!(
            matches!(sent.as_slice(), [ToRelay::Subscribe { .. }]),
            "{sent:?}"
        );
        assert_eq!(desk.problem(), problem);
        desk.subscribed(start, ahead);
    }
    let body = envelopes(&Desk::settled().edit("Piling")).remove(0);
    desk.entries(
        1,
        vec![Sent::Whole(Bytes::new(body.bytes().to_vec()).unwrap())],
    );
    assert_eq!(desk.problem(), None);
}

#[test]
fn a_removal_that_states_another_log_than_there_is_raises_an_alarm_about_its_author() {
    for (is_first, is_true) in [(false, true), (false, false), (true, false)] {
        let mut desk = Desk::settled();
        let body = envelopes(&desk.edit("Piling")).remove(0);
        let read = |desk: &mut Desk| desk.entries(1, vec![Sent::Yours(body.hash())]);
        let seen = desk.after(desk.start(), body.hash());
        if !is_first {
            read(&mut desk);
        }
        let me = desk.replica.device();
        let Body::Remove(mut remove) = desk.replica.removal(Target::Device(me), None) else {
            unreachable!("a removal is one");
        };
        let mut stated = remove.seen.into_vec();
        for extent in &mut stated {
            if extent.document == desk.document() {
                extent.point = seen;
                extent.point.chain.0[0] ^= u8::from(!is_true);
            }
        }
        remove.seen = List::new(stated).unwrap();
        desk.replica.write_entry(Body::Remove(remove)).unwrap();
        let sent = desk.feed(Input::Wake);
        let [ToRelay::Amend(entry)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        desk.take_entry(entry);
        if is_first {
            let record = desk.records[1].clone();
            desk.replica.charter_entry(1, &record).unwrap();
            read(&mut desk);
        } else {
            let newest = desk.charter_from(1);
            desk.frame(newest);
        }
        let raised: Vec<_> = desk.replica.alarms.keys().copied().collect();
        assert_eq!(raised, if is_true { vec![] } else { vec![me] });
    }
}

#[test]
fn an_author_who_saw_more_than_stands_before_their_edit_was_shown_another_log() {
    let desk = Desk::settled();
    let start = desk.start();
    let mut other = desk.copied();
    other.greet();
    other.subscribed(start, start);
    let mut written = Vec::new();
    for (seq, name) in (1..).zip(["Piling", "Deck", "Paint"]) {
        let body = envelopes(&other.edit(name)).remove(0);
        other.entries(seq, vec![Sent::Yours(body.hash())]);
        written.push(body);
    }
    assert_eq!(written[2].header.seen.point.seq, 2);
    for (left_out, is_told) in [(0, false), (1, true), (2, true)] {
        let mut desk = desk.reopened();
        desk.greet();
        desk.subscribed(start, start);
        let shown = written[left_out..].iter();
        let whole = shown.map(|body| Sent::Whole(Bytes::new(body.bytes().to_vec()).unwrap()));
        desk.entries(1, whole.collect());
        let raised: Vec<_> = desk.replica.alarms.keys().copied().collect();
        let author = desk.replica.device();
        assert_eq!(raised.contains(&author), is_told, "{left_out} left out");
    }
}

#[test]
fn who_wrote_what_is_refused_or_waits_is_named() {
    let desk = Desk::settled();
    let start = desk.start();
    let mut other = desk.copied();
    other.greet();
    other.subscribed(start, start);
    other.edit("Piling");
    let waits = envelopes(&other.edit("Deck")).remove(0);
    let mut forged = envelopes(&other.edit("Paint")).remove(0).bytes().to_vec();
    let within = forged.len() - 80;
    forged[within] ^= 1;
    let mut desk = desk.reopened();
    desk.greet();
    desk.subscribed(start, start);
    let whole = |bytes: &[u8]| Sent::Whole(Bytes::new(bytes.to_vec()).unwrap());
    desk.entries(1, vec![whole(waits.bytes()), whole(&forged)]);
    for mut desk in [desk.reopened(), desk] {
        desk.outputs.clear();
        desk.ask(crate::Request::Security);
        let told = desk.outputs.iter().find_map(|output| match output {
            crate::Output::Reply(_, Ok(crate::Reply::Security(security))) => Some(security),
            _ => None,
        });
        let told = told.unwrap();
        let [waiting] = told.waiting.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(waiting.envelope, waits.hash());
        assert_eq!(waiting.document, desk.document());
        assert_eq!(waiting.device, Some(desk.replica.device()));
        let [refused] = told.refused.as_slice() else {
            panic!("{told:?}");
        };
        // Nobody has signed it: it is not held against the device that it names.
        assert_eq!(
            (refused.document, refused.device),
            (Some(desk.document()), None)
        );
        assert!(refused.is_forged());
        assert!(!refused.reason.is_empty());
    }
}

#[test]
fn a_rotation_that_is_withheld_while_its_envelopes_come_is_told_after_a_while() {
    let desk = Desk::settled();
    let start = desk.start();
    let mut other = desk.copied();
    other.greet();
    other.subscribed(start, start);
    let keys = std::collections::BTreeSet::from([heqi_protocol::Space::Plan]);
    let sent = other.ask(crate::Request::Charter(crate::Act::Rotate(keys)));
    let [ToRelay::Amend(rotation)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    other.take_entry(rotation);
    let newest = other.charter_from(1);
    other.frame(newest);
    let body = envelopes(&other.edit("Piling")).remove(0);
    assert_eq!(body.header.epoch, 1);
    let mut desk = desk.reopened();
    desk.greet();
    desk.subscribed(start, start);
    // An older position of the charter than the rotation's: it is there, and the key is not.
    let whole = Bytes::new(body.bytes().to_vec()).unwrap();
    desk.entries(1, vec![Sent::Whole(whole)]);
    assert_eq!(desk.problem(), None);
    assert!(!desk.replica.status().settled);
    desk.now += 6_000;
    desk.feed(Input::Wake);
    assert_eq!(desk.problem(), Some(Problem::CharterBehind));
    desk.records.clone_from(&other.records);
    let newest = desk.charter_from(1);
    desk.frame(newest);
    assert_eq!(desk.problem(), None);
    assert_eq!(desk.names(), ["Piling"]);
}

#[test]
fn a_charter_that_is_named_at_the_welcome_and_not_given_is_told_after_a_while() {
    let made = Desk::settled();
    let position = made.records.len() as u64;
    let mut desk = made.reopened();
    desk.greet_at(position + 1, Hash([1; 32]));
    assert_eq!(desk.problem(), None);
    desk.now += 31_000;
    desk.feed(Input::Wake);
    assert_eq!(desk.problem(), Some(Problem::CharterBehind));
    assert!(!desk.replica.status().settled);
    desk.feed(Input::Closed);
    assert_eq!(desk.problem(), None);
    // One that comes, however slowly, is waited for.
    let mut desk = made.emptied();
    desk.records.extend(made.records.clone());
    desk.greet_at(position + 1, Hash([1; 32]));
    desk.now += 29_000;
    let charter = made.charter_from(0);
    desk.frame(charter);
    desk.now += 29_000;
    desk.feed(Input::Wake);
    assert_eq!(desk.problem(), None);
}

#[test]
fn a_log_that_names_a_position_the_charter_has_not_is_told_after_a_while() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let document = desk.document();
    let entry = heqi_protocol::frame::LogEntry {
        charter_position: 9,
        sent: Sent::Yours(body.hash()),
    };
    desk.frame(FromRelay::Entries {
        document,
        first_seq: 1,
        entries: List::new(vec![entry]).unwrap(),
    });
    assert_eq!(desk.problem(), None);
    assert!(!desk.replica.status().settled);
    desk.now += 6_000;
    desk.feed(Input::Wake);
    assert_eq!(desk.problem(), Some(Problem::CharterBehind));
}
