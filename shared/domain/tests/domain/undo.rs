//! Undo of one's own, as new writes, never over another's.

use heqi_domain::plan::{FieldEdit, PlanCommand, Position, Rejected};

use crate::imports::bridge;
use crate::model::{meet, redo, two, undo};

fn import() -> PlanCommand {
    PlanCommand::Import {
        plan: Box::new(bridge()),
    }
}

#[test]
fn undo_goes_back_step_by_step_and_redo_forth_again() {
    let (mut world, mut a, _) = two();
    let phase = a.add(&mut world, "Phase", None);
    let task = a.add(&mut world, "Piling", None);
    a.rename(&mut world, task, "Piles");
    a.run(
        &mut world,
        PlanCommand::MoveTask {
            task,
            to: Position::LastIn(Some(phase)),
        },
    );
    a.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![phase] });
    let states: [&[&str]; 5] = [
        &["1 Phase", "1.1 Piles"],
        &["1 Phase", "2 Piles"],
        &["1 Phase", "2 Piling"],
        &["1 Phase"],
        &[],
    ];
    for state in states {
        undo(&mut world, &mut a);
        assert_eq!(a.names(), state);
    }
    assert_eq!(a.undo(), Err(Rejected::NothingToUndo));
    for state in states.iter().rev().skip(1) {
        redo(&mut world, &mut a);
        assert_eq!(a.names(), *state);
    }
    redo(&mut world, &mut a);
    assert_eq!(a.names(), Vec::<String>::new());
    assert!(!a.undo.can_redo());
}

#[test]
fn what_another_changed_since_is_not_taken_back() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    a.rename(&mut world, task, "Piles");
    meet(&world, &mut a, &mut b);
    b.rename(&mut world, task, "Bored piles");
    meet(&world, &mut a, &mut b);
    let refused = a.undo().unwrap_err();
    assert_eq!(refused.to_string(), "name was changed since by Member B");
    assert_eq!(a.name(task), "Bored piles");
}

#[test]
fn a_task_that_another_works_in_is_not_undone_away() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    meet(&world, &mut a, &mut b);
    b.set(&mut world, task, FieldEdit::Notes("rig booked".to_owned()));
    meet(&world, &mut a, &mut b);
    assert!(matches!(a.undo(), Err(Rejected::ChangedSince { .. })));
    assert_eq!(a.names(), vec!["1 Piling"]);
}

#[test]
fn undo_of_a_report_of_progress_withdraws_it() {
    let (mut world, mut a, _) = two();
    let task = a.add(&mut world, "Piling", None);
    a.set(
        &mut world,
        task,
        FieldEdit::Percent {
            percent: 40,
            status_date: None,
        },
    );
    assert_eq!(a.plan.row(task).unwrap().percent, 40);
    undo(&mut world, &mut a);
    assert_eq!(a.plan.row(task).unwrap().percent, 0);
    redo(&mut world, &mut a);
    assert_eq!(a.plan.row(task).unwrap().percent, 40);
}

#[test]
fn an_undone_import_comes_back_with_the_next_import_of_the_file() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    let imported = a.view();
    undo(&mut world, &mut a);
    assert_eq!(a.names(), Vec::<String>::new());
    meet(&world, &mut a, &mut b);
    // Anybody who imports the file asks for what the undo took back.
    b.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    assert_eq!(a.view(), imported);
    undo(&mut world, &mut b);
    assert_eq!(b.names(), Vec::<String>::new());
    redo(&mut world, &mut b);
    assert_eq!(b.view(), imported);
}

#[test]
fn what_somebody_deleted_before_the_undo_of_an_import_is_theirs() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    let deck = bridge().source.record(4);
    b.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![deck] });
    meet(&world, &mut a, &mut b);
    undo(&mut world, &mut a);
    a.run(&mut world, import());
    assert_eq!(
        a.names(),
        vec!["1 Foundation", "1.1 Survey", "1.2 Piling"],
        "the deck stays deleted"
    );
}

#[test]
fn what_came_back_and_another_works_in_is_not_undone_away() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    undo(&mut world, &mut a);
    a.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    let piling = bridge().source.record(3);
    b.set(
        &mut world,
        piling,
        FieldEdit::Notes("rig booked".to_owned()),
    );
    meet(&world, &mut a, &mut b);
    assert!(matches!(a.undo(), Err(Rejected::ChangedSince { .. })));
    assert_eq!(a.plan.order().len(), 4);
}

