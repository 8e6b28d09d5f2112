//! What the competing candidates of one register amount to: who stands against whom, and what both started from.
//!
//! Guarantees a function of the register and its past alone, so that every replica with equal heads settles alike.
//! A fact that two members *created* with equal values is one fact: whoever later wrote over one of them wrote over
//! both. That is how two parties import one file, one of them goes on editing, and no false conflict appears.

use std::collections::BTreeMap;

use crate::limits::BASE_STEPS_MAX;
use crate::record::{Candidate, History, Op, RecordId, Value};

/// The outcome for a register with several distinct values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// One candidate per distinct value that still competes, by its latest operation; ascending, never empty.
    pub sides: Vec<Candidate>,
    /// The value before all sides; `None` where there was none, it lies too far back, or one side is left.
    pub base: Option<Value>,
}

impl Settled {
    /// The outcome where one value is left of `candidates`, which are not empty.
    pub(crate) fn agreed(candidates: &[Candidate]) -> Self {
        Self {
            sides: distinct(candidates),
            base: None,
        }
    }
}

/// Settles `candidates` (ascending by operation); `None` when all values are equal.
pub(crate) fn settle(
    candidates: &[Candidate],
    record: RecordId,
    field: &str,
    history: &dyn History,
) -> Option<Settled> {
    let first = candidates.first()?;
    if candidates.iter().all(|c| c.value == first.value) {
        return None;
    }
    // One bit per side; a register with more sides than that is an attack, and its latest sides tell enough.
    let mut sides = candidates[candidates.len().saturating_sub(64)..].to_vec();
    let mut past = Past {
        history,
        record,
        field,
        seen: BTreeMap::new(),
    };
    loop {
        if sides.len() == 1 {
            return Some(Settled { sides, base: None });
        }
        let origin = past.origin(&sides);
        if origin.superseded == 0 {
            return Some(Settled {
                sides: distinct(&sides),
                base: origin.base,
            });
        }
        let mut at = 0;
        sides.retain(|_| {
            at += 1;
            origin.superseded & (1 << (at - 1)) == 0
        });
    }
}

/// The latest candidate of each value, ascending.
fn distinct(candidates: &[Candidate]) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates.iter().rev() {
        if kept.iter().all(|k| k.value != candidate.value) {
            kept.push(candidate.clone());
        }
    }
    kept.reverse();
    kept
}

struct Past<'a> {
    history: &'a dyn History,
    record: RecordId,
    field: &'a str,
    seen: BTreeMap<Op, Vec<Candidate>>,
}

struct Origin {
    base: Option<Value>,
    /// Bits of the sides that are equal creations of what another side wrote over.
    superseded: u64,
}

/// A value that was created, not written over another, and the sides that descend from an equal creation.
struct Root {
    value: Value,
    sides: u64,
    /// Sides that are themselves such a creation.
    own: u64,
}

impl Past<'_> {
    /// Walks back from all sides at once, latest operation first: a candidate's successors all come before it, so the
    /// first one that every side descends from is the latest common one.
    fn origin(&mut self, sides: &[Candidate]) -> Origin {
        let all = u64::MAX >> (64 - sides.len());
        let mut open: BTreeMap<Op, (Value, u64)> = BTreeMap::new();
        for (at, side) in sides.iter().enumerate() {
            open.insert(side.op, (side.value.clone(), 1 << at));
        }
        let mut roots: Vec<Root> = Vec::new();
        let mut base = None;
        for _ in 0..BASE_STEPS_MAX * sides.len() {
            let Some((op, (value, mask))) = open.pop_last() else {
                break;
            };
            if mask == all {
                base = Some(value);
                break;
            }
            let seen = self.seen_by(op);
            if seen.is_empty() {
                let is_side = sides.iter().any(|s| s.op == op);
                add_root(&mut roots, value, mask, if is_side { mask } else { 0 });
            }
            for before in seen {
                // A past that does not descend is no past; following it might never end.
                if before.op < op {
                    open.entry(before.op).or_insert((before.value, 0)).1 |= mask;
                }
            }
        }
        let superseded = roots
            .iter()
            .filter(|root| root.sides & !root.own != 0)
            .fold(0, |mask, root| mask | root.own);
        let common_root = roots.into_iter().find(|root| root.sides == all);
        Origin {
            base: base.or(common_root.map(|root| root.value)),
            superseded,
        }
    }

    fn seen_by(&mut self, op: Op) -> Vec<Candidate> {
        self.seen
            .entry(op)
            .or_insert_with(|| self.history.seen_by(op, self.record, self.field))
            .clone()
    }
}

