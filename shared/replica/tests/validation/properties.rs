//! What holds of any bytes, any mutation and any honest history.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ChangeHash, ScalarValue};
use heqi_replica::validate::{Refused, Verdict, summary};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::forge::{chunk, forged_of};
use crate::world::{World, genesis, new_doc, put_any, put_at};

/// One step of a history between members.
#[derive(Clone, Debug)]
enum Step {
    Put {
        member: Index,
        puts: Vec<(u16, u8, ScalarValue)>,
    },
    /// An edit at the heads of an earlier change, as a fresh actor.
    PutAt {
        member: Index,
        seen: Index,
        puts: Vec<(u16, u8, ScalarValue)>,
    },
    Merge {
        from: Index,
        into: Index,
    },
}

const MEMBERS: usize = 3;

fn value() -> impl Strategy<Value = ScalarValue> {
    prop_oneof![
        "\\PC{0,40}".prop_map(ScalarValue::from),
        any::<i64>().prop_map(ScalarValue::from),
        any::<bool>().prop_map(ScalarValue::from),
    ]
}

/// Few registers, so that members meet in them.
fn puts() -> impl Strategy<Value = Vec<(u16, u8, ScalarValue)>> {
    vec((prop_oneof![0..3u16, 256..258u16], 0..3u8, value()), 1..6)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<Index>(), puts()).prop_map(|(member, puts)| Step::Put { member, puts }),
        1 => (any::<Index>(), any::<Index>(), puts()).prop_map(|(member, seen, puts)| Step::PutAt { member, seen, puts }),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(from, into)| Step::Merge { from, into }),
    ]
}

fn named(puts: &[(u16, u8, ScalarValue)]) -> Vec<(u16, &'static str, ScalarValue)> {
    let field = |field: u8| ["name", "live", "days"][usize::from(field)];
    puts.iter()
        .map(|(number, name, value)| (*number, field(*name), value.clone()))
        .collect()
}

/// Plays a history and returns all its changes, ancestors first.
fn play(steps: &[Step]) -> Vec<Change> {
    let mut actors = 0u64;
    let mut fresh_actor = || {
        actors += 1;
        // Scattered, so that new actors sort between old ones.
        actors
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .to_be_bytes()
            .repeat(2)
    };
    let mut members: Vec<Automerge> = (0..MEMBERS).map(|_| new_doc(&fresh_actor())).collect();
    for step in steps {
        match step {
            Step::Put { member, puts } => {
                put_any(member.get_mut(&mut members), &named(puts));
            }
            Step::PutAt { member, seen, puts } => {
                let member = member.get_mut(&mut members);
                let known: Vec<ChangeHash> = member
                    .get_changes_meta(&[])
                    .iter()
                    .map(|change| change.hash)
                    .collect();
                put_at(member, &[*seen.get(&known)], &fresh_actor(), &named(puts));
            }
            Step::Merge { from, into } => {
                let mut from = from.get(&members).clone();
                into.get_mut(&mut members).merge(&mut from).unwrap();
            }
        }
    }
    let mut all = members.remove(0);
    for member in &mut members {
        all.merge(member).unwrap();
    }
    all.get_changes(&[genesis().hash()])
}

/// All ancestors of a change, ancestors first.
fn ancestors(changes: &[Change], of: &Change) -> Vec<Change> {
    let mut wanted: BTreeSet<ChangeHash> = of.deps().iter().copied().collect();
    let mut found: Vec<Change> = Vec::new();
    for change in changes.iter().rev() {
        if wanted.contains(&change.hash()) {
            wanted.extend(change.deps());
            found.push(change.clone());
        }
    }
    found.reverse();
    found
}

fn world_with(changes: &[Change]) -> World {
    let mut doc = new_doc(b"replica");
    doc.apply_changes(changes.to_vec()).unwrap();
    World::of(doc)
}

/// A mutation of a change's bytes, or of its parts.
#[derive(Clone, Debug)]
enum Mutation {
    Byte { at: Index, to: u8 },
    Cut { at: Index },
    Insert { at: Index, bytes: Vec<u8> },
    Column { at: Index, data: Vec<u8> },
    ColumnByte { column: Index, at: Index, to: u8 },
    Seq(u64),
    StartOp(u64),
    Dependencies { at: Index },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let bytes = || vec(any::<u8>(), 1..8);
    let near = || prop_oneof![0..600u64, any::<u64>()];
    prop_oneof![
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, to)| Mutation::Byte { at, to }),
        1 => any::<Index>().prop_map(|at| Mutation::Cut { at }),
        1 => (any::<Index>(), bytes()).prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        1 => (any::<Index>(), bytes()).prop_map(|(at, data)| Mutation::Column { at, data }),
        4 => (any::<Index>(), any::<Index>(), 0..16u8).prop_map(|(column, at, to)| Mutation::ColumnByte { column, at, to }),
        1 => near().prop_map(Mutation::Seq),
        1 => near().prop_map(Mutation::StartOp),
        1 => any::<Index>().prop_map(|at| Mutation::Dependencies { at }),
    ]
}

