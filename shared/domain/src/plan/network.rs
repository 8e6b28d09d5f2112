//! Which dependencies count: those that close a loop are suspended, in the order in which they were made.
//!
//! A task is one node. A summary is two, its start and its end, with its children between them; a dependency between a
//! summary and a task below it always closes a loop. Loops are found while links are added one by one to a graph whose
//! topological order is kept along (D. Pearce and P. Kelly, "A dynamic topological sort algorithm for directed acyclic
//! graphs", 2006); it starts from the outline, so links that run down the plan cost nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::link::Link;
use super::outline::Outline;
use super::task::LinkType;
use crate::record::{Op, RecordId};

/// The dependencies that do not count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    pub suspended: BTreeMap<RecordId, Loop>,
    /// Number of dependencies between shown tasks.
    pub links: usize,
    graph: Graph,
}

/// The way from a suspended link's successor back to its predecessor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loop {
    pub tasks: Vec<RecordId>,
    pub links: Vec<RecordId>,
}

impl Network {
    pub(crate) fn build(outline: &Outline, links: &BTreeMap<RecordId, Link>) -> Self {
        let mut network = Self {
            graph: Graph::of_outline(outline),
            ..Self::default()
        };
        let mut in_order: Vec<(Op, RecordId, Tie)> = links
            .iter()
            .filter_map(|(id, link)| Some((link.made, *id, link.tie(outline)?)))
            .collect();
        in_order.sort_by_key(|(op, id, _)| (*op, *id));
        network.links = in_order.len();
        for (_, id, tie) in in_order {
            if let Err(found) = network.graph.add(outline, tie, Some(id)) {
                network.suspended.insert(id, found);
            }
        }
        network
    }

    /// The loop that a further link would close.
    pub(crate) fn loop_closed_by(
        &self,
        outline: &Outline,
        pred: RecordId,
        succ: RecordId,
        link_type: LinkType,
    ) -> Option<Loop> {
        let tie = Tie {
            pred: outline.place(pred)?.at,
            succ: outline.place(succ)?.at,
            link_type,
        };
        self.graph.clone().add(outline, tie, None).err()
    }
}

/// A dependency between two lines of the outline.
#[derive(Clone, Copy, Debug)]
struct Tie {
    pred: usize,
    succ: usize,
    link_type: LinkType,
}

impl Link {
    /// Whether it stands between two shown tasks.
    pub(crate) fn is_shown(&self, outline: &Outline) -> bool {
        self.live && outline.is_shown(self.pred) && outline.is_shown(self.succ)
    }

    fn tie(&self, outline: &Outline) -> Option<Tie> {
        let place = |task| outline.place(task).filter(|_| self.live);
        Some(Tie {
            pred: place(self.pred)?.at,
            succ: place(self.succ)?.at,
            link_type: self.link_type,
        })
    }
}

/// Nodes `2n` and `2n + 1` are start and end of the outline's line `n`; a leaf uses its start for both.
#[derive(Clone, Debug, Default)]
struct Graph {
    out: Vec<Vec<(usize, Option<RecordId>)>>,
    into: Vec<Vec<usize>>,
    /// Place of each node in a topological order.
    rank: Vec<usize>,
}

impl Graph {
    fn of_outline(outline: &Outline) -> Self {
        let nodes = outline.order.len() * 2;
        let mut graph = Self {
            out: vec![Vec::new(); nodes],
            into: vec![Vec::new(); nodes],
            rank: vec![0; nodes],
        };
        let mut next_rank = 0;
        let mut open: Vec<(usize, usize)> = Vec::new();
        for line in 0..=outline.order.len() {
            while let Some((summary, _)) = open.last().copied().filter(|(_, end)| *end <= line) {
                open.pop();
                graph.rank[summary * 2 + 1] = next_rank;
                next_rank += 1;
                if let Some((above, _)) = open.last() {
                    graph.tie(summary * 2 + 1, above * 2 + 1, None);
                }
            }
            let Some(place) = outline.lines.get(line) else {
                break;
            };
            graph.rank[line * 2] = next_rank;
            next_rank += 1;
            if let Some((above, _)) = open.last().copied() {
                graph.tie(above * 2, line * 2, None);
                if !place.has_children() {
                    graph.tie(line * 2, above * 2 + 1, None);
                }
            }
            if place.has_children() {
                open.push((line, place.end));
            }
        }
        graph
    }

