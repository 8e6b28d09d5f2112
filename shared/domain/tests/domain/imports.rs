//! Plans from files: two importers make one plan, the next import of a file meets what people changed.

use heqi_domain::Write;
use heqi_domain::import::{ImportReport, ImportedLink, ImportedPlan, ImportedTask, SourceId};
use heqi_domain::plan::{
    FieldEdit, KeptWhy, LinkType, Mode, PlanCommand, Rejected, TaskKind, link_id,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::LocalDateTime;

use crate::model::{Replica, World, meet, two};

pub(crate) fn task(uid: i64, parent: Option<usize>, name: &str) -> ImportedTask {
    ImportedTask {
        uid,
        parent,
        name: name.to_owned(),
        kind: TaskKind::Task,
        duration: Some(Duration::days(uid)),
        percent: 10,
        start: LocalDateTime::parse("2026-03-02T08:00:00").ok(),
        finish: None,
        mode: Mode::Auto,
        notes: String::new(),
        wbs: format!("W{uid}"),
        baselines: 1,
        calendar: None,
    }
}

fn link(pred_uid: i64, succ_uid: i64) -> ImportedLink {
    ImportedLink {
        pred_uid,
        succ_uid,
        link_type: LinkType::Fs,
        lag: Lag::parse("1d").unwrap(),
    }
}

pub(crate) fn bridge() -> ImportedPlan {
    ImportedPlan {
        source: SourceId::of_guid("bridge"),
        source_name: "Bridge".to_owned(),
        guid: Some("bridge".to_owned()),
        tasks: vec![
            task(1, None, "Foundation"),
            task(2, Some(0), "Survey"),
            task(3, Some(0), "Piling"),
            task(4, None, "Deck"),
        ],
        links: vec![link(2, 3), link(3, 4), link(3, 3), link(9, 1), link(2, 3)],
        calendars: vec!["Standard".to_owned()],
        report: ImportReport::default(),
    }
}

fn import(
    world: &mut World,
    replica: &mut Replica,
    plan: &ImportedPlan,
) -> heqi_domain::plan::ImportOutcome {
    let (held, _, mut context) = replica.context();
    let import = held.import(plan, &mut context).unwrap();
    world.make(replica, import.writes);
    replica.check(world);
    import.outcome
}

#[test]
fn one_file_imported_by_two_parties_is_one_plan_without_a_conflict() {
    let (mut world, mut a, mut b) = two();
    let outcome = import(&mut world, &mut a, &bridge());
    assert_eq!(
        (
            outcome.created,
            outcome.links_created,
            outcome.links_dropped
        ),
        (4, 2, 3)
    );
    import(&mut world, &mut b, &bridge());
    meet(&world, &mut a, &mut b);
    assert_eq!(
        a.names(),
        vec!["1 Foundation", "1.1 Survey", "1.2 Piling", "2 Deck"]
    );
    assert_eq!(
        (a.conflicts(), a.plan.imports(&crate::model::Parties).len()),
        (vec![], 2)
    );
    let deck = a.plan.row(bridge().source.record(4)).unwrap();
    assert!(deck.code.ends_with("-T4") && deck.predecessors_text().ends_with("-T3FS+1d"));
}

#[test]
fn work_on_ones_own_import_is_no_conflict_with_the_others_import() {
    let (mut world, mut a, mut b) = two();
    import(&mut world, &mut a, &bridge());
    let [survey, piling, deck] = [2, 3, 4].map(|uid| bridge().source.record(uid));
    a.rename(&mut world, piling, "Bored piles");
    a.rename(&mut world, piling, "Driven piles");
    a.run(&mut world, PlanCommand::Outdent { task: piling });
    a.run(
        &mut world,
        PlanCommand::DeleteTasks {
            tasks: vec![survey],
        },
    );
    for n in 0..40 {
        b.add(&mut world, &format!("B's own {n}"), None);
    }
    import(&mut world, &mut b, &bridge());
    meet(&world, &mut a, &mut b);
    assert_eq!(a.conflicts(), vec![]);
    assert_eq!(b.name(piling), "Driven piles");
    assert_eq!(
        (b.plan.row(piling).unwrap().parent, b.plan.row(survey)),
        (None, None)
    );
    assert_eq!(b.name(deck), "Deck");
}

#[test]
fn both_parties_work_on_their_imports_and_only_real_conflicts_remain() {
    let (mut world, mut a, mut b) = two();
    import(&mut world, &mut a, &bridge());
    import(&mut world, &mut b, &bridge());
    let [piling, deck] = [3, 4].map(|uid| bridge().source.record(uid));
    a.rename(&mut world, piling, "Bored piles");
    b.rename(&mut world, piling, "Driven piles");
    b.rename(&mut world, deck, "Deck slab");
    meet(&world, &mut a, &mut b);
    let conflict = a.conflict();
    assert!(a.plan.sentence(&conflict).contains("before: \"Piling\""));
    assert_eq!(a.name(deck), "Deck slab");
}

#[test]
fn another_file_of_the_same_name_stays_apart() {
    let (mut world, mut a, _) = two();
    import(&mut world, &mut a, &bridge());
    let mut other = bridge();
    other.source = SourceId::of_file("Bridge", "2026-02-01T00:00:00", "Foundation");
    import(&mut world, &mut a, &other);
    assert_eq!((a.plan.order().len(), a.conflicts()), (8, vec![]));
}

#[test]
fn the_next_import_takes_the_files_changes_and_keeps_the_peoples() {
    let (mut world, mut a, _) = two();
    import(&mut world, &mut a, &bridge());
    let source = bridge().source;
    let [survey, piling, deck] = [2, 3, 4].map(|uid| source.record(uid));
    a.rename(&mut world, piling, "Bored piles");
    a.set(
        &mut world,
        deck,
        FieldEdit::Duration(Some(Duration::days(30))),
    );
    let mut next = bridge();
    next.tasks[1].name = "Site survey".to_owned();
    next.tasks[2].name = "Pile driving".to_owned();
    next.tasks[2].percent = 55;
    next.tasks[3].parent = Some(0);
    next.tasks.push(task(5, Some(0), "Caps"));
    next.links = vec![link(2, 3), link(4, 5)];
    let outcome = import(&mut world, &mut a, &next);
    assert_eq!(
        a.names(),
        vec![
            "1 Foundation",
            "1.1 Site survey",
            "1.2 Bored piles",
            "1.3 Deck",
            "1.4 Caps"
        ]
    );
    // Site survey, the progress of the piling, and the place of the deck.
    assert_eq!(
        (outcome.created, outcome.updated, outcome.kept.len()),
        (1, 3, 1)
    );
    assert_eq!(
        (outcome.kept[0].record, outcome.kept[0].field.as_str()),
        (piling, "name")
    );
    assert_eq!(a.plan.row(piling).unwrap().percent, 55);
    assert_eq!(a.plan.row(deck).unwrap().duration, Some(Duration::days(30)));
    assert_eq!(
        (
            outcome.links_removed,
            a.plan.row(deck).unwrap().predecessors.len()
        ),
        (1, 0)
    );
    assert_eq!(a.name(survey), "Site survey");
}

#[test]
fn what_left_the_file_goes_unless_somebody_worked_on_it() {
    let (mut world, mut a, _) = two();
    import(&mut world, &mut a, &bridge());
    let source = bridge().source;
    a.set(
        &mut world,
        source.record(3),
        FieldEdit::Notes("ours".to_owned()),
    );
    let mut next = bridge();
    next.tasks.truncate(1);
    next.links.clear();
    let outcome = import(&mut world, &mut a, &next);
    assert_eq!(a.names(), vec!["1 Foundation", "1.1 Piling"]);
    assert_eq!(
        (outcome.removed, outcome.kept.len(), a.conflicts()),
        (2, 1, vec![])
    );
    let again = import(&mut world, &mut a, &next);
    assert_eq!((again.created, again.updated, again.removed), (0, 0, 0));
}

#[test]
fn what_a_person_deleted_stays_deleted_and_is_told() {
    let (mut world, mut a, _) = two();
    import(&mut world, &mut a, &bridge());
    let [survey, piling, deck] = [2, 3, 4].map(|uid| bridge().source.record(uid));
    a.run(
        &mut world,
        PlanCommand::DeleteTasks {
            tasks: vec![survey],
        },
    );
    let link = link_id(piling, deck, LinkType::Fs);
    a.run(&mut world, PlanCommand::RemoveLink { link });
    let outcome = import(&mut world, &mut a, &bridge());
    let told: Vec<_> = outcome
        .kept
        .iter()
        .map(|kept| (kept.record, kept.why, kept.is_link, kept.name.as_str()))
        .collect();
    assert_eq!(
        told,
        vec![
            (survey, KeptWhy::Deleted, false, "Survey"),
            (link, KeptWhy::Deleted, true, "Deck"),
        ]
    );
    assert_eq!(a.names(), vec!["1 Foundation", "1.1 Piling", "2 Deck"]);
    assert_eq!((outcome.created, outcome.updated), (0, 0));
}

#[test]
fn progress_that_people_report_stands_against_the_files() {
    let (mut world, mut a, _) = two();
    import(&mut world, &mut a, &bridge());
    let piling = bridge().source.record(3);
    a.set(
        &mut world,
        piling,
        FieldEdit::Percent {
            percent: 40,
            status_date: None,
        },
    );
    let mut next = bridge();
    next.tasks[2].percent = 55;
    let outcome = import(&mut world, &mut a, &next);
    assert_eq!(a.plan.row(piling).unwrap().percent, 40);
    let kept = &outcome.kept[0];
    assert_eq!((outcome.updated, outcome.kept.len()), (0, 1));
    assert_eq!((kept.record, kept.field.as_str()), (piling, "percent"));
}

#[test]
fn an_import_can_be_cut_anywhere() {
    let (mut world, mut a, _) = two();
    let writes: Vec<Write> = a
        .writes(&PlanCommand::Import {
            plan: Box::new(bridge()),
        })
        .unwrap();
    for cut in 0..writes.len() {
        let (mut world, mut c) = (World::default(), Replica::new("C", 5));
        world.make(&mut c, writes[..cut].to_vec());
        c.check(&world);
        world.make(&mut c, writes[cut..].to_vec());
        c.check(&world);
        assert_eq!(
            c.names(),
            vec!["1 Foundation", "1.1 Survey", "1.2 Piling", "2 Deck"]
        );
    }
    world.make(&mut a, writes);
    assert_eq!(a.conflicts(), vec![]);
}

#[test]
fn broken_structure_is_refused() {
    let (_, mut a, _) = two();
    let mut forward = bridge();
    forward.tasks[0].parent = Some(2);
    let mut twice = bridge();
    twice.tasks[3].uid = 2;
    let mut deep = bridge();
    deep.tasks = (0..70)
        .map(|n| {
            task(
                n,
                n.checked_sub(1).map(|p| p as usize).filter(|_| n > 0),
                "x",
            )
        })
        .collect();
    let mut refused = |plan: ImportedPlan| {
        a.writes(&PlanCommand::Import {
            plan: Box::new(plan),
        })
        .unwrap_err()
    };
    assert_eq!(refused(forward).key(), "rejected-invalid-value");
    assert_eq!(refused(twice).key(), "rejected-invalid-value");
    assert_eq!(refused(deep), Rejected::TooDeep);
}
