//! The end of a batch: what is staged goes to disk, then what follows from it goes out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use heqi_protocol::frame::{CharterRecord, Listed};
use heqi_protocol::handshake::Who;
use heqi_protocol::limits::DOCUMENTS_PER_FRAME_MAX;
use heqi_protocol::log::Point;
use heqi_protocol::{
    Ack, DeviceId, DocumentId, FromRelay, Incarnation, List, Misbehaviour, Space, StreamId,
    VentureId,
};

use super::Core;
use super::connection::{Reading, Sender};
use super::standing::Standing;
use crate::fanout::{
    BACKLOG_BYTES_HARD, BACKLOG_BYTES_MAX, CHUNK_BYTES_SOFT, ConnId, Out, Outgoing, SentRef,
    entries_frames,
};
use crate::log::row::{LogRow, Place};
use crate::log::{CharterSuffix, Staged, StoreError};

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
                Out::Close => self.close(conn),
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

    fn push_charter(&mut self, venture: VentureId, suffix: &CharterSuffix) {
        let bytes: usize = suffix.records.iter().map(|record| record.entry.len()).sum();
        let frame = (bytes <= CHUNK_BYTES_SOFT)
            .then(|| charter_frame(suffix.first, suffix.records.clone()))
            .flatten();
        let position = suffix.first + suffix.records.len() as u64;
        self.tally.charter_entries += suffix.records.len() as u64;
        for conn in self.attached_to(venture) {
            let Some(connection) = self.connections.get(&conn) else {
                continue;
            };
            let has_room = connection.backlog.bytes() <= BACKLOG_BYTES_MAX;
            let peer = self.peer(conn);
            let Some(peer) = peer.filter(|peer| peer.standing != Standing::Outside) else {
                continue;
            };
            // Another branch may have taken the place of what was sent.
            peer.charter_sent = peer.charter_sent.min(suffix.first);
            if peer.readings.contains(&Reading::Charter) {
                continue;
            }
            match &frame {
                Some(frame)
                    if has_room
                        && peer.standing.is_inside()
                        && peer.charter_sent == suffix.first =>
                {
                    peer.charter_sent = position;
                    self.give(conn, frame.clone());
                }
                _ => {
                    peer.readings.push_front(Reading::Charter);
                    self.read_later(conn);
                }
            }
        }
    }

    /// Tells of new documents to those who may read them.
    fn list_opened(&mut self, opened: &[DocumentId]) {
        let mut lists: BTreeMap<(VentureId, Space), Vec<Listed>> = BTreeMap::new();
        for id in opened {
            if let Some(document) = self.documents.get(id) {
                let (space, seq) = (document.space(), document.head.seq);
                let listed = Listed {
                    document: *id,
                    space,
                    seq,
                };
                lists
                    .entry((document.venture, space))
                    .or_default()
                    .push(listed);
            }
        }
        for ((venture, space), listed) in lists {
            for chunk in listed.chunks(DOCUMENTS_PER_FRAME_MAX) {
                let Ok(list) = List::new(chunk.to_vec()) else {
                    continue;
                };
                let frame = Bytes::from(FromRelay::Documents(list).encode());
                for conn in self.readers_in(venture, space) {
                    self.give(conn, frame.clone());
                }
            }
        }
    }

    fn readers_in(&mut self, venture: VentureId, space: Space) -> Vec<ConnId> {
        let attached = self.attached_to(venture);
        let may_read = |conn: &ConnId| {
            let peer = self.peer(*conn);
            let Some(peer) = peer.filter(|peer| peer.standing.is_inside()) else {
                return false;
            };
            let Who::Device(device) = peer.who else {
                return false;
            };
            let venture = self.ventures.get(&venture);
            venture.is_some_and(|venture| venture.charter.may_read(device, space))
        };
        let mut readers = attached;
        readers.retain(may_read);
        readers
    }

    pub(super) fn attached_to(&self, venture: VentureId) -> Vec<ConnId> {
        let attached = self.attached.get(&venture);
        attached.into_iter().flatten().copied().collect()
    }

    /// Sends what is new in a document to its live readers, and its acknowledgement to them and to those who asked.
    fn fan_out(
        &mut self,
        id: DocumentId,
        asked: &BTreeSet<ConnId>,
        rows: &[LogRow],
        origins: &[ConnId],
    ) {
        let Some(document) = self.documents.get_mut(&id) else {
            return;
        };
        let fresh = std::mem::take(&mut document.fresh);
        let first = document.stored + 1;
        document.settle();
        let (venture, space, head) = (document.venture, document.space(), document.head);
        let ack = self.ack(venture, id, head);
        let news = News {
            document: id,
            first,
            fresh: &fresh,
            rows,
            origins,
        };
        let mut whole: Option<Vec<Bytes>> = None;
        let readers: Vec<ConnId> = self
            .readers
            .get(&id)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        for conn in readers {
            if !self.is_live(conn, id) {
                // Reads the log, and gets this with it.
                continue;
            }
            if fresh.is_empty() && !asked.contains(&conn) {
                // Somebody else asked for what it has heard.
                continue;
            }
            if !fresh.is_empty() {
                if self.is_behind(conn) {
                    self.say_reread(conn, id);
                    continue;
                }
                let frames = match news.is_from(conn) {
                    true => news.frames(Some(conn)),
                    false => whole.get_or_insert_with(|| news.frames(None)).clone(),
                };
                for frame in frames {
                    self.give(conn, frame);
                }
                self.advance(conn, id, head.seq + 1);
            }
            self.tally.acks += 1;
            self.give(conn, ack.clone());
        }
        for conn in asked {
            // Who may not read it any more hears nothing of it.
            let peer = self.peer(*conn);
            if peer
                .is_some_and(|it| it.reads.contains(&space) && !it.subscriptions.contains_key(&id))
            {
                self.tally.acks += 1;
                self.give(*conn, ack.clone());
            }
        }
    }

    fn is_live(&mut self, conn: ConnId, document: DocumentId) -> bool {
        let peer = self.peer(conn);
        peer.and_then(|peer| peer.subscriptions.get(&document))
            .is_some_and(|subscription| subscription.is_live)
    }

    fn is_behind(&self, conn: ConnId) -> bool {
        let connection = self.connections.get(&conn);
        connection.is_some_and(|connection| connection.backlog.bytes() > BACKLOG_BYTES_MAX)
    }

    fn say_reread(&mut self, conn: ConnId, document: DocumentId) {
        self.tally.rereads += 1;
        if let Some(peer) = self.peer(conn) {
            peer.subscriptions.remove(&document);
        }
        self.unsubscribe(conn, document);
        self.give(conn, FromRelay::Reread(document).encode().into());
    }

    fn advance(&mut self, conn: ConnId, document: DocumentId, next: u64) {
        if let Some(peer) = self.peer(conn)
            && let Some(subscription) = peer.subscriptions.get_mut(&document)
        {
            subscription.next = next;
        }
    }

    /// Notes that a document is to be acknowledged to the sender.
    pub(super) fn ack_due(&mut self, sender: Sender, document: DocumentId) {
        let asked = self.batch.touched.entry(document).or_default();
        asked.insert(sender.conn);
    }
}

/// What a batch added to a document.
struct News<'a> {
    document: DocumentId,
    first: u64,
    fresh: &'a [usize],
    rows: &'a [LogRow],
    origins: &'a [ConnId],
}

impl News<'_> {
    fn is_from(&self, conn: ConnId) -> bool {
        self.fresh.iter().any(|index| self.origins[*index] == conn)
    }

    /// The frames for everybody, or for the one who brought some of it.
    fn frames(&self, reader: Option<ConnId>) -> Vec<Bytes> {
        let outgoing = self.fresh.iter().map(|index| {
            let row = &self.rows[*index];
            let envelope = match row.envelope.hash() {
                Ok(hash) if reader == Some(self.origins[*index]) => SentRef::Yours(hash),
                _ => SentRef::Whole(row.envelope.bytes()),
            };
            Outgoing {
                charter_position: row.charter_position,
                envelope,
            }
        });
        entries_frames(self.document, self.first, outgoing)
    }
}

/// A frame of charter entries; `None` where there are more than fit.
pub(super) fn charter_frame(first: u64, records: Vec<CharterRecord>) -> Option<Bytes> {
    let entries = List::new(records).ok()?;
    Some(FromRelay::Charter { first, entries }.encode().into())
}
