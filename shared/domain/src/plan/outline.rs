//! The outline as shown: which tasks stand in it, in which order, under which numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::{MoveLog, Placement, SkippedMove};
use super::view::Splice;
use crate::record::RecordId;

/// Levels below which outline numbers end in an ellipsis, so that a hostile depth costs no room.
const NUMBER_DEPTH_MAX: usize = 128;

/// What the outline needs to know of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Not deleted, or edited by somebody who did not know of the delete.
    pub live: bool,
    /// Order among siblings; ties by id.
    pub order: String,
}

/// Where a shown task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub parent: Option<RecordId>,
    pub depth: usize,
    pub number: String,
    /// Line of the outline.
    pub at: usize,
    /// Line after the last one below it.
    pub end: usize,
}

impl Place {
    pub(crate) fn has_children(&self) -> bool {
        self.end > self.at + 1
    }
}

/// The outline of all shown tasks, and the parents of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub order: Vec<RecordId>,
    /// Places by line, alongside `order`.
    pub lines: Vec<Place>,
    pub skipped: Vec<SkippedMove>,
    /// Tasks that stand only because of a live child, with those children.
    pub revived: BTreeMap<RecordId, Vec<RecordId>>,
    placement: Placement,
    /// Line of each task of the placement that is shown.
    line_of: Vec<Option<usize>>,
}

impl Outline {
    pub(crate) fn build(tasks: &BTreeMap<RecordId, Node>, log: &MoveLog) -> Self {
        let placement = log.replay(tasks.keys().copied().collect());
        let nodes: Vec<&Node> = tasks.values().collect();
        let shown = shown(&nodes, &placement);
        let children = children(&nodes, &placement, &shown);
        let mut outline = Self {
            skipped: placement.skipped.clone(),
            revived: revived(&nodes, &placement, &shown),
            ..Self::default()
        };
        outline.flatten(&placement, &children);
        outline.placement = placement;
        outline
    }

    /// Where a shown task stands.
    pub(crate) fn place(&self, task: RecordId) -> Option<&Place> {
        let at = self.placement.ids.binary_search(&task).ok()?;
        self.lines.get(self.line_of[at]?)
    }

    pub(crate) fn is_shown(&self, task: RecordId) -> bool {
        self.place(task).is_some()
    }

    /// All shown tasks ascending by id, with their places.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (RecordId, &Place)> {
        let lines = self.placement.ids.iter().zip(&self.line_of);
        lines.filter_map(|(id, line)| Some((*id, self.lines.get((*line)?)?)))
    }

    /// Parent of any task, deleted ones included; `None` at the top and for what is no task.
    pub(crate) fn parent(&self, task: RecordId) -> Option<RecordId> {
        let at = self.placement.ids.binary_search(&task).ok()?;
        self.placement.parents[at].map(|p| self.placement.ids[p])
    }

    /// Ancestors of any task from its parent up, deleted ones included.
    pub(crate) fn ancestors(&self, task: RecordId) -> Vec<RecordId> {
        let Placement { ids, parents, .. } = &self.placement;
        let first = ids.binary_search(&task).ok().and_then(|at| parents[at]);
        std::iter::successors(first, |at| parents[*at])
            .map(|at| ids[at])
            .collect()
    }

    /// Whether `below` stands somewhere under `above`; both shown.
    pub(crate) fn is_below(&self, below: RecordId, above: RecordId) -> bool {
        match (self.place(below), self.place(above)) {
            (Some(b), Some(a)) => a.at < b.at && b.at < a.end,
            _ => false,
        }
    }

    /// The shown task and all shown tasks below it, in outline order.
    pub(crate) fn subtree(&self, task: RecordId) -> &[RecordId] {
        self.place(task)
            .map(|p| &self.order[p.at..p.end])
            .unwrap_or_default()
    }

    /// Shown children in order; of `None`, those at the top.
    pub(crate) fn children(&self, parent: Option<RecordId>) -> Vec<RecordId> {
        let (mut at, end) = match parent {
            None => (0, self.order.len()),
            Some(parent) => match self.place(parent) {
                Some(place) => (place.at + 1, place.end),
                None => return Vec::new(),
            },
        };
        let mut found = Vec::new();
        while at < end {
            found.push(self.order[at]);
            at = self.lines[at].end;
        }
        found
    }

    /// All tasks below one, deleted ones included, in no meaningful order.
    pub(crate) fn descendants(&self, task: RecordId) -> Vec<RecordId> {
        let Placement { ids, parents, .. } = &self.placement;
        let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                below.entry(*parent).or_default().push(at);
            }
        }
        let mut open: Vec<usize> = ids.binary_search(&task).ok().into_iter().collect();
        let mut found = Vec::new();
        while let Some(at) = open.pop() {
            let children = below.get(&at).map(Vec::as_slice).unwrap_or_default();
            found.extend(children.iter().map(|c| ids[*c]));
            open.extend(children);
        }
        found
    }

    fn flatten(&mut self, placement: &Placement, children: &[Vec<usize>]) {
        let top = children.len() - 1;
        self.line_of = vec![None; top];
        // Per open level: the task (`top` for the root), its line, and which of its children comes next.
        let mut open: Vec<(usize, Option<usize>, usize)> = vec![(top, None, 0)];
        while let Some((task, line, next)) = open.pop() {
            let Some(child) = children[task].get(next) else {
                if let Some(line) = line {
                    self.lines[line].end = self.order.len();
                }
                continue;
            };
            open.push((task, line, next + 1));
            let depth = open.len() - 1;
            let at = self.order.len();
            let place = Place {
                parent: line.map(|line| self.order[line]),
                depth,
                number: self.number(line, depth, next + 1),
                at,
                end: at,
            };
            self.order.push(placement.ids[*child]);
            self.lines.push(place);
            self.line_of[*child] = Some(at);
            open.push((*child, Some(at), 0));
        }
    }

    fn number(&self, parent: Option<usize>, depth: usize, nth: usize) -> String {
        match parent {
            None => nth.to_string(),
            Some(_) if depth > NUMBER_DEPTH_MAX => "…".to_owned(),
            Some(line) => format!("{}.{nth}", self.lines[line].number),
        }
    }
}

