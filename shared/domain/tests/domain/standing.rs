//! Which imports stand: what only imports ever touched is shown while one of them stands that has it, in whatever order
//! they are made, undone, brought back and met.

use std::collections::BTreeSet;

use heqi_domain::import::ImportedPlan;
use heqi_domain::plan::{ConflictKind, PlanCommand};
use heqi_domain::{RecordId, Value, Write};
use proptest::prelude::*;

use crate::imports::{bridge, task};
use crate::model::{Parties, Replica, World, meet, redo, three, two, undo};

/// Versions of one file: each has what the one before has, and more, and changes something.
fn version(nth: usize) -> ImportedPlan {
    let mut plan = bridge();
    plan.source_name = nth.to_string();
    for more in 0..nth {
        let uid = 5 + more as i64;
        plan.tasks.push(task(uid, Some(0), &format!("More {more}")));
        plan.tasks[1].name = format!("Survey {more}");
    }
    plan
}

fn import(plan: ImportedPlan) -> PlanCommand {
    PlanCommand::Import {
        plan: Box::new(plan),
    }
}

fn records(plan: &ImportedPlan) -> BTreeSet<RecordId> {
    let ids = plan.tasks.iter().map(|t| plan.source.record(t.uid));
    ids.collect()
}

fn shown(replica: &Replica) -> BTreeSet<RecordId> {
    replica.plan.order().iter().copied().collect()
}

/// The versions whose imports nobody has undone.
fn standing(replica: &Replica) -> Vec<usize> {
    let imports = replica.plan.imports(&Parties);
    let is_undone = |id: RecordId| {
        let live = replica.plan.candidates(id, "live");
        let deleted = |text: &str| text.starts_with("deleted:");
        !live.is_empty() && live.iter().all(|c| c.value.as_text().is_some_and(deleted))
    };
    let standing = imports.iter().filter(|import| !is_undone(import.id));
    standing
        .map(|import| import.name.parse().unwrap())
        .collect()
}

#[test]
fn what_another_imports_unseen_while_its_first_import_is_undone_stays() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import(version(0)));
    meet(&world, &mut a, &mut b);
    let imported = a.names();
    b.run(&mut world, import(version(0)));
    undo(&mut world, &mut a);
    assert_eq!(a.names(), Vec::<String>::new());
    meet(&world, &mut a, &mut b);
    assert_eq!(a.names(), imported, "they are of B's import as well");
    undo(&mut world, &mut b);
    meet(&world, &mut a, &mut b);
    assert_eq!(a.names(), Vec::<String>::new());
    redo(&mut world, &mut a);
    meet(&world, &mut a, &mut b);
    assert_eq!(b.names(), imported);
}

#[test]
fn what_left_the_file_comes_back_with_the_next_file_that_has_it_and_with_the_undo() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import(version(2)));
    let all = a.names();
    meet(&world, &mut a, &mut b);
    b.run(&mut world, import(version(1)));
    assert_eq!(b.names().len(), 5, "one has left the file");
    undo(&mut world, &mut b);
    assert_eq!(b.names(), all);
    redo(&mut world, &mut b);
    meet(&world, &mut a, &mut b);
    a.run(&mut world, import(version(2)));
    assert_eq!(a.names(), all);
}

#[test]
fn a_record_that_somebody_makes_to_be_no_import_counts_for_nobody() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import(version(0)));
    meet(&world, &mut a, &mut b);
    let record = a.plan.imports(&Parties)[0].id;
    undo(&mut world, &mut a);
    meet(&world, &mut a, &mut b);
    let write = Write {
        record,
        field: "is".to_owned(),
        value: Value::text("nothing"),
    };
    world.make(&mut b, vec![write]);
    meet(&world, &mut a, &mut b);
    assert_eq!(a.plan.imports(&Parties), []);
}

#[derive(Clone, Copy, Debug)]
struct Step {
    who: usize,
    what: u8,
    pick: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..3usize, 0..10u8, any::<u64>());
    let step = step.prop_map(|(who, what, pick)| Step { who, what, pick });
    prop::collection::vec(step, 1..24)
}

fn take(world: &mut World, replica: &mut Replica, step: Step) {
    match step.what {
        0..=3 => {
            let plan = version(usize::from(step.what % 3));
            replica.run(world, import(plan));
        }
        4..=6 => {
            if let Ok(writes) = replica.undo() {
                world.make(replica, writes);
            }
        }
        7 => {
            if let Ok(writes) = replica.redo() {
                world.make(replica, writes);
            }
        }
        _ => {
            let all = world.all();
            world.deliver(replica, &all, 1 + (step.pick % 4) as usize, step.pick);
        }
    }
    replica.check(world);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn imports_show_what_they_have_as_long_as_they_stand(steps in steps(), order in any::<u64>()) {
        let (mut world, mut replicas) = three();
        // Versions grow along a history, so that no later file takes away what an earlier one has.
        let mut steps = steps;
        let imports: Vec<usize> = (0..steps.len()).filter(|at| steps[*at].what < 4).collect();
        let mut versions: Vec<u8> = imports.iter().map(|at| steps[*at].what % 3).collect();
        versions.sort_unstable();
        for (at, version) in imports.into_iter().zip(versions) {
            steps[at].what = version;
        }
        for step in steps {
            take(&mut world, &mut replicas[step.who], step);
        }
        world.settle(&mut replicas, order);
        let view = replicas[0].view();
        for replica in &mut replicas {
            replica.check(&world);
            prop_assert_eq!(&replica.view(), &view);
        }
        prop_assert_eq!(world.newcomer().view(), view);
        let standing = standing(&replicas[0]);
        let shown = shown(&replicas[0]);
        let expected: BTreeSet<RecordId> =
            standing.iter().flat_map(|nth| records(&version(*nth))).collect();
        prop_assert_eq!(shown, expected, "standing: {:?}", standing);
        // Nobody deleted anything: at most versions that are not of one mind met.
        for conflict in replicas[0].conflicts() {
            prop_assert!(matches!(conflict.kind, ConflictKind::Field { .. }), "{:#?}", conflict);
        }
    }

    #[test]
    fn when_all_imports_are_undone_nothing_of_them_is_left(steps in steps(), order in any::<u64>()) {
        let (mut world, mut replicas) = three();
        for step in steps {
            take(&mut world, &mut replicas[step.who], step);
        }
        for replica in &mut replicas {
            while replica.undo.can_undo() {
                if let Ok(writes) = replica.undo() {
                    world.make(replica, writes);
                }
            }
        }
        world.settle(&mut replicas, order);
        for replica in &mut replicas {
            replica.check(&world);
        }
        if standing(&replicas[0]).is_empty() {
            prop_assert_eq!(replicas[0].names(), Vec::<String>::new());
        }
    }
}
