//! The commands of the README, run as they stand there.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::home::{Home, program};
use super::relay::Relay;
use super::{PLAN, text};

/// What stands in the block for what only a run tells.
const RELAY: &str = "http://localhost:8787";
const LINK: &str = "http://localhost:8787/#invite=…";
const CODE: &str = "7K2M-…";
const OTHER_RELAY: &str = "https://relay.example";

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    let (relay, other) = (Relay::start(), Relay::start());
    let user = tempfile::tempdir().unwrap();
    std::fs::write(user.path().join("sample.xml"), PLAN.replace(GUID, "")).unwrap();
    let carl = Home::empty();
    let mut link = String::new();
    let mut code = String::new();
    let mut last = String::new();
    let block = block();
    for line in block.lines().filter(|line| !line.is_empty()) {
        if line.contains("member remove Carl") {
            let ann = Home::at(&user.path().join("ann"));
            let made = ann.run(&["invite", "--party", "Ann Ltd", "--role", "pmo"]);
            carl.run(&["join", text(&made["link"]), "--member", "Carl"]);
            ann.run(&["sync"]);
        }
        let typed = line
            .replace(LINK, &link)
            .replace(CODE, &code)
            .replace(RELAY, relay.url())
            .replace(OTHER_RELAY, other.url());
        assert!(!typed.contains('…'), "nothing was said for {line:?}");
        let said = typed_by(user.path(), &typed);
        for word in said.split_whitespace() {
            if word.contains("/#invite=") {
                word.clone_into(&mut link);
            } else if is_code(word) {
                word.clone_into(&mut code);
            }
        }
        last = said;
    }
    // The last command has moved the venture, and printed how the others follow.
    let bob = Home::at(&user.path().join("bob"));
    bob.run(&["relay", "follow", last.split_whitespace().last().unwrap()]);
    bob.run(&["sync"]);
    let proposals = bob.run(&["proposal", "list"]);
    let interests = text(&proposals["proposals"][0]["id"]).to_owned();
    bob.run(&["proposal", "approve", &interests]);
    let ann = Home::at(&user.path().join("ann"));
    ann.run(&["sync"]);
    for home in [&ann, &bob] {
        assert_eq!(home.task_of("A-T001")["name"], "Bored piling");
        assert_eq!(home.tasks().len(), 5);
        let parties = home.run(&["party", "list"]);
        let mut parties = parties["parties"].as_array().unwrap().iter();
        let bobs = parties.find(|party| party["name"] == "Bob Ltd");
        assert_eq!(bobs.unwrap()["interest_basis_points"], 4_000);
    }
}

const GUID: &str = "<GUID>0B6E1B0C-52F4-4E1C-8D5E-3A1F7C2B9D10</GUID>";

/// The commands of the README's chapter on the command line.
fn block() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let chapter = readme.split("## Command line").nth(1).unwrap();
    let block = chapter.split("```").nth(1).unwrap();
    block.trim_start_matches("sh\n").to_owned()
}

/// What a shell of that user prints; it must succeed. Questions are answered with yes.
fn typed_by(user: &Path, line: &str) -> String {
    let bin = program("HEQI_CLI_BIN", "heqi");
    let mut path = bin.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(user);
    shell.env("HOME", user).env("PATH", path).env("LC_ALL", "C");
    shell.stdin(Stdio::piped());
    let mut child = shell
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Most ask nothing, and may have ended.
    let _ = writeln!(child.stdin.take().unwrap(), "y");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// True of a code as it is typed: seven groups of four.
fn is_code(word: &str) -> bool {
    let groups: Vec<&str> = word.split('-').collect();
    groups.len() == 7 && groups.iter().all(|group| group.len() == 4)
}
