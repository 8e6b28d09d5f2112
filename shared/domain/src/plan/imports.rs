//! The imports that took place: each has a record of its own, which its undo deletes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Plan;
use super::conflict::Who;
use super::field::{IS, IS_IMPORT, LIVE};
use crate::import::{ImportReport, SourceId};
use crate::record::{Authors, History, RecordId, Value};
use crate::stamp::{ImportHand, ImportStamp, is_deleted_stamp, is_live_by_import};
use crate::standing::Standing;
use crate::time::Date;

pub(super) const SOURCE: &str = "source";
pub(super) const REPORT: &str = "report";
pub(super) const CALENDARS: &str = "calendars";
pub(super) const DATE: &str = "date";

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

impl Plan {
    /// Imports that took place, by date.
    pub fn imports(&self, authors: &dyn Authors) -> Vec<ImportRecord> {
        let mut found: Vec<ImportRecord> = self
            .imports
            .keys()
            .map(|id| ImportRecord {
                id: *id,
                name: self.name(*id).to_owned(),
                source: SourceId::parse(self.text(*id, SOURCE)),
                date: Date::parse(self.text(*id, DATE)).ok(),
                calendars: serde_json::from_str(self.text(*id, CALENDARS)).unwrap_or_default(),
                report: serde_json::from_str(self.text(*id, REPORT)).unwrap_or_default(),
                who: self
                    .store
                    .register(*id, IS)
                    .and_then(|r| r.first_op())
                    .map(|op| Who::of(op, authors)),
            })
            .collect();
        found.sort_by(|a, b| (&a.date, a.id).cmp(&(&b.date, b.id)));
        found
    }

    /// Imports of a source that nobody has undone.
    pub(super) fn imports_of<'a>(&'a self, source: &'a str) -> impl Iterator<Item = RecordId> + 'a {
        let ids = self.imports.keys().copied();
        ids.filter(move |id| self.text(*id, SOURCE) == source && self.store.is_live(*id))
    }

    /// Takes over which imports there are and stand, and adds to `touched` what lives or goes with those that changed.
    pub(super) fn read_imports(
        &mut self,
        touched: &mut BTreeMap<RecordId, BTreeSet<String>>,
        history: &dyn History,
    ) {
        let is_import = |id: &&RecordId| self.text(**id, IS) == IS_IMPORT;
        let concerned = |id: &&RecordId| is_import(id) || self.imports.contains_key(*id);
        let changed: Vec<RecordId> = touched.keys().filter(concerned).copied().collect();
        if changed.is_empty() {
            return;
        }
        let known = self.imports.keys().chain(&changed);
        let ids: BTreeSet<RecordId> = known.filter(is_import).copied().collect();
        for id in &changed {
            self.settle(*id, &touched[id], history);
        }
        let relies_on = |later: &RecordId| {
            let earlier = ids.iter().copied();
            let on = earlier.filter(|earlier| self.relies_on(*later, *earlier, history));
            (*later, on.collect())
        };
        self.imports = ids.iter().map(relies_on).collect();
        let undone = self.imports.keys().filter(|id| !self.store.is_live(**id));
        let standing = Standing::of(&self.imports, &undone.copied().collect());
        let differing = standing.differing(&self.standing);
        self.standing = standing;
        let lives_by = |value: &Value| {
            ImportStamp::read(value).is_some_and(|stamp| {
                let left = matches!(stamp.hand, ImportHand::Left(by) if differing.contains(&by));
                left || stamp.imports.iter().any(|id| differing.contains(id))
            })
        };
        for id in self.store.living_by(lives_by) {
            touched.entry(id).or_default().insert(LIVE.to_owned());
        }
    }

    /// Whether who made the later import saw the earlier one of the same file, and that it was not undone.
    fn relies_on(&self, later: RecordId, earlier: RecordId, history: &dyn History) -> bool {
        let made = |import| self.store.register(import, IS)?.first_op();
        let is_of_one_file = self.text(later, SOURCE) == self.text(earlier, SOURCE);
        // What a member saw has the lower operation.
        let (Some(made), true) = (
            made(later).filter(|op| made(earlier) < Some(*op)),
            is_of_one_file,
        ) else {
            return false;
        };
        let live = history.seen_by(made, earlier, LIVE);
        let was_undone = !live.is_empty() && live.iter().all(|c| is_deleted_stamp(&c.value));
        !was_undone && !history.seen_by(made, earlier, IS).is_empty()
    }

    /// Whether nobody but imports ever touched the record.
    pub(super) fn is_by_import(&self, record: RecordId) -> bool {
        let live = self.store.register(record, LIVE);
        live.is_some_and(|live| live.sides().iter().all(|c| is_live_by_import(&c.value)))
    }

    /// The imports that a record lives or went with, the latest last.
    pub(super) fn imports_with(&self, record: RecordId) -> Vec<RecordId> {
        let live = self.store.register(record, LIVE).into_iter();
        let stamps = live.flat_map(|live| live.candidates());
        let stamps = stamps.filter_map(|c| ImportStamp::read(&c.value));
        let mut known = Vec::new();
        for import in stamps.flat_map(|stamp| stamp.imports) {
            if !known.contains(&import) {
                known.push(import);
            }
        }
        known
    }
}
