//! What a branch of the charter leaves behind that gave way after a restore: logs judged by it, envelopes sealed with
//! keys that nobody else has, and own edits that no log brings back into view.

use std::collections::BTreeMap;

use heqi_protocol::charter::Standing;
use heqi_protocol::{DocumentId, Envelope, Hash, encode};

use super::Replica;
use crate::keyring::Keyring;
use crate::paper::actor_id;
use crate::seal::{Batch, Made, open};
use crate::store::{Ordered, StoreOp, Table, key};
use crate::validate::Verdict;

/// Envelopes looked at in one go.
const FETCH_MAX: usize = 256;

/// A change and the actor that may have made it.
type Edit = ([u8; 16], Made);

/// What becomes of an envelope of a branch that gave way.
enum Adoption {
    /// It is somebody else's, or counts as it stands.
    Stands,
    /// Its changes are sealed again.
    Lost(Batch),
    /// The charter has yet to say.
    Open,
}

impl Replica {
    /// Judges all logs anew by the branch that stands, and remembers which envelopes may be lost to others.
    pub(super) fn leave_branch(&mut self, before: &Keyring, from: u64) {
        for ((space, epoch), lost) in before.beyond(&self.keyring) {
            let row = key(Table::OrphanKey, &(space, epoch, lost.commitment()));
            self.persist([StoreOp::Put(row, encode(&lost.bytes()))]);
            self.orphan_keys.push(((space, epoch), lost));
        }
        let mut ops = Vec::new();
        let mut judged = Vec::new();
        for paper in self.papers.values_mut() {
            let later = paper
                .log
                .iter()
                .filter(|place| place.charter_position > from)
                .map(|place| place.hash);
            let outgoing = paper.outbox.values().map(|out| out.row.hash);
            let held = paper.held.iter();
            let held = held
                .filter(|(_, row)| row.charter_position > from)
                .map(|(hash, _)| *hash);
            let orphans: Vec<Hash> = later.chain(outgoing).chain(held).collect();
            for hash in orphans {
                paper.orphans.insert(hash);
                ops.push(StoreOp::Put(
                    key(Table::Orphan, &(paper.id, hash)),
                    Vec::new(),
                ));
            }
            judged.extend(paper.log.iter().map(|place| place.hash));
            ops.extend(paper.unmake());
        }
        self.persist(ops);
        for hash in judged {
            self.release(hash);
        }
        self.effects.again = true;
    }

    /// Seals own changes again that count in a branch alone that gave way.
    pub(super) fn adopt_orphans(&mut self) {
        let documents: Vec<_> = self
            .papers
            .values_mut()
            .filter_map(|paper| std::mem::take(&mut paper.adopts).then_some(paper.id))
            .collect();
        for document in documents {
            self.adopt_orphans_of(document);
        }
    }

    fn adopt_orphans_of(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get(&document) else {
            return;
        };
        let hashes: Vec<Hash> = paper.orphans.iter().copied().collect();
        let mut missing = Vec::new();
        for hash in hashes {
            let envelope = self.bodies.get(&hash).cloned();
            let adoption = match &envelope {
                Some(envelope) => self.adoption(document, envelope),
                None if self.lacks(hash) => Adoption::Stands,
                None => {
                    missing.push(hash);
                    continue;
                }
            };
            match adoption {
                Adoption::Open => continue,
                Adoption::Stands => {}
                Adoption::Lost(batch) => self.seal_anew(document, hash, batch),
            }
            self.persist([StoreOp::Delete(key(Table::Orphan, &(document, hash)))]);
            if let Some(paper) = self.papers.get_mut(&document) {
                paper.orphans.remove(&hash);
            }
            let is_applied = self.papers.get(&document).is_some_and(|paper| {
                let place = paper.place_of(hash);
                place.is_none_or(|(seq, _)| seq <= paper.applied)
            });
            if is_applied {
                self.drop_body(document, hash);
            }
        }
        missing.truncate(FETCH_MAX);
        self.effects.fetch.extend(missing);
    }

    /// True where the store has said that it does not hold an envelope.
    fn lacks(&self, hash: Hash) -> bool {
        self.quarantined.contains_key(&hash)
    }

    fn adoption(&self, document: DocumentId, envelope: &Envelope) -> Adoption {
        let header = &envelope.header;
        let (Some(charter), Some(paper)) = (&self.charter, self.papers.get(&document)) else {
            return Adoption::Open;
        };
        if header.device != self.secrets.device() {
            return Adoption::Stands;
        }
        let stands = self.keyring.key(header.space, header.epoch);
        let Some(batch) = stands.and_then(|key| open(envelope, key).ok()) else {
            let lost = self.open_lost(envelope);
            return lost.map_or(Adoption::Stands, Adoption::Lost);
        };
        let Some((seq, position)) = paper.place_of(envelope.hash()) else {
            let generation = charter.generation_in(header.space, header.document);
            return match header.generation > generation {
                true => Adoption::Lost(batch),
                false => Adoption::Stands,
            };
        };
        let now = charter.position();
        if position > now {
            return Adoption::Open;
        }
        match charter.judge(header, envelope.hash(), seq, position) {
            Standing::Fits | Standing::Late => Adoption::Stands,
            Standing::Forbidden if charter.may_write_at(header.device, header.space, now) => {
                Adoption::Lost(batch)
            }
            Standing::Forbidden => Adoption::Open,
        }
    }

