//! What the two signatures of the handshake bind, and how a version is agreed on.

use heqi_protocol::handshake::{Challenge, Hello, VERSIONS, Versions, Welcome, Who};
use heqi_protocol::log::{Ack, CharterAck};
use heqi_protocol::{
    DocumentId, Hash, Incarnation, InviteId, Misbehaviour, RelayKey, Text, VentureId, decode,
    encode,
};
use proptest::prelude::*;

use super::samples::{INCARNATION, device, founder, guest, key, point, public, relay, venture};
use super::values::{ack, challenge, charter_ack, hello, welcome, who};

#[test]
fn hello_and_welcome_verify() {
    for who in who() {
        assert_eq!(hello(who).verify(&challenge()), Ok(1));
    }
    let answered = hello(who()[0]);
    assert_eq!(welcome().verify(&challenge(), &answered), Ok(()));
}

#[test]
fn hello_is_bound_to_its_challenge() {
    let hello = hello(who()[0]);
    for other in other_challenges() {
        assert_eq!(hello.verify(&other), Err(Misbehaviour::BadSignature));
    }
}

#[test]
fn hello_is_bound_to_everything_it_says() {
    let signed = hello(who()[0]);
    let Who::Device(author) = signed.who else {
        panic!("the first sample is a device");
    };
    let changed = [
        Hello {
            versions: Versions { min: 1, max: 2 },
            ..signed.clone()
        },
        Hello {
            versions: Versions { min: 0, max: 1 },
            ..signed.clone()
        },
        Hello {
            venture: VentureId([0; 32]),
            ..signed.clone()
        },
        Hello {
            who: Who::Founder(author),
            ..signed.clone()
        },
        Hello {
            who: Who::Invite(InviteId(author.0)),
            ..signed.clone()
        },
        Hello {
            who: Who::Device(device(&guest())),
            ..signed.clone()
        },
        Hello {
            origin: Text::new("wss://other.example/sync").unwrap(),
            ..signed.clone()
        },
        Hello {
            nonce: [0; 32],
            ..signed.clone()
        },
        Hello {
            charter_position: 5,
            ..signed
        },
    ];
    for hello in changed {
        let verified = hello.verify(&challenge());
        assert_eq!(verified, Err(Misbehaviour::BadSignature), "{hello:?}");
    }
}

#[test]
fn every_flipped_bit_of_a_hello_or_welcome_is_refused() {
    let (said, answered) = (encode(&hello(who()[0])), encode(&welcome()));
    let original = hello(who()[0]);
    for (bit, bytes) in flips(&said) {
        let hello = decode::<Hello>("hello", &bytes, bytes.len());
        let taken = hello.is_ok_and(|hello| hello.verify(&challenge()).is_ok());
        assert!(!taken, "hello: bit {bit}");
    }
    for (bit, bytes) in flips(&answered) {
        let welcome = decode::<Welcome>("welcome", &bytes, bytes.len());
        let verify = |welcome: Welcome| welcome.verify(&challenge(), &original).is_ok();
        assert!(!welcome.is_ok_and(verify), "welcome: bit {bit}");
    }
}

#[test]
fn welcome_is_bound_to_challenge_and_hello() {
    let welcome = welcome();
    for other in other_challenges() {
        let verified = welcome.verify(&other, &hello(who()[0]));
        assert_eq!(verified, Err(Misbehaviour::BadSignature));
    }
    let mut again = hello(who()[0]);
    again.nonce = [0; 32];
    for other in [again, hello(who()[1]), hello(who()[2])] {
        let verified = welcome.verify(&challenge(), &other);
        assert_eq!(verified, Err(Misbehaviour::BadSignature));
    }
}

#[test]
fn welcome_of_another_relay_is_refused() {
    let hello = hello(who()[0]);
    let welcome = Welcome::sign(&challenge(), &hello, INCARNATION, 4, Hash::ZERO, &founder());
    let verified = welcome.verify(&challenge(), &hello);
    assert_eq!(verified, Err(Misbehaviour::BadSignature));
}

