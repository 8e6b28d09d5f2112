//! Registers as the author of a change saw them, and whether each operation overwrites what stood there.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use automerge::{Automerge, ChangeHash, ObjId, ReadDoc};

use super::index::{Actor, ChangeIndex, Node};
use super::layout::{Effect, Layout, Register};
use super::refused::Refused;

/// An operation's id; `actor` is a position in the change index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownId {
    pub(super) counter: u64,
    pub(super) actor: Actor,
}

/// Position of a change among those held.
pub(super) type Slot = usize;

/// Valid changes that Automerge does not hold yet: their graph and their writes.
#[derive(Default)]
pub(super) struct Pending {
    // Never iterated.
    slots: HashMap<Node, Slot>,
    changes: Vec<Held>,
    writes: BTreeMap<(u8, String), Vec<Write>>,
    pub(super) operations: usize,
    pub(super) dependencies: usize,
}

struct Held {
    /// The held changes among itself and its ancestors.
    seen: Slots,
    /// Its dependencies that are not held.
    applied: Vec<Node>,
}

/// What an operation of a held change did to a register.
pub(super) struct Write {
    pub(super) slot: Slot,
    pub(super) id: KnownId,
    pub(super) effect: Effect,
    pub(super) overwritten: Vec<KnownId>,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The slot the next held change takes.
    pub(super) fn next_slot(&self) -> Slot {
        self.changes.len()
    }

    pub(super) fn insert(&mut self, node: Node, dependencies: &[Node]) {
        let slot = self.next_slot();
        let (mut seen, applied) = self.split(dependencies);
        seen.insert(slot);
        self.slots.insert(node, slot);
        self.changes.push(Held { seen, applied });
        self.dependencies += dependencies.len();
    }

    pub(super) fn write(&mut self, register: Register<'_>, write: Write) {
        self.operations += 1;
        let register = (register.shard, register.key.to_owned());
        self.writes.entry(register).or_default().push(write);
    }

    /// The held changes among `dependencies` and their ancestors, and the dependencies that are not held.
    fn split(&self, dependencies: &[Node]) -> (Slots, Vec<Node>) {
        let mut seen = Slots::default();
        let mut applied = Vec::new();
        for node in dependencies {
            match self.slots.get(node) {
                Some(slot) => seen.union(&self.changes[*slot].seen),
                None => applied.push(*node),
            }
        }
        (seen, applied)
    }
}

/// A set of slots.
#[derive(Default)]
struct Slots(Vec<u64>);

impl Slots {
    fn insert(&mut self, slot: Slot) {
        if self.0.len() <= slot / 64 {
            self.0.resize(slot / 64 + 1, 0);
        }
        self.0[slot / 64] |= 1 << (slot % 64);
    }

    fn contains(&self, slot: Slot) -> bool {
        self.0
            .get(slot / 64)
            .is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    fn union(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }
}

/// The ancestors of a change: those held as pending by node, the document's by the heads that cover them.
pub(super) struct Past<'v> {
    doc: &'v Automerge,
    index: &'v ChangeIndex,
    layout: &'v Layout,
    pending: &'v Pending,
    seen: Slots,
    heads: Vec<ChangeHash>,
    /// Whether the document holds nothing else, so that its present is the author's.
    is_present: bool,
}

impl<'v> Past<'v> {
    pub(super) fn new(
        doc: &'v Automerge,
        index: &'v ChangeIndex,
        layout: &'v Layout,
        pending: &'v Pending,
        dependencies: &[Node],
    ) -> Self {
        let (seen, mut applied) = pending.split(dependencies);
        for (slot, held) in pending.changes.iter().enumerate() {
            if seen.contains(slot) {
                applied.extend(&held.applied);
            }
        }
        let heads: BTreeSet<ChangeHash> = applied.iter().map(|node| index.hash(*node)).collect();
        let is_present = doc.get_heads().iter().all(|head| heads.contains(head));
        Self {
            doc,
            index,
            layout,
            pending,
            seen,
            heads: heads.into_iter().collect(),
            is_present,
        }
    }

