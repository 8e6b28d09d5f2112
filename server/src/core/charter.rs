//! Founding and amending charters.

use heqi_protocol::charter::{Author, Body, Charter, Entry, OfferKind, Refused};
use heqi_protocol::frame::{AmendRefused, CharterRecord, Unavailable};
use heqi_protocol::handshake::Who;
use heqi_protocol::log::CharterAck;
use heqi_protocol::{Bytes, FromRelay, Hash, Misbehaviour, VentureId};

use super::connection::Sender;
use super::pushing::charter_frame;
use super::removal::SentBack;
use super::standing::Standing;
use super::venture::{Indexed, Venture};
use super::{Core, Stop};
use crate::log::row::VentureRow;
use crate::log::{CharterSuffix, StoreError};

impl Core {
    pub(super) fn found(&mut self, sender: Sender, entry: &Entry) -> Result<(), Stop> {
        let Who::Founder(device) = sender.who else {
            return Err(Misbehaviour::OutOfTurn.into());
        };
        if VentureId(entry.hash().0) != sender.venture {
            return Err(Misbehaviour::OtherVenture.into());
        }
        if entry.content().author != Author::Device(device) {
            return Err(Misbehaviour::NotAdmitted.into());
        }
        if !self.load_venture(sender.venture)? {
            if self.options.is_closed {
                self.refuse_amendment(sender, entry.hash(), AmendRefused::Closed);
                return Ok(());
            }
            let charter = Charter::found(entry).map_err(misbehaviour)?;
            self.add_venture(charter)?;
            self.stage_entry(sender.venture, entry)?;
        }
        // The founder goes on as the device that it is from now on.
        let who = Who::Device(device);
        let relay = self.relay_key();
        let venture = self.ventures.get(&sender.venture);
        let standing = venture.map(|venture| Standing::of(&venture.charter, relay, who));
        if let Some(peer) = self.peer(sender.conn) {
            peer.who = who;
        }
        if let Some(standing) = standing {
            self.begin_reading(sender.conn, standing, 0);
        }
        Ok(())
    }

    pub(super) fn amend(&mut self, sender: Sender, entry: &Entry, now_ms: u64) -> Result<(), Stop> {
        if !(self.has_left(sender.venture) && self.moves_here(entry)) {
            self.admitted(sender)?;
        }
        let content = entry.content();
        let Some(venture) = self.ventures.get_mut(&sender.venture) else {
            return Err(Unavailable::UnknownVenture.into());
        };
        let head_there = venture.charter.head_at(content.position.saturating_add(1));
        if content.venture == sender.venture && head_there == Some(entry.hash()) {
            return Ok(self.show_entry(sender, content.position)?);
        }
        is_own(sender, entry)?;
        if is_expired(&venture.charter, entry, now_ms) {
            self.refuse_amendment(sender, entry.hash(), AmendRefused::Expired);
            return Ok(());
        }
        if self.sends_back(sender, entry)? {
            return Ok(());
        }
        let Some(venture) = self.ventures.get_mut(&sender.venture) else {
            return Err(Unavailable::UnknownVenture.into());
        };
        match venture.charter.append(entry) {
            Ok(()) => {
                self.stage_entry(sender.venture, entry)?;
                let is_spent = matches!(content.author, Author::Invite(_));
                self.restand(sender.venture, is_spent.then_some(sender.conn));
                Ok(())
            }
            Err(refused) => {
                let reason = amend_refused(refused)?;
                self.refuse_amendment(sender, entry.hash(), reason);
                Ok(())
            }
        }
    }

    /// True for the entry with which a venture comes to this relay.
    pub(super) fn moves_here(&self, entry: &Entry) -> bool {
        matches!(&entry.content().body, Body::MoveRelay(moved) if moved.relay == self.relay_key())
    }

    pub(super) fn add_venture(&mut self, charter: Charter) -> Result<(), Misbehaviour> {
        if charter.relay() != self.relay_key() {
            return Err(Misbehaviour::WrongRelay);
        }
        let row = VentureRow {
            no: self.facts.take_venture_no(),
            bytes: 0,
            documents: 0,
        };
        let venture = Venture {
            row,
            stored: 0,
            charter,
            indexed: Indexed::default(),
            sent_back: SentBack::default(),
        };
        self.ventures.insert(venture.charter.venture(), venture);
        Ok(())
    }

    /// Stages the entry that the charter has just taken, with this relay's word for it.
    pub(super) fn stage_entry(&mut self, id: VentureId, entry: &Entry) -> Result<(), StoreError> {
        let first = entry.content().position;
        let incarnation = self.facts.incarnation;
        let ack = CharterAck::sign(id, incarnation, first + 1, entry.hash(), &self.key);
        let bytes = Bytes::new(entry.bytes().to_vec());
        let bytes = bytes.map_err(|_| StoreError::Missing("room for a charter entry"))?;
        self.stage_record(id, entry, CharterRecord { entry: bytes, ack });
        Ok(())
    }

