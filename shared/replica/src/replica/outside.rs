//! Envelopes and changes that are not in the document: refused for good, or waiting for others they build on.

use std::collections::BTreeMap;

use heqi_protocol::{DeviceId, DocumentId, Hash, encode};

use super::Replica;
use super::applying::{Fate, KEY_NOT_GIVEN};
use crate::store::{RefusedRow, StoreOp, Table, WaitingRow, key};

impl Replica {
    /// Has an envelope wait for changes; where it names none it is tried again soon.
    pub(super) fn wait(
        &mut self,
        document: DocumentId,
        hash: Hash,
        device: Option<DeviceId>,
        missing: Vec<Hash>,
    ) {
        let row = WaitingRow { device, missing };
        let op = StoreOp::Put(key(Table::Waiting, &(document, hash)), encode(&row));
        if let Some(paper) = self.papers.get_mut(&document) {
            paper.waiting.insert(hash, row);
            self.persist([op]);
        }
    }

    pub(super) fn wait_no_more(&mut self, document: DocumentId, hash: Hash) {
        let paper = self.papers.get_mut(&document);
        if paper.is_some_and(|paper| paper.waiting.remove(&hash)) {
            self.persist([StoreOp::Delete(key(Table::Waiting, &(document, hash)))]);
        }
    }

    /// Tries waiting envelopes again for which something has come; true where one was.
    pub(super) fn retry_due(&mut self, document: DocumentId, changes: &mut usize) -> bool {
        let Some(paper) = self.papers.get(&document) else {
            return false;
        };
        if paper.waiting.due_len() == 0 {
            return false;
        }
        // What a relay has lost has no place until it is back, and is not to be judged by another.
        let places = paper.log.iter().zip(1..);
        let places = places.filter(|(place, _)| paper.waiting.contains(&place.hash));
        let places: BTreeMap<_, _> = places
            .map(|(place, seq)| (place.hash, (seq, place.charter_position)))
            .collect();
        while *changes < self.pace.changes_max {
            let paper = self.papers.get(&document);
            let Some(hash) = paper.and_then(|paper| paper.waiting.next_due()) else {
                break;
            };
            *changes += 1;
            let place = places.get(&hash);
            let fate = place.map_or(Fate::Stuck, |(seq, position)| {
                self.apply_entry(document, hash, *seq, *position, changes)
            });
            match fate {
                Fate::Stuck => {
                    if let Some(paper) = self.papers.get_mut(&document) {
                        paper.waiting.stall(hash);
                    }
                }
                Fate::Anew => break,
                fate => self.conclude(document, hash, fate),
            }
            self.flush(document);
        }
        true
    }

    /// Keeps an invalid envelope or change out for good, and says why, and whose it is where that is known.
    pub(super) fn quarantine(&mut self, hash: Hash, reason: &str, row: Option<RefusedRow>) {
        let reason = reason.to_owned();
        self.persist([StoreOp::Put(key(Table::Quarantine, &hash), encode(&reason))]);
        self.quarantined.insert(hash, reason);
        if let Some(row) = row {
            self.persist([StoreOp::Put(key(Table::Refused, &hash), encode(&row))]);
            self.refused.insert(hash, row);
        }
    }

    /// Takes something out of quarantine that is to be judged anew.
    pub(super) fn release(&mut self, hash: Hash) {
        if self.quarantined.remove(&hash).is_some() {
            self.persist([StoreOp::Delete(key(Table::Quarantine, &hash))]);
        }
        if self.refused.remove(&hash).is_some() {
            self.persist([StoreOp::Delete(key(Table::Refused, &hash))]);
        }
    }

    /// Who has signed an envelope; nobody where whoever showed it has forged it.
    pub(super) fn signer(&self, hash: Hash) -> Option<DeviceId> {
        let envelope = self.bodies.get(&hash)?;
        let signed = envelope.verify().is_ok();
        signed.then_some(envelope.header.device)
    }

    /// Tries again what could not be opened, now that older keys have come.
    pub(super) fn keys_came(&mut self) {
        let mut again = Vec::new();
        for paper in self.papers.values() {
            let keyless = paper.log.iter().map(|place| place.hash).filter(|hash| {
                let reason = self.quarantined.get(hash);
                reason.is_some_and(|reason| reason == KEY_NOT_GIVEN)
            });
            again.extend(keyless.map(|hash| (paper.id, hash)));
        }
        for (document, hash) in again {
            let device = self.refused.get(&hash).and_then(|row| row.device);
            self.release(hash);
            self.wait(document, hash, device, Vec::new());
        }
    }
}
