//! One `<Task>` as the file holds it, and which of its fields the plan has no place for.

use super::cursor::Cursor;
use super::error::{Expected, MspdiError, Reason};
use super::value::{self, Format};
use super::{LINKS_MAX, TEXT_BYTES_MAX};
use crate::plan::LinkType;
use crate::time::LocalDateTime;

/// The fields of a task that the import knows, each as the file has it.
#[derive(Default)]
pub(super) struct Task {
    /// Byte offset of the element.
    pub(super) at: usize,
    pub(super) uid: Option<u32>,
    pub(super) row: Option<i32>,
    pub(super) name: Option<String>,
    pub(super) wbs: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) level: Option<u32>,
    pub(super) null: Option<bool>,
    pub(super) active: Option<bool>,
    pub(super) manual: Option<bool>,
    pub(super) milestone: Option<bool>,
    pub(super) estimated: Option<bool>,
    pub(super) seconds: Option<u64>,
    pub(super) format: Option<Format>,
    pub(super) manual_seconds: Option<u64>,
    pub(super) start: Option<LocalDateTime>,
    pub(super) finish: Option<LocalDateTime>,
    pub(super) manual_start: Option<LocalDateTime>,
    pub(super) manual_finish: Option<LocalDateTime>,
    pub(super) percent: Option<u8>,
    pub(super) calendar_uid: Option<i64>,
    constraint: Option<i32>,
    constraint_date: Option<LocalDateTime>,
    deadline: Option<LocalDateTime>,
    pub(super) baselines: u32,
    pub(super) links: Vec<Link>,
    /// What the plan has no place for, one for each report key.
    pub(super) left: Vec<Left>,
}

/// Fields of one task that the plan has no place for.
pub(super) struct Left {
    /// Key in the report.
    pub(super) key: &'static str,
    pub(super) count: usize,
    /// The first value; empty where there is no single one.
    pub(super) value: String,
}

/// One `<PredecessorLink>`.
pub(super) struct Link {
    pub(super) at: usize,
    pub(super) pred_uid: i64,
    pub(super) link_type: LinkType,
    pub(super) amount: i64,
    pub(super) format: Option<Format>,
    pub(super) cross_project: bool,
}

