//! One document of a replica: its log as read, the changes in it, and what is on its way out.

use std::collections::{BTreeMap, BTreeSet};

use automerge::Change;
use heqi_domain::plan::{Plan, PlanDiff};
use heqi_domain::{Authors, Candidate, History, Op, RecordId};
use heqi_protocol::charter::Charter;
use heqi_protocol::envelope::Position;
use heqi_protocol::frame;
use heqi_protocol::log::{Ack, Incarnation, Locator, Point, chain_next, chain_start};
use heqi_protocol::sign::digest;
use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, Space, StreamId, VentureId};

use crate::document::{Document, RegisterKey};
use crate::io::Problem;
use crate::seal::Made;
use crate::store::{
    Applying, DocumentRow, HeldRow, LateRow, LogRow, LostRow, OpenStream, Ordered, OutboxRow,
    StoreOp, Table, key,
};
use crate::validate::Validator;

mod editing;
mod waiting;

use heqi_protocol::encode;
pub(crate) use waiting::Waiting;

/// Journal rows before which the document is not saved whole.
const JOURNAL_ROWS_MAX: usize = 2_000;

/// How far the reading of a document's log is on the present connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    No,
    Asked,
    /// Up to this head before anything may be sent.
    To(Point),
    /// Everything is read; what the relay has lost is being fetched for it.
    Restoring,
    /// Up to date: edits go out.
    Done,
}

/// A place in the log of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) hash: Hash,
    pub(crate) charter_position: u64,
    pub(crate) chain: Hash,
}

/// An envelope of ours that is not yet acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub(crate) row: OutboxRow,
    /// Where the relay put it, once seen in the log.
    pub(crate) seq: Option<u64>,
}

/// A place in a log that the relay has named, and that what it gave does not reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owed {
    pub(crate) seq: u64,
    /// When it is asked for again.
    pub(crate) due_at: u64,
    /// Times that it was asked for again.
    pub(crate) asked: u32,
}

/// A document and everything a replica keeps about it.
pub(crate) struct Paper {
    pub(crate) id: DocumentId,
    pub(crate) space: Space,
    pub(crate) document: Document,
    pub(crate) validator: Validator,
    pub(crate) plan: Plan,
    pub(crate) log: Vec<Place>,
    pub(crate) applied: u64,
    pub(crate) incarnation: Option<Incarnation>,
    pub(crate) ack: Option<Ack>,
    pub(crate) own_last: Option<Position>,
    pub(crate) reading: Reading,
    /// What the relay has named of this log on this connection and not given yet.
    pub(crate) owed: Option<Owed>,
    /// The relay was shown on this connection that it has lost some of this log.
    pub(crate) attested: bool,
    pub(crate) held: BTreeMap<Hash, HeldRow>,
    /// How what is held was acknowledged.
    pub(crate) lost: Vec<LostRow>,
    pub(crate) waiting: Waiting,
    /// Envelopes of removed devices that came too late.
    pub(crate) late: BTreeMap<Hash, LateRow>,
    /// Envelopes of a branch of the charter that gave way: own ones among them are sealed again.
    pub(crate) orphans: BTreeSet<Hash>,
    /// They are to be looked at now.
    pub(crate) adopts: bool,
    /// Own edits that no log holds may be missing from the document, because it was made anew.
    pub(crate) hides: bool,
    /// They are to be put back now.
    pub(crate) shows: bool,
    /// The document may hold changes of entries that are to be judged anew.
    pub(crate) rejudges: bool,
    /// The relay has not taken own envelopes, because their author may not write.
    pub(crate) barred: bool,
    /// Why nothing more can be applied, and from when on people are told.
    pub(crate) stalled: Option<(u64, Problem)>,
    /// From when on people are told that the relay calls for newer keys and does not show them.
    pub(crate) called: Option<u64>,
    pub(crate) applying: Option<Applying>,
    /// Entries up to here are applied one at a time, each noted before, since applying ended a process.
    pub(crate) careful_to: u64,
    /// The entry that was noted in an earlier call as about to be applied alone.
    pub(crate) noted: Option<u64>,
    pub(crate) unsealed: BTreeMap<u64, Made>,
    pub(crate) unsealed_next: u64,
    pub(crate) outbox: BTreeMap<u64, Outgoing>,
    pub(crate) stream: Option<OpenStream>,
    /// The stream that names the actor of edits made here since opening.
    pub(crate) made_in: Option<StreamId>,
    pub(crate) seal_at: Option<u64>,
    pub(crate) journal: BTreeSet<u64>,
    pub(crate) journal_next: u64,
    start: Hash,
}

