//! The merge rules, told one by one: A and B edit apart, then meet.

use heqi_domain::Value;
use heqi_domain::plan::{
    Choice, ConflictKind, FieldEdit, LinkType, PlanCommand, Position, Rejected, RowKind, Severity,
    TaskKind,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::Date;

use crate::model::{Replica, meet, two};

fn percent(percent: u8) -> FieldEdit {
    FieldEdit::Percent {
        percent,
        status_date: None,
    }
}

#[test]
fn two_names_for_one_task_are_shown_with_what_was_before() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    meet(&world, &mut a, &mut b);
    a.rename(&mut world, task, "Bored piles");
    b.rename(&mut world, task, "Driven");
    b.rename(&mut world, task, "Driven piles");
    meet(&world, &mut a, &mut b);
    let conflict = a.conflict();
    let ConflictKind::Field {
        field,
        base,
        sides,
        provisional,
    } = &conflict.kind
    else {
        panic!("{conflict:?}");
    };
    assert_eq!(
        (field.as_str(), base),
        ("name", &Some(Value::text("Piling")))
    );
    assert_eq!(sides[*provisional].value, Value::text(a.name(task)));
    assert_eq!(a.plan.row(task).unwrap().conflict_fields, vec!["name"]);
    assert_eq!(conflict.severity, Severity::Attention);
    let sentence = a.plan.sentence(&conflict);
    assert_eq!(
        sentence,
        "A-T001 \"Driven piles\", name: before: \"Piling\"; Member A (A) has \"Bored piles\", Member B (B) has \"Driven piles\". Provisionally \"Driven piles\"."
    );
    let loser = sides
        .iter()
        .find(|s| s.value == Value::text("Bored piles"))
        .unwrap()
        .who
        .op;
    b.resolve(&mut world, &conflict, Choice::Take(loser));
    meet(&world, &mut a, &mut b);
    assert_eq!(
        (a.name(task), a.conflicts()),
        ("Bored piles".to_owned(), vec![])
    );
}

#[test]
fn equal_values_and_different_fields_are_no_conflict() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    meet(&world, &mut a, &mut b);
    a.rename(&mut world, task, "Piles");
    b.rename(&mut world, task, "Piles");
    b.set(
        &mut world,
        task,
        FieldEdit::Duration(Some(Duration::days(5))),
    );
    meet(&world, &mut a, &mut b);
    assert_eq!(a.conflicts(), vec![]);
}

#[test]
fn an_edit_revives_what_was_deleted_meanwhile_with_everything_above_it() {
    let (mut world, mut a, mut b) = two();
    let phase = a.add(&mut world, "Foundation", None);
    let piling = a.add(&mut world, "Piling", Some(phase));
    let caps = a.add(&mut world, "Caps", Some(phase));
    meet(&world, &mut a, &mut b);
    a.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![phase] });
    assert_eq!(a.plan.order().len(), 0);
    b.set(
        &mut world,
        piling,
        FieldEdit::Duration(Some(Duration::days(9))),
    );
    b.set(
        &mut world,
        piling,
        FieldEdit::Notes("rig from Monday".to_owned()),
    );
    meet(&world, &mut a, &mut b);
    assert_eq!(a.names(), vec!["1 Foundation", "1.1 Piling"]);
    let conflict = a.conflict();
    let ConflictKind::DeleteEdit {
        deleted_by,
        edited_by,
        fields,
        children,
    } = &conflict.kind
    else {
        panic!("{conflict:?}");
    };
    assert_eq!(
        (conflict.record, fields.join(" ").as_str()),
        (piling, "duration notes")
    );
    assert_eq!(
        (deleted_by.len(), edited_by.len(), children.len()),
        (1, 1, 0)
    );
    a.resolve(&mut world, &conflict, Choice::Keep);
    meet(&world, &mut a, &mut b);
    assert_eq!((a.conflicts(), a.plan.order().len()), (vec![], 2));
    assert_eq!(
        a.plan.deleted().iter().map(|d| d.id).collect::<Vec<_>>(),
        vec![caps]
    );
}

