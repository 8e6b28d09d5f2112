//! Members who come and go, on one seed: removals, devices, roles and keys under the same faults as the merges.
//!
//! The oracle: at the end every device that belongs to the venture holds the same, and every edit that was ever saved is
//! in the plan of all, or is a late edit that all see alike, or waits on the device that was removed; once a manager has
//! taken in what is late and what the removed have exported, every edit is in the plan of all.

mod boxes;
mod chaos;
mod devices;
mod names;
mod removal;
mod roles;

use std::collections::BTreeMap;

use heqi_domain::plan::{PlanCommand, PlanMirror};
use heqi_domain::time::Date;
use heqi_protocol::charter::Charter;
use heqi_protocol::{DeviceId, MemberId, PartyId, Role, Space};
use heqi_replica::{Act, CodeLink, Failure, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::net::Net;

const MANAGER: &[Role] = &[Role::Pmo, Role::PartnerManager];

/// A run: a network, and the names of tasks that were saved, by the device that saved them.
struct Run {
    net: Net,
    saved: BTreeMap<String, usize>,
}

impl Run {
    fn start(seed: u64, names: &[&str]) -> Self {
        let mut net = Net::seeded(seed);
        net.duplicates = true;
        net.venture(names);
        net.settle();
        Self {
            net,
            saved: BTreeMap::new(),
        }
    }

    /// A manager takes in what is late in the log, then what the removed have exported.
    fn take_everything_in(&mut self, manager: usize) {
        let id = self.net.devices[manager].ask(Request::Late);
        self.net.settle();
        let Some(Ok(Reply::Late(late))) = self.net.devices[manager].replies.remove(&id) else {
            panic!("no list of late edits");
        };
        let mut by_document: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for edit in late {
            by_document
                .entry(edit.document)
                .or_default()
                .push(edit.envelope);
        }
        for (document, envelopes) in by_document {
            self.act(
                manager,
                Act::TakeIn {
                    document,
                    envelopes,
                },
            )
            .unwrap();
        }
        for device in 0..self.net.devices.len() {
            if !self.is_removed(device) || self.net.devices[device].cut {
                continue;
            }
            let id = self.net.devices[device].ask(Request::ExportLate);
            self.net.settle();
            let Some(Ok(Reply::LateFile { file, edits })) =
                self.net.devices[device].replies.remove(&id)
            else {
                panic!("no file of late edits");
            };
            if edits > 0 {
                self.act(manager, Act::TakeInFile(file)).unwrap();
            }
        }
        self.net.settle();
    }

    /// Everybody who belongs to the venture sees the same; nobody else holds a newer key.
    fn check(&self) {
        let seed = self.net.seed;
        let active: Vec<_> = self.net.devices.iter().filter(|it| !is_gone(it)).collect();
        let first = active[0].replica();
        for device in &active {
            let replica = device.replica();
            let name = &device.name;
            if replica.heads() != first.heads() {
                self.explain();
            }
            assert_eq!(
                replica.heads(),
                first.heads(),
                "seed {seed}: heads of {name}"
            );
            assert_eq!(
                replica.charter(),
                first.charter(),
                "seed {seed}: charter of {name}"
            );
            let status = replica.status();
            let ours = first.status();
            assert_eq!(
                names_of(replica),
                names_of(first),
                "seed {seed}: names on {name}"
            );
            assert_eq!(status.late, ours.late, "seed {seed}: late edits of {name}");
            assert_eq!(
                status.quarantined, 0,
                "seed {seed}: {name} accuses somebody"
            );
            assert_eq!(status.alarms, 0, "seed {seed}: {name} suspects somebody");
            // What builds on late edits comes into view along with them.
            let waits = status.waiting > 0 && status.late == 0;
            assert!(!waits, "seed {seed}: {name} waits");
        }
        let charter = first.charter().unwrap();
        for device in active {
            let replica = device.replica();
            for (space, newest) in charter.spaces() {
                let reads = charter.may_read(replica.device(), *space) || newest.is_due;
                let name = &device.name;
                assert!(
                    reads || !replica.has_key(*space, newest.epoch),
                    "seed {seed}: {name} has the key of {space:?}, which it may not read"
                );
            }
        }
        for device in self.net.devices.iter().filter(|device| is_gone(device)) {
            let status = device.replica().status();
            if !status.removed {
                continue;
            }
            let seen = device.replica().charter().unwrap();
            for space in charter.spaces().keys() {
                let newest = charter.spaces()[space].epoch;
                let known = seen.spaces().get(space).map_or(0, |epoch| epoch.epoch);
                let has_newest = known == newest && device.replica().has_key(*space, newest);
                // Where nobody is there to give new keys yet, nothing is written either.
                let waits = charter.spaces()[space].is_due;
                let is_read = !waits && !charter.readers(*space).is_empty();
                let name = &device.name;
                assert!(
                    !has_newest || !is_read,
                    "seed {seed}: {name} reads {space:?} on"
                );
            }
        }
    }

    /// Where everybody stands, for a failure's message.
    fn explain(&self) {
        for device in &self.net.devices {
            let replica = device.replica();
            eprintln!("{}: {:?}", device.name, replica.status());
            eprintln!("  {}", replica.trace());
        }
    }

    fn act(&mut self, device: usize, act: Act) -> Result<Reply, Failure> {
        self.net.charter(device, act)
    }

    fn add(&mut self, device: usize, name: &str) -> Result<(), Failure> {
        self.add_to(Space::Plan, device, name)?;
        self.saved.insert(name.to_owned(), device);
        Ok(())
    }

    fn add_to(&mut self, space: Space, device: usize, name: &str) -> Result<(), Failure> {
        let command = PlanCommand::AddTask {
            name: name.to_owned(),
            parent: None,
            after: None,
        };
        let asked = self.net.devices[device].ask(Request::Plan {
            space,
            seen: Vec::new(),
            command,
            today: Date::parse("2026-03-31").unwrap(),
        });
        while !self.net.devices[device].replies.contains_key(&asked) {
            let now = self.net.now;
            self.net.step_alone(device, now);
        }
        self.net.devices[device].replies.remove(&asked).unwrap()?;
        Ok(())
    }

    /// Bob brings another manager into his party.
    fn hire(&mut self, name: &str) {
        let link = self.net.invite(1, "Bob Ltd", "", MANAGER);
        self.join(name, &link);
    }

    fn join(&mut self, name: &str, link: &str) {
        let entropy = self.net.entropy();
        let replica = Replica::join(link, name, entropy).unwrap();
        self.net.devices.push(Device::new(name, replica));
        self.net.settle();
    }

    fn add_device(&mut self, name: &str, link: &CodeLink) {
        let entropy = self.net.entropy();
        let replica = Replica::add(link, entropy);
        self.net.devices.push(Device::new(name, replica));
        self.net.settle();
    }

    /// A device that is not let in; everybody else settles.
    fn add_device_alone(&mut self, name: &str, link: &CodeLink) -> usize {
        let entropy = self.net.entropy();
        let replica = Replica::add(link, entropy);
        self.net.devices.push(Device::new(name, replica));
        self.net.run(20_000);
        self.net.devices.len() - 1
    }

    fn charter(&self) -> &Charter {
        self.net.devices[0].replica().charter().unwrap()
    }

    fn device(&self, device: usize) -> DeviceId {
        self.net.devices[device].replica().device()
    }

    fn member(&self, device: usize) -> MemberId {
        let replica = self.net.devices[device].replica();
        replica.directory().me.unwrap()
    }

    fn party(&self, device: usize) -> PartyId {
        let charter = self.net.devices[device].replica().charter().unwrap();
        charter.member_of(self.device(device)).unwrap().1.party
    }

    fn epoch(&self, space: Space) -> u32 {
        self.charter().spaces()[&space].epoch
    }

    /// A device of somebody who may take in what is late.
    fn manager(&self) -> usize {
        let is_manager = |device: &usize| {
            let replica = self.net.devices[*device].replica();
            let charter = replica.charter();
            let member = charter.and_then(|it| it.member_of(replica.device()));
            let is = |role| member.is_some_and(|(_, member)| member.roles.has(role));
            !self.is_removed(*device) && MANAGER.iter().all(|role| is(*role))
        };
        let manager = (0..self.net.devices.len()).find(is_manager);
        manager.expect("somebody is left")
    }

    fn is_removed(&self, device: usize) -> bool {
        is_gone(&self.net.devices[device])
    }

    fn names_on(&self, device: usize) -> Vec<String> {
        self.names_in(Space::Plan, device)
    }

    fn names_in(&self, space: Space, device: usize) -> Vec<String> {
        let mut mirror = PlanMirror::default();
        if let Some(plan) = self.net.devices[device].replica().plan_of(space) {
            mirror.apply(&plan.snapshot());
        }
        let mut names: Vec<_> = mirror.rows.values().map(|row| row.name.clone()).collect();
        names.sort();
        names
    }
}

/// Every name that a replica knows, of parties, members and devices.
fn names_of(replica: &Replica) -> Vec<String> {
    let directory = replica.directory();
    let mut names = vec![directory.venture];
    for party in directory.parties {
        names.push(party.name);
        for member in party.members {
            names.push(member.name);
            names.extend(member.devices.into_iter().map(|device| device.name));
        }
    }
    names
}

fn is_gone(device: &Device) -> bool {
    device.cut
        || device
            .replica
            .as_ref()
            .is_some_and(|replica| replica.status().removed)
}
