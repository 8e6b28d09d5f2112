//! The next import of a file: the last one is the base, the file and the plan are the two sides.

use std::collections::BTreeSet;

use super::{Imported, ImportedTie, Intake, KeptField, duration_value, notes_digest};
use crate::import::ImportedTask;
use crate::plan::field::{
    DURATION, IMPORTED, KIND, LAG, LIVE, MODE, NAME, NOTES, ORDER, PARENT, composite,
    composite_value,
};
use crate::quantity::Lag;
use crate::record::{RecordId, Value};
use crate::store::fresh_stamp;

/// Begins the live stamp of a record that nobody but an import ever touched.
const LIVE_BY_IMPORT: &str = "live:import:";

impl Intake<'_, '_, '_, '_> {
    /// Takes over what the file changed since the last import, unless a person changed it too.
    pub(super) fn compare(
        &mut self,
        record: RecordId,
        base: &Imported,
        new: &Imported,
        task: &ImportedTask,
    ) {
        if base == new {
            return;
        }
        self.edit.put(record, IMPORTED, composite_value(new));
        if !self.edit.plan.outline.is_shown(record) {
            return self.keep(record, LIVE);
        }
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
        if changed {
            self.touch(record);
            self.outcome.updated += 1;
        }
    }

    pub(super) fn compare_link(&mut self, link: RecordId, lag: Lag, imported: Value) {
        let plan = self.edit.plan;
        let base: Option<ImportedTie> = plan.value(link, IMPORTED).and_then(composite);
        if plan.value(link, IMPORTED) == Some(&imported) {
            return;
        }
        self.edit.put(link, IMPORTED, imported);
        if !plan.store.is_live(link) {
            return self.keep(link, LIVE);
        }
        let old = composite_value(&base.map_or(Lag::NONE, |b| b.lag));
        if self.compare_field(link, LAG, &old, composite_value(&lag)) {
            self.touch(link);
        }
    }

    /// Stamps a record as edited, by an import where nobody else touched it yet.
    fn touch(&mut self, record: RecordId) {
        if self.is_untouched(record) {
            let stamp = fresh_stamp(self.edit.context.entropy);
            let value = Value::Text(format!("{LIVE_BY_IMPORT}{stamp}"));
            self.edit.untouch(record);
            self.edit.overwrite(record, LIVE, value);
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
            if from_source && !self.taken.contains(&link) && self.is_untouched(link) {
                self.edit.delete(link);
                self.outcome.links_removed += 1;
            }
        }
        // From the last line up, so that a summary goes with all below it or stays with what stays.
        let mut staying: BTreeSet<RecordId> = BTreeSet::new();
        for task in plan.outline.order.iter().rev() {
            let parent = plan.outline.parent(*task);
            let of_source = plan.imported(*task).is_some_and(|i| i.source == source);
            let missing = of_source && !in_file.contains(task);
            if missing && self.is_untouched(*task) && !staying.contains(task) {
                self.edit.delete(*task);
                self.outcome.removed += 1;
                continue;
            }
            if missing {
                self.keep(*task, LIVE);
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
            self.keep(record, field);
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
        self.keep(record, NOTES);
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
            self.keep(record, PARENT);
            return false;
        }
        self.edit.put_parent(record, new.parent);
        true
    }

    fn is_untouched(&self, record: RecordId) -> bool {
        let Some(live) = self.edit.plan.store.register(record, LIVE) else {
            return false;
        };
        let by_import = |v: &Value| v.as_text().is_some_and(|t| t.starts_with(LIVE_BY_IMPORT));
        live.sides().iter().all(|c| by_import(&c.value))
    }

    fn keep(&mut self, record: RecordId, field: &str) {
        self.outcome.kept.push(KeptField {
            record,
            field: field.to_owned(),
        });
    }
}

fn lag_of(value: &Value) -> Option<Lag> {
    composite(value)
}
