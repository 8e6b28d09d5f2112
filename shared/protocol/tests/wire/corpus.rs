//! The fuzz corpus, replayed without a fuzzer.
//!
//! A file's name starts with what must come of it: `valid-` decodes, `refused-` does not; `unverified-` is an envelope
//! that decodes and whose signature is refused. Any other file is what a fuzzer found: it must not panic.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use heqi_protocol::charter::Entry;
use heqi_protocol::{Envelope, FromRelay, ToRelay};

use super::check;
use super::golden::{bless, entries, frames_from_relay, frames_to_relay, sealed};

type Files = BTreeMap<String, Vec<u8>>;

#[test]
fn corpus_of_frames_is_replayed() {
    replay("frame", &frames(), check::frame, |name, bytes| {
        let taken = ToRelay::decode(bytes).is_ok() || FromRelay::decode(bytes).is_ok();
        assert_eq!(taken, name.starts_with("valid-"), "{name}");
    });
}

#[test]
fn corpus_of_entries_is_replayed() {
    let made = seeds(entries(), broken_entries());
    replay("entry", &made, check::entry, |name, bytes| {
        let taken = Entry::decode(bytes).is_ok();
        assert_eq!(taken, name.starts_with("valid-"), "{name}");
    });
}

#[test]
fn corpus_of_envelopes_is_replayed() {
    let made = seeds(sealed(), broken_envelopes());
    replay(
        "envelope",
        &made,
        check::envelope,
        |name, bytes| match Envelope::decode(bytes.to_vec()) {
            Ok(envelope) => {
                let verified = envelope.verify().is_ok();
                assert_eq!(verified, name.starts_with("valid-"), "{name}");
                assert_eq!(!verified, name.starts_with("unverified-"), "{name}");
            }
            Err(_) => assert!(name.starts_with("refused-"), "{name}"),
        },
    );
}

fn replay(target: &str, made: &Files, check: fn(&[u8]), verdict: impl Fn(&str, &[u8])) {
    let folder = folder(target);
    if bless() {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in made {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let mut kept = Files::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        kept.insert(name, std::fs::read(path).unwrap());
    }
    for (name, bytes) in &kept {
        check(bytes);
        if ["valid-", "refused-", "unverified-"]
            .iter()
            .any(|verdict| name.starts_with(verdict))
        {
            verdict(name, bytes);
        }
    }
    for (name, bytes) in made {
        assert_eq!(
            kept.get(name),
            Some(bytes),
            "{target}: {name} is not in the corpus"
        );
    }
}

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

fn seeds(golden: Vec<(String, Vec<u8>)>, broken: Vec<(&str, Vec<u8>)>) -> Files {
    let valid = golden
        .into_iter()
        .map(|(name, bytes)| (format!("valid-{name}"), bytes));
    let broken = broken
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes));
    valid.chain(broken).collect()
}

fn frames() -> Files {
    let to = frames_to_relay();
    let from = frames_from_relay();
    let golden = |frames: &[(String, Vec<u8>)], name: &str| {
        let found = frames.iter().find(|(other, _)| other == name);
        found.unwrap().1.clone()
    };
    let mut origin = golden(&to, "hello_device");
    // Tag, versions, venture, who and the length of the origin stand before its text.
    origin[1 + 4 + 32 + 33 + 4] = 0xff;
    let broken = vec![
        ("refused-empty", vec![]),
        ("refused-unknown-tag", vec![0xff]),
        ("refused-origin-not-utf8", origin),
        (
            "refused-bytes-longer-than-all",
            with_number(&golden(&to, "append"), 1, u32::MAX),
        ),
        (
            "refused-bytes-at-their-limit",
            with_number(&golden(&to, "append"), 1, 1 << 20),
        ),
        (
            "refused-locator-above-limit",
            with_number(&golden(&to, "subscribe"), 33, 65),
        ),
        (
            "refused-entries-above-limit",
            with_number(&golden(&from, "entries"), 41, 4097),
        ),
        (
            "refused-documents-without-any",
            with_number(&golden(&from, "documents"), 1, 4096),
        ),
        (
            "refused-unknown-misbehaviour",
            vec![golden(&from, "refused_BadFrame")[0], 0xff],
        ),
    ];
    let names = |frames: Vec<(String, Vec<u8>)>, direction: &'static str| {
        frames
            .into_iter()
            .map(move |(name, bytes)| (format!("{direction}-{name}"), bytes))
    };
    let all = names(to, "to").chain(names(from, "from")).collect();
    seeds(all, broken)
}

