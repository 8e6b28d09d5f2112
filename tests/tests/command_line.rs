//! The command line against a real relay: real processes, real disks, a real network on this machine.
//!
//! `HEQI_RELAY_BIN` and `HEQI_CLI_BIN` name programs that are elsewhere than beside this one.

mod archives;
mod automerge;
mod home;
mod hostile;
mod membership;
mod moves;
mod names;
mod plans;
mod readme;
mod relay;
pub(crate) mod secrecy;
mod terminal;

use std::fs;
use std::path::Path;

use home::{Exit, Home};
use relay::Relay;
use serde_json::Value;

/// A plan as Microsoft Project writes it; with an identity of its own.
const PLAN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Project xmlns="http://schemas.microsoft.com/project">
<GUID>0B6E1B0C-52F4-4E1C-8D5E-3A1F7C2B9D10</GUID><Title>Harbour bridge</Title>
<Tasks>
<Task><UID>1</UID><Name>Foundations</Name><OutlineLevel>1</OutlineLevel></Task>
<Task><UID>2</UID><Name>Piling</Name><OutlineLevel>2</OutlineLevel><Duration>PT80H0M0S</Duration></Task>
<Task><UID>3</UID><Name>Caps</Name><OutlineLevel>2</OutlineLevel><Duration>PT40H0M0S</Duration>
<PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type><LinkLag>4800</LinkLag></PredecessorLink></Task>
<Task><UID>4</UID><Name>Deck</Name><OutlineLevel>1</OutlineLevel><Duration>PT160H0M0S</Duration></Task>
</Tasks></Project>"#;

#[test]
fn two_parties_import_one_file_offline_edit_offline_and_agree() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let file = plan_file();
    for home in [&ann, &bob] {
        let report = home.offline(&["plan", "import", file.path().to_str().unwrap()]);
        assert_eq!((&report["tasks"], &report["added"]), (&4.into(), &4.into()));
    }
    sync_all(&[&ann, &bob]);
    assert_eq!(ann.tasks().len(), 4);
    assert_agree(&[&ann, &bob], 0);

    let [piling, deck] = ["Piling", "Deck"].map(|name| ann.code_of(name));
    ann.offline(&["task", "set", &piling, "name=Bored piling", "duration=12d"]);
    ann.offline(&["task", "add", "Survey"]);
    ann.offline(&["task", "set", &deck, "percent=30"]);
    bob.offline(&["task", "set", &piling, "name=Driven piling"]);
    bob.offline(&["task", "add", "Permits"]);
    bob.offline(&["task", "delete", &deck]);
    let digests = sync_all(&[&ann, &bob]);
    assert_eq!(digests[1]["sync"]["met"], 2, "{digests:?}");

    assert_agree(&[&ann, &bob], 2);
    let names = ann.names();
    for name in ["Survey", "Permits", "Deck"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
    let row = ann.task_of(&piling);
    assert_eq!(row["duration"], "12d");
    decide(&ann, &bob);
}

/// One item by each of them: what one decides is decided for both.
fn decide(ann: &Home, bob: &Home) {
    let items = ann.conflicts();
    let field = of_type(&items, "field");
    assert_eq!(field["values"]["base"], "Piling");
    let sides: Vec<_> = field["values"]["sides"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let mut values: Vec<_> = sides.iter().map(|side| text(&side["value"])).collect();
    values.sort_unstable();
    assert_eq!(values, ["Bored piling", "Driven piling"]);
    let own = sides.iter().find(|side| side["me"] == true).unwrap();
    let (own, handle) = (own["side"].to_string(), text(&field["handle"]));
    ann.run(&["resolve", handle, "--take", &own]);
    assert!(ann.names().contains(&"Bored piling".to_owned()));

    bob.run(&["sync"]);
    let items = bob.conflicts();
    assert_eq!(items.len(), 1);
    let delete_edit = of_type(&items, "delete-edit");
    bob.run(&["resolve", text(&delete_edit["handle"]), "--keep"]);
    ann.run(&["sync"]);
    assert_agree(&[ann, bob], 0);
    assert!(bob.names().contains(&"Deck".to_owned()));
}

#[test]
fn a_decided_item_keeps_its_handle_from_meaning_another() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "One"]);
    ann.run(&["task", "add", "Two"]);
    bob.run(&["sync"]);
    for (home, mark) in [(&ann, "a"), (&bob, "b")] {
        for name in ["One", "Two"] {
            let code = home.code_of(name);
            home.offline(&["task", "set", &code, &format!("notes={name} {mark}")]);
        }
    }
    sync_all(&[&ann, &bob]);
    let items = ann.conflicts();
    assert_eq!(items.len(), 2);
    let first = text(&items[0]["handle"]);
    ann.run(&["resolve", first, "--write", "both"]);
    let refused = ann.fails(&["resolve", first, "--write", "again"], Exit::Rejected);
    assert_eq!(refused["error"]["kind"], "rejected");
    assert_eq!(ann.conflicts()[0]["id"], items[1]["id"]);
}