#[test]
fn a_kept_delete_takes_the_edited_task_and_its_deleted_parents() {
    let (mut world, mut a, mut b) = two();
    let phase = a.add(&mut world, "Foundation", None);
    let piling = a.add(&mut world, "Piling", Some(phase));
    meet(&world, &mut a, &mut b);
    a.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![phase] });
    b.rename(&mut world, piling, "Piles");
    meet(&world, &mut a, &mut b);
    let conflict = b.conflict();
    b.resolve(&mut world, &conflict, Choice::Delete);
    meet(&world, &mut a, &mut b);
    assert_eq!((a.names(), a.conflicts()), (Vec::<String>::new(), vec![]));
    a.run(&mut world, PlanCommand::Restore { task: piling });
    assert_eq!(a.names(), vec!["1 Foundation", "1.1 Piles"]);
    assert_eq!(a.conflicts(), vec![]);
}

#[test]
fn a_task_added_under_a_deleted_parent_keeps_the_parent_and_is_named() {
    let (mut world, mut a, mut b) = two();
    let phase = a.add(&mut world, "Foundation", None);
    meet(&world, &mut a, &mut b);
    a.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![phase] });
    let added = b.add(&mut world, "Caps", Some(phase));
    meet(&world, &mut a, &mut b);
    let conflict = a.conflict();
    let ConflictKind::DeleteEdit { children, .. } = &conflict.kind else {
        panic!("{conflict:?}");
    };
    assert_eq!((conflict.record, children), (phase, &vec![added]));
    a.resolve(&mut world, &conflict, Choice::Keep);
    meet(&world, &mut a, &mut b);
    assert_eq!(
        (b.names(), b.conflicts()),
        (
            vec!["1 Foundation".to_owned(), "1.1 Caps".to_owned()],
            vec![]
        )
    );
}

#[test]
fn a_new_dependency_brings_back_the_task_that_was_deleted_meanwhile() {
    let (mut world, mut a, mut b) = two();
    let one = a.add(&mut world, "One", None);
    let two = a.add(&mut world, "Two", None);
    meet(&world, &mut a, &mut b);
    a.run(&mut world, PlanCommand::DeleteTasks { tasks: vec![one] });
    b.link(&mut world, one, two);
    meet(&world, &mut a, &mut b);
    assert_eq!(a.plan.order().len(), 2);
    assert_eq!(a.conflict().record, one);
}

#[test]
fn of_two_moves_below_each_other_one_is_left_out_and_can_be_made_after_all() {
    let (mut world, mut a, mut b) = two();
    let x = a.add(&mut world, "X", None);
    let y = a.add(&mut world, "Y", None);
    meet(&world, &mut a, &mut b);
    a.run(
        &mut world,
        PlanCommand::MoveTask {
            task: x,
            to: Position::LastIn(Some(y)),
        },
    );
    b.run(
        &mut world,
        PlanCommand::MoveTask {
            task: y,
            to: Position::LastIn(Some(x)),
        },
    );
    meet(&world, &mut a, &mut b);
    assert_eq!(a.names(), vec!["1 Y", "1.1 X"]);
    let conflict = a.conflict();
    let ConflictKind::MoveSkipped {
        wanted, because, ..
    } = &conflict.kind
    else {
        panic!("{conflict:?}");
    };
    assert_eq!((conflict.record, *wanted, *because), (y, Some(x), x));
    a.resolve(&mut world, &conflict, Choice::ApplyMove);
    meet(&world, &mut a, &mut b);
    assert_eq!(
        (a.names(), a.conflicts()),
        (vec!["1 X".to_owned(), "1.1 Y".to_owned()], vec![])
    );
}

