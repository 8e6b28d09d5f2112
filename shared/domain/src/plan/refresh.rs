//! Takes over touched registers and tells what changed in the view, at a cost in proportion to what was touched.
//!
//! Changes of structure (moves, order, creation, delete) rebuild the outline and the network as a whole; everything
//! else recomputes the records concerned.

use std::collections::BTreeSet;

use super::Plan;
use super::field::{CODE, IS, IS_TASK, LIVE, MOVED, ORDER, PROGRESS, is_contestable, reference};
use super::link::Link;
use super::network::Network;
use super::outline::{Node, Outline, splices};
use super::progress::reports;
use super::review::Scope;
use super::rollup::{Rollup, Totals};
use super::view::{PlanDiff, TaskRow};
use crate::record::{Authors, History, Op, RecordId};

/// What a refresh has to compute anew.
#[derive(Debug, Default)]
struct Stale {
    outline: bool,
    network: bool,
    codes: bool,
    /// Records whose conflicts may differ.
    records: BTreeSet<RecordId>,
    /// Tasks whose rows may differ.
    rows: BTreeSet<RecordId>,
    /// Tasks of which only the number changed.
    renumbered: BTreeSet<RecordId>,
}

impl Plan {
    /// Takes over everything set since the last call and tells what that changed.
    pub fn refresh(&mut self, history: &dyn History, authors: &dyn Authors) -> PlanDiff {
        let mut touched = self.store.take_touched();
        if touched.is_empty() {
            return PlanDiff::default();
        }
        self.read_imports(&mut touched, history);
        let mut stale = Stale::default();
        for (record, fields) in &touched {
            self.settle(*record, fields, history);
            if fields.iter().any(|field| field.starts_with(PROGRESS)) {
                self.read_reports(*record, history, authors);
            }
            self.index(*record, fields, &mut stale);
        }
        let old_order = self.rebuild_structure(&mut stale);
        self.roll_up(&mut stale);
        self.review(&stale, history, authors);
        self.diff(old_order, stale)
    }

    /// Computes everything from the registers anew, for instance when authors have become known, and tells what that
    /// changed.
    pub fn rebuild(&mut self, history: &dyn History, authors: &dyn Authors) -> PlanDiff {
        let mut fresh = Self {
            store: std::mem::take(&mut self.store),
            ..Self::default()
        };
        fresh.store.touch_all();
        fresh.refresh(history, authors);
        let old = std::mem::replace(self, fresh);
        let changed = |row: &&TaskRow| old.rows.get(&row.id) != Some(row);
        let conflicts = self.conflicts();
        PlanDiff {
            splices: splices(&old.outline.order, &self.outline.order),
            rows: self.rows().filter(changed).cloned().collect(),
            renumbered: Vec::new(),
            conflicts_changed: conflicts
                .filter(|c| old.conflict(c.id) != Some(c))
                .cloned()
                .collect(),
            conflicts_gone: old
                .conflicts()
                .map(|c| c.id)
                .filter(|id| self.conflict(*id).is_none())
                .collect(),
        }
    }

    pub(super) fn settle(
        &mut self,
        record: RecordId,
        fields: &BTreeSet<String>,
        history: &dyn History,
    ) {
        for field in fields {
            match field.as_str() {
                LIVE => self.store.settle_live(record, &self.standing, history),
                field if is_contestable(field) => self.store.settle(record, field, history),
                field => self.store.unsettle(record, field),
            }
        }
    }

    fn read_reports(&mut self, task: RecordId, history: &dyn History, authors: &dyn Authors) {
        let registers = self.store.record(task);
        let reports = registers.map(|it| reports(task, it, history, authors));
        match reports.filter(|reports| !reports.is_empty()) {
            Some(reports) => self.reports.insert(task, reports),
            None => self.reports.remove(&task),
        };
    }

