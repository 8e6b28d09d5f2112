//! A relay that is not honest to one member: what it does is reported, and nothing honest is lost by it.

use std::collections::{BTreeMap, BTreeSet};

use heqi_domain::plan::PlanCommand;
use heqi_domain::time::Date;
use heqi_protocol::charter::Target;
use heqi_protocol::{DeviceId, MemberId, Misbehaviour, Role, Space};
use heqi_relay::image::Image;
use heqi_replica::{Act, Input, Problem, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::net::{Fault, Net};
use heqi_tests::seeds::variant;

struct Run {
    net: Net,
    saved: BTreeSet<String>,
    /// Who asks of the charter while the relay deceives somebody else, and what they have asked.
    manager: usize,
    asked: BTreeMap<u64, Act>,
    answered: BTreeSet<String>,
}

#[test]
fn every_fault_of_a_hostile_relay_is_reported_and_loses_nothing() {
    let mut reported = BTreeSet::new();
    let mut told = BTreeSet::new();
    let mut answered = BTreeSet::new();
    for seed in 1..=63 {
        let fault = Fault::ALL[seed as usize % Fault::ALL.len()];
        let mut run = Run::start(seed);
        let victim = run.net.pick(3);
        run.manager = (victim + 1) % 3;
        run.deceive(victim, fault);
        for round in 0..30 {
            let device = run.net.pick(3);
            run.edit(device, &format!("Task {round:02}"));
            if round % 3 == 1 {
                run.change_members(victim);
            }
            let steps = run.net.pick(60);
            run.net.run(steps);
        }
        run.net.run(20_000);
        let leaves_out = matches!(fault, Fault::Withhold | Fault::Omit | Fault::OmitCharter);
        if leaves_out {
            // It shows where something crosses: a place of the log that is named anew, an edit sealed since.
            run.net.cut(victim);
            run.net.heal(victim);
            run.edit((victim + 1) % 3, "crossing");
            run.net.now += 60_000;
            run.net.run(20_000);
        }
        let accused = run.accused(victim);
        for other in (0..run.net.devices.len()).filter(|other| *other != victim) {
            assert!(
                run.accused(other).is_empty(),
                "seed {seed}, {fault:?}: another accuses"
            );
        }
        let crosses_later = fault == Fault::TwoHistories;
        if run.net.tampered > 0 && !crosses_later {
            let is_noticed = !accused.is_empty()
                || leaves_out && (run.is_told(victim) || run.has_everything(victim));
            assert!(is_noticed, "seed {seed}: {fault:?} was not noticed");
        }
        if leaves_out && (run.is_told(victim) || !accused.is_empty()) {
            told.insert(fault);
        }
        reported.extend(accused.iter().map(|what| (fault, *what)));
        run.recover();
        if crosses_later {
            assert!(run.is_restored(), "seed {seed}: somebody was not told");
            told.insert(fault);
        }
        run.check(&format!("seed {seed}, {fault:?}"));
        // Who was shown something else and the others may say so of each other, and nobody else of anybody.
        let deceived = BTreeSet::from([run.device(victim)]);
        for other in (0..run.net.devices.len()).filter(|other| *other != victim) {
            let suspects = run.suspects(other);
            assert!(
                suspects.is_subset(&deceived),
                "seed {seed}, {fault:?}: {other} suspects {suspects:?}"
            );
        }
        answered.extend(run.answered);
    }
    for fault in [
        Fault::Withhold,
        Fault::Omit,
        Fault::OmitCharter,
        Fault::TwoHistories,
    ] {
        assert!(told.contains(&fault), "{fault:?} was told to nobody");
    }
    for (fault, what) in [
        (Fault::Omit, Misbehaviour::BrokenLog),
        (Fault::Reorder, Misbehaviour::BrokenLog),
        (Fault::Replay, Misbehaviour::BrokenLog),
        (Fault::Alter, Misbehaviour::ForkedLog),
        (Fault::ForgeAck, Misbehaviour::BadSignature),
        (Fault::OmitCharter, Misbehaviour::BadCharter),
        (Fault::RollBack, Misbehaviour::RolledBack),
    ] {
        assert!(
            reported.contains(&(fault, what)),
            "{fault:?} was never told as {what:?}: {reported:?}"
        );
    }
    let acts = ["Invite", "Remove", "SetRoles", "Rotate", "Confirm"];
    let acts: BTreeSet<_> = acts.map(str::to_owned).into();
    assert!(answered.is_superset(&acts), "only {answered:?} was done");
}

#[test]
fn a_relay_that_shows_two_histories_is_found_out_when_they_cross() {
    let mut run = Run::start(80);
    run.edit(0, "before");
    run.net.settle();
    // Cho is served from another copy of the same log, in the same life of the relay.
    run.deceive(2, Fault::TwoHistories);
    run.edit(0, "shown to Ann and Bob");
    run.edit(2, "shown to Cho");
    run.net.settle();
    for device in 0..3 {
        let names = run.names(device);
        let is_cho = device == 2;
        assert_eq!(names.contains("shown to Cho"), is_cho);
        assert_eq!(names.contains("shown to Ann and Bob"), !is_cho);
    }
    assert!(run.told().is_empty(), "each history is whole in itself");
    // Then she is shown what the others are, as if the relay had never said anything else.
    let shown = run.net.disk.copy();
    run.net.deceive(2, Fault::RollBack, &shown);
    run.net.run(20_000);
    let rolled_back = Problem::Relay(Misbehaviour::RolledBack);
    assert_eq!(run.told(), [(2, rolled_back)]);
    // An honest relay says to all that it has lost something, and nobody is accused.
    run.recover();
    assert!(run.is_restored());
    assert_eq!(run.told(), [(2, rolled_back)]);
    run.check("two histories");
    assert!((0..3).all(|device| run.suspects(device).is_empty()));
}

#[test]
fn a_relay_that_goes_back_to_an_older_copy_is_found_out_and_healed() {
    let mut run = Run::start(81);
    run.edit(0, "one");
    run.net.settle();
    let older = run.net.disk.copy();
    run.edit(1, "two");
    run.net.settle();
    run.net.restore_relay(&older);
    run.recover();
    for device in &run.net.devices {
        assert!(
            device.replica().status().relay_restored,
            "{} was not told",
            device.name
        );
    }
    run.net.restore_relay(&Image::default());
    run.recover();
    run.check("rolled back twice");
}

impl Run {
    fn start(seed: u64) -> Self {
        let mut net = Net::seeded(seed);
        net.venture(&["Ann", "Bob", "Cho"]);
        net.settle();
        Self {
            net,
            saved: BTreeSet::new(),
            manager: 0,
            asked: BTreeMap::new(),
            answered: BTreeSet::new(),
        }
    }

    /// The relay deceives a device from now on. An older copy lacks what the device has seen acknowledged.
    fn deceive(&mut self, victim: usize, fault: Fault) {
        let older = self.net.disk.copy();
        if fault == Fault::RollBack {
            for device in 0..3 {
                self.edit(device, &format!("acknowledged {device}"));
            }
            self.net.settle();
        }
        self.net.deceive(victim, fault, &older);
    }

    /// The manager goes on with their party while somebody else is deceived: people come, get other roles, and go.
    fn change_members(&mut self, victim: usize) {
        self.take_replies();
        let newcomers = 3..self.net.devices.len();
        let known = |it: &usize| self.net.devices[*it].replica().directory().me.is_some();
        let newcomers: Vec<_> = newcomers.filter(known).collect();
        let newcomer = (!newcomers.is_empty()).then(|| newcomers[self.net.pick(newcomers.len())]);
        let (me, them) = (self.manager, self.member(victim));
        let act = match (self.net.pick(6), newcomer) {
            (0, _) => Act::Rotate(BTreeSet::from([Space::Plan, Space::Risk])),
            (1, _) => Act::Confirm(them),
            (2, Some(newcomer)) => Act::SetRoles {
                member: self.member(newcomer),
                roles: vec![[Role::Viewer, Role::Pmo][self.net.pick(2)]],
            },
            (3, Some(newcomer)) => Act::Remove(Target::Member(self.member(newcomer))),
            (4, Some(newcomer)) => Act::Remove(Target::Device(self.device(newcomer))),
            _ if self.net.devices.len() > 5 => return,
            _ => Act::Invite {
                party: format!("{} Ltd", self.net.devices[me].name),
                code: String::new(),
                roles: vec![Role::Pmo],
                expires_ms: None,
            },
        };
        let id = self.net.devices[me].ask(Request::Charter(act.clone()));
        self.asked.insert(id, act);
    }

    /// Notes what was done, and lets in who was invited.
    fn take_replies(&mut self) {
        for id in self.asked.keys().copied().collect::<Vec<_>>() {
            let Some(reply) = self.net.devices[self.manager].replies.remove(&id) else {
                continue;
            };
            let act = variant(&self.asked.remove(&id).unwrap());
            if let Ok(reply) = reply {
                self.answered.insert(act);
                if let Reply::Invited { link } = reply {
                    let entropy = self.net.entropy();
                    let name = format!("Newcomer {}", self.net.devices.len());
                    let replica = Replica::join(&link, &name, entropy).unwrap();
                    self.net.devices.push(Device::new(&name, replica));
                }
            }
        }
    }

    fn member(&self, device: usize) -> MemberId {
        let replica = self.net.devices[device].replica();
        replica.directory().me.expect("it is a member's")
    }

    fn device(&self, device: usize) -> DeviceId {
        self.net.devices[device].replica().device()
    }

    fn edit(&mut self, device: usize, name: &str) {
        let command = PlanCommand::AddTask {
            name: name.to_owned(),
            parent: None,
            after: None,
        };
        let asked = self.net.devices[device].ask(Request::Plan {
            space: Space::Plan,
            seen: Vec::new(),
            command,
            today: Date::parse("2026-03-31").unwrap(),
        });
        while !self.net.devices[device].replies.contains_key(&asked) {
            let now = self.net.now;
            self.net.step_alone(device, now);
        }
        self.net.devices[device]
            .replies
            .remove(&asked)
            .unwrap()
            .unwrap();
        self.saved.insert(name.to_owned());
    }

    /// What a device has accused its relay of.
    fn accused(&self, device: usize) -> BTreeSet<Misbehaviour> {
        let problems = self.net.devices[device].problems.iter();
        problems
            .filter_map(|problem| match problem {
                Problem::Relay(misbehaviour) => Some(*misbehaviour),
                _ => None,
            })
            .collect()
    }

    /// True where people were told that something does not come.
    fn is_told(&self, device: usize) -> bool {
        let mut problems = self.net.devices[device].problems.iter();
        problems.any(|problem| matches!(problem, Problem::Withheld | Problem::CharterBehind))
    }

    /// True where a device has what the others have: what was left out has come by another way.
    fn has_everything(&self, device: usize) -> bool {
        let (one, other) = (
            &self.net.devices[device],
            &self.net.devices[(device + 1) % 3],
        );
        let (one, other) = (one.replica(), other.replica());
        one.heads() == other.heads() && one.charter() == other.charter()
    }

    /// True where the first three were told that the relay has lost something.
    fn is_restored(&self) -> bool {
        let mut devices = self.net.devices[..3].iter();
        devices.all(|device| device.replica().status().relay_restored)
    }

    /// Who was told what since it was made.
    fn told(&self) -> Vec<(usize, Problem)> {
        let devices = self.net.devices.iter().enumerate();
        devices
            .flat_map(|(index, device)| device.problems.iter().map(move |it| (index, *it)))
            .collect()
    }

    /// The devices of which a device knows that they saw something else.
    fn suspects(&mut self, device: usize) -> BTreeSet<DeviceId> {
        if self.net.devices[device].replica().status().alarms == 0 {
            return BTreeSet::new();
        }
        let id = self.net.devices[device].ask(Request::Security);
        self.net.settle();
        match self.net.devices[device].replies.remove(&id) {
            Some(Ok(Reply::Security(security))) => {
                security.alarms.iter().map(|alarm| alarm.device).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn names(&self, device: usize) -> BTreeSet<String> {
        let rows = self.net.devices[device].mirror.rows.values();
        rows.map(|row| row.name.clone()).collect()
    }

    /// The relay is honest from now on, and people connect again.
    fn recover(&mut self) {
        self.net.be_honest();
        for device in 0..self.net.devices.len() {
            self.net.cut(device);
            self.net.heal(device);
            self.net.devices[device]
                .inputs
                .push_back(Input::Online(true));
        }
        self.net.now += 120_000;
        self.net.settle();
    }

    fn check(&self, what: &str) {
        let first = self.net.devices[0].replica();
        for (index, device) in self.net.devices.iter().enumerate() {
            let (name, replica) = (&device.name, device.replica());
            let status = replica.status();
            if status.removed {
                continue;
            }
            assert_eq!(replica.heads(), first.heads(), "{what}: heads of {name}");
            assert_eq!(
                replica.charter(),
                first.charter(),
                "{what}: charter of {name}"
            );
            assert!(
                self.names(index).is_superset(&self.saved),
                "{what}: {name} lost an edit"
            );
            assert_eq!(status.pending, 0, "{what}: {name}");
            assert_eq!(status.quarantined, 0, "{what}: {name} refuses an edit");
        }
    }
}