#[test]
fn hello_without_a_common_version_is_refused_though_well_signed() {
    let newer = Challenge {
        versions: Versions { min: 2, max: 9 },
        ..challenge()
    };
    let origin = Text::new("ws://localhost").unwrap();
    let who = Who::Device(device(&founder()));
    let hello = Hello::sign(&newer, venture(), who, origin, [0; 32], 0, &founder());
    assert_eq!(hello.versions, VERSIONS);
    assert_eq!(hello.verify(&newer), Err(Misbehaviour::NoCommonVersion));
}

#[test]
fn acknowledgement_is_bound_to_its_place() {
    let signed = ack();
    assert!(signed.verify(relay()).is_ok());
    let later = Incarnation {
        number: 3,
        ..INCARNATION
    };
    let twin = Incarnation {
        nonce: [0; 8],
        ..INCARNATION
    };
    let mut forked = signed.point;
    forked.chain = Hash::ZERO;
    let changed = [
        Ack {
            venture: VentureId([0; 32]),
            ..signed
        },
        Ack {
            document: DocumentId([0; 32]),
            ..signed
        },
        Ack {
            incarnation: later,
            ..signed
        },
        Ack {
            incarnation: twin,
            ..signed
        },
        Ack {
            point: point(18),
            ..signed
        },
        Ack {
            point: forked,
            ..signed
        },
    ];
    for ack in changed {
        assert!(ack.verify(relay()).is_err(), "{ack:?}");
    }
    assert!(signed.verify(RelayKey(public(&key(8)))).is_err());
}

#[test]
fn acknowledgement_of_the_charter_is_bound_to_its_place() {
    let signed = charter_ack();
    assert!(signed.verify(venture(), relay()).is_ok());
    assert!(signed.verify(VentureId([0; 32]), relay()).is_err());
    assert!(signed.verify(venture(), RelayKey(public(&key(8)))).is_err());
    let later = Incarnation {
        number: 3,
        ..INCARNATION
    };
    let changed = [
        CharterAck {
            incarnation: later,
            ..signed
        },
        CharterAck {
            position: 3,
            ..signed
        },
        CharterAck {
            head: Hash::ZERO,
            ..signed
        },
    ];
    for ack in changed {
        assert!(ack.verify(venture(), relay()).is_err(), "{ack:?}");
    }
}

#[test]
fn common_version_is_the_newest_of_both() {
    let range = |min, max| Versions { min, max };
    for (ours, theirs, common) in [
        (range(1, 1), range(1, 1), Some(1)),
        (range(1, 3), range(2, 5), Some(3)),
        (range(1, 2), range(3, 4), None),
        (range(3, 4), range(1, 2), None),
        (range(0, u16::MAX), range(7, 7), Some(7)),
        // A range that holds nothing.
        (range(5, 1), range(1, 9), None),
    ] {
        assert_eq!(ours.common(theirs), common, "{ours:?} {theirs:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn common_version_is_the_same_for_both_sides(a in 0..9_u16, b in 0..9_u16, c in 0..9_u16, d in 0..9_u16) {
        let (ours, theirs) = (Versions { min: a, max: b }, Versions { min: c, max: d });
        let common = ours.common(theirs);
        prop_assert_eq!(common, theirs.common(ours));
        let newest = (0..9).rev().find(|v| (a..=b).contains(v) && (c..=d).contains(v));
        prop_assert_eq!(common, newest);
    }
}

fn other_challenges() -> [Challenge; 4] {
    let challenge = challenge();
    [
        Challenge {
            nonce: [0; 32],
            ..challenge
        },
        Challenge {
            relay: RelayKey(public(&key(8))),
            ..challenge
        },
        Challenge {
            versions: Versions { min: 1, max: 2 },
            ..challenge
        },
        Challenge {
            versions: Versions { min: 0, max: 1 },
            ..challenge
        },
    ]
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        (bit, bytes)
    })
}
