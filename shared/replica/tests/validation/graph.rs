//! Attacks on a change's place in the graph: its actor, its counters, its past, and what it overwrites.

use automerge::{ActorId, Automerge, ReadDoc};
use heqi_replica::validate::{
    COUNTER_MAX, JUMPED_MAX, OpenError, PENDING_CHANGES_MAX, Refused, SHARDS, START_STEP_MAX,
    Validator, Verdict,
};

use crate::forge::{Forged, columns};
use crate::world::{
    ANN, BOB, GENESIS_ACTOR, World, empty, forged, genesis, new_doc, put, put_at, row, shard_of,
};

const FIRST: u64 = SHARDS as u64 + 1;

/// A world in which Ann wrote `3/name` once and then again, with her two changes.
fn world_with_two_changes() -> (World, Automerge) {
    let mut world = World::new();
    let mut ann = new_doc(&ANN);
    for text in ["Piling", "Deep piling"] {
        let change = put(&mut ann, &[(3, "name", text.into())]);
        world.accept(change.raw_bytes());
    }
    (world, ann)
}

/// A change of Bob's on the world's heads that overwrites `predecessors` (of the genesis at 1, of Ann at 2) in `3/name`.
fn bob_over(world: &World, predecessors: &[(u64, u64)]) -> Forged {
    let mut row = row(3, "name", "Bored piling");
    row.predecessors = predecessors.to_vec();
    let mut change = forged(&[row]);
    change.actor = BOB.to_vec();
    change.dependencies = world.doc.get_heads();
    change.start_op = FIRST + 10;
    change.others = vec![GENESIS_ACTOR.to_vec(), ANN.to_vec()];
    change
}

#[test]
fn an_actor_that_is_not_the_senders_is_refused() {
    let mut world = World::new();
    let bytes = forged(&[row(3, "name", "Piling")]).bytes();
    let refused = world
        .validator
        .check(&world.doc, &bytes, &|actor| actor == BOB);
    assert_eq!(
        refused,
        Err(Refused::ActorForbidden {
            actor: ANN.to_vec()
        })
    );
    let accepted = world
        .validator
        .check(&world.doc, &bytes, &|actor| actor == ANN);
    assert!(matches!(accepted, Ok(Verdict::Valid(_))));
}

#[test]
fn a_first_change_not_numbered_one_is_refused() {
    let mut world = World::new();
    let mut change = forged(&[row(3, "name", "Piling")]);
    for found in [2, u64::MAX] {
        change.seq = found;
        assert_eq!(
            world.check(&change.bytes()),
            Err(Refused::Sequence { expected: 1, found })
        );
    }
}

#[test]
fn a_number_taken_by_another_change_of_the_actor_is_refused() {
    let (mut world, ann) = world_with_two_changes();
    let heads = ann.get_heads();
    let mut own = row(3, "name", "Bored piling");
    own.predecessors = vec![(0, FIRST + 1)];
    let mut fork = bob_over(&world, &[]);
    fork.columns = columns(&[own]);
    fork.actor = ANN.to_vec();
    fork.others = vec![GENESIS_ACTOR.to_vec()];
    fork.seq = 2;
    assert_eq!(
        world.check(&fork.bytes()),
        Err(Refused::SequenceTaken {
            seq: 2,
            held: heads[0]
        })
    );
    fork.seq = 4;
    assert_eq!(
        world.check(&fork.bytes()),
        Err(Refused::Sequence {
            expected: 3,
            found: 4
        })
    );
    fork.seq = 3;
    world.accept(&fork.bytes());
    world.assert_loads();
}

#[test]
fn a_change_that_forgets_its_actors_last_one_is_refused() {
    let (mut world, ann) = world_with_two_changes();
    let mut change = bob_over(&world, &[]);
    change.actor = ANN.to_vec();
    change.others = vec![GENESIS_ACTOR.to_vec()];
    change.seq = 3;
    change.dependencies = vec![genesis().hash()];
    let previous = ann.get_heads()[0];
    assert_eq!(
        world.check(&change.bytes()),
        Err(Refused::OwnPastMissing { previous })
    );
}

#[test]
fn counters_that_start_in_the_past_are_refused() {
    let mut world = World::new();
    let mut change = forged(&[row(3, "name", "Piling")]);
    for start in [1, SHARDS as u64] {
        change.start_op = start;
        let refused = Refused::StartTooLow {
            start,
            past: SHARDS as u64,
        };
        assert_eq!(world.check(&change.bytes()), Err(refused));
    }
}