    fn tie(&mut self, from: usize, to: usize, link: Option<RecordId>) {
        self.out[from].push((to, link));
        self.into[to].push(from);
    }

    /// Adds a dependency, or tells the loop that it would close.
    fn add(&mut self, outline: &Outline, tie: Tie, link: Option<RecordId>) -> Result<(), Loop> {
        let Tie {
            pred,
            succ,
            link_type,
        } = tie;
        let (upper, lower) = (pred.min(succ), pred.max(succ));
        if lower < outline.lines[upper].end {
            return Err(Loop {
                tasks: vec![outline.order[succ], outline.order[pred]],
                links: Vec::new(),
            });
        }
        let node = |line: usize, end: bool| {
            line * 2 + usize::from(end && outline.lines[line].has_children())
        };
        let from = node(pred, link_type.leaves_finish());
        let to = node(succ, link_type.enters_finish());
        if self.rank[from] >= self.rank[to] {
            let ahead = self
                .reach_ahead(to, from)
                .map_err(|way| Loop::along(way, outline))?;
            let behind = self.reach_behind(from, self.rank[to]);
            self.reorder(behind, ahead);
        }
        self.tie(from, to, link);
        Ok(())
    }

    /// Nodes that `start` leads to, no further than `target` ranks; or the way to `target`.
    fn reach_ahead(&self, start: usize, target: usize) -> Result<BTreeSet<usize>, Way> {
        let limit = self.rank[target];
        let mut came_from: BTreeMap<usize, (usize, Option<RecordId>)> = BTreeMap::new();
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            if node == target {
                return Err(way_back(&came_from, start, target));
            }
            for (next, link) in &self.out[node] {
                if self.rank[*next] <= limit && seen.insert(*next) {
                    came_from.insert(*next, (node, *link));
                    open.push(*next);
                }
            }
        }
        Ok(seen)
    }

    fn reach_behind(&self, start: usize, limit: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for before in &self.into[node] {
                if self.rank[*before] >= limit && seen.insert(*before) {
                    open.push(*before);
                }
            }
        }
        seen
    }

    /// Gives the ranks of both sets to what lies behind first, then to what lies ahead.
    fn reorder(&mut self, behind: BTreeSet<usize>, ahead: BTreeSet<usize>) {
        let mut ranks: Vec<usize> = behind.iter().chain(&ahead).map(|n| self.rank[*n]).collect();
        ranks.sort_unstable();
        let by_rank = |set: BTreeSet<usize>, rank: &[usize]| {
            let mut nodes: Vec<usize> = set.into_iter().collect();
            nodes.sort_by_key(|n| rank[*n]);
            nodes
        };
        let mut nodes = by_rank(behind, &self.rank);
        nodes.extend(by_rank(ahead, &self.rank));
        for (node, rank) in nodes.into_iter().zip(ranks) {
            self.rank[node] = rank;
        }
    }
}

/// Nodes from start to target, each with the link that led there.
type Way = Vec<(usize, Option<RecordId>)>;

fn way_back(
    came_from: &BTreeMap<usize, (usize, Option<RecordId>)>,
    start: usize,
    target: usize,
) -> Way {
    let mut way = Vec::new();
    let mut at = target;
    while at != start {
        let Some((before, link)) = came_from.get(&at) else {
            break;
        };
        way.push((at, *link));
        at = *before;
    }
    way.push((start, None));
    way.reverse();
    way
}

impl Loop {
    fn along(way: Way, outline: &Outline) -> Self {
        let mut tasks: Vec<RecordId> = way
            .iter()
            .map(|(node, _)| outline.order[node / 2])
            .collect();
        tasks.dedup();
        Self {
            tasks,
            links: way.into_iter().filter_map(|(_, link)| link).collect(),
        }
    }
}
