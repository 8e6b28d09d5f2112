//! The bytes on the wire, held: whoever changes one changes the protocol.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use heqi_protocol::charter::{Entry, OfferKind};
use heqi_protocol::log::{chain_next, chain_start};
use heqi_protocol::{
    Charter, DocumentId, Envelope, FromRelay, Hash, Role, Roles, Space, ToRelay, encode,
};

use super::samples::{device, envelope, founder, header, venture};
use super::values::{
    AMEND_REFUSALS, MISBEHAVIOURS, NACK_REASONS, SPACES, UNAVAILABLE, ack, authors, challenge,
    charter_ack, envelopes, from_relay, hello, predecessors, to_relay, welcome, who,
};
use super::whole::{actions, second, targets, whole_history};

type Golden = Vec<(String, Vec<u8>)>;

#[test]
fn frames_to_the_relay_keep_their_bytes() {
    let golden = hold("to_relay", &frames_to_relay());
    for ((_, frame), (_, bytes)) in to_relay().into_iter().zip(golden) {
        assert_eq!(ToRelay::decode(&bytes).unwrap(), frame);
    }
}

#[test]
fn frames_from_the_relay_keep_their_bytes() {
    let golden = hold("from_relay", &frames_from_relay());
    for ((_, frame), (_, bytes)) in from_relay().into_iter().zip(golden) {
        assert_eq!(FromRelay::decode(&bytes).unwrap(), frame);
    }
}

#[test]
fn charter_entries_keep_their_bytes_and_fold() {
    let golden = hold("entry", &entries());
    let read: Vec<Entry> = golden
        .iter()
        .map(|(_, bytes)| Entry::decode(bytes).unwrap())
        .collect();
    let mut charter = Charter::found(&read[0]).unwrap();
    for entry in &read[1..4] {
        charter.append(entry).unwrap();
    }
    assert_eq!(charter.position(), 4);
    assert_eq!(charter.members().len(), 2);
    assert!(charter.invites().is_empty());
    for entry in &read[4..] {
        charter.append(entry).unwrap();
    }
    assert_eq!(charter.head(), read[read.len() - 1].hash());
    assert_eq!(charter.interests().len(), 1);
    assert_eq!(charter.spaces()[&Space::Plan].epoch, 2);
    assert!(charter.offers().is_empty() && !charter.is_active(device(&second())));
}

#[test]
fn envelopes_keep_their_bytes_and_verify() {
    for (name, bytes) in hold("envelope", &sealed()) {
        let envelope = Envelope::decode(bytes).unwrap();
        assert_eq!(envelope.verify(), Ok(()), "{name}");
        assert!(envelope.header.names_its_document(), "{name}");
    }
}

#[test]
fn values_inside_frames_keep_their_bytes() {
    hold("value", &values());
}

#[test]
fn digests_keep_their_bytes() {
    hold("digest", &digests());
}

pub(crate) fn frames_to_relay() -> Golden {
    let frames = to_relay().into_iter();
    frames
        .map(|(name, frame)| (name.to_owned(), frame.encode()))
        .collect()
}

pub(crate) fn frames_from_relay() -> Golden {
    let frames = from_relay().into_iter();
    frames.map(|(name, frame)| (name, frame.encode())).collect()
}

pub(crate) fn entries() -> Golden {
    let entries = whole_history().into_iter();
    entries
        .map(|(name, entry)| (name.to_owned(), entry.bytes().to_vec()))
        .collect()
}

pub(crate) fn sealed() -> Golden {
    envelopes()
        .into_iter()
        .map(|(name, envelope)| (name.to_owned(), envelope.bytes().to_vec()))
        .collect()
}

