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
//! Every value has one encoding, every length a limit, every hash and signature a context of its own, and all sides verify
//! by one rule.
//!
//! This crate deliberately does not know what an envelope holds, and has no cipher in it.
//!
#![doc = include_str!("wire.md")]
#![doc = include_str!("threats.md")]

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
