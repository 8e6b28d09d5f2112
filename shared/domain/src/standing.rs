//! Which imports stand, and what of their stamps counts therefore.
//!
//! An import writes nothing where it finds what it would write: it relies on the imports that its maker saw standing.
//! So an import stands until it is undone and every import that relies on it is; what it made or took away counts no
//! longer. That is a function of the imports' records and their past alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Candidate, RecordId};
use crate::stamp::{ImportHand, ImportStamp};

/// The imports that are known, and whether they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing(BTreeMap<RecordId, bool>);

/// How much a candidate of a `live` register says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// A person's, or that a file no longer had the record.
    Counts,
    LivesByImport,
    WentWithUndo,
    /// Of imports that stand no longer.
    Void,
}

impl Standing {
    /// Which imports stand: those in `undone` only while one that relies on them does.
    pub(crate) fn of(
        relies_on: &BTreeMap<RecordId, BTreeSet<RecordId>>,
        undone: &BTreeSet<RecordId>,
    ) -> Self {
        let mut open: Vec<RecordId> = relies_on
            .keys()
            .filter(|id| !undone.contains(id))
            .copied()
            .collect();
        let mut stands: BTreeMap<_, _> = relies_on.keys().map(|id| (*id, false)).collect();
        while let Some(id) = open.pop() {
            if stands.insert(id, true) == Some(false) {
                open.extend(relies_on.get(&id).into_iter().flatten());
            }
        }
        Self(stands)
    }

    /// Imports of which `other` says something else.
    pub(crate) fn differing(&self, other: &Self) -> BTreeSet<RecordId> {
        let ids = self.0.keys().chain(other.0.keys());
        let differs = |id: &&RecordId| self.0.get(*id) != other.0.get(*id);
        ids.filter(differs).copied().collect()
    }

    /// What of `candidates` counts, by operation; never empty unless they are.
    pub(crate) fn counting(&self, candidates: &[Candidate]) -> Vec<Candidate> {
        let read: Vec<_> = candidates.iter().map(|c| self.read(c)).collect();
        let lives = read.iter().any(|(_, w)| *w == Weight::LivesByImport);
        let is_void = read.iter().all(|(_, w)| *w == Weight::Void);
        let counts = |weight: Weight| match weight {
            Weight::Counts | Weight::LivesByImport => true,
            // Who undoes an import takes back no other one, which made the same records.
            Weight::WentWithUndo => !lives,
            Weight::Void => is_void,
        };
        let kept = read.into_iter().filter(|(_, weight)| counts(*weight));
        kept.map(|(candidate, _)| candidate).collect()
    }

    fn read(&self, candidate: &Candidate) -> (Candidate, Weight) {
        let Some(stamp) = ImportStamp::read(&candidate.value) else {
            return (candidate.clone(), Weight::Counts);
        };
        let lives = match stamp.hand {
            ImportHand::Made | ImportHand::CameBack => !self.is_void(&stamp.imports),
            ImportHand::Undone => self.stands(&stamp.imports),
            ImportHand::Left(by) if self.is_void(&[by]) => self.stands(&stamp.imports),
            ImportHand::Left(_) => return (candidate.clone(), Weight::Counts),
        };
        let as_read = |value| Candidate {
            value,
            op: candidate.op,
        };
        match (lives, stamp.hand) {
            (true, ImportHand::Made | ImportHand::CameBack) => {
                (candidate.clone(), Weight::LivesByImport)
            }
            (true, _) => (as_read(ImportStamp::live(&[], "")), Weight::LivesByImport),
            (false, ImportHand::Undone) => (candidate.clone(), Weight::WentWithUndo),
            (false, _) => (as_read(ImportStamp::undone(&[], "")), Weight::Void),
        }
    }

    fn stands(&self, imports: &[RecordId]) -> bool {
        imports.iter().any(|id| self.0.get(id) == Some(&true))
    }

    /// Whether all of these are known to stand no longer.
    fn is_void(&self, imports: &[RecordId]) -> bool {
        let falls = |id: &RecordId| self.0.get(id) == Some(&false);
        !imports.is_empty() && imports.iter().all(falls)
    }
}

/// The candidate, in which it makes no difference which import made the record.
pub(crate) fn any_import(candidate: Candidate) -> Candidate {
    match ImportStamp::read(&candidate.value) {
        Some(stamp) if stamp.hand == ImportHand::Made => Candidate {
            value: ImportStamp::any_made(),
            ..candidate
        },
        _ => candidate,
    }
}
