//! Which venture an invite or an offer belongs to, for those who have nothing but a typed code.

use std::sync::Arc;

use heqi_protocol::{InviteId, RelayKey, VentureId};
use redb::{Database, ReadableDatabase};

use super::StoreError;
use super::tables::FOUND;

/// Where an invite or an offer can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    pub venture: VentureId,
    /// The relay that its charter names.
    pub relay: RelayKey,
}

/// Reads the index beside the writer; sees what was committed.
#[derive(Clone, Debug)]
pub struct Finder {
    db: Arc<Database>,
}

impl Finder {
    pub(super) const fn new(db: Arc<Database>) -> Self {
        Self { db }
    }

    /// The venture in which the invite or offer is pending.
    pub fn find(&self, invite: InviteId) -> Result<Option<Whereabouts>, StoreError> {
        let txn = self.db.begin_read().map_err(Box::new)?;
        let table = txn.open_table(FOUND).map_err(Box::new)?;
        let row = table.get(invite.0)?.map(|row| row.value());
        Ok(row.map(|(venture, relay)| Whereabouts {
            venture: VentureId(venture),
            relay: RelayKey(relay),
        }))
    }
}
