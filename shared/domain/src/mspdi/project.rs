//! The whole `<Project>`: its tasks and calendars, what identifies it, and counts of everything else.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::error::{Expected, MspdiError, Reason};
use super::task::Task;
use super::value::{self, Format};
use super::{CALENDARS_MAX, TEXT_BYTES_MAX};
use crate::import::ImportReport;
use crate::limits::TASKS_MAX;
use crate::time::LocalDateTime;

/// Minutes of a working day, week and month, the same in every plan.
const WORKING_MINUTES: [(&str, i32); 3] = [
    ("MinutesPerDay", 480),
    ("MinutesPerWeek", 2400),
    ("DaysPerMonth", 20),
];

/// A project as the file holds it.
#[derive(Default)]
pub(super) struct Project {
    pub(super) guid: Option<String>,
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) created: Option<LocalDateTime>,
    pub(super) format: Option<Format>,
    rows: usize,
    links: usize,
    /// Of every row but blank ones.
    pub(super) uids: BTreeSet<u32>,
    /// Neither the row of the project nor inactive ones.
    pub(super) tasks: Vec<Task>,
    pub(super) calendars: Vec<(Option<i64>, String)>,
    pub(super) report: ImportReport,
}

/// Reads the children of the root element.
pub(super) fn read(cursor: &mut Cursor<'_, '_>) -> Result<Project, MspdiError> {
    let mut project = Project::default();
    while let Some(element) = cursor.child()? {
        project.read_child(cursor, element.name())?;
    }
    Ok(project)
}

impl Project {
    fn read_child(&mut self, cursor: &mut Cursor<'_, '_>, field: &str) -> Result<(), MspdiError> {
        use Expected::{Code, Date, Guid};
        match field {
            "GUID" => cursor.fill(&mut self.guid, field, Guid, value::guid),
            "Name" => cursor.fill_text(&mut self.name, field, TEXT_BYTES_MAX),
            "Title" => cursor.fill_text(&mut self.title, field, TEXT_BYTES_MAX),
            "CreationDate" => cursor.fill(&mut self.created, field, Date, value::date),
            "DurationFormat" => cursor.fill(&mut self.format, field, Code, value::format),
            "Tasks" => self.read_tasks(cursor),
            "Calendars" => self.read_calendars(cursor),
            "Resources" => self.read_resources(cursor),
            "Assignments" => self.read_assignments(cursor),
            "ExtendedAttributes" => self.count_children(cursor, "project.custom-field"),
            "OutlineCodes" => self.count_children(cursor, "project.outline-code"),
            "WBSMasks" => self.count_children(cursor, "project.wbs-mask"),
            "Views" | "Tables" | "Filters" | "Groups" | "Maps" | "Reports" | "Drawings"
            | "DataLinks" => self.count_children(cursor, "project.view"),
            "VBAProjects" => self.count_children(cursor, "project.macro"),
            "Author" | "Company" | "Manager" | "Subject" | "Category" | "Keywords" | "Comments"
            | "Hyperlink" => self.leave_property(cursor, field),
            "MinutesPerDay" | "MinutesPerWeek" | "DaysPerMonth" => {
                self.leave_working_time(cursor, field)
            }
            _ => cursor.skip(),
        }
    }

    fn read_tasks(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), MspdiError> {
        while let Some(element) = cursor.child()? {
            if element.name() != "Task" {
                cursor.skip()?;
                continue;
            }
            self.rows += 1;
            // One more row than tasks: the one that stands for the project.
            if self.rows > TASKS_MAX + 1 {
                let max = TASKS_MAX as u64;
                return Err(cursor.fail(Reason::TooManyTasks { max }));
            }
            let task = Task::read(cursor, &mut self.links)?;
            self.take_task(cursor, task)?;
        }
        Ok(())
    }

