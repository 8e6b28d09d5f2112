//! Subscriptions, and reading from the store at the pace of each connection.
//!
//! A connection has a queue of things to be read for it. One chunk at a time is given where its backlog has room, so a
//! long log is never buffered, and a batch reads no more than its share, so that catching up does not hold up the writer.

use heqi_protocol::frame::{Listed, NackReason};
use heqi_protocol::handshake::Who;
use heqi_protocol::limits::DOCUMENTS_MAX;
use heqi_protocol::log::{Locator, Point, chain_start};
use heqi_protocol::{DocumentId, FromRelay, List, Misbehaviour, Space, StreamId, VentureId};

use super::connection::{Reading, Sender, Subscription};
use super::pushing::charter_frame;
use super::standing::Standing;
use super::{Core, Stop};
use crate::fanout::{CHUNK_BYTES_SOFT, ConnId, Outgoing, SentRef, entries_frames};
use crate::log::StoreError;

/// Chunks read after one batch, for all connections together.
const CHUNKS_PER_BATCH: usize = 32;
/// Documents listed in one chunk.
const DOCUMENTS_PER_CHUNK: usize = 128;

impl Core {
    pub(super) fn subscribe(
        &mut self,
        sender: Sender,
        id: DocumentId,
        locator: &Locator,
    ) -> Result<(), Stop> {
        let Some(space) = self.space_to_read(sender, id)? else {
            let nack = FromRelay::Nack {
                document: id,
                stream: StreamId([0; 16]),
                dseq: 0,
                reason: NackReason::Forbidden,
            };
            self.tally.nack(NackReason::Forbidden);
            self.say(sender.conn, &nack);
            return Ok(());
        };
        let matched = self.matched(sender.venture, id, locator)?;
        let Some(peer) = self.peer(sender.conn) else {
            return Ok(());
        };
        let subscription = Subscription {
            space,
            next: matched.seq + 1,
            is_live: false,
        };
        if peer.subscriptions.insert(id, subscription).is_some() {
            peer.readings
                .retain(|it| !matches!(it, Reading::Log { document, .. } if *document == id));
        }
        if peer.readings.len() > DOCUMENTS_MAX {
            return Err(Misbehaviour::TooMuch.into());
        }
        peer.readings.push_back(Reading::Log {
            document: id,
            matched: Some(matched),
        });
        self.readers.entry(id).or_default().insert(sender.conn);
        self.read_later(sender.conn);
        Ok(())
    }

    /// Takes a connection off a document's readers.
    pub(super) fn unsubscribe(&mut self, conn: ConnId, document: DocumentId) {
        if let Some(readers) = self.readers.get_mut(&document) {
            readers.remove(&conn);
            if readers.is_empty() {
                self.readers.remove(&document);
            }
        }
    }

    /// Queues a connection that has something to read.
    pub(super) fn read_later(&mut self, conn: ConnId) {
        if let Some(peer) = self.peer(conn)
            && !peer.is_queued
            && !peer.readings.is_empty()
        {
            peer.is_queued = true;
            self.reading.push_back(conn);
        }
    }

    /// Reads the next chunks. Everything in memory is on disk here.
    pub(super) fn read_on(&mut self) -> Result<(), StoreError> {
        let mut chunks_left = CHUNKS_PER_BATCH;
        while chunks_left > 0
            && let Some(conn) = self.reading.pop_front()
        {
            let Some(connection) = self.connections.get(&conn) else {
                continue;
            };
            let has_room = connection.backlog.has_room_or_waits();
            let Some(peer) = self.peer(conn) else {
                continue;
            };
            peer.is_queued = false;
            if let Some(reading) = peer.readings.front().copied()
                && has_room
            {
                chunks_left -= 1;
                let rest = self.read_chunk(conn, reading)?;
                self.replace_reading(conn, rest);
                self.read_later(conn);
            }
        }
        Ok(())
    }

    fn replace_reading(&mut self, conn: ConnId, rest: Option<Reading>) {
        if let Some(peer) = self.peer(conn) {
            match (rest, peer.readings.front_mut()) {
                (Some(rest), Some(front)) => *front = rest,
                (Some(_), None) => {}
                (None, _) => drop(peer.readings.pop_front()),
            }
        }
    }

    /// Gives one chunk, and what is left to read after it.
    fn read_chunk(
        &mut self,
        conn: ConnId,
        reading: Reading,
    ) -> Result<Option<Reading>, StoreError> {
        let Some(peer) = self.peer(conn) else {
            return Ok(None);
        };
        let (venture, who) = (peer.venture, peer.who);
        match reading {
            Reading::Charter => self.read_charter(conn, venture),
            Reading::Documents { after, only } => {
                self.read_documents(conn, venture, who, after, only)
            }
            Reading::Log { document, matched } => self.read_log(conn, venture, document, matched),
        }
    }

    fn read_charter(&mut self, conn: ConnId, id: VentureId) -> Result<Option<Reading>, StoreError> {
        self.load_venture(id)?;
        let peer = self
            .peer(conn)
            .map(|peer| (peer.charter_sent, peer.standing));
        let (Some((first, standing)), Some(venture)) = (peer, self.ventures.get(&id)) else {
            return Ok(None);
        };
        let end = standing.reads_to(venture.charter.position());
        let mut sent = first;
        if first < end {
            let no = venture.row.no;
            let mut records = self.store.charter_from(no, first, CHUNK_BYTES_SOFT)?;
            records.truncate(usize::try_from(end - first).unwrap_or(usize::MAX));
            sent += records.len() as u64;
            if let Some(frame) = charter_frame(first, records).filter(|_| sent > first) {
                if let Some(peer) = self.peer(conn) {
                    peer.charter_sent = sent;
                }
                self.give(conn, frame);
            }
        }
        match standing {
            _ if first < sent && sent < end => return Ok(Some(Reading::Charter)),
            Standing::Leaving { why, .. } => self.say_farewell(conn, why)?,
            Standing::Inside | Standing::Outside => {}
        }
        Ok(None)
    }

