//! Seal and open: batches of changes in envelopes, names in the charter.
//!
//! Plaintext is padded so that a ciphertext tells little of its content's size: to a multiple of an eighth of the next
//! power of two, at least 256 bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use heqi_protocol::charter::SealedName;
use heqi_protocol::limits::ENVELOPE_BYTES_MAX;
use heqi_protocol::{Bytes, Envelope, Header, List, StreamId, Text, decode, encode};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::keyring::SpaceKey;
use crate::keys::Secrets;

/// Changes in one envelope.
pub(crate) const BATCH_CHANGES_MAX: usize = 4096;
/// Bytes of changes that are put into one envelope, which leaves room for padding and header.
pub(crate) const BATCH_BYTES_MAX: usize = 768 << 10;
/// Bytes of a name or code.
pub(crate) const NAME_BYTES_MAX: usize = 400;

/// One change and the stream its actor is derived from.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Made {
    pub(crate) made_in: StreamId,
    pub(crate) change: Bytes<ENVELOPE_BYTES_MAX>,
}

/// What an envelope holds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Batch {
    /// When it was sealed, in milliseconds since 1970 by the clock of its author.
    pub(crate) at_ms: u64,
    pub(crate) changes: List<Made, BATCH_CHANGES_MAX>,
}

/// Why an envelope or a name cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unopened {
    #[error("it was not sealed with the key of its epoch")]
    Key,
    #[error("what it holds cannot be read")]
    Content,
}

/// Seals a batch and signs the envelope.
pub(crate) fn seal(header: &Header, batch: &Batch, key: SpaceKey, secrets: &Secrets) -> Envelope {
    let plaintext = pad(encode(batch));
    let payload = Payload {
        msg: &plaintext,
        aad: &encode(header),
    };
    let ciphertext = XChaCha20Poly1305::new(&key.envelope().into())
        .encrypt(&header.nonce.into(), payload)
        .expect("the plaintext is far below the cipher's limit");
    Envelope::sign(header, ciphertext, secrets.sign())
        .expect("a batch is bounded so that its envelope is within the limit")
}

/// Opens an envelope whose signature has been verified.
pub(crate) fn open(envelope: &Envelope, key: SpaceKey) -> Result<Batch, Unopened> {
    let payload = Payload {
        msg: envelope.ciphertext(),
        aad: envelope.header_bytes(),
    };
    let plaintext = XChaCha20Poly1305::new(&key.envelope().into())
        .decrypt(&envelope.header.nonce.into(), payload)
        .map_err(|_| Unopened::Key)?;
    let content = unpad(&plaintext).ok_or(Unopened::Content)?;
    decode("batch", content, ENVELOPE_BYTES_MAX).map_err(|_| Unopened::Content)
}

/// A name, and a party's short code.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Name {
    pub(crate) name: Text<NAME_BYTES_MAX>,
    pub(crate) code: Option<Text<16>>,
}

/// Seals a name for the charter.
pub(crate) fn seal_name(
    founding_nonce: [u8; 32],
    epoch: u32,
    name: &Name,
    key: SpaceKey,
    rng: &mut ChaCha20Rng,
) -> SealedName {
    let mut nonce = [0; 24];
    rng.fill_bytes(&mut nonce);
    let plaintext = pad(encode(name));
    let payload = Payload {
        msg: &plaintext,
        aad: &founding_nonce,
    };
    let sealed = XChaCha20Poly1305::new(&key.name().into())
        .encrypt(&nonce.into(), payload)
        .expect("a name is far below the cipher's limit");
    SealedName {
        epoch,
        nonce,
        sealed: Bytes::new(sealed).expect("a padded name is within the limit"),
    }
}

/// Opens a name of the charter.
pub(crate) fn open_name(
    founding_nonce: [u8; 32],
    name: &SealedName,
    key: SpaceKey,
) -> Result<Name, Unopened> {
    let payload = Payload {
        msg: &name.sealed,
        aad: &founding_nonce,
    };
    let plaintext = XChaCha20Poly1305::new(&key.name().into())
        .decrypt(&name.nonce.into(), payload)
        .map_err(|_| Unopened::Key)?;
    let content = unpad(&plaintext).ok_or(Unopened::Content)?;
    let name: Name = decode("name", content, 1024).map_err(|_| Unopened::Content)?;
    Ok(Name {
        name: printable(&name.name),
        code: name.code.as_deref().map(printable),
    })
}

/// True for what is no text: control characters, line ends, and marks that turn round what stands beside them.
pub fn is_unprintable(c: char) -> bool {
    let turns_round = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns_round || matches!(c, '\u{2028}' | '\u{2029}') || c.is_control()
}

/// What somebody else's program sealed as a name may draw on a terminal, or pass for another name.
fn printable<const MAX: usize>(name: &str) -> Text<MAX> {
    let name = name.replace(is_unprintable, " ");
    Text::new(name).expect("a space is no longer than what it stands for")
}

fn pad(content: Vec<u8>) -> Vec<u8> {
    let len = u32::try_from(content.len()).expect("content is bounded by the envelope limit");
    let mut padded = len.to_le_bytes().to_vec();
    padded.extend(content);
    let step = (padded.len().next_power_of_two() / 8).max(256);
    padded.resize(padded.len().next_multiple_of(step), 0);
    padded
}

fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (len, rest) = padded.split_first_chunk::<4>()?;
    let content = rest.get(..u32::from_le_bytes(*len) as usize)?;
    let padding = &rest[content.len()..];
    padding.iter().all(|byte| *byte == 0).then_some(content)
}

#[cfg(test)]
mod tests;
