//! What people must know or decide after a merge. The list is a function of the registers alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::record::{Author, Authors, Op, RecordId, Value};
use crate::time::Date;

/// Identifies a conflict for as long as it lasts: a digest of its kind, record and field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConflictId(pub RecordId);

/// How much it presses. Nothing blocks editing; a blocking one stops signing, paying and closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Attention,
    Blocking,
}

/// One item of the merge review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub id: ConflictId,
    /// The task or the link that it is about.
    pub record: RecordId,
    /// The task whose row shows it: the record itself, or a link's successor.
    pub task: RecordId,
    pub severity: Severity,
    pub kind: ConflictKind,
}

/// Who wrote, as far as known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub op: Op,
    /// `None` while the charter entry that admits the author is not yet known.
    pub author: Option<Author>,
}

/// One of several values of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub value: Value,
    pub who: Who,
}

/// One party's report of progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyReport {
    pub party_code: String,
    pub date: Date,
    pub percent: u8,
}

/// What met what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Several members gave one field different values without knowing of each other.
    Field {
        field: String,
        /// The value before all of them.
        base: Option<Value>,
        sides: Vec<Side>,
        /// Index of the side that the plan shows meanwhile.
        provisional: usize,
    },
    /// Somebody deleted what somebody else was editing or adding to; it stands until decided.
    DeleteEdit {
        deleted_by: Vec<Who>,
        edited_by: Vec<Who>,
        /// Fields that differ from what the deleter saw.
        fields: Vec<String>,
        /// Tasks below it that keep it, where it was itself not edited.
        children: Vec<RecordId>,
    },
    /// A move would have put a task below itself, because of another move made at the same time.
    MoveSkipped {
        /// Where the task was to go; `None` for the top.
        wanted: Option<RecordId>,
        by: Who,
        /// The task whose move made this one impossible, and who moved it.
        because: RecordId,
        because_by: Option<Who>,
    },
    /// A dependency closes a loop and does not count until the loop is opened.
    LinkSuspended {
        pred: RecordId,
        succ: RecordId,
        by: Who,
        /// Tasks of the loop, from the successor on to the predecessor.
        tasks: Vec<RecordId>,
        /// The other dependencies of the loop, in the same order, with their authors.
        links: Vec<(RecordId, Who)>,
    },
    /// Two devices of one party drew the same code offline.
    CodeCollision {
        code: String,
        /// The code that this task shows instead.
        shown: String,
        /// The task that keeps the code.
        keeper: RecordId,
    },
    /// Parties report different progress for the same time.
    ProgressDisagreement {
        /// The report that counts.
        current: PartyReport,
        others: Vec<PartyReport>,
    },
}

impl ConflictKind {
    /// Stable key for texts in the reader's language.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Field { .. } => "conflict-field",
            Self::DeleteEdit { .. } => "conflict-delete-edit",
            Self::MoveSkipped { .. } => "conflict-move-skipped",
            Self::LinkSuspended { .. } => "conflict-link-suspended",
            Self::CodeCollision { .. } => "conflict-code-collision",
            Self::ProgressDisagreement { .. } => "conflict-progress",
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::CodeCollision { .. } | Self::ProgressDisagreement { .. } => Severity::Info,
            _ => Severity::Attention,
        }
    }

    /// The cell of the task's row that shows it.
    pub(crate) fn cell(&self) -> &str {
        use super::field::{CODE, LAG, LIVE, PARENT};
        match self {
            Self::Field { field, .. } if field == LAG => "predecessors",
            Self::Field { field, .. } if field.starts_with(super::field::PROGRESS) => "percent",
            Self::Field { field, .. } => field,
            Self::DeleteEdit { .. } => LIVE,
            Self::MoveSkipped { .. } => PARENT,
            Self::LinkSuspended { .. } => "predecessors",
            Self::CodeCollision { .. } => CODE,
            Self::ProgressDisagreement { .. } => "percent",
        }
    }
}

impl Conflict {
    /// True where one of the sides is the replica's own member.
    pub fn involves_me(&self) -> bool {
        let whos: Vec<&Who> = match &self.kind {
            ConflictKind::Field { sides, .. } => sides.iter().map(|side| &side.who).collect(),
            ConflictKind::DeleteEdit {
                deleted_by,
                edited_by,
                ..
            } => deleted_by.iter().chain(edited_by).collect(),
            ConflictKind::MoveSkipped { by, because_by, .. } => {
                std::iter::once(by).chain(because_by).collect()
            }
            ConflictKind::LinkSuspended { by, links, .. } => {
                let others = links.iter().map(|(_, who)| who);
                std::iter::once(by).chain(others).collect()
            }
            ConflictKind::CodeCollision { .. } | ConflictKind::ProgressDisagreement { .. } => {
                Vec::new()
            }
        };
        whos.iter()
            .any(|who| who.author.as_ref().is_some_and(|author| author.me))
    }

    pub(crate) fn new(record: RecordId, task: RecordId, kind: ConflictKind) -> Self {
        let field = match &kind {
            ConflictKind::Field { field, .. } => field.as_str(),
            ConflictKind::DeleteEdit { children, .. } if !children.is_empty() => "children",
            _ => "",
        };
        let parts = [kind.key().as_bytes(), &record.0, field.as_bytes()];
        Self {
            id: ConflictId(RecordId::derived("heqi conflict", &parts)),
            record,
            task,
            severity: kind.severity(),
            kind,
        }
    }
}

impl Who {
    pub(crate) fn of(op: Op, authors: &dyn Authors) -> Self {
        Self {
            op,
            author: authors.author(&op.actor),
        }
    }
}

impl ConflictId {
    /// Parses the text form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        RecordId::parse(text).map(Self)
    }
}

impl fmt::Display for ConflictId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
