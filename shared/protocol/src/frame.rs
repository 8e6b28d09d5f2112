//! Frames: one WebSocket binary message each.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::access::Space;
use crate::codec::{Bytes, List, Malformed, decode, encode};
use crate::handshake::{Challenge, Hello, Welcome};
use crate::ids::{DocumentId, Hash, StreamId};
use crate::limits::{
    CHARTER_ENTRY_BYTES_MAX, DOCUMENTS_PER_FRAME_MAX, ENTRIES_PER_FRAME_MAX, ENVELOPE_BYTES_MAX,
    FRAME_BYTES_MAX,
};
use crate::log::{Ack, CharterAck, Incarnation, Locator, Point};
use crate::misbehaviour::Misbehaviour;

/// From a client to the relay. New kinds are appended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ToRelay {
    Hello(Hello),
    /// Founds a venture: its genesis entry.
    Found(Bytes<CHARTER_ENTRY_BYTES_MAX>),
    /// Extends the charter, if it still stands where the entry says.
    Amend(Bytes<CHARTER_ENTRY_BYTES_MAX>),
    /// Brings back charter entries that the relay has lost, with what it had acknowledged.
    RestoreCharter(List<CharterRecord, ENTRIES_PER_FRAME_MAX>),
    /// Reads a document from the last common point on, and stays subscribed.
    Subscribe {
        document: DocumentId,
        locator: Locator,
    },
    Append(Bytes<ENVELOPE_BYTES_MAX>),
    /// Shows the relay an acknowledgement of its own that its log does not bear out.
    Attest(Attested),
    /// Brings back log entries that the relay has lost, in the order and at the places they had.
    Restore {
        document: DocumentId,
        first_seq: u64,
        entries: List<RestoredEntry, ENTRIES_PER_FRAME_MAX>,
    },
    /// Shows that a run of log entries was acknowledged, before some of them are restored: from `before`, the chain of
    /// their log, they lead to the point of `ack` or to the beginning of a run that was shown on this connection.
    Prove {
        before: Hash,
        places: List<Place, ENTRIES_PER_FRAME_MAX>,
        ack: Option<Ack>,
    },
}

/// An entry of a log, as its chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Place {
    pub charter_position: u64,
    /// Hash of the envelope.
    pub envelope: Hash,
}

/// Something that a relay acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Attested {
    Log(Ack),
    Charter(CharterAck),
}

/// A charter entry and the relay's word for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CharterRecord {
    pub entry: Bytes<CHARTER_ENTRY_BYTES_MAX>,
    pub ack: CharterAck,
}

/// A log entry on its way back to the relay.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RestoredEntry {
    pub charter_position: u64,
    pub envelope: Bytes<ENVELOPE_BYTES_MAX>,
}

/// A document a client may read, and how far its log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Listed {
    pub document: DocumentId,
    pub space: Space,
    pub seq: u64,
}

/// A log entry as the relay sends it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LogEntry {
    pub charter_position: u64,
    pub sent: Sent,
}

/// The envelope of a log entry.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Sent {
    Whole(Bytes<ENVELOPE_BYTES_MAX>),
    /// One that came over this very connection.
    Yours(Hash),
}

/// Why an envelope was not taken. The client can do something about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum NackReason {
    /// Or the document is in a newer generation than the envelope's.
    #[error("the key epoch has moved on to {current}: seal again")]
    StaleEpoch { current: u32 },
    #[error("envelopes before it are missing: the stream stands at {have}")]
    Gap { have: u64 },
    #[error("its author may not write here")]
    Forbidden,
    #[error("it is too big")]
    TooBig,
    #[error("the venture's quota on this relay is used up")]
    Quota,
    #[error("the author must first restore what the relay has lost")]
    RestoreFirst,
    #[error("the space waits for new keys: somebody who holds them has to rotate them first")]
    KeysDue,
}

/// Why a charter entry was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum AmendRefused {
    #[error("the charter has moved on to {position}: look again and sign again")]
    MovedOn { position: u64 },
    #[error("the invite has expired")]
    Expired,
    #[error("the rules of the charter forbid it")]
    Forbidden,
    #[error("the invite was used before or revoked")]
    InviteSpent,
    #[error("this relay takes no new ventures")]
    Closed,
}

/// From the relay to a client. New kinds are appended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FromRelay {
    Challenge(Challenge),
    Welcome(Welcome),
    /// Charter entries from `first` (number of entries before it) on.
    Charter {
        first: u64,
        entries: List<CharterRecord, ENTRIES_PER_FRAME_MAX>,
    },
    AmendRefused {
        entry: Hash,
        reason: AmendRefused,
    },
    /// Documents this client may read; after the charter at welcome, then whenever one is opened.
    Documents(List<Listed, DOCUMENTS_PER_FRAME_MAX>),
    /// Reading goes on from `matched`; entries up to `head` follow, then whatever is new.
    Subscribed {
        document: DocumentId,
        matched: Point,
        head: Point,
    },
    Entries {
        document: DocumentId,
        first_seq: u64,
        entries: List<LogEntry, ENTRIES_PER_FRAME_MAX>,
    },
    Ack(Ack),
    Nack {
        document: DocumentId,
        stream: StreamId,
        dseq: u64,
        reason: NackReason,
    },
    /// This client fell behind: it subscribes again from its cursor.
    Reread(DocumentId),
    /// The relay found that it lost something and starts this incarnation; it closes the connection.
    Reincarnated(Incarnation),
    /// The client broke the protocol; the relay closes the connection.
    Refused(Misbehaviour),
    /// The relay cannot go on for now and closes the connection.
    Unavailable(Unavailable),
}

/// Why a relay cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum Unavailable {
    #[error("the relay is shutting down")]
    Draining,
    #[error("the relay cannot write to its disk")]
    Storage,
    #[error("the relay has too many connections")]
    Busy,
    #[error("the relay does not know this venture")]
    UnknownVenture,
    #[error("the venture has moved to another relay")]
    Moved,
}

impl ToRelay {
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        decode("frame", bytes, FRAME_BYTES_MAX)
    }

    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

impl FromRelay {
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        decode("frame", bytes, FRAME_BYTES_MAX)
    }

    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}
