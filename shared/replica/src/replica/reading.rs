//! Reading a document's log: subscribing, entries, acknowledgements, and giving back what a relay has lost.

use heqi_protocol::frame::{Attested, LogEntry, NackReason, RestoredEntry, Sent};
use heqi_protocol::limits::ENTRIES_PER_FRAME_MAX;
use heqi_protocol::log::{Ack, Point};
use heqi_protocol::{Bytes, DocumentId, Envelope, Hash, List, Misbehaviour, StreamId, ToRelay};

use super::{Replica, Stage};
use crate::io::Problem;
use crate::paper::{Paper, Reading};
use crate::store::{Applying, Ordered, StoreOp, Table, envelope_key, key};

/// Bytes of envelopes in one frame of restored entries.
const RESTORE_BYTES: usize = 2 << 20;

impl Replica {
    pub(super) fn subscribe(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        paper.reading = Reading::Asked;
        let locator = paper.locator();
        self.send(ToRelay::Subscribe { document, locator });
    }

    /// Subscribes where no answer to an earlier subscription is still to come: it would tell of an older place.
    pub(super) fn subscribe_again(&mut self, document: DocumentId) {
        let asked = |paper: &Paper| paper.reading == Reading::Asked;
        if self.is_live() && !self.papers.get(&document).is_some_and(asked) {
            self.subscribe(document);
        }
    }

    pub(super) fn subscribed(
        &mut self,
        document: DocumentId,
        matched: Point,
        head: Point,
    ) -> Result<(), Misbehaviour> {
        if self.session.attested {
            return Err(Misbehaviour::RolledBack);
        }
        let incarnation = self.session.incarnation;
        let paper = self
            .papers
            .get_mut(&document)
            .filter(|paper| paper.reading == Reading::Asked)
            .ok_or(Misbehaviour::OutOfTurn)?;
        if paper.point(matched.seq) != Some(matched) || head.seq < matched.seq {
            return Err(Misbehaviour::BrokenLog);
        }
        // An acknowledgement of this life, or of one that the relay has yet to come to, and it does not have what it
        // acknowledged: an honest relay that lost data begins a new life when it is shown that.
        let lost = paper.ack.filter(|ack| match incarnation {
            Some(now) if ack.incarnation == now => ack.point.seq > matched.seq,
            Some(now) => ack.incarnation > now,
            None => false,
        });
        if let Some(ack) = lost {
            if std::mem::replace(&mut paper.attested, true) {
                return Err(Misbehaviour::RolledBack);
            }
            self.send(ToRelay::Attest(Attested::Log(ack)));
            // An honest relay closes before it answers this.
            self.subscribe(document);
            return Ok(());
        }
        if paper.incarnation.is_some() && paper.incarnation != incarnation {
            self.session.relay_restored = true;
        }
        paper.incarnation = incarnation;
        paper.reading = Reading::To(head);
        let ops = paper.cut(matched.seq);
        self.persist(ops);
        self.read_up(document);
        Ok(())
    }

    pub(super) fn entries(
        &mut self,
        document: DocumentId,
        first_seq: u64,
        entries: Vec<LogEntry>,
    ) -> Result<(), Misbehaviour> {
        let paper = self
            .papers
            .get_mut(&document)
            .ok_or(Misbehaviour::OutOfTurn)?;
        if matches!(paper.reading, Reading::No | Reading::Asked) {
            // Sent before the relay had read our subscription.
            return Ok(());
        }
        if first_seq != paper.log.len() as u64 + 1 {
            return Err(Misbehaviour::BrokenLog);
        }
        for entry in entries {
            self.entry(document, entry)?;
        }
        self.mark_reading(document);
        self.read_up(document);
        self.effects.again = true;
        Ok(())
    }

    fn entry(&mut self, document: DocumentId, entry: LogEntry) -> Result<(), Misbehaviour> {
        let hash = match entry.sent {
            Sent::Yours(hash) => hash,
            Sent::Whole(bytes) => {
                let envelope =
                    Envelope::decode(bytes.into_vec()).map_err(|_| Misbehaviour::BrokenLog)?;
                let hash = envelope.hash();
                let row = StoreOp::Put(envelope_key(hash), envelope.bytes().to_vec());
                self.persist([row]);
                self.bodies.insert(hash, envelope);
                hash
            }
        };
        let Some(paper) = self.papers.get_mut(&document) else {
            return Ok(());
        };
        let mut ops = vec![paper.push(hash, entry.charter_position)];
        if paper.held.remove(&hash).is_some() {
            ops.push(StoreOp::Delete(key(Table::Held, &(document, hash))));
        }
        let seq = paper.log.len() as u64;
        for outgoing in paper.outbox.values_mut() {
            if outgoing.row.hash == hash {
                outgoing.seq = Some(seq);
            }
        }
        self.persist(ops);
        Ok(())
    }

    /// Notes, along with the entries themselves, that they are about to be applied.
    fn mark_reading(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get(&document) else {
            return;
        };
        if paper.applying.is_none() {
            let seq = paper.applied + 1;
            self.mark_applying(document, Applying { seq, tries: 0 });
        }
    }

    /// Goes on once everything up to the head at subscription has been read.
    fn read_up(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let Reading::To(head) = paper.reading else {
            return;
        };
        if (paper.log.len() as u64) < head.seq {
            return;
        }
        paper.reading = Reading::Restoring;
        self.restore_lost(document);
    }

