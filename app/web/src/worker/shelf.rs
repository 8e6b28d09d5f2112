//! The ventures on this device: a database of its own, beside one for each venture.

use std::cell::RefCell;
use std::collections::BTreeMap;

use heqi_replica::Directory;
use serde::{Deserialize, Serialize};

use super::idb::{Database, Durability, StoreError};
use super::people;
use super::vault::Lock;
use crate::wire::{Id, VentureKey, VentureSummary};

const INDEX: &str = "heqi";

/// A venture on this device, as the index keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The venture's id in hexadecimal; empty until it is founded.
    #[serde(default)]
    pub(super) venture: String,
    /// How it came here, for as long as it is not a member's venture yet.
    #[serde(default)]
    pub(super) beginning: Option<Beginning>,
    /// The invite or code by which it came here, in hexadecimal.
    #[serde(default)]
    pub(super) by: String,
    /// The relay was asked to admit this device by it: what is here may be the only key to what it opened.
    #[serde(default)]
    pub(super) asked: bool,
    pub(super) name: String,
    pub(super) party: String,
    pub(super) code: String,
    pub(super) member: String,
    pub(super) relay: String,
    #[serde(default)]
    pub(super) pending: u32,
    #[serde(default)]
    pub(super) recovery_saved_ms: Option<u64>,
    #[serde(default)]
    pub(super) opened_ms: u64,
    /// What opens it, where it is locked.
    #[serde(default)]
    pub(super) lock: Option<Lock>,
    /// When this device learned that it was removed, in milliseconds since 1970.
    #[serde(default)]
    pub(super) removed_ms: Option<u64>,
}

/// How a venture comes to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Beginning {
    Founding,
    Joining,
    /// By a code or a recovery kit.
    Recovering,
}

/// The index, in memory and on disk.
pub(super) struct Shelf {
    database: Database,
    entries: RefCell<BTreeMap<VentureKey, Entry>>,
}

impl Shelf {
    /// Reads the index, and removes what was begun and came to nothing.
    pub(super) async fn open() -> Result<Self, StoreError> {
        let database = Database::open(INDEX).await?;
        let rows = database.rows(None).await?;
        let entries = rows.into_iter().filter_map(|(key, value)| {
            let key = VentureKey(String::from_utf8(key).ok()?);
            Some((key, serde_json::from_slice(&value).ok()?))
        });
        let shelf = Self {
            database,
            entries: RefCell::new(entries.collect()),
        };
        for key in shelf.abandoned() {
            shelf.remove(&key).await?;
        }
        Ok(shelf)
    }

    pub(super) fn entry(&self, key: &VentureKey) -> Option<Entry> {
        self.entries.borrow().get(key).cloned()
    }

    /// The venture of this id that a member has here, and for which `counts`; one that removed this device is none.
    pub(super) fn of_venture(
        &self,
        venture: &str,
        counts: impl Fn(&VentureKey, &Entry) -> bool,
    ) -> Option<VentureKey> {
        let entries = self.entries.borrow();
        let mut found = entries.iter().filter(|(key, entry)| {
            let here = entry.beginning.is_none() && entry.removed_ms.is_none();
            entry.venture == venture && here && counts(key, entry)
        });
        found.next().map(|(key, _)| key.clone())
    }

    /// What was begun by this invite or code and is not a member's venture yet.
    pub(super) fn begun_by(&self, by: &str) -> Option<(VentureKey, Beginning)> {
        let entries = self.entries.borrow();
        let mut found = entries.iter().filter(|(_, entry)| entry.by == by);
        found.find_map(|(key, entry)| Some((key.clone(), entry.beginning?)))
    }

