//! Applying what was read: in slices, each change validated before Automerge sees it.

use std::collections::BTreeSet;

use heqi_protocol::charter::{Charter, Standing};
use heqi_protocol::{DocumentId, Envelope, Hash};

use super::Replica;
use crate::io::Problem;
use crate::keyring::SpaceKey;
use crate::paper::{Place, actor_id, belongs};
use crate::seal::{Made, open};
use crate::store::{Applying, RefusedRow, StoreOp, Table, key};
use crate::validate::{self, Verdict};

/// Times that applying the same entry alone may end the process before it is set aside.
const TRIES_MAX: u8 = 5;

/// Time in which what is missing may still come before people are told of it.
const STALLED_MS: u64 = 5_000;

/// Why an envelope is set aside whose key may still come.
pub(super) const KEY_NOT_GIVEN: &str = "its key was not given to us";

/// Envelopes fetched from the store at once.
const FETCH_MAX: usize = 256;

/// Waiting envelopes fetched along with them.
const RETRIED_MAX: usize = 16;

/// What becomes of a log entry.
pub(super) enum Fate {
    Done,
    /// Its changes build on these, which have not come yet.
    Waits(Vec<Hash>),
    /// Nothing more can be applied before something else comes.
    Stuck,
    /// Its author was removed before, and no manager has taken it in.
    Late,
    /// The same, and the document held its changes: it is made anew, from the first entry on.
    Anew,
    Refused(String),
}

impl Replica {
    /// Applies a slice of what was read, and asks to go on where there is more.
    pub(super) fn work(&mut self) {
        self.pace.changes = 0;
        let documents: Vec<_> = self.papers.keys().copied().collect();
        for document in documents {
            self.work_on(document);
        }
    }

    /// Tells how long the last [`Input::Work`](crate::Input::Work) took, so that the next ones fit between two frames.
    /// A shell without a frame to make need not.
    pub fn worked_for(&mut self, slice_us: u64) {
        self.pace.took(slice_us);
    }

    fn work_on(&mut self, document: DocumentId) {
        let mut changes = 0;
        let mut applied = self.retry_due(document, &mut changes);
        while changes < self.pace.changes_max {
            let Some(paper) = self.papers.get(&document) else {
                return;
            };
            let careful = paper.applied < paper.careful_to;
            let index = usize::try_from(paper.applied).unwrap_or(usize::MAX);
            let Some(place) = paper.log.get(index).copied() else {
                break;
            };
            if careful && !self.is_noted(document, place) {
                break;
            }
            // What brings no change costs as well.
            changes += 1;
            let seq = paper_seq(index);
            let fate = self.apply_entry(
                document,
                place.hash,
                seq,
                place.charter_position,
                &mut changes,
            );
            match fate {
                Fate::Stuck => {
                    self.put_off(document);
                    if let Some(paper) = self.papers.get_mut(&document) {
                        paper.shows |= paper.hides;
                    }
                    break;
                }
                Fate::Anew => {
                    applied = true;
                    break;
                }
                fate => self.conclude(document, place.hash, fate),
            }
            if let Some(paper) = self.papers.get_mut(&document) {
                paper.applied += 1;
                paper.stalled = None;
            }
            applied = true;
            if careful {
                break;
            }
        }
        self.pace.changes += changes;
        if applied {
            self.after_slice(document);
        }
    }

    /// Keeps what was found of an envelope.
    pub(super) fn conclude(&mut self, document: DocumentId, hash: Hash, fate: Fate) {
        match fate {
            Fate::Waits(missing) => {
                let device = self
                    .bodies
                    .get(&hash)
                    .map(|envelope| envelope.header.device);
                self.wait(document, hash, device, missing);
            }
            Fate::Refused(reason) => {
                let device = self.signer(hash);
                let row = RefusedRow { document, device };
                self.quarantine(hash, &reason, Some(row));
                self.wait_no_more(document, hash);
            }
            Fate::Done | Fate::Late | Fate::Anew | Fate::Stuck => self.wait_no_more(document, hash),
        }
        self.drop_body(document, hash);
    }