#[test]
fn copies_of_one_home_lose_nothing_and_accuse_nobody() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "Before"]);
    ann.offline(&["task", "add", "Unsent"]);
    let copy = ann.copy();
    ann.offline(&["task", "add", "From the original"]);
    copy.offline(&["task", "add", "From the copy"]);
    sync_all(&[&ann, &copy, &bob]);
    ann.run(&["task", "add", "Original again"]);
    copy.run(&["task", "add", "Copy again"]);
    sync_all(&[&ann, &copy, &bob]);

    let mut names = bob.names();
    names.sort();
    let expected = [
        "Before",
        "Copy again",
        "From the copy",
        "From the original",
        "Original again",
        "Unsent",
    ];
    assert_eq!(names, expected);
    let heads = [&ann, &copy, &bob].map(|home| home.run(&["plan", "list"])["heads"].clone());
    assert_eq!(heads[0], heads[1]);
    assert_eq!(heads[0], heads[2]);
    for home in [&ann, &copy, &bob] {
        assert_eq!(home.run(&["status"])["quarantined"], 0);
    }
}

#[test]
fn an_old_copy_put_back_in_place_of_a_home_goes_on() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "First"]);
    let backup = ann.copy();
    ann.run(&["task", "add", "After the backup"]);
    drop(ann);
    backup.run(&["task", "add", "From the backup"]);
    sync_all(&[&backup, &bob]);
    assert_agree(&[&backup, &bob], bob.conflicts().len());
    let mut names = bob.names();
    names.sort();
    assert_eq!(names, ["After the backup", "First", "From the backup"]);
}

#[test]
fn an_edit_without_the_relay_is_kept_and_goes_out_later() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let relay = relay.stop();
    let added = ann.fails(&["task", "add", "Kept"], Exit::Unavailable);
    assert_eq!(added["sync"]["state"], "unavailable");
    assert_eq!(added["sync"]["pending"], 1);
    assert_eq!(ann.run(&["status"])["pending"], 1);
    ann.fails(&["sync"], Exit::Unavailable);
    let _relay = relay.start_again();
    sync_all(&[&ann, &bob]);
    assert_eq!(bob.names(), ["Kept"]);
    assert_eq!(ann.run(&["status"])["pending"], 0);
}

#[test]
fn a_home_that_never_reached_its_relay_can_be_begun_again() {
    let home = Home::empty();
    // The port of a relay that is gone: nobody listens there.
    let url = Relay::start().stop().url().to_owned();
    let create = |url: &str| {
        [
            "venture", "create", "V", "--relay", url, "--party", "P", "--member", "M",
        ]
        .map(str::to_owned)
    };
    let refused = home.fails(
        &create(&url).each_ref().map(String::as_str),
        Exit::Unavailable,
    );
    assert_eq!(refused["error"]["kind"], "unavailable");
    let relay = Relay::start();
    home.run(&create(relay.url()).each_ref().map(String::as_str));
    home.fails(
        &create(relay.url()).each_ref().map(String::as_str),
        Exit::Store,
    );
}

