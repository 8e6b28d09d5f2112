//! From the file's facts to the plan's: identity, outline, units, and links between tasks that are there.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::cursor::Cursor;
use super::error::{Expected, MspdiError, Reason};
use super::outline::outline;
use super::project::Project;
use super::task::{Link, Task};
use super::value::{self, Amount};
use crate::import::{ImportReport, ImportedLink, ImportedPlan, ImportedTask, SourceId};
use crate::limits::NAME_CHARS_MAX;
use crate::plan::{Mode, TaskKind};
use crate::quantity::{Lag, TimeUnit};

/// The plan; errors where levels or lags cannot be kept. `bytes` identify a file that names no creation date.
pub(super) fn assemble(
    mut project: Project,
    cursor: &Cursor<'_, '_>,
    bytes: &[u8],
    file_name: &str,
) -> Result<ImportedPlan, MspdiError> {
    let (source, guid) = source(&project, bytes);
    let source_name = source_name(&project, file_name);
    let unit = match project.format.map(|format| format.amount) {
        Some(Amount::Time(unit)) => unit,
        Some(Amount::Percent | Amount::Default) | None => TimeUnit::Days,
    };
    let links = links(&mut project, unit, cursor)?;
    let tasks = tasks(&mut project, unit, cursor)?;
    let calendars: Vec<String> = project
        .calendars
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    let mut report = project.report;
    report.tasks = tasks.len();
    report.links = links.len();
    report.calendars = calendars.len();
    report.baselines = tasks.iter().map(|task| task.baselines as usize).sum();
    let mut plan = ImportedPlan {
        source,
        source_name,
        guid,
        tasks,
        links,
        calendars,
        report,
    };
    plan.fit();
    plan.report.dropped.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(plan)
}

fn source(project: &Project, bytes: &[u8]) -> (SourceId, Option<String>) {
    // Some tools write a GUID of zeros where they have none.
    let is_one = |guid: &&String| guid.bytes().any(|byte| byte != b'0' && byte != b'-');
    if let Some(guid) = project.guid.as_ref().filter(is_one) {
        return (SourceId::of_guid(guid), Some(guid.clone()));
    }
    let title = filled(&project.name)
        .or(filled(&project.title))
        .unwrap_or_default();
    let created = match &project.created {
        Some(created) => created.to_string(),
        // Without a date, name and first task are too common to call two files one.
        None => data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
    };
    let first = project.tasks.first().map_or_else(String::new, |task| {
        let name = task.name.as_deref().unwrap_or_default();
        format!("{} {name}", task.uid.unwrap_or_default())
    });
    (SourceId::of_file(title, &created, &first), None)
}

