use heqi_protocol::envelope::{ENVELOPE_VERSION, Prev};
use heqi_protocol::log::{Point, Seen};
use heqi_protocol::{DocumentId, Hash, Space, VentureId};
use rand_chacha::rand_core::SeedableRng;

use super::*;

fn key(seed: u8) -> SpaceKey {
    SpaceKey::random(&mut ChaCha20Rng::from_seed([seed; 32]))
}

fn header(secrets: &Secrets) -> Header {
    let venture = VentureId([1; 32]);
    Header {
        version: ENVELOPE_VERSION,
        venture,
        space: Space::Plan,
        document: DocumentId::root(venture, Space::Plan),
        opens: None,
        generation: 0,
        epoch: 0,
        device: secrets.device(),
        stream: StreamId([2; 16]),
        dseq: 1,
        prev: Prev::First { acknowledged: None },
        seen: Seen {
            incarnation: None,
            point: Point {
                seq: 0,
                chain: Hash::ZERO,
            },
            charter_head: Hash::ZERO,
        },
        nonce: [9; 24],
    }
}

fn batch(bytes: usize) -> Batch {
    let made = Made {
        made_in: StreamId([3; 16]),
        change: Bytes::new(vec![7; bytes]).unwrap(),
    };
    Batch {
        at_ms: 0,
        changes: List::new(vec![made]).unwrap(),
    }
}

fn sealed(bytes: usize) -> Envelope {
    let secrets = Secrets::from_seed([4; 32]);
    seal(&header(&secrets), &batch(bytes), key(1), &secrets)
}

#[test]
fn what_was_sealed_opens_with_its_key_only() {
    let envelope = sealed(100);
    envelope.verify().unwrap();
    assert_eq!(open(&envelope, key(1)), Ok(batch(100)));
    assert_eq!(open(&envelope, key(2)), Err(Unopened::Key));
}

#[test]
fn no_flipped_bit_of_header_or_ciphertext_opens_or_verifies() {
    let envelope = sealed(10);
    for at in 0..envelope.bytes().len() {
        let mut bytes = envelope.bytes().to_vec();
        bytes[at] ^= 1 << (at % 8);
        // A length that no longer fits is refused when it is decoded.
        let Ok(changed) = Envelope::decode(bytes) else {
            continue;
        };
        assert!(changed.verify().is_err(), "byte {at}");
        let signed = at < envelope.bytes().len() - 64;
        assert_eq!(open(&changed, key(1)).is_err(), signed, "byte {at}");
        assert_ne!(changed.hash(), envelope.hash());
    }
}

#[test]
fn padding_hides_the_length_of_what_is_sealed() {
    let short = sealed(1).ciphertext().len();
    assert_eq!(short, sealed(200).ciphertext().len());
    assert_ne!(short, sealed(300).ciphertext().len());
    assert_eq!(
        sealed(100_000).ciphertext().len(),
        sealed(106_000).ciphertext().len()
    );
}

#[test]
fn padding_comes_off_again_and_costs_an_eighth_at_most() {
    for len in [
        0,
        1,
        251,
        252,
        253,
        4095,
        4096,
        4097,
        100_001,
        BATCH_BYTES_MAX,
    ] {
        let content = vec![5; len];
        let padded = pad(content.clone());
        assert_eq!(unpad(&padded), Some(content.as_slice()));
        assert_eq!(padded.len() % 256, 0);
        assert!(
            padded.len() <= (len + 4 + 256).max((len + 4) * 5 / 4),
            "{len}"
        );
    }
}

#[test]
fn padding_that_is_not_zero_or_does_not_reach_is_refused() {
    let mut dirty = pad(vec![5; 10]);
    *dirty.last_mut().unwrap() = 1;
    assert_eq!(unpad(&dirty), None);
    assert_eq!(unpad(&[255, 255, 255, 255, 0]), None);
    assert_eq!(unpad(&[0, 0, 0]), None);
    assert_eq!(unpad(&[]), None);
}

#[test]
fn a_batch_of_the_most_bytes_fits_an_envelope() {
    let secrets = Secrets::from_seed([4; 32]);
    // Changes are counted without what the batch puts around each.
    let each = BATCH_BYTES_MAX / BATCH_CHANGES_MAX;
    let made = batch(each).changes.into_vec().remove(0);
    let batch = Batch {
        at_ms: 0,
        changes: List::new(vec![made; BATCH_CHANGES_MAX]).unwrap(),
    };
    let envelope = seal(&header(&secrets), &batch, key(1), &secrets);
    assert_eq!(open(&envelope, key(1)), Ok(batch));
}

#[test]
fn a_name_opens_with_key_and_venture_only() {
    let mut rng = ChaCha20Rng::from_seed([0; 32]);
    let name = Name {
        name: Text::new("Chàm Bridge Ltd").unwrap(),
        code: Some(Text::new("CB").unwrap()),
    };
    let sealed = seal_name([1; 32], 0, &name, key(1), &mut rng);
    assert_eq!(open_name([1; 32], &sealed, key(1)), Ok(name.clone()));
    assert_eq!(open_name([1; 32], &sealed, key(2)), Err(Unopened::Key));
    assert_eq!(open_name([2; 32], &sealed, key(1)), Err(Unopened::Key));
    let longest = Name {
        name: Text::new("x".repeat(NAME_BYTES_MAX)).unwrap(),
        code: Some(Text::new("ABCDEFGH").unwrap()),
    };
    let sealed = seal_name([1; 32], 0, &longest, key(1), &mut rng);
    assert_eq!(open_name([1; 32], &sealed, key(1)), Ok(longest));
}

#[test]
fn a_name_opens_without_what_draws_on_a_terminal_or_turns_text_round() {
    let mut rng = ChaCha20Rng::from_seed([0; 32]);
    let hostile = Name {
        name: Text::new("Ann\u{1b}[2J\u{7}\n\u{9b}1m\u{202e}dtL\u{2069} 桩").unwrap(),
        code: Some(Text::new("A\u{1b}c").unwrap()),
    };
    let sealed = seal_name([1; 32], 0, &hostile, key(1), &mut rng);
    let opened = open_name([1; 32], &sealed, key(1)).unwrap();
    assert_eq!(&*opened.name, "Ann [2J   1m dtL  桩");
    assert_eq!(opened.code.as_deref(), Some("A c"));
    let longest = Name {
        name: Text::new("\u{1}".repeat(NAME_BYTES_MAX)).unwrap(),
        code: None,
    };
    let sealed = seal_name([1; 32], 0, &longest, key(1), &mut rng);
    assert!(open_name([1; 32], &sealed, key(1)).is_ok());
}
