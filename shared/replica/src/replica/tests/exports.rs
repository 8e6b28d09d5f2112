//! Edits that no relay takes: exported whole or with a word, and brought for others until they are refused.

use heqi_protocol::frame::NackReason;
use heqi_protocol::{Envelope, FromRelay};

use super::desk::{Desk, envelopes};
use crate::keys::Secrets;
use crate::{Failure, Output, Problem, Reply, Request, envelope_key};

fn exported(desk: &mut Desk) -> Result<Reply, Failure> {
    desk.outputs.clear();
    desk.ask(Request::ExportLate);
    let mut replies = desk.outputs.iter().filter_map(|output| match output {
        Output::Reply(_, reply) => Some(reply.clone()),
        _ => None,
    });
    let reply = replies.next().unwrap();
    assert!(replies.next().is_none());
    reply
}

#[test]
fn what_is_brought_for_another_and_refused_is_given_up_with_a_word() {
    let mut desk = Desk::settled();
    let own = envelopes(&desk.edit("Piling")).remove(0);
    let other = Secrets::from_seed([9; 32]);
    let mut header = own.header.clone();
    header.device = other.device();
    let theirs = Envelope::sign(&header, own.ciphertext().to_vec(), other.sign()).unwrap();
    let document = desk.document();
    let row = desk.replica.enqueue(document, theirs.hash(), 1);
    desk.replica.persist([
        row,
        crate::StoreOp::Put(envelope_key(theirs.hash()), theirs.bytes().to_vec()),
    ]);
    desk.replica.bodies.insert(theirs.hash(), theirs.clone());
    assert_eq!(desk.replica.status().pending, 2);
    desk.frame(FromRelay::Nack {
        document,
        stream: header.stream,
        dseq: header.dseq,
        reason: NackReason::Forbidden,
    });
    assert_eq!(desk.problem(), Some(Problem::Brought));
    assert_eq!(desk.replica.status().pending, 1);
    assert_eq!(desk.reopened().replica.status().pending, 1);
}

#[test]
fn an_export_says_that_edits_are_gone_and_then_gives_the_others() {
    let mut desk = Desk::settled();
    let lost = envelopes(&desk.edit("Piling")).remove(0);
    desk.edit("Deck");
    desk.rows.remove(&envelope_key(lost.hash()));
    let mut desk = desk.reopened();
    assert_eq!(exported(&mut desk).err(), Some(Failure::EditsMissing));
    let reply = exported(&mut desk);
    assert!(
        matches!(reply, Ok(Reply::LateFile { edits: 1, .. })),
        "{reply:?}"
    );
}

#[test]
fn an_export_waits_for_its_envelopes_whatever_else_the_store_answers() {
    let mut desk = Desk::settled();
    let body = envelopes(&desk.edit("Piling")).remove(0);
    let mut replica = crate::Replica::open(desk.rows.clone(), [9; 32]).unwrap();
    let is_reply = |outputs: &[Output]| {
        outputs
            .iter()
            .any(|output| matches!(output, Output::Reply(..)))
    };
    let outputs = replica.handle(crate::Input::Ask(1, Request::ExportLate), 5);
    assert!(!is_reply(&outputs));
    let outputs = replica.handle(crate::Input::Fetched(Vec::new()), 5);
    assert!(!is_reply(&outputs));
    let found = vec![(body.hash(), Some(body.bytes().to_vec()))];
    let outputs = replica.handle(crate::Input::Fetched(found), 5);
    assert!(is_reply(&outputs));
}

#[test]
fn an_export_of_more_than_a_file_holds_says_so() {
    let mut desk = Desk::settled();
    let own = envelopes(&desk.edit("Piling")).remove(0);
    let document = desk.document();
    let secrets = Secrets::from_seed([9; 32]);
    for dseq in 1..=66 {
        let mut header = own.header.clone();
        header.nonce = [dseq; 24];
        header.device = secrets.device();
        let ciphertext = vec![0; (1 << 20) - 1_000];
        let envelope = Envelope::sign(&header, ciphertext, secrets.sign()).unwrap();
        desk.replica.enqueue(document, envelope.hash(), 1);
        desk.replica.bodies.insert(envelope.hash(), envelope);
    }
    assert_eq!(exported(&mut desk).err(), Some(Failure::TooManyEdits));
}