/// Applies a mutation and sets the checksum right again.
fn mutate(change: &Change, others: &[Change], mutation: &Mutation) -> Vec<u8> {
    let mut forged = forged_of(change);
    let mut body = forged.body();
    match mutation {
        Mutation::Byte { at, to } => *at.get_mut(&mut body) = *to,
        Mutation::Cut { at } => body.truncate(at.index(body.len())),
        Mutation::Insert { at, bytes } => {
            let at = at.index(body.len());
            body.splice(at..at, bytes.iter().copied());
        }
        Mutation::Column { at, data } => {
            at.get_mut(&mut forged.columns).1.clone_from(data);
            body = forged.body();
        }
        Mutation::ColumnByte { column, at, to } => {
            *at.get_mut(&mut column.get_mut(&mut forged.columns).1) = *to;
            body = forged.body();
        }
        Mutation::Seq(seq) => {
            forged.seq = *seq;
            body = forged.body();
        }
        Mutation::StartOp(start_op) => {
            forged.start_op = *start_op;
            body = forged.body();
        }
        Mutation::Dependencies { at } => {
            forged.dependencies = vec![at.get(others).hash()];
            body = forged.body();
        }
    }
    chunk(1, &body)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(bytes in vec(any::<u8>(), 0..400), chunk_type in 0..4u8) {
        let mut world = World::new();
        prop_assert!(world.check(&bytes).is_err());
        prop_assert!(summary(&bytes).is_err());
        prop_assert!(world.check(&chunk(chunk_type, &bytes)).is_err());
    }

    #[test]
    fn honest_histories_are_accepted_in_any_batches_and_load_again(
        steps in vec(step(), 1..40),
        batch in 1..12usize,
    ) {
        let changes = play(&steps);
        let mut world = World::new();
        for batch in changes.chunks(batch) {
            for change in batch {
                let verdict = world.check(change.raw_bytes());
                prop_assert_eq!(verdict, Ok(Verdict::Valid(change.hash())));
                let header = summary(change.raw_bytes()).unwrap();
                prop_assert_eq!(header.hash, change.hash());
                prop_assert_eq!(&header.dependencies[..], change.deps());
                prop_assert_eq!(header.operations, change.len());
            }
            world.apply();
        }
        let reference = world_with(&changes);
        prop_assert_eq!(world.doc.get_heads(), reference.doc.get_heads());
        world.assert_loads();
    }

    #[test]
    fn a_mutated_change_is_judged_without_a_panic_and_loads_again_if_accepted(
        steps in vec(step(), 1..20),
        at: Index,
        mutations in vec(mutation(), 1..24),
    ) {
        let changes = play(&steps);
        prop_assume!(!changes.is_empty());
        let victim = at.get(&changes);
        let before = ancestors(&changes, victim);
        for mutation in &mutations {
            let bytes = mutate(victim, &changes, mutation);
            let mut world = world_with(&before);
            if let Ok(Verdict::Valid(hash)) = world.check(&bytes) {
                world.apply();
                prop_assert!(world.doc.get_heads().contains(&hash));
                world.assert_loads();
            }
        }
    }

    #[test]
    fn the_verdict_depends_on_the_ancestors_alone(
        steps in vec(step(), 1..30),
        at: Index,
        mutations in vec(mutation(), 1..16),
    ) {
        let changes = play(&steps);
        prop_assume!(!changes.is_empty());
        let victim = at.get(&changes);
        let alone = ancestors(&changes, victim);
        let others: Vec<Change> = changes.iter().filter(|change| !descends(&changes, change, victim)).cloned().collect();
        let honest = [Ok(Verdict::Valid(victim.hash()))];
        prop_assert_eq!(&judge_both(&alone, &others, victim.raw_bytes())[..1], &honest);
        for mutation in &mutations {
            let bytes = mutate(victim, &changes, mutation);
            let [alone, among_others] = judge_both(&alone, &others, &bytes);
            // Whoever lacks a dependency waits for it, and two changes of one number are told apart by arrival.
            let undecided = matches!(alone, Ok(Verdict::Waiting(_)))
                || matches!(among_others, Ok(Verdict::Known(_)) | Err(Refused::SequenceTaken { .. } | Refused::Sequence { .. }));
            if !undecided {
                prop_assert_eq!(alone.is_ok(), among_others.is_ok(), "{:?} {:?}", alone, among_others);
            }
        }
    }
}

/// The verdicts with the ancestors applied and nothing else, and with all `others` applied too.
fn judge_both(alone: &[Change], others: &[Change], bytes: &[u8]) -> [Result<Verdict, Refused>; 2] {
    [alone, others].map(|changes| world_with(changes).check(bytes))
}

fn descends(changes: &[Change], change: &Change, from: &Change) -> bool {
    change.hash() == from.hash()
        || ancestors(changes, change)
            .iter()
            .any(|ancestor| ancestor.hash() == from.hash())
}