    /// Brings the indexes of one touched record up to date.
    fn index(&mut self, record: RecordId, fields: &BTreeSet<String>, stale: &mut Stale) {
        stale.records.insert(record);
        if fields.iter().any(|f| f.starts_with(MOVED)) {
            stale.outline |= self.moves.replace(record, self.move_entries(record));
        }
        if self.is_task(record) {
            self.index_task(record, stale);
        } else if self.nodes.remove(&record).is_some() {
            stale.outline = true;
        }
        if fields.iter().any(|f| f == CODE || f == IS) {
            let affected = self.codes.set(record, self.code_of(record));
            for task in affected {
                stale.codes = true;
                stale.rows.insert(task);
                stale.rows.extend(self.successors(task));
            }
        }
        self.index_link(record, stale);
    }

    fn index_task(&mut self, task: RecordId, stale: &mut Stale) {
        stale.rows.insert(task);
        self.totals.insert(task, self.own_totals(task));
        let node = Node {
            live: self.store.is_live(task),
            order: self.text(task, ORDER).to_owned(),
        };
        if self.nodes.get(&task) != Some(&node) {
            self.nodes.insert(task, node);
            stale.outline = true;
        }
    }

    fn index_link(&mut self, record: RecordId, stale: &mut Stale) {
        let new = Link::read(&self.store, record);
        let old = self.links.get(&record);
        if old == new.as_ref() {
            return;
        }
        stale.network = true;
        for link in old.iter().copied().chain(&new) {
            stale.rows.insert(link.succ);
        }
        if let Some(old) = self.links.remove(&record) {
            for task in [old.pred, old.succ] {
                if let Some(links) = self.links_of.get_mut(&task) {
                    links.remove(&record);
                }
            }
        }
        if let Some(new) = new {
            for task in [new.pred, new.succ] {
                self.links_of.entry(task).or_default().insert(record);
            }
            self.links.insert(record, new);
        }
    }