#[test]
fn an_invite_is_used_once() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let link = invite(&ann, "Beta");
    let [bob, eve] = [Home::empty(), Home::empty()];
    bob.run(&["join", &link, "--member", "Bob"]);
    eve.fails(&["join", &link, "--member", "Eve"], Exit::Rejected);
    ann.run(&["sync"]);
    let members = ann.run(&["member", "list"]);
    let mut parties = members["parties"].as_array().unwrap().iter();
    let beta = parties.find(|party| party["name"] == "Beta").unwrap();
    assert_eq!(beta["members"][0]["name"], "Bob");
    assert_eq!(beta["members"][0]["unconfirmed"], true);
    assert_eq!(beta["members"].as_array().unwrap().len(), 1);
}

#[test]
fn a_viewer_reads_and_does_not_edit() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&["task", "add", "Survey"]);
    let made = ann.run(&["invite", "--party", "Beta", "--role", "viewer"]);
    let eve = Home::empty();
    eve.run(&["join", text(&made["link"]), "--member", "Eve"]);
    assert_eq!(eve.names(), ["Survey"]);
    eve.fails(&["task", "add", "Mine"], Exit::Rejected);
    eve.fails(
        &["invite", "--party", "Beta", "--role", "pmo"],
        Exit::Rejected,
    );
    assert_eq!(eve.names(), ["Survey"]);
}

#[test]
fn nonsense_is_refused_with_its_own_exit_code_and_changes_nothing() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&["task", "add", "Survey"]);
    let before = ann.run(&["plan", "list"]);
    let code = ann.code_of("Survey");
    let code = code.as_str();
    for (arguments, exit) in [
        (&["task", "set", "X-T9", "name=a"][..], Exit::Rejected),
        (&["task", "set", code, "name="], Exit::Rejected),
        (&["task", "set", code, "name=a", "percent=200"], Exit::Usage),
        (
            &[
                "task",
                "set",
                code,
                "duration=3d",
                "accountable=\u{5}",
                "name=",
            ],
            Exit::Rejected,
        ),
        (&["task", "link", code, code], Exit::Rejected),
        (&["task", "move", code, "--under", code], Exit::Rejected),
        (&["task", "restore", code], Exit::Rejected),
        (&["resolve", "ffff", "--keep"], Exit::Rejected),
        (&["plan", "import", "/nowhere/plan.xml"], Exit::Usage),
        (
            &["join", "http://relay.example/#invite=AAAA", "--member", "M"],
            Exit::Usage,
        ),
        (&["recovery", "use", "/nowhere/file"], Exit::Usage),
        (&["device", "join", "0000-0000"], Exit::Usage),
        (&["member", "remove", "Nobody"], Exit::Rejected),
        (
            &["member", "revoke", "Ann", "pmo,partner-manager"],
            Exit::Rejected,
        ),
        (&["party", "interests", "Alpha=99"], Exit::Usage),
        (&["party", "interests", "Alpha=a"], Exit::Usage),
        (&["proposal", "approve", "abcd"], Exit::Rejected),
        (&["late", "take", "abcd"], Exit::Rejected),
        (
            &["relay", "follow", "http://relay.example/#move=AAAA"],
            Exit::Rejected,
        ),
    ] {
        ann.fails(arguments, exit);
    }
    Home::empty().fails(&["status"], Exit::Store);
    let bomb = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        bomb.path(),
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    )
    .unwrap();
    ann.fails(
        &["plan", "import", bomb.path().to_str().unwrap()],
        Exit::Rejected,
    );
    assert_eq!(ann.run(&["plan", "list"]), before);
}

#[test]
fn a_command_line_that_does_not_parse_is_answered_in_json_too() {
    let home = Home::empty();
    for arguments in [
        &["task", "set"][..],
        &["nonsense"],
        &["status", "--patience", "soon"],
        &["task", "add", "A", "--unknown"],
    ] {
        let refused = home.fails(arguments, Exit::Usage);
        assert_eq!(refused["error"]["kind"], "usage");
        assert_eq!(refused["error"]["code"], 2);
        let said = text(&refused["error"]["message"]);
        assert!(said.contains("try '--help'"), "{said}");
    }
    assert!(home.says(&["--json", "--help"]).contains("Exit codes:"));
}

