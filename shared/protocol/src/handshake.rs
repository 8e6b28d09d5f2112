//! The handshake: both sides prove their key over both nonces before anything else is said.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;

use crate::codec::{Text, encode};
use crate::ids::{DeviceId, Hash, InviteId, RelayKey, VentureId};
use crate::limits::ORIGIN_BYTES_MAX;
use crate::log::Incarnation;
use crate::misbehaviour::Misbehaviour;
use crate::sign::{self, Signature};

const HELLO: &str = "heqi hello v1";
const WELCOME: &str = "heqi welcome v1";

/// An inclusive range of protocol versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Versions {
    pub min: u16,
    pub max: u16,
}

/// What this build speaks.
pub const VERSIONS: Versions = Versions { min: 1, max: 1 };

impl Versions {
    /// The newest version that both speak.
    pub fn common(self, other: Self) -> Option<u16> {
        let newest = self.max.min(other.max);
        (newest >= self.min.max(other.min)).then_some(newest)
    }
}

/// The relay's first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Challenge {
    pub versions: Versions,
    pub relay: RelayKey,
    pub nonce: [u8; 32],
}

/// As what a client connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Who {
    /// A device of a member.
    Device(DeviceId),
    /// The holder of an invite link: may read the charter and accept.
    Invite(InviteId),
    /// The device that is about to found a venture: may do that and nothing else.
    Founder(DeviceId),
}

impl Who {
    const fn key(&self) -> &[u8; 32] {
        match self {
            Self::Device(device) | Self::Founder(device) => &device.0,
            Self::Invite(invite) => &invite.0,
        }
    }
}

/// The client's first frame.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Hello {
    pub versions: Versions,
    /// For a founder: the hash of the genesis about to be sent.
    pub venture: VentureId,
    pub who: Who,
    /// The address the client dialled.
    pub origin: Text<ORIGIN_BYTES_MAX>,
    pub nonce: [u8; 32],
    /// How many charter entries the client has.
    pub charter_position: u64,
    pub signature: Signature,
}

impl Hello {
    /// Answers a challenge. `key` belongs to `who`.
    pub fn sign(
        challenge: &Challenge,
        venture: VentureId,
        who: Who,
        origin: Text<ORIGIN_BYTES_MAX>,
        nonce: [u8; 32],
        charter_position: u64,
        key: &SigningKey,
    ) -> Self {
        let mut hello = Self {
            versions: VERSIONS,
            venture,
            who,
            origin,
            nonce,
            charter_position,
            signature: Signature([0; 64]),
        };
        hello.signature = sign::sign(key, HELLO, &[&encode(challenge), &hello.signed()]);
        hello
    }

    /// Verifies the answer and agrees on a version.
    pub fn verify(&self, challenge: &Challenge) -> Result<u16, Misbehaviour> {
        let parts: [&[u8]; 2] = [&encode(challenge), &self.signed()];
        sign::verify(self.who.key(), HELLO, &parts, &self.signature)
            .map_err(|_| Misbehaviour::BadSignature)?;
        self.versions
            .common(challenge.versions)
            .ok_or(Misbehaviour::NoCommonVersion)
    }

    fn signed(&self) -> Vec<u8> {
        encode(&(
            self.versions,
            self.venture,
            self.who,
            &self.origin,
            self.nonce,
            self.charter_position,
        ))
    }
}

/// The relay's proof of its key, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Welcome {
    pub incarnation: Incarnation,
    /// Number of charter entries the relay has; 0 to a founder.
    pub charter_position: u64,
    pub charter_head: Hash,
    pub signature: Signature,
}

impl Welcome {
    pub fn sign(
        challenge: &Challenge,
        hello: &Hello,
        incarnation: Incarnation,
        charter_position: u64,
        charter_head: Hash,
        key: &SigningKey,
    ) -> Self {
        let mut welcome = Self {
            incarnation,
            charter_position,
            charter_head,
            signature: Signature([0; 64]),
        };
        let parts: [&[u8]; 3] = [&encode(challenge), &encode(hello), &welcome.signed()];
        welcome.signature = sign::sign(key, WELCOME, &parts);
        welcome
    }

    pub fn verify(&self, challenge: &Challenge, hello: &Hello) -> Result<(), Misbehaviour> {
        let parts: [&[u8]; 3] = [&encode(challenge), &encode(hello), &self.signed()];
        sign::verify(&challenge.relay.0, WELCOME, &parts, &self.signature)
            .map_err(|_| Misbehaviour::BadSignature)
    }

    fn signed(&self) -> Vec<u8> {
        encode(&(self.incarnation, self.charter_position, self.charter_head))
    }
}
