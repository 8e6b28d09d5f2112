//! The rows of the store.

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::log::Point;
use heqi_protocol::{DeviceId, Envelope, Hash, Incarnation, Malformed, Space, StreamId, decode};

use super::StoreError;

/// Layout of the tables. The first had no index of invites and offers.
pub const LAYOUT: u16 = 2;

/// What holds for the whole store. Numbers are handed out in order and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Facts {
    /// Layout of the tables.
    pub version: u16,
    pub incarnation: Incarnation,
    pub next_venture_no: u32,
    pub next_document_no: u64,
    pub next_stream_no: u64,
}

impl Facts {
    /// Those of a new store.
    pub const fn new(incarnation_nonce: [u8; 8]) -> Self {
        Self {
            version: LAYOUT,
            incarnation: Incarnation {
                number: 1,
                nonce: incarnation_nonce,
            },
            next_venture_no: 1,
            next_document_no: 1,
            next_stream_no: 1,
        }
    }

    pub(crate) const fn take_venture_no(&mut self) -> u32 {
        self.next_venture_no += 1;
        self.next_venture_no - 1
    }

    pub(crate) const fn take_document_no(&mut self) -> u64 {
        self.next_document_no += 1;
        self.next_document_no - 1
    }

    pub(crate) const fn take_stream_no(&mut self) -> u64 {
        self.next_stream_no += 1;
        self.next_stream_no - 1
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let facts: Self = decode("stored facts", bytes, 256)?;
        if !(1..=LAYOUT).contains(&facts.version) {
            return Err(StoreError::Missing("a layout that this version knows"));
        }
        Ok(facts)
    }
}

/// A venture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VentureRow {
    pub no: u32,
    /// Bytes of all its envelopes.
    pub bytes: u64,
    pub documents: u32,
}

impl VentureRow {
    pub(super) const fn to_value(self) -> (u32, u64, u32) {
        (self.no, self.bytes, self.documents)
    }

    pub(super) const fn from_value((no, bytes, documents): (u32, u64, u32)) -> Self {
        Self {
            no,
            bytes,
            documents,
        }
    }
}

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DocumentRow {
    pub no: u64,
    pub venture_no: u32,
    pub space: Space,
}

impl DocumentRow {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(decode("stored document", bytes, 256)?)
    }
}

/// Where a stream stands: its last envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StreamTail {
    pub no: u64,
    pub dseq: u64,
    pub seq: u64,
    pub hash: Hash,
}

impl StreamTail {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(decode("stored stream", bytes, 256)?)
    }
}

/// A stream of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub document_no: u64,
    pub device: DeviceId,
    pub stream: StreamId,
}

/// Two envelopes that one device signed for one place.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proof {
    pub first: Vec<u8>,
    pub second: Vec<u8>,
}

impl Proof {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let len_max = 3 * heqi_protocol::limits::ENVELOPE_BYTES_MAX;
        Ok(decode("stored proof", bytes, len_max)?)
    }
}

/// An entry of a document's log.
#[derive(Debug)]
pub struct LogRow {
    pub document_no: u64,
    pub seq: u64,
    pub charter_position: u64,
    /// The chain after this entry.
    pub chain: Hash,
    /// Sequence number of the entry before it in its stream; 0 where it is the first.
    pub stream_prev: u64,
    /// Stream number and dseq, where this place is noted.
    pub mark: Option<(u64, u64)>,
    pub envelope: EnvelopeBytes,
}

/// An envelope on its way to the store, or read from it.
#[derive(Debug)]
pub enum EnvelopeBytes {
    Decoded(Box<Envelope>),
    Stored(Vec<u8>),
}

impl EnvelopeBytes {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Decoded(envelope) => envelope.bytes(),
            Self::Stored(bytes) => bytes,
        }
    }

    /// The hash that identifies the envelope.
    pub fn hash(&self) -> Result<Hash, Malformed> {
        match self {
            Self::Decoded(envelope) => Ok(envelope.hash()),
            Self::Stored(bytes) => Ok(Envelope::decode(bytes.clone())?.hash()),
        }
    }
}

/// Bytes of a stored entry before its envelope.
pub(super) const FIXED_BYTES: usize = 8 + 32 + 8;

impl LogRow {
    pub const fn point(&self) -> Point {
        Point {
            seq: self.seq,
            chain: self.chain,
        }
    }

    pub(super) fn encoded_len(&self) -> usize {
        FIXED_BYTES + self.envelope.bytes().len()
    }

    pub(super) fn encode_into(&self, value: &mut [u8]) {
        value[..8].copy_from_slice(&self.charter_position.to_le_bytes());
        value[8..40].copy_from_slice(&self.chain.0);
        value[40..48].copy_from_slice(&self.stream_prev.to_le_bytes());
        value[FIXED_BYTES..].copy_from_slice(self.envelope.bytes());
    }

    pub(super) fn decode(document_no: u64, seq: u64, value: &[u8]) -> Result<Self, StoreError> {
        let (fixed, envelope) = split(value)?;
        let (charter_position, chain, stream_prev) = decode("stored row", fixed, FIXED_BYTES)?;
        Ok(Self {
            document_no,
            seq,
            charter_position,
            chain,
            stream_prev,
            mark: None,
            envelope: EnvelopeBytes::Stored(envelope.to_vec()),
        })
    }

    /// Chain and stream predecessor alone, without a copy of the envelope.
    pub(super) fn links(value: &[u8]) -> Result<(Hash, u64), StoreError> {
        let (fixed, _) = split(value)?;
        let (_, chain, stream_prev): (u64, Hash, u64) = decode("stored row", fixed, FIXED_BYTES)?;
        Ok((chain, stream_prev))
    }
}

fn split(value: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let parts = value.split_at_checked(FIXED_BYTES);
    parts.ok_or(StoreError::Missing("the start of a log entry"))
}