#[test]
fn what_two_imported_goes_with_the_last_import_of_the_two_that_is_undone() {
    for a_is_first in [true, false] {
        let (mut world, mut a, mut b) = two();
        a.run(&mut world, import());
        b.run(&mut world, import());
        meet(&world, &mut a, &mut b);
        let imported = a.view();
        let (first, last) = match a_is_first {
            true => (&mut a, &mut b),
            false => (&mut b, &mut a),
        };
        undo(&mut world, first);
        assert_eq!(first.view(), imported);
        meet(&world, first, last);
        assert_eq!(last.view(), imported);
        undo(&mut world, last);
        assert_eq!(last.names(), Vec::<String>::new());
        meet(&world, first, last);
        assert_eq!(first.names(), Vec::<String>::new());
        redo(&mut world, last);
        redo(&mut world, first);
        meet(&world, first, last);
        assert_eq!((first.view(), last.view()), (imported.clone(), imported));
        // Both imports stand again, and each holds what the other one takes back.
        undo(&mut world, last);
        assert_eq!(last.names().len(), 4);
    }
}

#[test]
fn what_another_has_imported_again_since_stays_with_its_fields_and_its_new_tasks() {
    let (mut world, mut a, mut b) = two();
    let mut next = bridge();
    next.tasks[1].name = "Survey of the bed".to_owned();
    next.tasks.push(crate::imports::task(5, None, "Paving"));
    let next = || PlanCommand::Import {
        plan: Box::new(next.clone()),
    };
    a.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    a.run(&mut world, next());
    meet(&world, &mut a, &mut b);
    b.run(&mut world, next());
    meet(&world, &mut a, &mut b);
    let imported = a.view();
    undo(&mut world, &mut a);
    assert_eq!(a.view(), imported);
    // The import before it is held by that of the other as well.
    undo(&mut world, &mut a);
    assert_eq!(a.view(), imported);
    assert_eq!(a.undo(), Err(Rejected::NothingToUndo));
}

#[test]
fn an_import_over_that_of_another_is_undone_to_what_the_other_has_imported() {
    let (mut world, mut a, mut b) = two();
    b.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    let before = a.view();
    let mut next = bridge();
    next.tasks[1].name = "Survey of the bed".to_owned();
    next.tasks.push(crate::imports::task(5, None, "Paving"));
    let plan = Box::new(next);
    a.run(&mut world, PlanCommand::Import { plan });
    assert_eq!(a.plan.order().len(), 5);
    undo(&mut world, &mut a);
    assert_eq!(a.view(), before);
}

#[test]
fn an_import_that_was_undone_before_another_was_met_takes_nothing_of_it() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    b.run(&mut world, import());
    let imported = b.names();
    undo(&mut world, &mut a);
    assert_eq!(a.names(), Vec::<String>::new());
    meet(&world, &mut a, &mut b);
    assert_eq!((a.names(), b.names()), (imported.clone(), imported));
    assert_eq!(a.conflicts(), []);
}

#[test]
fn an_import_of_another_file_holds_nothing_of_this_one() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    let mut other = bridge();
    other.source = heqi_domain::import::SourceId::of_guid("another file");
    let plan = Box::new(other);
    b.run(&mut world, PlanCommand::Import { plan });
    meet(&world, &mut a, &mut b);
    undo(&mut world, &mut a);
    assert_eq!(a.plan.order().len(), 4);
}

#[test]
fn an_import_that_came_back_is_an_import_and_gives_way_to_nobody_who_undoes_their_own() {
    let (mut world, mut a, mut b) = two();
    a.run(&mut world, import());
    b.run(&mut world, import());
    meet(&world, &mut a, &mut b);
    let imported = a.names();
    for one in [&mut a, &mut b] {
        undo(&mut world, one);
    }
    meet(&world, &mut a, &mut b);
    redo(&mut world, &mut a);
    redo(&mut world, &mut b);
    undo(&mut world, &mut b);
    meet(&world, &mut a, &mut b);
    assert_eq!((a.names(), b.names()), (imported.clone(), imported));
    assert_eq!(a.conflicts(), []);
}
