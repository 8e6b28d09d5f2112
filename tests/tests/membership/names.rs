//! Names of devices, members and parties.

use std::collections::BTreeSet;

use heqi_domain::plan::{FieldEdit, PlanCommand};
use heqi_domain::time::Date;
use heqi_protocol::Space;
use heqi_protocol::charter::Target;
use heqi_replica::{Act, CodeLink, Event, Failure, Replica, Reply, Request};
use heqi_tests::device::Device;

use super::Run;

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
