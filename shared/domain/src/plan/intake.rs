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
use super::conflict::Who;
use super::edit::Edit;
use super::facts::Imported;
use super::field::{
    CODE, DURATION, IMPORTED, IS, IS_IMPORT, IS_LINK, IS_TASK, KIND, LAG, LIVE, MODE, MOVED, NAME,
    NOTES, ORDER, PARENT, PRED, SUCC, TYPE, composite_value, reference_value,
};
use super::link::link_id;
use super::rejected::Rejected;
use crate::digest::{first_16, sha256};
use crate::import::{ImportReport, ImportedLink, ImportedPlan, ImportedTask, SourceId};
use crate::limits::{NAME_CHARS_MAX, TASKS_MAX};
use crate::order::nth;
use crate::quantity::{Duration, Lag};
use crate::record::{Authors, RecordId, Value, Write};
use crate::store::{is_deleted_stamp, live_by_import};
use crate::time::Date;

pub(super) const SOURCE: &str = "source";
const REPORT: &str = "report";
const CALENDARS: &str = "calendars";
const DATE: &str = "date";
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

/// An import that took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    pub id: RecordId,
    pub name: String,
    pub source: Option<SourceId>,
    pub date: Option<Date>,
    pub calendars: Vec<String>,
    pub report: ImportReport,
    pub who: Option<Who>,
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
            undone: self.undone_imports(file.source),
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

    /// Stamps of the deletes that undid imports of a source: what such an undo deleted, the import's record included,
    /// bears one stamp. Nobody else deletes that record.
    fn undone_imports(&self, source: SourceId) -> BTreeSet<Value> {
        let source = source.to_string();
        let of_source =
            |id: &RecordId| self.text(*id, IS) == IS_IMPORT && self.text(*id, SOURCE) == source;
        let stamps = self.store.ids().filter(of_source);
        let stamps = stamps.filter_map(|id| self.store.register(id, LIVE));
        let stamps = stamps.flat_map(|live| live.candidates()).map(|c| &c.value);
        stamps.filter(|v| is_deleted_stamp(v)).cloned().collect()
    }

    /// Records of the imports of a source that nobody has undone.
    pub(super) fn imports_of<'a>(&'a self, source: &'a str) -> impl Iterator<Item = RecordId> + 'a {
        self.store.ids().filter(move |id| {
            let is_of_source = self.text(*id, IS) == IS_IMPORT && self.text(*id, SOURCE) == source;
            is_of_source && self.store.is_live(*id)
        })
    }

    /// Imports that took place, by date.
    pub fn imports(&self, authors: &dyn Authors) -> Vec<ImportRecord> {
        let ids = self
            .store
            .ids()
            .filter(|id| self.text(*id, IS) == IS_IMPORT);
        let mut found: Vec<ImportRecord> = ids
            .map(|id| ImportRecord {
                id,
                name: self.name(id).to_owned(),
                source: SourceId::parse(self.text(id, SOURCE)),
                date: Date::parse(self.text(id, DATE)).ok(),
                calendars: serde_json::from_str(self.text(id, CALENDARS)).unwrap_or_default(),
                report: serde_json::from_str(self.text(id, REPORT)).unwrap_or_default(),
                who: self
                    .store
                    .register(id, IS)
                    .and_then(|r| r.first_op())
                    .map(|op| Who::of(op, authors)),
            })
            .collect();
        found.sort_by(|a, b| (&a.date, a.id).cmp(&(&b.date, b.id)));
        found
    }
}

/// One import in the making.
struct Intake<'a, 'p, 'c, 'e> {
    edit: Edit<'p, 'c, 'e>,
    file: &'a ImportedPlan,
    /// Stamps of what earlier imports of the file made and an undo took back.
    undone: BTreeSet<Value>,
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

    /// A new task: every value a function of the file alone, stamps included.
    fn create(&mut self, record: RecordId, imported: &Imported, task: &ImportedTask) {
        let stamp = import_stamp(self.file.source);
        let moved = format!("{MOVED}import.{stamp}");
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
            (LIVE, live_by_import(&stamp)),
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
            (LIVE, live_by_import(&import_stamp(source))),
        ];
        for (field, value) in facts {
            self.edit.overwrite(id, field, value);
        }
        self.outcome.links_created += 1;
    }

    /// Who imported what, and when, in a record of its own.
    fn put_record(&mut self) {
        let file = self.file;
        let record = RecordId::fresh(self.edit.context.entropy);
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

/// The stamp of everything that importing a source makes.
fn import_stamp(source: SourceId) -> String {
    source.to_string()[..16].to_owned()
}
