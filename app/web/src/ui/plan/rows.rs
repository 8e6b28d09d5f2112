//! The rows in sight: which slot stands for which task, and in which order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use heqi_domain::RecordId;
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::face::Face;
use super::outline::Line;
use super::slot::{Slot, skeleton};
use super::state::{Grid, Spot};
use crate::ui::browser;

/// The slots of a grid.
pub(super) struct Rows {
    grid: Grid,
    row_px: f64,
    merge_href: Memo<Option<String>>,
    body: HtmlElement,
    prototype: HtmlElement,
    /// Whoever owns what slots follow: they outlive the drawing that made them.
    owner: Owner,
    slots: Vec<Rc<Slot>>,
    /// Slots that stand for a task.
    bound: BTreeMap<RecordId, usize>,
    /// Slots in the document, in its order.
    order: Vec<usize>,
    /// Slots that are in no document.
    parked: Vec<usize>,
    marked: Option<RecordId>,
}

impl Rows {
    /// No rows yet, in `body`.
    pub(super) fn new(
        grid: Grid,
        row_px: f64,
        merge_href: Memo<Option<String>>,
        body: HtmlElement,
        owner: Owner,
    ) -> Option<Self> {
        Some(Self {
            grid,
            row_px,
            merge_href,
            body,
            prototype: prototype()?,
            owner,
            slots: Vec::new(),
            bound: BTreeMap::new(),
            order: Vec::new(),
            parked: Vec::new(),
            marked: None,
        })
    }

    /// Shows these lines, from top to bottom, each at its place, and marks the active cell.
    pub(super) fn draw(&mut self, window: &[(usize, Line)], active: Option<Spot>) {
        let tasks: Vec<(usize, RecordId)> = window
            .iter()
            .filter_map(|(at, line)| line.task().map(|task| (*at, task)))
            .collect();
        let mut free = self.release(&tasks);
        let mut wanted = Vec::with_capacity(tasks.len());
        for (at, task) in tasks {
            let kept = self.bound.get(&task).copied();
            let Some(index) = kept.or_else(|| self.bind(task, &mut free)) else {
                continue;
            };
            self.slots[index].place(at, self.row_px);
            wanted.push((index, kept.is_some()));
        }
        self.park(&free);
        self.put_in_order(&wanted);
        self.mark(active);
    }

    /// The element of a cell in sight.
    pub(super) fn cell(&self, spot: Spot) -> Option<&HtmlElement> {
        let index = self.bound.get(&spot.line.task()?)?;
        Some(self.slots[*index].cell(spot.column))
    }

    /// Whether the focus is in one of the rows.
    pub(super) fn hold_focus(&self) -> bool {
        let focused = browser::document().active_element();
        focused.is_some_and(|focused| self.body.contains(Some(focused.as_ref())))
    }

    /// Takes the slots of tasks that are no longer wanted, in the order of the document.
    fn release(&mut self, wanted: &[(usize, RecordId)]) -> VecDeque<usize> {
        let wanted: BTreeSet<RecordId> = wanted.iter().map(|(_, task)| *task).collect();
        let marked = self.marked.filter(|task| !wanted.contains(task));
        if let Some(gone) = marked.and_then(|task| self.bound.get(&task).copied()) {
            // Out of the document and in again, it does not bring the focus to another task.
            self.slots[gone].mark(None);
            self.slots[gone].task.set(None);
            self.slots[gone].row.remove();
            self.order.retain(|index| *index != gone);
            self.parked.push(gone);
            self.marked = None;
        }
        let (slots, order) = (&self.slots, &self.order);
        let is_free = |index: &&usize| {
            let task = slots[**index].task.get_untracked();
            task.is_none_or(|task| !wanted.contains(&task))
        };
        let free = order.iter().filter(is_free).copied().collect();
        self.bound.retain(|task, _| wanted.contains(task));
        free
    }

    /// Gives a slot to the task: one that stands in the document, one that was parked, or a new one.
    fn bind(&mut self, task: RecordId, free: &mut VecDeque<usize>) -> Option<usize> {
        let found = free.pop_front().or_else(|| self.parked.pop());
        let index = found.or_else(|| self.add())?;
        self.slots[index].task.set(Some(task));
        self.bound.insert(task, index);
        Some(index)
    }

    fn add(&mut self) -> Option<usize> {
        let row = self.prototype.clone_node_with_deep(true).ok()?;
        let slot = self.owner.with(|| Slot::new(row.unchecked_into()))?;
        let slot = Rc::new(slot);
        self.owner
            .with(|| follow(self.grid, self.merge_href, Rc::clone(&slot)));
        self.slots.push(slot);
        Some(self.slots.len() - 1)
    }

    fn park(&mut self, free: &VecDeque<usize>) {
        for index in free {
            self.slots[*index].task.set(None);
            self.slots[*index].row.remove();
        }
        self.order.retain(|index| !free.contains(index));
        self.parked.extend(free);
    }