#[test]
fn a_task_moved_to_two_places_stands_in_one_and_both_are_told() {
    let (mut world, mut a, mut b) = two();
    let [p, q, x] = ["P", "Q", "X"].map(|n| a.add(&mut world, n, None));
    meet(&world, &mut a, &mut b);
    a.run(
        &mut world,
        PlanCommand::MoveTask {
            task: x,
            to: Position::LastIn(Some(p)),
        },
    );
    b.run(
        &mut world,
        PlanCommand::MoveTask {
            task: x,
            to: Position::LastIn(Some(q)),
        },
    );
    meet(&world, &mut a, &mut b);
    let conflict = a.conflict();
    let ConflictKind::Field {
        field,
        sides,
        provisional,
        base,
    } = &conflict.kind
    else {
        panic!("{conflict:?}");
    };
    assert_eq!((field.as_str(), base), ("parent", &Some(Value::text(""))));
    let place = a.plan.row(x).unwrap().parent.unwrap();
    assert_eq!(sides[*provisional].value, Value::text(place.to_string()));
    let other = sides[1 - *provisional].who.op;
    b.resolve(&mut world, &conflict, Choice::Take(other));
    meet(&world, &mut a, &mut b);
    assert_ne!(a.plan.row(x).unwrap().parent.unwrap(), place);
    assert_eq!(a.conflicts(), vec![]);
}

#[test]
fn a_loop_of_dependencies_is_suspended_and_comes_back_when_opened() {
    let (mut world, mut a, mut b) = two();
    let [x, y, z] = ["X", "Y", "Z"].map(|n| a.add(&mut world, n, None));
    a.link(&mut world, x, y);
    meet(&world, &mut a, &mut b);
    a.link(&mut world, y, z);
    b.link(&mut world, z, x);
    meet(&world, &mut a, &mut b);
    let conflict = a.conflict();
    let ConflictKind::LinkSuspended { tasks, links, .. } = &conflict.kind else {
        panic!("{conflict:?}");
    };
    assert_eq!((tasks.len(), links.len()), (3, 2));
    let row = a.plan.row(conflict.task).unwrap();
    assert!(row.predecessors.iter().any(|p| p.suspended));
    assert_eq!(a.plan.summary().links_suspended, 1);
    let other = links[0].0;
    a.resolve(&mut world, &conflict, Choice::RemoveLink(other));
    meet(&world, &mut a, &mut b);
    assert_eq!(
        (a.conflicts(), a.plan.summary().links_suspended),
        (vec![], 0)
    );
}

#[test]
fn summaries_count_in_loops() {
    let (mut world, mut a, mut b) = two();
    let phase = a.add(&mut world, "Phase", None);
    let inner = a.add(&mut world, "Inner", Some(phase));
    let outer = a.add(&mut world, "Outer", None);
    meet(&world, &mut a, &mut b);
    a.link(&mut world, phase, outer);
    b.link(&mut world, outer, inner);
    meet(&world, &mut a, &mut b);
    assert!(matches!(
        a.conflict().kind,
        ConflictKind::LinkSuspended { .. }
    ));
}

#[test]
fn what_would_be_a_loop_is_refused_when_it_is_known() {
    let (mut world, mut a, _) = two();
    let phase = a.add(&mut world, "Phase", None);
    let inner = a.add(&mut world, "Inner", Some(phase));
    let other = a.add(&mut world, "Other", None);
    a.link(&mut world, phase, other);
    let add = |pred, succ| PlanCommand::AddLink {
        pred,
        succ,
        link_type: LinkType::Ss,
        lag: Lag::NONE,
    };
    assert!(matches!(
        a.writes(&add(other, inner)),
        Err(Rejected::WouldCloseLoop { .. })
    ));
    assert!(a.writes(&add(inner, other)).is_ok());
    let finish = PlanCommand::AddLink {
        pred: other,
        succ: inner,
        link_type: LinkType::Fs,
        lag: Lag::NONE,
    };
    assert!(matches!(
        a.writes(&finish),
        Err(Rejected::WouldCloseLoop { .. })
    ));
    assert!(matches!(
        a.writes(&add(phase, inner)),
        Err(Rejected::WouldCloseLoop { .. })
    ));
    assert!(matches!(
        a.writes(&add(inner, inner)),
        Err(Rejected::LinkToItself { .. })
    ));
    let below = PlanCommand::MoveTask {
        task: phase,
        to: Position::LastIn(Some(inner)),
    };
    assert!(matches!(
        a.writes(&below),
        Err(Rejected::BelowItself { .. })
    ));
}

