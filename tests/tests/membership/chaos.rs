//! Members who come and go, get other roles and decide together, on one seed, under the same faults as the merges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::body::WHOLE_BASIS_POINTS;
use heqi_protocol::charter::{Action, Share, Target};
use heqi_protocol::frame::AmendRefused;
use heqi_protocol::{List, Misbehaviour, PartyId, Role, Roles, Space};
use heqi_relay::image::Image;
use heqi_replica::{Act, CodeLink, Directory, Failure, Problem, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::seeds::{self, variant};

use super::{MANAGER, Run, is_gone};

/// The roles that people who are hired get and lose.
const ROLES: [&[Role]; 5] = [
    MANAGER,
    &[Role::Pmo],
    &[Role::Viewer],
    &[Role::Market, Role::Finance],
    MANAGER,
];

/// What must have been done, where many seeds are run.
const ACTS: [&str; 17] = [
    "Answer",
    "Confirm",
    "Invite",
    "MakeRecoveryKit",
    "NarrowAccess",
    "OfferDevice",
    "Propose",
    "Remove",
    "Rotate",
    "SetName",
    "SetRoles",
    "Withdraw",
    "access decided",
    "interests decided",
    "removed Device",
    "removed Member",
    "removed Party",
];

/// A run whose members and relay are not left in peace.
struct Chaos {
    run: Run,
    names: u64,
    backup: Option<Image>,
    /// People whom their manager may give other roles: everybody but the first of each party.
    hired: BTreeSet<usize>,
    /// Devices that are still to come by a code, and people by an invite, whenever it was made.
    newcomers_left: usize,
    /// What was asked of the charter: who asked, and the request.
    asked: Vec<(usize, u64, Act)>,
}

#[test]
fn whoever_comes_and_goes_nothing_is_lost_and_nobody_reads_on() {
    let done = Mutex::new(BTreeMap::new());
    seeds::each(40, 8, |seed| {
        let mut chaos = Chaos::start(seed);
        chaos.rage(50);
        chaos.leave_out();
        chaos.finish();
        chaos.count(&mut done.lock().unwrap());
    });
    let done = done.into_inner().unwrap();
    println!("{done:?}");
    let missing: Vec<_> = ACTS
        .iter()
        .filter(|act| !done.contains_key(**act))
        .collect();
    assert!(
        done["runs"] < 100 || missing.is_empty(),
        "never: {missing:?}"
    );
    // A relay that is put back unknowingly now and then shows two charters in one life.
    let whole = done.get("nobody left out").copied().unwrap_or_default();
    assert!(
        done["runs"] < 10 || whole * 5 > done["runs"] * 4,
        "{done:?}"
    );
}

#[test]
fn devices_that_come_by_a_code_meanwhile_are_let_in_or_told_why_not() {
    seeds::each(20, 8, |seed| {
        let mut chaos = Chaos::start(seed);
        chaos.newcomers_left = 3;
        chaos.rage(50);
        chaos.leave_out();
        chaos.finish();
    });
}

impl Chaos {
    /// Three parties, two of them with another manager beside the first.
    fn start(seed: u64) -> Self {
        let mut run = Run::start(seed, &["Ann", "Bob", "Cho"]);
        run.net.lingers = true;
        let mut hired = BTreeSet::new();
        for (by, name) in [(0, "Abe"), (1, "Bea")] {
            let party = format!("{} Ltd", run.net.devices[by].name);
            let link = run.net.invite(by, &party, "", MANAGER);
            hired.insert(run.net.devices.len());
            run.join(name, &link);
        }
        Self {
            run,
            names: 0,
            backup: None,
            hired,
            newcomers_left: 0,
            asked: Vec::new(),
        }
    }

    fn rage(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let net = &mut self.run.net;
            let device = net.pick(net.devices.len());
            match net.pick(100) {
                0..=39 => self.write(device),
                40..=47 => net.cut(device),
                48..=61 => net.heal(device),
                62..=66 => net.crash(device),
                67..=69 => net.crash_relay(),
                70..=72 => self.backup = Some(net.disk.copy()),
                73..=74 => {
                    if let Some(backup) = &self.backup {
                        net.restore_relay(backup);
                    }
                }
                75..=96 if self.newcomers_left > 0 && net.chance(20) => self.let_somebody_come(),
                75..=96 => self.change_members(device),
                _ => net.now += 30_000,
            }
            let steps = self.run.net.pick(80);
            self.run.net.run(steps);
        }
    }

    fn write(&mut self, device: usize) {
        self.names += 1;
        let name = format!("Task {:03}", self.names);
        match self.run.add(device, &name) {
            Ok(())
            | Err(
                Failure::Removed
                | Failure::MayNotWrite
                | Failure::MayNotRead
                | Failure::NotYetMember,
            ) => {}
            Err(failure) => panic!("seed {}: {failure}", self.run.net.seed),
        }
    }

    /// Something that a member may ask of the charter; what comes of it is seen at the end.
    fn change_members(&mut self, device: usize) {
        let Some(act) = self.act(device) else {
            return;
        };
        let devices = &self.run.net.devices;
        let is_living = devices.iter().filter(|it| !is_gone(it)).count() > 2;
        let removes = matches!(act, Act::Remove(_) | Act::Propose(Action::Remove(_)));
        if removes && !is_living {
            return;
        }
        let id = self.run.net.devices[device].ask(Request::Charter(act.clone()));
        self.asked.push((device, id, act));
    }

    fn act(&mut self, device: usize) -> Option<Act> {
        let directory = self.run.net.devices[device].replica().directory();
        let own = own_party(&directory)?;
        let other = self.other(device)?;
        let them = self.run.member(other);
        let hired = self.one_hired();
        Some(match self.run.net.pick(26) {
            0 => Act::Remove(Target::Device(self.run.device(other))),
            1 => Act::Remove(Target::Member(them)),
            2 => Act::Rotate(BTreeSet::from([Space::Plan, Space::Directory])),
            3 => Act::Confirm(them),
            4 => Act::OfferDevice { expires_ms: None },
            5 => self.name(Target::Device(self.run.device(device))),
            6 => self.name(Target::Member(them)),
            7 => Act::MakeRecoveryKit,
            8..=9 => Act::SetRoles {
                member: self.run.member(hired?),
                roles: ROLES[self.run.net.pick(ROLES.len())].to_vec(),
            },
            10..=12 => Act::Withdraw(self.given_out(&directory)?),
            13..=17 => Act::Answer {
                proposal: self.one(&directory.proposals)?.id,
                agrees: self.run.net.chance(90),
            },
            18 => {
                let others = directory.parties.iter().filter(|it| it.id != own);
                let others: Vec<_> = others.filter(|it| !it.is_removed).collect();
                Act::Remove(Target::Party(self.one(&others)?.id))
            }
            19..=20 => Act::Propose(interests(&directory)?),
            21..=22 => Act::Propose(Action::Access(
                List::new(vec![narrowed(Space::Market, None)]).unwrap(),
            )),
            23 => Act::NarrowAccess(vec![narrowed(Space::Risk, Some(own))]),
            _ => {
                let party = directory.parties.iter().find(|it| it.id == own)?;
                Act::Invite {
                    party: party.name.clone(),
                    code: String::new(),
                    roles: MANAGER.to_vec(),
                    expires_ms: None,
                }
            }
        })
    }

    fn other(&mut self, device: usize) -> Option<usize> {
        let devices = &self.run.net.devices;
        let is_known = |it: &usize| devices[*it].replica().directory().me.is_some();
        let others = (0..devices.len()).filter(|it| *it != device);
        let others: Vec<_> = others.filter(is_known).collect();
        self.one(&others)
    }

    fn one_hired(&mut self) -> Option<usize> {
        let devices = &self.run.net.devices;
        let is_known = |it: &usize| devices[*it].replica().directory().me.is_some();
        let hired: Vec<_> = self.hired.iter().copied().filter(is_known).collect();
        self.one(&hired)
    }

    /// An invite, a code or a kit that is still good.
    fn given_out(&mut self, directory: &Directory) -> Option<heqi_protocol::InviteId> {
        let invites = directory.invites.iter().map(|it| it.id);
        let offers = directory.offers.iter().map(|it| it.id);
        self.one(&invites.chain(offers).collect::<Vec<_>>())
    }

    fn one<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.run.net.pick(all.len())].clone())
    }

    fn name(&mut self, target: Target) -> Act {
        self.names += 1;
        let name = format!("Name {:03}", self.names);
        Act::SetName { target, name }
    }

    /// Begins a device by a code or an invite that somebody was given, used, taken back or not. Who was removed comes back
    /// so, as somebody new.
    fn let_somebody_come(&mut self) {
        let devices = self.run.net.devices.iter();
        let replies = devices.flat_map(|device| device.replies.values());
        let links = replies.filter_map(|reply| match reply {
            Ok(Reply::DeviceCode(code)) => Some((code.link.clone(), false)),
            Ok(Reply::Invited { link }) => Some((link.clone(), true)),
            _ => None,
        });
        let links: Vec<_> = links.collect();
        let Some((link, is_invite)) = self.one(&links) else {
            return;
        };
        self.newcomers_left -= 1;
        let net = &mut self.run.net;
        let name = format!("Newcomer {}", net.devices.len());
        let entropy = net.entropy();
        let replica = if is_invite {
            self.hired.insert(net.devices.len());
            Replica::join(&link, &name, entropy).unwrap()
        } else {
            Replica::add(&CodeLink::parse(&link).unwrap(), entropy)
        };
        net.devices.push(Device::new(&name, replica));
    }

    /// Cuts off who is told that they cannot go on: their code or invite was used or voided, or the relay has shown them
    /// one charter and the others another in the same life, as one does that is put back and does not know it.
    fn leave_out(&mut self) {
        for device in 0..self.run.net.devices.len() {
            self.run.net.heal(device);
        }
        self.run.net.now += 120_000;
        self.run.net.run(20_000);
        for device in 0..self.run.net.devices.len() {
            if self.is_told(device) {
                self.run.net.cut(device);
                self.run.saved.retain(|_, by| *by != device);
            }
        }
    }

    fn is_told(&self, device: usize) -> bool {
        let problem = self.run.net.devices[device].replica().status().problem;
        matches!(
            problem,
            Some(
                Problem::Unadmitted
                    | Problem::Code
                    | Problem::Amend(AmendRefused::InviteSpent)
                    | Problem::Refused(Misbehaviour::NotAdmitted)
                    | Problem::Relay(Misbehaviour::ForkedCharter)
            )
        )
    }

    /// Heals everything, lets new devices in by the codes that were made, and holds everybody against each other.
    fn finish(&mut self) {
        for device in 0..self.run.net.devices.len() {
            let is_left_out = self.run.net.devices[device].cut && self.is_told(device);
            if !is_left_out {
                self.run.net.heal(device);
            }
        }
        self.run.net.now += 120_000;
        self.run.net.settle_but(may_not_write);
        let manager = self.run.manager();
        let files = self.let_go();
        self.run.check();
        self.check_removals();
        for file in files {
            self.run.act(manager, Act::TakeInFile(file)).unwrap();
        }
        self.run.take_everything_in(manager);
        self.run.check();
        let all = self.run.names_on(manager);
        let seed = self.run.net.seed;
        for (name, device) in &self.run.saved {
            let by = &self.run.net.devices[*device].name;
            assert!(all.contains(name), "seed {seed}: {name} by {by} is lost");
        }
    }

    /// Who may not write any more exports what no relay has taken, and lets go of it.
    fn let_go(&mut self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for device in 0..self.run.net.devices.len() {
            if !may_not_write(&self.run.net.devices[device]) {
                continue;
            }
            let mut ask = |request| {
                let id = self.run.net.devices[device].ask(request);
                self.run.net.settle_but(may_not_write);
                self.run.net.devices[device].replies.remove(&id)
            };
            let Some(Ok(Reply::LateFile { file, .. })) = ask(Request::ExportLate) else {
                panic!("no file of unsent edits");
            };
            assert!(matches!(ask(Request::LetGo), Some(Ok(Reply::Done))));
            files.push(file);
        }
        self.run.net.settle();
        files
    }

    /// Who was told that somebody is removed finds them so at the end, whatever the relay has lost meanwhile.
    fn check_removals(&self) {
        for (by, id, act) in &self.asked {
            let Act::Remove(target) = act else {
                continue;
            };
            let by = &self.run.net.devices[*by];
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
            let (seed, name) = (self.run.net.seed, &by.name);
            assert!(
                !is_known || charter.is_removed(*target),
                "seed {seed}: {target:?}, whom {name} has removed, is there again"
            );
        }
    }

    /// Counts what was done, by its name.
    fn count(&self, done: &mut BTreeMap<String, u64>) {
        let mut one_more = |name: &str| *done.entry(name.to_owned()).or_default() += 1;
        one_more("runs");
        let mut devices = self.run.net.devices.iter();
        if !devices.any(|device| device.cut) {
            one_more("nobody left out");
        }
        let manager = self.run.net.devices[self.run.manager()].replica();
        let charter = manager.charter().unwrap();
        if charter.access().rules().any(|rule| rule.party.is_none()) {
            one_more("access decided");
        }
        if !charter.interests().is_empty() {
            one_more("interests decided");
        }
        for (by, id, act) in &self.asked {
            if let Act::Remove(target) = act
                && charter.is_removed(*target)
            {
                one_more(&format!("removed {}", variant(target)));
            }
            if let Some(Ok(_)) = self.run.net.devices[*by].replies.get(id) {
                one_more(&variant(act));
            }
        }
    }
}

