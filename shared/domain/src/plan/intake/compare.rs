//! The next import of a file: the last one is the base, the file and the plan are the two sides.
//!
//! A delete by a person is a change like any other, and stands against the file. What went with the undo of an import,
//! or with a version of the file that no longer had it, is none: who imports a file that has it asks for it.

use std::collections::BTreeSet;

use super::{Imported, ImportedTie, Intake, KeptField, KeptWhy, duration_value, notes_digest};
use crate::import::ImportedTask;
use crate::plan::field::{
    DURATION, IMPORTED, KIND, LAG, LIVE, MODE, NAME, NOTES, ORDER, PARENT, composite,
    composite_value,
};
use crate::quantity::Lag;
use crate::record::{RecordId, Value};
use crate::stamp::is_gone_by_import;
use crate::store::Register;

/// What the progress is called where it is no register: people's reports each have their own.
const PERCENT: &str = "percent";

impl Intake<'_, '_, '_, '_> {
    /// Takes over what the file changed since the last import, unless a person changed it too.
    pub(super) fn compare(
        &mut self,
        record: RecordId,
        base: &Imported,
        new: &Imported,
        task: &ImportedTask,
    ) {
        if base != new {
            self.edit.put(record, IMPORTED, composite_value(new));
        }
        if self.comes_back(record) {
            self.compare_fields(record, base, new, task);
            self.edit.stamp_as_imported(record, Some(self.record));
            self.outcome.created += 1;
        } else if !self.edit.plan.outline.is_shown(record) {
            self.keep(record, LIVE, KeptWhy::Deleted);
        } else {
            let changed = self.compare_fields(record, base, new, task);
            if changed {
                self.touch(record);
            }
            if changed || self.shows_otherwise(record, base, new) {
                self.outcome.updated += 1;
            }
        }
    }

    /// Whether the record is deleted, and by no hand but that of an import.
    pub(super) fn comes_back(&self, record: RecordId) -> bool {
        let plan = self.edit.plan;
        let is_gone = match plan.nodes.contains_key(&record) {
            true => !plan.outline.is_shown(record),
            false => !plan.store.is_live(record),
        };
        let live = plan.store.register(record, LIVE);
        let by_import = |live: &Register| live.sides().iter().all(|c| is_gone_by_import(&c.value));
        is_gone && live.is_some_and(by_import)
    }

    fn compare_fields(
        &mut self,
        record: RecordId,
        base: &Imported,
        new: &Imported,
        task: &ImportedTask,
    ) -> bool {
        let text = |t: &str| Value::text(t);
        let mut changed = false;
        for (field, old, now) in [
            (NAME, text(&base.name), text(&new.name)),
            (KIND, text(base.kind.as_str()), text(new.kind.as_str())),
            (MODE, text(base.mode.as_str()), text(new.mode.as_str())),
            (
                DURATION,
                duration_value(base.duration),
                duration_value(new.duration),
            ),
            (ORDER, text(&base.order), text(&new.order)),
        ] {
            changed |= self.compare_field(record, field, &old, now);
        }
        changed |= self.compare_notes(record, base, task);
        changed |= self.compare_parent(record, base, new);
        changed
    }

    /// Whether the file changed what is shown as it says and held in no register of its own. Progress that people
    /// report counts before that of the file.
    fn shows_otherwise(&mut self, record: RecordId, base: &Imported, new: &Imported) -> bool {
        let plan = self.edit.plan;
        let mut percent = base.percent != new.percent;
        if percent && !plan.reports(record).is_empty() {
            percent = false;
            if plan.own_percent(record) != new.percent {
                self.keep(record, PERCENT, KeptWhy::Changed);
            }
        }
        let shown = |it: &Imported| {
            let dates = (it.start.clone(), it.finish.clone());
            (dates, it.wbs.clone(), it.calendar.clone(), it.baselines)
        };
        percent || shown(base) != shown(new)
    }

    pub(super) fn compare_link(&mut self, link: RecordId, lag: Lag, imported: Value) {
        let plan = self.edit.plan;
        let base: Option<ImportedTie> = plan.value(link, IMPORTED).and_then(composite);
        let comes_back = self.comes_back(link);
        if !comes_back && !plan.store.is_live(link) {
            self.keep(link, LIVE, KeptWhy::Deleted);
        }
        let mut changed = false;
        if plan.value(link, IMPORTED) != Some(&imported) {
            self.edit.put(link, IMPORTED, imported);
            if comes_back || plan.store.is_live(link) {
                let old = composite_value(&base.map_or(Lag::NONE, |b| b.lag));
                changed = self.compare_field(link, LAG, &old, composite_value(&lag));
            }
        }
        if comes_back {
            self.edit.stamp_as_imported(link, Some(self.record));
            self.outcome.links_created += 1;
        } else if changed {
            self.touch(link);
        }
    }

