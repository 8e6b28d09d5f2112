//! What roles let their members read and write, and what becomes of what was written before they changed.

use heqi_protocol::{DocumentId, Role, Space};
use heqi_replica::{Act, Failure, Problem, Reply, Request};

use super::Run;

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
    let id = DocumentId::root(run.charter().venture(), private);
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

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