#[test]
fn who_asks_for_codes_too_often_is_told_to_wait() {
    let [relay, other] = [Relay::start(), Relay::start()];
    let code = founder(&relay).run(&["device", "add"]);
    let join = [
        "device",
        "join",
        text(&code["code"]),
        "--relay",
        other.url(),
    ];
    let stranger = Home::empty();
    // A relay answers twenty at once, and one every two seconds after that.
    for _ in 0..100 {
        let told: Value = serde_json::from_str(&stranger.tells(&join)).unwrap();
        let message = text(&told["error"]["message"]);
        if told["error"]["code"] == Exit::Unavailable as i32 {
            assert!(message.contains("too often"), "{message}");
            return;
        }
        assert_eq!(told["error"]["code"], Exit::Rejected as i32, "{message}");
    }
    panic!("it was never too often");
}

#[test]
fn one_home_serves_one_process_at_a_time_and_watch_ends_when_asked() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let mut watch = ann.watch();
    watch.wait_for(|event| event["event"] == "status" && event["settled"] == true);
    let occupied = ann.fails(&["status"], Exit::Store);
    assert_eq!(occupied["error"]["code"], 6);
    bob.run(&["task", "add", "Seen at once"]);
    watch.wait_for(|event| event["tasks"][0]["name"] == "Seen at once");
    watch.end();
    assert_eq!(ann.names(), ["Seen at once"]);
}

#[test]
fn texts_come_in_the_language_that_is_asked_for() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let said = ann.says(&["--lang", "zh-CN", "sync"]);
    assert_eq!(said.trim(), "全部编辑已确认");
    let said = ann.says(&["--lang", "en", "sync"]);
    assert_eq!(said.trim(), "All edits acknowledged");
}

/// Ann of party Alpha, who founded a venture.
fn founder(relay: &Relay) -> Home {
    founder_at(relay.url())
}

/// The same, at the relay of that address.
fn founder_at(relay: &str) -> Home {
    let home = Home::empty();
    home.run(&[
        "venture", "create", "Bridge", "--relay", relay, "--party", "Alpha", "--code", "A",
        "--member", "Ann",
    ]);
    home
}

/// Ann of party Alpha and Bob of party Beta, both of whom edit the plan.
fn two_parties(relay: &Relay) -> (Home, Home) {
    two_parties_at(relay.url())
}

/// The same, at the relay of that address.
fn two_parties_at(relay: &str) -> (Home, Home) {
    let ann = founder_at(relay);
    let bob = Home::empty();
    bob.run(&["join", &invite(&ann, "Beta"), "--member", "Bob"]);
    (ann, bob)
}

fn invite(manager: &Home, party: &str) -> String {
    let made = manager.run(&["invite", "--party", party, "--role", "pmo,partner-manager"]);
    text(&made["link"]).to_owned()
}

/// Syncs each, and each again so that the first ones read what the last ones sent; answers with the first round's.
fn sync_all(homes: &[&Home]) -> Vec<Value> {
    let first = homes.iter().map(|home| home.run(&["sync"])).collect();
    for home in homes {
        home.run(&["sync"]);
    }
    first
}

/// Equal plans with equal heads, and merge reviews that list the same items.
fn assert_agree(homes: &[&Home], conflicts: usize) {
    let seen = homes.iter().map(|home| {
        let ids: Vec<_> = home
            .conflicts()
            .iter()
            .map(|item| item["id"].clone())
            .collect();
        (home.run(&["plan", "list"]), ids)
    });
    let seen: Vec<_> = seen.collect();
    assert_eq!(seen[0].1.len(), conflicts);
    for other in &seen[1..] {
        assert_eq!(seen[0], *other);
    }
}

fn of_type<'a>(items: &'a [Value], kind: &str) -> &'a Value {
    let found = items.iter().find(|item| item["type"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {items:?}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn plan_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), PLAN).unwrap();
    file
}

fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