#[test]
fn adding_a_dependency_beats_removing_it() {
    let (mut world, mut a, mut b) = two();
    let [x, y] = ["X", "Y"].map(|n| a.add(&mut world, n, None));
    a.link(&mut world, x, y);
    meet(&world, &mut a, &mut b);
    let link = a.plan.row(y).unwrap().predecessors[0].link;
    a.run(&mut world, PlanCommand::RemoveLink { link });
    b.run(
        &mut world,
        PlanCommand::SetLink {
            link,
            link_type: LinkType::Fs,
            lag: Lag::parse("2d").unwrap(),
        },
    );
    meet(&world, &mut a, &mut b);
    assert_eq!(a.plan.row(y).unwrap().predecessors_text(), "A-T001FS+2d");
    let conflict = a.conflict();
    assert_eq!(conflict.record, link);
    a.resolve(&mut world, &conflict, Choice::Delete);
    meet(&world, &mut a, &mut b);
    assert_eq!(
        (b.plan.row(y).unwrap().predecessors.len(), b.conflicts()),
        (0, vec![])
    );
}

#[test]
fn one_code_drawn_twice_is_kept_by_the_first_and_found_for_both() {
    let mut world = crate::model::World::default();
    let (mut one, mut two) = (
        crate::model::Replica::new("A", 1),
        crate::model::Replica::new("A", 2),
    );
    let first = one.add(&mut world, "First", None);
    let second = two.add(&mut world, "Second", None);
    meet(&world, &mut one, &mut two);
    let codes = [first, second].map(|t| one.plan.row(t).unwrap().code.clone());
    assert_eq!(codes, ["A-T001", "A-T001·2"]);
    assert_eq!(one.plan.search("a-t001").len(), 2);
    let conflict = one.conflict();
    assert_eq!(conflict.severity, Severity::Info);
    one.resolve(&mut world, &conflict, Choice::AcceptCode);
    meet(&world, &mut one, &mut two);
    assert_eq!(
        (one.plan.row(second).unwrap().code.as_str(), one.conflicts()),
        ("A-T001·2", vec![])
    );
    let third = two.add(&mut world, "Third", None);
    assert_eq!(two.plan.row(third).unwrap().code, "A-T002");
}

#[test]
fn parties_that_report_different_progress_disagree_until_they_agree() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    a.set(
        &mut world,
        task,
        FieldEdit::Accountable("A · Li Wei".to_owned()),
    );
    meet(&world, &mut a, &mut b);
    a.set(&mut world, task, percent(60));
    b.set(&mut world, task, percent(40));
    meet(&world, &mut a, &mut b);
    let row = a.plan.row(task).unwrap();
    assert_eq!((row.percent, row.percent_disputed), (60, true));
    let conflict = a.conflict();
    assert_eq!(
        a.plan.sentence(&conflict),
        "A-T001 \"Piling\": A says 60% at 2026-03-31; B says 40% at 2026-03-31."
    );
    b.resolve(&mut world, &conflict, Choice::AgreePercent(50));
    meet(&world, &mut a, &mut b);
    let row = a.plan.row(task).unwrap();
    assert_eq!(
        (row.percent, row.percent_disputed, a.conflicts()),
        (50, false, vec![])
    );
}

#[test]
fn nobody_reports_progress_in_the_name_of_another_party() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    a.set(&mut world, task, FieldEdit::Accountable("A".to_owned()));
    a.set(&mut world, task, percent(40));
    meet(&world, &mut a, &mut b);
    let forged = heqi_domain::Write {
        record: task,
        field: "progress.A.2026-04-30".to_owned(),
        value: Value::Int(100),
    };
    world.make(&mut b, vec![forged]);
    meet(&world, &mut a, &mut b);
    let said = |replica: &Replica| {
        let reports = replica.plan.detail(task).unwrap().reports.into_iter();
        let said = reports.map(|r| format!("{} {} {}", r.party_code, r.date, r.percent));
        said.collect::<Vec<_>>()
    };
    assert_eq!(said(&a), ["A 2026-03-31 40", "B 2026-04-30 100"]);
    assert_eq!(a.plan.row(task).unwrap().percent, 40);
}

