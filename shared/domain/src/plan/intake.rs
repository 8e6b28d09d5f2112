//! Takes an imported plan in: as new records, or against the last import of the same file.
//!
//! A register that still holds what the last import put there takes the new value; what a person changed since is kept
//! and reported. What a person deleted stays deleted; what went because an import was undone comes back. Writes come
//! parents first and task by task, so that they can be cut anywhere.

mod check;
mod compare;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use check::check;

use super::Plan;
use super::command::Context;
use super::edit::Edit;
use super::facts::Imported;
use super::field::{
    CODE, DURATION, IMPORTED, IS, IS_IMPORT, IS_LINK, IS_TASK, KIND, LAG, LIVE, MODE, MOVED, NAME,
    NOTES, ORDER, PARENT, PRED, SUCC, TYPE, composite_value, reference_value,
};
use super::imports::{CALENDARS, DATE, REPORT, SOURCE};
use super::link::link_id;
use super::rejected::Rejected;
use crate::digest::{first_16, sha256};
use crate::import::{ImportedLink, ImportedPlan, ImportedTask, SourceId};
use crate::limits::{NAME_CHARS_MAX, TASKS_MAX};
use crate::order::nth;
use crate::quantity::{Duration, Lag};
use crate::record::{RecordId, Value, Write};
use crate::stamp::ImportStamp;

const CALENDARS_TEXT_BYTES_MAX: usize = 16 * 1024;

/// The writes of an import and what they amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub writes: Vec<Write>,
    pub outcome: ImportOutcome,
}

/// What an import does to the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOutcome {
    /// Tasks that are new, or come back after an import of the file was undone.
    pub created: usize,
    pub updated: usize,
    /// Tasks of an earlier import that the file no longer has and nobody touched: deleted.
    pub removed: usize,
    pub links_created: usize,
    pub links_removed: usize,
    /// Dependencies of the file that tie a task to itself, to nothing, or come twice.
    pub links_dropped: usize,
    /// What the file changed, but a person had changed too: the person's is kept.
    pub kept: Vec<KeptField>,
}

/// A field that an import left as a person had set it; `live` where the task or link was deleted or is not in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptField {
    /// The task, or the link.
    pub record: RecordId,
    /// Name of the register; `percent` for the progress.
    pub field: String,
    pub why: KeptWhy,
    pub is_link: bool,
    /// Code and name of the task; of a link, those of its successor.
    pub code: String,
    pub name: String,
}

/// Why an import left something as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptWhy {
    /// A person had set the field otherwise.
    Changed,
    /// A person had deleted it.
    Deleted,
    /// The file no longer has it, but a person worked on it or below it.
    LeftTheFile,
}

/// What the last import said of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ImportedTie {
    source: SourceId,
    lag: Lag,
}

impl Plan {
    /// The writes that take `file` in, to be cut into changes of at most [`crate::limits::CHUNK_WRITES_MAX`].
    pub fn import(
        &self,
        file: &ImportedPlan,
        context: &mut Context<'_>,
    ) -> Result<Import, Rejected> {
        check(file)?;
        let mut intake = Intake {
            record: RecordId::fresh(context.entropy),
            edit: Edit::new(self, context),
            file,
            taken: BTreeSet::new(),
            outcome: ImportOutcome::default(),
        };
        let tasks = file.tasks.iter().map(|t| file.source.record(t.uid));
        let added = tasks
            .filter(|id| !self.nodes.contains_key(id) || intake.comes_back(*id))
            .count();
        if self.outline.order.len() + added > TASKS_MAX {
            return Err(Rejected::TooManyTasks);
        }
        intake.take_tasks();
        intake.take_links();
        intake.remove_missing();
        intake.put_record();
        Ok(Import {
            outcome: intake.outcome,
            writes: intake.edit.finish(),
        })
    }
}

/// One import in the making.
struct Intake<'a, 'p, 'c, 'e> {
    edit: Edit<'p, 'c, 'e>,
    file: &'a ImportedPlan,
    /// The record of this import.
    record: RecordId,
    /// Links that the file has.
    taken: BTreeSet<RecordId>,
    outcome: ImportOutcome,
}

impl Intake<'_, '_, '_, '_> {
    fn take_tasks(&mut self) {
        let file = self.file;
        let mut children: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        for task in &file.tasks {
            let nth_child = children.entry(task.parent).or_default();
            let imported = imported(file, task, *nth_child);
            *nth_child += 1;
            let record = file.source.record(task.uid);
            match self.edit.plan.imported(record) {
                Some(base) if self.edit.plan.nodes.contains_key(&record) => {
                    self.compare(record, &base, &imported, task);
                }
                _ => self.create(record, &imported, task),
            }
        }
    }

