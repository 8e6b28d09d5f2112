//! What a batch means to those who are connected: new charter entries, documents and log entries.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use heqi_protocol::frame::{CharterRecord, Listed};
use heqi_protocol::handshake::Who;
use heqi_protocol::limits::DOCUMENTS_PER_FRAME_MAX;
use heqi_protocol::{DocumentId, FromRelay, List, Space, VentureId};

use super::Core;
use super::connection::{Reading, Sender};
use super::standing::Standing;
use crate::fanout::{
    BACKLOG_BYTES_MAX, CHUNK_BYTES_SOFT, ConnId, Outgoing, SentRef, entries_frames,
};
use crate::log::CharterSuffix;
use crate::log::row::LogRow;

impl Core {
    pub(super) fn push_charter(&mut self, venture: VentureId, suffix: &CharterSuffix) {
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
    pub(super) fn list_opened(&mut self, opened: &[DocumentId]) {
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
    pub(super) fn fan_out(
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
