//! A task's registers, read. What is missing or not understood reads as unset.

use serde::{Deserialize, Serialize};

use super::Plan;
use super::conflict::PartyReport;
use super::field::{ACCOUNTABLE, DURATION, IMPORTED, KIND, MANUAL, MODE, NAME, NOTES, composite};
use super::progress::{Progress, progress};
use super::rollup::Totals;
use super::task::{ManualDates, Mode, TaskKind};
use crate::import::SourceId;
use crate::quantity::Duration;
use crate::record::{RecordId, Value};
use crate::time::LocalDateTime;

/// What the last imported file said of a task, in one register: shown as it is, and the base of the next import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Imported {
    pub source: SourceId,
    pub uid: i64,
    pub name: String,
    pub kind: TaskKind,
    pub mode: Mode,
    pub percent: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RecordId>,
    /// Key that orders the siblings of the file.
    pub order: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<LocalDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<LocalDateTime>,
    /// Digest of the notes; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wbs: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub calendar: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub baselines: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Plan {
    pub(crate) fn text(&self, record: RecordId, field: &str) -> &str {
        self.store.text(record, field).unwrap_or_default()
    }

    pub(crate) fn name(&self, task: RecordId) -> &str {
        self.text(task, NAME)
    }

    pub(crate) fn notes(&self, task: RecordId) -> &str {
        self.text(task, NOTES)
    }

    pub(crate) fn accountable(&self, task: RecordId) -> &str {
        self.text(task, ACCOUNTABLE)
    }

    pub(crate) fn kind(&self, task: RecordId) -> TaskKind {
        TaskKind::parse(self.text(task, KIND)).unwrap_or_default()
    }

    pub(crate) fn mode(&self, task: RecordId) -> Mode {
        Mode::parse(self.text(task, MODE)).unwrap_or_default()
    }

    pub(crate) fn duration(&self, task: RecordId) -> Option<Duration> {
        let duration: Duration = composite(self.store.value(task, DURATION)?)?;
        duration.valid()
    }

    pub(crate) fn manual(&self, task: RecordId) -> Option<ManualDates> {
        composite(self.store.value(task, MANUAL)?)
    }

    pub(crate) fn imported(&self, task: RecordId) -> Option<Imported> {
        composite(self.store.value(task, IMPORTED)?)
    }

    pub(crate) fn reports(&self, task: RecordId) -> Vec<PartyReport> {
        self.reports.get(&task).cloned().unwrap_or_default()
    }

    pub(crate) fn progress(&self, task: RecordId) -> Progress {
        let reports = self.reports(task);
        if reports.is_empty() {
            return Progress::default();
        }
        progress(&reports, self.accountable(task))
    }

    /// Percent complete of a task without children: as reported, else as imported.
    pub(crate) fn own_percent(&self, task: RecordId) -> u8 {
        let reported = self.progress(task).current.map(|r| r.percent);
        let percent = reported.or_else(|| Some(self.imported(task)?.percent));
        percent.unwrap_or(0).min(100)
    }

    pub(crate) fn own_totals(&self, task: RecordId) -> Totals {
        let minutes = match self.kind(task) {
            TaskKind::Milestone => 0,
            TaskKind::Task => self.duration(task).map_or(0, |d| d.minutes),
        };
        Totals::of_task(minutes, self.own_percent(task))
    }

    pub(crate) fn value(&self, record: RecordId, field: &str) -> Option<&Value> {
        self.store.value(record, field)
    }
}