    /// The operations whose values stood in a register for the author.
    fn visible(&self, register: Register<'_>) -> Result<BTreeSet<KnownId>, Refused> {
        let mut visible = self.applied(register)?;
        let writes = self
            .pending
            .writes
            .get(&(register.shard, register.key.to_owned()));
        let seen = || {
            let writes = writes.map_or(&[][..], Vec::as_slice);
            writes.iter().filter(|write| self.seen.contains(write.slot))
        };
        let put = seen().filter(|write| write.effect == Effect::Put);
        visible.extend(put.map(|write| write.id));
        for overwritten in seen().flat_map(|write| &write.overwritten) {
            visible.remove(overwritten);
        }
        Ok(visible)
    }

    /// Those among them that are applied.
    fn applied(&self, register: Register<'_>) -> Result<BTreeSet<KnownId>, Refused> {
        let object = self.layout.object(register.shard);
        let unreadable = |error: automerge::AutomergeError| Refused::Automerge {
            reason: error.to_string(),
        };
        let present = self.doc.get_all(object, register.key).map_err(unreadable)?;
        // No register is ever emptied: where nothing stands now nothing stood before, and the past is costly to ask.
        let values = match self.is_present || present.is_empty() {
            true => present,
            false => self
                .doc
                .get_all_at(object, register.key, &self.heads)
                .map_err(unreadable)?,
        };
        Ok(values.iter().filter_map(|(_, id)| self.known(id)).collect())
    }

    /// Whether a later value stays than any taken away. The latest value of a register is then never deleted, only
    /// overwritten by a later one, so concurrent settlements cannot empty it.
    fn leaves_winner(&self, left: &BTreeSet<KnownId>, taken: &[KnownId]) -> bool {
        // The author of a first change has no name yet, and needs none: its own counters are larger than all others.
        let order = |id: &KnownId| (id.counter, self.index.name(id.actor).unwrap_or_default());
        let winner = left.iter().map(order).max();
        !taken.is_empty() && taken.iter().map(order).max() < winner
    }

    fn known(&self, id: &ObjId) -> Option<KnownId> {
        let ObjId::Id(counter, actor, _) = id else {
            return None;
        };
        let actor = self.index.actor(actor.to_bytes())?;
        Some(KnownId {
            counter: *counter,
            actor,
        })
    }
}

/// The registers a change touches, as its operations leave them one after the other.
pub(super) struct Registers<'a, 'v> {
    past: Past<'v>,
    /// What is visible in each, from what stood there before the change on.
    touched: BTreeMap<Register<'a>, BTreeSet<KnownId>>,
}

impl<'a, 'v> Registers<'a, 'v> {
    pub(super) fn new(past: Past<'v>) -> Self {
        Self {
            past,
            touched: BTreeMap::new(),
        }
    }

    /// Writes a register; what it overwrites must be visible there at that point, and a value must stay visible. What a
    /// put left standing would compete with it for ever, and in number keep every later put from being shared.
    pub(super) fn write(
        &mut self,
        operation: usize,
        register: Register<'a>,
        write: &Write,
    ) -> Result<(), Refused> {
        let visible = match self.touched.entry(register) {
            Entry::Occupied(touched) => touched.into_mut(),
            Entry::Vacant(place) => place.insert(self.past.visible(register)?),
        };
        for predecessor in &write.overwritten {
            if !visible.remove(predecessor) {
                return Err(Refused::UnknownPredecessor { operation });
            }
        }
        match write.effect {
            Effect::Put if !visible.is_empty() => Err(Refused::PredecessorMissing { operation }),
            Effect::Put => {
                visible.insert(write.id);
                Ok(())
            }
            Effect::Settle if self.past.leaves_winner(visible, &write.overwritten) => Ok(()),
            Effect::Settle => Err(Refused::Delete { operation }),
        }
    }
}
