//! Seeded simulation: real replicas and the real relay core under cuts, crashes, restores and clocks that are wrong.
//!
//! Connections of different devices interleave as the seed wants, and so do a lost connection and the next one of the
//! same device: what was on its way up arrives late, beside what is sent again, or never; what was on its way down never
//! arrives. Within one connection nothing changes places, as TCP has it: a relay that does so is hostile.
//!
//! `HEQI_SIM_SEED` picks the first seed and `HEQI_SIM_SEEDS` how many; a failure names its seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use heqi_domain::RecordId;
use heqi_domain::plan::{FieldEdit, Plan, PlanCommand, PlanMirror, Position, Rejected};
use heqi_domain::time::Date;
use heqi_protocol::Space;
use heqi_relay::image::Image;
use heqi_replica::{Failure, Request};
use heqi_tests::commands::{Ask, Draw, kind};
use heqi_tests::model::{Model, Saved, Sight};
use heqi_tests::net::{Net, below};
use heqi_tests::seeds;

const DAY_MS: i64 = 86_400_000;

/// What members must have done, and decided, where many seeds are run.
const KINDS: [&str; 30] = [
    "Accountable",
    "AddLink",
    "AddTask",
    "DeleteTasks",
    "Duration",
    "Import",
    "Indent",
    "Kind",
    "Manual",
    "Mode",
    "MoveDown",
    "MoveTask",
    "MoveUp",
    "Name",
    "Notes",
    "Outdent",
    "Percent",
    "RemoveLink",
    "Restore",
    "SetLink",
    "conflict-code-collision",
    "conflict-delete-edit",
    "conflict-field",
    "conflict-link-suspended",
    "conflict-move-skipped",
    "conflict-progress",
    "redo",
    "undo",
    "undo of an import",
    "many members",
];

/// A run: a network, what must come of it, and editors left open.
struct Run {
    net: Net,
    model: Model,
    /// Per device, what an editor that was opened some time ago shows.
    editors: Vec<Sight>,
    /// Per device, what it can undo.
    steps: Vec<Steps>,
    draw: Draw,
    backup: Option<Image>,
    /// How often what was done.
    done: BTreeMap<String, u64>,
}

/// The tasks of the commands that a device can undo and redo since it was opened, the latest last.
#[derive(Clone, Default)]
struct Steps {
    done: Vec<Step>,
    undone: Vec<Step>,
}

