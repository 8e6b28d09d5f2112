//! Envelopes whose changes build on some that have not come, by what each of them waits for.
//!
//! One is tried again when something has come that it waits for, however many wait beside it and however long.

use std::collections::{BTreeMap, BTreeSet};

use heqi_protocol::Hash;

use crate::store::WaitingRow;

/// The waiting envelopes of a document. Their bytes are in the store.
#[derive(Default)]
pub(crate) struct Waiting {
    envelopes: BTreeMap<Hash, WaitingRow>,
    /// Envelopes by a change that one of theirs builds on.
    awaited: BTreeMap<Hash, BTreeSet<Hash>>,
    /// Those that are to be tried again.
    due: BTreeSet<Hash>,
    /// Those that were, and lacked their bytes, a key or a part of the charter.
    stuck: BTreeSet<Hash>,
}

impl Waiting {
    /// Has an envelope wait for the changes that its row names; for nothing, so that it is tried again, where it names
    /// none.
    pub(crate) fn insert(&mut self, envelope: Hash, row: WaitingRow) {
        self.remove(&envelope);
        if row.missing.is_empty() {
            self.due.insert(envelope);
        }
        for change in &row.missing {
            self.awaited.entry(*change).or_default().insert(envelope);
        }
        self.envelopes.insert(envelope, row);
    }

    /// True where it did wait.
    pub(crate) fn remove(&mut self, envelope: &Hash) -> bool {
        let Some(row) = self.envelopes.remove(envelope) else {
            return false;
        };
        for change in row.missing {
            if let Some(others) = self.awaited.get_mut(&change) {
                others.remove(envelope);
                if others.is_empty() {
                    self.awaited.remove(&change);
                }
            }
        }
        self.due.remove(envelope);
        self.stuck.remove(envelope);
        true
    }

    /// Notes that a change has come.
    pub(crate) fn came(&mut self, change: Hash) {
        self.due
            .extend(self.awaited.remove(&change).unwrap_or_default());
    }

    /// The next that is to be tried again.
    pub(crate) fn next_due(&self) -> Option<Hash> {
        self.due.first().copied()
    }

    /// Puts one aside that could not be tried, until [`Self::look_again`].
    pub(crate) fn stall(&mut self, envelope: Hash) {
        self.due.remove(&envelope);
        self.stuck.insert(envelope);
    }

    /// Has those tried again that could not be.
    pub(crate) fn look_again(&mut self) {
        self.due.append(&mut self.stuck);
    }

    pub(crate) fn contains(&self, envelope: &Hash) -> bool {
        self.envelopes.contains_key(envelope)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Hash, &WaitingRow)> {
        self.envelopes.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.envelopes.len()
    }

    pub(crate) fn due_len(&self) -> usize {
        self.due.len()
    }

    /// Those whose bytes are needed next.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = Hash> {
        self.due.iter().chain(&self.stuck).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(missing: &[u8]) -> WaitingRow {
        WaitingRow {
            device: None,
            missing: missing.iter().map(|byte| Hash([*byte; 32])).collect(),
        }
    }

    const ONE: Hash = Hash([101; 32]);
    const TWO: Hash = Hash([102; 32]);

    #[test]
    fn an_envelope_is_due_once_for_each_change_that_comes_and_that_it_waits_for() {
        let mut waiting = Waiting::default();
        waiting.insert(ONE, row(&[1, 2]));
        waiting.insert(TWO, row(&[2]));
        assert_eq!(waiting.next_due(), None);
        waiting.came(Hash([9; 32]));
        assert_eq!(waiting.next_due(), None);
        waiting.came(Hash([1; 32]));
        assert_eq!(waiting.next_due(), Some(ONE));
        waiting.insert(ONE, row(&[2]));
        waiting.came(Hash([1; 32]));
        assert_eq!(waiting.next_due(), None);
        waiting.came(Hash([2; 32]));
        assert_eq!(waiting.due_len(), 2);
        assert!(waiting.remove(&ONE) && waiting.remove(&TWO));
        assert!(!waiting.remove(&TWO));
        assert_eq!((waiting.len(), waiting.due_len()), (0, 0));
        assert!(waiting.awaited.is_empty());
    }

    #[test]
    fn one_that_could_not_be_tried_is_not_tried_again_at_once() {
        let mut waiting = Waiting::default();
        waiting.insert(ONE, row(&[]));
        assert_eq!(waiting.next_due(), Some(ONE));
        waiting.stall(ONE);
        assert_eq!(waiting.next_due(), None);
        assert_eq!(waiting.wanted().collect::<Vec<_>>(), [ONE]);
        waiting.look_again();
        assert_eq!(waiting.next_due(), Some(ONE));
    }
}
