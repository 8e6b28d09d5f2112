//! Own edits on their way out: sealed when they can be sent, kept as sealed bytes before they are.

use heqi_protocol::envelope::{ENVELOPE_VERSION, Header, Position, Prev};
use heqi_protocol::log::Seen;
use heqi_protocol::{Bytes, DocumentId, Envelope, Hash, List, StreamId, ToRelay, encode};

use super::Replica;
use crate::io::Problem;
use crate::paper::{Outgoing, Reading};
use crate::seal::{BATCH_BYTES_MAX, BATCH_CHANGES_MAX, Batch, Made, open, seal};
use crate::store::{OpenStream, Ordered, OutboxRow, Phase, StoreOp, Table, envelope_key, key};

/// Pause before edits that could not be sealed are tried again.
const SEAL_RETRY_MS: u64 = 10_000;

impl Replica {
    /// Seals edits whose time has come, where they can be sent at once.
    pub(super) fn seal_if_due(&mut self) {
        if !self.is_live() {
            return;
        }
        let now = self.now;
        let due: Vec<_> = self
            .papers
            .values()
            .filter(|paper| {
                paper.reading == Reading::Done && paper.seal_at.is_some_and(|at| at <= now)
            })
            .filter(|paper| self.takes_edits(paper.space))
            .map(|paper| paper.id)
            .collect();
        for document in due {
            while self.seal_batch(document) {}
            // A key that is missing does not come by asking for it at once again.
            if let Some(paper) = self.papers.get_mut(&document)
                && !paper.unsealed.is_empty()
            {
                paper.seal_at = Some(now + SEAL_RETRY_MS);
            }
        }
    }

    /// False while the space waits for new keys, for what is sealed now would have to be sealed again, and where this
    /// device may not write.
    pub(super) fn takes_edits(&self, space: heqi_protocol::Space) -> bool {
        let epoch = self.charter.as_ref().and_then(|it| it.spaces().get(&space));
        epoch.is_some_and(|epoch| !epoch.is_due) && !self.is_barred(space)
    }

    /// True where this device is a member's who may not write to the space as the charter stands.
    pub(super) fn is_barred(&self, space: heqi_protocol::Space) -> bool {
        let (me, charter) = (self.secrets.device(), self.charter.as_ref());
        let may_write =
            charter.is_none_or(|charter| charter.may_write_at(me, space, charter.position()));
        matches!(self.profile.phase, Phase::Member) && !may_write
    }

    /// Tells of unsent edits that no relay takes.
    pub(super) fn barred(&self) -> Option<Problem> {
        let mut unsent = self.papers.values().filter(|paper| paper.pending() > 0);
        let is_barred = unsent.any(|paper| self.is_barred(paper.space));
        is_barred.then_some(Problem::MayNotWrite)
    }

    /// Sends again what the relay did not take while this device might not write.
    pub(super) fn push_barred(&mut self) {
        let barred = self.papers.values().filter(|paper| paper.barred);
        let free: Vec<_> = barred
            .filter(|paper| !self.is_barred(paper.space))
            .map(|paper| paper.id)
            .collect();
        for document in free {
            if let Some(paper) = self.papers.get_mut(&document) {
                paper.barred = false;
            }
            self.push_outbox(document);
        }
    }

    /// Sends again what was sealed with an older key than the newest, or for an older generation: a relay that has not
    /// taken it says so, and it is sealed again.
    pub(super) fn push_stale(&mut self) {
        let Some(charter) = &self.charter else { return };
        let is_stale = |hash: &Hash| {
            let header = self.bodies.get(hash).map(|envelope| &envelope.header);
            header.is_some_and(|header| {
                let newest = charter.spaces().get(&header.space);
                newest.is_some_and(|newest| header.epoch < newest.epoch)
                    || header.generation < charter.generation_in(header.space, header.document)
            })
        };
        let stale = self.papers.values().filter(|paper| {
            let mut unplaced = paper.outbox.values().filter(|out| out.seq.is_none());
            unplaced.any(|out| is_stale(&out.row.hash))
        });
        let documents: Vec<_> = stale.map(|paper| paper.id).collect();
        for document in documents {
            if let Some(paper) = self.papers.get_mut(&document) {
                paper.called = None;
            }
            self.push_outbox(document);
        }
    }