/// The past of a document for the domain's questions.
pub(crate) struct Past<'a>(pub(crate) &'a Document);

impl History for Past<'_> {
    fn seen_by(&self, op: Op, record: RecordId, field: &str) -> Vec<Candidate> {
        self.0.seen_by(op, record, field)
    }
}

impl Paper {
    pub(crate) fn new(
        venture: VentureId,
        space: Space,
        id: DocumentId,
        document: Document,
    ) -> Self {
        let validator = validator(&document);
        let mut paper = Self {
            id,
            space,
            document,
            validator,
            plan: Plan::default(),
            log: Vec::new(),
            applied: 0,
            incarnation: None,
            ack: None,
            own_last: None,
            reading: Reading::No,
            owed: None,
            attested: false,
            held: BTreeMap::new(),
            lost: Vec::new(),
            waiting: Waiting::default(),
            late: BTreeMap::new(),
            orphans: BTreeSet::new(),
            adopts: false,
            hides: false,
            shows: false,
            rejudges: false,
            barred: false,
            stalled: None,
            called: None,
            applying: None,
            careful_to: 0,
            noted: None,
            unsealed: BTreeMap::new(),
            unsealed_next: 0,
            outbox: BTreeMap::new(),
            stream: None,
            made_in: None,
            seal_at: None,
            journal: BTreeSet::new(),
            journal_next: 0,
            start: chain_start(venture, id),
        };
        for ((record, field), candidates) in paper.document.registers() {
            paper.plan.set(record, &field, candidates);
        }
        paper
    }

    pub(crate) fn row(&self) -> DocumentRow {
        DocumentRow {
            space: self.space,
            incarnation: self.incarnation,
            ack: self.ack,
            applied: self.applied,
            own_last: self.own_last,
        }
    }

    pub(crate) fn put_row(&self) -> StoreOp {
        StoreOp::Put(key(Table::Document, &self.id), encode(&self.row()))
    }

    /// The newest place read.
    pub(crate) fn head(&self) -> Point {
        self.point(self.log.len() as u64)
            .expect("a log has a point at its own length")
    }

    /// Has those envelopes and edits looked at that waited for something to come.
    pub(crate) fn look_again(&mut self) {
        self.adopts = !self.orphans.is_empty();
        self.shows |= self.hides;
        self.waiting.look_again();
    }

    /// Where an envelope stands, or stood before the relay lost it: its seq and charter position.
    pub(crate) fn place_of(&self, hash: Hash) -> Option<(u64, u64)> {
        if let Some(row) = self.held.get(&hash) {
            return Some((row.seq, row.charter_position));
        }
        let index = self.log.iter().rposition(|place| place.hash == hash)?;
        Some((index as u64 + 1, self.log[index].charter_position))
    }

    /// The place after `seq` entries; `None` beyond what was read.
    pub(crate) fn point(&self, seq: u64) -> Option<Point> {
        let chain = match seq.checked_sub(1) {
            None => self.start,
            Some(index) => self.log.get(usize::try_from(index).ok()?)?.chain,
        };
        Some(Point { seq, chain })
    }

    /// Points from the newest back, at distances that double.
    pub(crate) fn locator(&self) -> Locator {
        let head = self.log.len() as u64;
        let mut back = 0;
        let mut points = Vec::new();
        while back < head && points.len() < heqi_protocol::limits::LOCATOR_POINTS_MAX {
            points.extend(self.point(head - back));
            back = (back * 2).max(1);
        }
        // What was acknowledged is found even where only what came after it is lost.
        let acknowledged = self.ack.and_then(|ack| self.point(ack.point.seq));
        points.truncate(heqi_protocol::limits::LOCATOR_POINTS_MAX - 1);
        points.extend(acknowledged.filter(|point| point.seq > 0));
        Locator::new(points).expect("the loop stops at the limit")
    }

