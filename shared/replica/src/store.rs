//! The rows a replica keeps, as keys and values for any ordered store.
//!
//! One [`StoreOp`] batch is one atomic, durable transaction. Everything except envelopes is read when a replica opens;
//! envelopes are fetched by hash when they are needed.

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::access::AccessRule;
use heqi_protocol::charter::{Action, OfferKind, Target};
use heqi_protocol::envelope::Position;
use heqi_protocol::frame::{CharterRecord, Place};
use heqi_protocol::limits::ACCESS_RULES_MAX;
use heqi_protocol::log::{Ack, Incarnation};
use heqi_protocol::{
    DeviceId, DocumentId, Hash, InviteId, List, MemberId, PartyId, RelayKey, Roles, Space,
    StreamId, Text, VentureId, encode,
};

use crate::code::Code;
use crate::link::URL_BYTES_MAX;
use crate::seal::{Made, NAME_BYTES_MAX};

/// One write to the store.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreOp {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
}

impl std::fmt::Debug for StoreOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values hold secrets.
        match self {
            Self::Put(key, value) => write!(f, "Put({:?}, {} bytes)", key.first(), value.len()),
            Self::Delete(key) => write!(f, "Delete({:?})", key.first()),
        }
    }
}

/// A row that cannot be read: the store was damaged or written by another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the local store cannot be read (table {table}): restore from the recovery file, or join again"
)]
pub struct Damaged {
    pub table: u8,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $tag:literal),* $(,)?) => {
        /// Tables: the first byte of every key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Table { $($(#[$doc])* $name = $tag),* }

        impl Table {
            pub(crate) const fn of(tag: u8) -> Option<Self> {
                match tag { $($tag => Some(Self::$name),)* _ => None }
            }
        }
    };
}

tables! {
    /// () → [`Profile`].
    Profile = 1,
    /// Number of entries before → charter record.
    Charter = 2,
    /// (document, seq) → [`LogRow`].
    Log = 3,
    /// Envelope hash → envelope. The one table that is not read at opening.
    Envelope = 4,
    /// Number → [`OutboxRow`].
    Outbox = 5,
    /// (document, number) → change made here and not yet sealed.
    Unsealed = 6,
    /// (document, number) → change applied since the document was saved last.
    Journal = 7,
    /// Document → saved document.
    Saved = 8,
    /// Document → [`DocumentRow`].
    Document = 9,
    /// (document, envelope hash) → [`HeldRow`].
    Held = 10,
    /// Change or envelope hash → reason as text.
    Quarantine = 11,
    /// Document → [`Applying`].
    Applying = 12,
    /// Invite → [`InviteRow`].
    Invite = 13,
    /// Number → [`Intent`].
    Intent = 14,
    /// (document, envelope hash) → [`WaitingRow`] of an envelope that waits for what its changes depend on; nothing where
    /// that is not known.
    Waiting = 15,
    /// Actor → device.
    Actor = 16,
    /// (document, envelope hash) → [`LateRow`].
    Late = 17,
    /// Device → when its newest envelope was sealed, in milliseconds since 1970 by its own clock.
    Heard = 18,
    /// Device → [`AlarmRow`].
    Alarm = 19,
    /// (document, envelope hash) → own envelope of a branch of the charter that gave way.
    Orphan = 20,
    /// (space, epoch, digest) → key of such a branch, which opens those envelopes.
    OrphanKey = 21,
    /// () → the [`Phase`] in which this device was admitted, where that may be needed again.
    Admission = 22,
    /// (number of an intent, hash of an entry that was sent for it) → whether the charter has it.
    Asked = 23,
    /// Document → nothing: it may hold changes of entries that are to be judged anew.
    Rejudged = 24,
    /// Change or envelope hash → [`RefusedRow`] of one that is in quarantine.
    Refused = 25,
    /// (document, chain of what was acknowledged) → [`LostRow`].
    Lost = 26,
    /// Recovery kit that was made here → [`KitRow`].
    Kit = 27,
}

/// How the values of an open store are named.
pub const ENVELOPE_TABLE: u8 = Table::Envelope as u8;

/// The key of an envelope's row.
pub fn envelope_key(hash: Hash) -> Vec<u8> {
    key(Table::Envelope, &hash)
}

/// The key of a row. Numbers are big-endian so that rows sort by them.
pub(crate) fn key(table: Table, rest: &impl BorshSerialize) -> Vec<u8> {
    let mut key = vec![table as u8];
    key.extend(encode(rest));
    key
}

/// A number that sorts as its bytes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) struct Ordered([u8; 8]);

impl Ordered {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number.to_be_bytes())
    }

    pub(crate) const fn number(self) -> u64 {
        u64::from_be_bytes(self.0)
    }
}

/// How far a replica is in becoming a member's device.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Phase {
    /// The genesis is made as soon as a relay shows its key.
    Founding {
        names: FoundingNames,
        genesis: Option<Vec<u8>>,
    },
    /// The accept is sent as soon as the charter is read.
    Joining {
        link: String,
        member_name: String,
        member: MemberId,
    },
    Member,
    /// The device is added by the code of a link as soon as the charter is read.
    Adding {
        link: String,
    },
    /// The charter has removed this device.
    Removed,
}

