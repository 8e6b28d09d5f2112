//! Members who come and go, on one seed: removals, devices, roles and keys under the same faults as the merges.
//!
//! The oracle: at the end every device that belongs to the venture holds the same, and every edit that was ever saved is
//! in the plan of all, or is a late edit that all see alike, or waits on the device that was removed; once a manager has
//! taken in what is late and what the removed have exported, every edit is in the plan of all.

use std::collections::{BTreeMap, BTreeSet};

use heqi_domain::plan::{FieldEdit, PlanCommand};
use heqi_domain::time::Date;
use heqi_protocol::charter::{Charter, Target};
use heqi_protocol::{DeviceId, MemberId, Misbehaviour, Role, Space};
use heqi_relay::image::Image;
use heqi_replica::{Act, Code, CodeLink, Event, Failure, Problem, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::net::Net;
use heqi_tests::seeds;

const MANAGER: &[Role] = &[Role::Pmo, Role::PartnerManager];

/// A run: a network, and the names of tasks that were saved, by the device that saved them.
struct Run {
    net: Net,
    saved: BTreeMap<String, usize>,
    names: u64,
    backup: Option<Image>,
    /// Devices that are still to come by a code, whenever it was made.
    codes_left: usize,
    /// Removals that were asked for: who asked, and the request.
    removals: Vec<(usize, u64, Target)>,
}

#[test]
fn a_removed_member_stops_reading_and_its_late_edits_can_be_taken_in() {
    let mut run = Run::start(1, &["Ann", "Bob"]);
    run.hire("Bea");
    run.add(2, "before").unwrap();
    run.net.settle();
    run.net.cut(2);
    run.add(2, "while away").unwrap();
    let bea = run.member(2);
    run.act(1, Act::Remove(Target::Member(bea))).unwrap();
    run.add(0, "after").unwrap();
    run.net.settle();
    run.net.heal(2);
    run.net.settle();
    assert!(run.is_removed(2));
    assert_eq!(run.names_on(2), ["before", "while away"]);
    let refused = run.add(2, "too late");
    assert!(matches!(refused, Err(Failure::Removed)), "{refused:?}");
    assert_eq!(run.names_on(0), ["after", "before"]);
    assert_eq!(run.epoch(Space::Plan), 1);
    run.take_everything_in(1);
    assert_eq!(run.names_on(0), ["after", "before", "while away"]);
    run.check();
}

#[test]
fn a_member_who_was_removed_comes_back_and_reads_everything() {
    let mut run = Run::start(2, &["Ann", "Bob"]);
    run.hire("Bea");
    let bea = run.member(2);
    run.act(1, Act::Remove(Target::Member(bea))).unwrap();
    run.add(0, "meanwhile").unwrap();
    run.net.settle();
    let link = run.net.invite(1, "Bob Ltd", "", MANAGER);
    run.join("Bea", &link);
    assert_eq!(run.names_on(3), ["meanwhile"]);
    run.add(3, "back again").unwrap();
    run.net.settle();
    run.check();
}

#[test]
fn a_code_adds_a_device_of_the_same_member_once() {
    let mut run = Run::start(3, &["Ann", "Bob"]);
    run.add(0, "first").unwrap();
    let Ok(Reply::DeviceCode(code)) = run.act(0, Act::OfferDevice { expires_ms: None }) else {
        panic!("no code");
    };
    let typed = Code::parse(&code.typed).unwrap();
    let link = CodeLink::parse(&code.link).unwrap();
    assert!(typed == link.code);
    run.add_device("Ann's phone", &link);
    assert_eq!(run.member(2), run.member(0));
    assert_eq!(run.names_on(2), ["first"]);
    let late = run.add_device_alone("a thief's", &link);
    let status = run.net.devices[late].status.clone().unwrap();
    assert_eq!(status.problem, Some(heqi_replica::Problem::Code));
    run.net.cut(late);
    assert_eq!(run.charter().devices().len(), 3);
}

#[test]
fn devices_members_and_parties_get_names_that_everybody_reads() {
    let mut run = Run::start(9, &["Ann", "Bob"]);
    let Ok(Reply::DeviceCode(code)) = run.act(0, Act::OfferDevice { expires_ms: None }) else {
        panic!("no code");
    };
    let link = CodeLink::parse(&code.link).unwrap();
    let entropy = run.net.entropy();
    let phone = Replica::add(&link, entropy).named(" Phone\u{7}\n of Ann ");
    run.net.devices.push(Device::new("Ann's phone", phone));
    run.net.settle();
    let devices = |run: &Run, on: usize| {
        let directory = run.net.devices[on].replica().directory();
        let devices = &directory.parties[0].members[0].devices;
        devices.iter().map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(devices(&run, 1), ["", "Phone of Ann"]);
    let name = |target, name: &str| Act::SetName {
        target,
        name: name.to_owned(),
    };
    let first = Target::Device(run.device(0));
    run.act(2, name(first, "Desk")).unwrap();
    assert_eq!(devices(&run, 1), ["Desk", "Phone of Ann"]);
    let refused = run.act(1, name(first, "Bob's")).unwrap_err();
    assert!(matches!(refused, Failure::OtherMember), "{refused:?}");
    let (ann, party) = (run.member(0), run.party(0));
    run.act(0, name(Target::Member(ann), "Anna")).unwrap();
    run.act(0, name(Target::Party(party), "Anna & Co")).unwrap();
    let refused = run.act(1, name(Target::Party(party), "Bob's")).unwrap_err();
    assert!(matches!(refused, Failure::OtherParty), "{refused:?}");
    let refused = run
        .act(0, name(Target::Party(party), "Bob Ltd"))
        .unwrap_err();
    assert!(matches!(refused, Failure::NameTaken), "{refused:?}");
    let directory = run.net.devices[1].replica().directory();
    let known = &directory.parties[0];
    assert_eq!((&*known.name, &*known.code), ("Anna & Co", "A"));
    assert_eq!(known.members[0].name, "Anna");
    // Who comes later reads what was named under keys of before, and the history tells the names as they were given.
    run.act(0, Act::Rotate(BTreeSet::from([Space::Directory])))
        .unwrap();
    run.hire("Bea");
    assert_eq!(devices(&run, 3), ["Desk", "Phone of Ann"]);
    run.act(2, name(first, "Laptop")).unwrap();
    let id = run.net.devices[3].ask(Request::History);
    run.net.settle();
    let Some(Ok(Reply::History(history))) = run.net.devices[3].replies.remove(&id) else {
        panic!("no history");
    };
    let given: Vec<_> = history
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Named { before, name, .. } => Some((before.unwrap_or_default(), name?)),
            _ => None,
        })
        .collect();
    let expected = [
        ("", "Phone of Ann"),
        ("", "Desk"),
        ("Ann", "Anna"),
        ("Ann Ltd", "Anna & Co"),
        ("Desk", "Laptop"),
    ];
    assert_eq!(
        given,
        expected.map(|(before, name)| (before.to_owned(), name.to_owned()))
    );
    run.check();
}

