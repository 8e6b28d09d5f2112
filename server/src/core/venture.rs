//! A venture in memory.

use heqi_protocol::charter::Charter;
use heqi_protocol::{Misbehaviour, VentureId};

use super::Core;
use crate::log::StoreError;
use crate::log::row::VentureRow;

#[derive(Debug)]
pub(super) struct Venture {
    pub(super) row: VentureRow,
    pub(super) charter: Charter,
    /// Number of charter entries on disk, as they are.
    pub(super) stored: u64,
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
        let venture = Venture {
            row,
            charter,
            stored,
        };
        self.ventures.insert(id, venture);
        Ok(true)
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
