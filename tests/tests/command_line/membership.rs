//! Who belongs to a venture, from the command line: removed, invited again, added, revoked, agreed upon.

use serde_json::Value;

use super::home::{Exit, Home};
use super::relay::Relay;
use super::{founder, invite, sync_all, text, two_parties};

#[test]
fn edits_of_a_member_removed_while_offline_are_exported_and_taken_in_and_they_come_back() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let [bob, carl] = [Home::empty(), Home::empty()];
    join(&ann, &bob, "Alpha", "pmo", "Bob");
    carl.run(&["join", &invite(&ann, "Beta"), "--member", "Carl"]);
    ann.run(&["task", "add", "Before"]);
    sync_all(&[&ann, &bob, &carl]);

    bob.offline(&["task", "add", "While offline"]);
    let removed = ann.run(&["member", "remove", "Bob"]);
    assert_eq!(removed["state"], "done");
    ann.run(&["key", "rotate", "plan"]);
    ann.run(&["task", "add", "After"]);

    let told = bob.fails(&["sync"], Exit::Removed);
    let told = text(&told["sync"]["reason"]).to_owned();
    assert!(told.contains("Ann (Alpha)"), "{told}");
    assert!(told.contains("late export"), "{told}");
    let refused = bob.fails(&["task", "add", "More"], Exit::Removed);
    assert_eq!(refused["error"]["code"], 7);
    bob.fails(&["member", "remove", "Ann"], Exit::Removed);
    assert_eq!(bob.names(), ["Before", "While offline"]);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.heqi");
    let exported = bob.run(&["late", "export", file.to_str().unwrap()]);
    assert_eq!(exported["edits"], 1);
    ann.run(&["late", "take", file.to_str().unwrap()]);
    carl.run(&["sync"]);
    for home in [&ann, &carl] {
        assert_eq!(sorted(home.names()), ["After", "Before", "While offline"]);
    }

    let back = Home::empty();
    join(&ann, &back, "Alpha", "pmo", "Bob");
    assert_eq!(sorted(back.names()), ["After", "Before", "While offline"]);
    back.run(&["task", "add", "Again"]);
    carl.run(&["sync"]);
    assert!(carl.names().contains(&"Again".to_owned()));
    let log = carl.run(&["charter", "log"]);
    let kinds: Vec<_> = list(&log["entries"])
        .iter()
        .map(|entry| text(&entry["type"]))
        .collect();
    for kind in ["founded", "removed", "keys-given", "taken-in", "joined"] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
}

