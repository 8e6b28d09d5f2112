//! The graph of known changes, as far as validation asks: who wrote what, how far they had counted, what they had seen.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use automerge::{Automerge, Change, ChangeHash};

/// Position of a change in the order of insertion, which puts ancestors first.
pub(super) type Node = u32;
/// Position of an actor in the order of first appearance.
pub(super) type Actor = u32;

struct Entry {
    hash: ChangeHash,
    max_op: u64,
    jumped: u64,
    /// End of its dependencies in `edges`; they begin where those of the node before end.
    edges_end: usize,
}

/// An actor's newest change.
#[derive(Clone, Copy)]
pub(super) struct Latest {
    pub(super) seq: u64,
    pub(super) node: Node,
}

/// How far the counters of changes and their ancestors have come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reach {
    /// The largest counter among their operations.
    pub(super) max_op: u64,
    /// The most counters that were left out along a line of ancestors.
    pub(super) jumped: u64,
}

#[derive(Default)]
pub(super) struct ChangeIndex {
    entries: Vec<Entry>,
    max_op: u64,
    edges: Vec<Node>,
    // Never iterated, and asked for every dependency of every change.
    nodes: HashMap<ChangeHash, Node>,
    actors: BTreeMap<Vec<u8>, Actor>,
    names: Vec<Vec<u8>>,
    latest: Vec<Latest>,
}

impl ChangeIndex {
    pub(super) fn of(doc: &Automerge) -> Self {
        let mut index = Self::default();
        for change in doc.get_changes_meta(&[]) {
            let actor = change.actor.to_bytes();
            let counters = (change.start_op, change.max_op);
            index.insert(change.hash, actor, change.seq, counters, &change.deps);
        }
        index
    }

    pub(super) fn insert_change(&mut self, change: &Change) -> Option<Node> {
        let actor = change.actor_id().to_bytes();
        self.insert(
            change.hash(),
            actor,
            change.seq(),
            (change.start_op().get(), change.max_op()),
            change.deps(),
        )
    }

    /// Adds a change all of whose dependencies are known; `None` if it is known itself.
    fn insert(
        &mut self,
        hash: ChangeHash,
        actor: &[u8],
        seq: u64,
        (start_op, max_op): (u64, u64),
        dependencies: &[ChangeHash],
    ) -> Option<Node> {
        if self.nodes.contains_key(&hash) {
            return None;
        }
        let node = self.next_node();
        let known = dependencies.iter().filter_map(|hash| self.node(hash));
        let known: Vec<Node> = known.collect();
        let past = self.reach(&known);
        self.edges.extend(known);
        self.max_op = self.max_op.max(max_op);
        self.entries.push(Entry {
            hash,
            max_op,
            jumped: past.jumped + start_op.saturating_sub(past.max_op + 1),
            edges_end: self.edges.len(),
        });
        self.nodes.insert(hash, node);
        let latest = Latest { seq, node };
        match self.actors.get(actor) {
            Some(actor) => self.latest[*actor as usize] = latest,
            None => {
                self.actors.insert(actor.to_vec(), self.next_actor());
                self.names.push(actor.to_vec());
                self.latest.push(latest);
            }
        }
        Some(node)
    }

    /// The node the next inserted change takes.
    fn next_node(&self) -> Node {
        Node::try_from(self.entries.len()).expect("Automerge numbers its changes with 32 bits too")
    }

    /// The position the next new actor takes.
    pub(super) fn next_actor(&self) -> Actor {
        Actor::try_from(self.latest.len()).expect("there are no more actors than changes")
    }

    pub(super) fn node(&self, hash: &ChangeHash) -> Option<Node> {
        self.nodes.get(hash).copied()
    }

    pub(super) fn actor(&self, actor: &[u8]) -> Option<Actor> {
        self.actors.get(actor).copied()
    }

    /// The bytes of a known actor.
    pub(super) fn name(&self, actor: Actor) -> Option<&[u8]> {
        self.names.get(actor as usize).map(Vec::as_slice)
    }

    pub(super) fn latest(&self, actor: Actor) -> Latest {
        self.latest[actor as usize]
    }

    pub(super) fn hash(&self, node: Node) -> ChangeHash {
        self.entries[node as usize].hash
    }

    /// How far `nodes` and their ancestors have counted.
    pub(super) fn reach(&self, nodes: &[Node]) -> Reach {
        let entries = nodes.iter().map(|node| &self.entries[*node as usize]);
        entries.fold(Reach::default(), |reach, entry| Reach {
            max_op: reach.max_op.max(entry.max_op),
            jumped: reach.jumped.max(entry.jumped),
        })
    }

    /// The largest counter among all operations.
    pub(super) const fn max_op(&self) -> u64 {
        self.max_op
    }

    fn parents(&self, node: Node) -> &[Node] {
        let node = node as usize;
        let start = node
            .checked_sub(1)
            .map_or(0, |before| self.entries[before].edges_end);
        &self.edges[start..self.entries[node].edges_end]
    }

    /// Whether `ancestor` is among `nodes` or their ancestors; walks only changes inserted after it.
    pub(super) fn reaches(&self, nodes: &[Node], ancestor: Node) -> bool {
        let mut open: BTreeSet<Node> = nodes.iter().copied().collect();
        while let Some(node) = open.pop_last() {
            if node <= ancestor {
                return node == ancestor;
            }
            open.extend(
                self.parents(node)
                    .iter()
                    .filter(|parent| **parent >= ancestor),
            );
        }
        false
    }
}