    /// Stages a record; what was staged from its position on makes room.
    pub(super) fn stage_record(&mut self, id: VentureId, entry: &Entry, record: CharterRecord) {
        let position = entry.content().position;
        if let Body::DeleteDocument(deleted) = &entry.content().body {
            self.batch.deleted.insert((id, deleted.document));
        }
        let Some(venture) = self.ventures.get_mut(&id) else {
            return;
        };
        venture.stored = venture.stored.min(position);
        self.batch.ventures.insert(id);
        let staged = self.batch.staged.charters.entry(id);
        let suffix = staged.or_insert_with(|| CharterSuffix {
            venture_no: venture.row.no,
            first: position,
            records: Vec::new(),
        });
        suffix.first = suffix.first.min(position);
        let keep = usize::try_from(position - suffix.first).unwrap_or(usize::MAX);
        suffix.records.truncate(keep);
        suffix.records.push(record);
    }

    /// The record at a position, staged or stored.
    pub(super) fn record_at(
        &self,
        id: VentureId,
        position: u64,
    ) -> Result<CharterRecord, StoreError> {
        let missing = StoreError::Missing("a charter entry");
        if let Some(suffix) = self.batch.staged.charters.get(&id)
            && let Some(above) = position.checked_sub(suffix.first)
        {
            let index = usize::try_from(above).unwrap_or(usize::MAX);
            return suffix.records.get(index).cloned().ok_or(missing);
        }
        let Some(venture) = self.ventures.get(&id) else {
            return Err(missing);
        };
        let records = self.store.charter_from(venture.row.no, position, 0)?;
        records.into_iter().next().ok_or(missing)
    }

    /// Answers an entry that is there already with its record.
    fn show_entry(&mut self, sender: Sender, position: u64) -> Result<(), StoreError> {
        let venture = self.ventures.get(&sender.venture);
        if venture.is_none_or(|venture| position >= venture.stored) {
            // Everybody gets it when this batch is on disk.
            return Ok(());
        }
        let record = self.record_at(sender.venture, position)?;
        if let Some(frame) = charter_frame(position, vec![record]) {
            self.batch
                .early
                .push((sender.conn, crate::fanout::Out::Frame(frame)));
        }
        Ok(())
    }

    pub(super) fn refuse_amendment(&mut self, sender: Sender, entry: Hash, reason: AmendRefused) {
        self.say(sender.conn, &FromRelay::AmendRefused { entry, reason });
    }
}

/// Refuses an entry that somebody else than its author brings.
pub(super) fn is_own(sender: Sender, entry: &Entry) -> Result<(), Misbehaviour> {
    let is_own = match (sender.who, entry.content().author) {
        (Who::Device(sender), Author::Device(author)) => sender == author,
        (Who::Invite(sender), Author::Invite(author)) => sender == author,
        (Who::Device(_) | Who::Invite(_) | Who::Founder(_), _) => false,
    };
    match is_own {
        true => Ok(()),
        false => Err(Misbehaviour::NotAdmitted),
    }
}

/// True for the use of an invite or a device offer after its time.
fn is_expired(charter: &Charter, entry: &Entry, now_ms: u64) -> bool {
    let content = entry.content();
    let expires_ms = match (content.author, &content.body) {
        (Author::Invite(id), Body::Accept(_)) => {
            let invite = charter.invites().get(&id);
            invite.and_then(|invite| invite.expires_ms)
        }
        (Author::Invite(id), Body::AddDevice(_)) => {
            let offer = charter.offers().get(&id);
            let offer = offer.filter(|offer| offer.kind == OfferKind::Device);
            offer.and_then(|offer| offer.expires_ms)
        }
        _ => None,
    };
    expires_ms.is_some_and(|expires_ms| now_ms > expires_ms)
}

pub(super) fn misbehaviour(refused: Refused) -> Misbehaviour {
    match refused {
        Refused::Signature(_) | Refused::DeviceProof => Misbehaviour::BadSignature,
        Refused::OtherVenture => Misbehaviour::OtherVenture,
        _ => Misbehaviour::BadCharter,
    }
}

/// What an author is told; a forged or misplaced entry ends the connection instead.
pub(super) fn amend_refused(refused: Refused) -> Result<AmendRefused, Misbehaviour> {
    match refused {
        Refused::NotNext { position } => Ok(AmendRefused::MovedOn { position }),
        Refused::InviteSpent => Ok(AmendRefused::InviteSpent),
        Refused::OtherVenture
        | Refused::GenesisMisplaced
        | Refused::Signature(_)
        | Refused::DeviceProof => Err(misbehaviour(refused)),
        _ => Ok(AmendRefused::Forbidden),
    }
}