#[derive(Clone, Default)]
struct Step {
    tasks: BTreeSet<RecordId>,
    is_import: bool,
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
    run.steps.push(Steps::default());
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
    let done = Mutex::new(BTreeMap::<String, u64>::new());
    seeds::each(50, 1, |seed| {
        let is_many = seed % 10 == 0;
        let mut run = Run::start(seed, &["Ann", "Bob", "Cho"][..2 + (seed % 2) as usize]);
        if is_many {
            run.join("Cho", "Cho Ltd", "C");
            // Two draw the codes of new tasks from one row with the founder.
            run.join("Dan", "Ann Ltd", "");
            run.join("Eve", "Ann Ltd", "");
        }
        run.net.lingers = true;
        run.chaos(60);
        run.finish();
        let mut all = done.lock().unwrap();
        for (kind, times) in run.done {
            *all.entry(kind).or_default() += times;
        }
        *all.entry("runs".to_owned()).or_default() += 1;
        *all.entry("many members".to_owned()).or_default() += u64::from(is_many);
    });
    let done = done.into_inner().unwrap();
    println!("{done:?}");
    let is_done = |kind: &&str| done.get(*kind).is_some_and(|times| *times > 0);
    let missing: Vec<_> = KINDS.into_iter().filter(|kind| !is_done(kind)).collect();
    assert!(
        done["runs"] < 200 || missing.is_empty(),
        "never: {missing:?}"
    );
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
            steps: vec![Steps::default(); names.len()],
            draw: Draw::default(),
            backup: None,
            done: BTreeMap::new(),
        }
    }

    fn join(&mut self, name: &str, party: &str, code: &str) {
        self.net.join(name, party, code);
        self.editors.push(Sight::default());
        self.steps.push(Steps::default());
    }

    /// Random edits, faults and the passing of time.
    fn chaos(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let device = self.net.pick(self.editors.len());
            match self.net.pick(100) {
                0..=56 => self.random_command(device),
                57 => self.cross(device),
                58..=59 => self.review(),
                60..=66 => self.net.cut(device),
                67..=76 => self.net.heal(device),
                77..=81 => {
                    self.net.crash(device);
                    self.steps[device] = Steps::default();
                }
                82..=84 => self.net.crash_relay(),
                85..=87 => self.backup = Some(self.net.disk.copy()),
                88..=89 => {
                    if let Some(backup) = self.backup.clone() {
                        self.net.restore_relay(&backup);
                    }
                }
                90..=93 => self.open_editor(device),
                94 => self.full_disk(),
                95 | 96 => self.set_clock(device),
                _ => self.net.now += 30_000,
            }
            let steps = self.net.pick(80);
            self.net.run(steps);
        }
    }

    /// Sets a clock forth or back, by minutes or days; from then on it is fast or slow.
    fn set_clock(&mut self, device: usize) {
        let by_ms = [
            DAY_MS,
            -DAY_MS,
            3 * DAY_MS,
            -10 * DAY_MS,
            400_000,
            -400_000,
            0,
            0,
        ];
        let by_ms = by_ms[self.net.pick(8)];
        let gains = self.net.pick(101) as i64 - 50;
        self.net.set_clock(device, by_ms, gains);
        if by_ms < 0 {
            self.steps[device] = Steps::default();
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
            let mut whole = PlanMirror::default();
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
        let Steps { done, undone } = &self.steps[device];
        let (can_redo, has_imported) = (
            !undone.is_empty(),
            done.last().is_some_and(|it| it.is_import),
        );
        self.random(device, |draw, plan, pick| {
            // What was undone is often brought back, and an import undone, before anything else happens.
            if can_redo && pick(100) < 30 {
                Some(Ask::Redo)
            } else if has_imported && pick(100) < 30 {
                Some(Ask::Undo)
            } else {
                draw.ask(plan, pick)
            }
        });
    }

    /// Two move two tasks below each other without knowing of it.
    fn cross(&mut self, device: usize) {
        let other = (device + 1) % self.editors.len();
        let plan = |it: usize| self.net.devices[it].replica().plan();
        let (Some(ours), Some(theirs)) = (plan(device), plan(other)) else {
            return;
        };
        let known = ours.order().iter().copied();
        let known: Vec<_> = known.filter(|task| theirs.row(*task).is_some()).collect();
        if known.len() < 2 {
            return;
        }
        let at = self.net.pick(known.len() - 1);
        let (one, another) = (known[at], known[at + 1]);
        self.net.cut(device);
        self.command(device, below_another(one, another));
        self.command(other, below_another(another, one));
    }

    /// Everybody is connected for a while, and decides what the merge review has, all at one time.
    fn review(&mut self) {
        for device in 0..self.editors.len() {
            self.net.heal(device);
        }
        self.net.now += 30_000;
        self.net.run(1_000);
        for device in 0..self.editors.len() {
            for _ in 0..2 {
                self.random(device, |draw, plan, pick| draw.decide(plan, pick));
            }
        }
    }

    fn random(
        &mut self,
        device: usize,
        draw: impl FnOnce(&mut Draw, &Plan, &mut dyn FnMut(usize) -> usize) -> Option<Ask>,
    ) {
        let (rng, devices) = (&mut self.net.rng, &self.net.devices);
        let Some(plan) = devices[device].replica().plan() else {
            return;
        };
        let ask = draw(&mut self.draw, plan, &mut |bound| below(rng, bound));
        let kind = ask.as_ref().map(|ask| kind(ask, plan));
        if let (Some(ask), Some(kind)) = (ask, kind)
            && self.ask(device, ask)
        {
            *self.done.entry(kind).or_default() += 1;
        }
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

    fn command(&mut self, device: usize, command: PlanCommand) {
        self.ask(device, Ask::Command(command));
    }

    /// Asks something, sometimes from an editor that was left open, and notes it in the model once it is saved; true
    /// where it changed something.
    fn ask(&mut self, device: usize, ask: Ask) -> bool {
        let sight = self.sight_of(device, &ask);
        let before_heads = self.net.devices[device].replica().heads();
        let before = mirror(&self.net, device);
        let request = request(&ask, &sight);
        let asked = self.net.devices[device].ask(request);
        // The process may not end between the command and its being saved: that it is saved is what is promised.
        while !self.net.devices[device].replies.contains_key(&asked) {
            let now = self.net.now;
            self.net.step_alone(device, now);
        }
        let reply = self.net.devices[device].replies.remove(&asked);
        let refused = match reply.expect("the loop waits for it") {
            Ok(_) => None,
            Err(Failure::Rejected(rejected)) => Some(rejected),
            Err(failure) => panic!("seed {}: {failure}", self.net.seed),
        };
        let step = self.stepped(device, &ask, refused.as_ref());
        if refused.is_some() {
            return false;
        }
        let replica = self.net.devices[device].replica();
        let changes: Vec<_> = replica
            .heads()
            .into_iter()
            .filter(|head| !before_heads.contains(head))
            .collect();
        if changes.is_empty() {
            return false;
        }
        self.model.note(Saved {
            ask: &ask,
            sight: &sight,
            before: &before,
            after: &mirror(&self.net, device),
            concerned: &step.tasks,
            changes,
        });
        if let Ask::Command(command) = &ask {
            let steps = &mut self.steps[device];
            steps.undone.clear();
            steps.done.push(Step {
                tasks: self.model.last_concerned(),
                is_import: matches!(command, PlanCommand::Import { .. }),
            });
        }
        true
    }

    /// What an editor shows that somebody types into.
    fn sight_of(&mut self, device: usize, ask: &Ask) -> Sight {
        let is_typed = matches!(ask, Ask::Command(PlanCommand::SetField { .. }));
        let stale = &self.editors[device];
        if is_typed && !stale.heads.is_empty() {
            let stale = stale.clone();
            if self.net.chance(30) {
                return stale;
            }
        }
        self.sight(device)
    }

    /// The step that an undo or a redo takes; one that is refused is gone.
    fn stepped(&mut self, device: usize, ask: &Ask, refused: Option<&Rejected>) -> Step {
        let Steps { done, undone } = &mut self.steps[device];
        let (from, to) = match ask {
            Ask::Command(_) => return Step::default(),
            Ask::Undo => (done, undone),
            Ask::Redo => (undone, done),
        };
        let step = from.pop();
        let is_nothing = refused == Some(&Rejected::NothingToUndo);
        let seed = self.net.seed;
        assert_eq!(is_nothing, step.is_none(), "seed {seed}: {ask:?}");
        let step = step.unwrap_or_default();
        if refused.is_none() {
            if step.is_import {
                *self.done.entry("undo of an import".to_owned()).or_default() += 1;
            }
            to.push(step.clone());
        }
        step
    }
}

fn request(ask: &Ask, sight: &Sight) -> Request {
    let space = Space::Plan;
    let today = Date::parse("2026-03-31").expect("a date");
    match ask {
        Ask::Command(command) => Request::Plan {
            space,
            seen: sight.heads.clone(),
            command: command.clone(),
            today,
        },
        Ask::Undo => Request::Undo { space, today },
        Ask::Redo => Request::Redo { space, today },
    }
}

fn mirror(net: &Net, device: usize) -> PlanMirror {
    let mut mirror = PlanMirror::default();
    if let Some(plan) = net.devices[device].replica().plan() {
        mirror.apply(&plan.snapshot());
    }
    mirror
}

/// The view without what differs by whose it is.
fn without_me(mirror: &PlanMirror) -> String {
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

fn below_another(task: RecordId, other: RecordId) -> PlanCommand {
    PlanCommand::MoveTask {
        task,
        to: Position::LastIn(Some(other)),
    }
}

fn rename(task: RecordId, name: &str) -> PlanCommand {
    PlanCommand::SetField {
        task,
        edit: FieldEdit::Name(name.to_owned()),
    }
}