#[test]
fn a_document_goes_on_in_its_next_generation_with_what_was_written_offline_for_the_last() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "Before"]);
    sync_all(&[&bob, &ann]);
    bob.offline(&["task", "add", "For the last"]);
    let begun = ann.run(&["document", "new-generation", "plan"]);
    assert_eq!(begun["state"], "done");
    ann.run(&["task", "add", "For the next"]);
    sync_all(&[&bob, &ann, &bob]);
    for home in [&ann, &bob] {
        let names = sorted(home.names());
        assert_eq!(names, ["Before", "For the last", "For the next"]);
        let plan = document(home, "plan");
        assert_eq!(plan["generation"], 1);
        let log = home.run(&["charter", "log"]);
        let begun = |entry: &&Value| entry["type"] == "generation-begun";
        assert_eq!(list(&log["entries"]).iter().filter(begun).count(), 1);
    }
    assert_eq!(document(&ann, "risk")["generation"], 0);
    let fresh = Home::empty();
    join(&ann, &fresh, "Alpha", "pmo", "Cho");
    assert_eq!(fresh.names().len(), 3);

    let id = text(&document(&ann, "plan")["id"]).to_owned();
    let kept = ann.fails(&["document", "delete", &id], Exit::Rejected);
    let said = text(&kept["error"]["message"]);
    assert!(said.contains("cannot be deleted"), "{said}");
    fresh.fails(&["document", "new-generation", "plan"], Exit::Rejected);
    let unknown = ann.fails(&["document", "delete", "0000"], Exit::Rejected);
    let said = text(&unknown["error"]["message"]);
    assert!(said.contains("heqi document list"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    ann.run(&["export", archive.to_str().unwrap()]);
    ann.run(&["verify", archive.to_str().unwrap()]);
}

fn document(home: &Home, space: &str) -> Value {
    let listed = home.run(&["document", "list"]);
    let mut documents = list(&listed["documents"]).iter();
    documents.find(|it| it["space"] == space).unwrap().clone()
}

#[test]
fn a_party_whose_managers_are_gone_gets_one_by_the_others_decision() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let carl = Home::empty();
    carl.run(&["join", &invite(&ann, "Gamma"), "--member", "Carl"]);
    sync_all(&[&ann, &bob]);
    let dan = Home::empty();
    join(&carl, &dan, "Gamma", "pmo", "Dan");
    let gamma = ["invite", "--party", "Gamma", "--role", "partner-manager"];
    let kept = ann.fails(&gamma, Exit::Rejected);
    assert!(text(&kept["error"]["message"]).contains("manager of its own"));
    carl.run(&["member", "remove", "Carl"]);
    sync_all(&[&ann, &bob, &dan]);

    let parties = ann.run(&["party", "list"]);
    let left = list(&parties["parties"])
        .iter()
        .find(|it| it["name"] == "Gamma");
    assert_eq!(left.unwrap()["has_manager"], false);
    ann.fails(&gamma, Exit::Rejected);
    let proposed = ann.run(&["party", "repair", "Gamma"]);
    let proposal = text(&proposed["proposal"]).to_owned();
    bob.run(&["sync"]);
    bob.run(&["proposal", "approve", &proposal]);
    ann.run(&["sync"]);
    let link = ann.run(&gamma);
    let eve = Home::empty();
    eve.run(&["join", text(&link["link"]), "--member", "Eve"]);
    sync_all(&[&ann, &bob, &dan]);
    let parties = dan.run(&["party", "list"]);
    let mended = list(&parties["parties"])
        .iter()
        .find(|it| it["name"] == "Gamma");
    assert_eq!(mended.unwrap()["has_manager"], true);
    // It looks after itself again, and has what its old manager could read.
    let over = ann.fails(&gamma, Exit::Rejected);
    assert!(text(&over["error"]["message"]).contains("manager of its own"));
    eve.run(&["member", "grant", "Dan", "partner-manager"]);
    dan.run(&["task", "add", "Goes on"]);
    sync_all(&[&eve, &bob]);
    assert_eq!(bob.names(), ["Goes on"]);
}

#[test]
fn a_second_device_comes_by_a_typed_code_once_and_is_revoked() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "Survey"]);
    let code = ann.run(&["device", "add"]);
    let typed = text(&code["code"]);
    let phone = Home::empty();
    phone.fails(&["device", "join", typed], Exit::Usage);
    phone.run(&["device", "join", typed, "--relay", relay.url()]);
    assert_eq!(phone.names(), ["Survey"]);
    phone.run(&["task", "add", "From the phone"]);
    sync_all(&[&ann, &bob]);
    assert!(bob.names().contains(&"From the phone".to_owned()));
    let spent = Home::empty();
    spent.fails(
        &["device", "join", typed, "--relay", relay.url()],
        Exit::Rejected,
    );

    let devices = ann.run(&["device", "list"]);
    let mine = list(&devices["devices"])
        .iter()
        .filter(|it| it["member"] == "Ann");
    assert_eq!(mine.count(), 2);
    let unclear = ann.fails(&["device", "revoke", "Ann"], Exit::Rejected);
    assert!(text(&unclear["error"]["message"]).contains("Ann ("));
    ann.run(&["device", "revoke", "Ann/2"]);
    phone.fails(&["sync"], Exit::Removed);
    ann.run(&["task", "add", "Not for the phone"]);
    phone.fails(&["sync"], Exit::Removed);
    assert!(!phone.names().contains(&"Not for the phone".to_owned()));

    let link = ann.run(&["device", "add"]);
    let tablet = Home::empty();
    tablet.run(&["device", "join", text(&link["link"])]);
    assert_eq!(tablet.names().len(), 3);
}

