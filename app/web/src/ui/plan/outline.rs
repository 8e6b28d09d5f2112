//! Which lines of the outline are shown: not those below a closed summary, and only what a search finds.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use heqi_domain::RecordId;

/// A line of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Line {
    Task(RecordId),
    /// The line where a new task is being named.
    Draft,
}

/// The lines shown, and where each stands. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    lines: Arc<Vec<Line>>,
    position: Arc<HashMap<Line, usize>>,
}

/// What the outline needs to know of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub id: RecordId,
    pub depth: usize,
    /// The search finds it; true for all where there is no search.
    pub found: bool,
}

impl Line {
    /// The task of the line.
    pub(crate) fn task(self) -> Option<RecordId> {
        match self {
            Self::Task(task) => Some(task),
            Self::Draft => None,
        }
    }
}

impl Lines {
    /// Numbers the lines.
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        let position = lines
            .iter()
            .enumerate()
            .map(|(at, line)| (*line, at))
            .collect();
        Self {
            lines: Arc::new(lines),
            position: Arc::new(position),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line at `at`, counted from 0.
    pub(crate) fn at(&self, at: usize) -> Option<Line> {
        self.lines.get(at).copied()
    }

    /// Where the line stands, counted from 0.
    pub(crate) fn position(&self, line: Line) -> Option<usize> {
        self.position.get(&line).copied()
    }

    /// Lines of a window with the place of each, from top to bottom, and the pinned one where it stands outside.
    pub(crate) fn window(
        &self,
        first: usize,
        last: usize,
        pinned: Option<Line>,
    ) -> Vec<(usize, Line)> {
        let last = last.min(self.len());
        let first = first.min(last);
        let mut places: Vec<usize> = (first..last).collect();
        match pinned.and_then(|line| self.position(line)) {
            Some(at) if at < first => places.insert(0, at),
            Some(at) if at >= last => places.push(at),
            _ => {}
        }
        let place = |at| (at, self.lines[at]);
        places.into_iter().map(place).collect()
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

/// The tasks shown, in order: searched ones with all above them, else all but those below a closed summary.
pub(crate) fn shown(
    entries: &[Entry],
    closed: &BTreeSet<RecordId>,
    searching: bool,
) -> Vec<RecordId> {
    if searching {
        found_with_ancestors(entries)
    } else {
        open_ones(entries, closed)
    }
}

/// The tasks above this one, from the nearest up.
pub(crate) fn above(entries: &[Entry], task: RecordId) -> Vec<RecordId> {
    let at = entries.iter().position(|entry| entry.id == task);
    let mut depth = at.map_or(0, |at| entries[at].depth);
    let mut above = Vec::new();
    for entry in entries[..at.unwrap_or_default()].iter().rev() {
        if entry.depth < depth {
            depth = entry.depth;
            above.push(entry.id);
        }
    }
    above
}

/// Where a draft after `anchor` stands among the tasks shown: below its whole branch.
pub(crate) fn after_branch(shown: &[Entry], anchor: RecordId) -> Option<usize> {
    let at = shown.iter().position(|entry| entry.id == anchor)?;
    let depth = shown[at].depth;
    let branch = shown[at + 1..]
        .iter()
        .take_while(|entry| entry.depth > depth);
    Some(at + 1 + branch.count())
}

fn open_ones(entries: &[Entry], closed: &BTreeSet<RecordId>) -> Vec<RecordId> {
    let mut hidden_below = None;
    let mut open = Vec::with_capacity(entries.len());
    for entry in entries {
        if hidden_below.is_some_and(|depth| entry.depth > depth) {
            continue;
        }
        hidden_below = closed.contains(&entry.id).then_some(entry.depth);
        open.push(entry.id);
    }
    open
}

fn found_with_ancestors(entries: &[Entry]) -> Vec<RecordId> {
    let mut shown = Vec::new();
    // Ancestors of the present entry that are not yet shown, with their depth.
    let mut pending: Vec<Entry> = Vec::new();
    for entry in entries {
        while pending.last().is_some_and(|last| last.depth >= entry.depth) {
            pending.pop();
        }
        if entry.found {
            shown.extend(pending.drain(..).map(|ancestor| ancestor.id));
            shown.push(entry.id);
        } else {
            pending.push(*entry);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> RecordId {
        RecordId([n; 16])
    }

    fn entries(rows: &[(u8, usize, bool)]) -> Vec<Entry> {
        let entry = |&(n, depth, found)| Entry {
            id: id(n),
            depth,
            found,
        };
        rows.iter().map(entry).collect()
    }

    #[test]
    fn a_closed_summary_hides_its_whole_branch_and_nothing_else() {
        let rows = entries(&[
            (1, 0, true),
            (2, 1, true),
            (3, 2, true),
            (4, 1, true),
            (5, 0, true),
        ]);
        let closed = BTreeSet::from([id(2)]);
        assert_eq!(shown(&rows, &closed, false), [1, 2, 4, 5].map(id));
        let closed = BTreeSet::from([id(1), id(2)]);
        assert_eq!(shown(&rows, &closed, false), [1, 5].map(id));
    }

    #[test]
    fn above_a_task_are_those_it_is_in_alone() {
        let rows = entries(&[
            (1, 0, true),
            (2, 1, true),
            (3, 2, true),
            (4, 1, true),
            (5, 2, true),
        ]);
        assert_eq!(above(&rows, id(5)), [4, 1].map(id));
        assert_eq!(above(&rows, id(1)), []);
        assert_eq!(above(&rows, id(9)), []);
    }

    #[test]
    fn a_search_shows_what_it_finds_with_all_above_it() {
        let rows = entries(&[
            (1, 0, false),
            (2, 1, false),
            (3, 2, true),
            (4, 2, true),
            (5, 1, false),
            (6, 0, false),
            (7, 1, true),
        ]);
        let closed = BTreeSet::from([id(1)]);
        assert_eq!(shown(&rows, &closed, true), [1, 2, 3, 4, 6, 7].map(id));
    }

    #[test]
    fn a_draft_stands_below_the_branch_of_the_task_before_it() {
        let rows = entries(&[(1, 0, true), (2, 1, true), (3, 2, true), (4, 0, true)]);
        assert_eq!(after_branch(&rows, id(1)), Some(3));
        assert_eq!(after_branch(&rows, id(4)), Some(4));
        assert_eq!(after_branch(&rows, id(9)), None);
    }

    #[test]
    fn a_window_holds_the_pinned_line_once_and_in_its_place() {
        let lines = Lines::new((0..10).map(|n| Line::Task(id(n))).collect());
        let pinned = |n| Some(Line::Task(id(n)));
        let window = |first, last, pinned| {
            let lines = lines.window(first, last, pinned);
            let place = |(at, line)| {
                assert_eq!(lines_at(at), line);
                at
            };
            lines.into_iter().map(place).collect::<Vec<_>>()
        };
        assert_eq!(window(2, 4, pinned(9)), [2, 3, 9]);
        assert_eq!(window(8, 99, pinned(9)), [8, 9]);
        assert_eq!(window(8, 99, pinned(1)), [1, 8, 9]);
        assert_eq!(window(4, 6, Some(Line::Draft)), [4, 5]);
    }

    fn lines_at(at: usize) -> Line {
        Line::Task(id(at as u8))
    }
}
