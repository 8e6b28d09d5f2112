//! What the worker answers.

use heqi_domain::RecordId;
use heqi_domain::import::ImportReport;
use heqi_domain::plan::{ImportOutcome, PlanDiff, Rejected};
use serde::{Deserialize, Serialize};

use super::{
    CodeInfo, DeviceCode, HistoryRow, Id, LockView, MembersView, RecoveryKit, RelayProblem,
    RemovedView, Rights, SecurityView, SeenHeads, SyncStatus, UndoState, VentureKey, VerifiedView,
};

/// The answer to a request that succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Done,
    /// The edit is saved on this device; the plan's push came before this reply.
    Applied {
        /// The task that the edit added.
        created: Option<RecordId>,
    },
    Hello {
        /// Build of the worker.
        build: String,
    },
    Ventures(Vec<VentureSummary>),
    Venture(VentureSummary),
    Invite(InviteInfo),
    Plan(Box<PlanOpened>),
    Imported(Box<Imported>),
    File {
        name: String,
        media_type: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    Members(MembersView),
    /// The link to hand to the invited person; it works once and is shown only now.
    InviteLink(String),
    DeviceCode(DeviceCode),
    Kit(Box<RecoveryKit>),
    /// The change is put to the parties, which have to agree first.
    Proposed,
    /// A link for members whom the old relay can no longer tell; it holds no secret.
    Moved(String),
    History(Vec<HistoryRow>),
    Security(Box<SecurityView>),
    Verified(VerifiedView),
    Removed(RemovedView),
    Lock(LockView),
    Code(CodeInfo),
}

/// What an imported file holds, and what it did to the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub report: ImportReport,
    pub outcome: ImportOutcome,
}

/// A venture on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VentureSummary {
    pub key: VentureKey,
    /// The same for all copies of a venture.
    pub id: Id,
    pub name: String,
    /// Own party, its code, and own member name.
    pub party: String,
    pub code: String,
    pub member: String,
    /// URL of the relay.
    pub relay: String,
    /// Edits the relay has not acknowledged.
    pub pending: u32,
    /// When the kit was made that somebody said last they have, in milliseconds since 1970; `None` where nobody has.
    pub recovery_saved_ms: Option<u64>,
    /// It is locked, and asks for its passphrase or passkey.
    pub locked: bool,
    /// This device was removed from it.
    pub removed: bool,
}

/// What an invite link tells before it is used. Who invites stays unknown: names are encrypted until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteInfo {
    /// URL of the relay, and its host as people compare it.
    pub relay: String,
    pub host: String,
    /// The relay's address is this machine's own loopback: the link works nowhere else.
    pub loopback: bool,
    /// The connection to the relay would not be encrypted (`http:` to another machine).
    pub plaintext: bool,
    /// The venture is on this device already.
    pub known: Option<VentureKey>,
}

/// The open plan, and what else the page shows at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanOpened {
    pub venture: VentureSummary,
    pub heads: SeenHeads,
    /// The whole plan, as a change from the empty one.
    #[serde(with = "super::compact")]
    pub plan: PlanDiff,
    pub undo: UndoState,
    pub sync: SyncStatus,
    pub rights: Rights,
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// The rules forbid the edit.
    Rejected(#[serde(with = "super::compact::RejectedTwin")] Rejected),
    /// The relay cannot be reached, and this needs it.
    Offline,
    /// The relay answered and refused.
    Relay(RelayProblem),
    Invite(InviteProblem),
    Import(ImportProblem),
    Recovery(RecoveryProblem),
    Code(CodeProblem),
    Charter(CharterProblem),
    /// The venture is locked on this device.
    Locked(LockView),
    /// Neither passphrase nor passkey opened the lock.
    WrongSecret,
    /// A name or a party's code is none, or another party's.
    Name(NameProblem),
    /// The text is no URL of a relay.
    RelayUrl,
    /// The role of the member does not allow it.
    Forbidden,
    /// No such venture on this device, or none is open.
    NoVenture,
    /// Nothing left to take back or to do again.
    NothingToUndo,
    /// The store of this device failed; nothing was changed.
    Store {
        detail: String,
    },
    /// A defect of the worker; `detail` is for a report of it.
    Defect {
        detail: String,
    },
    /// The rule that all devices hold edits to forbids it; `detail` says why.
    OthersRefuse {
        detail: String,
    },
}

/// Why a name or a party's code is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameProblem {
    /// It is empty, or has control characters.
    Bad,
    TooLong,
    Taken,
    /// A code is of other characters, or longer.
    BadCode,
    CodeTaken,
}

/// Why an invite cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InviteProblem {
    /// The text is no invite link.
    Malformed,
    /// The link was made by a newer version.
    Newer,
    /// Somebody used it already.
    Used,
    Expired,
    Revoked,
    /// The venture is on this device already.
    Known,
}

/// Why a file was not imported; the plan is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportProblem {
    /// No Microsoft Project XML, or a broken or hostile one.
    Refused {
        /// Line of the offence, from 1.
        line: Option<u64>,
        /// Key and arguments of the reason, as `MspdiError` of heqi-domain gives them.
        key: String,
        args: Vec<(String, String)>,
        /// The reason in English, shown where the reader's language has no words for the key.
        reason: String,
    },
    TooBig {
        bytes_max: u64,
    },
}

/// Why a code does not add this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeProblem {
    /// The text is neither link, nor code, nor words.
    Malformed,
    /// A letter or word is mistaken.
    Checksum,
    /// The relay knows no such code: expired, used, withdrawn, or of another relay.
    Unknown,
    /// The code was withdrawn, used up, or made for another venture.
    Spent,
    Expired,
}

/// Why the charter does not take what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CharterProblem {
    NotManager,
    OtherParty,
    OtherMember,
    /// This device was removed.
    Removed,
    /// The interests do not add up to a whole.
    Interests,
    /// A rule lets write who may not read.
    AccessRule,
    /// It would change nothing.
    Nothing,
    /// The parties have not decided it.
    NotDecided,
    /// It is proposed already, or needs nobody else's word.
    BadProposal,
    /// The invite, code or kit is not pending any more.
    Spent,
    /// Whom it concerns is no longer part of the venture.
    Gone,
    /// No role is given.
    NoRole,
    /// The venture has as many of something as a charter holds, or the entry would be too large.
    Full,
    /// Another device of the party has to give keys first.
    KeysMissing,
    /// No edits of a removed member are in the file.
    NoLateEdits,
    /// The unsent edits are more than one file holds.
    TooManyEdits,
    /// Some of the unsent edits are not in this store any more.
    EditsMissing,
    OtherVenture,
    /// Another rule forbids it; the reason in English.
    Other {
        reason: String,
    },
}

/// Why a recovery kit does not restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecoveryProblem {
    Malformed,
    Newer,
    PassphraseNeeded,
    PassphraseWrong,
    /// The venture is on this device already.
    Known,
}