#[test]
fn a_recovery_kit_brings_a_member_back_twice_and_a_new_one_takes_its_place() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&["task", "add", "Survey"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ann.heqi");
    let kit = ann.run(&["recovery", "make", file.to_str().unwrap()]);
    ann.fails(&["recovery", "make", file.to_str().unwrap()], Exit::Usage);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let [by_file, by_words, by_characters] = [Home::empty(), Home::empty(), Home::empty()];
    let back = by_file.run(&["recovery", "use", file.to_str().unwrap()]);
    assert_eq!(
        (&back["venture"], &back["tasks"]),
        (&"Bridge".into(), &1.into())
    );
    by_file.run(&["task", "add", "Permits"]);
    recover(&by_words, text(&kit["words"]), &relay);
    recover(&by_characters, text(&kit["words_zh"]), &relay);
    assert_eq!(by_words.names(), ["Survey", "Permits"]);
    ann.run(&["sync"]);
    assert_eq!(ann.names(), ["Survey", "Permits"]);

    let newer = folder.path().join("newer.heqi");
    ann.run(&["recovery", "make", newer.to_str().unwrap()]);
    let late = Home::empty();
    late.fails(&["recovery", "use", file.to_str().unwrap()], Exit::Rejected);
    late.run(&["recovery", "use", newer.to_str().unwrap()]);
}

#[test]
fn words_of_a_kit_take_the_place_of_an_older_kit_once_somebody_has_written_them_down() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&["task", "add", "Survey"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ann.heqi");
    let file = file.to_str().unwrap();
    let first = ann.run(&["recovery", "make", file]);
    assert_eq!(first["kept"], true);
    let second = ann.run(&["recovery", "make"]);
    assert_eq!(second["kept"], false);
    let said = ann.says(&["recovery", "make"]);
    assert!(said.contains("heqi recovery keep "), "{said}");
    Home::empty().run(&["recovery", "use", file]);

    let listed = ann.run(&["invite", "list"]);
    let unconfirmed = |kit: &Value| kit["unconfirmed"] == true && kit["made_ms"].is_u64();
    let kits = list(&listed["offers"]);
    assert_eq!(kits.len(), 3);
    assert_eq!(kits.iter().filter(|kit| unconfirmed(kit)).count(), 2);
    let said = ann.says(&["invite", "list"]);
    assert!(said.contains("nobody has said that they have it"), "{said}");

    let id = &text(&second["id"])[..8];
    let said = ann.says(&["--offline", "recovery", "keep", id]);
    assert!(said.contains("still bring people back"), "{said}");
    Home::empty().run(&["recovery", "use", file]);
    let said = ann.says(&["recovery", "keep", id]);
    assert!(said.contains("bring nobody back any more"), "{said}");
    Home::empty().fails(&["recovery", "use", file], Exit::Rejected);
    let tablet = Home::empty();
    recover(&tablet, text(&second["words"]), &relay);
    assert_eq!(tablet.names(), ["Survey"]);
    // The newest, which nobody has, is taken back by hand.
    let listed = ann.run(&["invite", "list"]);
    let kits = list(&listed["offers"]);
    let newest = kits.iter().find(|kit| unconfirmed(kit)).unwrap();
    ann.run(&["invite", "revoke", text(&newest["id"])]);
    ann.fails(&["recovery", "keep", text(&newest["id"])], Exit::Rejected);
    let left = ann.run(&["invite", "list"]);
    assert_eq!(list(&left["offers"]).len(), 1);
}

#[test]
fn edits_where_their_author_may_not_write_any_more_are_exported_and_let_go_of() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let bob = Home::empty();
    join(&ann, &bob, "Alpha", "pmo", "Bob");
    bob.run(&["task", "add", "Sent"]);
    let nothing = bob.run(&["late", "let-go"]);
    assert_eq!(nothing["edits"], 0);
    bob.offline(&["task", "add", "Unsent"]);
    ann.run(&["sync"]);
    ann.run(&["member", "grant", "Bob", "viewer"]);
    ann.run(&["member", "revoke", "Bob", "pmo"]);

    let told = bob.fails(&["sync"], Exit::Rejected);
    assert!(text(&told["sync"]["reason"]).contains("heqi late let-go"));
    assert_eq!(told["sync"]["pending"], 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.heqi");
    let exported = bob.run(&["late", "export", file.to_str().unwrap()]);
    assert_eq!(exported["edits"], 1);
    assert_eq!(sorted(bob.names()), ["Sent", "Unsent"]);
    let gone = bob.run(&["late", "let-go"]);
    assert_eq!(gone["edits"], 1);
    assert_eq!(bob.names(), ["Sent"]);
    let synced = bob.run(&["sync"]);
    assert_eq!(synced["sync"]["pending"], 0);
    assert_eq!(bob.names(), ["Sent"]);
    ann.run(&["late", "take", file.to_str().unwrap()]);
    bob.run(&["sync"]);
    for home in [&ann, &bob] {
        assert_eq!(sorted(home.names()), ["Sent", "Unsent"]);
    }
}

