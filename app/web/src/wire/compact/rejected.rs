//! The twin of [`Rejected`].

use heqi_domain::RecordId;
use heqi_domain::plan::{ConflictId, Rejected};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Rejected")]
pub(crate) enum RejectedTwin {
    UnknownTask {
        task: RecordId,
    },
    UnknownLink {
        link: RecordId,
    },
    UnknownConflict {
        conflict: ConflictId,
    },
    ChoiceDoesNotFit {
        conflict: ConflictId,
    },
    EmptyName,
    TooLong {
        field: String,
        limit: usize,
    },
    InvalidValue {
        field: String,
        given: String,
    },
    NotForSummary {
        field: String,
    },
    BelowItself {
        task: RecordId,
    },
    LinkToItself {
        task: RecordId,
    },
    WouldCloseLoop {
        tasks: Vec<RecordId>,
    },
    NowhereToMove {
        task: RecordId,
    },
    TooDeep,
    TooManyTasks,
    InvalidPartyCode {
        code: String,
    },
    NothingToUndo,
    ChangedSince {
        record: RecordId,
        field: String,
        by: String,
    },
}