    fn read_documents(
        &mut self,
        conn: ConnId,
        id: VentureId,
        who: Who,
        after: u64,
        only: Option<Space>,
    ) -> Result<Option<Reading>, StoreError> {
        let Who::Device(device) = who else {
            return Ok(None);
        };
        if !self.load_venture(id)? {
            return Ok(None);
        }
        let Some(venture) = self.ventures.get(&id) else {
            return Ok(None);
        };
        let rows = self
            .store
            .documents_after(venture.row.no, after, DOCUMENTS_PER_CHUNK)?;
        let last = rows.last().map(|(_, row, _)| row.no);
        let is_full = rows.len() == DOCUMENTS_PER_CHUNK;
        let charter = &venture.charter;
        let readable = rows.into_iter().filter(|(id, row, _)| {
            only.is_none_or(|only| only == row.space)
                && charter.may_read(device, row.space)
                && !charter.is_deleted_in(row.space, *id)
        });
        let listed = readable.map(|(document, row, seq)| Listed {
            document,
            space: row.space,
            seq,
        });
        let listed: Vec<_> = listed.collect();
        // The list at welcome is there even where it is empty.
        if only.is_some() && listed.is_empty() {
            return Ok(last
                .filter(|_| is_full)
                .map(|after| Reading::Documents { after, only }));
        }
        if let Ok(list) = List::new(listed) {
            self.give(conn, FromRelay::Documents(list).encode().into());
        }
        Ok(last
            .filter(|_| is_full)
            .map(|after| Reading::Documents { after, only }))
    }

    fn read_log(
        &mut self,
        conn: ConnId,
        venture: VentureId,
        id: DocumentId,
        matched: Option<Point>,
    ) -> Result<Option<Reading>, StoreError> {
        self.load_venture(venture)?;
        let document_no = match self.load_document(id, venture)? {
            true => self.documents.get(&id).map(|document| document.row.no),
            false => None,
        };
        let head = self.head_of(venture, id);
        if let Some(matched) = matched {
            let subscribed = FromRelay::Subscribed {
                document: id,
                matched,
                head,
            };
            self.give(conn, subscribed.encode().into());
        }
        let subscription = self
            .peer(conn)
            .and_then(|peer| peer.subscriptions.get(&id).copied());
        let (Some(mut subscription), matched) = (subscription, None) else {
            return Ok(None);
        };
        if let Some(document_no) = document_no.filter(|_| subscription.next <= head.seq) {
            let rows = self
                .store
                .rows_from(document_no, subscription.next, CHUNK_BYTES_SOFT)?;
            let outgoing = rows.iter().map(|row| Outgoing {
                charter_position: row.charter_position,
                envelope: SentRef::Whole(row.envelope.bytes()),
            });
            for frame in entries_frames(id, subscription.next, outgoing) {
                self.give(conn, frame);
            }
            subscription.next += rows.len() as u64;
        }
        subscription.is_live = subscription.next > head.seq;
        if let Some(peer) = self.peer(conn) {
            peer.subscriptions.insert(id, subscription);
        }
        if !subscription.is_live {
            return Ok(Some(Reading::Log {
                document: id,
                matched,
            }));
        }
        self.tally.acks += 1;
        let ack = self.ack(venture, id, head);
        self.give(conn, ack);
        Ok(None)
    }

    /// The end of a document's log, of one that nobody wrote to as well.
    fn head_of(&self, venture: VentureId, id: DocumentId) -> Point {
        let document = self.documents.get(&id).filter(|it| it.venture == venture);
        document.map_or_else(
            || Point {
                seq: 0,
                chain: chain_start(venture, id),
            },
            |document| document.head,
        )
    }

    /// The space of a document that the sender may read. The root of a space may be waited for before it is written
    /// to.
    fn space_to_read(&mut self, sender: Sender, id: DocumentId) -> Result<Option<Space>, Stop> {
        let device = sender.device()?;
        let is_there = self.load_document(id, sender.venture)?;
        let Some(venture) = self.ventures.get(&sender.venture) else {
            return Ok(None);
        };
        let charter = &venture.charter;
        let space = match self.documents.get(&id).filter(|_| is_there) {
            Some(document) => Some(document.space()),
            None => charter
                .spaces()
                .keys()
                .copied()
                .find(|space| DocumentId::root(sender.venture, *space) == id),
        };
        let may_read =
            |space: &Space| charter.may_read(device, *space) && !charter.is_deleted_in(*space, id);
        Ok(space.filter(may_read))
    }

    /// The highest point of the locator that our log has too; its start where there is none.
    fn matched(
        &self,
        venture: VentureId,
        id: DocumentId,
        locator: &Locator,
    ) -> Result<Point, StoreError> {
        let mut best = Point {
            seq: 0,
            chain: chain_start(venture, id),
        };
        for point in locator.iter() {
            if point.seq > best.seq && self.chain_at(id, point.seq)? == Some(point.chain) {
                best = *point;
            }
        }
        Ok(best)
    }
}
