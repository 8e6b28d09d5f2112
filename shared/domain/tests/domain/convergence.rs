//! Random histories: all delivery orders give one state and one merge review, nothing is hidden, all can be decided.

use heqi_domain::RecordId;
use heqi_domain::plan::{
    FieldEdit, LinkType, ManualDates, Mode, PlanCommand, Position, Rejected, TaskKind,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::{Date, LocalDateTime};
use proptest::prelude::*;

use crate::imports::bridge;
use crate::model::{Replica, World, choice};

#[derive(Clone, Debug)]
struct Step {
    who: usize,
    what: u8,
    a: u8,
    b: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0..3usize, 0..31u8, any::<u8>(), any::<u8>()).prop_map(|(who, what, a, b)| Step {
        who,
        what,
        a,
        b,
    })
}

fn pick(replica: &Replica, n: u8) -> Option<RecordId> {
    let order = replica.plan.order();
    order.get(usize::from(n) % order.len().max(1)).copied()
}

fn command(replica: &Replica, step: &Step) -> Option<PlanCommand> {
    let Step { what, a, b, .. } = *step;
    let task = pick(replica, a);
    let other = pick(replica, b);
    let add = PlanCommand::AddTask {
        name: format!("{}{a}", replica.party),
        parent: (b % 2 == 0).then_some(other).flatten(),
        after: None,
    };
    let set = |edit: FieldEdit| task.map(|task| PlanCommand::SetField { task, edit });
    let first_link = replica
        .plan
        .rows()
        .flat_map(|r| &r.predecessors)
        .nth(usize::from(b % 4));
    match what {
        0..=4 => Some(add),
        5..=6 => set(FieldEdit::Name(format!("name {}", b % 3))),
        7 => set(FieldEdit::Duration(Some(Duration::days(i64::from(b % 3))))),
        8 => set(FieldEdit::Percent {
            percent: (b % 3) * 50,
            status_date: None,
        }),
        9 => set(FieldEdit::Percent {
            percent: b % 101,
            status_date: Date::parse("2026-04-07").ok(),
        }),
        10 => set(FieldEdit::Accountable(
            ["A", "B", ""][usize::from(b % 3)].to_owned(),
        )),
        11 => set(FieldEdit::Kind(
            [TaskKind::Task, TaskKind::Milestone][usize::from(b % 2)],
        )),
        12 => set(FieldEdit::Mode(
            [Mode::Auto, Mode::Manual][usize::from(b % 2)],
        )),
        13 => set(FieldEdit::Manual(ManualDates {
            start: LocalDateTime::parse(&format!("2026-01-1{}", b % 3)).ok(),
            finish: None,
        })),
        14 => set(FieldEdit::Notes(format!("note {}", b % 2))),
        15..=17 => Some(PlanCommand::MoveTask {
            task: task?,
            to: [
                Position::FirstIn(other),
                Position::LastIn(None),
                Position::Before(other?),
            ][usize::from(b % 3)],
        }),
        18 => Some(PlanCommand::Indent { task: task? }),
        19 => Some(PlanCommand::Outdent { task: task? }),
        20 => Some(if b % 2 == 0 {
            PlanCommand::MoveUp { task: task? }
        } else {
            PlanCommand::MoveDown { task: task? }
        }),
        21..=22 => Some(PlanCommand::DeleteTasks { tasks: vec![task?] }),
        23 => Some(PlanCommand::Restore {
            task: replica.plan.deleted().get(usize::from(a % 4))?.id,
        }),
        24..=26 => Some(PlanCommand::AddLink {
            pred: task?,
            succ: other?,
            link_type: LinkType::ALL[usize::from(a ^ b) % 4],
            lag: Lag::parse(["", "2d", "-50%"][usize::from(b % 3)])?,
        }),
        27 => Some(PlanCommand::RemoveLink {
            link: first_link?.link,
        }),
        28 => Some(PlanCommand::SetLink {
            link: first_link?.link,
            link_type: LinkType::ALL[usize::from(a) % 4],
            lag: Lag::parse("1w")?,
        }),
        29 => {
            let mut plan = bridge();
            plan.tasks.truncate(4 - usize::from(a % 2));
            plan.tasks[1].name = format!("Survey {}", b % 3);
            plan.tasks[2].parent = (b % 2 == 0).then_some(0);
            Some(PlanCommand::Import {
                plan: Box::new(plan),
            })
        }
        _ => {
            let conflicts = replica.conflicts();
            let conflict = conflicts.get(usize::from(a) % conflicts.len().max(1))?;
            Some(PlanCommand::Resolve {
                conflict: conflict.id,
                choice: choice(conflict, usize::from(b)),
            })
        }
    }
}

