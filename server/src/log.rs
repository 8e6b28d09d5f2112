//! The durable log: charters, documents, envelopes, in one redb file with one writer.
//!
//! The contract is narrow. Reading sees what was committed and nothing else. [`Store::commit`] writes one [`Staged`]
//! batch in one transaction and returns once it is on disk; where it fails, nothing of the batch is there, and the store
//! takes no more until it is opened again. It deliberately does not know who may do what.
//!
//! Envelopes stand in the file itself whatever their size: redb keeps large values in pages of their own.

pub mod find;
pub mod row;
mod tables;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use heqi_protocol::frame::CharterRecord;
use heqi_protocol::limits::{CHARTER_ENTRY_BYTES_MAX, ENTRIES_PER_FRAME_MAX};
use heqi_protocol::log::Point;
use heqi_protocol::{DeviceId, DocumentId, Hash, InviteId, Malformed, StreamId, VentureId, decode};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, WriteTransaction};

use find::{Finder, Whereabouts};
use row::{DocumentRow, Facts, LogRow, Place, Proof, StreamTail, VentureRow};
use tables::{
    CHARTER, DOCUMENTS, DROPPED, LOG, MARKS, PROOFS, STREAMS, VENTURE_DOCUMENTS, VENTURES, pair,
    stream_key,
};

/// A stream's place in the log is noted at each multiple of this; places between are found by walking back.
pub const MARK_EVERY: u64 = 64;

