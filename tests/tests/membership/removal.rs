//! Who is removed stops reading, and what of theirs came late is taken in or stays out for all alike.

use heqi_protocol::Space;
use heqi_protocol::charter::Target;
use heqi_replica::{Act, Failure, Reply};

use super::{MANAGER, Run};

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
