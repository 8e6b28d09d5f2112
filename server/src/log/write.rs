//! One batch into the tables, in a transaction that somebody else commits.

use heqi_protocol::encode;
use redb::{ReadableTable, WriteTransaction};

use super::row::{Facts, VentureRow};
use super::tables::{
    CHARTER, DOCUMENTS, DROPPED, FACTS, FOUND, LOG, MARKS, PROOFS, STREAMS, VENTURE_DOCUMENTS,
    VENTURES, pair, stream_key,
};
use super::{Freed, Staged, StoreError};

/// Log entries, or streams, that one commit takes off a dropped document.
const DROPPED_ROWS_MAX: usize = 512;
/// Bytes of log entries after which a slice ends.
const DROPPED_BYTES_SOFT: u64 = 4 << 20;
/// Bytes of a log row that are not its envelope's.
const FIXED_BYTES: u64 = super::row::FIXED_BYTES as u64;

pub(super) fn all(txn: &WriteTransaction, staged: &Staged) -> Result<Freed, StoreError> {
    if let Some(new) = staged.facts {
        facts(txn, new)?;
    }
    charters(txn, staged)?;
    documents(txn, staged)?;
    log(txn, staged)?;
    index(txn, staged)?;
    drops(txn, staged)?;
    match staged.dropping {
        Some(document_no) => drop_slice(txn, document_no),
        None => Ok(Freed::default()),
    }
}

pub(super) fn read_facts(txn: &WriteTransaction) -> Result<Option<Facts>, StoreError> {
    let table = txn.open_table(FACTS).map_err(Box::new)?;
    let row = table.get(())?;
    row.map(|row| Facts::decode(row.value())).transpose()
}

pub(super) fn facts(txn: &WriteTransaction, facts: Facts) -> Result<(), StoreError> {
    let mut table = txn.open_table(FACTS).map_err(Box::new)?;
    table.insert((), encode(&facts).as_slice())?;
    Ok(())
}

fn charters(txn: &WriteTransaction, staged: &Staged) -> Result<(), StoreError> {
    if !staged.ventures.is_empty() {
        let mut table = txn.open_table(VENTURES).map_err(Box::new)?;
        for (id, row) in &staged.ventures {
            table.insert(id.0, row.to_value())?;
        }
    }
    if staged.charters.is_empty() {
        return Ok(());
    }
    let mut table = txn.open_table(CHARTER).map_err(Box::new)?;
    for suffix in staged.charters.values() {
        let (no, first) = (suffix.venture_no, suffix.first);
        table.retain_in((no, first)..=(no, u64::MAX), |_, _| false)?;
        for (position, record) in (first..).zip(&suffix.records) {
            table.insert((no, position), encode(record).as_slice())?;
        }
    }
    Ok(())
}

fn documents(txn: &WriteTransaction, staged: &Staged) -> Result<(), StoreError> {
    if !staged.documents.is_empty() {
        let mut documents = txn.open_table(DOCUMENTS).map_err(Box::new)?;
        let mut numbers = txn.open_table(VENTURE_DOCUMENTS).map_err(Box::new)?;
        for (id, row) in &staged.documents {
            documents.insert(id.0, encode(row).as_slice())?;
            numbers.insert((row.venture_no, row.no), id.0)?;
        }
    }
    if !staged.proofs.is_empty() {
        let mut table = txn.open_table(PROOFS).map_err(Box::new)?;
        for (stream_no, proof) in &staged.proofs {
            table.insert(stream_no, encode(proof).as_slice())?;
        }
    }
    Ok(())
}

fn log(txn: &WriteTransaction, staged: &Staged) -> Result<(), StoreError> {
    if staged.rows.is_empty() {
        return Ok(());
    }
    let mut log = txn.open_table(LOG).map_err(Box::new)?;
    let mut marks = txn.open_table(MARKS).map_err(Box::new)?;
    for row in &staged.rows {
        let mut value = log.insert_reserve(pair(row.document_no, row.seq), row.encoded_len())?;
        row.encode_into(value.as_mut());
        if let Some((stream_no, dseq)) = row.mark {
            marks.insert(pair(stream_no, dseq), row.seq)?;
        }
    }
    let mut streams = txn.open_table(STREAMS).map_err(Box::new)?;
    for (place, tail) in &staged.streams {
        let key = (place.document_no, stream_key(place.device, place.stream));
        streams.insert(key, encode(tail).as_slice())?;
    }
    Ok(())
}