    /// True where an earlier call noted that this entry is about to be applied alone; else notes it, for the next call.
    /// One that has ended the process again and again is set aside.
    fn is_noted(&mut self, document: DocumentId, place: Place) -> bool {
        let is_ready = self.bodies.contains_key(&place.hash);
        let Some(paper) = self.papers.get_mut(&document) else {
            return false;
        };
        let seq = paper.applied + 1;
        if paper.noted == Some(seq) || !is_ready {
            // Without its envelope nothing is applied yet.
            return true;
        }
        paper.noted = Some(seq);
        let before = paper.applying.filter(|applying| applying.seq == seq);
        let tries = before.map_or(0, |applying| applying.tries);
        if tries >= TRIES_MAX {
            let device = self.signer(place.hash);
            let row = RefusedRow { document, device };
            let reason = "applying it ended the process repeatedly";
            self.quarantine(place.hash, reason, Some(row));
            return true;
        }
        let tries = tries + 1;
        self.mark_applying(document, Applying { seq, tries });
        self.effects.again = true;
        false
    }

    /// Takes back that an entry was about to be applied: what it needs has not come.
    fn put_off(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let noted = paper.noted.take().and(paper.applying);
        if let Some(Applying { seq, tries }) = noted {
            let tries = tries.saturating_sub(1);
            self.mark_applying(document, Applying { seq, tries });
        }
        let why = self.why_stuck(document);
        let shown_at = self.now + STALLED_MS;
        if let Some(paper) = self.papers.get_mut(&document) {
            let since = paper.stalled.map_or(shown_at, |(since, _)| since);
            paper.stalled = why.map(|why| (since, why));
        }
    }

    /// What people must know of an entry that cannot be applied.
    fn why_stuck(&self, document: DocumentId) -> Option<Problem> {
        let charter = self.charter.as_ref()?;
        let paper = self.papers.get(&document)?;
        let place = paper.log.get(usize::try_from(paper.applied).ok()?)?;
        if place.charter_position > charter.position() {
            return Some(Problem::CharterBehind);
        }
        let envelope = self.bodies.get(&place.hash)?;
        let header = &envelope.header;
        if !knows_epoch(charter, envelope) {
            return Some(Problem::CharterBehind);
        }
        self.is_cut_off(header.space, header.epoch)
            .then_some(Problem::OlderKeys)
    }

    fn is_cut_off(&self, space: heqi_protocol::Space, epoch: u32) -> bool {
        let nonce = self.charter.as_ref().map(Charter::founding_nonce);
        nonce.is_some_and(|nonce| self.keyring.is_cut_off(nonce, space, epoch))
    }

    /// Why something that was read does not come into view, once it has been so for a while.
    pub(super) fn stalled(&self) -> Option<Problem> {
        let mut shown = self
            .stalls()
            .filter(|(shown_at, _)| self.is_live() && *shown_at <= self.now);
        shown.next().map(|(_, why)| why)
    }

    /// What does not go on, and from when on people are told.
    pub(super) fn stalls(&self) -> impl Iterator<Item = (u64, Problem)> {
        let papers = self.papers.values();
        papers.flat_map(|paper| {
            let called = paper.called.map(|at| (at, Problem::CharterBehind));
            paper.stalled.into_iter().chain(called)
        })
    }

    /// Notes that the relay calls for keys that are not here: the entry that gives them may be on its way.
    pub(super) fn note_called(&mut self, document: DocumentId) {
        let shown_at = self.now + STALLED_MS;
        if let Some(paper) = self.papers.get_mut(&document) {
            paper.called.get_or_insert(shown_at);
        }
    }

    pub(super) fn mark_applying(&mut self, id: DocumentId, applying: Applying) {
        if let Some(paper) = self.papers.get_mut(&id) {
            paper.applying = Some(applying);
            let row = StoreOp::Put(key(Table::Applying, &id), heqi_protocol::encode(&applying));
            self.persist([row]);
        }
    }