    /// Adds an entry to the log as read and tells its row.
    pub(crate) fn push(&mut self, hash: Hash, charter_position: u64) -> StoreOp {
        let chain = chain_next(self.head().chain, hash, charter_position);
        self.log.push(Place {
            hash,
            charter_position,
            chain,
        });
        let row = LogRow {
            hash,
            charter_position,
        };
        let seq = Ordered::new(self.log.len() as u64);
        StoreOp::Put(key(Table::Log, &(self.id, seq)), encode(&row))
    }

    /// Forgets the places after `seq`; their envelopes are held to be offered to the relay.
    pub(crate) fn cut(&mut self, seq: u64) -> Vec<StoreOp> {
        let mut ops: Vec<_> = self.keep_acknowledged(seq).into_iter().collect();
        let keep = usize::try_from(seq).unwrap_or(usize::MAX);
        for (index, place) in self.log.iter().enumerate().skip(keep) {
            let seq = index as u64 + 1;
            let row = HeldRow {
                seq,
                charter_position: place.charter_position,
            };
            self.held.insert(place.hash, row);
            ops.push(StoreOp::Put(
                key(Table::Held, &(self.id, place.hash)),
                encode(&row),
            ));
            let seq = Ordered::new(seq);
            ops.push(StoreOp::Delete(key(Table::Log, &(self.id, seq))));
        }
        self.log.truncate(keep);
        ops.extend(self.rejudge(seq));
        for outgoing in self.outbox.values_mut() {
            outgoing.seq = outgoing.seq.filter(|placed| *placed <= seq);
        }
        ops.push(self.put_row());
        ops
    }

    /// Keeps how the places after `seq` lead to what was acknowledged last.
    pub(crate) fn keep_acknowledged(&mut self, seq: u64) -> Option<StoreOp> {
        let ack = self.ack.filter(|ack| ack.point.seq > seq)?;
        let before = self
            .point(seq)
            .filter(|_| self.point(ack.point.seq) == Some(ack.point))?;
        let (from, to) = (
            usize::try_from(seq).ok()?,
            usize::try_from(ack.point.seq).ok()?,
        );
        let is_kept = |lost: &LostRow| {
            lost.ack.point.chain == ack.point.chain && lost.places.len() >= to - from
        };
        if self.lost.iter().any(is_kept) {
            return None;
        }
        let places = self.log[from..to].iter().map(|place| frame::Place {
            charter_position: place.charter_position,
            envelope: place.hash,
        });
        let lost = LostRow {
            before: before.chain,
            places: places.collect(),
            ack,
        };
        let op = StoreOp::Put(key(Table::Lost, &(self.id, ack.point.chain)), encode(&lost));
        self.lost.retain(|it| it.ack.point.chain != ack.point.chain);
        self.lost.push(lost);
        Some(op)
    }

    /// Forgets it, once nothing is held any more.
    pub(crate) fn forget_lost(&mut self) -> Vec<StoreOp> {
        if !self.held.is_empty() {
            return Vec::new();
        }
        let id = self.id;
        let lost = self.lost.drain(..);
        lost.map(|lost| StoreOp::Delete(key(Table::Lost, &(id, lost.ack.point.chain))))
            .collect()
    }

    /// Goes back to the places after `seq`, to judge them as the charter has it by now.
    pub(crate) fn rejudge(&mut self, seq: u64) -> Vec<StoreOp> {
        if self.applied <= seq {
            return Vec::new();
        }
        self.applied = seq;
        self.rejudges = true;
        let row = StoreOp::Put(key(Table::Rejudged, &self.id), Vec::new());
        vec![row, self.put_row()]
    }

    /// Own changes that no relay has acknowledged.
    pub(crate) fn pending(&self) -> u64 {
        let sealed: u64 = self
            .outbox
            .values()
            .map(|outgoing| u64::from(outgoing.row.changes))
            .sum();
        self.unsealed.len() as u64 + sealed
    }

    /// Applies the changes that the validator holds, and tells the rows that keep them.
    pub(crate) fn apply_valid(&mut self) -> Result<Vec<StoreOp>, automerge::AutomergeError> {
        let changes = self.validator.take_valid();
        let ops = changes.iter().map(|change| self.journal(change)).collect();
        let came: Vec<_> = changes.iter().map(Change::hash).collect();
        let touched = match self.document.apply(changes) {
            Ok(touched) => touched,
            Err(error) => {
                self.validator = validator(&self.document);
                return Err(error);
            }
        };
        for change in came {
            self.waiting.came(Hash(change.0));
        }
        self.settle(&touched);
        Ok(ops)
    }