#[test]
fn a_merge_review_names_its_authors_as_they_are_called_now() {
    let mut run = Run::start(10, &["Ann", "Bob"]);
    run.add(0, "Piling").unwrap();
    run.net.settle();
    let task = run.net.devices[0]
        .replica()
        .plan()
        .unwrap()
        .rows()
        .next()
        .unwrap()
        .id;
    for device in [0, 1] {
        run.net.cut(device);
        let asked = run.net.devices[device].ask(Request::Plan {
            space: Space::Plan,
            seen: Vec::new(),
            command: PlanCommand::SetField {
                task,
                edit: FieldEdit::Name(format!("Piling {device}")),
            },
            today: Date::parse("2026-03-31").unwrap(),
        });
        while !run.net.devices[device].replies.contains_key(&asked) {
            let now = run.net.now;
            run.net.step_alone(device, now);
        }
    }
    run.net.heal(0);
    run.net.heal(1);
    run.net.settle();
    let authors = |run: &Run| {
        let plan = run.net.devices[0].replica().plan().unwrap();
        let conflict = plan.conflicts().next().expect("both have renamed it");
        format!("{conflict:?}")
    };
    assert!(authors(&run).contains("\"Bob\""), "{}", authors(&run));
    let bob = run.member(1);
    let act = Act::SetName {
        target: Target::Member(bob),
        name: "Robert".into(),
    };
    run.act(1, act).unwrap();
    assert!(authors(&run).contains("\"Robert\""), "{}", authors(&run));
    assert!(!authors(&run).contains("\"Bob\""));
}