    /// Opens an envelope with a key of a branch that gave way.
    fn open_lost(&self, envelope: &Envelope) -> Option<Batch> {
        let header = &envelope.header;
        let lost = self.orphan_keys.iter();
        lost.filter(|(place, _)| *place == (header.space, header.epoch))
            .find_map(|(_, key)| open(envelope, *key).ok())
    }

    /// Takes the changes of an envelope back, to be sealed as the charter stands.
    fn seal_anew(&mut self, document: DocumentId, hash: Hash, batch: Batch) {
        let mut ops = Vec::new();
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        for made in batch.changes.into_vec() {
            let number = paper.unsealed_next;
            paper.unsealed_next += 1;
            let place = (document, Ordered::new(number));
            ops.push(StoreOp::Put(key(Table::Unsealed, &place), encode(&made)));
            paper.unsealed.insert(number, made);
        }
        let gone: Vec<u64> = paper
            .outbox
            .iter()
            .filter(|(_, out)| out.row.hash == hash)
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            paper.outbox.remove(&number);
            ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
        }
        paper.stream = None;
        paper.seal_at = Some(self.now);
        paper.hides = true;
        paper.shows = true;
        self.persist(ops);
    }

    /// Puts own edits back into documents that were made anew: the log does not bring what it does not hold.
    pub(super) fn show_own(&mut self) {
        let hiding: Vec<_> = self
            .papers
            .values_mut()
            .filter_map(|paper| std::mem::take(&mut paper.shows).then_some(paper.id))
            .collect();
        for document in &hiding {
            let mut is_whole = self.put_back(*document, false);
            if !is_whole {
                // What they build on may be on its way back to the relay.
                is_whole = self.put_back(*document, true);
            }
            if let Some(paper) = self.papers.get_mut(document) {
                paper.hides = !is_whole;
            }
        }
        if !hiding.is_empty() {
            self.refresh_view();
        }
    }

    /// Applies own edits that are not in the log, and of others what is held for the relay where `with_others`; true
    /// where nothing of it is missing from the document.
    fn put_back(&mut self, document: DocumentId, with_others: bool) -> bool {
        let Some((mut edits, mut is_whole)) = self.unlogged(document, with_others) else {
            return true;
        };
        loop {
            let before = edits.len();
            edits.retain(|(actor, made)| !self.put_back_one(document, *actor, made));
            self.flush(document);
            if edits.is_empty() || edits.len() == before {
                break;
            }
        }
        is_whole &= edits.is_empty();
        is_whole
    }

    /// The edits that only this device keeps, and whether all of them are in memory.
    fn unlogged(&mut self, document: DocumentId, with_others: bool) -> Option<(Vec<Edit>, bool)> {
        let me = self.secrets.device();
        let paper = self.papers.get(&document)?;
        let outgoing = paper.outbox.values().map(|out| out.row.hash);
        let held: BTreeMap<u64, Hash> = paper
            .held
            .iter()
            .map(|(hash, row)| (row.seq, *hash))
            .collect();
        let kept = held
            .into_values()
            .chain(paper.orphans.iter().copied())
            .chain(outgoing);
        let mut edits = Vec::new();
        let mut missing = Vec::new();
        for hash in kept.filter(|hash| !self.lacks(*hash)) {
            let Some(envelope) = self.bodies.get(&hash) else {
                missing.push(hash);
                continue;
            };
            let author = envelope.header.device;
            let batch = match author == me {
                true => self.open_own(envelope),
                false if with_others => self.open_held(document, envelope),
                false => None,
            };
            let changes = batch.into_iter().flat_map(|it| it.changes.into_vec());
            edits.extend(changes.map(|made| (actor_id(author, made.made_in), made)));
        }
        let unsealed = paper.unsealed.values();
        edits.extend(unsealed.map(|made| (actor_id(me, made.made_in), made.clone())));
        let is_whole = missing.is_empty();
        self.effects.fetch.extend(missing);
        Some((edits, is_whole))
    }

    fn open_own(&self, envelope: &Envelope) -> Option<Batch> {
        let header = &envelope.header;
        let stands = self.keyring.key(header.space, header.epoch);
        stands
            .and_then(|key| open(envelope, key).ok())
            .or_else(|| self.open_lost(envelope))
    }

    /// An envelope that the relay has lost, where it fits the charter as it stands.
    fn open_held(&self, document: DocumentId, envelope: &Envelope) -> Option<Batch> {
        let paper = self.papers.get(&document)?;
        let (seq, position) = paper.place_of(envelope.hash())?;
        let key = self.admissible(document, envelope, seq, position).ok()?;
        open(envelope, key).ok()
    }

    /// Applies one change; false where it waits for others.
    fn put_back_one(&mut self, document: DocumentId, actor: [u8; 16], made: &Made) -> bool {
        let own = |candidate: &[u8]| candidate == actor;
        for _ in 0..2 {
            let Some(paper) = self.papers.get_mut(&document) else {
                return true;
            };
            let automerge = paper.document.automerge();
            match paper.validator.check(automerge, &made.change, &own) {
                Ok(Verdict::Full) => self.flush(document),
                Ok(Verdict::Waiting(_)) => return false,
                Ok(Verdict::Valid(_) | Verdict::Known(_)) | Err(_) => return true,
            }
        }
        false
    }
}
