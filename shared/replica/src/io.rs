//! What goes into a replica and what comes out of it.

use heqi_domain::plan::{PlanCommand, PlanDiff, Rejected};
use heqi_domain::time::Date;
use heqi_protocol::log::Incarnation;
use heqi_protocol::{DeviceId, Hash, InviteId, MemberId, Misbehaviour, PartyId, Role, Roles};

use crate::store::StoreOp;

/// Milliseconds of any clock that does not run backwards while the replica is open.
pub type Millis = u64;

/// Names a request, so that its reply can be told.
pub type RequestId = u64;

/// The heads of a document a view was made from.
pub type Heads = Vec<[u8; 32]>;

/// What happens to a replica.
#[derive(Clone, Debug)]
pub enum Input {
    /// The shell is ready; comes first.
    Start,
    /// The connection that [`Output::Dial`] asked for is open.
    Opened,
    /// The connection closed, or could not be opened.
    Closed,
    /// A binary message arrived.
    Frame(Vec<u8>),
    /// The time of [`Output::Wake`] has come.
    Wake,
    /// [`Output::Again`] asked to go on, after everything before it was done.
    Work,
    /// The envelopes that [`Output::Fetch`] asked for, by hash; `None` for one that the store does not have.
    Fetched(Vec<(Hash, Option<Vec<u8>>)>),
    /// Connect from now on, or stay offline.
    Online(bool),
    /// A person asks for something.
    Ask(RequestId, Request),
}

/// What a person asks for.
#[derive(Clone, Debug)]
pub enum Request {
    /// Changes the plan as its author saw it at `seen`; empty heads mean the present ones.
    Plan {
        seen: Heads,
        command: PlanCommand,
        today: Date,
    },
    Undo {
        today: Date,
    },
    Redo {
        today: Date,
    },
    /// Invites into the party of that name, admitting it with `code` if there is none.
    Invite {
        party: String,
        code: String,
        roles: Vec<Role>,
        /// Milliseconds since 1970.
        expires_ms: Option<u64>,
    },
    /// The whole plan as a difference from nothing.
    View,
    /// The file that brings this device back.
    RecoveryFile,
    /// Everything as standard files.
    Archive,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Done,
    View(ViewChange),
    /// The invite is in the charter.
    Invited {
        link: String,
    },
    RecoveryFile(Vec<u8>),
    /// Files by relative path; envelopes still to be fetched are named in order.
    Archive(crate::archive::Archive),
}

/// Why a request was not done. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error("your roles do not allow changing the plan; ask a partner manager of your party")]
    MayNotWrite,
    #[error("only a partner manager may invite; ask one of your party")]
    NotManager,
    #[error("that party has a manager of its own, who invites its people")]
    OtherParty,
    #[error("the party {0:?} is not part of the venture; give it a short code to admit it")]
    CodeMissing(String),
    #[error("{0} is empty, too long or has characters that are not allowed")]
    BadName(&'static str),
    #[error("name at least one role")]
    NoRole,
    #[error("the venture is not yet founded or joined; connect to the relay first")]
    NotYetMember,
    #[error("the relay refused it: {0}")]
    Refused(String),
    #[error("another request to change the charter is still under way")]
    Busy,
}

/// What a shell must do, in this order; each before the next.
#[derive(Clone, Debug)]
pub enum Output {
    /// Write all of it durably or nothing. When that fails, drop the replica and open it again from the store.
    Persist(Vec<StoreOp>),
    /// Read envelopes and bring them as [`Input::Fetched`].
    Fetch(Vec<Hash>),
    /// Open a WebSocket to this address.
    Dial(String),
    /// Close the connection, or give up dialling; [`Input::Closed`] follows.
    HangUp,
    Send(Vec<u8>),
    /// Bring [`Input::Wake`] at this time; replaces the time asked for before.
    Wake(Millis),
    /// Bring [`Input::Work`] soon; local commands may come first.
    Again,
    View(ViewChange),
    Status(Status),
    Directory(Directory),
    Digest(Digest),
    Reply(RequestId, Result<Reply, Failure>),
}

/// A change of what people see of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChange {
    /// Heads after the change: what a command made on this view carries.
    pub heads: Heads,
    pub diff: PlanDiff,
    pub can_undo: bool,
    pub can_redo: bool,
}

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// By choice, or because nothing was asked for yet.
    Offline,
    /// Lost; tried again at that time.
    Waiting {
        retry_at: Millis,
    },
    Connecting,
    Online,
}

/// What a person must know about syncing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub link: Link,
    /// False until the charter has admitted this device.
    pub member: bool,
    /// Own edits that the relay has not acknowledged. All of them are saved here.
    pub pending: u64,
    /// Entries received that are not yet in the view.
    pub incoming: u64,
    /// Envelopes and changes refused as invalid.
    pub quarantined: u64,
    /// Envelopes that wait for others they build on.
    pub waiting: u64,
    /// True where everything is acknowledged and everything there is has been read.
    pub settled: bool,
    /// The relay's life; a change of it means that the relay was restored.
    pub incarnation: Option<Incarnation>,
    /// Set from the restore of a relay until the next opening.
    pub relay_restored: bool,
    pub problem: Option<Problem>,
}

/// Why syncing does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Stops: a person must act. The proof is kept.
    #[error(
        "the relay {0}; do not trust it: compare with a partner, then move the venture to another relay"
    )]
    Relay(Misbehaviour),
    #[error("the relay says that this device {0}")]
    Refused(Misbehaviour),
    #[error("the relay is not available: {0}")]
    Unavailable(heqi_protocol::frame::Unavailable),
    #[error("an edit was not taken: {0}")]
    Nack(heqi_protocol::frame::NackReason),
    #[error("the relay did not take the entry: {0}")]
    Amend(heqi_protocol::frame::AmendRefused),
    #[error("the keys in this invite do not open; ask for a new one")]
    Keys,
    #[error(
        "two versions of the charter exist since the relay was restored; the managers must decide"
    )]
    CharterForked,
    #[error("the venture uses a newer version of Heqi: update, then sync again")]
    Newer,
    #[error("a part of the log that the relay asks for is not in this store")]
    EnvelopeMissing,
}

/// Names and people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub venture: String,
    pub relay_url: String,
    pub parties: Vec<PartyEntry>,
    pub invites: Vec<InviteEntry>,
    /// This device's member.
    pub me: Option<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyEntry {
    pub id: PartyId,
    pub name: String,
    pub code: String,
    pub members: Vec<MemberEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberEntry {
    pub id: MemberId,
    pub name: String,
    pub roles: Roles,
    pub devices: Vec<DeviceId>,
    /// Joined by an invite, and nobody has compared words with them yet.
    pub unconfirmed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteEntry {
    pub id: InviteId,
    pub party: PartyId,
    pub roles: Roles,
    pub expires_ms: Option<u64>,
    /// The link, where it was made on this device.
    pub link: Option<String>,
}

/// What a reconnect brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Changes of others that were merged.
    pub merged: u64,
    /// Own changes that met others' and are in the merge review.
    pub met: u64,
}
