//! A venture in memory.

use std::collections::BTreeSet;

use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::{InviteId, Misbehaviour, RelayKey, VentureId};

use super::Core;
use super::removal::SentBack;
use crate::log::find::Whereabouts;
use crate::log::row::{LAYOUT, VentureRow};
use crate::log::{Staged, StoreError};

/// Bytes of a charter that are read at once.
const CHARTER_PART_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Venture {
    pub(super) row: VentureRow,
    pub(super) charter: Charter,
    /// Number of charter entries on disk, as they are.
    pub(super) stored: u64,
    pub(super) indexed: Indexed,
    pub(super) sent_back: SentBack,
}

/// The invites and offers of a venture that the index on disk has, and the relay that it names for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexed {
    relay: Option<RelayKey>,
    pending: BTreeSet<InviteId>,
}

impl Indexed {
    fn of(charter: &Charter) -> Self {
        let pending = charter.invites().keys().chain(charter.offers().keys());
        Self {
            relay: Some(charter.relay()),
            pending: pending.copied().collect(),
        }
    }
}

impl Venture {
    /// Bytes of its charter and of its envelopes.
    pub(super) fn bytes(&self) -> u64 {
        self.row.bytes + self.charter.bytes() as u64
    }

    /// Stages what the index is to have, and notes it as there.
    pub(super) fn stage_index(&mut self, staged: &mut Staged) {
        let (venture, relay) = (self.charter.venture(), self.charter.relay());
        let now = Indexed::of(&self.charter);
        let lost = self.indexed.pending.difference(&now.pending);
        staged.lost.extend(lost.map(|invite| (*invite, venture)));
        let is_here = self.indexed.relay == now.relay;
        let new = now.pending.iter();
        let new = new.filter(|invite| !(is_here && self.indexed.pending.contains(invite)));
        let at = Whereabouts { venture, relay };
        staged.found.extend(new.map(|invite| (*invite, at)));
        self.indexed = now;
    }
}

impl Core {
    /// Brings a venture into memory; false where the store has none of that id.
    pub(super) fn load_venture(&mut self, id: VentureId) -> Result<bool, StoreError> {
        if self.ventures.contains_key(&id) {
            return Ok(true);
        }
        let Some(row) = self.store.venture(id)? else {
            return Ok(false);
        };
        let charter = self.read_whole(row.no)?;
        let stored = charter.position();
        let indexed = Indexed::of(&charter);
        let venture = Venture {
            row,
            charter,
            stored,
            indexed,
            sent_back: SentBack::default(),
        };
        self.ventures.insert(id, venture);
        Ok(true)
    }

    /// Folds a charter as it is read, so that no more than a part of it is in memory beside the fold.
    fn read_whole(&self, venture_no: u32) -> Result<Charter, StoreError> {
        const LACKING: StoreError = StoreError::Missing("a whole charter");
        let mut charter = None;
        loop {
            let first = charter.as_ref().map_or(0, Charter::position);
            let records = self
                .store
                .charter_from(venture_no, first, CHARTER_PART_BYTES)?;
            if records.is_empty() {
                return charter.ok_or(LACKING);
            }
            for record in records {
                let entry = Entry::decode(&record.entry)?;
                fold(&mut charter, &entry).map_err(|_| LACKING)?;
            }
        }
    }
}

impl Core {
    /// Makes the index for a store that is older than it.
    pub(super) fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        if self.facts.version == LAYOUT {
            return Ok(());
        }
        let mut staged = Staged::default();
        for id in self.store.ventures()? {
            self.load_venture(id)?;
            if let Some(mut venture) = self.ventures.remove(&id) {
                venture.indexed = Indexed::default();
                venture.stage_index(&mut staged);
            }
        }
        self.facts.version = LAYOUT;
        staged.facts = Some(self.facts);
        self.store.commit(&staged)?;
        self.stored_facts = self.facts;
        Ok(())
    }
}

/// Takes the next entry of a charter, its genesis first.
pub(super) fn fold(charter: &mut Option<Charter>, entry: &Entry) -> Result<(), Misbehaviour> {
    let taken = match charter {
        Some(charter) => charter.append(entry),
        None => Charter::found(entry).map(|founded| *charter = Some(founded)),
    };
    taken.map_err(|_| Misbehaviour::BadCharter)
}
