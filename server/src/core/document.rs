//! A document in memory: its head and the tails of its streams.

use std::collections::BTreeMap;

use heqi_protocol::log::{Point, chain_start};
use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, Space, StreamId, VentureId};

use super::Core;
use crate::log::StoreError;
use crate::log::row::{DocumentRow, EnvelopeBytes, StreamTail};

/// Streams of one document kept in memory between batches.
const STREAMS_CACHED_MAX: usize = 512;

#[derive(Debug)]
pub(super) struct Document {
    pub(super) row: DocumentRow,
    pub(super) venture: VentureId,
    pub(super) head: Point,
    /// Sequence number up to which the log is on disk.
    pub(super) stored: u64,
    /// What stands above it: indices into the rows of the batch.
    pub(super) fresh: Vec<usize>,
    pub(super) streams: BTreeMap<(DeviceId, StreamId), StreamTail>,
}

impl Document {
    pub(super) const fn space(&self) -> Space {
        self.row.space
    }

    /// Notes that everything is on disk.
    pub(super) fn settle(&mut self) {
        self.stored = self.head.seq;
        self.fresh.clear();
        if self.streams.len() > STREAMS_CACHED_MAX {
            self.streams.clear();
        }
    }
}

impl Core {
    /// Brings a document into memory; false where `venture` has none of that id.
    pub(super) fn load_document(
        &mut self,
        id: DocumentId,
        venture: VentureId,
    ) -> Result<bool, StoreError> {
        if let Some(document) = self.documents.get(&id) {
            return Ok(document.venture == venture);
        }
        let venture_no = self.ventures.get(&venture).map(|venture| venture.row.no);
        let row = self.store.document(id)?;
        let Some(row) = row.filter(|row| Some(row.venture_no) == venture_no) else {
            return Ok(false);
        };
        let start = Point {
            seq: 0,
            chain: chain_start(venture, id),
        };
        let head = self.store.head(row.no)?.unwrap_or(start);
        let document = Document {
            row,
            venture,
            head,
            stored: head.seq,
            fresh: Vec::new(),
            streams: BTreeMap::new(),
        };
        self.documents.insert(id, document);
        Ok(true)
    }

    /// Where the stream of an envelope stands in its document, which is in memory.
    pub(super) fn tail_of(
        &mut self,
        envelope: &Envelope,
    ) -> Result<Option<StreamTail>, StoreError> {
        let header = &envelope.header;
        let Some(document) = self.documents.get_mut(&header.document) else {
            return Ok(None);
        };
        let key = (header.device, header.stream);
        if let Some(tail) = document.streams.get(&key) {
            return Ok(Some(*tail));
        }
        let tail = self.store.stream(document.row.no, key.0, key.1)?;
        if let Some(tail) = tail {
            document.streams.insert(key, tail);
        }
        Ok(tail)
    }

    /// The bytes of the envelope that stands at `dseq` of a stream, at or before its tail.
    pub(super) fn envelope_at(
        &self,
        document: &Document,
        tail: StreamTail,
        dseq: u64,
    ) -> Result<Vec<u8>, StoreError> {
        let mark = self.store.mark_from(tail.no, dseq)?;
        let (mut at, mut seq) = mark.unwrap_or((tail.dseq, tail.seq));
        while at > dseq {
            seq = self.links(document, seq)?.1;
            at -= 1;
        }
        match self.fresh_row(document, seq) {
            Some(row) => Ok(row.envelope.bytes().to_vec()),
            None => match self.store.row(document.row.no, seq)?.envelope {
                EnvelopeBytes::Stored(bytes) => Ok(bytes),
                EnvelopeBytes::Decoded(envelope) => Ok(envelope.bytes().to_vec()),
            },
        }
    }

    /// The chain after entry `seq`; `None` beyond the head.
    pub(super) fn chain_at(&self, id: DocumentId, seq: u64) -> Result<Option<Hash>, StoreError> {
        let Some(document) = self.documents.get(&id) else {
            return Ok(None);
        };
        if seq > document.head.seq {
            return Ok(None);
        }
        if seq == 0 {
            return Ok(Some(chain_start(document.venture, id)));
        }
        Ok(Some(self.links(document, seq)?.0))
    }

    fn links(&self, document: &Document, seq: u64) -> Result<(Hash, u64), StoreError> {
        match self.fresh_row(document, seq) {
            Some(row) => Ok((row.chain, row.stream_prev)),
            None => self.store.links(document.row.no, seq),
        }
    }

    fn fresh_row(&self, document: &Document, seq: u64) -> Option<&crate::log::row::LogRow> {
        let above = usize::try_from(seq.checked_sub(document.stored + 1)?).ok()?;
        let index = document.fresh.get(above)?;
        self.batch.staged.rows.get(*index)
    }
}
