//! Charter entries that somebody brings back to a relay that lost them, and which of two branches stands.

use heqi_protocol::charter::{Body, Charter, Entry};
use heqi_protocol::frame::CharterRecord;
use heqi_protocol::limits::CHARTER_ENTRIES_MAX;
use heqi_protocol::log::CharterAck;
use heqi_protocol::{Misbehaviour, VentureId};

use super::charter::misbehaviour;
use super::connection::{Reading, Sender};
use super::venture::fold;
use super::{Core, Stop};
use crate::log::StoreError;

pub(super) type Records = Vec<(Entry, CharterRecord)>;

impl Core {
    pub(super) fn restore_charter(
        &mut self,
        sender: Sender,
        records: Records,
        now_ms: u64,
    ) -> Result<(), Stop> {
        sender.device()?;
        are_consecutive(&records)?;
        for (_, record) in &records {
            // What another relay acknowledged says nothing about this one's life.
            if self.is_our_word(sender.venture, &record.ack)
                && self.has_lost_charter(sender.venture, &record.ack)?
            {
                self.reincarnate_after(record.ack.incarnation);
                return Ok(());
            }
        }
        if !self.load_venture(sender.venture)? {
            return self.bring(sender, records, now_ms);
        }
        self.extend_charter(sender, records)?;
        self.restand(sender.venture, None);
        Ok(())
    }

    pub(super) fn is_our_word(&self, venture: VentureId, ack: &CharterAck) -> bool {
        ack.verify(venture, self.relay_key()).is_ok()
    }

    /// Appends what the charter lacks. Where branches part, the one acknowledged in the lower incarnation stands.
    fn extend_charter(&mut self, sender: Sender, records: Records) -> Result<(), Stop> {
        let Some(venture) = self.ventures.get(&sender.venture) else {
            return Ok(());
        };
        let charter = &venture.charter;
        let is_there = |(entry, record): &(Entry, CharterRecord)| {
            charter.head_at(record.ack.position) == Some(entry.hash())
        };
        let position = charter.position();
        let records: Vec<_> = records.into_iter().skip_while(is_there).collect();
        let Some(parting) = records.first() else {
            return Ok(());
        };
        let first = parting.0.content().position;
        if first > position {
            return Err(Misbehaviour::BadCharter.into());
        }
        if first < position && !self.goes_before_ours(sender.venture, parting)? {
            self.show_from(sender, first);
            return Ok(());
        }
        let mut theirs = match first == position {
            true => charter.clone(),
            false => self.charter_before(sender.venture, first)?,
        };
        append_acknowledged(&mut theirs, &records)?;
        if let Some(venture) = self.ventures.get_mut(&sender.venture) {
            venture.charter = theirs;
        }
        // Envelopes admitted under a branch that goes stay where they are; the charter says what they are worth.
        for (entry, record) in records {
            self.stage_record(sender.venture, &entry, record);
        }
        Ok(())
    }

    /// True where a record that stands in the place of another one was acknowledged in a lower incarnation of the
    /// relay of that time. Incarnations of two relays say nothing about each other.
    fn goes_before_ours(
        &self,
        id: VentureId,
        (entry, record): &(Entry, CharterRecord),
    ) -> Result<bool, Stop> {
        let first = entry.content().position;
        let ours = self.record_at(id, first)?.ack;
        let Some(venture) = self.ventures.get(&id) else {
            return Ok(false);
        };
        let relay = venture.charter.relay_at(first);
        let is_by_relay = |ack: &CharterAck| ack.verify(id, relay).is_ok();
        if !is_by_relay(&record.ack) {
            // A move may carry the word of the relay moved to.
            return match &entry.content().body {
                Body::MoveRelay(moved) if record.ack.verify(id, moved.relay).is_ok() => Ok(false),
                _ => Err(Misbehaviour::ForgedAck.into()),
            };
        }
        Ok(is_by_relay(&ours) && record.ack.incarnation < ours.incarnation)
    }

    /// Shows our branch from where another one parted.
    fn show_from(&mut self, sender: Sender, first: u64) {
        let peer = self.peer(sender.conn);
        if let Some(peer) = peer.filter(|peer| peer.standing.is_inside()) {
            peer.charter_sent = peer.charter_sent.min(first);
            if !peer.readings.contains(&Reading::Charter) {
                peer.readings.push_front(Reading::Charter);
            }
            self.read_later(sender.conn);
        }
    }

    /// The charter as it was `position` entries long.
    fn charter_before(&self, id: VentureId, position: u64) -> Result<Charter, Stop> {
        let mut charter = None;
        for position in 0..position {
            let record = self.record_at(id, position)?;
            let entry = Entry::decode(&record.entry).map_err(StoreError::from)?;
            fold(&mut charter, &entry)?;
        }
        Ok(charter.ok_or(Misbehaviour::BadCharter)?)
    }
}

/// Takes records on top of a charter, each with the word of a relay that could give it.
pub(super) fn append_acknowledged(
    charter: &mut Charter,
    records: &[(Entry, CharterRecord)],
) -> Result<(), Misbehaviour> {
    for (entry, record) in records {
        charter.append(entry).map_err(misbehaviour)?;
        if !charter.is_acknowledged(&record.ack) {
            return Err(Misbehaviour::ForgedAck);
        }
    }
    Ok(())
}

/// Checks that records follow each other and that the acknowledgements name these very entries.
fn are_consecutive(records: &[(Entry, CharterRecord)]) -> Result<(), Misbehaviour> {
    let first = records.first().ok_or(Misbehaviour::BadCharter)?;
    let first = first.0.content().position;
    if first > CHARTER_ENTRIES_MAX as u64 {
        return Err(Misbehaviour::BadCharter);
    }
    for (position, (entry, record)) in (first..).zip(records) {
        let fits = entry.content().position == position
            && record.ack.position == position + 1
            && record.ack.head == entry.hash();
        if !fits {
            return Err(Misbehaviour::BadCharter);
        }
    }
    Ok(())
}