fn source_name(project: &Project, file_name: &str) -> String {
    let name = filled(&project.title)
        .or(filled(&project.name))
        .unwrap_or(file_name);
    name.chars().take(NAME_CHARS_MAX).collect()
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn links(
    project: &mut Project,
    unit: TimeUnit,
    cursor: &Cursor<'_, '_>,
) -> Result<Vec<ImportedLink>, MspdiError> {
    let known: BTreeSet<i64> = project
        .tasks
        .iter()
        .filter_map(|task| task.uid.map(i64::from))
        .collect();
    let rows: BTreeSet<i64> = project.uids.iter().copied().map(i64::from).collect();
    let mut seen = BTreeSet::new();
    let mut links = Vec::new();
    for task in &mut project.tasks {
        let succ_uid = i64::from(task.uid.unwrap_or_default());
        for link in std::mem::take(&mut task.links) {
            let ends = (link.pred_uid, succ_uid, link.link_type);
            let left_out = if link.cross_project {
                "link.other-project"
            } else if link.pred_uid == succ_uid {
                "link.to-itself"
            } else if !known.contains(&link.pred_uid) && rows.contains(&link.pred_uid) {
                "link.left-out-task"
            } else if !known.contains(&link.pred_uid) {
                "link.unknown-task"
            } else if !seen.insert(ends) {
                "link.repeated"
            } else {
                let lag = lag(&link, unit, cursor, &mut project.report)?;
                links.push(ImportedLink {
                    pred_uid: link.pred_uid,
                    succ_uid,
                    link_type: link.link_type,
                    lag,
                });
                continue;
            };
            let example = format!("{} → {succ_uid}", link.pred_uid);
            project.report.drop_one(left_out, &example);
        }
    }
    Ok(links)
}

fn lag(
    link: &Link,
    unit: TimeUnit,
    cursor: &Cursor<'_, '_>,
    report: &mut ImportReport,
) -> Result<Lag, MspdiError> {
    let Some((lag, rounded)) = value::lag(link.amount, link.format, unit) else {
        let reason = Reason::Invalid {
            field: "LinkLag".to_owned(),
            value: link.amount.to_string(),
            expected: Expected::Number,
        };
        return Err(cursor.fail_at(link.at, reason));
    };
    if rounded {
        report.drop_one("link.lag-seconds", &link.amount.to_string());
    }
    Ok(lag)
}

fn tasks(
    project: &mut Project,
    unit: TimeUnit,
    cursor: &Cursor<'_, '_>,
) -> Result<Vec<ImportedTask>, MspdiError> {
    let rows = std::mem::take(&mut project.tasks);
    let outline = outline(rows.iter().map(|task| task.level)).map_err(|(index, reason)| {
        let at = rows.get(index).map_or(0, |task| task.at);
        cursor.fail_at(at, reason)
    })?;
    for task in outline.repaired.iter().filter_map(|index| rows.get(*index)) {
        let name = task.name.as_deref().unwrap_or_default();
        project.report.drop_one("task.outline-jump", name.trim());
    }
    let summaries: BTreeSet<usize> = outline.parents.iter().copied().flatten().collect();
    let calendars: BTreeMap<i64, &str> = project
        .calendars
        .iter()
        .filter_map(|(uid, name)| uid.map(|uid| (uid, name.as_str())))
        .collect();
    let rows = rows.into_iter().zip(outline.parents).enumerate();
    Ok(rows
        .map(|(index, (task, parent))| {
            let calendar = calendar(&task, &calendars, &mut project.report);
            let mut task = imported(task, unit, &mut project.report);
            task.parent = parent;
            task.calendar = calendar;
            if summaries.contains(&index) {
                // Project marks a summary of no length as a milestone; it is none while it has children.
                task.kind = TaskKind::Task;
            }
            task
        })
        .collect())
}

/// Name of the task's own calendar; one that the file lacks is counted.
fn calendar(
    task: &Task,
    calendars: &BTreeMap<i64, &str>,
    report: &mut ImportReport,
) -> Option<String> {
    let uid = task.calendar_uid.filter(|uid| *uid >= 0)?;
    let name = calendars.get(&uid).copied();
    if name.is_none() {
        report.drop_one("task.unknown-calendar", &uid.to_string());
    }
    name.map(str::to_owned)
}

fn imported(task: Task, unit: TimeUnit, report: &mut ImportReport) -> ImportedTask {
    let manual = task.manual == Some(true);
    let name = task.name.as_deref().unwrap_or_default().trim().to_owned();
    for left in &task.left {
        let colon = if left.value.is_empty() { "" } else { ": " };
        let example = [&name, colon, &left.value].concat();
        for _ in 0..left.count {
            report.drop_one(left.key, &example);
        }
    }
    let seconds = task.seconds.or(task.manual_seconds.filter(|_| manual));
    let duration = seconds.map(|seconds| {
        let (duration, rounded) = value::duration(seconds, task.format, task.estimated, unit);
        if rounded {
            report.drop_one("task.duration-seconds", &name);
        }
        duration
    });
    ImportedTask {
        uid: i64::from(task.uid.unwrap_or_default()),
        parent: None,
        kind: match task.milestone {
            Some(true) => TaskKind::Milestone,
            Some(false) | None => TaskKind::Task,
        },
        duration,
        percent: task.percent.unwrap_or(0),
        start: task.start.or(task.manual_start.filter(|_| manual)),
        finish: task.finish.or(task.manual_finish.filter(|_| manual)),
        mode: if manual { Mode::Manual } else { Mode::Auto },
        notes: task.notes.unwrap_or_default(),
        wbs: task.wbs.as_deref().unwrap_or_default().trim().to_owned(),
        baselines: task.baselines,
        calendar: None,
        name,
    }
}