#[test]
fn who_decides_between_reports_of_another_party_leaves_them_theirs() {
    let (mut world, mut a, mut b) = two();
    let mut second = Replica::new("A", 3);
    let task = a.add(&mut world, "Piling", None);
    meet(&world, &mut a, &mut second);
    a.set(&mut world, task, percent(40));
    second.set(&mut world, task, percent(60));
    meet(&world, &mut a, &mut second);
    meet(&world, &mut a, &mut b);
    let conflict = b.conflict();
    let ConflictKind::Field { sides, .. } = &conflict.kind else {
        panic!("{conflict:?}");
    };
    let higher = sides.iter().find(|side| side.value == Value::Int(60));
    let choice = Choice::Take(higher.unwrap().who.op);
    b.resolve(&mut world, &conflict, choice);
    meet(&world, &mut a, &mut b);
    let reports = a.plan.detail(task).unwrap().reports;
    assert_eq!(
        (reports[0].party_code.as_str(), reports[0].percent),
        ("A", 60)
    );
    assert_eq!(reports.len(), 1);
}

#[test]
fn a_summary_is_one_while_it_has_children_and_its_progress_follows_from_them() {
    let (mut world, mut a, _) = two();
    let phase = a.add(&mut world, "Phase", None);
    let [long, short] = ["Long", "Short"].map(|n| a.add(&mut world, n, Some(phase)));
    a.set(
        &mut world,
        long,
        FieldEdit::Duration(Some(Duration::days(9))),
    );
    a.set(
        &mut world,
        short,
        FieldEdit::Duration(Some(Duration::days(1))),
    );
    a.set(&mut world, short, percent(100));
    let row = a.plan.row(phase).unwrap();
    assert_eq!(
        (row.kind, row.percent, row.duration),
        (RowKind::Summary, 10, None)
    );
    let edit = PlanCommand::SetField {
        task: phase,
        edit: percent(50),
    };
    assert!(matches!(
        a.writes(&edit),
        Err(Rejected::NotForSummary { .. })
    ));
    a.run(
        &mut world,
        PlanCommand::DeleteTasks {
            tasks: vec![long, short],
        },
    );
    assert_eq!(a.plan.row(phase).unwrap().kind, RowKind::Task);
    a.check(&world);
}

#[test]
fn indent_outdent_and_moves_among_siblings_keep_the_outline() {
    let (mut world, mut a, _) = two();
    let [x, y, z] = ["X", "Y", "Z"].map(|n| a.add(&mut world, n, None));
    a.run(&mut world, PlanCommand::Indent { task: y });
    a.run(&mut world, PlanCommand::Indent { task: z });
    assert_eq!(a.names(), vec!["1 X", "1.1 Y", "1.2 Z"]);
    a.run(&mut world, PlanCommand::MoveUp { task: z });
    assert_eq!(a.names(), vec!["1 X", "1.1 Z", "1.2 Y"]);
    assert!(matches!(
        a.writes(&PlanCommand::MoveUp { task: z }),
        Err(Rejected::NowhereToMove { .. })
    ));
    a.run(&mut world, PlanCommand::Outdent { task: z });
    assert_eq!(a.names(), vec!["1 X", "1.1 Y", "2 Z"]);
    assert!(matches!(
        a.writes(&PlanCommand::Outdent { task: x }),
        Err(Rejected::NowhereToMove { .. })
    ));
    let after = PlanCommand::AddTask {
        name: "New".to_owned(),
        parent: None,
        after: Some(x),
    };
    a.run(&mut world, after);
    assert_eq!(a.names(), vec!["1 X", "1.1 Y", "2 New", "3 Z"]);
    a.check(&world);
}