/// What a founder has said.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct FoundingNames {
    pub(crate) venture: String,
    pub(crate) party: String,
    pub(crate) party_code: String,
    pub(crate) member: String,
}

/// What a replica is.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Profile {
    pub(crate) version: u16,
    pub(crate) relay_url: Text<URL_BYTES_MAX>,
    pub(crate) venture: Option<VentureId>,
    pub(crate) device_seed: [u8; 32],
    pub(crate) phase: Phase,
    /// The relay that the venture is about to be found at, once its charter says so.
    pub(crate) next_relay: Option<RelayKey>,
}

/// Version 2 keeps intents of every kind, version 3 names to be given; nothing else is read differently.
pub(crate) const PROFILE_VERSION: u16 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct LogRow {
    pub(crate) hash: Hash,
    pub(crate) charter_position: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct OutboxRow {
    pub(crate) document: DocumentId,
    pub(crate) hash: Hash,
    pub(crate) changes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct DocumentRow {
    pub(crate) space: Space,
    /// Incarnation in which the log rows were read.
    pub(crate) incarnation: Option<Incarnation>,
    /// The relay's last acknowledgement.
    pub(crate) ack: Option<Ack>,
    /// Log entries up to here are applied, waiting or quarantined.
    pub(crate) applied: u64,
    /// The last envelope of this device that a relay acknowledged.
    pub(crate) own_last: Option<Position>,
}

/// A log entry that a relay has lost, on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct HeldRow {
    pub(crate) seq: u64,
    pub(crate) charter_position: u64,
}

/// How log entries that a relay has acknowledged and lost lead to what it signed: it is shown that before they come back.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct LostRow {
    /// The chain before the first of them.
    pub(crate) before: Hash,
    pub(crate) places: Vec<Place>,
    pub(crate) ack: Ack,
}

/// Set while entries are being applied; found at opening it tells that applying them ended the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Applying {
    /// The first entry that was not yet applied when `tries` was counted.
    pub(crate) seq: u64,
    pub(crate) tries: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct InviteRow {
    pub(crate) seed: [u8; 32],
}

/// A recovery kit that this device has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct KitRow {
    /// In milliseconds since 1970 by the clock of this device.
    pub(crate) made_ms: u64,
    /// Its member has said that they have it.
    pub(crate) is_kept: bool,
}

/// An envelope that a removed device wrote too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct LateRow {
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
}

/// Where something stood that was refused as invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct RefusedRow {
    pub(crate) document: DocumentId,
    /// Who signed it; none where nobody has.
    pub(crate) device: Option<DeviceId>,
}

/// An envelope whose changes build on some that have not come.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct WaitingRow {
    /// Who wrote it.
    pub(crate) device: Option<DeviceId>,
    /// Of each of its changes that waits the first that is missing; none where it is to be tried again.
    pub(crate) missing: Vec<Hash>,
}

/// Where a device says that it saw another history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum AlarmRow {
    Log { document: DocumentId, seq: u64 },
    Charter { position: u64 },
}

/// Something a person asked of the charter, kept until the relay has taken or refused it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Intent {
    Invite(InviteIntent),
    Offer {
        kind: OfferKind,
        code: Code,
        expires_ms: Option<u64>,
    },
    Withdraw(InviteId),
    SetRoles {
        member: MemberId,
        roles: Roles,
    },
    Remove(Target),
    /// Spaces with the epoch that each had when it was asked for.
    Rotate(Vec<(Space, u32)>),
    Confirm(MemberId),
    Propose(Action),
    Answer {
        proposal: Hash,
        agrees: bool,
    },
    Narrow(List<AccessRule, ACCESS_RULES_MAX>),
    TakeIn {
        document: DocumentId,
        envelopes: Vec<Hash>,
        /// Envelopes that no relay has yet; they are in the store.
        bring: bool,
    },
    DeleteDocument {
        space: Space,
        document: DocumentId,
    },
    Move {
        url: Text<URL_BYTES_MAX>,
        relay: RelayKey,
        /// The old relay cannot be reached: the new one is asked itself.
        is_dead: bool,
    },
    /// An entry of this device that a restored relay has lost and another branch has overtaken.
    Again(Vec<u8>),
    Name {
        target: Target,
        name: Text<NAME_BYTES_MAX>,
    },
    BeginGeneration {
        space: Space,
        document: DocumentId,
        /// The generation that is to be over.
        over: u32,
    },
}

/// An invite that a person asked for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct InviteIntent {
    pub(crate) party: String,
    pub(crate) code: String,
    pub(crate) roles: Roles,
    pub(crate) expires_ms: Option<u64>,
    pub(crate) invite_seed: [u8; 32],
    /// Id for the party, should it be new.
    pub(crate) party_id: PartyId,
}