    /// Offers the relay what it has lost, then what it never had.
    pub(super) fn restore_lost(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        if paper.reading != Reading::Restoring {
            return;
        }
        let mut lost: Vec<_> = paper
            .held
            .iter()
            .map(|(hash, row)| (row.seq, *hash, row.charter_position))
            .collect();
        lost.sort_unstable();
        let missing: Vec<_> = lost
            .iter()
            .map(|(_, hash, _)| *hash)
            .filter(|hash| !self.bodies.contains_key(hash))
            .collect();
        if !missing.is_empty() {
            self.effects.fetch.extend(missing);
            return;
        }
        paper.reading = Reading::Done;
        self.send_lost(document, &lost);
        self.push_outbox(document);
    }

    /// Sends lost entries in runs of consecutive places.
    fn send_lost(&mut self, document: DocumentId, lost: &[(u64, Hash, u64)]) {
        let mut run: Vec<RestoredEntry> = Vec::new();
        let mut first_seq = 0;
        let mut bytes = 0;
        for (seq, hash, charter_position) in lost {
            let Some(envelope) = self.bodies.get(hash) else {
                continue;
            };
            let body = Bytes::new(envelope.bytes().to_vec())
                .expect("an envelope that decoded is within the limit");
            let follows = first_seq + run.len() as u64 == *seq;
            let full = bytes + body.len() > RESTORE_BYTES || run.len() == ENTRIES_PER_FRAME_MAX;
            if !run.is_empty() && (!follows || full) {
                self.send_run(document, first_seq, std::mem::take(&mut run));
            }
            if run.is_empty() {
                first_seq = *seq;
                bytes = 0;
            }
            bytes += body.len();
            run.push(RestoredEntry {
                charter_position: *charter_position,
                envelope: body,
            });
        }
        if !run.is_empty() {
            self.send_run(document, first_seq, run);
        }
    }

    fn send_run(&mut self, document: DocumentId, first_seq: u64, run: Vec<RestoredEntry>) {
        self.send(ToRelay::Restore {
            document,
            first_seq,
            entries: List::new(run).expect("runs are cut at the limit"),
        });
    }

    pub(super) fn acknowledged(&mut self, ack: Ack) -> Result<(), Misbehaviour> {
        let Some(charter) = &self.charter else {
            return Err(Misbehaviour::OutOfTurn);
        };
        if ack.venture != charter.venture() || Some(ack.incarnation) != self.session.incarnation {
            return Err(Misbehaviour::ForgedAck);
        }
        ack.verify(charter.relay())
            .map_err(|_| Misbehaviour::BadSignature)?;
        let Some(paper) = self.papers.get_mut(&ack.document) else {
            return Ok(());
        };
        if matches!(paper.reading, Reading::No | Reading::Asked) {
            return Ok(());
        }
        match paper.point(ack.point.seq) {
            Some(point) if point == ack.point => {}
            Some(_) => return Err(Misbehaviour::ForkedLog),
            // Ahead of the entries; the next one covers it.
            None => return Ok(()),
        }
        let ops = take_ack(paper, ack, &self.bodies);
        self.persist(ops);
        Ok(())
    }

    pub(super) fn nacked(
        &mut self,
        document: DocumentId,
        stream: StreamId,
        dseq: u64,
        reason: NackReason,
    ) {
        match reason {
            NackReason::Gap { have } if self.resends(stream) => {
                self.send_again(document, stream, have);
            }
            // The nacks of what followed it in its stream.
            NackReason::Gap { .. } => {}
            NackReason::StaleEpoch { current } if self.has_epoch(document, current) => {
                self.seal_again(document, stream, dseq);
            }
            NackReason::RestoreFirst => self.subscribe_again(document),
            reason => self.session.problem = Some(Problem::Nack(reason)),
        }
    }

    /// The store's answer: bodies that were asked for.
    pub(super) fn fetched(&mut self, found: Vec<(Hash, Option<Vec<u8>>)>) {
        let mut missing = Vec::new();
        for (hash, bytes) in found {
            match bytes.and_then(|bytes| Envelope::decode(bytes).ok()) {
                Some(envelope) if envelope.hash() == hash => {
                    self.bodies.insert(hash, envelope);
                }
                _ => missing.push(hash),
            }
        }
        self.session.fetching = false;
        if !missing.is_empty() {
            self.session.problem = Some(Problem::EnvelopeMissing);
            self.forget(&missing);
        }
        let documents: Vec<_> = self.papers.keys().copied().collect();
        for document in documents {
            self.restore_lost(document);
            self.push_outbox(document);
        }
        self.effects.again = true;
    }

    /// Goes on without envelopes that the store has lost.
    fn forget(&mut self, missing: &[Hash]) {
        let mut ops = Vec::new();
        for paper in self.papers.values_mut() {
            for hash in missing {
                if paper.held.remove(hash).is_some() {
                    ops.push(StoreOp::Delete(key(Table::Held, &(paper.id, *hash))));
                }
                paper.waiting.remove(hash);
            }
        }
        self.persist(ops);
        for hash in missing {
            self.quarantine(*hash, "this store does not hold it");
        }
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.session.stage, Stage::Live)
    }
}

/// Takes envelopes that an acknowledgement covers out of the outbox.
fn take_ack(
    paper: &mut Paper,
    ack: Ack,
    bodies: &std::collections::BTreeMap<Hash, Envelope>,
) -> Vec<StoreOp> {
    let done: Vec<_> = paper
        .outbox
        .iter()
        .filter(|(_, outgoing)| outgoing.seq.is_some_and(|seq| seq <= ack.point.seq))
        .map(|(number, outgoing)| (*number, outgoing.row.hash))
        .collect();
    let mut ops = Vec::new();
    for (number, hash) in done {
        paper.outbox.remove(&number);
        if let Some(envelope) = bodies.get(&hash) {
            paper.own_last = Some(envelope.position());
        }
        ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
    }
    paper.ack = Some(ack);
    ops.push(paper.put_row());
    ops
}