#[test]
fn counters_that_start_far_beyond_the_past_are_refused() {
    let mut world = World::new();
    let mut change = forged(&[row(3, "name", "Piling")]);
    for start in [
        SHARDS as u64 + START_STEP_MAX + 1,
        u64::from(u32::MAX),
        u64::MAX,
    ] {
        change.start_op = start;
        let refused = Refused::StartTooHigh {
            start,
            past: SHARDS as u64,
        };
        assert_eq!(world.check(&change.bytes()), Err(refused));
    }
    change.start_op = SHARDS as u64 + START_STEP_MAX;
    world.accept(&change.bytes());
    world.assert_loads();
}

#[test]
fn counters_driven_up_step_by_step_leave_room_for_operations() {
    let mut world = World::new();
    let mut change = forged(&[]);
    let refused = loop {
        change.columns = columns(&[row(3, &format!("field{}", change.seq), "Piling")]);
        match world.check(&change.bytes()) {
            Ok(Verdict::Valid(hash)) => {
                change.dependencies = vec![hash];
                change.seq += 1;
                change.start_op += START_STEP_MAX;
            }
            Ok(Verdict::Full) => world.apply(),
            other => break other,
        }
    };
    assert!(
        matches!(refused, Err(Refused::JumpedTooFar { jumped }) if jumped > JUMPED_MAX),
        "{refused:?}"
    );
    assert!(change.start_op < COUNTER_MAX / 2 + 2 * START_STEP_MAX);
    world.apply();
    // Everybody writes on, at the present and beside it.
    let mut other = World::of(world.doc.fork());
    let local = put(&mut world.doc, &[(3, "name", "late".into())]);
    other.accept(local.raw_bytes());
    let old = [genesis().hash()];
    let place = other.validator.place(&BOB, &old);
    let mut beside = forged(&[row(4, "name", "Deck")]);
    (beside.actor, beside.start_op) = (BOB.to_vec(), place.start_op);
    other.accept(&beside.bytes());
    other.assert_loads();
}

#[test]
fn a_place_is_behind_everything_known_as_far_as_the_rule_lets_it() {
    let mut world = World::new();
    let old = vec![genesis().hash()];
    let first = SHARDS as u64 + 1;
    let place = world.validator.place(&ANN, &old);
    assert_eq!((place.seq, place.start_op), (1, first));
    let mut change = forged(&[row(3, "name", "Piling")]);
    for seq in 1..=2 {
        (change.seq, change.start_op) = (seq, seq * START_STEP_MAX);
        change.columns = columns(&[row(3, &format!("field{seq}"), "Piling")]);
        change.dependencies = vec![world.accept(&change.bytes())];
    }
    let place = world.validator.place(&ANN, &change.dependencies);
    assert_eq!((place.seq, place.start_op), (3, 2 * START_STEP_MAX + 1));
    let place = world.validator.place(&BOB, &old);
    assert_eq!(
        (place.seq, place.start_op),
        (1, SHARDS as u64 + START_STEP_MAX)
    );
}

#[test]
fn a_put_that_leaves_standing_what_its_author_saw_is_refused() {
    let (mut world, _) = world_with_two_changes();
    let missing = |operation| Err(Refused::PredecessorMissing { operation });
    let nothing = Forged {
        others: vec![GENESIS_ACTOR.to_vec()],
        ..bob_over(&world, &[])
    };
    assert_eq!(world.check(&nothing.bytes()), missing(0));
    // Nor may a change leave standing what it put itself.
    let mut over = row(3, "name", "Bored piling");
    over.predecessors = vec![(2, FIRST + 1)];
    let mut twice = bob_over(&world, &[]);
    twice.columns = columns(&[over, row(3, "name", "Driven piling")]);
    assert_eq!(world.check(&twice.bytes()), missing(1));
    let other = row(3, "notes", "deep");
    let mut new = forged(&[other.clone(), other]);
    new.dependencies = world.doc.get_heads();
    (new.actor, new.start_op) = (BOB.to_vec(), FIRST + 10);
    assert_eq!(world.check(&new.bytes()), missing(1));
    // What came since it was seen is somebody else's and stays.
    world.accept(&bob_over(&world, &[(2, FIRST + 1)]).bytes());
    world.assert_loads();
}

