//! What an honest relay may do in any order, processes that end at any point, and people who come and go.

use heqi_protocol::frame::{AmendRefused, NackReason, Sent};
use heqi_protocol::{Bytes, DocumentId, Envelope, FromRelay, Hash, Role, Space, ToRelay};

use super::desk::{Desk, envelopes};
use crate::{
    Act, Failure, Input, Link, Output, Problem, Replica, Reply, Request, StoreOp, envelope_key,
};

/// A settled desk whose one edit came back as entry 1, and the envelope.
fn with_entry() -> (Desk, Envelope) {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    desk.entries(1, vec![Sent::Yours(body.hash())]);
    let point = desk.after(desk.start(), body.hash());
    desk.frame(FromRelay::Ack(desk.ack_of(point)));
    (desk, body)
}

/// The same device with nothing but its identity and charter, told of the log but not yet of its entry.
fn recovered(from: &Desk, body: &Envelope) -> Desk {
    let mut desk = from.emptied();
    desk.greet();
    let charter = desk.charter_from(0);
    desk.frame(charter);
    let start = desk.start();
    let head = desk.after(start, body.hash());
    desk.subscribed(start, head);
    desk
}

fn names(desk: &Desk) -> Vec<String> {
    let mut mirror = heqi_domain::plan::PlanMirror::default();
    if let Some(plan) = desk.replica.plan() {
        mirror.apply(&plan.snapshot());
    }
    mirror.rows.values().map(|row| row.name.clone()).collect()
}

fn whole(body: &Envelope) -> Vec<Sent> {
    vec![Sent::Whole(Bytes::new(body.bytes().to_vec()).unwrap())]
}

#[test]
fn an_acknowledged_edit_leaves_outbox_and_memory() {
    let (desk, body) = with_entry();
    assert!(desk.replica.status().settled);
    assert_eq!(desk.replica.status().pending, 0);
    assert!(desk.replica.bodies.is_empty());
    assert!(desk.rows.contains_key(&envelope_key(body.hash())));
    assert_eq!(desk.replica.own_last(), Some(body.position()));
}

