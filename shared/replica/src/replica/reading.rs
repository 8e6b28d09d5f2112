//! Reading a document's log: subscribing, entries, acknowledgements, and giving back what a relay has lost.

use std::collections::BTreeSet;

use heqi_protocol::charter::Standing;
use heqi_protocol::frame::{Attested, LogEntry, NackReason, Place, RestoredEntry, Sent};
use heqi_protocol::limits::ENTRIES_PER_FRAME_MAX;
use heqi_protocol::log::{Ack, Point, chain_next};
use heqi_protocol::{
    Bytes, DeviceId, DocumentId, Envelope, Hash, List, Misbehaviour, StreamId, ToRelay,
};

use super::{Replica, Stage};
use crate::io::Problem;
use crate::paper::{Paper, Reading};
use crate::store::{Applying, LostRow, Ordered, StoreOp, Table, envelope_key, key};

/// Bytes of envelopes in one frame of restored entries.
const RESTORE_BYTES: usize = 2 << 20;
/// Bytes of envelopes in memory from which on those that come are only stored.
const BODIES_BYTES_MAX: usize = 16 << 20;

/// An entry that a relay has lost: its place, its envelope, and the charter position that it had.
type Lost = (u64, Hash, u64);

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
        self.note_owed(document, head.seq);
        self.read_up(document);
        Ok(())
    }

    pub(super) fn entries(
        &mut self,
        document: DocumentId,
        first_seq: u64,
        entries: Vec<LogEntry>,
    ) -> Result<(), Misbehaviour> {
        let Some(paper) = self.papers.get_mut(&document) else {
            return Err(Misbehaviour::OutOfTurn);
        };
        if matches!(paper.reading, Reading::No | Reading::Asked) {
            // Sent before the relay had read our subscription.
            return Ok(());
        }
        if first_seq != paper.log.len() as u64 + 1 {
            return Err(Misbehaviour::BrokenLog);
        }
        let before = paper.log.len() as u64;
        // Beyond that they are read back from the store, a few at a time.
        let held: usize = self.bodies.values().map(|body| body.bytes().len()).sum();
        let keep = held < BODIES_BYTES_MAX;
        for entry in entries {
            self.entry(document, entry, keep)?;
        }
        self.note_given(document);
        self.compare_removals(document, |_, seq| seq > before);
        self.mark_reading(document);
        self.read_up(document);
        self.effects.again = true;
        Ok(())
    }

    fn entry(
        &mut self,
        document: DocumentId,
        entry: LogEntry,
        keep: bool,
    ) -> Result<(), Misbehaviour> {
        let hash = match entry.sent {
            Sent::Yours(hash) if self.has_sent(document, hash) => hash,
            Sent::Yours(_) => return Err(Misbehaviour::BrokenLog),
            Sent::Whole(bytes) => {
                let envelope =
                    Envelope::decode(bytes.into_vec()).map_err(|_| Misbehaviour::BrokenLog)?;
                let hash = envelope.hash();
                let row = StoreOp::Put(envelope_key(hash), envelope.bytes().to_vec());
                self.persist([row]);
                if keep {
                    self.bodies.insert(hash, envelope);
                }
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
                paper.called = None;
            }
        }
        self.persist(ops);
        Ok(())
    }

    /// True where the envelope can have come from here: it is on its way out or on its way back.
    fn has_sent(&self, document: DocumentId, hash: Hash) -> bool {
        let on_its_way = |paper: &Paper| {
            let mut outbox = paper.outbox.values();
            paper.held.contains_key(&hash) || outbox.any(|outgoing| outgoing.row.hash == hash)
        };
        self.bodies.contains_key(&hash) || self.papers.get(&document).is_some_and(on_its_way)
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
        let lost = self.genuine(document, lost);
        let lost = self.without_orphans(document, lost);
        self.give_back(document, lost);
        self.push_outbox(document);
    }

    /// Keeps of lost entries what its author has signed: the rest is the doing of whoever showed it, and stays out.
    fn genuine(&mut self, document: DocumentId, mut lost: Vec<Lost>) -> Vec<Lost> {
        let is_forged = |hash: &Hash| {
            let envelope = self.bodies.get(hash);
            envelope.is_some_and(|envelope| envelope.verify().is_err())
        };
        let forged: Vec<Hash> = lost
            .iter()
            .map(|(_, hash, _)| *hash)
            .filter(is_forged)
            .collect();
        lost.retain(|(_, hash, _)| !forged.contains(hash));
        for hash in forged {
            self.hold_no_more(document, hash);
            self.release(hash);
            self.bodies.remove(&hash);
        }
        lost
    }

    /// Leaves out what only a branch of the charter let stand that gave way: no relay takes it back, and its author seals
    /// it again.
    fn without_orphans(&mut self, document: DocumentId, mut lost: Vec<Lost>) -> Vec<Lost> {
        let orphans: Vec<Hash> = lost
            .iter()
            .filter(|it| self.stood_in_a_branch(it))
            .map(|(_, hash, _)| *hash)
            .collect();
        lost.retain(|(_, hash, _)| !orphans.contains(hash));
        for hash in orphans {
            self.hold_no_more(document, hash);
        }
        lost
    }

    fn stood_in_a_branch(&self, (seq, hash, position): &Lost) -> bool {
        let (Some(charter), Some(envelope)) = (&self.charter, self.bodies.get(hash)) else {
            return false;
        };
        let header = &envelope.header;
        let is_ahead = header.generation > charter.generation_in(header.space, header.document);
        let stands = charter.judge(header, *hash, *seq, *position);
        self.is_orphan(envelope)
            && (is_ahead || *position <= charter.position() && stands == Standing::Forbidden)
    }

    fn hold_no_more(&mut self, document: DocumentId, hash: Hash) {
        self.persist([StoreOp::Delete(key(Table::Held, &(document, hash)))]);
        if let Some(paper) = self.papers.get_mut(&document) {
            paper.held.remove(&hash);
        }
    }

    /// Sends lost entries, those that were acknowledged along with what shows it.
    fn give_back(&mut self, document: DocumentId, mut lost: Vec<Lost>) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let ops = paper.forget_lost();
        let acknowledged = paper.lost.clone();
        self.persist(ops);
        for acknowledged in &acknowledged {
            let places = acknowledged.places.iter();
            let places: BTreeSet<_> = places
                .map(|place| (place.envelope, place.charter_position))
                .collect();
            let is_covered = |(_, hash, position): &Lost| places.contains(&(*hash, *position));
            let covered: Vec<_> = lost.extract_if(.., |it| is_covered(it)).collect();
            if !covered.is_empty() {
                self.give_back_acknowledged(document, acknowledged, covered);
            }
        }
        self.send_lost(document, &lost);
    }

    /// Shows runs of what was acknowledged from the end, for each leads to the next one, and sends what is lost of them
    /// from the beginning.
    fn give_back_acknowledged(
        &mut self,
        document: DocumentId,
        acknowledged: &LostRow,
        mut lost: Vec<Lost>,
    ) {
        let mut before = acknowledged.before;
        let mut runs = Vec::new();
        for places in acknowledged.places.chunks(ENTRIES_PER_FRAME_MAX) {
            runs.push((before, places));
            before = places.iter().fold(before, |chain, place| {
                chain_next(chain, place.envelope, place.charter_position)
            });
        }
        for (index, run) in runs.iter().enumerate().rev() {
            let is_last = index + 1 == runs.len();
            self.send_proof(*run, is_last.then_some(acknowledged.ack));
        }
        for (index, run) in runs.iter().enumerate() {
            if index > 0 {
                self.send_proof(*run, None);
            }
            let places: BTreeSet<_> = run.1.iter().map(|place| place.envelope).collect();
            let of_run: Vec<_> = lost
                .extract_if(.., |(_, hash, _)| places.contains(hash))
                .collect();
            self.send_lost(document, &of_run);
        }
    }

    fn send_proof(&mut self, (before, places): (Hash, &[Place]), ack: Option<Ack>) {
        self.send(ToRelay::Prove {
            before,
            places: List::new(places.to_vec()).expect("runs are cut at the limit"),
            ack,
        });
    }

    /// Sends lost entries in runs of consecutive places.
    fn send_lost(&mut self, document: DocumentId, lost: &[Lost]) {
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
        let me = self.secrets.device();
        let Some(paper) = self.papers.get_mut(&ack.document) else {
            return Ok(());
        };
        if matches!(paper.reading, Reading::No | Reading::Asked) {
            return Ok(());
        }
        match paper.point(ack.point.seq) {
            Some(point) if point == ack.point => {}
            Some(_) => return Err(Misbehaviour::ForkedLog),
            // Ahead of the entries, which must come.
            None => {
                self.note_owed(ack.document, ack.point.seq);
                return Ok(());
            }
        }
        let ops = take_ack(paper, ack, me, &mut self.bodies);
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
            NackReason::Gap { have } => {
                if self.is_new_gap(document, stream, have) {
                    self.send_again(document, stream, have);
                }
            }
            NackReason::StaleEpoch { current }
                if self.is_stale(document, stream, dseq, current) =>
            {
                self.seal_again(document, stream, dseq);
            }
            // The answer to one that was sent twice: it is sealed again already.
            NackReason::StaleEpoch { .. } if !self.is_outgoing(document, stream, dseq) => {}
            NackReason::StaleEpoch { .. } => self.note_called(document),
            NackReason::RestoreFirst => self.subscribe_again(document),
            NackReason::Forbidden if self.end_brought(document, stream, dseq) => {}
            NackReason::Forbidden if self.set_barred(document) => {}
            // It goes out again once somebody has given the space new keys.
            NackReason::KeysDue => {}
            reason => self.session.problem = Some(Problem::Nack(reason)),
        }
    }

    /// Notes that own envelopes are not taken; false where the charter, as far as it is here, does not say why.
    fn set_barred(&mut self, document: DocumentId) -> bool {
        let Some(paper) = self.papers.get_mut(&document) else {
            return false;
        };
        paper.barred = true;
        let space = paper.space;
        self.is_barred(space)
    }

    /// True where the relay stands further in that stream than when it last told of a gap on this connection: each
    /// envelope after a gap is refused, and one answer serves for all.
    fn is_new_gap(&mut self, document: DocumentId, stream: StreamId, have: u64) -> bool {
        if self.outgoing(document, stream).next().is_none() {
            return false;
        }
        let before = self.session.resent.insert(stream, have);
        before.is_none_or(|before| before < have)
    }

    /// True where the envelope was sealed with an older key than `current` or for an older generation of its document,
    /// and sealing it again would help.
    fn is_stale(&self, document: DocumentId, stream: StreamId, dseq: u64, current: u32) -> bool {
        let sealed = self
            .outgoing(document, stream)
            .find(|envelope| envelope.header.dseq == dseq);
        let (Some(envelope), Some(charter)) = (sealed, &self.charter) else {
            return false;
        };
        let header = &envelope.header;
        let newest = charter.spaces().get(&header.space);
        header.epoch < current && newest.is_some_and(|newest| newest.epoch >= current)
            || header.generation < charter.generation_in(header.space, document)
    }

    fn is_outgoing(&self, document: DocumentId, stream: StreamId, dseq: u64) -> bool {
        let mut outgoing = self.outgoing(document, stream);
        outgoing.any(|envelope| envelope.header.dseq == dseq)
    }

    /// Envelopes of a stream that are on their way out.
    fn outgoing(&self, document: DocumentId, stream: StreamId) -> impl Iterator<Item = &Envelope> {
        let paper = self.papers.get(&document);
        paper
            .into_iter()
            .flat_map(|paper| paper.outbox.values())
            .filter_map(|outgoing| self.bodies.get(&outgoing.row.hash))
            .filter(move |envelope| envelope.header.stream == stream)
    }

    /// The store's answer: bodies that were asked for.
    pub(super) fn fetched(&mut self, found: Vec<(Hash, Option<Vec<u8>>)>) {
        let mut missing = Vec::new();
        let asked: BTreeSet<_> = found.iter().map(|(hash, _)| *hash).collect();
        for (hash, bytes) in found {
            self.fetching.remove(&hash);
            match bytes.and_then(|bytes| Envelope::decode(bytes).ok()) {
                Some(envelope) if envelope.hash() == hash => {
                    self.bodies.insert(hash, envelope);
                }
                _ => missing.push(hash),
            }
        }
        self.session.fetching = false;
        for paper in self.papers.values_mut() {
            paper.look_again();
        }
        if !missing.is_empty() {
            self.session.problem = Some(Problem::EnvelopeMissing);
            self.forget(&missing);
        }
        self.exported();
        let documents: Vec<_> = self.papers.keys().copied().collect();
        for document in documents {
            self.restore_lost(document);
            let goes_out = self.papers.get(&document).is_some_and(|paper| {
                let mut outbox = paper.outbox.values();
                outbox.any(|outgoing| asked.contains(&outgoing.row.hash))
            });
            if goes_out {
                self.push_outbox(document);
            }
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
                if paper.waiting.remove(hash) {
                    ops.push(StoreOp::Delete(key(Table::Waiting, &(paper.id, *hash))));
                }
            }
        }
        self.persist(ops);
        for hash in missing {
            self.quarantine(*hash, "this store does not hold it", None);
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
    me: DeviceId,
    bodies: &mut std::collections::BTreeMap<Hash, Envelope>,
) -> Vec<StoreOp> {
    let done: Vec<_> = paper
        .outbox
        .iter()
        .filter_map(|(number, outgoing)| Some((*number, outgoing.row.hash, outgoing.seq?)))
        .filter(|(_, _, seq)| *seq <= ack.point.seq)
        .collect();
    let mut ops = Vec::new();
    for (number, hash, seq) in done {
        paper.outbox.remove(&number);
        if let Some(envelope) = bodies.get(&hash).filter(|it| it.header.device == me) {
            paper.own_last = Some(envelope.position());
        }
        if seq <= paper.applied {
            bodies.remove(&hash);
        }
        ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
    }
    // An older word said again must not take the place of a newer one, which would prove that the relay lost data.
    let is_older = |old: Ack| old.incarnation == ack.incarnation && old.point.seq > ack.point.seq;
    if !paper.ack.is_some_and(is_older) {
        paper.ack = Some(ack);
    }
    ops.push(paper.put_row());
    ops
}
