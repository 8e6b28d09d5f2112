//! Following the charter: reading it, taking its keys, and settling what a restored relay has forked.

use heqi_protocol::charter::{Body, Charter, Entry};
use heqi_protocol::frame::{Attested, CharterRecord};
use heqi_protocol::handshake::Welcome;
use heqi_protocol::limits::ENTRIES_PER_FRAME_MAX;
use heqi_protocol::log::CharterAck;
use heqi_protocol::{List, Misbehaviour, RelayKey, ToRelay, VentureId, encode};

use super::{Replica, Stage};
use crate::io::Problem;
use crate::keyring::Keyring;
use crate::names::Names;
use crate::store::{Ordered, StoreOp, Table, key};

/// Bytes of charter entries in one frame, beside one that may be long.
const RESTORE_BYTES: usize = 1 << 20;
/// Times in a row that a relay is shown a branch that goes before its own.
const FORKS_SHOWN_MAX: u32 = 3;
/// Time for a relay to take a branch before it is asked again.
const BRANCH_TAKEN_MS: u64 = 2_000;
/// Entries in a row that their authors may ask a restored relay for word for word, because its answer was lost: it
/// acknowledges them in its later life, and what had followed them in the one before may still come back.
const ASKED_AGAIN_MAX: usize = 8;

impl Replica {
    pub(super) fn charter_entries(
        &mut self,
        first: u64,
        entries: &[CharterRecord],
    ) -> Result<(), Misbehaviour> {
        if self.session.shown_until.is_some() {
            // Still the branch that is about to give way.
            return Ok(());
        }
        let mut grown = false;
        let mut broken = Ok(());
        for (index, record) in entries.iter().enumerate() {
            match self.charter_entry(first + index as u64, record) {
                Ok(is_new) => grown |= is_new,
                Err(misbehaviour) => broken = Err(misbehaviour),
            }
            if broken.is_err() {
                break;
            }
            let waits = self.session.shown_until.is_some();
            if waits || matches!(self.session.stage, Stage::Closing) {
                break;
            }
        }
        if grown {
            self.charter_grown();
        }
        broken?;
        self.session.charter_come = first.saturating_add(entries.len() as u64);
        self.note_charter_owed();
        self.charter_read();
        Ok(())
    }

    /// Everything that follows from new entries.
    fn charter_grown(&mut self) {
        self.refresh_names();
        self.effects.directory = true;
        self.session.amending = None;
        self.session.sent_back = 0;
        self.session.sign_at = None;
        self.session.refused_at = None;
        self.effects.again = true;
        for paper in self.papers.values_mut() {
            paper.look_again();
        }
        self.take_late_in();
        self.forget_spent_invites();
        self.forget_spent_kits();
        self.stand();
        self.moved();
        if matches!(self.session.stage, Stage::Live) {
            self.ensure_papers();
            self.push_stale();
            self.push_barred();
        }
    }

