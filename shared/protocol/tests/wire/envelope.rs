//! What the signature of an envelope covers, and the strict rule of verification.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{SigningKey, Verifier, VerifyingKey};
use heqi_protocol::limits::ENVELOPE_BYTES_MAX;
use heqi_protocol::sign::{BadSignature, Signature, digest, framed, sign, verify};
use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, Header, Prev, Space, VentureId, encode};
use sha2::{Digest, Sha512};

use super::samples::{device, envelope, founder, guest, header, key, public, venture};
use super::values::envelopes;

const CONTEXTS: [&str; 7] = [
    "heqi envelope signature v1",
    "heqi charter signature v1",
    "heqi device proof v1",
    "heqi hello v1",
    "heqi welcome v1",
    "heqi acknowledgement v1",
    "heqi charter acknowledgement v1",
];

#[test]
fn every_flipped_bit_is_refused() {
    for (name, envelope) in envelopes() {
        for bit in 0..envelope.bytes().len() * 8 {
            let mut bytes = envelope.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let taken = Envelope::decode(bytes).is_ok_and(|envelope| envelope.verify().is_ok());
            assert!(!taken, "{name}: bit {bit}");
        }
    }
}

#[test]
fn signature_of_another_device_is_refused() {
    let envelope = Envelope::sign(&header(), vec![0; 16], &guest()).unwrap();
    assert_eq!(envelope.verify(), Err(BadSignature));
}

#[test]
fn signature_follows_its_specification() {
    let envelope = envelope(&header());
    let signature = signature(envelope.bytes());
    let body = digest("heqi envelope ciphertext v1", &[envelope.ciphertext()]);
    let header = encode(&header());
    let expected = sign(&founder(), CONTEXTS[0], &[&header, &body.0]);
    assert_eq!(signature, expected);
    let hash = digest("heqi envelope hash v1", &[envelope.bytes()]);
    assert_eq!(envelope.hash(), hash);
}

#[test]
fn signature_made_in_one_context_serves_in_no_other() {
    let (key, parts): (_, [&[u8]; 2]) = (founder(), [b"one", b"two"]);
    for made in CONTEXTS {
        let signature = sign(&key, made, &parts);
        for context in CONTEXTS {
            let verified = verify(&public(&key), context, &parts, &signature);
            assert_eq!(verified.is_ok(), context == made, "{made}, {context}");
        }
    }
}

#[test]
fn parts_of_what_is_signed_keep_their_borders() {
    let whole = framed("c", &[b"ab", b"c"]);
    assert_eq!(whole, b"\x01c\x02\0\0\0ab\x01\0\0\0c");
    assert_ne!(whole, framed("c", &[b"a", b"bc"]));
    assert_ne!(whole, framed("c", &[b"abc"]));
}

#[test]
fn signature_with_an_unreduced_scalar_is_refused() {
    // The order of the group, little-endian: S + L gives the same point as S.
    let order = (-Scalar::ONE).to_bytes();
    let envelope = envelope(&header());
    let mut bytes = envelope.bytes().to_vec();
    let at = bytes.len() - 32;
    let mut carry = 1_u16;
    for (byte, order) in bytes[at..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(carry, 0);
    let forged = Envelope::decode(bytes).unwrap();
    assert_ne!(forged.hash(), envelope.hash());
    assert_eq!(forged.verify(), Err(BadSignature));
}

/// With the identity as key every message has the signature (rB, r), known to everybody.
#[test]
fn signature_of_a_key_of_small_order_is_refused() {
    let secret = Scalar::from(5_u8);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&EdwardsPoint::mul_base(&secret).compress().0);
    signature[32..].copy_from_slice(&secret.to_bytes());
    let identity = EIGHT_TORSION[0].compress().0;
    let lax = VerifyingKey::from_bytes(&identity).unwrap();
    let message = framed(CONTEXTS[0], &[b"anything"]);
    let plain = ed25519_dalek::Signature::from_bytes(&signature);
    assert!(
        lax.verify(&message, &plain).is_ok(),
        "the test has no teeth"
    );
    let verified = verify(
        &identity,
        CONTEXTS[0],
        &[b"anything"],
        &Signature(signature),
    );
    assert_eq!(verified, Err(BadSignature));
}