    fn put_in_order(&mut self, wanted: &[(usize, bool)]) {
        for (index, before) in moves(&self.order, wanted) {
            let before = before.map(|before| &*self.slots[before].row);
            let row = &self.slots[index].row;
            let _own_child = self.body.insert_before(row, before.map(AsRef::as_ref));
        }
        self.order = wanted.iter().map(|(index, _)| *index).collect();
    }

    fn mark(&mut self, active: Option<Spot>) {
        let task = active.and_then(|spot| spot.line.task());
        let before = self.marked.filter(|before| Some(*before) != task);
        if let Some(index) = before.and_then(|before| self.bound.get(&before)) {
            self.slots[*index].mark(None);
        }
        let index = task.and_then(|task| self.bound.get(&task));
        if let (Some(spot), Some(index)) = (active, index) {
            self.slots[*index].mark(Some(spot.column));
        }
        self.marked = index.and(task);
    }
}

/// A row that shows nothing, of which slots are copies.
fn prototype() -> Option<HtmlElement> {
    let holder = browser::document().create_element("div").ok()?;
    let holder: HtmlElement = holder.unchecked_into();
    let mounted = mount_to(holder.clone(), skeleton);
    let row = holder.first_element_child()?.clone_node_with_deep(true);
    drop(mounted);
    row.ok()?.dyn_into().ok()
}

/// Shows in the slot what its task's row signal says, so that a change elsewhere leaves it asleep.
fn follow(grid: Grid, merge_href: Memo<Option<String>>, slot: Rc<Slot>) {
    Effect::new(move || {
        let Some(task) = slot.task.get() else { return };
        let Some(row) = grid.session.plan.row(task) else {
            return;
        };
        let open = grid.closed.with(|closed| !closed.contains(&task));
        let face = row.with(|row| Face::of(row, open));
        merge_href.with(|href| slot.show(task, face, href.as_deref()));
    });
}

/// How the present order becomes the wanted one: what to put before what, `None` for the end. Of the wanted, those that
/// stood for the same task before (`true`) stay where they are if they can; the others go where they are wanted.
fn moves(present: &[usize], wanted: &[(usize, bool)]) -> Vec<(usize, Option<usize>)> {
    let staying: BTreeSet<usize> = wanted
        .iter()
        .filter_map(|(index, stays)| stays.then_some(*index))
        .collect();
    let mut placed = BTreeSet::new();
    let mut moves = Vec::new();
    let mut at = 0;
    for (index, stays) in wanted {
        let passed = |next: &usize| placed.contains(next) || *stays && !staying.contains(next);
        at += present[at..].iter().take_while(|next| passed(next)).count();
        if present.get(at) == Some(index) {
            at += 1;
        } else {
            moves.push((*index, present.get(at).copied()));
        }
        placed.insert(*index);
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order after the moves, and how many there were.
    fn moved(present: &[usize], wanted: &[(usize, bool)]) -> (Vec<usize>, usize) {
        let moves = moves(present, wanted);
        let mut order = present.to_vec();
        for (index, before) in &moves {
            order.retain(|other| other != index);
            let at = before.and_then(|before| order.iter().position(|other| *other == before));
            order.insert(at.unwrap_or(order.len()), *index);
        }
        (order, moves.len())
    }

    fn same(indices: &[usize]) -> Vec<(usize, bool)> {
        indices.iter().map(|index| (*index, true)).collect()
    }

    #[test]
    fn a_scroll_by_a_line_moves_the_one_row_that_left() {
        let mut down = same(&[1, 2, 3]);
        down.push((0, false));
        assert_eq!(moved(&[0, 1, 2, 3], &down), (vec![1, 2, 3, 0], 1));
        let mut up = same(&[0, 1, 2]);
        up.insert(0, (3, false));
        assert_eq!(moved(&[0, 1, 2, 3], &up), (vec![3, 0, 1, 2], 1));
    }

    #[test]
    fn a_scroll_by_a_screen_moves_nothing() {
        let wanted = [(0, false), (1, false), (2, false)];
        assert_eq!(moved(&[0, 1, 2], &wanted), (vec![0, 1, 2], 0));
    }

    #[test]
    fn every_wanted_order_is_reached() {
        let mut seed = 7_u64;
        let mut draw = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..2_000 {
            let mut present: Vec<usize> = (0..6).collect();
            let mut wanted = same(&[0, 1, 2, 3, 4, 5, 6, 7]);
            for at in 0..8 {
                wanted.swap(at, draw(8));
            }
            present.retain(|_| draw(4) > 0);
            for (index, stays) in &mut wanted {
                *stays = present.contains(index) && draw(2) > 0;
            }
            // What is not wanted was taken out before.
            wanted.retain(|(index, _)| present.contains(index) || *index > 5);
            let expected: Vec<usize> = wanted.iter().map(|(index, _)| *index).collect();
            assert_eq!(
                moved(&present, &wanted).0,
                expected,
                "{present:?} {wanted:?}"
            );
        }
    }
}
