//! What the worker answers.

use heqi_domain::RecordId;
use heqi_domain::import::ImportReport;
use heqi_domain::plan::{PlanDiff, Rejected};
use serde::{Deserialize, Serialize};

use super::{RelayProblem, Role, SeenHeads, SyncStatus, UndoState, VentureKey};

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
    Imported(ImportReport),
    File {
        name: String,
        media_type: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    Members(MembersView),
    /// The link to hand to the invited person; it works once and is shown only now.
    InviteLink(String),
}

/// A venture on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VentureSummary {
    pub key: VentureKey,
    pub name: String,
    /// Own party, its code, and own member name.
    pub party: String,
    pub code: String,
    pub member: String,
    /// URL of the relay.
    pub relay: String,
    /// Edits the relay has not acknowledged.
    pub pending: u32,
    /// When a recovery file was last exported, in milliseconds since 1970; `None` for never.
    pub recovery_saved_ms: Option<u64>,
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
    /// The member may edit the plan.
    pub may_edit: bool,
    /// The member may invite.
    pub may_invite: bool,
}

/// Parties and members of the open venture, and invites nobody used yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersView {
    pub parties: Vec<PartyRow>,
    pub invites: Vec<InviteRow>,
}

/// A party and its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRow {
    /// Empty while the directory that holds the name cannot be read.
    pub name: String,
    pub code: String,
    /// Founded the venture.
    pub leader: bool,
    /// The reader's own party.
    pub mine: bool,
    /// When an edit of the party last arrived, in milliseconds since 1970.
    pub last_heard_ms: Option<u64>,
    pub members: Vec<MemberRow>,
}

/// A member of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub name: String,
    pub roles: Vec<Role>,
    pub me: bool,
    /// Somebody compared words with them; until then whoever held the link may be behind the name.
    pub confirmed: bool,
}

/// An invite that nobody used yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    pub party: String,
    pub code: String,
    pub role: Role,
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

/// Why a recovery file does not restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecoveryProblem {
    Malformed,
    Newer,
    PassphraseNeeded,
    PassphraseWrong,
    /// The venture is on this device already.
    Known,
}
