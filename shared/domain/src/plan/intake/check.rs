//! Whether an imported plan is one that the plan can hold.

use std::collections::BTreeSet;

use crate::import::ImportedPlan;
use crate::limits::{DEPTH_MAX, NAME_CHARS_MAX, NOTES_BYTES_MAX};
use crate::plan::Rejected;
use crate::plan::field::{DURATION, NAME, NOTES};

/// Refuses what no importer should hand over: parents that do not come first, uids that come twice, broken limits.
pub(super) fn check(file: &ImportedPlan) -> Result<(), Rejected> {
    let invalid = |field: &str, given: String| Rejected::InvalidValue {
        field: field.to_owned(),
        given,
    };
    let mut uids = BTreeSet::new();
    let mut depths: Vec<usize> = Vec::with_capacity(file.tasks.len());
    for (at, task) in file.tasks.iter().enumerate() {
        let depth = match task.parent {
            None => 1,
            Some(parent) if parent < at => depths[parent] + 1,
            Some(parent) => return Err(invalid("parent", parent.to_string())),
        };
        depths.push(depth);
        if depth > DEPTH_MAX {
            return Err(Rejected::TooDeep);
        }
        if !uids.insert(task.uid) {
            return Err(invalid("uid", task.uid.to_string()));
        }
        let limit = |field: &str, limit| Rejected::TooLong {
            field: field.to_owned(),
            limit,
        };
        if task.name.chars().count() > NAME_CHARS_MAX {
            return Err(limit(NAME, NAME_CHARS_MAX));
        }
        if task.notes.len() > NOTES_BYTES_MAX {
            return Err(limit(NOTES, NOTES_BYTES_MAX));
        }
        if task.duration.is_some_and(|d| d.valid().is_none()) {
            return Err(invalid(DURATION, task.uid.to_string()));
        }
    }
    Ok(())
}