#[test]
fn signature_with_a_commitment_of_small_order_is_refused() {
    let (key, parts): (_, [&[u8]; 1]) = (founder(), [b"anything"]);
    let message = framed(CONTEXTS[0], &parts);
    let signature = small_order_commitment(&key, &message);
    let plain = ed25519_dalek::Signature::from_bytes(&signature);
    let lax = key.verifying_key().verify(&message, &plain);
    assert!(lax.is_ok(), "the test has no teeth");
    let verified = verify(&public(&key), CONTEXTS[0], &parts, &Signature(signature));
    assert_eq!(verified, Err(BadSignature));
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    let no_point = (0..=u8::MAX)
        .map(|y| [y; 32])
        .find(|bytes| VerifyingKey::from_bytes(bytes).is_err())
        .unwrap();
    let verified = verify(&no_point, CONTEXTS[0], &[], &Signature([0; 64]));
    assert_eq!(verified, Err(BadSignature));
}

#[test]
fn place_in_the_stream_fits_its_predecessor() {
    let next = Prev::Next { hash: Hash::ZERO };
    let first = Prev::First { acknowledged: None };
    for (dseq, prev, fits) in [
        (0, first, false),
        (0, next, false),
        (1, first, true),
        (1, next, false),
        (2, first, false),
        (2, next, true),
        (u64::MAX, next, true),
    ] {
        let header = Header {
            dseq,
            prev,
            ..header()
        };
        let made = Envelope::sign(&header, Vec::new(), &founder());
        assert_eq!(made.is_ok(), fits, "{dseq} {prev:?}");
    }
}

#[test]
fn other_versions_are_refused() {
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        let header = Header {
            version,
            ..header()
        };
        assert!(Envelope::sign(&header, Vec::new(), &founder()).is_err());
    }
}

#[test]
fn envelope_is_as_long_as_its_limit_and_no_longer() {
    let around = envelope(&header()).bytes().len() - 48;
    let longest = vec![0; ENVELOPE_BYTES_MAX - around];
    let made = Envelope::sign(&header(), longest.clone(), &founder()).unwrap();
    assert_eq!(made.bytes().len(), ENVELOPE_BYTES_MAX);
    let longer = [longest, vec![0]].concat();
    assert!(Envelope::sign(&header(), longer, &founder()).is_err());
    let much_longer = vec![0; ENVELOPE_BYTES_MAX + 1];
    assert!(Envelope::sign(&header(), much_longer, &founder()).is_err());
}

#[test]
fn document_is_what_venture_space_and_opener_make_it() {
    let (_, opens) = envelopes().pop().unwrap();
    let opens = opens.header;
    assert!(header().names_its_document() && opens.names_its_document());
    let wrong = [
        Header {
            venture: VentureId([0; 32]),
            ..header()
        },
        Header {
            space: Space::Risk,
            ..header()
        },
        Header {
            document: DocumentId([0; 32]),
            ..header()
        },
        Header {
            opens: Some([0; 16]),
            ..header()
        },
        Header {
            opens: None,
            ..opens.clone()
        },
        Header {
            opens: Some([0; 16]),
            ..opens.clone()
        },
        Header {
            device: device(&guest()),
            ..opens.clone()
        },
        Header {
            space: Space::Plan,
            ..opens
        },
    ];
    for header in wrong {
        assert!(!header.names_its_document(), "{header:?}");
    }
}

#[test]
fn documents_of_ventures_and_spaces_are_apart() {
    let root = DocumentId::root(venture(), Space::Plan);
    assert_ne!(root, DocumentId::root(VentureId([0; 32]), Space::Plan));
    assert_ne!(root, DocumentId::root(venture(), Space::Risk));
    let opened = |device, nonce| DocumentId::opened_by(venture(), Space::Plan, device, nonce);
    assert_ne!(
        opened(DeviceId([1; 32]), [0; 16]),
        opened(DeviceId([2; 32]), [0; 16])
    );
    assert_ne!(
        opened(DeviceId([1; 32]), [0; 16]),
        opened(DeviceId([1; 32]), [1; 16])
    );
}

#[test]
fn ids_read_their_own_text_and_no_other() {
    let id = device(&key(7));
    let text = id.to_string();
    assert_eq!(DeviceId::parse(&text), Some(id));
    assert_eq!(DeviceId::parse(&text.to_uppercase()), None);
    assert_eq!(DeviceId::parse(&text[2..]), None);
    assert_eq!(DeviceId::parse(&format!("{text}00")), None);
    assert_eq!(DeviceId::parse(""), None);
}

fn signature(bytes: &[u8]) -> Signature {
    Signature(bytes[bytes.len() - 64..].try_into().unwrap())
}

/// A signature with the identity as R, which only the holder of the key can make: S = ka.
fn small_order_commitment(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let commitment = EIGHT_TORSION[0].compress().0;
    let mut hash = Sha512::new();
    hash.update(commitment);
    hash.update(public(key));
    hash.update(message);
    let challenge = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice(&(challenge * key.to_scalar()).to_bytes());
    signature
}