/// Storage that does not do what it should. Nothing more is written until it is opened again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot begin: {0}")]
    Begin(#[from] Box<redb::TransactionError>),
    #[error("cannot open a table: {0}")]
    Table(#[from] Box<redb::TableError>),
    #[error("cannot read or write: {0}")]
    Storage(#[from] redb::StorageError),
    #[error("cannot commit: {0}")]
    Commit(#[from] Box<redb::CommitError>),
    #[error("a row of the store cannot be read: {0}")]
    Corrupt(#[from] Malformed),
    #[error("the store lacks {0}")]
    Missing(&'static str),
}

/// What one commit writes.
#[derive(Debug, Default)]
pub struct Staged {
    pub facts: Option<Facts>,
    pub ventures: Vec<(VentureId, VentureRow)>,
    pub charters: BTreeMap<VentureId, CharterSuffix>,
    pub documents: Vec<(DocumentId, DocumentRow)>,
    pub rows: Vec<LogRow>,
    pub streams: Vec<(Place, StreamTail)>,
    pub proofs: Vec<(u64, Proof)>,
    /// Documents whose log goes: their rows at once, what they hold bit by bit.
    pub dropped: Vec<(DocumentId, DocumentRow, VentureId)>,
    /// A document dropped before, of whose log the next slice goes.
    pub dropping: Option<u64>,
    /// Pending invites and offers of a venture that can be found, and those that no longer can.
    pub found: Vec<(InviteId, Whereabouts)>,
    pub lost: Vec<(InviteId, VentureId)>,
}

/// What a commit took off the disk for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    pub venture: Option<VentureId>,
    /// Bytes of envelopes.
    pub bytes: u64,
    /// Nothing is left of the document.
    pub is_done: bool,
}

/// Charter entries of a venture from a position on; whatever stood there before is replaced.
#[derive(Debug)]
pub struct CharterSuffix {
    pub venture_no: u32,
    pub first: u64,
    pub records: Vec<CharterRecord>,
}

impl Staged {
    pub fn is_empty(&self) -> bool {
        self.facts.is_none()
            && self.ventures.is_empty()
            && self.charters.is_empty()
            && self.documents.is_empty()
            && self.rows.is_empty()
            && self.streams.is_empty()
            && self.proofs.is_empty()
            && self.dropped.is_empty()
            && self.dropping.is_none()
            && self.found.is_empty()
            && self.lost.is_empty()
    }
}

/// The durable log.
#[derive(Debug)]
pub struct Store {
    db: Arc<Database>,
}

impl Store {
    /// Takes over a database, new or one of its own. `new` are the facts of a new one.
    pub fn open(db: Database, new: Facts) -> Result<(Self, Facts), StoreError> {
        let store = Self { db: Arc::new(db) };
        let txn = store.begin_write()?;
        tables::create(&txn)?;
        let facts = match write::read_facts(&txn)? {
            Some(facts) => facts,
            None => {
                write::facts(&txn, new)?;
                new
            }
        };
        txn.commit().map_err(Box::new)?;
        Ok((store, facts))
    }

    /// Writes the batch and returns once it is on disk. All of it or nothing.
    pub fn commit(&self, staged: &Staged) -> Result<Freed, StoreError> {
        let txn = self.begin_write()?;
        let freed = write::all(&txn, staged)?;
        txn.commit().map_err(Box::new)?;
        Ok(freed)
    }

    /// Reads from the index of invites and offers, from any thread.
    pub fn finder(&self) -> Finder {
        Finder::new(self.db.clone())
    }

    /// Numbers of the documents of whose log something is left to drop.
    pub fn dropped(&self) -> Result<Vec<u64>, StoreError> {
        let table = self.read()?.open_table(DROPPED).map_err(Box::new)?;
        let rows = table.iter()?;
        rows.map(|row| Ok(row?.0.value())).collect()
    }

    pub fn venture(&self, id: VentureId) -> Result<Option<VentureRow>, StoreError> {
        let table = self.read()?.open_table(VENTURES).map_err(Box::new)?;
        let row = table.get(id.0)?;
        Ok(row.map(|row| VentureRow::from_value(row.value())))
    }

    pub fn ventures(&self) -> Result<Vec<VentureId>, StoreError> {
        let table = self.read()?.open_table(VENTURES).map_err(Box::new)?;
        let rows = table.iter()?;
        rows.map(|row| Ok(VentureId(row?.0.value()))).collect()
    }

    /// Charter records from `first` on, until `bytes_soft` is reached.
    pub fn charter_from(
        &self,
        venture_no: u32,
        first: u64,
        bytes_soft: usize,
    ) -> Result<Vec<CharterRecord>, StoreError> {
        let table = self.read()?.open_table(CHARTER).map_err(Box::new)?;
        let mut records = Vec::new();
        let mut bytes = 0;
        for row in table.range((venture_no, first)..=(venture_no, u64::MAX))? {
            let row = row?.1;
            bytes += row.value().len();
            records.push(decode_record(row.value())?);
            if bytes >= bytes_soft || records.len() >= ENTRIES_PER_FRAME_MAX {
                break;
            }
        }
        Ok(records)
    }

    pub fn document(&self, id: DocumentId) -> Result<Option<DocumentRow>, StoreError> {
        let table = self.read()?.open_table(DOCUMENTS).map_err(Box::new)?;
        let row = table.get(id.0)?;
        row.map(|row| DocumentRow::decode(row.value())).transpose()
    }

    /// Up to `max` documents of a venture whose numbers are above `after`, with their heads.
    pub fn documents_after(
        &self,
        venture_no: u32,
        after: u64,
        max: usize,
    ) -> Result<Vec<(DocumentId, DocumentRow, u64)>, StoreError> {
        let txn = self.read()?;
        let numbers = txn.open_table(VENTURE_DOCUMENTS).map_err(Box::new)?;
        let documents = txn.open_table(DOCUMENTS).map_err(Box::new)?;
        let log = txn.open_table(LOG).map_err(Box::new)?;
        let mut found = Vec::new();
        for row in numbers
            .range((venture_no, after + 1)..=(venture_no, u64::MAX))?
            .take(max)
        {
            let id = row?.1.value();
            let row = documents
                .get(id)?
                .ok_or(StoreError::Missing("a document"))?;
            let row = DocumentRow::decode(row.value())?;
            let seq = last_row(&log, row.no)?.map_or(0, |row| row.seq);
            found.push((DocumentId(id), row, seq));
        }
        Ok(found)
    }

    /// The end of a document's log; `None` where it is empty.
    pub fn head(&self, document_no: u64) -> Result<Option<Point>, StoreError> {
        let table = self.read()?.open_table(LOG).map_err(Box::new)?;
        let row = last_row(&table, document_no)?;
        Ok(row.map(|row| row.point()))
    }

    pub fn row(&self, document_no: u64, seq: u64) -> Result<LogRow, StoreError> {
        let table = self.read()?.open_table(LOG).map_err(Box::new)?;
        let row = table.get(pair(document_no, seq))?;
        let row = row.ok_or(StoreError::Missing("a log entry"))?;
        LogRow::decode(document_no, seq, row.value())
    }

    /// The chain after entry `seq`, and where the entry before it in its stream stands.
    pub fn links(&self, document_no: u64, seq: u64) -> Result<(Hash, u64), StoreError> {
        let table = self.read()?.open_table(LOG).map_err(Box::new)?;
        let row = table.get(pair(document_no, seq))?;
        let row = row.ok_or(StoreError::Missing("a log entry"))?;
        LogRow::links(row.value())
    }

    /// Log rows from `first` on, until `bytes_soft` is reached.
    pub fn rows_from(
        &self,
        document_no: u64,
        first: u64,
        bytes_soft: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        let table = self.read()?.open_table(LOG).map_err(Box::new)?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        for row in table.range(pair(document_no, first)..=pair(document_no, u64::MAX))? {
            let (place, row) = row?;
            let seq = place.value() as u64;
            bytes += row.value().len();
            rows.push(LogRow::decode(document_no, seq, row.value())?);
            if bytes >= bytes_soft || rows.len() >= ENTRIES_PER_FRAME_MAX {
                break;
            }
        }
        Ok(rows)
    }

    pub fn stream(
        &self,
        document_no: u64,
        device: DeviceId,
        stream: StreamId,
    ) -> Result<Option<StreamTail>, StoreError> {
        let table = self.read()?.open_table(STREAMS).map_err(Box::new)?;
        let row = table.get((document_no, stream_key(device, stream)))?;
        row.map(|row| StreamTail::decode(row.value())).transpose()
    }

    /// The newest place in a document at which one of the devices has written; 0 where none has.
    pub fn newest_of(
        &self,
        document_no: u64,
        devices: &BTreeSet<DeviceId>,
    ) -> Result<u64, StoreError> {
        let table = self.read()?.open_table(STREAMS).map_err(Box::new)?;
        let mut newest = 0;
        for device in devices {
            let from = stream_key(*device, StreamId([0; 16]));
            let to = stream_key(*device, StreamId([0xff; 16]));
            for row in table.range((document_no, from)..=(document_no, to))? {
                newest = newest.max(StreamTail::decode(row?.1.value())?.seq);
            }
        }
        Ok(newest)
    }

    /// The first noted place of the stream from `dseq` on: its dseq and sequence number.
    pub fn mark_from(&self, stream_no: u64, dseq: u64) -> Result<Option<(u64, u64)>, StoreError> {
        let table = self.read()?.open_table(MARKS).map_err(Box::new)?;
        let mut range = table.range(pair(stream_no, dseq)..=pair(stream_no, u64::MAX))?;
        let mark = range.next().transpose()?;
        Ok(mark.map(|(place, seq)| (place.value() as u64, seq.value())))
    }

    /// Proofs of misbehaviour that were kept.
    pub fn proofs(&self) -> Result<Vec<Proof>, StoreError> {
        let table = self.read()?.open_table(PROOFS).map_err(Box::new)?;
        let rows = table.iter()?;
        rows.map(|row| Proof::decode(row?.1.value())).collect()
    }

    fn read(&self) -> Result<ReadTransaction, StoreError> {
        Ok(self.db.begin_read().map_err(Box::new)?)
    }

    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let mut txn = self.db.begin_write().map_err(Box::new)?;
        // Implies two-phase commit, and a start after a crash need not walk the file.
        txn.set_quick_repair(true);
        Ok(txn)
    }
}

fn last_row(
    table: &impl ReadableTable<u128, &'static [u8]>,
    document_no: u64,
) -> Result<Option<LogRow>, StoreError> {
    let mut range = table.range(pair(document_no, 0)..=pair(document_no, u64::MAX))?;
    let Some(last) = range.next_back().transpose()? else {
        return Ok(None);
    };
    let seq = last.0.value() as u64;
    LogRow::decode(document_no, seq, last.1.value()).map(Some)
}

fn decode_record(bytes: &[u8]) -> Result<CharterRecord, StoreError> {
    // The acknowledgement and the length come on top of the entry.
    Ok(decode(
        "stored charter record",
        bytes,
        CHARTER_ENTRY_BYTES_MAX + 256,
    )?)
}