    /// Seals one envelope; false where nothing is left.
    pub(super) fn seal_batch(&mut self, document: DocumentId) -> bool {
        let Some((header, numbers, batch)) = self.next_batch(document) else {
            return false;
        };
        let Some(key_of_space) = self.keyring.key(header.space, header.epoch) else {
            return false;
        };
        let envelope = seal(&header, &batch, key_of_space, &self.secrets);
        let changes = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let mut ops = vec![
            StoreOp::Put(envelope_key(envelope.hash()), envelope.bytes().to_vec()),
            self.enqueue(document, envelope.hash(), changes),
        ];
        let Some(paper) = self.papers.get_mut(&document) else {
            return false;
        };
        for unsealed in numbers {
            paper.unsealed.remove(&unsealed);
            let unsealed = Ordered::new(unsealed);
            ops.push(StoreOp::Delete(key(Table::Unsealed, &(document, unsealed))));
        }
        paper.stream = Some(OpenStream {
            id: header.stream,
            dseq: header.dseq,
            hash: envelope.hash(),
        });
        if paper.unsealed.is_empty() {
            paper.seal_at = None;
        }
        self.persist(ops);
        self.send_envelope(&envelope);
        self.bodies.insert(envelope.hash(), envelope);
        true
    }

    /// Puts an envelope at the end of the outbox, and tells the row that keeps it there.
    pub(super) fn enqueue(&mut self, document: DocumentId, hash: Hash, changes: u32) -> StoreOp {
        let taken = self
            .papers
            .values()
            .flat_map(|paper| paper.outbox.keys().copied());
        let number = Self::next_number(taken);
        let row = OutboxRow {
            document,
            hash,
            changes,
        };
        if let Some(paper) = self.papers.get_mut(&document) {
            let outgoing = Outgoing { row, seq: None };
            paper.outbox.insert(number.number(), outgoing);
        }
        StoreOp::Put(key(Table::Outbox, &number), encode(&row))
    }

    fn next_batch(&mut self, document: DocumentId) -> Option<(Header, Vec<u64>, Batch)> {
        // Who may not write any more has the keys of before, and a file for a manager is sealed with them.
        let space = self.papers.get(&document)?.space;
        let epoch = match self.is_removed() || self.is_barred(space) {
            true => self.keyring.newest(space)?,
            false => self.charter.as_ref()?.spaces().get(&space)?.epoch,
        };
        let nonce = self.draw();
        let new_stream = StreamId(self.draw());
        let charter = self.charter.as_ref()?;
        let paper = self.papers.get_mut(&document)?;
        let mut numbers = Vec::new();
        let mut changes: Vec<Made> = Vec::new();
        let mut bytes = 0;
        for (number, made) in &paper.unsealed {
            let full = bytes + made.change.len() > BATCH_BYTES_MAX;
            if !changes.is_empty() && (full || changes.len() == BATCH_CHANGES_MAX) {
                break;
            }
            bytes += made.change.len();
            numbers.push(*number);
            changes.push(made.clone());
        }
        if changes.is_empty() {
            paper.seal_at = None;
            return None;
        }
        let (stream, dseq, prev) = match paper.stream {
            Some(open) => (open.id, open.dseq + 1, Prev::Next { hash: open.hash }),
            None => {
                let acknowledged = paper.own_last;
                (new_stream, 1, Prev::First { acknowledged })
            }
        };
        let header = Header {
            version: ENVELOPE_VERSION,
            venture: charter.venture(),
            space: paper.space,
            document,
            opens: None,
            generation: charter.generation_in(paper.space, document),
            epoch,
            device: self.secrets.device(),
            stream,
            dseq,
            prev,
            seen: Seen {
                incarnation: paper.incarnation,
                point: paper.head(),
                charter_head: charter.head(),
            },
            nonce,
        };
        let changes = List::new(changes).expect("batches are cut at the limit");
        let at_ms = self.now;
        Some((header, numbers, Batch { at_ms, changes }))
    }

