//! Seeded simulation: real replicas and the real relay core under cuts, crashes, restores and skewed clocks.
//!
//! `HEQI_SIM_SEED` picks the first seed and `HEQI_SIM_SEEDS` how many; a failure names its seed.

use heqi_domain::RecordId;
use heqi_domain::plan::{Choice, ConflictKind, FieldEdit, LinkType, PlanCommand, Position};
use heqi_domain::quantity::Lag;
use heqi_domain::time::Date;
use heqi_protocol::Space;
use heqi_relay::image::Image;
use heqi_replica::{Failure, Request};
use heqi_tests::model::{Model, Sight};
use heqi_tests::net::Net;
use heqi_tests::seeds;

/// A run: a network, what must come of it, and editors left open.
struct Run {
    net: Net,
    model: Model,
    /// Per device, what an editor that was opened some time ago shows.
    editors: Vec<Sight>,
    names: u64,
    backup: Option<Image>,
}

#[test]
fn two_members_merge_offline_edits() {
    let mut run = Run::start(7, &["Ann", "Bob"]);
    run.net.cut(0);
    run.net.cut(1);
    run.command(0, add("Piling"));
    run.command(1, add("Deck"));
    run.net.heal(0);
    run.net.heal(1);
    run.finish();
    assert_eq!(run.net.devices[0].mirror.order.len(), 2);
}

#[test]
fn concurrent_values_are_a_listed_conflict_and_a_digest() {
    let mut run = Run::start(8, &["Ann", "Bob"]);
    run.command(0, add("Piling"));
    run.net.settle();
    let task = run.net.devices[0].mirror.order[0];
    run.net.cut(0);
    run.net.cut(1);
    run.command(0, rename(task, "Bored piling"));
    run.command(1, rename(task, "Driven piling"));
    run.net.heal(0);
    run.net.settle();
    run.net.heal(1);
    run.finish();
    let conflicts: Vec<_> = run.net.devices[1].mirror.conflicts.values().collect();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    // The other was back before and has it in the view at once: its return brought nothing.
    let digest = run.net.devices[1].digests.last();
    assert!(digest.is_some_and(|d| d.met == 1), "{digest:?}");
}

#[test]
fn a_relay_restored_from_an_older_copy_is_healed_by_its_members() {
    let mut run = Run::start(9, &["Ann", "Bob"]);
    run.command(0, add("Piling"));
    run.net.settle();
    let backup = run.net.disk.copy();
    let before = run.net.relay().incarnation();
    run.command(0, add("Deck"));
    run.command(1, add("Railing"));
    run.net.settle();
    run.net.restore_relay(&backup);
    run.command(1, add("Paint"));
    run.finish();
    assert!(run.net.relay().incarnation() > before);
    assert_eq!(run.net.devices[0].mirror.order.len(), 4);
}

#[test]
fn a_relay_that_lost_everything_is_healed_by_its_members() {
    let mut run = Run::start(10, &["Ann", "Bob"]);
    run.command(0, add("Piling"));
    run.net.settle();
    run.net.restore_relay(&Image::default());
    run.command(1, add("Deck"));
    run.finish();
    assert_eq!(run.net.devices[0].mirror.order.len(), 2);
}

#[test]
fn copies_of_one_store_lose_nothing_and_accuse_nobody() {
    let mut run = Run::start(11, &["Ann", "Bob"]);
    run.net.cut(0);
    run.command(0, add("Piling"));
    drain(&mut run.net);
    let copy = run.net.devices[0].rows.clone();
    run.net.heal(0);
    run.command(0, add("Deck"));
    run.net.settle();
    // The copy goes on beside the original, as a device of its own.
    let entropy = run.net.entropy();
    let twin = heqi_tests::device::Device::over("Ann's copy", copy, entropy);
    run.net.devices.push(twin);
    run.editors.push(Sight::default());
    run.command(2, add("Railing"));
    run.command(0, add("Paint"));
    run.finish();
    assert_eq!(run.net.devices[1].mirror.order.len(), 4);
    for device in &run.net.devices {
        let status = device.status.as_ref().expect("it has settled");
        assert_eq!((status.quarantined, status.problem), (0, None));
    }
}

#[test]
fn a_store_put_back_to_an_older_state_catches_up_and_writes_on() {
    let mut run = Run::start(12, &["Ann", "Bob"]);
    run.command(0, add("Piling"));
    run.net.settle();
    let older = run.net.devices[0].rows.clone();
    run.command(0, add("Deck"));
    run.net.settle();
    run.net.replace_store(0, older);
    run.command(0, add("Railing"));
    run.finish();
    assert_eq!(run.net.devices[0].mirror.order.len(), 3);
}

