//! The tables of the redb file.

use heqi_protocol::{DeviceId, StreamId};
use redb::{TableDefinition, WriteTransaction};

use super::StoreError;

/// What holds for the whole store: one row.
pub(super) const FACTS: TableDefinition<(), &[u8]> = TableDefinition::new("facts");
/// Venture → number, bytes of its envelopes, number of its documents.
pub(super) const VENTURES: TableDefinition<[u8; 32], (u32, u64, u32)> =
    TableDefinition::new("ventures");
/// (venture number, position) → record.
pub(super) const CHARTER: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("charter");
/// Document → row.
pub(super) const DOCUMENTS: TableDefinition<[u8; 32], &[u8]> = TableDefinition::new("documents");
/// (venture number, document number) → document.
pub(super) const VENTURE_DOCUMENTS: TableDefinition<(u32, u64), [u8; 32]> =
    TableDefinition::new("venture documents");
/// Document number and sequence number → row.
pub(super) const LOG: TableDefinition<u128, &[u8]> = TableDefinition::new("log");
/// (document number, device and stream) → tail.
pub(super) const STREAMS: TableDefinition<(u64, [u8; 48]), &[u8]> = TableDefinition::new("streams");
/// Stream number and dseq → sequence number.
pub(super) const MARKS: TableDefinition<u128, u64> = TableDefinition::new("marks");
/// Stream number → two envelopes for one place.
pub(super) const PROOFS: TableDefinition<u64, &[u8]> = TableDefinition::new("proofs");
/// Invite or offer that is pending → venture, and the relay that its charter names.
pub(super) const FOUND: TableDefinition<[u8; 32], ([u8; 32], [u8; 32])> =
    TableDefinition::new("found");
/// Number of a document whose log is still to be dropped → venture.
pub(super) const DROPPED: TableDefinition<u64, [u8; 32]> = TableDefinition::new("dropped");

/// Makes the tables that are not there, so that reading finds all of them.
pub(super) fn create(txn: &WriteTransaction) -> Result<(), StoreError> {
    txn.open_table(FACTS).map_err(Box::new)?;
    txn.open_table(VENTURES).map_err(Box::new)?;
    txn.open_table(CHARTER).map_err(Box::new)?;
    txn.open_table(DOCUMENTS).map_err(Box::new)?;
    txn.open_table(VENTURE_DOCUMENTS).map_err(Box::new)?;
    txn.open_table(LOG).map_err(Box::new)?;
    txn.open_table(STREAMS).map_err(Box::new)?;
    txn.open_table(MARKS).map_err(Box::new)?;
    txn.open_table(PROOFS).map_err(Box::new)?;
    txn.open_table(FOUND).map_err(Box::new)?;
    txn.open_table(DROPPED).map_err(Box::new)?;
    Ok(())
}

/// Two numbers as one key, ordered by the first, then the second.
pub(super) const fn pair(first: u64, second: u64) -> u128 {
    (first as u128) << 64 | second as u128
}

pub(super) fn stream_key(device: DeviceId, stream: StreamId) -> [u8; 48] {
    let mut key = [0; 48];
    key[..32].copy_from_slice(&device.0);
    key[32..].copy_from_slice(&stream.0);
    key
}