    /// Brings the plan up to date with what was set since the last call.
    pub(crate) fn refresh(&mut self, authors: &dyn Authors) -> PlanDiff {
        self.plan.refresh(&Past(&self.document), authors)
    }

    /// The same from nothing, where authors are called otherwise than before.
    pub(crate) fn rebuild(&mut self, authors: &dyn Authors) -> PlanDiff {
        self.plan.rebuild(&Past(&self.document), authors)
    }

    /// Saves the document whole where the journal has grown long; only a copy that loads again replaces the last.
    pub(crate) fn save_if_due(&mut self) -> Vec<StoreOp> {
        // Saving costs in proportion to the whole document, so a long one is saved less often.
        if self.journal.len() < JOURNAL_ROWS_MAX.max(self.log.len() / 2) {
            return Vec::new();
        }
        let bytes = self.document.save();
        let same = Document::load(&bytes).is_ok_and(|copy| copy.heads() == self.document.heads());
        if !same {
            return Vec::new();
        }
        let mut ops = vec![StoreOp::Put(key(Table::Saved, &self.id), bytes)];
        for number in std::mem::take(&mut self.journal) {
            let number = Ordered::new(number);
            ops.push(StoreOp::Delete(key(Table::Journal, &(self.id, number))));
        }
        ops
    }

    /// Forgets what was made of the log, to make it anew; what is on its way out stays so.
    pub(crate) fn unmake(&mut self) -> Vec<StoreOp> {
        let mut ops = vec![
            StoreOp::Delete(key(Table::Saved, &self.id)),
            StoreOp::Delete(key(Table::Applying, &self.id)),
            StoreOp::Delete(key(Table::Rejudged, &self.id)),
        ];
        for number in std::mem::take(&mut self.journal) {
            let number = Ordered::new(number);
            ops.push(StoreOp::Delete(key(Table::Journal, &(self.id, number))));
        }
        for (hash, _) in std::mem::take(&mut self.waiting).iter() {
            ops.push(StoreOp::Delete(key(Table::Waiting, &(self.id, hash))));
        }
        for hash in std::mem::take(&mut self.late).into_keys() {
            ops.push(StoreOp::Delete(key(Table::Late, &(self.id, hash))));
        }
        let registers = self.document.registers().into_iter();
        let touched = registers.map(|(at, _)| at).collect();
        self.document = Document::new();
        self.validator = validator(&self.document);
        self.settle(&touched);
        self.applied = 0;
        self.applying = None;
        self.careful_to = 0;
        self.noted = None;
        // Edits from now on do not know those that are on their way: they are somebody else's to Automerge.
        self.made_in = None;
        self.adopts = true;
        self.hides = true;
        self.shows = true;
        self.rejudges = false;
        ops.push(self.put_row());
        ops
    }

    fn journal(&mut self, change: &Change) -> StoreOp {
        let number = self.journal_next;
        self.journal_next += 1;
        self.journal.insert(number);
        StoreOp::Put(
            key(Table::Journal, &(self.id, Ordered::new(number))),
            change.raw_bytes().to_vec(),
        )
    }

    fn settle(&mut self, touched: &BTreeSet<RegisterKey>) {
        for (record, field) in touched {
            let candidates = self.document.candidates(*record, field);
            self.plan.set(*record, field, candidates);
        }
    }
}

fn validator(document: &Document) -> Validator {
    let genesis = document.genesis();
    Validator::open(document.automerge(), &genesis, crate::document::shard_of)
        .expect("a document of ours holds its genesis change")
}

/// True where the envelope is for this document.
pub(crate) fn belongs(paper: &Paper, charter: &Charter, envelope: &Envelope) -> bool {
    let header = &envelope.header;
    header.venture == charter.venture()
        && header.document == paper.id
        && header.space == paper.space
        && header.names_its_document()
}

/// The bytes of the actor that `device` writes as in changes made in `stream`.
pub(crate) fn actor_id(device: DeviceId, stream: StreamId) -> [u8; 16] {
    let hash = digest("heqi actor v1", &[&device.0, &stream.0]).0;
    *hash
        .first_chunk()
        .expect("a digest is longer than an actor")
}

#[cfg(test)]
mod tests;