#[test]
fn a_change_waits_for_what_it_depends_on_and_is_judged_then() {
    let mut ann = new_doc(&ANN);
    let first = put(&mut ann, &[(3, "name", "Piling".into())]);
    let second = put(&mut ann, &[(3, "name", "Deep piling".into())]);
    let mut world = World::new();
    assert_eq!(
        world.check(second.raw_bytes()),
        Ok(Verdict::Waiting(vec![first.hash()]))
    );
    assert_eq!(
        world.check(first.raw_bytes()),
        Ok(Verdict::Valid(first.hash()))
    );
    assert_eq!(
        world.check(second.raw_bytes()),
        Ok(Verdict::Valid(second.hash()))
    );
    world.apply();
    assert_eq!(world.doc.get_heads(), ann.get_heads());
    world.assert_loads();
}

#[test]
fn predecessors_that_do_not_exist_are_refused() {
    let (mut world, _) = world_with_two_changes();
    let unknown = Err(Refused::UnknownPredecessor { operation: 0 });
    for predecessor in [
        (2, FIRST + 2),
        (2, FIRST + 9),
        (1, 4),
        (0, FIRST + 10),
        (0, FIRST + 11),
    ] {
        let mut change = bob_over(&world, &[predecessor]);
        if predecessor.0 != 2 {
            change.others.pop();
        }
        assert_eq!(world.check(&change.bytes()), unknown, "{predecessor:?}");
    }
    world.accept(&bob_over(&world, &[(2, FIRST + 1)]).bytes());
    world.assert_loads();
}

#[test]
fn predecessors_already_overwritten_or_of_another_register_are_refused() {
    let (mut world, mut ann) = world_with_two_changes();
    let unknown = Err(Refused::UnknownPredecessor { operation: 0 });
    assert_eq!(
        world.check(&bob_over(&world, &[(2, FIRST)]).bytes()),
        unknown
    );
    let other = put(&mut ann, &[(3, "notes", "wet".into())]);
    world.accept(other.raw_bytes());
    assert_eq!(
        world.check(&bob_over(&world, &[(2, FIRST + 2)]).bytes()),
        unknown
    );
}

#[test]
fn a_predecessor_is_overwritten_once_within_a_change() {
    let (mut world, _) = world_with_two_changes();
    let mut change = bob_over(&world, &[]);
    let mut twice = row(3, "name", "Bored piling");
    twice.predecessors = vec![(2, FIRST + 1)];
    change.columns = columns(&[twice.clone(), twice.clone()]);
    assert_eq!(
        world.check(&change.bytes()),
        Err(Refused::UnknownPredecessor { operation: 1 })
    );
    let mut own = twice.clone();
    own.predecessors = vec![(0, FIRST + 10)];
    change.columns = columns(&[twice, own]);
    world.accept(&change.bytes());
    world.assert_loads();
}

#[test]
fn predecessors_out_of_order_or_repeated_are_refused() {
    let (mut world, _) = world_with_two_changes();
    for predecessors in [
        [(2, FIRST + 1), (2, FIRST)],
        [(2, FIRST + 1), (2, FIRST + 1)],
    ] {
        let refused = Err(Refused::PredecessorsUnordered { operation: 0 });
        assert_eq!(
            world.check(&bob_over(&world, &predecessors).bytes()),
            refused
        );
    }
}

#[test]
fn a_predecessor_the_author_had_not_seen_is_refused_whether_applied_or_held() {
    let (mut world, mut ann) = world_with_two_changes();
    let seen = world.doc.get_heads();
    let unseen = put(&mut ann, &[(3, "name", "Bored piling".into())]);
    let mut change = bob_over(&world, &[(2, FIRST + 2)]);
    assert_eq!(change.dependencies, seen);
    assert_eq!(
        world.check(unseen.raw_bytes()),
        Ok(Verdict::Valid(unseen.hash()))
    );
    let refused = Err(Refused::UnknownPredecessor { operation: 0 });
    assert_eq!(world.check(&change.bytes()), refused);
    world.apply();
    assert_eq!(world.check(&change.bytes()), refused);
    // What the author saw stood there for them, although it no longer does.
    change.columns = bob_over(&world, &[(2, FIRST + 1)]).columns;
    change.dependencies = seen;
    world.accept(&change.bytes());
    let object = crate::world::shard_object(3);
    assert_eq!(
        world
            .doc
            .get_all(object, crate::world::key(3, "name"))
            .unwrap()
            .len(),
        2
    );
    world.assert_loads();
}

/// A change of Bob's that deletes `predecessors` of `3/name` and puts nothing.
fn bob_deletes(world: &World, predecessors: &[(u64, u64)]) -> Forged {
    let mut change = bob_over(world, predecessors);
    let mut row = row(3, "name", "");
    (row.action, row.kind, row.predecessors) = (3, 0, predecessors.to_vec());
    change.columns = columns(&[row]);
    change
}