/// What becomes of a field that the plan does not take.
enum Leftover {
    /// Calculated by Project, a key within the file, or a default of its display.
    Silent,
    /// Counted once for the task, unless empty, zero or the default.
    Value(&'static str),
    /// Counted each time.
    Entry(&'static str),
}

impl Task {
    /// Reads a task whose start the cursor has just passed; `links` counts those of the file.
    pub(super) fn read(cursor: &mut Cursor<'_, '_>, links: &mut usize) -> Result<Self, MspdiError> {
        let mut task = Self {
            at: cursor.at(),
            ..Self::default()
        };
        while let Some(element) = cursor.child()? {
            let field = element.name();
            if field == "PredecessorLink" {
                *links += 1;
                if *links > LINKS_MAX {
                    let max = LINKS_MAX as u64;
                    return Err(cursor.fail(Reason::TooManyLinks { max }));
                }
                task.links.push(Link::read(cursor)?);
            } else if !task.read_identity(cursor, field)? && !task.read_schedule(cursor, field)? {
                task.leave(cursor, field)?;
            }
        }
        task.leave_constraint();
        Ok(task)
    }

    /// True for the row that stands for the whole project.
    pub(super) fn is_project_summary(&self) -> bool {
        self.level == Some(0) && (self.uid == Some(0) || self.row == Some(0))
    }

    fn read_identity(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        field: &str,
    ) -> Result<bool, MspdiError> {
        use Expected::{Flag, Number};
        match field {
            "UID" => cursor.fill(&mut self.uid, field, Number, value::uid)?,
            "ID" => cursor.fill(&mut self.row, field, Number, value::number)?,
            "Name" => cursor.fill_text(&mut self.name, field, TEXT_BYTES_MAX)?,
            "WBS" => cursor.fill_text(&mut self.wbs, field, TEXT_BYTES_MAX)?,
            "Notes" => cursor.fill_text(&mut self.notes, field, TEXT_BYTES_MAX)?,
            "OutlineLevel" => cursor.fill(&mut self.level, field, Number, value::uid)?,
            "IsNull" => cursor.fill(&mut self.null, field, Flag, value::flag)?,
            "Active" => cursor.fill(&mut self.active, field, Flag, value::flag)?,
            "Manual" => cursor.fill(&mut self.manual, field, Flag, value::flag)?,
            "Milestone" => cursor.fill(&mut self.milestone, field, Flag, value::flag)?,
            "CalendarUID" => {
                cursor.fill(&mut self.calendar_uid, field, Number, value::reference)?;
            }
            "PercentComplete" => cursor.fill(&mut self.percent, field, Number, value::percent)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn read_schedule(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        field: &str,
    ) -> Result<bool, MspdiError> {
        use Expected::{Code, Date, Duration, Flag, Number};
        match field {
            "Start" => cursor.fill(&mut self.start, field, Date, value::date)?,
            "Finish" => cursor.fill(&mut self.finish, field, Date, value::date)?,
            "Duration" => cursor.fill(&mut self.seconds, field, Duration, value::seconds)?,
            "DurationFormat" => cursor.fill(&mut self.format, field, Code, value::format)?,
            "Estimated" => cursor.fill(&mut self.estimated, field, Flag, value::flag)?,
            "ManualStart" => cursor.fill(&mut self.manual_start, field, Date, value::date)?,
            "ManualFinish" => cursor.fill(&mut self.manual_finish, field, Date, value::date)?,
            "ManualDuration" => {
                cursor.fill(&mut self.manual_seconds, field, Duration, value::seconds)?;
            }
            "ConstraintType" => cursor.fill(&mut self.constraint, field, Number, value::number)?,
            "ConstraintDate" => {
                cursor.fill(&mut self.constraint_date, field, Date, value::date)?;
            }
            "Deadline" => cursor.fill(&mut self.deadline, field, Date, value::date)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn leave(&mut self, cursor: &mut Cursor<'_, '_>, field: &str) -> Result<(), MspdiError> {
        match leftover(field) {
            Some(Leftover::Silent) => cursor.skip(),
            Some(Leftover::Entry(key)) => {
                if field == "Baseline" {
                    self.baselines += 1;
                }
                self.leave_one(key, "");
                cursor.skip()
            }
            Some(Leftover::Value(key)) => {
                let text = cursor.text(field, TEXT_BYTES_MAX)?;
                let text = text.trim();
                let default = if field == "Priority" { "500" } else { "0" };
                let known = self.left.iter().any(|left| left.key == key);
                if !is_nothing(text) && text != default && !known {
                    self.leave_one(key, text);
                }
                Ok(())
            }
            None => {
                self.leave_one("task.unknown-field", field);
                cursor.skip()
            }
        }
    }

    fn leave_one(&mut self, key: &'static str, value: &str) {
        match self.left.iter_mut().find(|left| left.key == key) {
            Some(left) => left.count += 1,
            None => self.left.push(Left {
                key,
                count: 1,
                value: value.to_owned(),
            }),
        }
    }

    /// "As soon as possible" is the absence of a constraint; kind and date count as one.
    fn leave_constraint(&mut self) {
        let date = self.constraint_date.take();
        let date = date.as_ref().map_or("", |date| date.as_str());
        if let Some(kind) = self.constraint.filter(|kind| *kind != 0) {
            let constraint = format!("{} {date}", constraint_name(kind));
            self.leave_one("task.constraint", constraint.trim());
        }
        if let Some(deadline) = self.deadline.take() {
            self.leave_one("task.deadline", deadline.as_str());
        }
    }
}

impl Link {
    fn read(cursor: &mut Cursor<'_, '_>) -> Result<Self, MspdiError> {
        use Expected::{Code, Flag, Number};
        let at = cursor.at();
        let (mut pred_uid, mut link_type, mut amount) = (None, None, None);
        let (mut format, mut cross_project) = (None, None);
        while let Some(element) = cursor.child()? {
            let field = element.name();
            match field {
                "PredecessorUID" => {
                    cursor.fill(&mut pred_uid, field, Number, value::reference)?;
                }
                "Type" => cursor.fill(&mut link_type, field, Code, value::link_type)?,
                "LinkLag" => cursor.fill(&mut amount, field, Number, |text| text.parse().ok())?,
                "LagFormat" => cursor.fill(&mut format, field, Code, value::format)?,
                "CrossProject" => cursor.fill(&mut cross_project, field, Flag, value::flag)?,
                _ => cursor.skip()?,
            }
        }
        let cross_project = cross_project.unwrap_or(false);
        let pred_uid = match pred_uid {
            Some(uid) => uid,
            None if cross_project => -1,
            None => {
                let reason = Reason::Missing {
                    element: "PredecessorLink",
                    field: "PredecessorUID",
                };
                return Err(cursor.fail_at(at, reason));
            }
        };
        Ok(Self {
            at,
            pred_uid,
            link_type: link_type.unwrap_or_default(),
            amount: amount.unwrap_or(0),
            format,
            cross_project,
        })
    }
}

fn is_nothing(text: &str) -> bool {
    text == "-1"
        || text == "false"
        || value::seconds(text) == Some(0)
        || text.bytes().all(|b| b == b'0' || b == b'.')
}

fn constraint_name(kind: i32) -> String {
    let names = ["ASAP", "ALAP", "MSO", "MFO", "SNET", "SNLT", "FNET", "FNLT"];
    usize::try_from(kind)
        .ok()
        .and_then(|kind| names.get(kind))
        .map_or_else(|| kind.to_string(), |name| (*name).to_owned())
}

fn leftover(field: &str) -> Option<Leftover> {
    use Leftover::{Entry, Silent, Value};
    Some(match field {
        "Cost"
        | "FixedCost"
        | "OvertimeCost"
        | "ActualCost"
        | "ActualOvertimeCost"
        | "RemainingCost"
        | "RemainingOvertimeCost" => Value("task.cost"),
        "Work"
        | "ActualWork"
        | "OvertimeWork"
        | "ActualOvertimeWork"
        | "RegularWork"
        | "RemainingWork"
        | "RemainingOvertimeWork" => Value("task.work"),
        "ActualStart" | "ActualFinish" => Value("task.actual-dates"),
        "StartText" | "FinishText" | "DurationText" => Value("task.free-text-dates"),
        "Type" | "EffortDriven" => Value("task.type"),
        "Priority" => Value("task.priority"),
        "Recurring" => Value("task.recurring"),
        "ExternalTask" | "ExternalTaskProject" => Value("task.external"),
        "IsSubproject" | "SubprojectName" => Value("task.subproject"),
        "Hyperlink" | "HyperlinkAddress" | "HyperlinkSubAddress" => Value("task.hyperlink"),
        "LevelingDelay" => Value("task.levelling-delay"),
        "IgnoreResourceCalendar" => Value("task.ignores-resource-calendar"),
        "PhysicalPercentComplete" => Value("task.physical-percent"),
        "EarnedValueMethod" => Value("task.earned-value-method"),
        "HideBar" | "Rollup" => Value("task.display"),
        "Contact" => Value("task.contact"),
        "Baseline" => Entry("task.baseline"),
        "ExtendedAttribute" => Entry("task.custom-field"),
        "OutlineCode" => Entry("task.outline-code"),
        "TimephasedData" => Entry("task.timephased"),
        "GUID"
        | "CreateDate"
        | "OutlineNumber"
        | "WBSLevel"
        | "Summary"
        | "DisplayAsSummary"
        | "Critical"
        | "OverAllocated"
        | "EarlyStart"
        | "EarlyFinish"
        | "LateStart"
        | "LateFinish"
        | "StartVariance"
        | "FinishVariance"
        | "WorkVariance"
        | "FreeSlack"
        | "TotalSlack"
        | "StartSlack"
        | "FinishSlack"
        | "Stop"
        | "Resume"
        | "ResumeValid"
        | "ActualDuration"
        | "RemainingDuration"
        | "PercentWorkComplete"
        | "ACWP"
        | "CV"
        | "BCWS"
        | "BCWP"
        | "FreeformDurationFormat"
        | "FixedCostAccrual"
        | "LevelingDelayFormat"
        | "LevelAssignments"
        | "LevelingCanSplit"
        | "IsPublished"
        | "CommitmentType"
        | "CommitmentStart"
        | "CommitmentFinish"
        | "StatusManager"
        | "IsSubprojectReadOnly"
        | "ActualWorkProtected"
        | "ActualOvertimeWorkProtected"
        | "PreLeveledStart"
        | "PreLeveledFinish"
        | "BoardStatusColumnOrderingID"
        | "SprintColumnOrderingID"
        | "NextAvailableBoardStatusColumnOrderingID"
        | "NextAvailableSprintOrderingID" => Silent,
        _ => return None,
    })
}
