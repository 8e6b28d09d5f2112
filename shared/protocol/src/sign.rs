//! Hashes and signatures with their contexts.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::ids::Hash;

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start = data_encoding::HEXLOWER.encode(&self.0[..4]);
        write!(f, "Signature({start})")
    }
}

/// A signature that its key did not make over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not valid")]
pub struct BadSignature;

/// The bytes that are hashed or signed: the context's length and text, then each part behind its `u32` length.
pub fn framed(context: &'static str, parts: &[&[u8]]) -> Vec<u8> {
    let len = parts.iter().map(|part| part.len() + 4).sum::<usize>();
    let mut bytes = Vec::with_capacity(1 + context.len() + len);
    bytes.push(u8::try_from(context.len()).expect("contexts are short literals"));
    bytes.extend_from_slice(context.as_bytes());
    for part in parts {
        let len = u32::try_from(part.len()).expect("parts are bounded by the frame limit");
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// SHA-256 over the framed parts.
pub fn digest(context: &'static str, parts: &[&[u8]]) -> Hash {
    Hash(Sha256::digest(framed(context, parts)).into())
}

/// Signs the framed parts.
pub fn sign(key: &SigningKey, context: &'static str, parts: &[&[u8]]) -> Signature {
    Signature(key.sign(&framed(context, parts)).to_bytes())
}

/// Verifies by the strict rule: canonical encodings only, small-order keys refused.
pub fn verify(
    key: &[u8; 32],
    context: &'static str,
    parts: &[&[u8]],
    signature: &Signature,
) -> Result<(), BadSignature> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| BadSignature)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&framed(context, parts), &signature)
        .map_err(|_| BadSignature)
}
