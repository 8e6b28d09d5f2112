//! The end of a batch: what is staged goes to disk, then what follows from it goes out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use heqi_protocol::log::Point;
use heqi_protocol::{
    Ack, DeviceId, DocumentId, FromRelay, Incarnation, Misbehaviour, StreamId, VentureId,
};

use super::Core;
use crate::fanout::{BACKLOG_BYTES_ALL, BACKLOG_BYTES_HARD, ConnId, Out, cost};
use crate::log::row::Place;
use crate::log::{Staged, StoreError};

/// It is looked at what waits for all connections after so much was given out.
const SHED_EVERY_BYTES: u64 = 4 << 20;

/// What a batch wants to write, and whom it concerns.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) staged: Staged,
    /// Which connection brought each staged row.
    pub(super) origins: Vec<ConnId>,
    /// What is said before anything that follows from the commit.
    pub(super) early: Vec<(ConnId, Out)>,
    /// Documents that are acknowledged, and those who asked for it.
    pub(super) touched: BTreeMap<DocumentId, BTreeSet<ConnId>>,
    pub(super) streams: BTreeSet<(DocumentId, DeviceId, StreamId)>,
    pub(super) ventures: BTreeSet<VentureId>,
    pub(super) opened: Vec<DocumentId>,
    /// Documents that new charter entries delete.
    pub(super) deleted: BTreeSet<(VentureId, DocumentId)>,
    /// A new incarnation is due, numbered above this; nothing else of the batch counts.
    pub(super) reincarnate_above: Option<u32>,
}

impl Core {
    /// Says something once the batch is on disk.
    pub(super) fn say(&mut self, conn: ConnId, frame: &FromRelay) {
        let frame = Out::Frame(frame.encode().into());
        self.batch.early.push((conn, frame));
    }

    /// Says something last, closes and forgets.
    pub(super) fn end(&mut self, conn: ConnId, frame: &FromRelay) {
        self.say(conn, frame);
        self.batch.early.push((conn, Out::Close));
        self.forget(conn);
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        if let Some(number) = self.batch.reincarnate_above {
            return self.begin_incarnation(number);
        }
        self.gather()?;
        if self.batch.staged.is_empty() {
            return Ok(());
        }
        let freed = self.store.commit(&self.batch.staged)?;
        self.note_freed(freed);
        self.stored_facts = self.facts;
        self.tally.commits += 1;
        Ok(())
    }

    /// Gives out what follows from a batch that is on disk.
    pub(super) fn release(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        for (conn, out) in batch.early {
            match out {
                Out::Frame(frame) => self.give(conn, frame),
                Out::Close | Out::Cut => self.close(conn),
            }
        }
        for (venture, suffix) in &batch.staged.charters {
            self.push_charter(*venture, suffix);
        }
        self.list_opened(&batch.opened);
        for (document, asked) in &batch.touched {
            self.fan_out(*document, asked, &batch.staged.rows, &batch.origins);
        }
    }

    pub(super) fn give(&mut self, conn: ConnId, frame: Bytes) {
        if self.ended.contains(&conn) {
            return;
        }
        self.given += cost(&frame);
        let connection = self.connections.get_mut(&conn);
        let is_far_behind = connection.is_some_and(|connection| {
            connection.backlog.give(&frame);
            connection.backlog.bytes() > BACKLOG_BYTES_HARD
        });
        self.out.push((conn, Out::Frame(frame)));
        if is_far_behind {
            // It asks and asks and does not read the answers.
            self.tally.refuse(Misbehaviour::TooMuch);
            self.close(conn);
            self.forget(conn);
        }
    }

    /// Closes those who are furthest behind, where what waits for all takes too much memory.
    pub(super) fn shed(&mut self) {
        if self.given < SHED_EVERY_BYTES {
            return;
        }
        self.given = 0;
        let connections = self.connections.iter();
        let waiting = connections.map(|(conn, it)| (it.backlog.bytes(), *conn));
        let mut waiting: Vec<_> = waiting.collect();
        let mut all: u64 = waiting.iter().map(|(bytes, _)| bytes).sum();
        if all <= BACKLOG_BYTES_ALL {
            return;
        }
        waiting.sort_unstable();
        while all > BACKLOG_BYTES_ALL
            && let Some((bytes, conn)) = waiting.pop()
        {
            all -= bytes;
            self.tally.refuse(Misbehaviour::TooMuch);
            self.out.push((conn, Out::Cut));
            self.forget(conn);
        }
    }

    pub(super) fn close(&mut self, conn: ConnId) {
        if self.ended.insert(conn) {
            self.out.push((conn, Out::Close));
        }
    }

    pub(super) fn ack(&self, venture: VentureId, document: DocumentId, head: Point) -> Bytes {
        let incarnation = self.stored_facts.incarnation;
        let ack = Ack::sign(venture, document, incarnation, head, &self.key);
        FromRelay::Ack(ack).encode().into()
    }

    /// Nothing of the batch counts but the new incarnation: what it would have said belongs to the old one.
    fn begin_incarnation(&mut self, above: u32) -> Result<(), StoreError> {
        let early = std::mem::take(&mut self.batch).early;
        self.documents.clear();
        self.ventures.clear();
        self.facts = self.stored_facts;
        self.facts.incarnation = Incarnation {
            number: above.saturating_add(1),
            nonce: self.draw(),
        };
        let staged = Staged {
            facts: Some(self.facts),
            ..Staged::default()
        };
        self.store.commit(&staged)?;
        self.stored_facts = self.facts;
        self.tally.commits += 1;
        self.tally.reincarnations += 1;
        let (known, mut out) = (&self.connections, early);
        out.retain(|(conn, _)| !known.contains_key(conn));
        let frame = Bytes::from(FromRelay::Reincarnated(self.facts.incarnation).encode());
        for conn in known.keys() {
            out.push((*conn, Out::Frame(frame.clone())));
            out.push((*conn, Out::Close));
        }
        self.out = out;
        self.forget_all();
        Ok(())
    }

    /// Adds the rows that follow from others: tails of streams, deletions, totals, the index, counters.
    fn gather(&mut self) -> Result<(), StoreError> {
        let batch = &mut self.batch;
        for (id, device, stream) in &batch.streams {
            let document = self.documents.get(id);
            let tail = document.and_then(|it| it.streams.get(&(*device, *stream)).copied());
            if let (Some(document), Some(tail)) = (document, tail) {
                let place = Place {
                    document_no: document.row.no,
                    device: *device,
                    stream: *stream,
                };
                batch.staged.streams.push((place, tail));
            }
        }
        self.stage_deletions()?;
        let batch = &mut self.batch;
        for id in &batch.ventures {
            if let Some(venture) = self.ventures.get_mut(id) {
                venture.stored = venture.charter.position();
                batch.staged.ventures.push((*id, venture.row));
                if batch.staged.charters.contains_key(id) {
                    venture.stage_index(&mut batch.staged);
                }
            }
        }
        batch.staged.facts = (self.facts != self.stored_facts).then_some(self.facts);
        Ok(())
    }
}