/// Everything of a store but the envelopes, by table.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) profile: Option<Profile>,
    pub(crate) charter: Vec<CharterRecord>,
    pub(crate) log: Vec<((DocumentId, Ordered), LogRow)>,
    pub(crate) outbox: Vec<(Ordered, OutboxRow)>,
    pub(crate) unsealed: Vec<((DocumentId, Ordered), Made)>,
    pub(crate) journal: Vec<((DocumentId, Ordered), Vec<u8>)>,
    pub(crate) saved: Vec<(DocumentId, Vec<u8>)>,
    pub(crate) documents: Vec<(DocumentId, DocumentRow)>,
    pub(crate) held: Vec<((DocumentId, Hash), HeldRow)>,
    pub(crate) lost: Vec<((DocumentId, Hash), LostRow)>,
    pub(crate) quarantine: Vec<(Hash, String)>,
    pub(crate) applying: Vec<(DocumentId, Applying)>,
    pub(crate) invites: Vec<(InviteId, InviteRow)>,
    pub(crate) intents: Vec<(Ordered, Intent)>,
    pub(crate) waiting: Vec<((DocumentId, Hash), WaitingRow)>,
    pub(crate) actors: Vec<([u8; 16], DeviceId)>,
    pub(crate) late: Vec<((DocumentId, Hash), LateRow)>,
    pub(crate) heard: Vec<(DeviceId, u64)>,
    pub(crate) alarms: Vec<(DeviceId, AlarmRow)>,
    pub(crate) orphans: Vec<(DocumentId, Hash)>,
    pub(crate) orphan_keys: Vec<((Space, u32), [u8; 32])>,
    pub(crate) admission: Option<Phase>,
    pub(crate) asked: Vec<((Ordered, Hash), bool)>,
    pub(crate) rejudged: Vec<DocumentId>,
    pub(crate) refused: Vec<(Hash, RefusedRow)>,
    pub(crate) kits: Vec<(InviteId, KitRow)>,
}

impl Rows {
    /// Sorts the rows of a store, given in ascending order of their keys.
    pub(crate) fn read(
        rows: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<Self, Damaged> {
        let mut read = Self::default();
        for (key, value) in rows {
            let (tag, rest) = key.split_first().ok_or(Damaged { table: 0 })?;
            let table = Table::of(*tag).ok_or(Damaged { table: *tag })?;
            read.take(table, rest, &value)
                .map_err(|_| Damaged { table: *tag })?;
        }
        Ok(read)
    }

    fn take(&mut self, table: Table, key: &[u8], value: &[u8]) -> std::io::Result<()> {
        match table {
            Table::Profile => self.profile = Some(borsh::from_slice(value)?),
            Table::Charter => self.charter.push(borsh::from_slice(value)?),
            Table::Log => self.log.push(row(key, value)?),
            Table::Envelope => {}
            Table::Outbox => self.outbox.push(row(key, value)?),
            Table::Unsealed => self.unsealed.push(row(key, value)?),
            Table::Journal => self.journal.push((borsh::from_slice(key)?, value.to_vec())),
            Table::Saved => self.saved.push((borsh::from_slice(key)?, value.to_vec())),
            Table::Document => self.documents.push(row(key, value)?),
            Table::Held => self.held.push(row(key, value)?),
            Table::Lost => self.lost.push(row(key, value)?),
            Table::Quarantine => self.quarantine.push(row(key, value)?),
            Table::Applying => self.applying.push(row(key, value)?),
            Table::Invite => self.invites.push(row(key, value)?),
            Table::Intent => self.intents.push(row(key, value)?),
            Table::Waiting if value.is_empty() => {
                let place = borsh::from_slice(key)?;
                self.waiting.push((place, WaitingRow::default()));
            }
            Table::Waiting => self.waiting.push(row(key, value)?),
            Table::Actor => self.actors.push(row(key, value)?),
            Table::Late => self.late.push(row(key, value)?),
            Table::Heard => self.heard.push(row(key, value)?),
            Table::Alarm => self.alarms.push(row(key, value)?),
            Table::Orphan => self.orphans.push(borsh::from_slice(key)?),
            Table::OrphanKey => {
                let (space, epoch, _): (Space, u32, Hash) = borsh::from_slice(key)?;
                let key = borsh::from_slice(value)?;
                self.orphan_keys.push(((space, epoch), key));
            }
            Table::Asked => self.asked.push(row(key, value)?),
            Table::Rejudged => self.rejudged.push(borsh::from_slice(key)?),
            Table::Refused => self.refused.push(row(key, value)?),
            Table::Kit => self.kits.push(row(key, value)?),
            Table::Admission => self.admission = Some(borsh::from_slice(value)?),
        }
        Ok(())
    }
}

fn row<K: BorshDeserialize, V: BorshDeserialize>(
    key: &[u8],
    value: &[u8],
) -> std::io::Result<(K, V)> {
    Ok((borsh::from_slice(key)?, borsh::from_slice(value)?))
}

/// A stream of this device that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenStream {
    pub(crate) id: StreamId,
    pub(crate) dseq: u64,
    pub(crate) hash: Hash,
}

#[cfg(test)]
mod tests;
