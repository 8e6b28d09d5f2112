//! Properties of every decoder: no panic, one encoding, and back again.

use std::sync::LazyLock;

use heqi_protocol::charter::Entry;
use heqi_protocol::frame::{
    AmendRefused, Attested, CharterRecord, Listed, LogEntry, NackReason, Place, RestoredEntry, Sent,
};
use heqi_protocol::handshake::{Challenge, Hello, Versions, Welcome, Who};
use heqi_protocol::log::CharterAck;
use heqi_protocol::{
    Ack, DeviceId, DocumentId, Envelope, FromRelay, InviteId, RelayKey, Signature, StreamId, Text,
    ToRelay, VentureId, encode,
};
use proptest::prelude::*;

use super::arbitrary::Draw;
use super::check;
use super::golden::{entries, frames_from_relay, frames_to_relay, sealed};
use super::samples::{founder, key};
use super::values::{MISBEHAVIOURS, UNAVAILABLE};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check::frame(&bytes);
        check::entry(&bytes);
        check::envelope(&bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_valid_tag_never_panic(
        tag in 0..16_u8,
        mut bytes in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 1..400),
    ) {
        bytes[0] = tag;
        check::frame(&bytes);
    }

    #[test]
    fn mutated_bytes_never_panic(
        sample in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        mutations in prop::collection::vec(mutation(), 1..5),
    ) {
        let samples = samples();
        let mut bytes = sample.get(samples).clone();
        for mutation in &mutations {
            let other: &Vec<u8> = other.get(samples);
            mutation.apply(&mut bytes, other);
        }
        check::frame(&bytes);
        check::entry(&bytes);
        check::envelope(&bytes);
    }

    #[test]
    fn frames_to_the_relay_come_back(seed in any::<u64>()) {
        let frame = to_relay(&mut Draw(seed));
        prop_assert_eq!(ToRelay::decode(&frame.encode()).unwrap(), frame);
    }

    #[test]
    fn frames_from_the_relay_come_back(seed in any::<u64>()) {
        let frame = from_relay(&mut Draw(seed));
        prop_assert_eq!(FromRelay::decode(&frame.encode()).unwrap(), frame);
    }

    #[test]
    fn charter_entries_come_back(seed in any::<u64>()) {
        let content = Draw(seed).content();
        let entry = Entry::sign(&content, &key(9)).unwrap();
        prop_assert_eq!(entry.content(), &content);
        let again = Entry::decode(entry.bytes()).unwrap();
        prop_assert_eq!(&again, &entry);
        check::entry(entry.bytes());
    }

    #[test]
    fn envelopes_come_back(seed in any::<u64>(), body in prop::collection::vec(any::<u8>(), 0..99)) {
        let header = Draw(seed).header();
        let envelope = Envelope::sign(&header, body.clone(), &founder()).unwrap();
        prop_assert_eq!(&envelope.header, &header);
        prop_assert_eq!(envelope.header_bytes(), encode(&header));
        prop_assert_eq!(envelope.ciphertext(), &body[..]);
        prop_assert_eq!(Envelope::decode(envelope.bytes().to_vec()).unwrap(), envelope);
    }
}

#[test]
fn every_prefix_of_a_valid_value_is_refused() {
    for (name, bytes) in frames_to_relay() {
        for len in 0..bytes.len() {
            assert!(ToRelay::decode(&bytes[..len]).is_err(), "{name} {len}");
        }
    }
    for (name, bytes) in frames_from_relay() {
        for len in 0..bytes.len() {
            assert!(FromRelay::decode(&bytes[..len]).is_err(), "{name} {len}");
        }
    }
    for (name, bytes) in entries() {
        for len in 0..bytes.len() {
            assert!(Entry::decode(&bytes[..len]).is_err(), "{name} {len}");
        }
    }
    for (name, bytes) in sealed() {
        for len in 0..bytes.len() {
            let prefix = bytes[..len].to_vec();
            assert!(Envelope::decode(prefix).is_err(), "{name} {len}");
        }
    }
}

#[test]
fn trailing_byte_is_refused() {
    let longer = |mut bytes: Vec<u8>| {
        bytes.push(0);
        bytes
    };
    for (name, bytes) in frames_to_relay() {
        assert!(ToRelay::decode(&longer(bytes)).is_err(), "{name}");
    }
    for (name, bytes) in frames_from_relay() {
        assert!(FromRelay::decode(&longer(bytes)).is_err(), "{name}");
    }
    for (name, bytes) in entries() {
        assert!(Entry::decode(&longer(bytes)).is_err(), "{name}");
    }
    for (name, bytes) in sealed() {
        assert!(Envelope::decode(longer(bytes)).is_err(), "{name}");
    }
}

fn samples() -> &'static [Vec<u8>] {
    static MADE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        [frames_to_relay(), frames_from_relay(), entries(), sealed()]
            .into_iter()
            .flatten()
            .map(|(_, bytes)| bytes)
            .collect()
    });
    &MADE
}

