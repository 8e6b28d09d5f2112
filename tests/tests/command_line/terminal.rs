//! What is drawn on a terminal while something takes long, and that nothing is drawn elsewhere.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::founder;
use super::home::Home;
use super::relay::Relay;

#[test]
fn a_long_import_draws_a_bar_on_a_terminal_and_nowhere_else() {
    let relay = Relay::start();
    let ann = founder(&relay);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), plan_of(1_000)).unwrap();
    let import = |option| {
        let path = file.path().to_str().unwrap();
        ["--offline", option, "plan", "import", path]
    };
    let drawn = drawn_by(&ann, &import("--lang=en"));
    let begins = drawn.trim_start_matches(['\r', '\n']);
    assert!(begins.starts_with("Reading the file… ["), "{drawn:?}");
    let percents = drawn.split("] ").skip(1).filter_map(|rest| {
        let (percent, _) = rest.split_once('%')?;
        percent.trim().parse::<u32>().ok()
    });
    let percents: Vec<u32> = percents.collect();
    assert!(percents.iter().any(|it| (1..100).contains(it)), "{drawn:?}");
    assert!(percents.is_sorted(), "{percents:?}");

    assert_eq!(drawn_by(&ann, &import("--json")), "");
    let piped = ann.command(&import("--lang=en")).output().unwrap();
    assert!(piped.status.success(), "{piped:?}");
    for said in [piped.stdout, piped.stderr] {
        let said = String::from_utf8(said).unwrap();
        assert!(!said.contains(['%', '\r', '\u{1b}']), "{said:?}");
    }
}

/// Runs a verb that must succeed; all that it draws on a terminal that stands for standard error.
fn drawn_by(home: &Home, arguments: &[&str]) -> String {
    let (mut terminal, end) = terminal();
    let mut command = home.command(arguments);
    command.env("TERM", "xterm").stdout(Stdio::null());
    let mut child = command.stderr(Stdio::from(end)).spawn().unwrap();
    // Then the child's is the last handle of that end, and reading ends with it.
    drop(command);
    let mut drawn = Vec::new();
    let mut piece = [0; 4096];
    // Linux tells that nobody holds the other end any more as an error.
    while let Ok(read @ 1..) = terminal.read(&mut piece) {
        drawn.extend_from_slice(&piece[..read]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(drawn).unwrap()
}

/// A terminal of 100 columns: where what is drawn can be read, and the end that programs draw on.
fn terminal() -> (File, OwnedFd) {
    let reader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&reader).unwrap();
    unlockpt(&reader).unwrap();
    let name = ptsname(&reader, Vec::new()).unwrap();
    let end = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&end, size).unwrap();
    (reader.into(), end)
}

/// A plan of that many tasks as Microsoft Project writes it, with a kilobyte of notes each.
fn plan_of(tasks: usize) -> String {
    let notes = "Bored piles. ".repeat(80);
    let task = |uid| {
        format!(
            "<Task><UID>{uid}</UID><Name>Section {uid}</Name><OutlineLevel>1</OutlineLevel><Notes>{notes}</Notes></Task>\n"
        )
    };
    let tasks: String = (1..=tasks).map(task).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Project xmlns="http://schemas.microsoft.com/project">
<GUID>0B6E1B0C-52F4-4E1C-8D5E-3A1F7C2B9D11</GUID><Title>Long</Title>
<Tasks>{tasks}</Tasks></Project>"#
    )
}