    /// Takes one entry; true where it is new.
    pub(super) fn charter_entry(
        &mut self,
        before: u64,
        record: &CharterRecord,
    ) -> Result<bool, Misbehaviour> {
        let position = self.records.len() as u64;
        let Ok(entry) = Entry::decode(&record.entry) else {
            return self.unreadable(record);
        };
        if before < position {
            let known = self.charter.as_ref().and_then(|c| c.head_at(before + 1));
            if known == Some(entry.hash()) {
                return Ok(false);
            }
            return self.forked(before, record, &entry);
        }
        if before > position {
            return Err(Misbehaviour::BadCharter);
        }
        match &mut self.charter {
            None => {
                let venture = self.profile.venture.ok_or(Misbehaviour::OtherVenture)?;
                let founded = Charter::found(&entry).map_err(|_| Misbehaviour::BadCharter)?;
                if founded.venture() != venture {
                    return Err(Misbehaviour::OtherVenture);
                }
                if !founded.is_acknowledged(&record.ack) {
                    return Err(Misbehaviour::ForkedCharter);
                }
                self.charter = Some(founded);
            }
            Some(charter) if entry.content().prev != charter.head() => {
                self.read_whole_charter()?;
                return Ok(false);
            }
            Some(charter) => {
                let relay = charter.relay();
                let fits = record.ack.position == before + 1 && record.ack.head == entry.hash();
                if !fits || goes_back(&self.records, charter.venture(), relay, &record.ack) {
                    return Err(Misbehaviour::ForkedCharter);
                }
                charter
                    .append(&entry)
                    .map_err(|_| Misbehaviour::BadCharter)?;
                if !charter.is_acknowledged(&record.ack) {
                    self.refold(self.records.len())?;
                    return Err(Misbehaviour::ForkedCharter);
                }
                if charter.relay() != relay {
                    self.forget_relay();
                }
            }
        }
        self.records.push(record.clone());
        let row = StoreOp::Put(key(Table::Charter, &Ordered::new(before)), encode(record));
        self.persist([row]);
        self.note_taken(&entry);
        self.take_keys(&entry);
        if let Body::Remove(_) = entry.content().body {
            self.judge_anew(before + 1);
            let documents: Vec<_> = self.papers.keys().copied().collect();
            for document in documents {
                self.compare_removals(document, |at, _| at == before + 1);
            }
        }
        Ok(true)
    }

    /// An entry that the relay acknowledges and this build cannot read was made by a newer one.
    fn unreadable(&mut self, record: &CharterRecord) -> Result<bool, Misbehaviour> {
        let charter = self.charter.as_ref().ok_or(Misbehaviour::BadCharter)?;
        let hash = Entry::hash_of(&record.entry);
        let signed = record
            .ack
            .verify(charter.venture(), charter.relay())
            .is_ok();
        if !signed || record.ack.head != hash {
            return Err(Misbehaviour::BadCharter);
        }
        self.stop(Problem::Newer);
        Ok(false)
    }

    /// The relay's charter is another one than ours somewhere: it is read from the start to find where.
    pub(super) fn read_whole_charter(&mut self) -> Result<(), Misbehaviour> {
        if self.session.reads_whole {
            return Err(Misbehaviour::BadCharter);
        }
        self.session.reads_whole = true;
        self.reconnect();
        Ok(())
    }

    /// Two branches part here. The one whose first entry was acknowledged in the lower incarnation stands; two entries
    /// acknowledged in one incarnation are proof against the relay, and so is one acknowledged in an incarnation that was
    /// over when it acknowledged what goes before.
    fn forked(
        &mut self,
        at: u64,
        theirs: &CharterRecord,
        entry: &Entry,
    ) -> Result<bool, Misbehaviour> {
        let index = usize::try_from(at).map_err(|_| Misbehaviour::BadCharter)?;
        let (Some(ours), Some(charter)) = (self.records.get(index), &self.charter) else {
            return Err(Misbehaviour::BadCharter);
        };
        let relay = charter.relay_at(at);
        // Lives of two relays cannot be compared: where a venture moved to two, people have to decide.
        let ours_is_its = ours.ack.verify(charter.venture(), relay).is_ok();
        if !ours_is_its {
            return Err(Misbehaviour::ForkedCharter);
        }
        let fits = theirs.ack.position == at + 1 && theirs.ack.head == entry.hash();
        if !fits || theirs.ack.verify(charter.venture(), relay).is_err() {
            return Err(Misbehaviour::BadCharter);
        }
        let common = &self.records[..index];
        if theirs.ack.incarnation == ours.ack.incarnation
            || goes_back(common, charter.venture(), relay, &theirs.ack)
        {
            return Err(Misbehaviour::ForkedCharter);
        }
        if ours.ack.incarnation < theirs.ack.incarnation {
            return self.show_branch(index);
        }
        // Nothing is given up for an entry that does not stand itself.
        let mut branch = self.folded(index).ok_or(Misbehaviour::BadCharter)?;
        branch.append(entry).map_err(|_| Misbehaviour::BadCharter)?;
        if !branch.is_acknowledged(&theirs.ack) {
            return Err(Misbehaviour::ForkedCharter);
        }
        // People are to know why what they saw in the charter is there no more.
        self.session.relay_restored = true;
        self.adopt_from(index)?;
        self.charter_entry(at, theirs)
    }

