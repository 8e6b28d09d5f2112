//! A relay that was restored comes to two branches of the charter: what the one that gives way had said of people is
//! put right.

use std::collections::BTreeSet;

use heqi_domain::plan::{PlanCommand, PlanMirror};
use heqi_domain::time::Date;
use heqi_protocol::charter::Target;
use heqi_protocol::{DocumentId, MemberId, Role, Space};
use heqi_replica::{Act, CodeLink, Input, Problem, Replica, Reply, Request};
use heqi_tests::device::Device;
use heqi_tests::net::Net;

const ANN: usize = 0;
const BOB: usize = 1;
const CHO: usize = 2;

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
    let ann = net.devices[ANN].replica().directory().me.unwrap();
    let reply = net.charter(cho, Act::Remove(Target::Member(ann)));
    let Ok(Reply::Proposed { proposal }) = reply else {
        panic!("{reply:?}");
    };
    let agrees = false;
    net.charter(BOB, Act::Answer { proposal, agrees }).unwrap();
    net.cut(cho);
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    let problem = net.devices[BOB].replica().status().problem;
    assert_eq!(problem, Some(Problem::Undone));
}

#[test]
fn what_was_said_of_somebody_who_is_not_back_yet_is_said_again_when_they_are() {
    let mut net = parted(8, &[]);
    let cho = join(&mut net, "Cho Ltd", "Cho");
    let bea = join(&mut net, "Bob Ltd", "Bea");
    let [of_cho, of_bea] = [cho, bea].map(|it| member(&net, it));
    for device in [cho, bea] {
        net.cut(device);
    }
    net.charter(BOB, Act::Confirm(of_cho)).unwrap();
    let target = Target::Member(of_bea);
    let name = "Beatrice".to_owned();
    net.charter(BOB, Act::SetName { target, name }).unwrap();
    let roles = vec![Role::Viewer];
    let member = of_bea;
    net.charter(BOB, Act::SetRoles { member, roles }).unwrap();
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    let charter = net.devices[BOB].replica().charter().unwrap();
    for gone in [of_cho, of_bea] {
        assert!(!charter.members().contains_key(&gone));
    }
    // Nobody is held up by it, and a process that ends meanwhile keeps it.
    let status = net.devices[BOB].replica().status();
    assert_eq!((status.problem, status.settled), (None, true));
    let rows = net.devices[BOB].rows.clone();
    net.replace_store(BOB, rows);
    net.settle();
    for device in [cho, bea] {
        net.heal(device);
    }
    net.now += 120_000;
    net.settle();
    let replica = net.devices[ANN].replica();
    let (charter, directory) = (replica.charter().unwrap(), replica.directory());
    assert!(!charter.members()[&of_cho].confirmed_by.is_empty());
    assert_eq!(
        charter.members()[&of_bea].roles.iter().collect::<Vec<_>>(),
        [Role::Viewer]
    );
    let mut members = directory.parties.iter().flat_map(|it| &it.members);
    let renamed = members.find(|it| it.id == of_bea).unwrap();
    assert_eq!(renamed.name, "Beatrice");
    agree(&net);
}

#[test]
fn what_another_has_decided_since_somebody_is_back_stays_and_who_wanted_otherwise_is_told() {
    let mut net = parted(8, &["Kim"]);
    let kim = 2;
    let bea = join(&mut net, "Bob Ltd", "Bea");
    let of_bea = member(&net, bea);
    net.cut(bea);
    let set = |roles: &[Role]| Act::SetRoles {
        member: of_bea,
        roles: roles.to_vec(),
    };
    net.charter(BOB, set(&[Role::Viewer])).unwrap();
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    // Bob does not come again before Bea is back and Kim has decided.
    net.cut(BOB);
    net.heal(bea);
    net.now += 120_000;
    net.settle();
    net.charter(kim, set(&[Role::Pmo])).unwrap();
    net.heal(BOB);
    net.now += 120_000;
    net.settle();
    let charter = net.devices[ANN].replica().charter().unwrap();
    let roles: Vec<_> = charter.members()[&of_bea].roles.iter().collect();
    assert_eq!(roles, [Role::Pmo]);
    let status = net.devices[BOB].replica().status();
    assert_eq!(status.problem, Some(heqi_replica::Problem::Undone));
    agree(&net);
}

#[test]
fn who_comes_back_after_their_removal_in_a_branch_that_gives_way_is_removed_again() {
    let mut net = Net::seeded(9);
    net.venture(&["Ann", "Bob"]);
    let roles = [Role::Pmo];
    // The invite is from before the two branches: it lets in again whatever Bob asks for.
    let link = net.invite(BOB, "Bob Ltd", "B", &roles);
    part(&mut net);
    let entropy = net.entropy();
    let replica = Replica::join(&link, "Bea", entropy).unwrap();
    net.devices.push(Device::new("Bea", replica));
    let bea = net.devices.len() - 1;
    net.settle();
    let target = Target::Member(member(&net, bea));
    net.charter(BOB, Act::Remove(target)).unwrap();
    net.settle();
    assert!(net.devices[bea].replica().status().removed);
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    let status = net.devices[BOB].replica().status();
    assert_eq!((status.problem, status.settled), (None, true));
    net.devices[bea].inputs.push_back(Input::Online(true));
    net.now += 4_000_000;
    net.settle();
    net.now += 120_000;
    net.settle();
    for device in [ANN, BOB] {
        let charter = net.devices[device].replica().charter().unwrap();
        let members = charter.members();
        let is_out = members
            .iter()
            .all(|(id, it)| Target::Member(*id) != target || !it.is_active());
        assert!(is_out, "Bea is back");
    }
}

