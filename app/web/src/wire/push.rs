//! What the worker tells unasked.

use heqi_domain::plan::PlanDiff;
use serde::{Deserialize, Serialize};

use super::{MembersView, SeenHeads, VentureKey, VentureSummary};

/// News for a tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Push {
    /// The plan changed, by an edit of one's own or of others.
    Plan {
        heads: SeenHeads,
        #[serde(with = "super::compact")]
        diff: PlanDiff,
        undo: UndoState,
    },
    /// Where the edits of the open venture stand; sent on every change of it.
    Sync(SyncStatus),
    /// What a reconnect brought.
    Digest(Digest),
    /// Parties, members or invites of the open venture changed.
    Members(MembersView),
    /// The venture was locked; what is shown of it must go.
    Locked(VentureKey),
    /// The summary of a venture on this device changed, or a venture was added.
    Venture(VentureSummary),
    /// The venture is not on this device any more.
    Gone(VentureKey),
    /// How far the request `request` is.
    Progress { request: u32, progress: Progress },
    /// The worker stopped: nothing is saved any more until the page is reloaded.
    Fatal(Fatal),
}

/// Where the edits stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatus {
    pub local: Local,
    pub link: RelayLink,
    /// Own edits the relay has not acknowledged.
    pub pending: u32,
    /// Tabs that said hello and not yet bye; closing the last one stops the sending.
    pub tabs: u32,
    /// Envelopes that were refused by validation and wait aside.
    pub quarantined: u32,
    /// Envelopes whose changes build on some that have not come.
    pub waiting: u32,
    /// Edits of removed devices that came too late and are not taken in.
    pub late: u32,
    /// Devices that say they were shown another history and that nobody has looked at yet.
    pub alarms: u32,
    /// When the relay was last found to have been restored from a backup, in milliseconds since 1970.
    pub restored_ms: Option<u64>,
    /// What goes wrong while the connection goes on.
    pub trouble: Option<RelayProblem>,
}

/// Whether edits are on this device's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Local {
    Saving,
    Saved,
}

/// State of the connection to the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayLink {
    /// No connection, since a time in milliseconds since 1970 when it is known.
    Offline {
        since_ms: Option<u64>,
    },
    Connecting,
    /// Reads what came in meanwhile: `done` of `total` envelopes.
    CatchingUp {
        done: u64,
        total: u64,
    },
    Live,
    /// The relay answered and refused; no further try is made by itself.
    Refused(RelayProblem),
}

/// Why a relay and this device do not work together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayProblem {
    /// Its key is not the one the venture's charter names.
    UnknownKey,
    /// Its log contradicts what it had acknowledged; `how` names the proof.
    Forked { how: String },
    /// It does not know the venture, or this device in it.
    NotAdmitted,
    /// The device or member was removed; own edits stay here and can be exported.
    Removed,
    /// It was restored, and the device was admitted in what it has lost.
    Unadmitted,
    /// It does not take the edits of a removed member that were taken in here.
    Brought,
    /// Something that was asked of the charter before was refused, and is to be asked anew.
    Undone,
    /// Its newest key does not open what was written before; another device has to give that again.
    OlderKeys,
    /// It names edits that it does not give.
    Withheld,
    /// Its log names a position of the charter that it has not shown.
    CharterBehind,
    /// It speaks another protocol version.
    Version,
    /// It does not take edits of this member, whose roles no longer allow them.
    MayNotEdit,
    /// The venture's space there is used up.
    Quota,
    /// An edit is larger than it takes.
    TooBig,
    /// This device sent more than it allows.
    TooMuch,
    /// It is shutting down.
    Draining,
    /// It cannot write.
    Storage,
    /// It has too many connections.
    Busy,
    /// The venture has moved to another one.
    Moved,
    /// It takes no new ventures.
    Closed,
    /// It does not take an entry of the charter: the rules forbid it.
    EntryForbidden,
    /// Another entry of the charter came first.
    MovedOn,
    /// It asks for a part of the log that is not in this store.
    EnvelopeMissing,
    /// It broke the protocol; `how` names it, as messages do behind `misbehaviour-`.
    Misbehaved { how: String },
    /// It says that this device broke the protocol.
    Accused { how: String },
}

/// What a reconnect brought, in counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Changes of others that came in.
    pub merged: u32,
    /// Changes of one's own that met others' and are listed for review.
    pub met: u32,
}

/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub stage: Stage,
    /// Units done of `total`; 0 of 0 while the extent is unknown.
    pub done: u64,
    pub total: u64,
}

/// Stages of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    Reading,
    Applying,
    Saving,
}

/// Whether an own edit can be taken back or done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoState {
    pub undo: bool,
    pub redo: bool,
}

/// Why the worker stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fatal {
    /// The store of this device cannot be opened or written.
    Store { detail: String },
    /// The browser ran out of space for this origin.
    StoreFull,
    /// A newer build took the store over in another tab.
    NewerBuild,
    /// Another worker holds the store and does not let go: an older build, or another tab where the
    /// browser cannot share one worker between tabs.
    Occupied,
    /// A defect; `detail` is for a report of it.
    Defect { detail: String },
}