    /// All ventures whose beginning is behind them, the one opened last first.
    pub(super) fn summaries(&self) -> Vec<VentureSummary> {
        let entries = self.entries.borrow();
        let mut known: Vec<_> = entries
            .iter()
            .filter(|(_, entry)| entry.beginning.is_none())
            .collect();
        known.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.opened_ms));
        known
            .into_iter()
            .map(|(key, entry)| entry.summary(key))
            .collect()
    }

    /// Ventures with edits that wait to be sent, and those that were being joined or added to.
    pub(super) fn unfinished(&self) -> Vec<VentureKey> {
        let entries = self.entries.borrow();
        let waits = |entry: &Entry| entry.pending > 0 || entry.beginning.is_some();
        let keys = entries.iter().filter(|(_, entry)| waits(entry));
        keys.map(|(key, _)| key.clone()).collect()
    }

    /// Changes an entry; `None` where there is no such venture, or where that changes nothing.
    pub(super) async fn change(
        &self,
        key: &VentureKey,
        durability: Durability,
        change: impl FnOnce(&mut Entry),
    ) -> Result<Option<Entry>, StoreError> {
        let changed = {
            let mut entries = self.entries.borrow_mut();
            let Some(entry) = entries.get_mut(key) else {
                return Ok(None);
            };
            let before = entry.clone();
            change(entry);
            if *entry == before {
                return Ok(None);
            }
            entry.clone()
        };
        self.write(key, &changed, durability).await?;
        Ok(Some(changed))
    }

    /// Adds a venture.
    pub(super) async fn add(&self, key: &VentureKey, entry: Entry) -> Result<(), StoreError> {
        self.write(key, &entry, Durability::Strict).await?;
        self.entries.borrow_mut().insert(key.clone(), entry);
        Ok(())
    }

    /// Removes a venture and all its rows.
    pub(super) async fn remove(&self, key: &VentureKey) -> Result<(), StoreError> {
        Database::delete(&database_name(key)).await?;
        let row = (key.0.clone().into_bytes(), None);
        self.database.write([row], Durability::Strict).await?;
        self.entries.borrow_mut().remove(key);
        Ok(())
    }

    fn abandoned(&self) -> Vec<VentureKey> {
        let entries = self.entries.borrow();
        let came_to_nothing = |entry: &Entry| entry.beginning == Some(Beginning::Founding);
        let keys = entries.iter().filter(|(_, entry)| came_to_nothing(entry));
        keys.map(|(key, _)| key.clone()).collect()
    }

    async fn write(
        &self,
        key: &VentureKey,
        entry: &Entry,
        durability: Durability,
    ) -> Result<(), StoreError> {
        let value =
            serde_json::to_vec(entry).map_err(|error| StoreError::Failed(error.to_string()))?;
        let row = (key.0.clone().into_bytes(), Some(value));
        self.database.write([row], durability).await
    }
}

impl Entry {
    /// An entry of which nothing is known but how it began.
    pub(super) fn begun(beginning: Beginning) -> Self {
        Self {
            venture: String::new(),
            beginning: Some(beginning),
            by: String::new(),
            asked: false,
            name: String::new(),
            party: String::new(),
            code: String::new(),
            member: String::new(),
            relay: String::new(),
            pending: 0,
            recovery_saved_ms: None,
            opened_ms: 0,
            lock: None,
            removed_ms: None,
        }
    }

    /// Takes the names over as the directory has them, where it can be read.
    pub(super) fn take_names(&mut self, directory: &Directory) {
        if let Some((party, member)) = people::me(directory) {
            self.party.clone_from(&party.name);
            self.code.clone_from(&party.code);
            self.member.clone_from(&member.name);
        }
        if !directory.venture.is_empty() {
            self.name.clone_from(&directory.venture);
        }
        if !directory.relay_url.is_empty() {
            self.relay.clone_from(&directory.relay_url);
        }
    }

    /// What the interface is told of the venture.
    pub(super) fn summary(&self, key: &VentureKey) -> VentureSummary {
        VentureSummary {
            key: key.clone(),
            id: Id(self.venture.clone()),
            name: self.name.clone(),
            party: self.party.clone(),
            code: self.code.clone(),
            member: self.member.clone(),
            relay: self.relay.clone(),
            pending: self.pending,
            recovery_saved_ms: self.recovery_saved_ms,
            locked: self.lock.is_some(),
            removed: self.removed_ms.is_some(),
        }
    }
}

/// The name of the database that holds a venture's rows.
pub(super) fn database_name(key: &VentureKey) -> String {
    format!("heqi-{}", key.0)
}