    /// A new task: every value a function of the file alone, but for the import that it lives with.
    fn create(&mut self, record: RecordId, imported: &Imported, task: &ImportedTask) {
        let moved = format!("{MOVED}import.{}", import_stamp(self.file.source));
        let facts = [
            (IS, Value::text(IS_TASK)),
            (CODE, Value::Text(self.file.source.code(task.uid))),
            (NAME, Value::text(task.name.as_str())),
            (KIND, Value::text(task.kind.as_str())),
            (MODE, Value::text(task.mode.as_str())),
            (DURATION, duration_value(task.duration)),
            (NOTES, Value::text(task.notes.as_str())),
            (ORDER, Value::text(imported.order.as_str())),
            (PARENT, reference_value(imported.parent)),
            (moved.as_str(), reference_value(imported.parent)),
            (IMPORTED, composite_value(imported)),
            (LIVE, ImportStamp::made_by(self.record)),
        ];
        for (field, value) in facts {
            if value != Value::text("") || field == PARENT || field.starts_with(MOVED) {
                self.edit.overwrite(record, field, value);
            }
        }
        self.outcome.created += 1;
    }

    fn take_links(&mut self) {
        let file = self.file;
        let uids: BTreeSet<i64> = file.tasks.iter().map(|t| t.uid).collect();
        let mut known = BTreeSet::new();
        for link in &file.links {
            let both = uids.contains(&link.pred_uid) && uids.contains(&link.succ_uid);
            let tie = (link.pred_uid, link.succ_uid, link.link_type);
            let fits = both && link.pred_uid != link.succ_uid && link.lag.valid().is_some();
            if fits && known.insert(tie) {
                self.take_link(link);
            } else {
                self.outcome.links_dropped += 1;
            }
        }
    }

    fn take_link(&mut self, link: &ImportedLink) {
        let source = self.file.source;
        let (pred, succ) = (source.record(link.pred_uid), source.record(link.succ_uid));
        let id = link_id(pred, succ, link.link_type);
        self.taken.insert(id);
        let imported = composite_value(&ImportedTie {
            source,
            lag: link.lag,
        });
        if self.edit.plan.links.contains_key(&id) {
            return self.compare_link(id, link.lag, imported);
        }
        let facts = [
            (IS, Value::text(IS_LINK)),
            (PRED, reference_value(Some(pred))),
            (SUCC, reference_value(Some(succ))),
            (TYPE, Value::text(link.link_type.as_str())),
            (LAG, composite_value(&link.lag)),
            (IMPORTED, imported),
            (LIVE, ImportStamp::made_by(self.record)),
        ];
        for (field, value) in facts {
            self.edit.overwrite(id, field, value);
        }
        self.outcome.links_created += 1;
    }

    /// Who imported what, and when, in a record of its own.
    fn put_record(&mut self) {
        let file = self.file;
        let record = self.record;
        let mut calendars = serde_json::to_string(&file.calendars).unwrap_or_default();
        if calendars.len() > CALENDARS_TEXT_BYTES_MAX {
            calendars.clear();
        }
        let date = self.edit.context.today.to_string();
        let name: String = file.source_name.chars().take(NAME_CHARS_MAX).collect();
        for (field, value) in [
            (IS, IS_IMPORT.to_owned()),
            (NAME, name),
            (SOURCE, file.source.to_string()),
            (DATE, date),
            (CALENDARS, calendars),
        ] {
            self.edit.overwrite(record, field, Value::Text(value));
        }
        let report = composite_value(&file.report);
        self.edit.overwrite(record, REPORT, report);
    }
}

fn imported(file: &ImportedPlan, task: &ImportedTask, nth_child: usize) -> Imported {
    Imported {
        source: file.source,
        uid: task.uid,
        name: task.name.clone(),
        kind: task.kind,
        mode: task.mode,
        percent: task.percent.min(100),
        parent: task.parent.map(|p| file.source.record(file.tasks[p].uid)),
        order: nth(nth_child),
        duration: task.duration,
        start: task.start.clone(),
        finish: task.finish.clone(),
        notes: notes_digest(&task.notes),
        wbs: task.wbs.clone(),
        calendar: task.calendar.clone().unwrap_or_default(),
        baselines: task.baselines,
    }
}

fn notes_digest(notes: &str) -> String {
    match notes {
        "" => String::new(),
        _ => RecordId(first_16(sha256("heqi notes", &[notes.as_bytes()]))).to_string(),
    }
}

fn duration_value(duration: Option<Duration>) -> Value {
    duration.map_or(Value::text(""), |d| composite_value(&d))
}

/// The stamp of every move that importing a source makes.
fn import_stamp(source: SourceId) -> String {
    source.to_string()[..16].to_owned()
}