fn may_not_write(device: &Device) -> bool {
    let status = device.replica.as_ref().map(Replica::status);
    status.is_some_and(|status| status.problem == Some(Problem::MayNotWrite))
}

fn own_party(directory: &Directory) -> Option<PartyId> {
    let mut parties = directory.parties.iter();
    let has_me = |it: &heqi_replica::PartyEntry| {
        let mut members = it.members.iter();
        members.any(|member| Some(member.id) == directory.me)
    };
    parties.find(|it| has_me(it)).map(|it| it.id)
}

/// Managers and planners alone read and write the space, in one party or everywhere.
fn narrowed(space: Space, party: Option<PartyId>) -> AccessRule {
    let roles = Roles::new(MANAGER);
    let grant = Grant {
        read: roles,
        write: roles,
    };
    AccessRule {
        space,
        party,
        grant: Some(grant),
    }
}

/// Equal shares of those who are there.
fn interests(directory: &Directory) -> Option<Action> {
    let parties = directory.parties.iter().filter(|it| !it.is_removed);
    let mut parties: Vec<_> = parties.map(|it| it.id).collect();
    parties.sort_unstable();
    let each = WHOLE_BASIS_POINTS / u32::try_from(parties.len()).ok()?;
    let first = WHOLE_BASIS_POINTS - each * (u32::try_from(parties.len()).ok()? - 1);
    let share = |(index, party)| Share {
        party,
        basis_points: u16::try_from(if index == 0 { first } else { each }).unwrap_or_default(),
    };
    let shares = parties.into_iter().enumerate().map(share).collect();
    Some(Action::Interests {
        from_day: 20_000,
        shares: List::new(shares).ok()?,
    })
}
