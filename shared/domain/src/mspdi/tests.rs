mod accepted;
mod mutated;
mod real;
mod refused;

use super::{MspdiError, read};
use crate::import::{ImportedLink, ImportedPlan, ImportedTask};

/// Head of a file, with its identity, calendars and defaults; the root stays open.
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Project xmlns="http://schemas.microsoft.com/project">
  <Name>bridge.xml</Name><Title>Bridge 桥</Title><Company>Span &amp; Sons</Company>
  <CreationDate>2026-01-05T08:00:00</CreationDate>
  <MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2400</MinutesPerWeek><DaysPerMonth>20</DaysPerMonth>
  <DurationFormat>7</DurationFormat>
  <Calendars>
    <Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>
      <WeekDays><WeekDay><DayType>1</DayType><DayWorking>0</DayWorking></WeekDay></WeekDays>
      <Exceptions><Exception><Name>Spring Festival</Name></Exception></Exceptions></Calendar>
    <Calendar><UID>7</UID><Name>Night shift</Name></Calendar>
  </Calendars>
"#;

/// The project's own row, as Project writes it first.
const PROJECT_ROW: &str =
    "<Task><UID>0</UID><ID>0</ID><Name>Bridge</Name><OutlineLevel>0</OutlineLevel></Task>";

/// A file with these tasks.
fn file(tasks: &str) -> String {
    format!("{HEAD}<Tasks>{PROJECT_ROW}{tasks}</Tasks></Project>")
}

/// A task on outline level `level` with more fields as XML.
fn task(uid: u32, level: u32, more: &str) -> String {
    format!(
        "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>T{uid}</Name><OutlineLevel>{level}</OutlineLevel>{more}</Task>\n"
    )
}

/// A link to `pred` with `more` as XML, to stand in a task.
fn link(pred: i64, kind: u8, more: &str) -> String {
    format!(
        "<PredecessorLink><PredecessorUID>{pred}</PredecessorUID><Type>{kind}</Type>{more}</PredecessorLink>"
    )
}

/// A file that holds something of everything.
fn sample() -> String {
    let survey = "<WBS>1</WBS><Start>2026-01-05T08:00:00</Start><Finish>2026-01-30T17:00:00</Finish>\
        <Duration>PT160H0M0S</Duration><DurationFormat>9</DurationFormat><Summary>1</Summary>\
        <Milestone>0</Milestone><Notes>Lines &lt;one&gt;\n<![CDATA[and <two>]]></Notes>";
    let drilling = "<Duration>PT12H30M0S</Duration><DurationFormat>39</DurationFormat><PercentComplete>60</PercentComplete>\
        <CalendarUID>7</CalendarUID><ConstraintType>4</ConstraintType><ConstraintDate>2026-01-12T08:00:00</ConstraintDate>\
        <Baseline><Number>0</Number></Baseline><Baseline><Number>1</Number></Baseline><Cost>12.5</Cost><Work>PT0H0M0S</Work>";
    let report = format!(
        "<Duration>PT0H0M0S</Duration><Milestone>1</Milestone><Deadline>2026-02-01T17:00:00</Deadline>{}{}",
        link(2, 1, "<LinkLag>4800</LinkLag><LagFormat>7</LagFormat>"),
        link(4, 3, "<LinkLag>-50</LinkLag><LagFormat>19</LagFormat>"),
    );
    let curing = format!(
        "<Manual>1</Manual><ManualStart>2026-02-02T08:00:00</ManualStart><Duration>PT72H0M0S</Duration>\
         <DurationFormat>8</DurationFormat><Estimated>1</Estimated><Surprise>1</Surprise>{}",
        link(900, 1, "<CrossProject>1</CrossProject>"),
    );
    let tasks = [
        task(1, 1, survey),
        task(2, 2, drilling),
        task(3, 2, &report),
        task(4, 1, &curing),
    ]
    .concat();
    let resources = "<Resources><Resource><UID>0</UID></Resource><Resource><UID>1</UID><Name>Li</Name></Resource></Resources>";
    let assignments = "<Assignments><Assignment><ResourceUID>-65535</ResourceUID></Assignment>\
        <Assignment><ResourceUID>1</ResourceUID><TimephasedData><Value>PT8H0M0S</Value></TimephasedData></Assignment></Assignments>";
    format!("{HEAD}<Tasks>{PROJECT_ROW}{tasks}</Tasks>{resources}{assignments}</Project>\n")
}

fn plan(xml: &str) -> ImportedPlan {
    read(xml.as_bytes(), "bridge.xml").unwrap()
}

fn only_task(fields: &str) -> ImportedTask {
    plan(&file(&task(1, 1, fields))).tasks.remove(0)
}

/// The link that task 2 has to task 1 by these fields.
fn only_link(kind: u8, more: &str) -> ImportedLink {
    let tasks = task(1, 1, "") + &task(2, 1, &link(1, kind, more));
    plan(&file(&tasks)).links.remove(0)
}

fn refusal(xml: &str) -> MspdiError {
    read(xml.as_bytes(), "bridge.xml").unwrap_err()
}

fn dropped(plan: &ImportedPlan, what: &str) -> usize {
    let found = plan.report.dropped.iter().find(|d| d.what == what);
    found.map_or(0, |d| d.count)
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(unit)
        .collect()
}