    /// The charter as it was after its first entries.
    fn folded(&self, len: usize) -> Option<Charter> {
        let (genesis, rest) = self.records.get(..len)?.split_first()?;
        let mut charter = Charter::found(&Entry::decode(&genesis.entry).ok()?).ok()?;
        for record in rest {
            charter.append(&Entry::decode(&record.entry).ok()?).ok()?;
        }
        Some(charter)
    }

    /// Shows the relay the branch that goes before its own, and comes back when it has had time to take it.
    fn show_branch(&mut self, index: usize) -> Result<bool, Misbehaviour> {
        if self.session.readmits {
            // Nobody takes a branch from whom it does not know: others have to show it.
            self.give_up_readmission();
            return Ok(false);
        }
        self.count_fork()?;
        let branch = self.records[index..].to_vec();
        self.send_records(branch);
        self.session.reads_whole = false;
        self.session.shown_until = Some(self.now + BRANCH_TAKEN_MS);
        Ok(false)
    }

    /// Counts the times in a row that a relay has not come to the branch which stands.
    pub(super) const fn count_fork(&mut self) -> Result<(), Misbehaviour> {
        self.session.forks_shown += 1;
        if self.session.forks_shown > FORKS_SHOWN_MAX {
            return Err(Misbehaviour::RolledBack);
        }
        Ok(())
    }

    /// Gives up our branch from there on; what this device wrote in it is asked for again.
    fn adopt_from(&mut self, index: usize) -> Result<(), Misbehaviour> {
        let lost = self.records.split_off(index);
        let (charter, keyring) = (self.charter.clone(), self.keyring.clone());
        self.refold(index)?;
        self.leave_branch(&keyring, index as u64);
        let positions = (index as u64..).take(lost.len());
        self.persist(positions.map(|position| {
            let position = Ordered::new(position);
            StoreOp::Delete(key(Table::Charter, &position))
        }));
        let entries = lost.iter().map(|record| Entry::decode(&record.entry));
        if let (Some(charter), Ok(entries)) = (charter, entries.collect::<Result<Vec<_>, _>>()) {
            self.ask_again(charter, &entries);
        }
        Ok(())
    }

    /// Folds the first records again, with the keys that they bring.
    fn refold(&mut self, len: usize) -> Result<(), Misbehaviour> {
        let records = self.records[..len].to_vec();
        self.charter = None;
        self.keyring = Keyring::default();
        for record in records {
            let entry = Entry::decode(&record.entry).map_err(|_| Misbehaviour::BadCharter)?;
            match &mut self.charter {
                None => self.charter = Charter::found(&entry).ok(),
                Some(charter) => charter
                    .append(&entry)
                    .map_err(|_| Misbehaviour::BadCharter)?,
            }
            self.take_keys(&entry);
        }
        Ok(())
    }

    pub(super) fn take_keys(&mut self, entry: &Entry) {
        let Some(charter) = &self.charter else { return };
        let nonce = charter.founding_nonce();
        let before = self.keyring.len();
        self.keyring.take(nonce, entry, &self.secrets);
        if let Some(secrets) = &self.invite_secrets {
            self.keyring.take(nonce, entry, secrets);
        }
        if matches!(entry.content().body, Body::Rechain(_)) && self.keyring.len() > before {
            self.keys_came();
        }
    }

    pub(super) fn refresh_names(&mut self) {
        let Some(charter) = &self.charter else { return };
        let me = self.secrets.device();
        if self.names.refresh(charter, &self.keyring, me) {
            self.authors_renamed();
        }
    }

