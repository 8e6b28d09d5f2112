//! What envelopes tell beside their changes: who was heard when, and whether somebody was shown another history.

use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, encode};

use super::Replica;
use crate::code::words;
use crate::io::{Alarm, Differs, KeyCheck, LogWords, Reply, Security};
use crate::store::{AlarmRow, StoreOp, Table, key};

impl Replica {
    /// Notes what a valid envelope says of its author.
    pub(super) fn watch(&mut self, document: DocumentId, envelope: &Envelope, at_ms: u64) {
        let device = envelope.header.device;
        // Nobody was heard in the future, whatever their clock says.
        let at_ms = at_ms.min(self.now);
        if self.heard.get(&device).is_none_or(|known| *known < at_ms) {
            self.heard.insert(device, at_ms);
            self.persist([StoreOp::Put(key(Table::Heard, &device), encode(&at_ms))]);
            self.effects.directory = true;
        }
        if let Some(row) = self.differs(document, envelope) {
            self.alarm(device, row);
        }
    }

    /// Where the author saw another log or charter than this device, within one life of the relay.
    fn differs(&self, document: DocumentId, envelope: &Envelope) -> Option<AlarmRow> {
        let seen = envelope.header.seen;
        let paper = self.papers.get(&document)?;
        if seen.incarnation.is_none() || seen.incarnation != paper.incarnation {
            return None;
        }
        let seq = seen.point.seq;
        if paper.point(seq).is_some_and(|point| point != seen.point) {
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

    pub(super) fn knows_head(&self, head: Hash) -> bool {
        let records = self.records.iter().rev();
        records.into_iter().any(|record| record.ack.head == head)
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
        let log_words = |point: heqi_protocol::log::Point, id: DocumentId| {
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
        }))
    }
}

fn alarm(device: DeviceId, row: AlarmRow) -> Alarm {
    let what = match row {
        AlarmRow::Log { document, seq } => Differs::Log { document, seq },
        AlarmRow::Charter { position } => Differs::Charter { position },
    };
    Alarm { device, what }
}
