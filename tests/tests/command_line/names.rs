//! Names of devices, members and parties, from the command line.

use serde_json::Value;

use super::home::{Exit, Home};
use super::relay::Relay;
use super::{sync_all, text, two_parties};

#[test]
fn a_device_is_called_as_its_host_and_gets_another_name() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let host = rustix::system::uname();
    let host = host.nodename().to_str().unwrap();
    sync_all(&[&ann, &bob]);
    assert_eq!(device_names(&ann, "Ann"), [host]);
    assert_eq!(device_names(&ann, "Bob"), [host]);

    let unclear = ann.fails(&["device", "name", host, "Laptop"], Exit::Rejected);
    assert!(text(&unclear["error"]["message"]).contains(&format!("Bob ({host}, ")));
    let others = ann.fails(&["device", "name", "Bob/1", "Mine"], Exit::Rejected);
    assert!(text(&others["error"]["message"]).contains("Only the member"));
    let bad = ann.fails(&["device", "name", "Ann/1", " "], Exit::Rejected);
    assert!(text(&bad["error"]["message"]).contains("the device's name"));
    ann.run(&["device", "name", "Ann/1", "Ann’s laptop"]);
    bob.run(&["sync"]);
    assert_eq!(device_names(&bob, "Ann"), ["Ann’s laptop"]);
    assert!(bob.says(&["device", "list"]).contains("Ann’s laptop"));

    let code = ann.run(&["device", "add"]);
    let phone = Home::empty();
    phone.run(&["device", "join", text(&code["link"])]);
    phone.run(&["device", "name", "Ann/2", "Phone"]);
    ann.run(&["sync"]);
    let revoked = ann.says(&["device", "revoke", "phone"]);
    assert!(revoked.contains("The device Phone of Ann"), "{revoked}");
    phone.fails(&["sync"], Exit::Removed);
    let gone = ann.fails(&["device", "name", "Phone", "Again"], Exit::Rejected);
    assert!(text(&gone["error"]["message"]).contains("no longer part"));
}

#[test]
fn members_and_parties_are_renamed_by_those_whose_they_are() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["sync"]);
    let others = ann.fails(&["member", "name", "Bob", "Robert"], Exit::Rejected);
    let told = text(&others["error"]["message"]);
    assert!(told.contains("manager of its own"), "{told}");
    ann.fails(&["party", "name", "Beta", "Gamma"], Exit::Rejected);
    let taken = bob.fails(&["party", "name", "Beta", "Alpha"], Exit::Rejected);
    let told = text(&taken["error"]["message"]);
    assert!(told.contains("Another party has this name"), "{told}");
    bob.run(&["member", "name", "Bob", "Robert"]);
    bob.run(&["party", "name", "Beta", "Beta & Söhne"]);
    ann.run(&["sync"]);

    let parties = ann.run(&["party", "list"]);
    let mut parties = parties["parties"].as_array().unwrap().iter();
    let beta = parties.find(|party| party["code"] == "B").unwrap();
    assert_eq!(beta["name"], "Beta & Söhne");
    assert!(ann.says(&["member", "list"]).contains("  Robert "));
    let log = ann.says(&["charter", "log"]);
    for sentence in [
        "Robert (Beta & Söhne) named Bob “Robert”.",
        "Robert (Beta & Söhne) named the party Beta “Beta & Söhne”.",
    ] {
        assert!(log.contains(sentence), "{sentence}: {log}");
    }
    // A task keeps the code of the party that made it.
    bob.run(&["task", "add", "Survey"]);
    assert!(bob.code_of("Survey").starts_with("B-"));
}

fn device_names(home: &Home, member: &str) -> Vec<String> {
    let devices = home.run(&["device", "list"]);
    let devices = devices["devices"].as_array().unwrap().iter();
    devices
        .filter(|device| device["member"] == member)
        .map(|device: &Value| text(&device["name"]).to_owned())
        .collect()
}
