//! What a relay may know: ids, limits, envelope, charter, handshake, frames, misbehaviour.
//!
//! ```text
//! relay  → Challenge { relay key, versions, nonce }
//! client → Hello     { venture, who, origin, nonce, signature over all of it and the challenge }
//! relay  → Welcome   { incarnation, charter head, signature over both nonces }, then the charter and the documents
//! client → Subscribe { document, locator }          relay → Subscribed { matched, head }, Entries …
//! client → Append    { envelope }                   relay: check, write to disk, then
//! relay  → Ack       { covers ≤ seq, chain }        and Entries to every other reader
//! client → Amend     { charter entry }              relay → Charter { entry, acknowledgement } to everybody
//! client → Attest, Restore                          where a relay came back without what it had acknowledged
//! ```
//!
//! # Wire
//!
//! Every value is [borsh](https://borsh.io): little-endian integers of fixed width, `u32` lengths, `u8` enum tags, no
//! padding. Borsh is bijective, so a decoded value has one encoding; [`codec::decode`] also refuses trailing bytes, and
//! [`List`], [`Bytes`] and [`Text`] refuse a length above their limit before they allocate for it. Tags are only ever
//! appended. The bytes are held by the golden tests of this crate.
//!
//! Hashes are SHA-256 and signatures Ed25519 over [`sign::framed`] input: a context string and length-prefixed parts, so
//! that no signature made for one purpose can serve another. Verification is the strict rule everywhere
//! (`verify_strict`: canonical encodings, no small-order keys), so that all sides agree about every signature.
//!
//! This crate deliberately does not know what an envelope holds, and has no cipher in it.

pub mod access;
pub mod charter;
pub mod codec;
pub mod envelope;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod frame;
pub mod handshake;
pub mod ids;
pub mod limits;
pub mod log;
pub mod misbehaviour;
pub mod sign;

pub use access::{Role, Roles, Space};
pub use charter::Charter;
pub use codec::{Bytes, List, Malformed, Text, decode, encode};
pub use envelope::{Envelope, Header, Prev};
pub use frame::{FromRelay, ToRelay};
pub use ids::{
    DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, StreamId, VentureId,
};
pub use log::{Ack, Cursor, Incarnation};
pub use misbehaviour::Misbehaviour;
pub use sign::Signature;