#[test]
fn values_outside_their_limits_are_refused_with_a_key() {
    let (mut world, mut a, _) = two();
    let task = a.add(&mut world, "Piling", None);
    let mut refused = |edit: FieldEdit| {
        let outcome = a.writes(&PlanCommand::SetField { task, edit });
        outcome.unwrap_err().key()
    };
    assert_eq!(
        refused(FieldEdit::Name("  \t ".to_owned())),
        "rejected-empty-name"
    );
    assert_eq!(
        refused(FieldEdit::Name("x".repeat(256))),
        "rejected-too-long"
    );
    assert_eq!(
        refused(FieldEdit::Notes("x".repeat(16 * 1024 + 1))),
        "rejected-too-long"
    );
    assert_eq!(refused(percent(101)), "rejected-invalid-value");
    let mut endless = Duration::days(1);
    endless.minutes = i64::MAX;
    assert_eq!(
        refused(FieldEdit::Duration(Some(endless))),
        "rejected-invalid-value"
    );
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let (mut world, mut a, _) = two();
    let task = a.add(&mut world, "Piling", None);
    let edits = [
        FieldEdit::Name("Piling".to_owned()),
        FieldEdit::Notes(String::new()),
        FieldEdit::Kind(TaskKind::Task),
    ];
    for edit in edits {
        assert_eq!(a.writes(&PlanCommand::SetField { task, edit }), Ok(vec![]));
    }
}

#[test]
fn registers_that_mean_nothing_hide_nothing_and_break_nothing() {
    let (mut world, mut a, _) = two();
    let task = a.add(&mut world, "Piling", None);
    let nonsense = [
        "duration",
        "manual",
        "imported",
        "kind",
        "mode",
        "order",
        "progress.A.2026-01-01",
        "progress.",
        "moved.x",
        "live",
        "code",
        "future",
    ];
    let writes = nonsense.iter().map(|field| heqi_domain::Write {
        record: task,
        field: (*field).to_owned(),
        value: Value::text("{\"m\":9223372036854775807}\u{0}💣"),
    });
    let writes: Vec<_> = writes.collect();
    world.make(&mut a, writes);
    a.check(&world);
    assert_eq!(a.names(), vec!["1 Piling"]);
    let numbers = nonsense.iter().map(|field| heqi_domain::Write {
        record: task,
        field: (*field).to_owned(),
        value: Value::Int(i64::MIN),
    });
    let numbers: Vec<_> = numbers.collect();
    world.make(&mut a, numbers);
    a.check(&world);
    a.run(
        &mut world,
        PlanCommand::AddTask {
            name: "Next".to_owned(),
            parent: None,
            after: Some(task),
        },
    );
    assert_eq!(a.names(), vec!["1 Piling", "2 Next"]);
}

#[test]
fn an_editor_left_open_does_not_supersede_what_came_in_meanwhile() {
    let (mut world, mut a, mut b) = two();
    let task = a.add(&mut world, "Piling", None);
    meet(&world, &mut a, &mut b);
    let opened = a.applied.clone();
    b.rename(&mut world, task, "Piles");
    meet(&world, &mut a, &mut b);
    let edit = FieldEdit::Name("Bored piles".to_owned());
    let writes = a.writes(&PlanCommand::SetField { task, edit }).unwrap();
    world.make_at(&mut a, writes, opened);
    assert!(matches!(a.conflict().kind, ConflictKind::Field { .. }));
}

#[test]
fn a_table_for_spreadsheets_holds_no_formula() {
    let (mut world, mut a, _) = two();
    let x = a.add(&mut world, "=HYPERLINK(\"x\")", None);
    let y = a.add(&mut world, "桩基, \"A\"", None);
    a.link(&mut world, x, y);
    let day = Date::parse("2026-03-31").ok();
    a.set(
        &mut world,
        y,
        FieldEdit::Percent {
            percent: 30,
            status_date: day,
        },
    );
    let csv = String::from_utf8(a.plan.to_csv()).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Code,Outline,"));
    assert!(
        lines[1].contains("\"'=HYPERLINK(\"\"x\"\")\""),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].contains("\"桩基, \"\"A\"\"\",,30,auto,"),
        "{}",
        lines[2]
    );
    assert!(lines[2].contains(",A-T001,"));
    assert_eq!(lines.len(), 3);
}
