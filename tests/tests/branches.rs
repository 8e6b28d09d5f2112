//! A relay that was restored comes to two branches of the charter: what the one that gives way had said of people is
//! put right.

use std::collections::BTreeSet;

use heqi_domain::plan::{PlanCommand, PlanMirror};
use heqi_domain::time::Date;
use heqi_protocol::charter::Target;
use heqi_protocol::{Role, Space};
use heqi_replica::{Act, CodeLink, Input, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::net::Net;

const ANN: usize = 0;
const BOB: usize = 1;

#[test]
fn who_was_admitted_in_a_branch_that_gives_way_is_admitted_again() {
    let mut net = parted(1, &[]);
    let cho = join(&mut net, "Cho Ltd", "Cho");
    add(&mut net, cho, "by Cho");
    net.settle();
    add(&mut net, cho, "not sent");
    net.heal(ANN);
    net.settle();
    assert!(net.devices[cho].replica().status().member);
    for device in 0..net.devices.len() {
        let names = names(&net, device);
        assert_eq!(names, ["by Bob", "by Cho", "not sent"]);
    }
    agree(&net);
    let directory = net.devices[ANN].replica().directory();
    let party = directory.parties.iter().find(|it| it.code == "C").unwrap();
    assert_eq!(party.members[0].name, "Cho");
}

#[test]
fn a_device_added_in_a_branch_that_gives_way_is_added_again() {
    let mut net = parted(2, &[]);
    let code = net.charter(BOB, Act::OfferDevice { expires_ms: None });
    let Ok(Reply::DeviceCode(code)) = code else {
        panic!("{code:?}");
    };
    let link = CodeLink::parse(&code.link).unwrap();
    let entropy = net.entropy();
    let phone = Device::new("Bob's phone", Replica::add(&link, entropy));
    net.devices.push(phone);
    net.settle();
    add(&mut net, 2, "by phone");
    net.settle();
    net.heal(ANN);
    net.settle();
    assert!(net.devices[2].replica().status().member);
    assert_eq!(names(&net, ANN), ["by Bob", "by phone"]);
    agree(&net);
}

#[test]
fn who_was_removed_in_a_branch_that_gives_way_finds_out() {
    let mut net = parted(3, &["Bea"]);
    let bea = 2;
    let member = net.devices[bea].replica().directory().me.unwrap();
    net.charter(BOB, Act::Remove(Target::Member(member)))
        .unwrap();
    net.settle();
    assert!(net.devices[bea].replica().status().removed);
    net.cut(BOB);
    net.heal(ANN);
    net.settle();
    assert!(net.devices[bea].replica().status().removed);
    net.devices[bea].inputs.push_back(Input::Online(true));
    net.settle();
    assert!(!net.devices[bea].replica().status().removed);
    add(&mut net, bea, "back");
    net.settle();
    assert_eq!(names(&net, ANN), ["back", "by Bob"]);
    // Bob's removal is asked for again, and stands.
    net.heal(BOB);
    net.now += 120_000;
    net.settle();
    assert!(net.devices[bea].replica().status().removed);
}

#[test]
fn a_removal_that_was_decided_in_a_branch_that_gives_way_is_decided_again() {
    let mut net = Net::seeded(5);
    net.venture(&["Ann", "Bob", "Cho", "Dan"]);
    let (cho, dan) = (2, 3);
    let member = net.devices[dan].replica().directory().me.unwrap();
    part(&mut net);
    let reply = net.charter(BOB, Act::Remove(Target::Member(member)));
    let Ok(Reply::Proposed { proposal }) = reply else {
        panic!("{reply:?}");
    };
    let agrees = true;
    net.charter(cho, Act::Answer { proposal, agrees }).unwrap();
    net.settle();
    assert!(net.devices[dan].replica().status().removed);
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    for device in [ANN, BOB, cho] {
        let charter = net.devices[device].replica().charter().unwrap();
        assert!(charter.is_removed(Target::Member(member)));
    }
}

#[test]
fn who_came_and_was_removed_in_a_branch_that_gives_way_stays_out() {
    let mut net = parted(6, &[]);
    let bea = join(&mut net, "Bob Ltd", "Bea");
    let member = net.devices[bea].replica().directory().me.unwrap();
    net.charter(BOB, Act::Remove(Target::Member(member)))
        .unwrap();
    net.settle();
    net.heal(ANN);
    net.devices[bea].inputs.push_back(Input::Online(true));
    net.now += 120_000;
    net.settle();
    let charter = net.devices[ANN].replica().charter().unwrap();
    assert_eq!(charter.invites().len(), 0, "the invite is made again");
    assert!(!charter.members().contains_key(&member));
    assert!(!net.devices[bea].replica().status().member);
}

#[test]
fn what_cannot_be_asked_again_after_a_branch_gives_way_is_told() {
    let mut net = parted(7, &[]);
    let cho = join(&mut net, "Cho Ltd", "Cho");
    let member = net.devices[cho].replica().directory().me.unwrap();
    net.cut(cho);
    net.charter(BOB, Act::Confirm(member)).unwrap();
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    let problem = net.devices[BOB].replica().status().problem;
    assert_eq!(problem, Some(heqi_replica::Problem::Undone));
}

#[test]
fn who_was_removed_for_good_asks_seldom() {
    let mut net = Net::seeded(4);
    net.venture(&["Ann", "Bob"]);
    let bea = join(&mut net, "Bob Ltd", "Bea");
    let member = net.devices[bea].replica().directory().me.unwrap();
    net.charter(BOB, Act::Remove(Target::Member(member)))
        .unwrap();
    net.settle();
    let status = net.devices[bea].replica().status();
    assert!(status.removed);
    assert_eq!(status.problem, Some(heqi_replica::Problem::Removed));
    let wake = net.devices[bea].wake.unwrap();
    assert!(wake > net.now + 60_000);
}

/// Ann's rotation of keys is lost to the relay and its second life, in which Bob goes on without her.
fn parted(seed: u64, others: &[&str]) -> Net {
    let mut net = Net::seeded(seed);
    net.venture(&["Ann", "Bob"]);
    for name in others {
        join(&mut net, "Bob Ltd", name);
    }
    part(&mut net);
    net
}

fn part(net: &mut Net) {
    net.settle();
    let before = net.disk.copy();
    add(net, BOB, "by Bob");
    net.settle();
    for device in 1..net.devices.len() {
        net.cut(device);
    }
    let keys = BTreeSet::from([Space::Plan, Space::Directory]);
    net.charter(ANN, Act::Rotate(keys)).unwrap();
    net.cut(ANN);
    net.restore_relay(&before);
    for device in 1..net.devices.len() {
        net.heal(device);
    }
    net.now += 120_000;
    net.settle();
}

fn join(net: &mut Net, party: &str, name: &str) -> usize {
    let code = party.chars().next().unwrap().to_string();
    let roles = [Role::Pmo, Role::PartnerManager];
    let link = net.invite(BOB, party, &code, &roles);
    let entropy = net.entropy();
    let replica = Replica::join(&link, name, entropy).unwrap();
    net.devices.push(Device::new(name, replica));
    net.settle();
    net.devices.len() - 1
}

fn add(net: &mut Net, device: usize, name: &str) {
    let command = PlanCommand::AddTask {
        name: name.to_owned(),
        parent: None,
        after: None,
    };
    let asked = net.devices[device].ask(Request::Plan {
        space: Space::Plan,
        seen: Vec::new(),
        command,
        today: Date::parse("2026-03-31").unwrap(),
    });
    while !net.devices[device].replies.contains_key(&asked) {
        let now = net.now;
        net.step_alone(device, now);
    }
    net.devices[device].replies.remove(&asked).unwrap().unwrap();
}

fn names(net: &Net, device: usize) -> Vec<String> {
    let mut mirror = PlanMirror::default();
    mirror.apply(&net.devices[device].replica().plan().unwrap().snapshot());
    let mut names: Vec<_> = mirror.rows.values().map(|row| row.name.clone()).collect();
    names.sort();
    names
}

fn agree(net: &Net) {
    let first = net.devices[ANN].replica();
    for device in &net.devices {
        let replica = device.replica();
        let name = &device.name;
        assert_eq!(replica.heads(), first.heads(), "heads of {name}");
        assert_eq!(replica.charter(), first.charter(), "charter of {name}");
        let status = replica.status();
        assert_eq!(status.quarantined, 0, "{name} accuses somebody");
        assert_eq!(status.waiting, 0, "{name} waits");
        assert_eq!(status.alarms, 0, "{name} suspects somebody");
    }
}
