//! The log of a document as all sides compute it: chain, cursor, incarnation, acknowledgement.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;

use crate::codec::{List, encode};
use crate::ids::{DocumentId, Hash, RelayKey, VentureId};
use crate::limits::LOCATOR_POINTS_MAX;
use crate::sign::{self, BadSignature, Signature};

const CHAIN: &str = "heqi chain v1";
const CHAIN_START: &str = "heqi chain start v1";
const ACK: &str = "heqi acknowledgement v1";
const CHARTER_ACK: &str = "heqi charter acknowledgement v1";

/// One life of a relay's store. It changes whenever a relay may have lost what it acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Incarnation {
    /// Counts restores, from 1.
    pub number: u32,
    /// Tells apart two restores of one backup; random.
    pub nonce: [u8; 8],
}

/// A place in a document's log: after `seq` entries, whose chain is `chain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Point {
    pub seq: u64,
    pub chain: Hash,
}

/// How far a replica has read, persisted with what it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Cursor {
    pub incarnation: Incarnation,
    pub point: Point,
}

/// What the author of an envelope had seen. Comparable only within one incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Seen {
    pub incarnation: Option<Incarnation>,
    pub point: Point,
    pub charter_head: Hash,
}

/// Points of one's own log from the newest back, exponentially spaced, for finding the last common one.
pub type Locator = List<Point, LOCATOR_POINTS_MAX>;

/// The chain of an empty log.
pub fn chain_start(venture: VentureId, document: DocumentId) -> Hash {
    sign::digest(CHAIN_START, &[&venture.0, &document.0])
}

/// The chain after one more entry, admitted at `charter_position`.
pub fn chain_next(chain: Hash, envelope: Hash, charter_position: u64) -> Hash {
    let position = charter_position.to_le_bytes();
    sign::digest(CHAIN, &[&chain.0, &envelope.0, &position])
}

/// The relay's word that everything up to `point` is on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ack {
    pub venture: VentureId,
    pub document: DocumentId,
    pub incarnation: Incarnation,
    pub point: Point,
    pub signature: Signature,
}

impl Ack {
    pub fn sign(
        venture: VentureId,
        document: DocumentId,
        incarnation: Incarnation,
        point: Point,
        key: &SigningKey,
    ) -> Self {
        let place = encode(&(incarnation, point));
        let signature = sign::sign(key, ACK, &[&venture.0, &document.0, &place]);
        Self {
            venture,
            document,
            incarnation,
            point,
            signature,
        }
    }

    pub fn verify(&self, relay: RelayKey) -> Result<(), BadSignature> {
        let place = encode(&(self.incarnation, self.point));
        let parts: [&[u8]; 3] = [&self.venture.0, &self.document.0, &place];
        sign::verify(&relay.0, ACK, &parts, &self.signature)
    }
}

/// The relay's word that a charter entry is on its disk at `position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CharterAck {
    pub incarnation: Incarnation,
    /// Number of entries up to and with this one.
    pub position: u64,
    pub head: Hash,
    pub signature: Signature,
}

impl CharterAck {
    pub fn sign(
        venture: VentureId,
        incarnation: Incarnation,
        position: u64,
        head: Hash,
        key: &SigningKey,
    ) -> Self {
        let place = encode(&(incarnation, position));
        let signature = sign::sign(key, CHARTER_ACK, &[&venture.0, &place, &head.0]);
        Self {
            incarnation,
            position,
            head,
            signature,
        }
    }

    pub fn verify(&self, venture: VentureId, relay: RelayKey) -> Result<(), BadSignature> {
        let place = encode(&(self.incarnation, self.position));
        let parts: [&[u8]; 3] = [&venture.0, &place, &self.head.0];
        sign::verify(&relay.0, CHARTER_ACK, &parts, &self.signature)
    }
}