fn values() -> Golden {
    let mut all = Golden::new();
    let mut put = |name: String, bytes: Vec<u8>| all.push((name, bytes));
    for space in SPACES {
        put(format!("space {space:?}"), encode(&space));
    }
    for role in Role::ALL {
        put(format!("role {role:?}"), encode(&role));
        put(format!("roles of {role:?}"), encode(&Roles::new(&[role])));
    }
    put("roles of all".into(), encode(&Roles::new(&Role::ALL)));
    for code in MISBEHAVIOURS {
        put(format!("misbehaviour {code:?}"), encode(&code));
    }
    for reason in NACK_REASONS {
        put(format!("nack {reason:?}"), encode(&reason));
    }
    for reason in AMEND_REFUSALS {
        put(format!("amend refused {reason:?}"), encode(&reason));
    }
    for reason in UNAVAILABLE {
        put(format!("unavailable {reason:?}"), encode(&reason));
    }
    for who in who() {
        put(format!("who {who:?}"), encode(&who));
        put(format!("hello of {who:?}"), encode(&hello(who)));
    }
    for author in authors() {
        put(format!("author {author:?}"), encode(&author));
    }
    for (name, prev) in predecessors() {
        put(format!("prev {name}"), encode(&prev));
    }
    put("challenge".into(), encode(&challenge()));
    put("welcome".into(), encode(&welcome()));
    put("ack".into(), encode(&ack()));
    put("charter ack".into(), encode(&charter_ack()));
    for (name, action) in ["interests", "access", "remove", "repair"]
        .iter()
        .zip(actions())
    {
        put(format!("action {name}"), encode(&action));
    }
    for (name, target) in ["device", "member", "party"].iter().zip(targets()) {
        put(format!("target {name}"), encode(&target));
    }
    for kind in [OfferKind::Device, OfferKind::Recovery] {
        put(format!("offer kind {kind:?}"), encode(&kind));
    }
    all
}

fn digests() -> Golden {
    let (venture, device) = (venture(), device(&founder()));
    let mut all = Golden::new();
    for space in SPACES {
        let root = DocumentId::root(venture, space);
        let opened = DocumentId::opened_by(venture, space, device, [0x6e; 16]);
        all.push((format!("root of {space:?}"), root.0.to_vec()));
        all.push((format!("opened in {space:?}"), opened.0.to_vec()));
    }
    let start = chain_start(venture, header().document);
    let envelope = envelope(&header()).hash();
    let one = chain_next(start, envelope, 4);
    let two = chain_next(one, Hash([0x77; 32]), u64::MAX);
    for (name, hash) in [
        ("envelope", envelope),
        ("chain of 0", start),
        ("chain of 1", one),
        ("chain of 2", two),
    ] {
        all.push((name.into(), hash.0.to_vec()));
    }
    for (name, entry) in whole_history() {
        all.push((name.to_owned(), entry.hash().0.to_vec()));
    }
    all
}

/// Compares with the golden file, or writes it where `HEQI_BLESS` is set, and gives back what the file holds.
fn hold(file: &str, made: &Golden) -> Golden {
    let path = folder().join(format!("{file}.hex"));
    if bless() {
        std::fs::write(&path, render(made)).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap();
    let held: Golden = held.lines().map(parse).collect();
    for ((name, held), (made_name, made)) in held.iter().zip(made) {
        assert_eq!(name, made_name, "{file}");
        let (held, made) = (HEXLOWER.encode(held), HEXLOWER.encode(made));
        assert_eq!(held, made, "{file}: {name}: the wire has changed");
    }
    assert_eq!(held.len(), made.len(), "{file}: something is not held");
    held
}

pub(crate) fn bless() -> bool {
    std::env::var_os("HEQI_BLESS").is_some_and(|value| value == "1")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn render(golden: &Golden) -> String {
    golden
        .iter()
        .fold(String::new(), |mut text, (name, bytes)| {
            writeln!(text, "{name} = {}", HEXLOWER.encode(bytes)).unwrap();
            text
        })
}

fn parse(line: &str) -> (String, Vec<u8>) {
    let (name, hex) = line.split_once(" = ").unwrap();
    (name.to_owned(), HEXLOWER.decode(hex.as_bytes()).unwrap())
}