/// The index of invites and offers. Whoever was there first keeps a place: nobody can take over another's code.
fn index(txn: &WriteTransaction, staged: &Staged) -> Result<(), StoreError> {
    if staged.found.is_empty() && staged.lost.is_empty() {
        return Ok(());
    }
    let mut table = txn.open_table(FOUND).map_err(Box::new)?;
    for (invite, venture) in &staged.lost {
        let is_own = table
            .get(invite.0)?
            .is_some_and(|row| row.value().0 == venture.0);
        if is_own {
            table.remove(invite.0)?;
        }
    }
    for (invite, at) in &staged.found {
        let is_free = table
            .get(invite.0)?
            .is_none_or(|row| row.value().0 == at.venture.0);
        if is_free {
            table.insert(invite.0, (at.venture.0, at.relay.0))?;
        }
    }
    Ok(())
}

fn drops(txn: &WriteTransaction, staged: &Staged) -> Result<(), StoreError> {
    if staged.dropped.is_empty() {
        return Ok(());
    }
    let mut documents = txn.open_table(DOCUMENTS).map_err(Box::new)?;
    let mut numbers = txn.open_table(VENTURE_DOCUMENTS).map_err(Box::new)?;
    let mut dropped = txn.open_table(DROPPED).map_err(Box::new)?;
    for (id, row, venture) in &staged.dropped {
        documents.remove(id.0)?;
        numbers.remove((row.venture_no, row.no))?;
        dropped.insert(row.no, venture.0)?;
    }
    Ok(())
}

/// Takes the next entries off a dropped document, then its streams, then the note that it is to be dropped.
fn drop_slice(txn: &WriteTransaction, document_no: u64) -> Result<Freed, StoreError> {
    let mut dropped = txn.open_table(DROPPED).map_err(Box::new)?;
    let Some(venture) = dropped.get(document_no)?.map(|row| row.value()) else {
        return Ok(Freed {
            is_done: true,
            ..Freed::default()
        });
    };
    let bytes = drop_rows(txn, document_no)?;
    let is_done = bytes == 0 && drop_streams(txn, document_no)?;
    if is_done {
        dropped.remove(document_no)?;
    }
    let mut ventures = txn.open_table(VENTURES).map_err(Box::new)?;
    let row = ventures.get(venture)?.map(|row| row.value());
    if let Some(row) = row.map(VentureRow::from_value) {
        let bytes = row.bytes.saturating_sub(bytes);
        ventures.insert(venture, VentureRow { bytes, ..row }.to_value())?;
    }
    Ok(Freed {
        venture: Some(heqi_protocol::VentureId(venture)),
        bytes,
        is_done,
    })
}

/// Bytes of the envelopes that went; 0 once none is left.
fn drop_rows(txn: &WriteTransaction, document_no: u64) -> Result<u64, StoreError> {
    let mut log = txn.open_table(LOG).map_err(Box::new)?;
    let mut last = None;
    let mut bytes = 0;
    for row in log
        .range(pair(document_no, 0)..=pair(document_no, u64::MAX))?
        .take(DROPPED_ROWS_MAX)
    {
        let (place, value) = row?;
        last = Some(place.value());
        bytes += (value.value().len() as u64).saturating_sub(FIXED_BYTES);
        if bytes >= DROPPED_BYTES_SOFT {
            break;
        }
    }
    if let Some(last) = last {
        log.retain_in(pair(document_no, 0)..=last, |_, _| false)?;
    }
    Ok(bytes)
}

/// True once no stream of the document is left.
fn drop_streams(txn: &WriteTransaction, document_no: u64) -> Result<bool, StoreError> {
    let mut streams = txn.open_table(STREAMS).map_err(Box::new)?;
    let mut marks = txn.open_table(MARKS).map_err(Box::new)?;
    let mut gone = Vec::new();
    for row in streams
        .range((document_no, [0; 48])..=(document_no, [u8::MAX; 48]))?
        .take(DROPPED_ROWS_MAX)
    {
        let (place, value) = row?;
        let no = super::row::StreamTail::decode(value.value())?.no;
        gone.push((place.value(), no));
    }
    for (place, no) in &gone {
        streams.remove(place)?;
        marks.retain_in(pair(*no, 0)..=pair(*no, u64::MAX), |_, _| false)?;
    }
    Ok(gone.len() < DROPPED_ROWS_MAX)
}