#[test]
fn a_change_of_roles_cuts_off_finance_and_nobody_else_ever_reads_it() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let [bob, eve] = [Home::empty(), Home::empty()];
    join(&ann, &bob, "Alpha", "finance", "Bob");
    join(&ann, &eve, "Beta", "viewer", "Eve");
    bob.run(&["task", "add", "Cash call", "--space", "finance"]);
    ann.run(&["sync"]);
    assert_eq!(in_space(&ann, "finance"), ["Cash call"]);
    eve.fails(&["plan", "list", "--space", "finance"], Exit::Rejected);

    ann.run(&["member", "grant", "Bob", "viewer"]);
    let after = ann.run(&["member", "revoke", "Bob", "finance"]);
    assert_eq!(after["member"]["roles"], serde_json::json!(["viewer"]));
    bob.run(&["sync"]);
    bob.fails(
        &["task", "add", "Mine", "--space", "finance"],
        Exit::Rejected,
    );
    let carl = Home::empty();
    join(&ann, &carl, "Alpha", "finance", "Carl");
    carl.run(&["task", "add", "Guarantee", "--space", "finance"]);
    sync_all(&[&ann, &bob]);
    assert_eq!(in_space(&ann, "finance"), ["Cash call", "Guarantee"]);
    let seen = bob.tells(&["plan", "list", "--space", "finance"]);
    assert!(!seen.contains("Guarantee"), "{seen}");
}

#[test]
fn a_private_space_is_its_own_partys_alone() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let al = Home::empty();
    join(&ann, &al, "Alpha", "pmo", "Al");
    ann.run(&["task", "add", "Margin", "--space", "private"]);
    bob.run(&["task", "add", "Reserve", "--space", "private"]);
    sync_all(&[&al, &bob]);
    assert_eq!(in_space(&al, "private"), ["Margin"]);
    assert_eq!(in_space(&bob, "private"), ["Reserve"]);
    assert!(al.names().is_empty());
}

#[test]
fn what_concerns_both_parties_takes_effect_when_both_have_agreed() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let day = "2026-01-01";
    let put = ann.run(&["party", "interests", "Alpha=60", "Beta=40", "--from", day]);
    assert_eq!(put["state"], "proposed");
    let id = text(&put["proposal"]).to_owned();
    assert_eq!(interests(&ann), [Value::Null, Value::Null]);
    bob.run(&["sync"]);
    let waiting = bob.run(&["proposal", "list"]);
    assert_eq!(waiting["proposals"][0]["type"], "interests");
    bob.run(&["proposal", "approve", &id[..8]]);
    ann.run(&["sync"]);
    for home in [&ann, &bob] {
        let shares: [Value; 2] = [6000.into(), 4000.into()];
        assert_eq!(interests(home), shares);
    }

    let grant = ["--read", "finance,viewer", "--write", "finance"];
    let put = bob.run(&[&["access", "set", "finance"], &grant[..]].concat());
    assert_eq!(put["state"], "proposed");
    ann.run(&["sync"]);
    ann.run(&["proposal", "decline", text(&put["proposal"])]);
    bob.run(&["sync"]);
    assert_eq!(reads(&bob, "finance", "Alpha").len(), 4);
    let put = bob.run(&["access", "set", "risk", "--read", "pmo", "--write", "none"]);
    ann.run(&["sync"]);
    ann.run(&["proposal", "approve", text(&put["proposal"])]);
    sync_all(&[&bob, &ann]);
    for home in [&ann, &bob] {
        assert_eq!(reads(home, "risk", "Beta"), ["pmo"]);
    }
    let own = ["--party", "Beta", "--read", "pmo", "--write", "none"];
    let narrowed = bob.run(&[&["access", "set", "contracts"], &own[..]].concat());
    assert_eq!(narrowed["state"], "done");
    assert_eq!(reads(&bob, "contracts", "Beta"), ["pmo"]);
}