    /// Stamps a record as edited, by an import where nobody else touched it yet.
    fn touch(&mut self, record: RecordId) {
        if self.edit.plan.is_by_import(record) {
            self.edit.stamp_as_imported(record, None);
        } else {
            self.edit.touch(record);
        }
    }

    /// Deletes what the file no longer has and nobody touched since an import made it.
    pub(super) fn remove_missing(&mut self) {
        let plan = self.edit.plan;
        let source = self.file.source;
        let in_file: BTreeSet<RecordId> = self
            .file
            .tasks
            .iter()
            .map(|t| source.record(t.uid))
            .collect();
        let links: Vec<RecordId> = plan.links.keys().copied().collect();
        for link in links {
            let from_source = plan
                .value(link, IMPORTED)
                .and_then(composite::<ImportedTie>)
                .is_some_and(|tie| tie.source == source);
            if !from_source || self.taken.contains(&link) {
                continue;
            }
            if plan.is_by_import(link) {
                self.edit.leave(link, self.record);
                self.outcome.links_removed += 1;
            } else if plan
                .links
                .get(&link)
                .is_some_and(|l| l.is_shown(&plan.outline))
            {
                self.keep(link, LIVE, KeptWhy::LeftTheFile);
            }
        }
        // From the last line up, so that a summary goes with all below it or stays with what stays.
        let mut staying: BTreeSet<RecordId> = BTreeSet::new();
        for task in plan.outline.order.iter().rev() {
            let parent = plan.outline.parent(*task);
            let of_source = plan.imported(*task).is_some_and(|i| i.source == source);
            let missing = of_source && !in_file.contains(task);
            if missing && plan.is_by_import(*task) && !staying.contains(task) {
                self.edit.leave(*task, self.record);
                self.outcome.removed += 1;
                continue;
            }
            if missing {
                self.keep(*task, LIVE, KeptWhy::LeftTheFile);
            }
            staying.extend(parent);
        }
    }

    fn compare_field(&mut self, record: RecordId, field: &str, old: &Value, new: Value) -> bool {
        if *old == new {
            return false;
        }
        let unset = Value::text("");
        let present = self.edit.plan.value(record, field).unwrap_or(&unset);
        let same = |other: &Value| field == LAG && lag_of(present) == lag_of(other);
        if present == old || same(old) {
            return self.edit.put(record, field, new);
        }
        if *present != new {
            self.keep(record, field, KeptWhy::Changed);
        }
        false
    }

    fn compare_notes(&mut self, record: RecordId, base: &Imported, task: &ImportedTask) -> bool {
        let (present, new) = (
            notes_digest(self.edit.plan.notes(record)),
            notes_digest(&task.notes),
        );
        if base.notes == new || present == new {
            return false;
        }
        if present == base.notes {
            let notes = Value::text(task.notes.as_str());
            return self.edit.put(record, NOTES, notes);
        }
        self.keep(record, NOTES, KeptWhy::Changed);
        false
    }

    fn compare_parent(&mut self, record: RecordId, base: &Imported, new: &Imported) -> bool {
        let outline = &self.edit.plan.outline;
        let present = outline.parent(record);
        if base.parent == new.parent || present == new.parent {
            return false;
        }
        let below = new.parent.is_some_and(|p| outline.is_below(p, record));
        if present != base.parent || below {
            self.keep(record, PARENT, KeptWhy::Changed);
            return false;
        }
        self.edit.put_parent(record, new.parent);
        true
    }

    fn keep(&mut self, record: RecordId, field: &str, why: KeptWhy) {
        let plan = self.edit.plan;
        let link = plan.links.get(&record);
        let task = link.map_or(record, |link| link.succ);
        self.outcome.kept.push(KeptField {
            record,
            field: field.to_owned(),
            why,
            is_link: link.is_some(),
            code: plan.codes().shown(task),
            name: plan.name(task).to_owned(),
        });
    }
}

fn lag_of(value: &Value) -> Option<Lag> {
    composite(value)
}
