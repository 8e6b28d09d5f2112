//! Where edits stand.

use crate::texts::topic;
use crate::{Texts, Topic, say};

pub(crate) const TOPIC: Topic = topic!("status");

/// Whether edits that are saved here wait for the relay's acknowledgement, and how many.
pub fn saved(texts: &Texts, pending: u64) -> String {
    match pending {
        0 => say!(texts, "sync-all-acknowledged"),
        count => say!(texts, "sync-waiting", count = count),
    }
}

/// What a merge brought: changes of others, and how many of one's own met them.
pub fn digest(texts: &Texts, merged: u64, met: u64) -> String {
    let merged = say!(texts, "digest-merged", merged = merged);
    match met {
        0 => merged,
        met => format!("{merged} {}", say!(texts, "digest-met", met = met)),
    }
}