#[test]
fn a_party_is_removed_by_the_word_of_most_others_and_one_leaves_by_its_own() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let carl = Home::empty();
    carl.run(&["join", &invite(&ann, "Gamma"), "--member", "Carl"]);
    let put = ann.run(&["party", "remove", "Beta"]);
    assert_eq!(put["state"], "proposed");
    carl.run(&["sync"]);
    carl.run(&["party", "remove", "Beta"]);
    sync_all(&[&ann, &carl]);
    bob.fails(&["sync"], Exit::Removed);
    let left = carl.run(&["party", "remove", "Gamma"]);
    assert_eq!(left["state"], "done");
    let said =
        text(&carl.fails(&["task", "add", "x"], Exit::Removed)["error"]["message"]).to_owned();
    assert!(said.starts_with("You have left"), "{said}");
    ann.run(&["sync"]);
    let parties = ann.run(&["party", "list"]);
    let removed = list(&parties["parties"])
        .iter()
        .filter(|party| party["removed"] == true);
    assert_eq!(removed.count(), 2);
    ann.run(&["task", "add", "Alone"]);
}

#[test]
fn words_are_compared_and_the_whole_charter_is_verified() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let unconfirmed = |home: &Home| {
        let members = home.run(&["member", "list"]);
        list(&members["parties"])
            .iter()
            .flat_map(|party| list(&party["members"]).iter())
            .any(|member| member["name"] == "Bob" && member["unconfirmed"] == true)
    };
    ann.run(&["sync"]);
    assert!(unconfirmed(&ann));
    ann.fails(&["member", "confirm", "Bob"], Exit::Rejected);
    let confirmed = ann.run(&["member", "confirm", "Beta:bob", "--yes"]);
    assert_eq!(text(&confirmed["words"]).split(' ').count(), 6);
    sync_all(&[&bob, &ann]);
    assert!(!unconfirmed(&ann) && !unconfirmed(&bob));

    let [here, there] = [&ann, &bob].map(|home| home.run(&["charter", "verify"]));
    assert_eq!(
        (&here["valid"], &there["valid"]),
        (&true.into(), &true.into())
    );
    assert_eq!(here["words"], there["words"]);
    let [here, there] = [&ann, &bob].map(|home| home.run(&["security"]));
    assert_eq!(here["charter_words"], there["charter_words"]);
    assert!(list(&here["alarms"]).is_empty());
}

#[test]
fn an_invite_and_a_code_are_listed_and_taken_back() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let link = invite(&ann, "Beta");
    ann.run(&["device", "add"]);
    let pending = ann.run(&["invite", "list"]);
    assert_eq!(list(&pending["invites"]).len(), 1);
    ann.run(&["invite", "revoke", "Beta"]);
    ann.run(&["invite", "revoke", &text(&pending["offers"][0]["id"])[..8]]);
    let pending = ann.run(&["invite", "list"]);
    assert!(list(&pending["invites"]).is_empty() && list(&pending["offers"]).is_empty());
    let refused = Home::empty().fails(&["join", &link, "--member", "Eve"], Exit::Rejected);
    let said = text(&refused["error"]["message"]);
    assert!(said.contains("it was taken back"), "{said}");
}

#[test]
fn what_is_asked_of_the_charter_offline_is_done_with_the_next_sync() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let kept = ann.offline(&["member", "grant", "Ann", "legal"]);
    assert_eq!(kept["state"], "kept");
    sync_all(&[&ann, &bob]);
    let members = bob.run(&["member", "list"]);
    let mut parties = list(&members["parties"]).iter();
    let alpha = parties.find(|party| party["name"] == "Alpha").unwrap();
    let roles = list(&alpha["members"][0]["roles"]);
    assert!(roles.contains(&"legal".into()), "{roles:?}");
    ann.fails(&["--offline", "device", "add"], Exit::Usage);
}

