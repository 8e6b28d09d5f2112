//! Where tasks stand after all moves that anybody made, concurrent ones included.
//!
//! Every move and every creation leaves an entry that is never overwritten. Placement is the replay of all entries in
//! the order of operations, leaving out those that would put a task below itself (M. Kleppmann et al., "A highly-
//! available move operation for replicated trees", 2021). It is a function of the set of entries alone.

use std::collections::BTreeMap;

use crate::record::{Op, RecordId};

/// Levels that the replay looks up before it takes a move for a loop: what commands allow twice over, and more.
const ANCESTORS_MAX: usize = 4096;

/// All moves of all tasks, in the order of operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct MoveLog {
    entries: BTreeMap<(Op, RecordId), Option<RecordId>>,
    ops: BTreeMap<RecordId, Vec<Op>>,
}

/// Where the replay put every task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placement {
    /// Tasks ascending by id; the other vectors run alongside.
    pub ids: Vec<RecordId>,
    /// Index of the parent; `None` at the top.
    pub parents: Vec<Option<usize>>,
    pub skipped: Vec<SkippedMove>,
}

/// A task's last move, left out because it would have closed a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SkippedMove {
    pub task: RecordId,
    pub op: Op,
    pub wanted: Option<RecordId>,
    /// The task on the way up from `wanted` that was moved last, and the operation that moved it.
    pub because: RecordId,
    pub because_op: Option<Op>,
}

impl MoveLog {
    /// Replaces all entries of one record; true if they differ from the known ones.
    pub(crate) fn replace(
        &mut self,
        record: RecordId,
        entries: Vec<(Op, Option<RecordId>)>,
    ) -> bool {
        let known = self.ops.get(&record).map(Vec::as_slice).unwrap_or_default();
        let same = known.len() == entries.len()
            && entries
                .iter()
                .all(|(op, to)| self.entries.get(&(*op, record)) == Some(to));
        if same {
            return false;
        }
        for op in self.ops.remove(&record).unwrap_or_default() {
            self.entries.remove(&(op, record));
        }
        let ops = entries.iter().map(|(op, _)| *op).collect();
        self.ops.insert(record, ops);
        for (op, to) in entries {
            self.entries.insert((op, record), to);
        }
        true
    }

    /// Replays the log over the given tasks, ascending by id. A parent that is no task counts as the top.
    pub(crate) fn replay(&self, ids: Vec<RecordId>) -> Placement {
        let mut parents: Vec<Option<usize>> = vec![None; ids.len()];
        let mut moved_by: Vec<Option<Op>> = vec![None; ids.len()];
        let mut skipped: BTreeMap<usize, SkippedMove> = BTreeMap::new();
        let index = |id: &RecordId| ids.binary_search(id).ok();
        for ((op, record), wanted) in &self.entries {
            let Some(task) = index(record) else { continue };
            let parent = wanted.as_ref().and_then(index);
            match obstacle(task, parent, &parents, &moved_by) {
                None => {
                    parents[task] = parent;
                    moved_by[task] = Some(*op);
                    skipped.remove(&task);
                }
                Some(because) => {
                    let skip = SkippedMove {
                        task: *record,
                        op: *op,
                        wanted: *wanted,
                        because: ids[because],
                        because_op: moved_by[because],
                    };
                    skipped.insert(task, skip);
                }
            }
        }
        Placement {
            parents,
            skipped: skipped.into_values().collect(),
            ids,
        }
    }
}

/// The task whose own move makes it impossible to put `task` below `parent`; `None` if it is possible.
fn obstacle(
    task: usize,
    parent: Option<usize>,
    parents: &[Option<usize>],
    moved_by: &[Option<Op>],
) -> Option<usize> {
    let mut latest = parent?;
    let mut at = parent;
    for _ in 0..ANCESTORS_MAX {
        match at {
            None => return None,
            Some(ancestor) if ancestor == task => return Some(latest),
            Some(ancestor) => {
                if moved_by[ancestor] > moved_by[latest] {
                    latest = ancestor;
                }
                at = parents[ancestor];
            }
        }
    }
    Some(latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> RecordId {
        RecordId([n; 16])
    }

    fn op(counter: u64) -> Op {
        Op {
            counter,
            actor: [0; 16],
        }
    }

    fn log(moves: &[(u64, u8, Option<u8>)]) -> MoveLog {
        let mut by_record: BTreeMap<u8, Vec<(Op, Option<RecordId>)>> = BTreeMap::new();
        for (counter, task, to) in moves {
            let entries = by_record.entry(*task).or_default();
            entries.push((op(*counter), to.map(id)));
        }
        let mut log = MoveLog::default();
        for (task, entries) in by_record {
            log.replace(id(task), entries);
        }
        log
    }

    fn tree(log: &MoveLog, tasks: u8) -> (Vec<Option<u8>>, Vec<(u8, u8)>) {
        let placed = log.replay((1..=tasks).map(id).collect());
        let parents = placed
            .parents
            .iter()
            .map(|p| p.map(|i| placed.ids[i].0[0]))
            .collect();
        let skipped = placed
            .skipped
            .iter()
            .map(|s| (s.task.0[0], s.because.0[0]))
            .collect();
        (parents, skipped)
    }

    #[test]
    fn of_two_moves_below_each_other_the_later_operation_is_left_out() {
        let log = log(&[
            (1, 1, None),
            (2, 2, None),
            (10, 1, Some(2)),
            (11, 2, Some(1)),
        ]);
        assert_eq!(tree(&log, 2), (vec![Some(2), None], vec![(2, 1)]));
    }

    #[test]
    fn a_later_move_of_the_same_task_settles_the_skipped_one() {
        let log = log(&[
            (1, 1, None),
            (2, 2, None),
            (10, 1, Some(2)),
            (11, 2, Some(1)),
            (12, 2, None),
        ]);
        assert_eq!(tree(&log, 2), (vec![Some(2), None], vec![]));
    }

    #[test]
    fn a_task_below_itself_stays_where_it_is() {
        let log = log(&[(1, 1, None), (2, 1, Some(1))]);
        assert_eq!(tree(&log, 1), (vec![None], vec![(1, 1)]));
    }

    #[test]
    fn a_parent_that_is_no_task_counts_as_the_top() {
        let log = log(&[(1, 1, Some(9))]);
        assert_eq!(tree(&log, 1), (vec![None], vec![]));
    }
}
