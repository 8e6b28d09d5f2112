//! The messages between the interface and the worker, and their bytes.
//!
//! One message is one `Uint8Array`, posted over a `MessagePort` with its buffer transferred:
//!
//! ```text
//! wire version  u16, little endian
//! body          postcard of a [`ToWorker`] or a [`FromWorker`]
//! ```
//!
//! The version is read before anything else, so a tab of one build always understands that the
//! worker is of another; every change of a message raises [`WIRE_VERSION`]. The body names no fields and
//! no types, so that both sides read it with little code (see `compact`).
//!
//! A tab sends [`Request::Hello`] first and numbers its requests; every request gets exactly one
//! [`FromWorker::Reply`] with its number. Pushes come to every tab that has opened the venture they
//! speak of; those that speak of none come to every tab that said hello.
//!
//! How a port comes to be: `static/worker-boot.js` runs in the worker, collects the `MessagePort` of
//! every tab in the array `self.heqiPorts`, and loads the wasm meanwhile. The worker's `main` sets
//! `self.heqiConnect = (port) => …` and then takes what the array holds; later ports go to the function.

mod compact;
mod members;
mod push;
mod reply;
mod request;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use members::{
    AccessRule, Action, Alarm, CodeInfo, DeviceCode, DeviceRow, EditOutside, Event, Grant,
    HistoryRow, Id, InviteRow, LockView, LogWords, MemberRow, MembersView, OfferRow, PartyRow,
    Passkey, ProposalRow, RecoveryKit, RemovedView, Rights, Secret, SecurityView, Space, Target,
    VerifiedView,
};
pub use push::{
    Digest, Fatal, Local, Progress, Push, RelayLink, RelayProblem, Stage, SyncStatus, UndoState,
};
pub use reply::{
    CharterProblem, CodeProblem, Failure, ImportProblem, Imported, InviteInfo, InviteProblem,
    NameProblem, PlanOpened, RecoveryProblem, Reply, VentureSummary,
};
pub use request::{Request, Role};

/// Version of these messages; raised with every change of them.
pub const WIRE_VERSION: u16 = 8;

/// Largest file a tab hands to the worker, for import or recovery.
pub const FILE_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A venture on this device, as opaque text chosen by the worker; fits in a URL fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VentureKey(pub String);

/// The heads of the plan a view was made from, as opaque bytes; a command carries the ones its author saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHeads(pub Vec<u8>);

/// What a tab tells the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Asks for something; `id` is chosen by the tab and returns with the reply.
    Request { id: u32, request: Request },
    /// The tab goes away; nothing is sent to it any more.
    Bye,
}

/// What the worker tells a tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// Answers the request of the same `id`.
    Reply {
        id: u32,
        result: Result<Reply, Failure>,
    },
    /// Tells unasked.
    Push(Push),
}

/// Why bytes are not a message of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the other side speaks wire version {0}")]
    Version(u16),
    #[error("the message cannot be read")]
    Malformed,
}

/// What can be posted; not to be implemented elsewhere.
pub trait Message: Serialize + DeserializeOwned {}

impl Message for ToWorker {}
impl Message for FromWorker {}

/// Encodes a message with its version.
pub fn encode<M: Message>(message: &M) -> Vec<u8> {
    let bytes = WIRE_VERSION.to_le_bytes().to_vec();
    postcard::to_extend(message, bytes).expect("messages are plain data, and the buffer grows")
}

/// Decodes a message after checking its version.
pub fn decode<M: Message>(bytes: &[u8]) -> Result<M, WireError> {
    let (version, body) = bytes.split_first_chunk().ok_or(WireError::Malformed)?;
    let version = u16::from_le_bytes(*version);
    if version != WIRE_VERSION {
        return Err(WireError::Version(version));
    }
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        _ => Err(WireError::Malformed),
    }
}

#[cfg(test)]
mod tests;