#[test]
fn a_delete_that_would_empty_a_register_is_refused() {
    let (mut world, _) = world_with_two_changes();
    let refused = Err(Refused::Delete { operation: 0 });
    assert_eq!(
        world.check(&bob_deletes(&world, &[(2, FIRST + 1)]).bytes()),
        refused
    );
    let nothing = Forged {
        others: vec![GENESIS_ACTOR.to_vec()],
        ..bob_deletes(&world, &[])
    };
    assert_eq!(world.check(&nothing.bytes()), refused);
    let unknown = Err(Refused::UnknownPredecessor { operation: 0 });
    assert_eq!(
        world.check(&bob_deletes(&world, &[(2, FIRST)]).bytes()),
        unknown
    );
}

#[test]
fn a_conflict_may_be_settled_for_the_winner_but_not_against_it() {
    let (mut world, mut ann) = world_with_two_changes();
    let seen = world.doc.get_heads();
    let mut other = world.doc.fork().with_actor(ActorId::from(&b"other"[..]));
    let theirs = put(&mut other, &[(3, "name", "zz".into())]);
    let hers = put(&mut ann, &[(3, "name", "aa".into())]);
    assert_eq!((theirs.deps(), hers.deps()), (&seen[..], &seen[..]));
    world.accept(theirs.raw_bytes());
    world.accept(hers.raw_bytes());
    // Both count alike, so the larger actor wins: "other" is 0x6f.., Ann 0x0a...
    let against = Forged {
        others: vec![GENESIS_ACTOR.to_vec(), b"other".to_vec()],
        ..bob_deletes(&world, &[(2, FIRST + 2)])
    };
    assert_eq!(
        world.check(&against.bytes()),
        Err(Refused::Delete { operation: 0 })
    );
    // Putting the winner's value anew is how Automerge comes to write such a delete.
    ann.merge(&mut other).unwrap();
    let settled = put(&mut ann, &[(3, "name", "zz".into())]);
    assert_eq!(
        settled.decode().operations[0].action,
        automerge::legacy::OpType::Delete
    );
    assert_eq!(
        world.check(settled.raw_bytes()),
        Ok(Verdict::Valid(settled.hash()))
    );
    let after = put(&mut ann, &[(3, "name", "done".into())]);
    assert_eq!(
        world.check(after.raw_bytes()),
        Ok(Verdict::Valid(after.hash())),
        "settled while held"
    );
    world.apply();
    assert_eq!(world.doc.get_heads(), ann.get_heads());
    world.assert_loads();
}

#[test]
fn edits_at_old_heads_are_accepted_beside_what_came_since() {
    let (mut world, mut ann) = world_with_two_changes();
    let old = ann.get_heads();
    for text in ["a", "b"] {
        let change = put(
            &mut ann,
            &[(3, "name", text.into()), (200, "days", 3.into())],
        );
        world.accept(change.raw_bytes());
    }
    let late = put_at(
        &mut ann,
        &old,
        b"ann, editor left open",
        &[(3, "name", "c".into()), (3, "name", "d".into())],
    );
    world.accept(late.unwrap().raw_bytes());
    assert_eq!(world.doc.get_heads(), ann.get_heads());
    world.assert_loads();
}

#[test]
fn held_changes_are_bounded_and_the_next_is_asked_for_again() {
    let mut world = World::new();
    let mut ann = new_doc(&ANN);
    let mut held = 0;
    let refused = loop {
        let change = put(&mut ann, &[(3, "name", format!("{held}").into())]);
        match world.check(change.raw_bytes()).unwrap() {
            Verdict::Valid(_) => held += 1,
            _ => break change,
        }
    };
    assert_eq!(held, PENDING_CHANGES_MAX);
    assert_eq!(world.check(refused.raw_bytes()), Ok(Verdict::Full));
    world.apply();
    world.accept(refused.raw_bytes());
    assert_eq!(world.doc.get_heads(), ann.get_heads());
    world.assert_loads();
}

#[test]
fn a_document_without_a_genesis_has_no_validator() {
    let genesis = genesis().hash();
    let missing = Validator::open(&empty(&ANN), &genesis, shard_of).err();
    assert_eq!(missing, Some(OpenError::Missing(genesis)));
    let mut doc = new_doc(&ANN);
    let change = put(&mut doc, &[(3, "name", "Piling".into())]);
    let no_genesis = Validator::open(&doc, &change.hash(), shard_of).err();
    assert!(matches!(no_genesis, Some(OpenError::Genesis(_))));
}