fn add_root(roots: &mut Vec<Root>, value: Value, sides: u64, own: u64) {
    match roots.iter_mut().find(|root| root.value == value) {
        Some(root) => {
            root.sides |= sides;
            root.own |= own;
        }
        None => roots.push(Root { value, sides, own }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A past given as `op → what its author saw`.
    struct Told(BTreeMap<u64, Vec<(u64, &'static str)>>);

    impl History for Told {
        fn seen_by(&self, op: Op, _: RecordId, _: &str) -> Vec<Candidate> {
            let seen = self.0.get(&op.counter).cloned().unwrap_or_default();
            seen.into_iter().map(|(c, v)| candidate(c, v)).collect()
        }
    }

    fn candidate(counter: u64, value: &str) -> Candidate {
        Candidate {
            value: Value::text(value),
            op: Op {
                counter,
                actor: [0; 16],
            },
        }
    }

    fn settled(
        now: &[(u64, &'static str)],
        past: &[(u64, &[(u64, &'static str)])],
    ) -> Option<(Vec<String>, Option<Value>)> {
        let past = Told(past.iter().map(|(op, s)| (*op, s.to_vec())).collect());
        let now: Vec<_> = now.iter().map(|(c, v)| candidate(*c, v)).collect();
        let s = settle(&now, RecordId([0; 16]), "name", &past)?;
        let text = |c: &Candidate| c.value.as_text().unwrap().to_owned();
        Some((s.sides.iter().map(text).collect(), s.base))
    }

    #[test]
    fn equal_values_are_no_conflict() {
        assert_eq!(settled(&[(3, "a"), (4, "a")], &[]), None);
    }

    #[test]
    fn base_is_the_value_before_both_sides_however_long_each_went_on() {
        let outcome = settled(
            &[(9, "A2"), (12, "B3")],
            &[
                (9, &[(8, "A1")]),
                (8, &[(5, "base")]),
                (12, &[(11, "B2")]),
                (11, &[(10, "B1")]),
                (10, &[(5, "base")]),
                (5, &[(1, "older")]),
            ],
        );
        let sides = vec!["A2".to_owned(), "B3".to_owned()];
        assert_eq!(outcome, Some((sides, Some(Value::text("base")))));
    }

    #[test]
    fn sides_created_apart_have_no_base() {
        let sides = vec!["x".to_owned(), "y".to_owned()];
        assert_eq!(settled(&[(1, "x"), (2, "y")], &[]), Some((sides, None)));
    }

    #[test]
    fn who_wrote_over_one_of_two_equal_creations_wrote_over_both() {
        let outcome = settled(
            &[(5, "renamed"), (100, "imported")],
            &[(5, &[(3, "imported")])],
        );
        assert_eq!(outcome, Some((vec!["renamed".to_owned()], None)));
    }

    #[test]
    fn two_who_wrote_over_equal_creations_conflict_with_that_base() {
        let outcome = settled(
            &[(5, "A"), (100, "B")],
            &[(5, &[(3, "imported")]), (100, &[(90, "imported")])],
        );
        let sides = vec!["A".to_owned(), "B".to_owned()];
        assert_eq!(outcome, Some((sides, Some(Value::text("imported")))));
    }

    #[test]
    fn a_past_that_runs_in_circles_ends() {
        let outcome = settled(
            &[(5, "A"), (6, "B")],
            &[(5, &[(6, "B")]), (6, &[(5, "A"), (6, "B"), (7, "C")])],
        );
        assert!(outcome.is_some());
    }
}
