//! A venture in memory.

use std::collections::BTreeSet;

use heqi_protocol::charter::Charter;
use heqi_protocol::{InviteId, Misbehaviour, RelayKey, VentureId};

use super::Core;
use super::removal::SentBack;
use crate::log::find::Whereabouts;
use crate::log::row::{LAYOUT, VentureRow};
use crate::log::{Staged, StoreError};

#[derive(Debug)]
pub(super) struct Venture {
    pub(super) row: VentureRow,
    pub(super) charter: Charter,
    /// Number of charter entries on disk, as they are.
    pub(super) stored: u64,
    pub(super) indexed: Indexed,
}

/// The invites and offers of a venture that the index on disk has, and the relay that it names for them.
    pub(super) sent_back: SentBack,
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
        let entries = self.store.charter_entries(row.no)?;
        let charter = fold(&entries).map_err(|_| StoreError::Missing("a whole charter"))?;
        let stored = charter.position();
        let indexed = Indexed::of(&charter);
        let venture = Venture {
            row,
            charter,
            stored,
            indexed,
        };
        self.ventures.insert(id, venture);
        Ok(true)
    }
}

impl Core {
            sent_back: SentBack::default(),
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

/// Folds the entries of a charter from its genesis on.
pub(super) fn fold(entries: &[heqi_protocol::charter::Entry]) -> Result<Charter, Misbehaviour> {
    let bad = |_| Misbehaviour::BadCharter;
    let (genesis, rest) = entries.split_first().ok_or(Misbehaviour::BadCharter)?;
    let mut charter = Charter::found(genesis).map_err(bad)?;
    for entry in rest {
        charter.append(entry).map_err(bad)?;
    }
    Ok(charter)
}
