//! What a branch of the charter leaves behind that gave way after a restore: logs judged by it, envelopes sealed with
//! keys that nobody else has.

use heqi_protocol::{DocumentId, Envelope, Hash, encode};

use super::Replica;
use crate::keyring::Keyring;
use crate::seal::open;
use crate::store::{Ordered, StoreOp, Table, key};

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
                .filter(|place| place.charter_position > from);
            let outgoing = paper.outbox.values().map(|out| out.row.hash);
            let orphans: Vec<Hash> = later.map(|place| place.hash).chain(outgoing).collect();
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
        for hash in judged {
            if self.quarantined.remove(&hash).is_some() {
                ops.push(StoreOp::Delete(key(Table::Quarantine, &hash)));
            }
        }
        self.persist(ops);
        self.refresh_view();
        self.effects.again = true;
    }

    /// Seals own changes again that went out under a key of a branch that gave way.
    pub(super) fn adopt_orphans(&mut self) {
        let documents: Vec<_> = self
            .papers
            .values()
            .filter(|paper| !paper.orphans.is_empty())
            .map(|paper| paper.id)
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
        let missing = |hash: &&Hash| {
            !self.bodies.contains_key(*hash) && !self.quarantined.contains_key(*hash)
        };
        let missing: Vec<Hash> = hashes.iter().filter(missing).copied().collect();
        if !missing.is_empty() {
            self.effects.fetch.extend(missing);
            return;
        }
        for hash in hashes {
            if let Some(envelope) = self.bodies.get(&hash).cloned() {
                self.adopt_orphan(document, &envelope);
            }
            self.persist([StoreOp::Delete(key(Table::Orphan, &(document, hash)))]);
            if let Some(paper) = self.papers.get_mut(&document) {
                paper.orphans.remove(&hash);
            }
        }
    }

    fn adopt_orphan(&mut self, document: DocumentId, envelope: &Envelope) {
        let header = &envelope.header;
        let is_own = header.device == self.secrets.device();
        let stands = self.keyring.key(header.space, header.epoch);
        if !is_own || stands.is_some_and(|key| open(envelope, key).is_ok()) {
            return;
        }
        let lost = self.orphan_keys.iter();
        let batch = lost
            .filter(|(place, _)| *place == (header.space, header.epoch))
            .find_map(|(_, key)| open(envelope, *key).ok());
        let Some(batch) = batch else { return };
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
            .filter(|(_, out)| out.row.hash == envelope.hash())
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            paper.outbox.remove(&number);
            ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
        }
        paper.stream = None;
        paper.seal_at = Some(self.now);
        self.persist(ops);
    }
}