    /// Every move of a record; of equal facts, the earliest.
    fn move_entries(&self, record: RecordId) -> Vec<(Op, Option<RecordId>)> {
        let Some(registers) = self.store.record(record) else {
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (_, register) in registers.starting_with(MOVED) {
            let mut known = Vec::new();
            for candidate in register.candidates() {
                if !known.contains(&&candidate.value) {
                    known.push(&candidate.value);
                    entries.push((candidate.op, reference(&candidate.value)));
                }
            }
        }
        entries
    }

    fn code_of(&self, record: RecordId) -> Option<(String, Op)> {
        if self.store.text(record, IS)? != IS_TASK {
            return None;
        }
        let register = self.store.register(record, CODE)?;
        Some((
            register.value()?.as_text()?.to_owned(),
            register.first_op()?,
        ))
    }

    pub(crate) fn successors(&self, task: RecordId) -> impl Iterator<Item = RecordId> {
        let links = self.links_of.get(&task).into_iter().flatten();
        links.filter_map(|id| self.links.get(id)).map(|l| l.succ)
    }

    /// Rebuilds outline and network where needed; the order that was shown before.
    fn rebuild_structure(&mut self, stale: &mut Stale) -> Option<Vec<RecordId>> {
        let old = stale.outline.then(|| {
            let new = Outline::build(&self.nodes, &self.moves);
            let old = std::mem::replace(&mut self.outline, new);
            self.compare_places(&old, stale);
            old.order
        });
        if stale.outline || stale.network {
            let new = Network::build(&self.outline, &self.links);
            let old = std::mem::replace(&mut self.network, new);
            let both = [&old.suspended, &self.network.suspended];
            for link in both.iter().flat_map(|s| s.keys()) {
                let same =
                    old.suspended.contains_key(link) == self.network.suspended.contains_key(link);
                if let Some(link) = self.links.get(link).filter(|_| !same) {
                    stale.rows.insert(link.succ);
                }
            }
            stale.network = true;
        }
        old
    }

    fn compare_places(&self, old: &Outline, stale: &mut Stale) {
        for (task, place) in self.outline.shown() {
            let Some(before) = old.place(task) else {
                self.appeared_or_gone(task, stale);
                continue;
            };
            let same = before.parent == place.parent
                && before.depth == place.depth
                && before.has_children() == place.has_children();
            if !same {
                stale.rows.insert(task);
                stale.records.insert(task);
            } else if before.number != place.number {
                stale.renumbered.insert(task);
            }
        }
        for (task, _) in old.shown() {
            if !self.outline.is_shown(task) {
                self.appeared_or_gone(task, stale);
            }
        }
    }

    fn appeared_or_gone(&self, task: RecordId, stale: &mut Stale) {
        stale.rows.insert(task);
        stale.records.insert(task);
        stale.rows.extend(self.successors(task));
        stale
            .records
            .extend(self.links_of.get(&task).into_iter().flatten());
    }

    fn roll_up(&mut self, stale: &mut Stale) {
        if stale.outline {
            let none = Totals::default();
            self.rollup = Rollup::build(&self.outline, |task| {
                *self.totals.get(&task).unwrap_or(&none)
            });
            let summaries = self.outline.lines.iter().filter(|p| p.has_children());
            for (task, place) in summaries.map(|p| (self.outline.order[p.at], p)) {
                let shown = self.rows.get(&task).map(|row| row.percent);
                if shown != Some(self.rollup.percent(place.at)) {
                    stale.rows.insert(task);
                }
            }
            return;
        }
        let mut above = Vec::new();
        for task in &stale.rows {
            let is_leaf = self.outline.place(*task).is_some_and(|p| !p.has_children());
            if is_leaf {
                let totals = self.totals.get(task).copied().unwrap_or_default();
                above.extend(self.rollup.update(&self.outline, *task, totals));
            }
        }
        stale.rows.extend(above);
    }

    fn review(&mut self, stale: &Stale, history: &dyn History, authors: &dyn Authors) {
        for record in &stale.records {
            let found = self.record_conflicts(*record, history, authors);
            self.conflicts.replace(Scope::Record(*record), found);
        }
        // A child's delete and edit decides whether its parent is listed, so touched records matter here too.
        if stale.outline || stale.records.iter().any(|r| self.is_kept_parents_child(*r)) {
            let found = self.outline_conflicts(authors);
            self.conflicts.replace(Scope::Outline, found);
        }
        if stale.network {
            let found = self.network_conflicts(authors);
            self.conflicts.replace(Scope::Network, found);
        }
        if stale.codes || stale.outline {
            let found = self.code_conflicts();
            self.conflicts.replace(Scope::Codes, found);
        }
    }

    fn is_kept_parents_child(&self, task: RecordId) -> bool {
        let parent = self.outline.place(task).and_then(|p| p.parent);
        let kept = |t: &RecordId| self.outline.revived.contains_key(t);
        kept(&task) || parent.as_ref().is_some_and(kept)
    }

    fn diff(&mut self, old_order: Option<Vec<RecordId>>, mut stale: Stale) -> PlanDiff {
        stale.rows.extend(self.conflicts.take_touched_tasks());
        let mut rows = Vec::new();
        for task in &stale.rows {
            match self.build_row(*task) {
                None => {
                    self.rows.remove(task);
                }
                Some(row) if self.rows.get(task) != Some(&row) => {
                    rows.push(row.clone());
                    self.rows.insert(*task, row);
                }
                Some(_) => {}
            }
        }
        let mut renumbered = Vec::new();
        for task in stale.renumbered.difference(&stale.rows) {
            if let (Some(row), Some(place)) = (self.rows.get_mut(task), self.outline.place(*task)) {
                row.number.clone_from(&place.number);
                renumbered.push((*task, place.number.clone()));
            }
        }
        let (conflicts_changed, conflicts_gone) = self.conflicts.take_touched();
        let order = old_order.map(|old| splices(&old, &self.outline.order));
        PlanDiff {
            splices: order.unwrap_or_default(),
            rows,
            renumbered,
            conflicts_changed,
            conflicts_gone,
        }
    }
}
