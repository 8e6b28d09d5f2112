//! What envelopes tell beside their changes: who was heard when, and whether somebody was shown another history.

use heqi_protocol::charter::{Author, Entry};
use heqi_protocol::log::Point;
use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, encode};

use super::{Replica, Stage};
use crate::code::words;
use crate::io::{
    Alarm, Differs, KeyCheck, LogWords, Millis, Problem, RefusedEdit, Reply, Security, WaitingEdit,
};
use crate::paper::{Owed, Paper};
use crate::store::{AlarmRow, StoreOp, Table, key};

/// Time in which a relay gives what it has named: of a log, before it is asked again; of the charter, before people are
/// told.
const WITHHELD_MS: u64 = 30_000;

impl Replica {
    /// Notes what a valid envelope, at `place` of its log, says of its author.
    pub(super) fn watch(
        &mut self,
        document: DocumentId,
        envelope: &Envelope,
        place: u64,
        at_ms: u64,
    ) {
        let device = envelope.header.device;
        // Nobody was heard in the future, whatever their clock says.
        let at_ms = at_ms.min(self.now);
        if self.heard.get(&device).is_none_or(|known| *known < at_ms) {
            self.heard.insert(device, at_ms);
            self.persist([StoreOp::Put(key(Table::Heard, &device), encode(&at_ms))]);
            self.effects.directory = true;
        }
        if let Some(row) = self.differs(document, envelope, place) {
            self.alarm(device, row);
        }
    }

    /// Where the author saw another log or charter than this device, within one life of the relay.
    fn differs(&self, document: DocumentId, envelope: &Envelope, place: u64) -> Option<AlarmRow> {
        let seen = envelope.header.seen;
        let paper = self.papers.get(&document)?;
        if seen.incarnation.is_none() || seen.incarnation != paper.incarnation {
            return None;
        }
        let seq = seen.point.seq;
        // Within one life a log only grows: nobody has seen of it what comes after their own envelope.
        let saw_more = seq >= place;
        if saw_more || paper.point(seq).is_some_and(|point| point != seen.point) {
            return Some(AlarmRow::Log { document, seq });
        }
        let never_restored = self
            .records
            .iter()
            .all(|record| Some(record.ack.incarnation) == seen.incarnation);
        if never_restored && !self.knows_head(seen.charter_head) {
            let position = self.records.len() as u64;
            return Some(AlarmRow::Charter { position });
        }
        None
    }

    /// Holds what the authors of removals say that they had read of a log against the log itself, as far as a removal or
    /// the log is new: `is_new` says so of the removal's position and the place that it states. Where they differ, either
    /// the relay or the author is not honest.
    pub(super) fn compare_removals(
        &mut self,
        document: DocumentId,
        is_new: impl Fn(u64, u64) -> bool,
    ) {
        let (Some(charter), Some(paper)) = (&self.charter, self.papers.get(&document)) else {
            return;
        };
        // A log that was restored may have come back in another order.
        let mut lives = self.records.iter().map(|record| record.ack.incarnation);
        if !lives.all(|life| Some(life) == paper.incarnation) {
            return;
        }
        let stated = charter.seen_at_removals(document);
        let differs = |(at, seen): &(u64, Point)| {
            let here = paper.point(seen.seq);
            is_new(*at, seen.seq) && here.is_some_and(|point| point != *seen)
        };
        let differing: Vec<_> = stated.filter(differs).collect();
        for (at, seen) in differing {
            if let Some(device) = self.author_at(at) {
                let seq = seen.seq;
                self.alarm(device, AlarmRow::Log { document, seq });
            }
        }
    }

