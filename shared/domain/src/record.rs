//! Records as facts: registers with every value that competes for them.
//!
//! A record is a random id and a set of registers. A register holds one candidate, or several where
//! members wrote concurrently. This module knows nothing of how candidates travel or are stored.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest;

/// Identifies a record: 16 random bytes, or a digest where identity must be a function of content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// Number of characters of the text form.
    pub const TEXT_LEN: usize = 22;

    /// A new random identity.
    pub fn fresh(entropy: &mut dyn Entropy) -> Self {
        Self(entropy.bytes16())
    }

    /// The identity that is a function of `parts`; `label` keeps the uses of it apart.
    pub fn derived(label: &str, parts: &[&[u8]]) -> Self {
        Self(digest::first_16(digest::sha256(label, parts)))
    }

    /// Parses the 22 character base64url form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// Where fresh ids and stamps come from: the caller's random source, or a seeded one in tests.
pub trait Entropy {
    /// 16 bytes that nobody else draws.
    fn bytes16(&mut self) -> [u8; 16];
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a register holds. Values that mean something together share one register as [`Value::Text`] of compact JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    Text(String),
    Int(i64),
    Bool(bool),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(_) | Self::Bool(_) => None,
        }
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(_) | Self::Bool(_) => None,
        }
    }
}

/// Identifies the writing operation of a candidate. Its order is the order of operations of the whole document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Op {
    /// Lamport counter of the operation.
    pub counter: u64,
    /// Digest of the writing device and its stream; [`Authors`] resolves it.
    pub actor: [u8; 16],
}

impl Ord for Op {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.counter, self.actor).cmp(&(other.counter, other.actor))
    }
}

impl PartialOrd for Op {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One value that competes for a register, and the operation that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub value: Value,
    pub op: Op,
}

/// One register write of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    pub record: RecordId,
    /// Name of the register within the record; ASCII, no `/`, see each area for its names.
    pub field: String,
    pub value: Value,
}

/// The past of a document, asked only where a conflict must be explained.
pub trait History {
    /// The candidates of `record/field` that the author of `op` had before them when they made the change that holds
    /// `op`; in ascending [`Op`] order. Empty when the register did not exist for them.
    fn seen_by(&self, op: Op, record: RecordId, field: &str) -> Vec<Candidate>;
}

/// A member of a party, as the charter names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Author {
    /// Name of the party; empty while the directory that holds it is not yet readable.
    pub party: String,
    /// Short code of the party, the prefix of its records' codes.
    pub party_code: String,
    /// Name of the member.
    pub member: String,
    /// True for the replica's own member.
    pub me: bool,
}

/// Resolves operations to their authors.
pub trait Authors {
    /// The author of `actor`'s operations; `None` while the charter entry that admits them is not yet known.
    fn author(&self, actor: &[u8; 16]) -> Option<Author>;
}
