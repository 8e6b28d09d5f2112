//! A relay that is not honest to one member: what it does is reported, and nothing honest is lost by it.

use std::collections::BTreeSet;

use heqi_domain::plan::PlanCommand;
use heqi_domain::time::Date;
use heqi_protocol::{Misbehaviour, Space};
use heqi_relay::image::Image;
use heqi_replica::{Act, Input, Problem, Request};
use heqi_tests::net::{Fault, Net, Tamper};

struct Run {
    net: Net,
    saved: BTreeSet<String>,
}

#[test]
fn every_fault_of_a_hostile_relay_is_reported_and_loses_nothing() {
    let mut reported = BTreeSet::new();
    let mut left_out = BTreeSet::new();
    for seed in 1..=70 {
        let fault = Fault::ALL[seed as usize % Fault::ALL.len()];
        let mut run = Run::start(seed);
        let victim = run.net.pick(3);
        run.net.tamper = Some(Tamper { victim, fault });
        for round in 0..30 {
            let device = run.net.pick(3);
            run.edit(device, &format!("Task {round:02}"));
            if round % 8 == 4 {
                let keys = Act::Rotate(BTreeSet::from([Space::Risk]));
                run.net.devices[(victim + 1) % 3].ask(Request::Charter(keys));
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
        for other in (0..3).filter(|other| *other != victim) {
            assert!(
                run.accused(other).is_empty(),
                "seed {seed}, {fault:?}: another accuses"
            );
        }
        if run.net.tampered > 0 {
            let is_noticed = !accused.is_empty()
                || leaves_out && (run.is_told(victim) || run.has_everything(victim));
            assert!(is_noticed, "seed {seed}: {fault:?} was not noticed");
        }
        if leaves_out && (run.is_told(victim) || !accused.is_empty()) {
            left_out.insert(format!("{fault:?}"));
        }
        reported.extend(accused.iter().map(|what| (format!("{fault:?}"), *what)));
        run.recover();
        run.check(&format!("seed {seed}, {fault:?}"));
    }
    for fault in ["Withhold", "Omit", "OmitCharter"] {
        assert!(left_out.contains(fault), "{fault} was told to nobody");
    }
    let faults: BTreeSet<_> = reported.iter().map(|(fault, _)| fault.as_str()).collect();
    for fault in [
        "Omit",
        "Reorder",
        "Replay",
        "Alter",
        "ForgeAck",
        "OmitCharter",
    ] {
        assert!(
            faults.contains(fault),
            "{fault} was never put to the test: {reported:?}"
        );
    }
}

#[test]
fn a_relay_that_shows_two_histories_is_found_out_when_they_cross() {
    let mut run = Run::start(80);
    run.edit(0, "before");
    run.net.settle();
    let before = run.net.disk.copy();
    run.net.cut(2);
    run.edit(0, "shown to Ann and Bob");
    run.net.settle();
    // Cho is served from another copy of the same log, in the same life of the relay.
    let first = run.net.disk.copy();
    run.net.cut(0);
    run.net.cut(1);
    run.net.restore_relay(&before);
    run.net.heal(2);
    run.edit(2, "shown to Cho");
    run.net.settle();
    run.net.cut(2);
    // Then all are at one relay again.
    run.net.restore_relay(&first);
    run.recover();
    let told = run.net.devices.iter().any(|device| {
        let status = device.replica().status();
        status.relay_restored || !device.problems.is_empty()
    });
    assert!(told, "nobody was told");
    run.check("two histories");
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
        }
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

    /// The relay is honest from now on, and people connect again.
    fn recover(&mut self) {
        self.net.tamper = None;
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
        let heads = self.net.devices[0].replica().heads();
        for device in &self.net.devices {
            let name = &device.name;
            assert_eq!(device.replica().heads(), heads, "{what}: heads of {name}");
            let rows = device.mirror.rows.values();
            let names: BTreeSet<_> = rows.map(|row| row.name.clone()).collect();
            assert!(
                names.is_superset(&self.saved),
                "{what}: {name} lost an edit"
            );
            let status = device.replica().status();
            assert_eq!(status.pending, 0, "{what}: {name}");
        }
    }
}