    fn take_task(&mut self, cursor: &Cursor<'_, '_>, task: Task) -> Result<(), MspdiError> {
        if task.null == Some(true) {
            self.report.drop_one("task.blank-row", "");
            return Ok(());
        }
        let Some(uid) = task.uid else {
            let reason = Reason::Missing {
                element: "Task",
                field: "UID",
            };
            return Err(cursor.fail_at(task.at, reason));
        };
        if !self.uids.insert(uid) {
            return Err(cursor.fail_at(task.at, Reason::DuplicateUid { uid }));
        }
        let name = task.name.as_deref().unwrap_or_default().trim();
        if task.is_project_summary() {
            self.report.drop_one("task.project-summary", name);
            if let Some(notes) = task.notes.as_deref().filter(|notes| !notes.is_empty()) {
                self.report.drop_one("task.project-summary-notes", notes);
            }
            for _ in 0..task.baselines {
                self.report.drop_one("task.project-summary-baseline", name);
            }
        } else if task.active == Some(false) {
            self.report.drop_one("task.inactive", name);
        } else {
            self.tasks.push(task);
        }
        Ok(())
    }

    fn read_calendars(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), MspdiError> {
        while let Some(element) = cursor.child()? {
            if element.name() != "Calendar" {
                cursor.skip()?;
                continue;
            }
            if self.calendars.len() >= CALENDARS_MAX {
                let max = CALENDARS_MAX as u64;
                return Err(cursor.fail(Reason::TooManyCalendars { max }));
            }
            let (mut uid, mut name) = (None, None);
            while let Some(element) = cursor.child()? {
                let field = element.name();
                match field {
                    "UID" => cursor.fill(&mut uid, field, Expected::Number, value::reference)?,
                    "Name" => cursor.fill_text(&mut name, field, TEXT_BYTES_MAX)?,
                    "WeekDays" => self.count_children(cursor, "calendar.working-time")?,
                    "Exceptions" => self.count_children(cursor, "calendar.exception")?,
                    "WorkWeeks" => self.count_children(cursor, "calendar.work-week")?,
                    _ => cursor.skip()?,
                }
            }
            let name = name.unwrap_or_default().trim().to_owned();
            self.calendars.push((uid, name));
        }
        Ok(())
    }

    /// Counts resources but for UID 0, which Project writes for "unassigned".
    fn read_resources(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), MspdiError> {
        while cursor.child()?.is_some() {
            let (mut uid, mut name) = (None, None);
            while let Some(element) = cursor.child()? {
                let field = element.name();
                match field {
                    "UID" => cursor.fill(&mut uid, field, Expected::Number, value::reference)?,
                    "Name" => cursor.fill_text(&mut name, field, TEXT_BYTES_MAX)?,
                    _ => cursor.skip()?,
                }
            }
            if uid != Some(0) {
                let name = name.unwrap_or_default();
                self.report.drop_one("resource", name.trim());
            }
        }
        Ok(())
    }

    /// Counts assignments but for those that Project writes to say that nobody is assigned.
    fn read_assignments(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), MspdiError> {
        while cursor.child()?.is_some() {
            let mut resource = None;
            while let Some(element) = cursor.child()? {
                let field = element.name();
                match field {
                    "ResourceUID" => {
                        cursor.fill(&mut resource, field, Expected::Number, value::reference)?;
                    }
                    "TimephasedData" => {
                        self.report.drop_one("assignment.timephased", "");
                        cursor.skip()?;
                    }
                    _ => cursor.skip()?,
                }
            }
            if resource.is_some_and(|uid| uid > 0) {
                self.report.drop_one("assignment", "");
            }
        }
        Ok(())
    }

    fn count_children(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        key: &'static str,
    ) -> Result<(), MspdiError> {
        while let Some(element) = cursor.child()? {
            self.report.drop_one(key, element.name());
            cursor.skip()?;
        }
        Ok(())
    }

    fn leave_property(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        field: &str,
    ) -> Result<(), MspdiError> {
        let text = cursor.text(field, TEXT_BYTES_MAX)?;
        if !text.trim().is_empty() {
            self.report
                .drop_one("project.property", &format!("{field}: {}", text.trim()));
        }
        Ok(())
    }

    /// Tells of a working day, week or month that is not the plan's, for durations then show in other units.
    fn leave_working_time(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        field: &str,
    ) -> Result<(), MspdiError> {
        let mut given = None;
        cursor.fill(&mut given, field, Expected::Number, value::number)?;
        let usual = WORKING_MINUTES.iter().find(|(name, _)| *name == field);
        if let (Some(given), Some((_, usual))) = (given, usual)
            && given != *usual
        {
            self.report
                .drop_one("project.working-time", &format!("{field}: {given}"));
        }
        Ok(())
    }
}