    /// What another relay acknowledged is not this one's word: its logs are compared from their start.
    fn forget_relay(&mut self) {
        let mut ops = Vec::new();
        for paper in self.papers.values_mut() {
            ops.extend(paper.keep_acknowledged(0));
            paper.ack = None;
            paper.incarnation = None;
            ops.push(paper.put_row());
        }
        self.persist(ops);
    }

    /// Follows the venture to another relay.
    fn moved(&mut self) {
        let Some(charter) = &self.charter else { return };
        // An earlier move is not followed while a later one, perhaps to this very relay, is still to be read.
        if let Stage::Reading { charter_position } = self.session.stage
            && charter.position() < charter_position
        {
            return;
        }
        let Some(url) = Names::relay_url(charter, &self.keyring) else {
            return;
        };
        let Ok(url) = crate::link::relay_url(&url) else {
            return;
        };
        let elsewhere = self.session.relay != Some(charter.relay());
        if url != self.profile.relay_url {
            self.profile.relay_url = url;
            self.put_profile();
        }
        if elsewhere && !matches!(self.session.stage, Stage::Down | Stage::Closing) {
            self.reconnect();
        }
    }

    /// Gives a relay back the entries that it has lost; first it must know that it has.
    pub(super) fn restore_charter(&mut self, welcome: Welcome) -> Result<(), Misbehaviour> {
        let Some(charter) = &self.charter else {
            return Ok(());
        };
        let relay = charter.relay();
        // What another relay acknowledged says nothing about this one's life.
        let own = self.records.iter().rev().map(|record| record.ack);
        let last = own
            .into_iter()
            .find(|ack| ack.verify(charter.venture(), relay).is_ok());
        if let Some(last) = last.filter(|last| last.incarnation >= welcome.incarnation) {
            self.send(ToRelay::Attest(Attested::Charter(last)));
            self.session.attested = true;
            return Ok(());
        }
        let from = usize::try_from(welcome.charter_position).unwrap_or(usize::MAX);
        let lost: Vec<_> = self.records.iter().skip(from).cloned().collect();
        self.send_records(lost);
        Ok(())
    }

    pub(super) fn send_records(&mut self, records: Vec<CharterRecord>) {
        let mut frame = Vec::new();
        let mut bytes = 0;
        for record in records {
            let is_full = bytes + record.entry.len() > RESTORE_BYTES;
            if !frame.is_empty() && (is_full || frame.len() == ENTRIES_PER_FRAME_MAX) {
                self.send_frame_of(std::mem::take(&mut frame));
                bytes = 0;
            }
            bytes += record.entry.len();
            frame.push(record);
        }
        if !frame.is_empty() {
            self.send_frame_of(frame);
        }
    }

    fn send_frame_of(&mut self, records: Vec<CharterRecord>) {
        let records = List::new(records).expect("frames are cut at the limit");
        self.send(ToRelay::RestoreCharter(records));
    }
}

/// True where `relay` acknowledges in a life that was over when it acknowledged what goes before.
fn goes_back(
    before: &[CharterRecord],
    venture: VentureId,
    relay: RelayKey,
    ack: &CharterAck,
) -> bool {
    let recent = &before[before.len().saturating_sub(ASKED_AGAIN_MAX + 1)..];
    let mut lives = recent.iter().map(|record| record.ack.incarnation);
    // Signatures are looked at in the rare case alone.
    if lives.all(|life| life <= ack.incarnation) {
        return false;
    }
    let by_relay = |ack: &CharterAck| ack.verify(venture, relay).is_ok();
    let own = recent.iter().filter(|record| by_relay(&record.ack));
    let earliest = own.map(|record| record.ack.incarnation).min();
    by_relay(ack) && earliest.is_some_and(|earliest| ack.incarnation < earliest)
}
