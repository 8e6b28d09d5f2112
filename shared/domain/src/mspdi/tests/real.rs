//! Files that Microsoft Project wrote, held against a second, naive reading and against counts taken with another tool.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::plan::{Mode, TaskKind};

/// Name, tasks, links, baselines, calendars, milestones, deepest outline level; counted with Python's ElementTree.
const COUNTS: [(&str, [usize; 6]); 7] = [
    (
        "assignment-assignments-project2019-mspdi.xml",
        [3, 0, 0, 4, 0, 1],
    ),
    ("baselines.xml", [1, 0, 10, 3, 0, 1]),
    (
        "calendar-recurring-exceptions-project2016-mspdi.xml",
        [0, 0, 0, 1, 0, 0],
    ),
    ("mspdirelations.xml", [5, 4, 0, 1, 0, 1]),
    ("sample.xml", [19, 6, 0, 4, 1, 2]),
    (
        "task-baselines-project2019-mspdi.xml",
        [110, 0, 88, 1, 0, 1],
    ),
    ("task-links-project2019-mspdi.xml", [16, 8, 0, 1, 0, 1]),
];

/// The folder of the files, or `None` after saying so past the capture of test output.
fn folder() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("HEQI_DATA") else {
        let mut out = std::io::stderr();
        writeln!(
            out,
            "SKIPPED: real Microsoft Project files, for HEQI_DATA is unset"
        )
        .unwrap();
        return None;
    };
    Some(PathBuf::from(data).join("mspdi"))
}

fn files() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no file in {}", folder.display());
    files
}

/// A task as the naive reading finds it: texts by path below `Task`, in order.
type Row = Vec<(String, String)>;

/// Every task and the name of every calendar, by the path of elements and nothing else.
fn naive(bytes: &[u8]) -> (Vec<Row>, Vec<String>) {
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).unwrap());
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut rows, mut calendars) = (Vec::<String>::new(), Vec::new(), Vec::new());
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().into_inner().to_owned());
                text.clear();
                if path.join("/") == "Project/Tasks/Task" {
                    rows.push(Row::new());
                }
            }
            Event::Text(more) => text.push_str(&more),
            Event::CData(more) => text.push_str(&more),
            Event::End(_) => {
                let whole = path.join("/");
                if whole == "Project/Calendars/Calendar/Name" {
                    calendars.push(text.clone());
                }
                if let (Some(field), Some(row)) =
                    (whole.strip_prefix("Project/Tasks/Task/"), rows.last_mut())
                {
                    row.push((field.to_owned(), text.clone()));
                }
                text.clear();
                path.pop();
            }
            Event::Eof => return (rows, calendars),
            _ => {}
        }
    }
}

fn all<'a>(row: &'a Row, field: &str) -> Vec<&'a str> {
    let found = row.iter().filter(|(name, _)| name == field);
    found.map(|(_, text)| text.as_str()).collect()
}

fn first<'a>(row: &'a Row, field: &str) -> &'a str {
    all(row, field).first().copied().unwrap_or_default()
}

fn depth(plan: &ImportedPlan, task: &ImportedTask) -> usize {
    1 + task
        .parent
        .map_or(0, |parent| depth(plan, &plan.tasks[parent]))
}

#[test]
fn every_real_file_gives_the_counts_taken_with_another_tool() {
    let mut counted = BTreeMap::new();
    for (name, bytes) in files() {
        let plan = read(&bytes, &name).unwrap();
        let milestones = plan
            .tasks
            .iter()
            .filter(|t| t.kind == TaskKind::Milestone)
            .count();
        let levels = plan
            .tasks
            .iter()
            .map(|task| depth(&plan, task))
            .max()
            .unwrap_or(0);
        let report = &plan.report;
        let counts = [
            report.tasks,
            report.links,
            report.baselines,
            report.calendars,
            milestones,
            levels,
        ];
        counted.insert(name, counts);
    }
    if !counted.is_empty() {
        let expected = COUNTS.map(|(name, counts)| (name.to_owned(), counts));
        assert_eq!(counted, BTreeMap::from(expected));
    }
}

#[test]
fn every_real_file_agrees_task_by_task_with_a_naive_reading() {
    for (name, bytes) in files() {
        let plan = read(&bytes, &name).unwrap();
        let (rows, calendars) = naive(&bytes);
        assert_eq!(plan.calendars, calendars, "{name}");
        let rows: Vec<&Row> = rows
            .iter()
            .filter(|row| first(row, "OutlineLevel") != "0")
            .collect();
        assert_eq!(plan.tasks.len(), rows.len(), "{name}");
        for (task, row) in plan.tasks.iter().zip(&rows) {
            assert_eq!(task.uid.to_string(), first(row, "UID"));
            assert_eq!(task.name, first(row, "Name"));
            assert_eq!(task.wbs, first(row, "WBS"));
            assert_eq!(task.notes, first(row, "Notes"));
            assert_eq!(depth(&plan, task).to_string(), first(row, "OutlineLevel"));
            assert_eq!(task.percent.to_string(), first(row, "PercentComplete"));
            assert_eq!(task.start.as_ref().unwrap().as_str(), first(row, "Start"));
            assert_eq!(task.finish.as_ref().unwrap().as_str(), first(row, "Finish"));
            let (minutes, estimated) = task.duration.map(|d| (d.minutes, d.estimated)).unwrap();
            assert_eq!(
                format!("PT{}H{}M0S", minutes / 60, minutes % 60),
                first(row, "Duration")
            );
            assert_eq!(estimated, first(row, "Estimated") == "1");
            assert_eq!(task.mode == Mode::Manual, first(row, "Manual") == "1");
            assert_eq!(task.baselines as usize, all(row, "Baseline").len());
        }
        assert_links_agree(&plan, &rows);
    }
}

fn assert_links_agree(plan: &ImportedPlan, rows: &[&Row]) {
    let mut expected = Vec::new();
    for row in rows {
        let column = |field: &str| all(row, &format!("PredecessorLink/{field}"));
        let lags = column("LinkLag");
        let units = column("LagFormat");
        for (index, pred) in column("PredecessorUID").iter().enumerate() {
            let kind = ["FF", "FS", "SF", "SS"][column("Type")[index].parse::<usize>().unwrap()];
            let per_unit = if units[index] == "9" { 24_000 } else { 4800 };
            let sign = if units[index] == "9" { "w" } else { "d" };
            let amount = lags[index].parse::<i64>().unwrap() / per_unit;
            let lag = if amount == 0 {
                String::new()
            } else {
                format!("{amount:+}{sign}")
            };
            expected.push(format!("{pred} {kind} {} {lag}", first(row, "UID")));
        }
    }
    let read = plan.links.iter();
    let found: Vec<String> = read
        .map(|link| {
            format!(
                "{} {} {} {}",
                link.pred_uid, link.link_type, link.succ_uid, link.lag
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn real_files_are_read_alike_twice_and_are_different_sources() {
    let files = files();
    let mut sources = BTreeMap::new();
    for (name, bytes) in &files {
        let plan = read(bytes, name).unwrap();
        assert_eq!(read(bytes, name).as_ref(), Ok(&plan));
        assert_eq!(read(bytes, "same.xml").unwrap().source, plan.source);
        sources.insert(plan.source, name);
    }
    assert_eq!(sources.len(), files.len());
}