#[test]
fn an_invite_that_somebody_took_back_unseen_by_its_maker_ends_as_taken_back() {
    for bob_is_first in [true, false] {
        let mut net = parted(10, &["Bea"]);
        let bea = 2;
        net.charter(
            BOB,
            Act::Invite {
                party: "Bob Ltd".into(),
                code: "B".into(),
                roles: vec![Role::Pmo],
                expires_ms: None,
            },
        )
        .unwrap();
        net.settle();
        net.cut(BOB);
        let charter = net.devices[bea].replica().charter().unwrap();
        let invite = *charter.invites().keys().next().unwrap();
        net.charter(bea, Act::Withdraw(invite)).unwrap();
        net.cut(bea);
        net.heal(ANN);
        net.now += 120_000;
        net.settle();
        let order = match bob_is_first {
            true => [BOB, bea],
            false => [bea, BOB],
        };
        for device in order {
            net.heal(device);
            net.now += 120_000;
            net.settle();
            let status = net.devices[device].replica().status();
            assert_eq!((status.problem, status.settled), (None, true));
        }
        net.settle();
        for device in [ANN, BOB, bea] {
            let charter = net.devices[device].replica().charter().unwrap();
            assert!(charter.invites().is_empty());
            assert!(charter.spent_at(invite).is_some());
        }
        agree(&net);
    }
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

#[test]
fn edits_of_a_generation_that_began_in_a_branch_that_gives_way_come_back() {
    for is_lost_again in [false, true] {
        let mut net = parted(14, &["Cho"]);
        let copy = net.disk.copy();
        let plan = plan_of(&net);
        net.charter(BOB, Act::BeginGeneration(plan)).unwrap();
        add(&mut net, BOB, "in the next");
        add(&mut net, CHO, "by Cho in the next");
        net.settle();
        assert_eq!(generation(&net, CHO), 1);
        if is_lost_again {
            // What the branch let stand is to be given back to a relay whose charter is another.
            net.cut(BOB);
            net.cut(CHO);
            net.restore_relay(&copy);
            net.heal(ANN);
            net.settle();
            net.heal(BOB);
            net.heal(CHO);
        }
        net.heal(ANN);
        for _ in 0..3 {
            net.now += 120_000;
            net.settle();
        }
        agree(&net);
        for device in [ANN, BOB, CHO] {
            let expected = ["by Bob", "by Cho in the next", "in the next"];
            assert_eq!(names(&net, device), expected);
            assert_eq!(generation(&net, device), 1, "it is begun again");
            assert_at_rest(&net, device);
        }
    }
}

#[test]
fn edits_of_a_generation_that_nobody_begins_again_are_sealed_for_the_one_that_stands() {
    let mut net = parted(15, &["Cho"]);
    let plan = plan_of(&net);
    net.charter(BOB, Act::BeginGeneration(plan)).unwrap();
    net.settle();
    add(&mut net, CHO, "acknowledged");
    net.settle();
    add(&mut net, CHO, "on its way");
    let is_sealed = |net: &Net| {
        let trace = net.devices[CHO].replica().trace();
        trace.contains("outbox [None]")
    };
    while !is_sealed(&net) {
        net.run(1);
        net.now += 1;
    }
    net.cut(CHO);
    // Bob does not come back.
    net.cut(BOB);
    net.heal(ANN);
    net.now += 120_000;
    net.settle();
    net.heal(CHO);
    for _ in 0..3 {
        net.now += 120_000;
        net.settle();
    }
    for device in [ANN, CHO] {
        assert_eq!(
            names(&net, device),
            ["acknowledged", "by Bob", "on its way"]
        );
        assert_eq!(generation(&net, device), 0);
        assert_at_rest(&net, device);
    }
}

fn plan_of(net: &Net) -> DocumentId {
    let charter = net.devices[BOB].replica().charter().unwrap();
    DocumentId::root(charter.venture(), Space::Plan)
}

fn generation(net: &Net, device: usize) -> u32 {
    let charter = net.devices[device].replica().charter().unwrap();
    charter.generation_in(Space::Plan, plan_of(net))
}

fn assert_at_rest(net: &Net, device: usize) {
    let status = net.devices[device].replica().status();
    let ends = (status.pending, status.quarantined, status.problem);
    assert_eq!(ends, (0, 0, None));
    assert!(status.settled);
}

fn member(net: &Net, device: usize) -> MemberId {
    net.devices[device].replica().directory().me.unwrap()
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
