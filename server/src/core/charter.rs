//! Founding, amending and bringing back charters.

use heqi_protocol::charter::{Author, Body, Charter, Entry, Refused};
use heqi_protocol::frame::{AmendRefused, CharterRecord, Unavailable};
use heqi_protocol::handshake::Who;
use heqi_protocol::limits::CHARTER_ENTRIES_MAX;
use heqi_protocol::log::CharterAck;
use heqi_protocol::{Bytes, FromRelay, Misbehaviour, VentureId};

use super::connection::{Reading, Sender};
use super::release::charter_frame;
use super::venture::{Venture, fold};
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
                self.refuse_amendment(sender, entry, AmendRefused::Closed);
                return Ok(());
            }
            let charter = Charter::found(entry).map_err(misbehaviour)?;
            self.add_venture(charter)?;
            self.stage_entry(sender.venture, entry)?;
        }
        // The founder goes on as the device that it is from now on.
        if let Some(peer) = self.peer(sender.conn) {
            peer.who = Who::Device(device);
        }
        self.begin_reading(sender.conn, 0);
        Ok(())
    }

    pub(super) fn amend(&mut self, sender: Sender, entry: &Entry, now_ms: u64) -> Result<(), Stop> {
        let content = entry.content();
        let Some(venture) = self.ventures.get_mut(&sender.venture) else {
            return Err(Unavailable::UnknownVenture.into());
        };
        let head_there = venture.charter.head_at(content.position.saturating_add(1));
        if content.venture == sender.venture && head_there == Some(entry.hash()) {
            return Ok(self.show_entry(sender, content.position)?);
        }
        let is_own = match (sender.who, content.author) {
            (Who::Device(sender), Author::Device(author)) => sender == author,
            (Who::Invite(sender), Author::Invite(author)) => sender == author,
            (Who::Device(_) | Who::Invite(_) | Who::Founder(_), _) => false,
        };
        if !is_own {
            return Err(Misbehaviour::NotAdmitted.into());
        }
        if is_expired(&venture.charter, entry, now_ms) {
            self.refuse_amendment(sender, entry, AmendRefused::Expired);
            return Ok(());
        }
        match venture.charter.append(entry) {
            Ok(()) => Ok(self.stage_entry(sender.venture, entry)?),
            Err(refused) => {
                let reason = amend_refused(refused)?;
                self.refuse_amendment(sender, entry, reason);
                Ok(())
            }
        }
    }

    pub(super) fn restore_charter(
        &mut self,
        sender: Sender,
        records: Vec<(Entry, CharterRecord)>,
    ) -> Result<(), Stop> {
        if !matches!(sender.who, Who::Device(_)) {
            return Err(Misbehaviour::OutOfTurn.into());
        }
        self.check_records(sender.venture, &records)?;
        for (_, record) in &records {
            if self.has_lost_charter(sender.venture, &record.ack)? {
                self.reincarnate_after(record.ack.incarnation);
                return Ok(());
            }
        }
        let is_known = self.load_venture(sender.venture)?;
        let records = match is_known {
            true => records,
            false => self.refound(sender, records)?,
        };
        self.extend_charter(sender, records)?;
        self.admit_waiting(sender.venture);
        Ok(())
    }

    /// Verifies that consecutive records carry this relay's word for these very entries.
    fn check_records(
        &self,
        venture: VentureId,
        records: &[(Entry, CharterRecord)],
    ) -> Result<(), Misbehaviour> {
        let first = records.first().ok_or(Misbehaviour::BadCharter)?;
        let first = first.0.content().position;
        if first > CHARTER_ENTRIES_MAX as u64 {
            return Err(Misbehaviour::BadCharter);
        }
        for (position, (entry, record)) in (first..).zip(records) {
            let ack = &record.ack;
            ack.verify(venture, self.relay_key())
                .map_err(|_| Misbehaviour::ForgedAck)?;
            let fits = entry.content().position == position
                && ack.position == position + 1
                && ack.head == entry.hash();
            if !fits {
                return Err(Misbehaviour::BadCharter);
            }
        }
        Ok(())
    }

    /// Makes a lost venture anew from its genesis, and gives the records after that.
    fn refound(
        &mut self,
        sender: Sender,
        mut records: Vec<(Entry, CharterRecord)>,
    ) -> Result<Vec<(Entry, CharterRecord)>, Stop> {
        let rest = records.split_off(1);
        let Some((genesis, record)) = records.pop() else {
            return Err(Misbehaviour::BadCharter.into());
        };
        if VentureId(genesis.hash().0) != sender.venture {
            return Err(Misbehaviour::BadCharter.into());
        }
        let charter = Charter::found(&genesis).map_err(misbehaviour)?;
        self.add_venture(charter)?;
        self.stage_record(sender.venture, 0, record);
        Ok(rest)
    }

    /// Appends what the charter lacks. Where branches part, the one acknowledged in the lower incarnation stands.
    fn extend_charter(
        &mut self,
        sender: Sender,
        records: Vec<(Entry, CharterRecord)>,
    ) -> Result<(), Stop> {
        let Some(venture) = self.ventures.get(&sender.venture) else {
            return Ok(());
        };
        let charter = &venture.charter;
        let is_there = |(entry, record): &(Entry, CharterRecord)| {
            charter.head_at(record.ack.position) == Some(entry.hash())
        };
        let records: Vec<_> = records.into_iter().skip_while(is_there).collect();
        let Some((_, record)) = records.first() else {
            return Ok(());
        };
        let first = record.ack.position - 1;
        let theirs = record.ack.incarnation;
        if first > charter.position() {
            return Err(Misbehaviour::BadCharter.into());
        }
        if first == charter.position() {
            return self.append_records(sender.venture, records);
        }
        let ours = self.record_at(sender.venture, first)?.ack.incarnation;
        if theirs < ours {
            return self.replace_branch(sender, first, records);
        }
        // Ours stands: show it from where theirs parted.
        if let Some(peer) = self.peer(sender.conn).filter(|peer| peer.is_admitted) {
            peer.charter_sent = peer.charter_sent.min(first);
            if !peer.readings.contains(&Reading::Charter) {
                peer.readings.push_front(Reading::Charter);
            }
            self.read_later(sender.conn);
        }
        Ok(())
    }

    fn append_records(
        &mut self,
        id: VentureId,
        records: Vec<(Entry, CharterRecord)>,
    ) -> Result<(), Stop> {
        for (entry, record) in records {
            if let Some(venture) = self.ventures.get_mut(&id) {
                venture.charter.append(&entry).map_err(misbehaviour)?;
            }
            self.stage_record(id, entry.content().position, record);
        }
        Ok(())
    }

    /// Puts another branch in the place of ours. Envelopes admitted under ours stay where they are.
    fn replace_branch(
        &mut self,
        sender: Sender,
        first: u64,
        records: Vec<(Entry, CharterRecord)>,
    ) -> Result<(), Stop> {
        let mut entries = Vec::new();
        for position in 0..first {
            let record = self.record_at(sender.venture, position)?;
            entries.push(Entry::decode(&record.entry).map_err(StoreError::from)?);
        }
        let (theirs, records): (Vec<_>, Vec<_>) = records.into_iter().unzip();
        entries.extend(theirs);
        let charter = fold(&entries)?;
        let Some(venture) = self.ventures.get_mut(&sender.venture) else {
            return Ok(());
        };
        venture.charter = charter;
        for (position, record) in (first..).zip(records) {
            self.stage_record(sender.venture, position, record);
        }
        self.dismiss_unknown(sender.venture);
        Ok(())
    }

    /// Closes the connections of devices that only the replaced branch knew.
    fn dismiss_unknown(&mut self, id: VentureId) {
        for conn in self.attached_to(id) {
            let who = self.peer(conn).map(|peer| peer.who);
            let charter = self.ventures.get(&id).map(|venture| &venture.charter);
            if let (Some(Who::Device(device)), Some(charter)) = (who, charter)
                && !charter.devices().contains_key(&device)
            {
                self.refuse(conn, Misbehaviour::NotAdmitted);
            }
        }
    }

    /// Lets in the devices that waited for a charter that knows them.
    fn admit_waiting(&mut self, id: VentureId) {
        for conn in self.attached_to(id) {
            let waiting = self.peer(conn).filter(|peer| !peer.is_admitted);
            let Some((Who::Device(device), sent)) =
                waiting.map(|peer| (peer.who, peer.charter_sent))
            else {
                continue;
            };
            let charter = self.ventures.get(&id).map(|venture| &venture.charter);
            let known = charter.filter(|charter| charter.devices().contains_key(&device));
            if let Some(position) = known.map(Charter::position) {
                self.begin_reading(conn, sent.min(position));
            }
        }
    }

    fn add_venture(&mut self, charter: Charter) -> Result<(), Misbehaviour> {
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
        };
        self.ventures.insert(venture.charter.venture(), venture);
        Ok(())
    }

    /// Stages the entry that the charter has just taken, with this relay's word for it.
    fn stage_entry(&mut self, id: VentureId, entry: &Entry) -> Result<(), StoreError> {
        let first = entry.content().position;
        let incarnation = self.facts.incarnation;
        let ack = CharterAck::sign(id, incarnation, first + 1, entry.hash(), &self.key);
        let entry = Bytes::new(entry.bytes().to_vec());
        let entry = entry.map_err(|_| StoreError::Missing("room for a charter entry"))?;
        self.stage_record(id, first, CharterRecord { entry, ack });
        Ok(())
    }

    /// Stages a record; what was staged from its position on makes room.
    fn stage_record(&mut self, id: VentureId, position: u64, record: CharterRecord) {
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
    fn record_at(&self, id: VentureId, position: u64) -> Result<CharterRecord, StoreError> {
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

    fn refuse_amendment(&mut self, sender: Sender, entry: &Entry, reason: AmendRefused) {
        let entry = entry.hash();
        self.say(sender.conn, &FromRelay::AmendRefused { entry, reason });
    }
}

/// True for the acceptance of an invite after its time.
fn is_expired(charter: &Charter, entry: &Entry, now_ms: u64) -> bool {
    let content = entry.content();
    let (Author::Invite(invite), Body::Accept(_)) = (content.author, &content.body) else {
        return false;
    };
    let invite = charter.invites().get(&invite);
    invite
        .and_then(|invite| invite.expires_ms)
        .is_some_and(|expires_ms| now_ms > expires_ms)
}

fn misbehaviour(refused: Refused) -> Misbehaviour {
    match refused {
        Refused::Signature(_) | Refused::DeviceProof => Misbehaviour::BadSignature,
        Refused::OtherVenture => Misbehaviour::OtherVenture,
        _ => Misbehaviour::BadCharter,
    }
}

/// What an author is told; a forged or misplaced entry ends the connection instead.
fn amend_refused(refused: Refused) -> Result<AmendRefused, Misbehaviour> {
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