#[derive(Clone, Debug)]
enum Mutation {
    Flip(usize, u8),
    Number(usize, u32),
    Cut(usize),
    Repeat(usize, usize),
    Splice(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<usize>;
    let number = prop_oneof![Just(u32::MAX), Just(1 << 20), 0..5_u32, any::<u32>()];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, mask)| Mutation::Flip(at, mask)),
        (at(), number).prop_map(|(at, number)| Mutation::Number(at, number)),
        at().prop_map(Mutation::Cut),
        (at(), at()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
        (at(), at()).prop_map(|(here, there)| Mutation::Splice(here, there)),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>, other: &[u8]) {
        let len = bytes.len();
        if len < 4 {
            return;
        }
        match *self {
            Self::Flip(at, mask) => bytes[at % len] ^= mask,
            Self::Number(at, number) => {
                let at = at % (len - 3);
                bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            Self::Cut(at) => bytes.truncate(at % len),
            Self::Repeat(from, to) => {
                let (from, to) = (from % len, to % len);
                let part = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.splice(to..to, part);
            }
            Self::Splice(here, there) => {
                bytes.truncate(here % len);
                bytes.extend_from_slice(&other[there % other.len()..]);
            }
        }
    }
}

fn to_relay(draw: &mut Draw) -> ToRelay {
    match draw.below(9) {
        0 => ToRelay::Hello(hello(draw)),
        1 => ToRelay::Found(draw.bytes()),
        2 => ToRelay::Amend(draw.bytes()),
        3 => ToRelay::RestoreCharter(draw.list(record)),
        4 => ToRelay::Subscribe {
            document: DocumentId(draw.array()),
            locator: draw.list(Draw::point),
        },
        5 => ToRelay::Append(draw.bytes()),
        6 => ToRelay::Attest(match draw.below(2) {
            0 => Attested::Log(ack(draw)),
            _ => Attested::Charter(charter_ack(draw)),
        }),
        7 => ToRelay::Restore {
            document: DocumentId(draw.array()),
            first_seq: draw.number(),
            entries: draw.list(|draw| RestoredEntry {
                charter_position: draw.number(),
                envelope: draw.bytes(),
            }),
        },
        _ => ToRelay::Prove {
            before: draw.hash(),
            places: draw.list(|draw| Place {
                charter_position: draw.number(),
                envelope: draw.hash(),
            }),
            ack: (draw.below(2) == 0).then(|| ack(draw)),
        },
    }
}

fn from_relay(draw: &mut Draw) -> FromRelay {
    match draw.below(13) {
        0 => FromRelay::Challenge(Challenge {
            versions: versions(draw),
            relay: RelayKey(draw.array()),
            nonce: draw.array(),
        }),
        1 => FromRelay::Welcome(Welcome {
            incarnation: draw.incarnation(),
            charter_position: draw.number(),
            charter_head: draw.hash(),
            signature: Signature(draw.array()),
        }),
        2 => FromRelay::Charter {
            first: draw.number(),
            entries: draw.list(record),
        },
        3 => FromRelay::AmendRefused {
            entry: draw.hash(),
            reason: AmendRefused::MovedOn {
                position: draw.number(),
            },
        },
        4 => FromRelay::Documents(draw.list(|draw| Listed {
            document: DocumentId(draw.array()),
            space: draw.space(),
            seq: draw.number(),
        })),
        5 => FromRelay::Subscribed {
            document: DocumentId(draw.array()),
            matched: draw.point(),
            head: draw.point(),
        },
        6 => FromRelay::Entries {
            document: DocumentId(draw.array()),
            first_seq: draw.number(),
            entries: draw.list(log_entry),
        },
        7 => FromRelay::Ack(ack(draw)),
        8 => FromRelay::Nack {
            document: DocumentId(draw.array()),
            stream: StreamId(draw.array()),
            dseq: draw.number(),
            reason: NackReason::Gap {
                have: draw.number(),
            },
        },
        9 => FromRelay::Reread(DocumentId(draw.array())),
        10 => FromRelay::Reincarnated(draw.incarnation()),
        11 => FromRelay::Refused(MISBEHAVIOURS[draw.below(MISBEHAVIOURS.len())]),
        _ => FromRelay::Unavailable(UNAVAILABLE[draw.below(UNAVAILABLE.len())]),
    }
}

fn versions(draw: &mut Draw) -> Versions {
    let [min, max] = draw.array().map(u16::from);
    Versions { min, max }
}

fn hello(draw: &mut Draw) -> Hello {
    let origin: String = (0..draw.below(20))
        .map(|_| ['a', '/', 'ß', '合', '𝄞'][draw.below(5)])
        .collect();
    Hello {
        versions: versions(draw),
        venture: VentureId(draw.array()),
        who: match draw.below(3) {
            0 => Who::Device(DeviceId(draw.array())),
            1 => Who::Invite(InviteId(draw.array())),
            _ => Who::Founder(DeviceId(draw.array())),
        },
        origin: Text::new(origin).unwrap(),
        nonce: draw.array(),
        charter_position: draw.number(),
        signature: Signature(draw.array()),
    }
}

fn record(draw: &mut Draw) -> CharterRecord {
    CharterRecord {
        entry: draw.bytes(),
        ack: charter_ack(draw),
    }
}

fn log_entry(draw: &mut Draw) -> LogEntry {
    LogEntry {
        charter_position: draw.number(),
        sent: match draw.below(2) {
            0 => Sent::Whole(draw.bytes()),
            _ => Sent::Yours(draw.hash()),
        },
    }
}

fn ack(draw: &mut Draw) -> Ack {
    Ack {
        venture: VentureId(draw.array()),
        document: DocumentId(draw.array()),
        incarnation: draw.incarnation(),
        point: draw.point(),
        signature: Signature(draw.array()),
    }
}

fn charter_ack(draw: &mut Draw) -> CharterAck {
    CharterAck {
        incarnation: draw.incarnation(),
        position: draw.number(),
        head: draw.hash(),
        signature: Signature(draw.array()),
    }
}