#[test]
fn a_recovery_kit_brings_a_member_back_twice_and_not_after_it_is_withdrawn() {
    let mut run = Run::start(4, &["Ann", "Bob"]);
    run.add(0, "first").unwrap();
    let Ok(Reply::RecoveryKit(kit)) = run.act(0, Act::MakeRecoveryKit) else {
        panic!("no kit");
    };
    let words = Code::parse(&kit.words.join(" ")).unwrap();
    let chinese = Code::parse(&kit.chinese_words.join(" ")).unwrap();
    let link = CodeLink::from_file(&kit.file).unwrap();
    assert!(words == link.code && chinese == link.code);
    run.add_device("Ann's new laptop", &link);
    run.add_device("Ann's newer laptop", &link);
    assert_eq!(run.names_on(3), ["first"]);
    run.act(0, Act::Withdraw(kit.id)).unwrap();
    let late = run.add_device_alone("Ann's third", &link);
    let status = run.net.devices[late].status.clone().unwrap();
    assert_eq!(status.problem, Some(heqi_replica::Problem::Code));
    run.net.cut(late);
    run.check();
}

#[test]
fn what_was_read_before_a_removal_that_states_less_is_late_for_all_alike() {
    let mut run = Run::start(11, &["Ann", "Bob"]);
    run.hire("Bea");
    run.add(2, "seen by all").unwrap();
    run.net.settle();
    let backup = run.net.disk.copy();
    run.net.cut(1);
    for name in ["late 1", "late 2", "late 3"] {
        run.add(2, name).unwrap();
        run.net.settle();
    }
    run.add(0, "beside it").unwrap();
    run.net.settle();
    // The relay goes back to before these edits, and Bob removes their author without having read them.
    run.net.cut(0);
    run.net.cut(2);
    run.net.restore_relay(&backup);
    run.net.heal(1);
    run.net.settle();
    let bea = run.member(2);
    run.act(1, Act::Remove(Target::Member(bea))).unwrap();
    run.net.heal(0);
    run.net.now += 120_000;
    run.net.settle();
    assert_eq!(run.names_on(0), ["seen by all"]);
    assert_eq!(run.net.devices[0].replica().status().late, 3);
    // What Ann wrote beside them builds on them, and comes back into view along with them.
    run.net.heal(2);
    run.take_everything_in(1);
    let all = ["beside it", "late 1", "late 2", "late 3", "seen by all"];
    assert_eq!(
        (run.names_on(0), run.names_on(1)),
        (
            all.map(String::from).to_vec(),
            all.map(String::from).to_vec()
        )
    );
    run.check();
}

#[test]
fn a_private_space_is_its_partys_alone() {
    let mut run = Run::start(5, &["Ann", "Bob"]);
    run.hire("Bea");
    let private = Space::Private(run.party(1));
    run.add_to(private, 1, "walk-away price").unwrap();
    run.net.settle();
    assert_eq!(run.names_in(private, 2), ["walk-away price"]);
    assert!(run.net.devices[0].replica().plan_of(private).is_none());
    let refused = run.add_to(private, 0, "spying");
    assert!(refused.is_err(), "{refused:?}");
    let id = heqi_protocol::DocumentId::root(run.charter().venture(), private);
    let is_there = run.net.devices[0]
        .rows
        .iter()
        .any(|(key, value)| holds(key, &id.0) || holds(value, &id.0));
    assert!(!is_there, "a device without access holds something of it");
}

#[test]
fn who_loses_a_role_loses_its_space_and_its_next_keys() {
    let mut run = Run::start(6, &["Ann", "Bob"]);
    let link = run.net.invite(1, "Bob Ltd", "", &[Role::Finance]);
    run.join("Ben", &link);
    run.add_to(Space::Finance, 2, "cash call").unwrap();
    run.net.settle();
    let ben = run.member(2);
    let roles = vec![Role::Market];
    run.act(1, Act::SetRoles { member: ben, roles }).unwrap();
    assert_eq!(run.epoch(Space::Finance), 1);
    assert_eq!(run.epoch(Space::Plan), 0);
    let refused = run.add_to(Space::Finance, 2, "another");
    assert!(matches!(refused, Err(Failure::MayNotWrite)), "{refused:?}");
    let roles = vec![Role::Market, Role::Finance];
    run.act(1, Act::SetRoles { member: ben, roles }).unwrap();
    run.add_to(Space::Finance, 2, "a third").unwrap();
    run.net.settle();
    assert_eq!(run.names_in(Space::Finance, 0), ["a third", "cash call"]);
}