fn act(world: &mut World, replicas: &mut [Replica], step: &Step) {
    let (rest, b) = (step.a % 8, step.b);
    if rest == 0 {
        let from = replicas[(step.who + 1 + usize::from(b % 2)) % 3]
            .applied
            .clone();
        return world.deliver(
            &mut replicas[step.who],
            &from,
            usize::from(b % 5) + 1,
            u64::from(b),
        );
    }
    let replica = &mut replicas[step.who];
    let reverted = match rest {
        1 if b < 40 => Some(replica.undo()),
        1 if b < 60 => Some(replica.redo()),
        _ => None,
    };
    if let Some(outcome) = reverted {
        if let Ok(writes) = outcome {
            world.make(replica, writes);
        }
        return;
    }
    if rest == 2 && b % 4 == 0 {
        replica.opened = Some(replica.applied.clone());
    }
    if let (3, Some(past), Some(command)) = (rest, replica.opened.clone(), command(replica, step)) {
        // What an editor that was left open sends in: computed on the present, made on what its author saw.
        if let (PlanCommand::SetField { .. }, Ok(writes)) = (&command, replica.writes(&command)) {
            if !writes.is_empty() {
                world.make_at(replica, writes, past);
            }
            return;
        }
    }
    if let Some(command) = command(replica, step) {
        // What the rules forbid is refused; that nothing else happens is checked below.
        let _: Result<(), Rejected> = replica.try_run(world, command);
    }
}

/// Tasks that are not shown although somebody edited them and nobody deleted them who knew. (That two imported one file
/// is one fact: who deletes one's own import of a task deletes the other's.)
fn hidden(world: &World, replica: &Replica) -> Vec<RecordId> {
    let newcomer = world.newcomer();
    let deleted = newcomer.plan.deleted();
    let live = |id: RecordId| {
        let stamps = replica.plan.candidates(id, "live");
        stamps.iter().any(|c| {
            c.value
                .as_text()
                .is_some_and(|t| t.starts_with("live:") && !t.starts_with("live:import:"))
        })
    };
    deleted
        .into_iter()
        .map(|d| d.id)
        .filter(|id| live(*id))
        .collect()
}

/// Decides everything that is open, one item at a time; some decisions bring up others.
fn decide_all(world: &mut World, replica: &mut Replica, seed: usize) {
    for round in 0..400 {
        let open = replica.conflicts();
        if open.is_empty() {
            return;
        }
        let conflict = open[(seed + round) % open.len()].clone();
        // The second choice may be one that the present outline forbids; the other one never is.
        for nth in [seed + round, seed + round + 1, seed + round + 2] {
            let command = PlanCommand::Resolve {
                conflict: conflict.id,
                choice: choice(&conflict, nth),
            };
            if replica.try_run(world, command).is_ok() {
                break;
            }
        }
        replica.check(world);
    }
    panic!("still open: {:#?}", replica.conflicts());
}

fn three() -> Vec<Replica> {
    vec![
        Replica::new("A", 1),
        Replica::new("B", 2),
        Replica::new("A", 3),
    ]
}

proptest! {
    #[test]
    fn all_delivery_orders_give_one_state_and_one_merge_review(steps in prop::collection::vec(step(), 1..60), seed: u64) {
        let (mut world, mut replicas) = (World::default(), three());
        for step in &steps {
            act(&mut world, &mut replicas, step);
            replicas[step.who].check(&world);
        }
        world.settle(&mut replicas, seed);
        let newcomer = world.newcomer();
        for replica in &mut replicas {
            replica.check(&world);
            prop_assert_eq!(replica.view(), newcomer.view());
        }
        prop_assert_eq!(hidden(&world, &replicas[0]), vec![]);
    }

    #[test]
    fn every_item_of_the_merge_review_can_be_decided(steps in prop::collection::vec(step(), 1..60), seed: u8) {
        let (mut world, mut replicas) = (World::default(), three());
        for step in &steps {
            act(&mut world, &mut replicas, step);
        }
        world.settle(&mut replicas, 1);
        decide_all(&mut world, &mut replicas[0], usize::from(seed));
        world.settle(&mut replicas, 2);
        prop_assert_eq!(replicas[1].conflicts(), vec![]);
        prop_assert_eq!(replicas[1].view(), replicas[0].view());
    }
}
