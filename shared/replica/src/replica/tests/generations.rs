//! A document that is begun anew: it goes on, and what had not come that far is sealed again.

use heqi_protocol::charter::{Author, Body, Content, Entry, NewGeneration};
use heqi_protocol::frame::{NackReason, Sent};
use heqi_protocol::{Bytes, Envelope, FromRelay, Space};

use super::desk::{Desk, envelopes};
use crate::Input;

/// The entry by which this device begins the plan's next generation.
fn begin(desk: &Desk) -> Entry {
    let charter = desk.replica.charter().unwrap();
    let document = desk.document();
    let content = Content {
        version: heqi_protocol::charter::entry::CHARTER_VERSION,
        venture: charter.venture(),
        position: charter.position(),
        prev: charter.head(),
        author: Author::Device(desk.replica.device()),
        body: Body::NewGeneration(NewGeneration {
            space: Space::Plan,
            document,
            generation: charter.generation_in(Space::Plan, document) + 1,
        }),
    };
    Entry::sign(&content, desk.replica.secrets.sign()).unwrap()
}

fn begun(desk: &mut Desk) -> Vec<heqi_protocol::ToRelay> {
    let entry = begin(desk);
    desk.take_entry(entry.bytes());
    let frame = desk.charter_from(desk.records.len() - 1);
    desk.frame(frame)
}

fn refused(desk: &mut Desk, body: &Envelope) -> Vec<Envelope> {
    let document = desk.document();
    let sent = desk.frame(FromRelay::Nack {
        document,
        stream: body.header.stream,
        dseq: body.header.dseq,
        reason: NackReason::StaleEpoch { current: 0 },
    });
    let now = envelopes(&sent);
    match now.is_empty() {
        true => envelopes(&desk.feed(Input::Wake)),
        false => now,
    }
}

#[test]
fn an_edit_on_its_way_is_sealed_again_for_the_generation_that_began_meanwhile() {
    let mut desk = Desk::settled();
    let old = envelopes(&desk.edit("Piling")).remove(0);
    assert_eq!(old.header.generation, 0);
    let again = envelopes(&begun(&mut desk));
    assert_eq!(again.len(), 1, "what waits is offered once more");
    let new = refused(&mut desk, &again[0]).remove(0);
    assert_eq!(new.header.generation, 1);
    assert_eq!(desk.replica.status().pending, 1);
    desk.entries(1, vec![Sent::Yours(new.hash())]);
    let point = desk.after(desk.start(), new.hash());
    desk.frame(FromRelay::Ack(desk.ack_of(point)));
    assert!(desk.replica.status().settled);
    assert_eq!(desk.names(), ["Piling"]);
}

#[test]
fn a_log_is_read_across_the_line_between_two_generations() {
    let mut desk = Desk::settled();
    let first = envelopes(&desk.edit("Piling")).remove(0);
    desk.entries(1, vec![Sent::Yours(first.hash())]);
    let at_first = desk.after(desk.start(), first.hash());
    desk.frame(FromRelay::Ack(desk.ack_of(at_first)));
    let mut reader = desk.emptied();
    begun(&mut desk);
    let second = envelopes(&desk.edit("Deck")).remove(0);
    assert_eq!(second.header.generation, 1);

    reader.greet();
    let charter = reader.charter_from(0);
    reader.frame(charter);
    let head = reader.after(reader.start(), first.hash());
    let start = reader.start();
    reader.subscribed(start, head);
    let whole = |body: &Envelope| Sent::Whole(Bytes::new(body.bytes().to_vec()).unwrap());
    reader.entries(1, vec![whole(&first)]);
    assert_eq!(reader.names(), ["Piling"]);
    reader.records = desk.records.clone();
    let news = reader.charter_from(reader.records.len() - 1);
    reader.frame(news);
    reader.entries(2, vec![whole(&second)]);
    assert_eq!(reader.names(), ["Deck", "Piling"]);
    assert_eq!(reader.problem(), None);
}