#[test]
fn what_somebody_wrote_who_may_only_read_now_comes_back_to_a_restored_relay() {
    let mut run = Run::start(8, &["Ann", "Bob"]);
    let link = run.net.invite(1, "Bob Ltd", "", &[Role::Pmo]);
    run.join("Ben", &link);
    run.net.settle();
    let before = run.net.disk.copy();
    run.add(2, "by Ben").unwrap();
    run.net.settle();
    let ben = run.member(2);
    let roles = vec![Role::Viewer];
    run.act(1, Act::SetRoles { member: ben, roles }).unwrap();
    run.net.settle();
    run.net.cut(2);
    run.net.restore_relay(&before);
    run.net.settle();
    // Who comes has it from the relay alone.
    let link = run.net.invite(0, "Ann Ltd", "", &[Role::Pmo]);
    run.join("Amy", &link);
    run.net.settle();
    assert_eq!(run.names_on(3), ["by Ben"]);
}

#[test]
fn who_loses_a_role_while_away_is_told_and_a_manager_takes_in_what_they_wrote() {
    let mut run = Run::start(13, &["Ann", "Bob"]);
    let roles = [Role::Finance, Role::PartnerManager];
    let (bea, ben) = (2, 3);
    let link = run.net.invite(1, "Bob Ltd", "", &roles);
    run.join("Bea", &link);
    let link = run.net.invite(1, "Bob Ltd", "", &roles[..1]);
    run.join("Ben", &link);
    run.add_to(Space::Finance, ben, "sent").unwrap();
    run.net.settle();
    run.net.cut(ben);
    run.add_to(Space::Finance, ben, "unsent").unwrap();
    let member = run.member(ben);
    let roles = vec![Role::Market];
    run.act(1, Act::SetRoles { member, roles }).unwrap();
    run.net.heal(ben);
    run.net.now += 120_000;
    run.net.run(20_000);
    let status = run.net.devices[ben].replica().status();
    assert_eq!(
        (status.problem, status.pending),
        (Some(Problem::MayNotWrite), 1)
    );
    let id = run.net.devices[ben].ask(Request::ExportLate);
    run.net.run(1_000);
    let Some(Ok(Reply::LateFile { file, edits })) = run.net.devices[ben].replies.remove(&id) else {
        panic!("no file of unsent edits");
    };
    assert_eq!(edits, 1);
    let id = run.net.devices[ben].ask(Request::LetGo);
    run.net.settle();
    assert!(matches!(run.net.devices[ben].replies[&id], Ok(Reply::Done)));
    assert_eq!(run.names_in(Space::Finance, ben), ["sent"]);
    let status = run.net.devices[ben].replica().status();
    assert_eq!((status.problem, status.pending), (None, 0));
    let rows = run.net.devices[ben].rows.clone();
    run.net.replace_store(ben, rows);
    run.net.settle();
    assert_eq!(run.names_in(Space::Finance, ben), ["sent"]);
    run.act(bea, Act::TakeInFile(file)).unwrap();
    run.net.settle();
    for device in [0, 1, bea] {
        let names = run.names_in(Space::Finance, device);
        assert_eq!(names, ["sent", "unsent"]);
    }
}

#[test]
fn who_gets_a_role_back_sends_what_they_wrote_meanwhile() {
    let mut run = Run::start(14, &["Ann", "Bob"]);
    let link = run.net.invite(1, "Bob Ltd", "", &[Role::Finance]);
    run.join("Ben", &link);
    run.net.cut(2);
    run.add_to(Space::Finance, 2, "unsent").unwrap();
    let ben = run.member(2);
    for roles in [vec![Role::Market], vec![Role::Finance]] {
        let is_back = roles == [Role::Finance];
        run.act(1, Act::SetRoles { member: ben, roles }).unwrap();
        run.net.heal(2);
        run.net.now += 120_000;
        run.net.run(20_000);
        assert_eq!(run.net.devices[2].replica().status().settled, is_back);
    }
    assert_eq!(run.names_in(Space::Finance, 0), ["unsent"]);
}