fn broken_entries() -> Vec<(&'static str, Vec<u8>)> {
    let all = entries();
    let (genesis, admit) = (&all[0].1, &all[1].1);
    let mut version = genesis.clone();
    version[4] = 2;
    let mut trailing_inside = admit.clone();
    let len = u32::try_from(admit.len() - 68).unwrap();
    trailing_inside.insert(admit.len() - 64, 0);
    vec![
        ("refused-version", version),
        (
            "refused-without-signature",
            genesis[..genesis.len() - 64].to_vec(),
        ),
        (
            "refused-trailing-byte-inside",
            with_number(&trailing_inside, 0, len + 1),
        ),
        (
            "refused-content-longer-than-all",
            with_number(genesis, 0, u32::MAX),
        ),
        (
            "refused-unknown-body",
            last_byte_of_body(&all, "admit_party", None),
        ),
        (
            "refused-unknown-answer",
            last_byte_of_body(&all, "answer_access", Some(2)),
        ),
        ("refused-keys-above-limit", keys_above_limit(&all)),
    ]
}

fn entry_of(all: &[(String, Vec<u8>)], name: &str) -> Vec<u8> {
    let found = all.iter().find(|(other, _)| other == name);
    found.unwrap().1.clone()
}

/// The entry with the tag of its body, or the last byte of it, set to what it cannot be.
fn last_byte_of_body(all: &[(String, Vec<u8>)], name: &str, last: Option<u8>) -> Vec<u8> {
    let mut bytes = entry_of(all, name);
    match last {
        Some(byte) => {
            let at = bytes.len() - 65;
            bytes[at] = byte;
        }
        None => bytes[TAG_AT] = 21,
    }
    bytes
}

/// A rotation that claims one new key more than there may be.
fn keys_above_limit(all: &[(String, Vec<u8>)]) -> Vec<u8> {
    with_number(&entry_of(all, "rotate"), TAG_AT + 1, 65)
}

/// Where the tag of the body stands: behind the content's length, version, venture, position, prev and author.
const TAG_AT: usize = 4 + 1 + 32 + 8 + 32 + 33;

fn broken_envelopes() -> Vec<(&'static str, Vec<u8>)> {
    let first = sealed()[0].1.clone();
    let mut version = first.clone();
    version[4] = 0;
    let mut identity = first.clone();
    let device = identity
        .windows(32)
        .position(|bytes| bytes == super::samples::public(&super::samples::founder()))
        .unwrap();
    identity[device..device + 32].fill(0);
    identity[device] = 1;
    let mut unreduced = first.clone();
    let last = unreduced.len() - 1;
    unreduced[last] |= 0xe0;
    let mut header_too_long = vec![0; 700];
    header_too_long[..4].copy_from_slice(&600_u32.to_le_bytes());
    vec![
        ("refused-version", version),
        ("refused-header-too-long", header_too_long),
        (
            "refused-header-longer-than-all",
            with_number(&first, 0, u32::MAX),
        ),
        (
            "refused-without-signature",
            first[..first.len() - 64].to_vec(),
        ),
        ("unverified-key-of-small-order", identity),
        ("unverified-scalar-not-reduced", unreduced),
    ]
}

fn with_number(bytes: &[u8], at: usize, number: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    bytes
}