/// Live tasks and everything above them.
fn shown(nodes: &[&Node], placement: &Placement) -> Vec<bool> {
    let mut shown = vec![false; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let mut up = node.live.then_some(at);
        while let Some(task) = up {
            if shown[task] {
                break;
            }
            shown[task] = true;
            up = placement.parents[task];
        }
    }
    shown
}

/// Shown children per task in order, those of the top last.
fn children(nodes: &[&Node], placement: &Placement, shown: &[bool]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); nodes.len() + 1];
    for at in (0..nodes.len()).filter(|at| shown[*at]) {
        children[placement.parents[at].unwrap_or(nodes.len())].push(at);
    }
    for siblings in &mut children {
        // Indices ascend with ids, so a stable sort by key leaves ties in the order of ids.
        siblings.sort_by(|a, b| nodes[*a].order.cmp(&nodes[*b].order));
    }
    children
}

fn revived(
    nodes: &[&Node],
    placement: &Placement,
    shown: &[bool],
) -> BTreeMap<RecordId, Vec<RecordId>> {
    let mut revived: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    for (at, parent) in placement.parents.iter().enumerate() {
        if let Some(parent) = parent.filter(|p| shown[at] && !nodes[*p].live) {
            let children = revived.entry(placement.ids[parent]).or_default();
            children.push(placement.ids[at]);
        }
    }
    revived
}

/// The splices that turn `old` into `new`, keeping as many lines in place as can be.
pub(crate) fn splices(old: &[RecordId], new: &[RecordId]) -> Vec<Splice> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let kept = longest_kept(old, new);
    let mut splices = Vec::new();
    let (mut o, mut n, mut at) = (0, 0, head);
    loop {
        let removed = old[o..].iter().take_while(|id| !kept.contains(id)).count();
        let inserted: Vec<_> = new[n..]
            .iter()
            .take_while(|id| !kept.contains(id))
            .copied()
            .collect();
        (o, n) = (o + removed, n + inserted.len());
        at += inserted.len();
        if removed > 0 || !inserted.is_empty() {
            splices.push(Splice {
                at: at - inserted.len(),
                removed,
                inserted,
            });
        }
        if o == old.len() && n == new.len() {
            return splices;
        }
        (o, n, at) = (o + 1, n + 1, at + 1);
    }
}

/// The longest set of ids that both lists hold in the same order, by patience sorting.
fn longest_kept(old: &[RecordId], new: &[RecordId]) -> BTreeSet<RecordId> {
    let at_old: BTreeMap<_, _> = old.iter().enumerate().map(|(at, id)| (id, at)).collect();
    let common: Vec<usize> = new
        .iter()
        .filter_map(|id| at_old.get(id).copied())
        .collect();
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (at, value) in common.iter().enumerate() {
        let pile = piles.partition_point(|top| common[*top] < *value);
        before.push(pile.checked_sub(1).map(|p| piles[p]));
        if pile == piles.len() {
            piles.push(at);
        } else {
            piles[pile] = at;
        }
    }
    let mut kept = BTreeSet::new();
    let mut at = piles.last().copied();
    while let Some(index) = at {
        kept.insert(old[common[index]]);
        at = before[index];
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(numbers: &[u8]) -> Vec<RecordId> {
        numbers.iter().map(|n| RecordId([*n; 16])).collect()
    }

    fn apply(old: &[RecordId], splices: &[Splice]) -> Vec<RecordId> {
        let mut list = old.to_vec();
        for s in splices {
            list.splice(s.at..s.at + s.removed, s.inserted.iter().copied());
        }
        list
    }

    #[test]
    fn moving_one_line_moves_one_line() {
        let (old, new) = (ids(&[1, 2, 3, 4, 5]), ids(&[2, 3, 4, 1, 5]));
        let found = splices(&old, &new);
        let touched: usize = found.iter().map(|s| s.removed + s.inserted.len()).sum();
        assert_eq!((apply(&old, &found), touched), (new, 2));
    }

    proptest! {
        #[test]
        fn splices_turn_any_list_into_any_other(old in prop::collection::btree_set(0u8..40, 0..30), new in prop::collection::btree_set(0u8..40, 0..30), a in any::<u64>(), b in any::<u64>()) {
            let shuffled = |set: BTreeSet<u8>, seed: u64| {
                let mut list: Vec<u8> = set.into_iter().collect();
                list.sort_by_key(|n| (seed ^ u64::from(*n)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                ids(&list)
            };
            let (old, new) = (shuffled(old, a), shuffled(new, b));
            prop_assert_eq!(apply(&old, &splices(&old, &new)), new);
        }
    }
}