#[test]
fn removing_somebody_of_another_party_needs_the_others() {
    let mut run = Run::start(7, &["Ann", "Bob", "Cho"]);
    let bob = run.member(1);
    let reply = run.act(0, Act::Remove(Target::Member(bob)));
    let Ok(Reply::Proposed { proposal }) = reply else {
        panic!("{reply:?}");
    };
    assert!(!run.is_removed(1));
    let agrees = true;
    run.act(2, Act::Answer { proposal, agrees }).unwrap();
    run.net.settle();
    assert!(run.is_removed(1));
    run.add(0, "after").unwrap();
    run.net.settle();
    assert_eq!(run.names_on(1), Vec::<String>::new());
    run.check();
}

#[test]
fn whoever_comes_and_goes_nothing_is_lost_and_nobody_reads_on() {
    seeds::each(40, 4, |seed| {
        let mut run = Run::start(seed, &["Ann", "Bob", "Cho"]);
        run.chaos(50);
        run.finish();
    });
}

#[test]
fn devices_that_come_by_a_code_meanwhile_are_let_in_or_told_why_not() {
    seeds::each(20, 4, |seed| {
        let mut run = Run::start(seed, &["Ann", "Bob", "Cho"]);
        run.codes_left = 2;
        run.chaos(50);
        run.leave_out();
        run.finish();
    });
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
            names: 0,
            backup: None,
            codes_left: 0,
            removals: Vec::new(),
        }
    }

    fn chaos(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let device = self.net.pick(self.net.devices.len());
            match self.net.pick(100) {
                0..=44 => {
                    self.names += 1;
                    let name = format!("Task {:03}", self.names);
                    match self.add(device, &name) {
                        Ok(())
                        | Err(Failure::Removed | Failure::MayNotWrite | Failure::NotYetMember) => {}
                        Err(failure) => panic!("seed {}: {failure}", self.net.seed),
                    }
                }
                45..=52 => self.net.cut(device),
                53..=66 => self.net.heal(device),
                67..=71 => self.net.crash(device),
                72..=74 => self.net.crash_relay(),
                75..=77 => self.backup = Some(self.net.disk.copy()),
                78..=79 => {
                    if let Some(backup) = self.backup.clone() {
                        self.net.restore_relay(&backup);
                    }
                }
                80..=95 if self.codes_left > 0 && self.net.chance(20) => self.use_code(),
                80..=95 => self.change_members(device),
                _ => self.net.now += 30_000,
            }
            let steps = self.net.pick(80);
            self.net.run(steps);
        }
    }

    /// Something that a manager may ask of the charter; what comes of it is seen at the end.
    fn change_members(&mut self, device: usize) {
        let is_known = |it: usize| self.net.devices[it].replica().directory().me.is_some();
        let others: Vec<_> = (0..self.net.devices.len())
            .filter(|it| *it != device && is_known(*it))
            .collect();
        let other = others[self.net.pick(others.len())];
        let act = match self.net.pick(8) {
            0 => Act::Remove(Target::Device(self.device(other))),
            1 => Act::Remove(Target::Member(self.member(other))),
            2 => Act::Rotate(BTreeSet::from([Space::Plan, Space::Directory])),
            3 => Act::Confirm(self.member(other)),
            4 => Act::OfferDevice { expires_ms: None },
            5 => self.name(Target::Device(self.device(device))),
            6 => self.name(Target::Member(self.member(other))),
            _ => Act::MakeRecoveryKit,
        };
        let is_living = self.net.devices.iter().filter(|it| !is_gone(it)).count() > 2;
        let removed = match act {
            Act::Remove(target) => Some(target),
            _ => None,
        };
        if removed.is_none() || is_living {
            let id = self.net.devices[device].ask(Request::Charter(act));
            self.removals
                .extend(removed.map(|target| (device, id, target)));
        }
    }

    /// Who was told that somebody is removed finds them so at the end, whatever the relay has lost meanwhile.
    fn check_removals(&self) {
        for (by, id, target) in &self.removals {
            let by = &self.net.devices[*by];
            let is_done = matches!(by.replies.get(id), Some(Ok(Reply::Done)));
            if !is_done || is_gone(by) {
                continue;
            }
            let charter = by.replica().charter().unwrap();
            let is_known = match target {
                Target::Device(device) => charter.devices().contains_key(device),
                Target::Member(member) => charter.members().contains_key(member),
                Target::Party(party) => charter.parties().contains_key(party),
            };
            let (seed, name) = (self.net.seed, &by.name);
            assert!(
                !is_known || charter.is_removed(*target),
                "seed {seed}: {target:?}, whom {name} has removed, is there again"
            );
        }
    }

    fn name(&mut self, target: Target) -> Act {
        self.names += 1;
        let name = format!("Name {:03}", self.names);
        Act::SetName { target, name }
    }

    /// Begins a device by a code that somebody was given, used or not.
    fn use_code(&mut self) {
        let devices = self.net.devices.iter();
        let replies = devices.flat_map(|device| device.replies.values());
        let links = replies.filter_map(|reply| match reply {
            Ok(Reply::DeviceCode(code)) => Some(code.link.clone()),
            _ => None,
        });
        let links: Vec<_> = links.collect();
        if links.is_empty() {
            return;
        }
        self.codes_left -= 1;
        let link = CodeLink::parse(&links[self.net.pick(links.len())]).unwrap();
        let name = format!("Device {}", self.net.devices.len());
        let replica = Replica::add(&link, self.net.entropy());
        self.net.devices.push(Device::new(&name, replica));
    }

    /// Cuts off who is told that they cannot go on: their code was used or voided, or the relay has shown them one
    /// charter and the others another in the same life, as one does that is put back and does not know it.
    fn leave_out(&mut self) {
        for device in 0..self.net.devices.len() {
            self.net.heal(device);
        }
        self.net.now += 120_000;
        self.net.run(20_000);
        for device in 0..self.net.devices.len() {
            if self.is_told(device) {
                self.net.cut(device);
                self.saved.retain(|_, by| *by != device);
            }
        }
    }

    fn is_told(&self, device: usize) -> bool {
        let problem = self.net.devices[device].replica().status().problem;
        matches!(
            problem,
            Some(
                Problem::Unadmitted
                    | Problem::Code
                    | Problem::Refused(Misbehaviour::NotAdmitted)
                    | Problem::Relay(Misbehaviour::ForkedCharter)
            )
        )
    }

    /// Heals everything, lets new devices in by the codes that were made, and holds everybody against each other.
    fn finish(&mut self) {
        let left_out = |run: &Self, it: usize| run.net.devices[it].cut && run.is_told(it);
        for device in 0..self.net.devices.len() {
            if !left_out(self, device) {
                self.net.heal(device);
            }
        }
        self.net.now += 120_000;
        self.net.settle();
        self.check();
        self.check_removals();
        let manager = (0..self.net.devices.len()).find(|it| !self.is_removed(*it));
        let manager = manager.expect("somebody is left");
        self.take_everything_in(manager);
        self.check();
        let all = self.names_on(manager);
        let seed = self.net.seed;
        for (name, device) in &self.saved {
            let by = &self.net.devices[*device].name;
            assert!(all.contains(name), "seed {seed}: {name} by {by} is lost");
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
            assert_eq!(status.waiting, 0, "seed {seed}: {name} waits");
        }
        let charter = first.charter().unwrap();
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

    fn party(&self, device: usize) -> heqi_protocol::PartyId {
        let charter = self.net.devices[device].replica().charter().unwrap();
        charter.member_of(self.device(device)).unwrap().1.party
    }

    fn epoch(&self, space: Space) -> u32 {
        self.charter().spaces()[&space].epoch
    }

    fn is_removed(&self, device: usize) -> bool {
        is_gone(&self.net.devices[device])
    }

    fn names_on(&self, device: usize) -> Vec<String> {
        self.names_in(Space::Plan, device)
    }

    fn names_in(&self, space: Space, device: usize) -> Vec<String> {
        let mut mirror = heqi_domain::plan::PlanMirror::default();
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

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