#[test]
fn a_recovery_kit_whose_asker_is_gone_leaves_the_older_ones_good() {
    let mut desk = Desk::settled();
    let mut kits = Vec::new();
    for _ in 0..2 {
        desk.outputs.clear();
        let sent = desk.ask(Request::Charter(Act::MakeRecoveryKit));
        let [ToRelay::Amend(entry)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        desk.take_entry(entry);
        let newest = desk.charter_from(desk.records.len() - 1);
        let sent = desk.frame(newest);
        assert!(sent.is_empty(), "nothing is withdrawn unasked: {sent:?}");
        let made = desk.outputs.iter().find_map(|output| match output {
            Output::Reply(_, Ok(Reply::RecoveryKit(kit))) => Some(kit.clone()),
            _ => None,
        });
        kits.push(made.unwrap());
    }
    let offers = desk.replica.charter().unwrap().offers();
    assert!(kits.iter().all(|kit| offers.contains_key(&kit.id)));
    // Both are told of, each with its time, until somebody says that they have one.
    for desk in [&desk.reopened(), &desk] {
        let offers = desk.replica.directory().offers;
        let told = offers.iter().map(|it| (it.made_ms, it.is_unconfirmed));
        assert_eq!(told.collect::<Vec<_>>(), [(Some(desk.now), true); 2]);
    }
}

#[test]
fn a_kit_that_somebody_has_takes_the_place_of_those_before_and_of_none_after() {
    for (kept, withdrawn) in [(1, vec![0]), (0, vec![]), (2, vec![0, 1])] {
        let mut desk = Desk::settled();
        let kits = [(); 3].map(|()| {
            let mut sent = desk.ask(Request::Charter(Act::MakeRecoveryKit));
            desk.took(&mut sent);
            let offers = desk.replica.directory().offers;
            let newest = offers.iter().max_by_key(|offer| {
                let offers = desk.replica.charter().unwrap().offers();
                offers[&offer.id].made_at
            });
            newest.unwrap().id
        });
        let mut sent = desk.ask(Request::KeepKit(kits[kept]));
        while !sent.is_empty() {
            desk.took(&mut sent);
        }
        let offers = desk.replica.charter().unwrap().offers();
        for (index, kit) in kits.iter().enumerate() {
            assert_eq!(offers.contains_key(kit), !withdrawn.contains(&index));
        }
        let directory = desk.reopened().replica.directory();
        let confirmed = directory.offers.iter().filter(|it| !it.is_unconfirmed);
        assert_eq!(confirmed.map(|it| it.id).collect::<Vec<_>>(), [kits[kept]]);
        assert!(desk.replica.status().settled);
    }
}

#[test]
fn nobody_says_of_a_kit_that_was_taken_back_that_they_have_it() {
    let mut desk = Desk::settled();
    for _ in 0..2 {
        let mut sent = desk.ask(Request::Charter(Act::MakeRecoveryKit));
        desk.took(&mut sent);
    }
    let offers = desk.replica.directory().offers;
    let (gone, other) = (offers[0].id, offers[1].id);
    let mut sent = desk.ask(Request::Charter(Act::Withdraw(gone)));
    desk.took(&mut sent);
    desk.outputs.clear();
    assert_eq!(desk.ask(Request::KeepKit(gone)), []);
    let refused = heqi_protocol::charter::Refused::InviteSpent;
    let told = |output: &Output| matches!(output, Output::Reply(_, Err(Failure::Forbidden(it))) if *it == refused);
    assert!(desk.outputs.iter().any(told), "{:?}", desk.outputs);
    let offers = desk.replica.charter().unwrap().offers();
    assert_eq!(offers.keys().copied().collect::<Vec<_>>(), [other]);
}

#[test]
fn envelopes_taken_in_for_another_document_are_still_taken_in_for_their_own() {
    let mut desk = Desk::settled();
    let (plan, hash) = (desk.document(), Hash([7; 32]));
    let risk = DocumentId::root(desk.venture(), Space::Risk);
    for document in [risk, plan] {
        let envelopes = vec![hash];
        let act = Act::TakeIn {
            document,
            envelopes,
        };
        let sent = desk.ask(Request::Charter(act));
        let [ToRelay::Amend(entry)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        desk.take_entry(entry);
        let newest = desk.charter_from(desk.records.len() - 1);
        desk.frame(newest);
    }
    let charter = desk.replica.charter().unwrap();
    assert!(charter.has_taken_in(Space::Plan, plan, hash));
}

#[test]
fn what_waits_is_tried_again_when_what_it_waits_for_has_come_and_not_before() {
    let desk = Desk::settled();
    let start = desk.start();
    let written = |by: Desk, names: [&str; 2]| {
        let mut by = by;
        by.greet();
        by.subscribed(start, start);
        names.map(|name| envelopes(&by.edit(name)).remove(0))
    };
    let [first, second] = written(desk.copied(), ["Piling", "Deck"]);
    let others = written(desk.reopened(), ["Railing", "Paint"]);
    let mut desk = desk.reopened();
    desk.greet();
    desk.subscribed(start, start);
    desk.entries(1, whole(&second));
    let status = desk.replica.status();
    assert_eq!((status.waiting, status.incoming), (1, 0));
    let mut desk = desk.reopened();
    desk.greet();
    let point = desk.after(start, second.hash());
    desk.subscribed(point, point);
    desk.outputs.clear();
    for (seq, other) in (2..).zip(&others) {
        desk.entries(seq, whole(other));
    }
    assert_eq!(desk.names(), ["Paint", "Railing"]);
    let is_fetched = |output: &Output| match output {
        Output::Fetch(hashes) => hashes.contains(&second.hash()),
        _ => false,
    };
    assert!(
        !desk.outputs.iter().any(is_fetched),
        "it is looked at again"
    );
    assert!(!desk.replica.bodies.contains_key(&second.hash()));
    desk.entries(4, whole(&first));
    assert!(desk.outputs.iter().any(is_fetched));
    assert_eq!(desk.names(), ["Deck", "Paint", "Piling", "Railing"]);
    assert_eq!(desk.replica.status().waiting, 0);
    let is_waiting = |key: &Vec<u8>| key.first() == Some(&15);
    assert!(!desk.rows.keys().any(is_waiting));
}

#[test]
fn an_edit_is_there_after_the_process_ends_between_any_two_outputs() {
    let mut desk = Desk::settled();
    let before = desk.rows.clone();
    desk.outputs.clear();
    desk.edit("Piling");
    let outputs = desk.outputs.clone();
    for end in 0..=outputs.len() {
        let done = &outputs[..end];
        let mut rows = before.clone();
        for op in done.iter().filter_map(|output| match output {
            Output::Persist(ops) => Some(ops),
            _ => None,
        }) {
            for op in op {
                match op.clone() {
                    StoreOp::Put(key, value) => rows.insert(key, value),
                    StoreOp::Delete(key) => rows.remove(&key),
                };
            }
        }
        let replied = done
            .iter()
            .any(|output| matches!(output, Output::Reply(..)));
        let mut again = Desk::settled();
        again.rows = rows;
        let mut again = again.reopened();
        again.greet();
        assert!(!replied || names(&again) == ["Piling"], "after {end}");
        let start = again.start();
        again.subscribed(start, start);
        again.now += 1_000;
        again.feed(Input::Wake);
        let kept = again.replica.status().pending == 1;
        assert_eq!(names(&again).len() == 1, kept, "after {end}");
        // What was sent is there to be sent again, byte for byte.
        for sent in done.iter().filter_map(|output| match output {
            Output::Send(frame) => Some(ToRelay::decode(frame).unwrap()),
            _ => None,
        }) {
            let was = envelopes(&[sent]).remove(0);
            let stored = again.rows.get(&envelope_key(was.hash()));
            assert_eq!(stored.map(Vec::as_slice), Some(was.bytes()));
        }
    }
}

#[test]
fn a_relay_that_takes_no_ventures_says_so_to_the_founder() {
    let mut desk = Desk::founder();
    let sent = desk.greet();
    let Some(ToRelay::Found(genesis)) = sent.last() else {
        panic!("{sent:?}");
    };
    desk.frame(FromRelay::AmendRefused {
        entry: heqi_protocol::charter::Entry::hash_of(genesis),
        reason: AmendRefused::Closed,
    });
    assert_eq!(desk.problem(), Some(Problem::Amend(AmendRefused::Closed)));
    assert_eq!(desk.replica.status().link, Link::Offline);
}

#[test]
fn a_founder_whose_process_ends_founds_the_same_venture() {
    let mut desk = Desk::founder();
    let first = desk.greet();
    let mut again = desk.reopened();
    assert_eq!(again.greet(), first);
}

#[test]
fn many_calls_to_read_again_make_one_subscription() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let document = desk.document();
    let nack = FromRelay::Nack {
        document,
        stream: body.header.stream,
        dseq: 1,
        reason: NackReason::RestoreFirst,
    };
    assert_eq!(desk.frame(nack.clone()).len(), 1);
    assert!(desk.frame(nack).is_empty());
    assert!(desk.frame(FromRelay::Reread(document)).is_empty());
    let start = desk.start();
    let sent = desk.subscribed(start, start);
    assert_eq!(envelopes(&sent), vec![body]);
    assert_eq!(desk.accused(), None);
}

#[test]
fn a_gap_is_answered_once_from_where_the_relay_stands() {
    let mut desk = Desk::settled();
    let sent: Vec<_> = ["a", "b", "c"]
        .iter()
        .flat_map(|name| envelopes(&desk.edit(name)))
        .collect();
    assert_eq!(sent.len(), 3);
    let document = desk.document();
    let stream = sent[0].header.stream;
    let gap = |dseq, have| FromRelay::Nack {
        document,
        stream,
        dseq,
        reason: NackReason::Gap { have },
    };
    assert_eq!(envelopes(&desk.frame(gap(2, 0))), sent);
    assert!(desk.frame(gap(3, 0)).is_empty());
    assert_eq!(envelopes(&desk.frame(gap(3, 1))), sent[1..]);
    assert_eq!(desk.problem(), None);
}

#[test]
fn a_recovered_device_reads_its_own_envelopes_back() {
    let (desk, body) = with_entry();
    let mut back = recovered(&desk, &body);
    back.entries(1, whole(&body));
    assert_eq!(names(&back), ["Piling"]);
    assert_eq!(back.accused(), None);
    assert!(back.replica.bodies.is_empty());
    let next = envelopes(&back.edit("Deck")).remove(0);
    assert_ne!(next.header.stream, body.header.stream);
}

#[test]
fn an_entry_is_not_set_aside_because_the_process_ended_before_it_was_tried() {
    let (desk, body) = with_entry();
    let mut back = recovered(&desk, &body);
    back.works = false;
    back.entries(1, whole(&body));
    for _ in 0..20 {
        let rows = back.rows.clone();
        let replica = Replica::open(rows.clone(), [3; 32]).unwrap();
        back.rows = rows;
        back.replica = replica;
        back.feed(Input::Start);
    }
    back.works = true;
    back.feed(Input::Work);
    assert_eq!(names(&back), ["Piling"]);
    assert_eq!(back.replica.status().quarantined, 0);
}

#[test]
fn an_entry_that_ends_the_process_again_and_again_is_set_aside() {
    let (desk, body) = with_entry();
    let mut back = recovered(&desk, &body);
    back.works = false;
    back.entries(1, whole(&body));
    for tries in 0.. {
        let rows = back.rows.clone();
        back.replica = Replica::open(rows, [3; 32]).unwrap();
        back.feed(Input::Start);
        // Its envelope is fetched, then it is noted; applying it then ends the process.
        back.feed(Input::Work);
        back.feed(Input::Work);
        if back.replica.status().quarantined == 1 {
            assert_eq!(tries, 5);
            break;
        }
        assert!(tries < 10);
    }
    assert!(names(&back).is_empty());
    assert_eq!(back.replica.status().incoming, 0);
}

#[test]
fn a_joiner_whose_process_ends_after_the_accept_is_a_member_all_the_same() {
    let mut ann = Desk::settled();
    let sent = ann.ask(Request::Charter(Act::Invite {
        party: "Bob Ltd".into(),
        code: "B".into(),
        roles: vec![Role::Pmo],
        expires_ms: None,
    }));
    let mut sent = sent;
    for _ in 0..2 {
        let Some(ToRelay::Amend(entry)) = sent.first() else {
            panic!("{sent:?}");
        };
        ann.take_entry(entry);
        let newest = ann.charter_from(ann.records.len() - 1);
        sent = ann.frame(newest);
    }
    let link = ann.outputs.iter().find_map(|output| match output {
        Output::Reply(_, Ok(Reply::Invited { link })) => Some(link.clone()),
        _ => None,
    });
    let mut bob = Desk::new(Replica::join(&link.unwrap(), "Bob", [2; 32]).unwrap());
    bob.records = ann.records.clone();
    bob.greet();
    let charter = bob.charter_from(0);
    let sent = bob.frame(charter);
    let Some(ToRelay::Amend(accept)) = sent.first() else {
        panic!("{sent:?}");
    };
    bob.take_entry(accept);
    let mut again = bob.reopened();
    assert!(!again.replica.status().member);
    again.greet();
    let newest = again.charter_from(3);
    again.frame(newest);
    assert!(again.replica.status().member);
    let sent = again.greet();
    assert!(matches!(sent.first(), Some(ToRelay::Subscribe { .. })));
    let start = again.start();
    again.subscribed(start, start);
    assert_eq!(envelopes(&again.edit("Deck")).len(), 1);
}

#[test]
fn a_joiner_who_comes_second_is_told_that_the_invite_is_used() {
    let mut ann = Desk::settled();
    let mut sent = ann.ask(Request::Charter(Act::Invite {
        party: "Ann Ltd".into(),
        code: String::new(),
        roles: vec![Role::Pmo],
        expires_ms: None,
    }));
    let Some(ToRelay::Amend(entry)) = sent.pop() else {
        panic!("{sent:?}");
    };
    ann.take_entry(&entry);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    let link = ann.replica.directory().invites[0].link.clone().unwrap();
    let mut bob = Desk::new(Replica::join(&link, "Bob", [2; 32]).unwrap());
    let mut cho = Desk::new(Replica::join(&link, "Cho", [3; 32]).unwrap());
    for desk in [&mut bob, &mut cho] {
        desk.records = ann.records.clone();
        desk.greet();
    }
    let charter = bob.charter_from(0);
    let sent = bob.frame(charter);
    let Some(ToRelay::Amend(accept)) = sent.first() else {
        panic!("{sent:?}");
    };
    cho.take_entry(accept);
    let charter = cho.charter_from(0);
    assert!(cho.frame(charter).is_empty());
    let spent = Problem::Amend(AmendRefused::InviteSpent);
    assert_eq!(cho.problem(), Some(spent));
}

#[test]
fn a_refusal_because_the_charter_moved_on_waits_for_what_was_missed() {
    let mut ann = Desk::settled();
    let sent = ann.ask(Request::Charter(Act::Invite {
        party: "Ann Ltd".into(),
        code: String::new(),
        roles: vec![Role::Pmo],
        expires_ms: None,
    }));
    let Some(ToRelay::Amend(entry)) = sent.first() else {
        panic!("{sent:?}");
    };
    let refused = |position| FromRelay::AmendRefused {
        entry: heqi_protocol::charter::Entry::hash_of(entry),
        reason: AmendRefused::MovedOn { position },
    };
    assert!(ann.frame(refused(2)).is_empty());
    assert!(ann.frame(refused(1)).is_empty());
    ann.now += 250;
    assert_eq!(ann.feed(crate::Input::Wake).len(), 1);
}

#[test]
fn what_was_acknowledged_is_shown_to_a_relay_that_has_lost_it_before_it_comes_back() {
    let mut ann = Desk::settled();
    let start = ann.start();
    let [first, second] = ["Piling", "Deck"].map(|name| envelopes(&ann.edit(name)).remove(0));
    ann.entries(1, vec![Sent::Yours(first.hash())]);
    let point = ann.after(start, first.hash());
    let ack = ann.ack_of(point);
    ann.frame(FromRelay::Ack(ack));
    ann.entries(2, whole(&second));
    // Another process, and a relay that begins anew, twice.
    for _ in 0..2 {
        let life = ann.incarnation.number;
        ann = ann.reopened();
        ann.incarnation.number = life + 1;
        ann.greet();
        let sent = ann.subscribed(start, start);
        let [
            ToRelay::Prove {
                before,
                places,
                ack: shown,
            },
            ToRelay::Restore { entries, .. },
            ToRelay::Restore { first_seq: 2, .. },
            ..,
        ] = sent.as_slice()
        else {
            panic!("{sent:?}");
        };
        assert_eq!((*before, *shown), (start.chain, Some(ack)));
        assert_eq!(places.len(), 1, "the other was not acknowledged");
        assert_eq!(places[0].envelope, first.hash());
        assert_eq!(entries.len(), 1);
    }
    // Once it is back there is nothing to be shown any more.
    ann.entries(1, whole(&first));
    ann.entries(2, whole(&second));
    let mut ann = ann.reopened();
    ann.greet();
    let log = ann.after(point, second.hash());
    ann.subscribed(log, log);
    let is_lost = |key: &Vec<u8>| key.first() == Some(&26);
    assert!(!ann.rows.keys().any(is_lost));
}

#[test]
fn an_entry_that_waits_while_its_relay_is_restored_is_not_refused_meanwhile() {
    let mut ann = Desk::settled();
    let first = envelopes(&ann.edit("Piling")).remove(0);
    let second = envelopes(&ann.edit("Deck")).remove(0);
    let mut back = recovered(&ann, &second);
    back.entries(1, whole(&second));
    assert_eq!(back.replica.status().waiting, 1);
    let mut back = back.reopened();
    back.incarnation.number += 1;
    back.greet();
    let start = back.start();
    let sent = back.subscribed(start, start);
    assert!(
        matches!(sent.first(), Some(ToRelay::Restore { .. })),
        "{sent:?}"
    );
    back.entries(1, whole(&first));
    assert!(
        back.replica.quarantined.is_empty(),
        "{:?}",
        back.replica.quarantined
    );
    back.entries(2, vec![Sent::Yours(second.hash())]);
    let mut names = names(&back);
    names.sort();
    assert_eq!(names, ["Deck", "Piling"]);
    assert_eq!(back.replica.status().waiting, 0);
    assert_eq!(back.accused(), None);
}

#[test]
fn who_follows_to_a_relay_is_not_thrown_back_by_an_earlier_move_that_comes_first() {
    let relay = |seed| ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let mut ann = Desk::settled();
    let mut follower = ann.copied();
    let mut link = String::new();
    for (seed, url) in [(21, "https://b.test"), (22, "https://c.test")] {
        let key = heqi_protocol::RelayKey(relay(seed).verifying_key().to_bytes());
        let sent = ann.ask(Request::Charter(Act::MoveRelay {
            url: url.into(),
            relay: key,
            is_dead: false,
        }));
        let Some(ToRelay::Amend(entry)) = sent.first() else {
            panic!("{sent:?}");
        };
        ann.take_entry(entry);
        let newest = ann.charter_from(ann.records.len() - 1);
        ann.frame(newest);
        ann.relay = relay(seed);
        ann.greet();
        link = ann
            .outputs
            .iter()
            .rev()
            .find_map(|output| match output {
                Output::Reply(_, Ok(Reply::Moved { link })) => Some(link.clone()),
                _ => None,
            })
            .unwrap();
    }
    follower.ask(Request::Follow(link));
    follower.relay = relay(22);
    follower.records.clone_from(&ann.records);
    follower.greet();
    let dials = follower.dials;
    let mut sent = Vec::new();
    for index in [1, 2] {
        let record = follower.records[index].clone();
        sent = follower.frame(FromRelay::Charter {
            first: index as u64,
            entries: heqi_protocol::List::new(vec![record]).unwrap(),
        });
    }
    assert_eq!(follower.dials, dials);
    assert!(matches!(sent.first(), Some(ToRelay::Subscribe { .. })));
}

#[test]
fn what_the_charter_has_taken_is_not_asked_again_though_it_was_overtaken_since() {
    let mut ann = Desk::settled();
    let member = ann.replica.directory().me.unwrap();
    let usual = vec![Role::Pmo, Role::PartnerManager];
    let more = vec![Role::Pmo, Role::PartnerManager, Role::Legal];
    let set = |desk: &mut Desk, roles: &[Role]| {
        let roles = roles.to_vec();
        let sent = desk.ask(Request::Charter(Act::SetRoles { member, roles }));
        let Some(ToRelay::Amend(entry)) = sent.first() else {
            panic!("{sent:?}");
        };
        entry.clone()
    };
    let mut twin = ann.copied();
    twin.greet();
    // The relay takes the entry, and the process ends before it hears so. Somebody else undoes it.
    let entry = set(&mut ann, &more);
    for desk in [&mut ann, &mut twin] {
        desk.take_entry(&entry);
    }
    let newest = twin.charter_from(1);
    twin.frame(newest);
    let entry = set(&mut twin, &usual);
    let mut ann = ann.reopened();
    ann.take_entry(&entry);
    ann.greet();
    let newest = ann.charter_from(1);
    let sent = ann.frame(newest);
    let amends = |frame: &ToRelay| matches!(frame, ToRelay::Amend(_));
    assert!(!sent.iter().any(amends), "{sent:?}");
    assert!(ann.replica.intents.is_empty());
    // Nothing of it stays in the store.
    let fresh = ann.reopened();
    assert!(fresh.replica.asked.is_empty());
}

#[test]
fn the_secret_of_an_invite_goes_when_it_is_spent_or_refused() {
    let mut ann = Desk::settled();
    let invite = |ann: &mut Desk| {
        let sent = ann.ask(Request::Charter(Act::Invite {
            party: "Ann Ltd".into(),
            code: String::new(),
            roles: vec![Role::Pmo],
            expires_ms: None,
        }));
        let Some(ToRelay::Amend(entry)) = sent.first() else {
            panic!("{sent:?}");
        };
        entry.clone()
    };
    let seeds = |ann: &Desk| ann.rows.keys().filter(|key| key[0] == 13).count();
    let refused = invite(&mut ann);
    ann.frame(FromRelay::AmendRefused {
        entry: heqi_protocol::charter::Entry::hash_of(&refused),
        reason: AmendRefused::Forbidden,
    });
    assert_eq!(seeds(&ann), 0);
    let taken = invite(&mut ann);
    ann.take_entry(&taken);
    let newest = ann.charter_from(1);
    ann.frame(newest);
    assert_eq!(seeds(&ann), 1);
    let link = ann.replica.directory().invites[0].link.clone().unwrap();
    let mut bob = Desk::new(Replica::join(&link, "Bob", [2; 32]).unwrap());
    bob.records = ann.records.clone();
    bob.greet();
    let charter = bob.charter_from(0);
    let sent = bob.frame(charter);
    let Some(ToRelay::Amend(accept)) = sent.first() else {
        panic!("{sent:?}");
    };
    ann.take_entry(accept);
    let newest = ann.charter_from(2);
    ann.frame(newest);
    assert_eq!(seeds(&ann), 0);
    assert!(ann.replica.links.is_empty());
}
