//! A small plan as Microsoft Project writes it.

use std::io::Write as _;

/// Names of its tasks, in outline order.
pub(super) const TASKS: [&str; 5] = [
    "Survey",
    "Foundations",
    "Piles",
    "Caps",
    "Opened to traffic",
];

/// The plan as a file, removed with the value.
pub(super) fn file() -> tempfile::NamedTempFile {
    let levels = [1, 1, 2, 2, 1];
    let tasks: String = TASKS
        .iter()
        .zip(levels)
        .enumerate()
        .map(|(at, (name, level))| task(at + 1, name, level))
        .collect();
    let mut file = tempfile::Builder::new().suffix(".xml").tempfile().unwrap();
    file.write_all(project("01", &tasks).as_bytes()).unwrap();
    file
}

/// The text of a plan of that many tasks, ten below each summary.
pub(super) fn large(tasks: usize) -> String {
    let level = |uid: usize| if uid % 11 == 1 { 1 } else { 2 };
    let tasks: String = (1..=tasks)
        .map(|uid| task(uid, &format!("Section {uid}"), level(uid)))
        .collect();
    project("02", &tasks)
}

fn project(identity: &str, tasks: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Project xmlns="http://schemas.microsoft.com/project">
<GUID>5B0C2F66-7D10-4C4E-9C57-2D8B1C1E7A{identity}</GUID>
<Name>bridge.xml</Name><Title>Bridge</Title><CreationDate>2026-01-05T08:00:00</CreationDate>
<Tasks>{tasks}</Tasks>
</Project>"#
    )
}

fn task(uid: usize, name: &str, level: usize) -> String {
    let link = match uid {
        4 => "<PredecessorLink><PredecessorUID>3</PredecessorUID><Type>1</Type></PredecessorLink>",
        _ => "",
    };
    format!(
        "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name><OutlineLevel>{level}</OutlineLevel>\
         <Duration>PT16H0M0S</Duration><Start>2026-02-02T08:00:00</Start><Finish>2026-02-03T17:00:00</Finish>\
         {link}</Task>"
    )
}