    /// The device that wrote the entry before a position of the charter.
    fn author_at(&self, position: u64) -> Option<DeviceId> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        let entry = Entry::decode(&self.records.get(index)?.entry).ok()?;
        match entry.content().author {
            Author::Device(device) => Some(device),
            Author::Invite(_) => None,
        }
    }

    pub(super) fn knows_head(&self, head: Hash) -> bool {
        let records = self.records.iter().rev();
        records.into_iter().any(|record| record.ack.head == head)
    }

    /// Notes that the relay's log goes as far as that.
    pub(super) fn note_owed(&mut self, document: DocumentId, seq: u64) {
        let due_at = self.now + WITHHELD_MS;
        let Some(paper) = self.papers.get_mut(&document) else {
            return;
        };
        let before = paper.owed.map_or(0, |owed| owed.seq);
        if seq.max(before) <= paper.log.len() as u64 {
            paper.owed = None;
            return;
        }
        let owed = paper.owed.get_or_insert(Owed {
            seq,
            due_at,
            asked: 0,
        });
        owed.seq = owed.seq.max(seq);
    }

    /// Notes that entries have come: the rest has time again.
    pub(super) fn note_given(&mut self, document: DocumentId) {
        let due_at = self.now + WITHHELD_MS;
        if let Some(paper) = self.papers.get_mut(&document)
            && let Some(owed) = paper.owed
        {
            let is_here = owed.seq <= paper.log.len() as u64;
            paper.owed = (!is_here).then_some(Owed {
                due_at,
                asked: 0,
                ..owed
            });
        }
    }

    /// Asks again for what the relay has named and does not give.
    pub(super) fn ask_for_owed(&mut self) {
        let now = self.now;
        let is_due = |paper: &&mut Paper| paper.owed.is_some_and(|owed| owed.due_at <= now);
        let mut due = Vec::new();
        for paper in self.papers.values_mut().filter(is_due) {
            if let Some(owed) = &mut paper.owed {
                owed.asked += 1;
                owed.due_at = now + WITHHELD_MS;
            }
            due.push(paper.id);
        }
        for document in due {
            self.subscribe_again(document);
        }
    }

    /// Tells of a relay that names more of a log than it gives, though it was asked again.
    pub(super) fn withheld(&self) -> Option<Problem> {
        let mut owed = self.papers.values().filter_map(|paper| paper.owed);
        owed.any(|owed| owed.asked > 1).then_some(Problem::Withheld)
    }

    /// Gives the relay time for the rest of the charter: it has just named how long it is, or come on with it.
    pub(super) const fn note_charter_owed(&mut self) {
        self.session.charter_due_at = Some(self.now + WITHHELD_MS);
    }

    /// When the relay is late with the charter; none where it has given what it named at its welcome.
    pub(super) fn charter_owed_at(&self) -> Option<Millis> {
        let Stage::Reading { charter_position } = self.session.stage else {
            return None;
        };
        let is_owed = self.read_of_charter() < charter_position;
        let due_at = self.session.charter_due_at;
        due_at.filter(|_| is_owed && self.session.shown_until.is_none())
    }

    /// Tells of a relay that has named more of the charter than it gives.
    pub(super) fn unshown(&self) -> Option<Problem> {
        let owed_at = self.charter_owed_at();
        owed_at
            .filter(|at| *at <= self.now)
            .map(|_| Problem::CharterBehind)
    }

    /// Tells people, once a device, that somebody is shown another history.
    pub(super) fn alarm(&mut self, device: DeviceId, row: AlarmRow) {
        if self.alarms.contains_key(&device) {
            return;
        }
        self.alarms.insert(device, row);
        self.persist([StoreOp::Put(key(Table::Alarm, &device), encode(&row))]);
    }

    pub(super) fn dismiss(&mut self, device: DeviceId) -> Reply {
        if self.alarms.remove(&device).is_some() {
            self.persist([StoreOp::Delete(key(Table::Alarm, &device))]);
        }
        Reply::Done
    }

    /// Holds every key that this device has against what the charter says of it.
    pub fn check_keys(&self) -> KeyCheck {
        let mut check = KeyCheck::default();
        for (space, epoch, fits) in self.keyring.checked() {
            check.held += 1;
            if !fits {
                check.unfit.push((space, epoch));
            }
        }
        check
    }

    /// What people compare, in words.
    pub(super) fn security(&self) -> Option<Reply> {
        let charter = self.charter.as_ref()?;
        let venture = charter.venture().0;
        let position = charter.position();
        let head = charter.head().0;
        let logs = self
            .papers
            .values()
            .filter(|paper| self.may_read(paper.space));
        let log_words = |point: Point, id: DocumentId| {
            let seq = point.seq.to_le_bytes();
            words(
                "heqi log words v1",
                &[&venture, &id.0, &seq, &point.chain.0],
            )
        };
        Some(Reply::Security(Security {
            charter: words(
                "heqi charter words v1",
                &[&venture, &position.to_le_bytes(), &head],
            ),
            charter_position: position,
            relay: charter.relay(),
            device: self.secrets.device(),
            logs: logs
                .map(|paper| LogWords {
                    space: paper.space,
                    document: paper.id,
                    seq: paper.head().seq,
                    words: log_words(paper.head(), paper.id),
                })
                .collect(),
            alarms: self
                .alarms
                .iter()
                .map(|(device, row)| alarm(*device, *row))
                .collect(),
            refused: self.refused_edits(),
            waiting: self.waiting_edits(),
        }))
    }

    fn refused_edits(&self) -> Vec<RefusedEdit> {
        let quarantined = self.quarantined.iter();
        let refused = quarantined.map(|(hash, reason)| {
            let row = self.refused.get(hash);
            RefusedEdit {
                hash: *hash,
                document: row.map(|row| row.document),
                device: row.and_then(|row| row.device),
                reason: reason.clone(),
            }
        });
        refused.collect()
    }

    fn waiting_edits(&self) -> Vec<WaitingEdit> {
        let waiting = self.papers.values().flat_map(|paper| {
            let waiting = paper.waiting.iter();
            waiting.map(|(envelope, row)| WaitingEdit {
                envelope: *envelope,
                document: paper.id,
                device: row.device,
            })
        });
        waiting.collect()
    }
}

fn alarm(device: DeviceId, row: AlarmRow) -> Alarm {
    let what = match row {
        AlarmRow::Log { document, seq } => Differs::Log { document, seq },
        AlarmRow::Charter { position } => Differs::Charter { position },
    };
    Alarm { device, what }
}