#[test]
fn the_relay_holds_no_word_of_what_it_carries() {
    let mut run = Run::start(13, &["Annabel", "Bobrowski"]);
    run.command(0, add("Piling of the northern abutment"));
    run.finish();
    for word in ["Annabel", "Bobrowski", "Tally bridge", "Piling", "abutment"] {
        let is_there = run.net.disk.holds(word.as_bytes());
        assert!(!is_there, "the relay's disk holds {word:?}");
    }
}

#[test]
fn whatever_happens_members_converge_and_no_edit_is_lost() {
    seeds::each(50, 1, |seed| {
        let names = ["Ann", "Bob", "Cho"];
        let mut run = Run::start(seed, &names[..2 + (seed % 2) as usize]);
        run.chaos(60);
        run.finish();
    });
}

impl Run {
    fn start(seed: u64, names: &[&str]) -> Self {
        let mut net = Net::seeded(seed);
        net.duplicates = true;
        net.venture(names);
        Self {
            net,
            model: Model::default(),
            editors: vec![Sight::default(); names.len()],
            names: 0,
            backup: None,
        }
    }

    /// Random edits, faults and the passing of time.
    fn chaos(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let device = self.net.pick(self.editors.len());
            match self.net.pick(100) {
                0..=59 => self.random_command(device),
                60..=66 => self.net.cut(device),
                67..=76 => self.net.heal(device),
                77..=81 => self.net.crash(device),
                82..=84 => self.net.crash_relay(),
                85..=87 => self.backup = Some(self.net.disk.copy()),
                88..=89 => {
                    if let Some(backup) = self.backup.clone() {
                        self.net.restore_relay(&backup);
                    }
                }
                90..=93 => self.open_editor(device),
                94 => self.full_disk(),
                95 => self.net.devices[device].skew += 86_400_000,
                _ => self.net.now += 30_000,
            }
            let steps = self.net.pick(80);
            self.net.run(steps);
        }
    }

    /// The relay's disk is full for a while; then there is room again, and its supervisor starts it anew.
    fn full_disk(&mut self) {
        self.net.fill_relay_disk();
        let steps = self.net.pick(60);
        self.net.run(steps);
        self.net.crash_relay();
    }

    /// Heals everything, settles, and holds every member against the model and each other.
    fn finish(&mut self) {
        for device in 0..self.editors.len() {
            self.net.heal(device);
        }
        self.net.now += 120_000;
        self.net.settle();
        let seed = self.net.seed;
        let first = self.net.devices[0].replica();
        let heads = first.heads();
        let rows = self.net.devices[0].mirror.clone();
        for device in &self.net.devices {
            let replica = device.replica();
            let name = &device.name;
            assert_eq!(replica.heads(), heads, "seed {seed}: heads of {name}");
            let plan = replica.plan().expect("a settled member has a plan");
            let mut whole = heqi_domain::plan::PlanMirror::default();
            whole.apply(&plan.snapshot());
            assert_eq!(
                device.mirror, whole,
                "seed {seed}: {name} missed a difference"
            );
            assert_eq!(
                device.reread(),
                device.mirror,
                "seed {seed}: {name} finds something else on its disk"
            );
            assert_eq!(
                without_me(&device.mirror),
                without_me(&rows),
                "seed {seed}: view of {name}"
            );
            let seen = self.model.seen(|change| replica.holds(change));
            assert_eq!(
                seen.len(),
                self.model.len(),
                "seed {seed}: {name} lost an edit"
            );
            self.model.check(&device.mirror, name, seed);
            let status = device.status.as_ref().expect("it has settled");
            assert_eq!(status.quarantined, 0, "seed {seed}: {name} was accused");
            assert_eq!(status.waiting, 0, "seed {seed}: {name} waits");
            let others = (status.late, status.alarms);
            assert_eq!(others, (0, 0), "seed {seed}: {name} suspects somebody");
        }
    }

    fn random_command(&mut self, device: usize) {
        let order = self.net.devices[device].mirror.order.clone();
        let any = |run: &mut Self| order[run.net.pick(order.len())];
        let command = match (order.len(), self.net.pick(100)) {
            (0..=2, _) | (_, 0..=24) => {
                let parent = (!order.is_empty() && self.net.chance(60)).then(|| any(self));
                self.names += 1;
                PlanCommand::AddTask {
                    name: format!("Task {}", self.names),
                    parent,
                    after: None,
                }
            }
            (_, 25..=54) => {
                self.names += 1;
                rename(any(self), &format!("Name {}", self.names % 40))
            }
            (_, 55..=64) => {
                // Unlike names these are made by their first writer: of two equal firsts the domain makes one fact.
                self.names += 1;
                PlanCommand::SetField {
                    task: any(self),
                    edit: FieldEdit::Accountable(format!("Person {}", self.names)),
                }
            }
            (_, 65..=74) => PlanCommand::MoveTask {
                task: any(self),
                to: Position::LastIn(Some(any(self))),
            },
            (_, 75..=84) => PlanCommand::AddLink {
                pred: any(self),
                succ: any(self),
                link_type: LinkType::Fs,
                lag: Lag::NONE,
            },
            (_, 85..=90) => PlanCommand::DeleteTasks {
                tasks: vec![any(self)],
            },
            _ => match self.random_resolution(device) {
                Some(command) => command,
                None => return,
            },
        };
        self.command(device, command);
    }

    fn random_resolution(&mut self, device: usize) -> Option<PlanCommand> {
        let conflicts: Vec<_> = self.net.devices[device]
            .mirror
            .conflicts
            .values()
            .cloned()
            .collect();
        if conflicts.is_empty() {
            return None;
        }
        let conflict = &conflicts[self.net.pick(conflicts.len())];
        let ConflictKind::Field { sides, .. } = &conflict.kind else {
            return None;
        };
        let side = &sides[self.net.pick(sides.len())];
        Some(PlanCommand::Resolve {
            conflict: conflict.id,
            choice: Choice::Take(side.who.op),
        })
    }

    fn open_editor(&mut self, device: usize) {
        self.editors[device] = self.sight(device);
    }

    fn sight(&self, device: usize) -> Sight {
        let replica = self.net.devices[device].replica();
        Sight {
            heads: replica.heads(),
            seen: self.model.seen(|change| replica.holds(change)),
        }
    }

    /// Gives a command, sometimes from an editor that was left open, and notes it in the model once it is saved.
    fn command(&mut self, device: usize, command: PlanCommand) {
        let stale = self.editors[device].clone();
        let is_rename = matches!(command, PlanCommand::SetField { .. });
        let sight = if is_rename && !stale.heads.is_empty() && self.net.chance(30) {
            stale
        } else {
            self.sight(device)
        };
        let today = Date::parse("2026-03-31").expect("a date");
        let request = Request::Plan {
            space: Space::Plan,
            seen: sight.heads.clone(),
            command: command.clone(),
            today,
        };
        let before_heads = self.net.devices[device].replica().heads();
        let before = mirror(&self.net, device);
        let asked = self.net.devices[device].ask(request);
        // The process may not end between the command and its being saved: that it is saved is what is promised.
        while !self.net.devices[device].replies.contains_key(&asked) {
            let now = self.net.now;
            self.net.step_alone(device, now);
        }
        let reply = self.net.devices[device].replies.remove(&asked);
        match reply.expect("the loop waits for it") {
            Ok(_) => {}
            Err(Failure::Rejected(_)) => return,
            Err(failure) => panic!("seed {}: {failure}", self.net.seed),
        }
        let replica = self.net.devices[device].replica();
        let changes: Vec<_> = replica
            .heads()
            .into_iter()
            .filter(|head| !before_heads.contains(head))
            .collect();
        let after = mirror(&self.net, device);
        let added = after
            .rows
            .keys()
            .find(|task| !before.rows.contains_key(*task))
            .copied();
        if !changes.is_empty() {
            self.model.note(&command, &before, &sight, added, changes);
        }
    }
}

fn mirror(net: &Net, device: usize) -> heqi_domain::plan::PlanMirror {
    let mut mirror = heqi_domain::plan::PlanMirror::default();
    if let Some(plan) = net.devices[device].replica().plan() {
        mirror.apply(&plan.snapshot());
    }
    mirror
}

/// The view without what differs by whose it is.
fn without_me(mirror: &heqi_domain::plan::PlanMirror) -> String {
    format!("{mirror:?}").replace("me: true", "me: false")
}

fn drain(net: &mut Net) {
    for device in 0..net.devices.len() {
        while net.devices[device].is_busy() {
            let now = net.now;
            net.step_alone(device, now);
        }
    }
}

fn add(name: &str) -> PlanCommand {
    PlanCommand::AddTask {
        name: name.to_owned(),
        parent: None,
        after: None,
    }
}

fn rename(task: RecordId, name: &str) -> PlanCommand {
    PlanCommand::SetField {
        task,
        edit: FieldEdit::Name(name.to_owned()),
    }
}
