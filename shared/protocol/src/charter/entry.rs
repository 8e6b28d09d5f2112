//! Entries of a charter, and the keys and names in them.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;

use super::body::Body;
use crate::access::Space;
use crate::codec::{Bytes, List, Malformed, TooLong, decode, encode};
use crate::ids::{DeviceId, Hash, InviteId, VentureId};
use crate::limits::{BOXES_MAX, CHARTER_ENTRY_BYTES_MAX, SEALED_NAME_BYTES_MAX};
use crate::sign::{self, BadSignature, Signature};

/// The only version so far.
pub const CHARTER_VERSION: u8 = 1;

const SIGN: &str = "heqi charter signature v1";
const HASH: &str = "heqi charter entry v1";

/// An X25519 public key that keys are boxed for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct BoxKey(pub [u8; 32]);

impl BoxKey {
    /// True where X25519 with this key gives zero whatever the other key is. RFC 7748, §6.1.
    pub fn is_low_order(&self) -> bool {
        let mut u = self.0;
        // X25519 ignores the highest bit.
        u[31] &= 0x7f;
        LOW_ORDER.contains(&u)
    }
}

/// The u-coordinates of the points of order 1, 2, 4 and 8 of Curve25519 and its twist, also in their unreduced forms.
const LOW_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    edged(1, 0, 0),
    ORDER_8_A,
    ORDER_8_B,
    edged(0xec, 0xff, 0x7f),
    edged(0xed, 0xff, 0x7f),
    edged(0xee, 0xff, 0x7f),
];

const ORDER_8_A: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
    0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];

const ORDER_8_B: [u8; 32] = [
    0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
    0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
];

const fn edged(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// The two keys of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DeviceKeys {
    pub id: DeviceId,
    pub seal: BoxKey,
}

/// A space key for one recipient: HPKE base mode (RFC 9180: DHKEM X25519, HKDF-SHA256, ChaCha20-Poly1305).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeyBox {
    pub recipient: BoxKey,
    pub encapped: [u8; 32],
    pub sealed: [u8; 48],
}

/// One box of an existing key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SpaceBox {
    pub space: Space,
    pub epoch: u32,
    pub key: KeyBox,
}

/// A new key of a space.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewKey {
    pub space: Space,
    pub epoch: u32,
    /// Digest of the key: no other key is ever accepted for this epoch.
    pub commitment: Hash,
    /// The key of the epoch before, sealed under this one; `None` at epoch 0.
    pub previous: Option<SealedKey>,
    pub boxes: List<KeyBox, BOXES_MAX>,
}

/// A key sealed under another: XChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SealedKey {
    pub nonce: [u8; 24],
    pub sealed: [u8; 48],
}

/// A text for the members' eyes, sealed under the directory's key of `epoch`, padded.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SealedName {
    pub epoch: u32,
    pub nonce: [u8; 24],
    pub sealed: Bytes<SEALED_NAME_BYTES_MAX>,
}

/// Who signs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Author {
    Device(DeviceId),
    /// The key of an invite or an offer.
    Invite(InviteId),
}

/// The signed part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Content {
    pub version: u8,
    /// Zero in the genesis, whose hash is the venture's id.
    pub venture: VentureId,
    /// Number of entries before this one.
    pub position: u64,
    /// Hash of the entry before; zero in the genesis.
    pub prev: Hash,
    pub author: Author,
    pub body: Body,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Wire {
    content: Bytes<CHARTER_ENTRY_BYTES_MAX>,
    signature: Signature,
}

/// An entry and the bytes it came as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    content: Content,
    content_bytes: Vec<u8>,
    signature: Signature,
    bytes: Vec<u8>,
    hash: Hash,
}

impl Entry {
    /// Signs an entry with the key of its author.
    pub fn sign(content: &Content, key: &SigningKey) -> Result<Self, Malformed> {
        let too_long = |error: TooLong| Malformed {
            what: "charter entry",
            reason: error.to_string(),
        };
        let content = Bytes::new(encode(content)).map_err(too_long)?;
        let signature = sign::sign(key, SIGN, &[&content]);
        Self::decode(&encode(&Wire { content, signature }))
    }

    /// Reads an entry; its signature is not yet verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: Wire = decode("charter entry", bytes, CHARTER_ENTRY_BYTES_MAX)?;
        let content: Content = decode("charter entry", &wire.content, CHARTER_ENTRY_BYTES_MAX)?;
        if content.version != CHARTER_VERSION {
            return Err(Malformed {
                what: "charter entry",
                reason: "unknown version".into(),
            });
        }
        Ok(Self {
            content,
            content_bytes: wire.content.into_vec(),
            signature: wire.signature,
            hash: Self::hash_of(bytes),
            bytes: bytes.to_vec(),
        })
    }

    /// The hash of an entry by its bytes, readable or not.
    pub fn hash_of(bytes: &[u8]) -> Hash {
        sign::digest(HASH, &[bytes])
    }

    pub const fn content(&self) -> &Content {
        &self.content
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub const fn hash(&self) -> Hash {
        self.hash
    }

    pub(crate) fn verify(&self) -> Result<(), BadSignature> {
        let key = match &self.content.author {
            Author::Device(device) => &device.0,
            Author::Invite(invite) => &invite.0,
        };
        sign::verify(key, SIGN, &[&self.content_bytes], &self.signature)
    }
}
