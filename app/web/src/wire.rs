//! The messages between the interface and the worker, and their bytes.
//!
//! One message is one `Uint8Array`, posted over a `MessagePort` with its buffer transferred:
//!
//! ```text
//! wire version  u16, little endian
//! body          MessagePack of [`ToWorker`] or [`FromWorker`], structs as maps
//! ```
//!
//! The version is read before anything else, so a tab of one build always understands that the
//! worker is of another. The body is self-describing because records of the domain leave out empty
//! fields; every change of a message raises [`WIRE_VERSION`] all the same.
//!
//! A tab sends [`Request::Hello`] first and numbers its requests; every request gets exactly one
//! [`FromWorker::Reply`] with its number. Pushes come to every tab that has opened the venture they
//! speak of; those that speak of none come to every tab that said hello.
//!
//! How a port comes to be: `static/worker-boot.js` runs in the worker, collects the `MessagePort` of
//! every tab in the array `self.heqiPorts`, and loads the wasm meanwhile. The worker's `main` sets
//! `self.heqiConnect = (port) => …` and then takes what the array holds; later ports go to the function.

mod push;
mod reply;
mod request;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use push::{
    Digest, Fatal, Local, Progress, Push, RelayLink, RelayProblem, Stage, SyncStatus, UndoState,
};
pub use reply::{
    Failure, ImportProblem, InviteInfo, InviteProblem, InviteRow, MemberRow, MembersView, PartyRow,
    PlanOpened, RecoveryProblem, Reply, VentureSummary,
};
pub use request::{Request, Role};

/// Version of these messages; raised with every change of them.
pub const WIRE_VERSION: u16 = 1;

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

/// Encodes a message with its version.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = WIRE_VERSION.to_le_bytes().to_vec();
    let mut body = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
    message
        .serialize(&mut body)
        .expect("messages are plain data with string keys, and the buffer grows");
    bytes
}

/// Decodes a message after checking its version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    let (version, body) = bytes.split_first_chunk().ok_or(WireError::Malformed)?;
    let version = u16::from_le_bytes(*version);
    if version != WIRE_VERSION {
        return Err(WireError::Version(version));
    }
    let mut rest = body;
    match rmp_serde::from_read(&mut rest) {
        Ok(message) if rest.is_empty() => Ok(message),
        _ => Err(WireError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_returns_from_its_bytes() {
        let message = ToWorker::Request {
            id: 7,
            request: Request::InspectInvite {
                link: "http://localhost/#invite=x".into(),
            },
        };
        assert_eq!(decode(&encode(&message)), Ok(message));
    }

    #[test]
    fn another_version_is_told_apart_from_a_broken_message() {
        let mut bytes = encode(&ToWorker::Bye);
        bytes[0] = 9;
        assert_eq!(decode::<ToWorker>(&bytes), Err(WireError::Version(9)));
        assert_eq!(decode::<ToWorker>(&[1]), Err(WireError::Malformed));
        assert_eq!(decode::<ToWorker>(&[1, 0, 200]), Err(WireError::Malformed));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&ToWorker::Bye);
        bytes.push(0);
        assert_eq!(decode::<ToWorker>(&bytes), Err(WireError::Malformed));
    }
}