    /// Sends what is in the outbox and not yet in the log.
    pub(super) fn push_outbox(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get(&document) else {
            return;
        };
        if paper.reading != Reading::Done {
            return;
        }
        let waiting = paper
            .outbox
            .values()
            .filter(|outgoing| outgoing.seq.is_none());
        // What the store has lost cannot be sent; what follows it in its stream is sealed again.
        let hashes: Vec<_> = waiting
            .map(|outgoing| outgoing.row.hash)
            .filter(|hash| !self.quarantined.contains_key(hash))
            .collect();
        let missing: Vec<_> = hashes
            .iter()
            .copied()
            .filter(|hash| !self.bodies.contains_key(hash))
            .collect();
        if !missing.is_empty() {
            self.effects.fetch.extend(missing);
            return;
        }
        let me = self.secrets.device();
        for hash in hashes {
            let Some(envelope) = self.bodies.get(&hash).cloned() else {
                continue;
            };
            let charter = self.charter.as_ref();
            let is_brought = envelope.header.device != me;
            if !is_brought || charter.is_some_and(|it| it.takes_in(&envelope.header, hash)) {
                self.send_envelope(&envelope);
            }
        }
    }

    pub(super) fn fetch_outgoing(&mut self) {
        let outgoing = self.papers.values().flat_map(|paper| {
            let held = paper.held.keys().copied();
            let outbox = paper.outbox.values().map(|outgoing| outgoing.row.hash);
            held.chain(outbox)
        });
        let hashes: Vec<Hash> = outgoing.collect();
        self.effects.fetch.extend(hashes);
    }

    /// Sends a stream again from where the relay stands.
    pub(super) fn send_again(&mut self, document: DocumentId, stream: StreamId, have: u64) {
        let Some(paper) = self.papers.get(&document) else {
            return;
        };
        let mut again: Vec<Envelope> = paper
            .outbox
            .values()
            .filter_map(|outgoing| self.bodies.get(&outgoing.row.hash))
            .filter(|envelope| envelope.header.stream == stream && envelope.header.dseq > have)
            .cloned()
            .collect();
        again.sort_by_key(|envelope| envelope.header.dseq);
        if again
            .first()
            .is_none_or(|first| first.header.dseq != have + 1)
        {
            // What comes between is nowhere: the same changes go out in a stream of their own.
            let first = again.first().map(|envelope| envelope.header.dseq);
            if let Some(first) = first
                && !self.end_brought(document, stream, first)
            {
                self.seal_again(document, stream, first);
            }
            return;
        }
        for envelope in &again {
            self.send_envelope(envelope);
        }
    }

    /// Takes the changes of a stream's unacknowledged envelopes from `dseq` on back, to be sealed in a new stream.
    pub(super) fn seal_again(&mut self, document: DocumentId, stream: StreamId, dseq: u64) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let stale: Vec<(u64, Envelope)> = paper
            .outbox
            .iter()
            .filter(|(_, outgoing)| outgoing.seq.is_none())
            .filter_map(|(number, outgoing)| {
                Some((*number, self.bodies.get(&outgoing.row.hash)?.clone()))
            })
            // What was brought for somebody else is theirs: nobody may seal it in their place.
            .filter(|(_, envelope)| envelope.header.device == self.secrets.device())
            .filter(|(_, envelope)| {
                envelope.header.stream == stream && envelope.header.dseq >= dseq
            })
            .collect();
        let mut ops = Vec::new();
        for (number, envelope) in stale {
            let header = &envelope.header;
            let Some(key_of_space) = self.keyring.key(header.space, header.epoch) else {
                continue;
            };
            let Ok(batch) = open(&envelope, key_of_space) else {
                continue;
            };
            for made in batch.changes.into_vec() {
                let unsealed = paper.unsealed_next;
                paper.unsealed_next += 1;
                let place = (document, Ordered::new(unsealed));
                ops.push(StoreOp::Put(key(Table::Unsealed, &place), encode(&made)));
                paper.unsealed.insert(unsealed, made);
            }
            paper.outbox.remove(&number);
            ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
        }
        if paper.stream.is_some_and(|open| open.id == stream) {
            paper.stream = None;
        }
        paper.seal_at = Some(self.now);
        self.persist(ops);
    }

    fn send_envelope(&mut self, envelope: &Envelope) {
        if !self.is_live() {
            return;
        }
        let bytes = Bytes::new(envelope.bytes().to_vec())
            .expect("an envelope that decoded is within the limit");
        self.send(ToRelay::Append(bytes));
    }

    /// Where the newest own envelope of the plan stands, for those who ask about the log.
    pub fn own_last(&self) -> Option<Position> {
        self.root(heqi_protocol::Space::Plan)?.own_last
    }
}