    pub(super) fn after_slice(&mut self, document: DocumentId) {
        self.flush(document);
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let mut ops = vec![paper.put_row()];
        if paper.applied < paper.log.len() as u64 {
            self.effects.again = true;
        } else {
            paper.applying = None;
            paper.careful_to = 0;
            paper.noted = None;
            paper.shows |= paper.hides;
            ops.push(StoreOp::Delete(key(Table::Applying, &document)));
            ops.extend(paper.save_if_due());
        }
        self.persist(ops);
        self.refresh_view();
    }

    pub(super) fn apply_entry(
        &mut self,
        document: DocumentId,
        hash: Hash,
        seq: u64,
        charter_position: u64,
        changes: &mut usize,
    ) -> Fate {
        if self.quarantined.contains_key(&hash) {
            return Fate::Done;
        }
        let Some(envelope) = self.bodies.get(&hash).cloned() else {
            if !self.session.fetching {
                self.session.fetching = true;
                self.fetch_unapplied(document);
            }
            return Fate::Stuck;
        };
        match self.admissible(document, &envelope, seq, charter_position) {
            Err(Fate::Late) if self.take_out(document, &envelope) => Fate::Anew,
            Err(Fate::Late) => {
                self.set_late(document, &envelope, seq);
                Fate::Late
            }
            Err(fate) => fate,
            Ok(key) => self.apply_envelope(document, &envelope, key, seq, changes),
        }
    }

    /// Checks an envelope against the charter as it stood, and finds its key.
    pub(super) fn admissible(
        &self,
        document: DocumentId,
        envelope: &Envelope,
        seq: u64,
        charter_position: u64,
    ) -> Result<SpaceKey, Fate> {
        let refused = |reason: &str| Fate::Refused(reason.to_owned());
        let Some(charter) = &self.charter else {
            return Err(Fate::Stuck);
        };
        if charter_position > charter.position() {
            return Err(Fate::Stuck);
        }
        let Some(paper) = self.papers.get(&document) else {
            return Err(Fate::Stuck);
        };
        let header = &envelope.header;
        if !belongs(paper, charter, envelope) {
            return Err(refused("it belongs to another document"));
        }
        envelope
            .verify()
            .map_err(|error| refused(&error.to_string()))?;
        match charter.judge(header, envelope.hash(), seq, charter_position) {
            Standing::Fits => {}
            Standing::Late => return Err(Fate::Late),
            // Its author may write here now, and seals it again.
            Standing::Forbidden if self.is_orphan(envelope) => return Err(Fate::Done),
            Standing::Forbidden => return Err(refused("its author might not write here")),
        }
        match self.keyring.key(header.space, header.epoch) {
            Some(key) => Ok(key),
            // A box that did not open is complained of, and another one comes.
            None if knows_epoch(charter, envelope) && self.is_orphan(envelope) => Err(Fate::Done),
            None if knows_epoch(charter, envelope)
                && !self.awaits_keys(header.space)
                && !self.is_cut_off(header.space, header.epoch) =>
            {
                Err(refused(KEY_NOT_GIVEN))
            }
            None => Err(Fate::Stuck),
        }
    }

    /// True where an envelope was sealed in a branch of the charter that gave way: its author seals it again.
    pub(super) fn is_orphan(&self, envelope: &Envelope) -> bool {
        !self.knows_head(envelope.header.seen.charter_head)
    }

    /// True while the newest key of a space that this device may read is still to come.
    pub(super) fn awaits_keys(&self, space: heqi_protocol::Space) -> bool {
        let epoch = self.charter.as_ref().and_then(|it| it.spaces().get(&space));
        self.may_read(space)
            && epoch.is_some_and(|newest| self.keyring.key(space, newest.epoch).is_none())
    }

