//! Rotations that leave out the key of before: newcomers are cut off from history until somebody gives it again.

use heqi_protocol::charter::{Author, Body, Content, Due, Entry, Rotate};
use heqi_protocol::frame::{AmendRefused, Sent};
use heqi_protocol::{Bytes, FromRelay, List, Role, Space, ToRelay};

use super::desk::{Desk, envelopes};
use crate::{Act, Input, Problem, Replica, Reply, Request};

/// A rotation of the plan's key, by that device, whose key of before is garbage.
fn bad_rotation(desk: &mut Desk) -> Entry {
    let replica = &mut desk.replica;
    let charter = replica.charter.clone().unwrap();
    let mut due = Due::default();
    let epoch = charter.spaces()[&Space::Plan].epoch + 1;
    let readers = charter.readers(Space::Plan);
    due.rotated.insert(Space::Plan, (epoch, readers));
    let nonce = charter.founding_nonce();
    let mut rng = replica.rng.clone();
    let mut keys = replica.keyring.keys_for(nonce, &due, &mut rng).unwrap();
    let mut rotated = keys.rotated.into_vec();
    rotated[0].previous.as_mut().unwrap().sealed = [9; 48];
    keys.rotated = List::new(rotated).unwrap();
    let content = Content {
        version: heqi_protocol::charter::entry::CHARTER_VERSION,
        venture: charter.venture(),
        position: charter.position(),
        prev: charter.head(),
        author: Author::Device(replica.device()),
        body: Body::Rotate(Rotate { keys }),
    };
    Entry::sign(&content, replica.secrets.sign()).unwrap()
}

fn amended(sent: &[ToRelay]) -> Option<Entry> {
    sent.iter().find_map(|frame| match frame {
        ToRelay::Amend(bytes) => Some(Entry::decode(bytes).unwrap()),
        _ => None,
    })
}

/// The relay takes an entry, and tells the desk.
fn take(desk: &mut Desk, entry: &[u8]) -> Vec<ToRelay> {
    desk.take_entry(entry);
    let newest = desk.charter_from(desk.records.len() - 1);
    desk.frame(newest)
}

#[test]
fn who_sees_a_rotation_that_leaves_out_the_key_of_before_gives_it_again_once() {
    let mut ann = Desk::settled();
    let bad = bad_rotation(&mut ann);
    let sent = take(&mut ann, bad.bytes());
    let mended = amended(&sent).expect("it is mended");
    assert!(matches!(mended.content().body, Body::Rechain(_)));
    let sent = take(&mut ann, mended.bytes());
    assert_eq!(amended(&sent), None);
    assert!(ann.replica.status().settled);
}

#[test]
fn a_newcomer_who_is_cut_off_is_told_so_and_reads_once_the_key_is_given_again() {
    let mut ann = Desk::settled();
    let body = envelopes(&ann.edit("Piling")).remove(0);
    ann.entries(1, vec![Sent::Yours(body.hash())]);
    let position = ann.records.len() as u64;
    let bad = bad_rotation(&mut ann);
    let sent = take(&mut ann, bad.bytes());
    // The relay refuses for now, so that a newcomer comes first.
    ann.frame(FromRelay::AmendRefused {
        entry: amended(&sent).unwrap().hash(),
        reason: AmendRefused::Forbidden,
    });
    let invite = Request::Charter(Act::Invite {
        party: "Ann Ltd".into(),
        code: String::new(),
        roles: vec![Role::Pmo],
        expires_ms: None,
    });
    let sent = ann.ask(invite);
    let sent = take(&mut ann, amended(&sent).unwrap().bytes());
    assert!(amended(&sent).is_some(), "it is tried again");
    let link = ann.outputs.iter().find_map(|output| match output {
        crate::Output::Reply(_, Ok(Reply::Invited { link })) => Some(link.clone()),
        _ => None,
    });
    let mut bob = Desk::new(Replica::join(&link.unwrap(), "Bob", [2; 32]).unwrap());
    bob.records = ann.records.clone();
    bob.greet();
    let charter = bob.charter_from(0);
    let sent = bob.frame(charter);
    take(&mut bob, amended(&sent).unwrap().bytes());
    bob.greet();
    let start = bob.start();
    let head = heqi_protocol::log::Point {
        seq: 1,
        chain: heqi_protocol::log::chain_next(start.chain, body.hash(), position),
    };
    bob.subscribed(start, head);
    let whole = Sent::Whole(Bytes::new(body.bytes().to_vec()).unwrap());
    let document = bob.document();
    bob.frame(FromRelay::Entries {
        document,
        first_seq: 1,
        entries: List::new(vec![heqi_protocol::frame::LogEntry {
            charter_position: position,
            sent: whole,
        }])
        .unwrap(),
    });
    assert_eq!(bob.problem(), None);
    bob.now += 6_000;
    bob.feed(Input::Wake);
    assert_eq!(bob.problem(), Some(Problem::OlderKeys));
    assert_eq!(bob.replica.status().quarantined, 0);
    // Ann's word comes after the accept.
    ann.records.clone_from(&bob.records);
    let accept = ann.charter_from(ann.records.len() - 1);
    let sent = ann.frame(accept);
    let mended = amended(&sent).expect("it is tried again");
    take(&mut bob, mended.bytes());
    assert_eq!(bob.names(), ["Piling"]);
    assert_eq!(bob.problem(), None);
}