/// Lets somebody into a party.
#[test]
fn a_member_whose_roles_do_not_read_the_plan_is_told_which_do_and_whom_to_ask() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&[
        "access",
        "set",
        "plan",
        "--read",
        "pmo,finance",
        "--write",
        "pmo",
    ]);
    let carl = Home::empty();
    let made = ann.run(&["invite", "--party", "Alpha", "--role", "legal"]);
    carl.run(&["join", text(&made["link"]), "--member", "Carl"]);
    for verb in [&["plan", "list"][..], &["task", "add", "x"], &["conflicts"]] {
        let told = carl.fails(verb, Exit::Rejected);
        assert_eq!(
            text(&told["error"]["message"]),
            "Your roles (Legal) do not read “Plan”; read by: PMO, Finance. Ask a partner manager of your party: Ann."
        );
    }
    carl.run(&["member", "list"]);
    ann.run(&["sync"]);
    ann.run(&["member", "grant", "Carl", "finance"]);
    ann.run(&["task", "add", "Survey"]);
    carl.run(&["sync"]);
    assert_eq!(carl.names(), ["Survey"]);
}

#[test]
fn a_sealed_recovery_kit_opens_with_its_passphrase_alone() {
    let relay = Relay::start();
    let ann = founder(&relay);
    ann.run(&["task", "add", "Survey"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ann.heqi");
    let file = file.to_str().unwrap();
    let make = ["recovery", "make", file, "--passphrase"];
    let none = ann.typed(&make, "", 2);
    assert!(text(&none["error"]["message"]).contains("No passphrase"));
    let kit = ann.typed(&make, "tide mill 7", 0);
    assert_eq!(kit["sealed"], true);
    let bytes = std::fs::read(file).unwrap();
    assert!(bytes.starts_with(b"heqi sealed "));

    let phone = Home::empty();
    let needed = phone.typed(&["recovery", "use", file], "", 3);
    assert!(text(&needed["error"]["message"]).contains("sealed"));
    let wrong = phone.typed(&["recovery", "use", file], "tide mill 8", 3);
    assert!(text(&wrong["error"]["message"]).contains("does not open the file"));
    phone.typed(&["recovery", "use", file], "tide mill 7", 0);
    assert_eq!(phone.names(), ["Survey"]);
    // The words are not sealed.
    let tablet = Home::empty();
    recover(&tablet, text(&kit["words"]), &relay);
    assert_eq!(tablet.names(), ["Survey"]);
}

fn join(manager: &Home, home: &Home, party: &str, roles: &str, name: &str) {
    let made = manager.run(&["invite", "--party", party, "--role", roles]);
    home.run(&["join", text(&made["link"]), "--member", name]);
}

fn recover(home: &Home, words: &str, relay: &Relay) {
    let words: Vec<&str> = words.split(' ').collect();
    let arguments = [&["recovery", "use"], &words[..], &["--relay", relay.url()]];
    home.run(&arguments.concat());
}

/// Names of the tasks of a space, in outline order.
fn in_space(home: &Home, space: &str) -> Vec<String> {
    let plan = home.run(&["plan", "list", "--space", space]);
    let tasks = list(&plan["tasks"]).iter();
    tasks.map(|task| text(&task["name"]).to_owned()).collect()
}

/// The participating interests of Alpha and Beta.
fn interests(home: &Home) -> [Value; 2] {
    let parties = home.run(&["party", "list"]);
    ["Alpha", "Beta"].map(|name| {
        let mut parties = list(&parties["parties"]).iter();
        let party = parties.find(|party| party["name"] == name).unwrap();
        party["interest_basis_points"].clone()
    })
}

/// The roles of a party that read a space.
fn reads(home: &Home, space: &str, party: &str) -> Vec<String> {
    let access = home.run(&["access", "list"]);
    let mut grants = list(&access["access"]).iter();
    let grant = grants.find(|it| it["space"] == space && it["party"] == party);
    let roles = list(&grant.unwrap()["read"]).iter();
    roles.map(|role| text(role).to_owned()).collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}