    fn apply_envelope(
        &mut self,
        document: DocumentId,
        envelope: &Envelope,
        key: SpaceKey,
        seq: u64,
        changes: &mut usize,
    ) -> Fate {
        let batch = match open(envelope, key) {
            Ok(batch) => batch,
            Err(_) if self.is_orphan(envelope) => return Fate::Done,
            Err(error) => return Fate::Refused(error.to_string()),
        };
        self.watch(document, envelope, seq, batch.at_ms);
        let mut missing = BTreeSet::new();
        for made in batch.changes.iter() {
            *changes += 1;
            missing.extend(self.apply_change(document, envelope, made));
        }
        match missing.is_empty() {
            true => Fate::Done,
            false => Fate::Waits(missing.into_iter().collect()),
        }
    }

    /// Judges one change; what it waits for where that has not come.
    fn apply_change(
        &mut self,
        document: DocumentId,
        envelope: &Envelope,
        made: &Made,
    ) -> Option<Hash> {
        let actor = actor_id(envelope.header.device, made.made_in);
        let paper = self.papers.get_mut(&document)?;
        let own = |candidate: &[u8]| candidate == actor;
        let mut verdict = paper
            .validator
            .check(paper.document.automerge(), &made.change, &own);
        if verdict == Ok(Verdict::Full) {
            self.flush(document);
            let paper = self.papers.get_mut(&document)?;
            verdict = paper
                .validator
                .check(paper.document.automerge(), &made.change, &own);
        }
        match verdict {
            Ok(Verdict::Valid(_)) => {
                self.round.merged += 1;
                self.learn_actor(actor, envelope.header.device);
                None
            }
            Ok(Verdict::Known(_)) => {
                self.learn_actor(actor, envelope.header.device);
                None
            }
            Ok(Verdict::Waiting(missing)) => missing.first().map(|change| Hash(change.0)),
            // Never: what was held has just been applied.
            Ok(Verdict::Full) => Some(envelope.hash()),
            Err(refused) => {
                let hash = validate::summary(&made.change)
                    .map_or(envelope.hash(), |header| Hash(header.hash.0));
                let device = Some(envelope.header.device);
                let row = RefusedRow { document, device };
                self.quarantine(hash, &refused.to_string(), Some(row));
                None
            }
        }
    }

    /// Applies what was found valid.
    pub(super) fn flush(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        match paper.apply_valid() {
            Ok(ops) => self.persist(ops),
            Err(error) => {
                // Validation lets nothing through that Automerge refuses; if it ever does, the changes stay out, named.
                let head = Hash(paper.document.genesis().0);
                self.quarantine(head, &error.to_string(), None);
            }
        }
    }

    fn learn_actor(&mut self, actor: [u8; 16], device: heqi_protocol::DeviceId) {
        if self.names.learn(actor, device) {
            let row = StoreOp::Put(key(Table::Actor, &actor), heqi_protocol::encode(&device));
            self.persist([row]);
        }
    }

    /// Frees an envelope that is applied and not on its way out; the store keeps it.
    pub(super) fn drop_body(&mut self, document: DocumentId, hash: Hash) {
        let outgoing = self.papers.get(&document).is_some_and(|paper| {
            let mut outbox = paper.outbox.values();
            outbox.any(|outgoing| outgoing.row.hash == hash) || paper.held.contains_key(&hash)
        });
        if !outgoing {
            self.bodies.remove(&hash);
        }
    }

    fn fetch_unapplied(&mut self, document: DocumentId) {
        let Some(paper) = self.papers.get(&document) else {
            return;
        };
        let from = usize::try_from(paper.applied).unwrap_or(usize::MAX);
        let wanted = paper.log.iter().skip(from).take(FETCH_MAX);
        let hashes = wanted
            .map(|place| place.hash)
            .chain(paper.waiting.wanted().take(RETRIED_MAX));
        let missing: Vec<_> = hashes
            .filter(|hash| !self.bodies.contains_key(hash))
            .collect();
        self.effects.fetch.extend(missing);
    }
}

fn paper_seq(index: usize) -> u64 {
    index as u64 + 1
}

fn knows_epoch(charter: &Charter, envelope: &Envelope) -> bool {
    let header = &envelope.header;
    charter
        .spaces()
        .get(&header.space)
        .is_some_and(|known| header.epoch <= known.epoch)
}
