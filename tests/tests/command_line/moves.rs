//! A venture moves from one relay to another: real processes both.

use super::relay::Relay;
use super::{sync_all, text, two_parties};

#[test]
fn members_follow_by_themselves_while_the_old_relay_still_answers() {
    let [old, new] = [Relay::start(), Relay::start()];
    let (ann, bob) = two_parties(&old);
    ann.run(&["task", "add", "Before"]);
    let moved = ann.run(&["relay", "move", new.url()]);
    assert_eq!(moved["state"], "done");
    bob.run(&["sync"]);
    drop(old);
    bob.run(&["task", "add", "After"]);
    sync_all(&[&ann, &bob]);
    for home in [&ann, &bob] {
        assert_eq!(home.names(), ["Before", "After"]);
        assert_eq!(home.run(&["status"])["relay"], new.url());
        assert_eq!(home.run(&["charter", "verify"])["valid"], true);
    }
}

#[test]
fn a_dead_relay_loses_nothing_and_a_link_leads_the_others_to_the_new_one() {
    let [old, new] = [Relay::start(), Relay::start()];
    let (ann, bob) = two_parties(&old);
    ann.run(&["task", "add", "Before"]);
    bob.run(&["sync"]);
    drop(old);
    bob.offline(&["task", "add", "Without any relay"]);
    let moved = ann.run(&["relay", "move", new.url(), "--dead"]);
    let link = text(&moved["link"]).to_owned();
    ann.run(&["task", "add", "After"]);
    let followed = bob.run(&["relay", "follow", &link]);
    assert_eq!(followed["sync"]["state"], "acknowledged");
    sync_all(&[&ann, &bob]);
    for home in [&ann, &bob] {
        let mut names = home.names();
        names.sort();
        assert_eq!(names, ["After", "Before", "Without any relay"]);
        assert_eq!(home.run(&["charter", "verify"])["valid"], true);
    }
}
