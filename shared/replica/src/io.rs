//! What goes into a replica and what comes out of it.

use std::collections::BTreeSet;

use heqi_domain::plan::{ImportOutcome, PlanCommand, PlanDiff, Rejected};
use heqi_domain::time::Date;
use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::{Action, Interests, Target};
use heqi_protocol::log::Incarnation;
use heqi_protocol::{
    DeviceId, DocumentId, Hash, InviteId, MemberId, Misbehaviour, PartyId, RelayKey, Role, Roles,
    Space,
};

use crate::history::HistoryEntry;
use crate::store::StoreOp;

/// Milliseconds since 1970 by a clock that does not run backwards while the replica is open.
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
    /// Changes the plan of a space as its author saw it at `seen`; empty heads mean the present ones.
    Plan {
        space: Space,
        seen: Heads,
        command: PlanCommand,
        today: Date,
    },
    Undo {
        space: Space,
        today: Date,
    },
    Redo {
        space: Space,
        today: Date,
    },
    /// Something that the charter must say: kept until a relay has taken or refused it.
    Charter(Act),
    /// The whole plan of a space as a difference from nothing.
    View(Space),
    /// The charter in the order it was written.
    History,
    /// Words to compare, and the keys behind them.
    Security,
    /// Edits that came too late from devices that were removed.
    Late,
    /// This device's edits that no relay took, sealed and signed, for a manager to take in.
    ExportLate,
    /// Gives up this device's unsent edits where it may not write any more: they leave the view as well.
    LetGo,
    /// Everything as standard files.
    Archive,
    /// The list of an archive's files, to be signed. Replies [`Reply::Manifest`].
    SignArchive(Vec<crate::archive::Listed>),
    /// Looks for the venture where a link says that it has moved.
    Follow(String),
    /// People have seen an alarm.
    Dismiss(DeviceId),
    /// This recovery kit is where its member keeps it: those that the member made before are withdrawn.
    KeepKit(InviteId),
}

/// What a person asks of the charter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Invites into the party of that name, admitting it with `code` if there is none. Replies [`Reply::Invited`].
    Invite {
        party: String,
        code: String,
        roles: Vec<Role>,
        /// Milliseconds since 1970.
        expires_ms: Option<u64>,
    },
    /// Lets a new device of this member in by a code. Replies [`Reply::DeviceCode`].
    OfferDevice {
        expires_ms: Option<u64>,
    },
    /// Makes a recovery kit. Replies [`Reply::RecoveryKit`]; those made before stay good until [`Request::KeepKit`].
    MakeRecoveryKit,
    /// Takes back an invite, a device code or a recovery kit.
    Withdraw(InviteId),
    SetRoles {
        member: MemberId,
        roles: Vec<Role>,
    },
    /// Removes; of another party where the parties have decided so. Replies [`Reply::Proposed`] while they have not.
    Remove(Target),
    /// New keys for these spaces.
    Rotate(BTreeSet<Space>),
    /// Words were compared with this member.
    Confirm(MemberId),
    /// Puts something to the parties, or agrees where it was put already. What is decided is carried out by itself.
    Propose(Action),
    Answer {
        proposal: Hash,
        agrees: bool,
    },
    /// Narrows the access of one's own party.
    NarrowAccess(Vec<AccessRule>),
    /// Takes in late edits that the log holds.
    TakeIn {
        document: DocumentId,
        envelopes: Vec<Hash>,
    },
    /// Takes in the edits of a file that a removed member has exported.
    TakeInFile(Vec<u8>),
    /// Ends a document for good. Those that spaces begin with stay.
    DeleteDocument(DocumentId),
    /// Begins a document's next generation: nothing that was sealed for an older one enters its log any more.
    BeginGeneration(DocumentId),
    /// Moves the venture to the relay of that address and key.
    MoveRelay {
        url: String,
        relay: RelayKey,
        /// The old relay cannot be reached: the new one takes the venture over from this device.
        is_dead: bool,
    },
    /// Names a device, a member or a party, whose short code stays.
    SetName {
        target: Target,
        name: String,
    },
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Done,
    /// A file is in the plan; what it did there.
    Imported(Box<ImportOutcome>),
    View(ViewChange),
    /// The invite is in the charter.
    Invited {
        link: String,
    },
    DeviceCode(DeviceCode),
    RecoveryKit(RecoveryKit),
    /// Other parties have to agree first.
    Proposed {
        proposal: Hash,
    },
    /// The venture moves; a link for members whom the old relay can no longer tell.
    Moved {
        link: String,
    },
    History(Vec<HistoryEntry>),
    Security(Security),
    Late(Vec<LateEdit>),
    /// A file for [`Act::TakeInFile`], and how many edits are in it.
    LateFile {
        file: Vec<u8>,
        edits: u64,
    },
    /// Files by relative path; envelopes still to be fetched are named in order.
    Archive(crate::archive::Archive),
    /// One more file of the archive.
    Manifest {
        path: String,
        file: Vec<u8>,
    },
}

/// What lets one new device in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    pub id: InviteId,
    /// To be shown as a QR code or sent; opens the client.
    pub link: String,
    /// To be typed: seven groups of four.
    pub typed: String,
    pub expires_ms: Option<u64>,
}

/// What brings a member back on an empty device, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryKit {
    pub id: InviteId,
    pub file: Vec<u8>,
    /// To be shown as a QR code.
    pub link: String,
    /// Twelve words to be written down.
    pub words: Vec<&'static str>,
    /// The same words in Chinese.
    pub chinese_words: Vec<&'static str>,
}

/// Words that people compare by phone: equal words, equal facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(pub Vec<&'static str>);

/// What people compare to find out that they see the same venture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Over the charter's head: equal words, equal members, keys and rights.
    pub charter: Words,
    pub charter_position: u64,
    pub relay: RelayKey,
    /// This device.
    pub device: DeviceId,
    /// Logs that this device reads, with words over place and chain.
    pub logs: Vec<LogWords>,
    /// Devices that say they were shown something else.
    pub alarms: Vec<Alarm>,
    /// Envelopes and changes that were refused as invalid.
    pub refused: Vec<RefusedEdit>,
    /// Envelopes that wait for others they build on.
    pub waiting: Vec<WaitingEdit>,
}

/// An envelope or a change that no honest device counts, or that this store has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEdit {
    pub hash: Hash,
    pub document: Option<DocumentId>,
    /// Who signed it; none where that is not known, or nobody has.
    pub device: Option<DeviceId>,
    pub reason: String,
}

impl RefusedEdit {
    /// True where the relay shows it in a log and nobody has signed it: no honest relay takes that from anybody.
    pub const fn is_forged(&self) -> bool {
        self.document.is_some() && self.device.is_none()
    }
}

/// An envelope whose changes build on some that have not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingEdit {
    pub envelope: Hash,
    pub document: DocumentId,
    /// Who signed it, where that is known.
    pub device: Option<DeviceId>,
}

/// The keys of a device held against the charter's commitments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyCheck {
    pub held: u64,
    /// Space and epoch of keys that are not the ones that the charter names.
    pub unfit: Vec<(Space, u32)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogWords {
    pub space: Space,
    pub document: DocumentId,
    pub seq: u64,
    pub words: Words,
}

/// A signed word of a device that it saw another history than this one: its relay, or the device itself, is not honest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub device: DeviceId,
    pub what: Differs,
}

/// Where two histories part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// The log of a document, at this place.
    Log { document: DocumentId, seq: u64 },
    /// The charter, as it was before the entry at this position.
    Charter { position: u64 },
}

/// An edit of a removed device beyond what its remover had read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateEdit {
    pub document: DocumentId,
    pub space: Space,
    pub envelope: Hash,
    pub device: DeviceId,
    pub member: MemberId,
    pub seq: u64,
}

/// Why a request was not done. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error("your roles do not allow changing this; ask a partner manager of your party")]
    MayNotWrite,
    #[error("you may not read this space; ask a partner manager of your party")]
    MayNotRead,
    /// The rule that every device holds changes to forbids it, whatever the roles.
    #[error("the other devices would refuse this edit: {0}")]
    OthersRefuse(crate::validate::Refused),
    #[error("only a partner manager may do this; ask one of your party")]
    NotManager,
    #[error("that party has a manager of its own, who looks after its people")]
    OtherParty,
    #[error("only the member whose device it is may do this")]
    OtherMember,
    #[error("the party {0:?} is not part of the venture; give it a short code to admit it")]
    CodeMissing(String),
    #[error("{0} is empty or has characters that are not allowed")]
    BadName(&'static str),
    #[error("a name holds at most 400 bytes")]
    NameTooLong,
    #[error("another party has this name or short code")]
    NameTaken,
    #[error("a short code has one to eight letters and digits")]
    BadCode,
    #[error("another party has this short code or name")]
    CodeTaken,
    #[error("name at least one role")]
    NoRole,
    #[error("the venture is not yet founded or joined; connect to the relay first")]
    NotYetMember,
    #[error(
        "you have been removed from the venture; what you had stays readable, and your unsent edits can be exported"
    )]
    Removed,
    #[error("the rules of the charter forbid it: {0}")]
    Forbidden(heqi_protocol::charter::Refused),
    #[error("the entry cannot be made: {0}")]
    Refused(String),
    #[error("the relay did not take the entry: {0}")]
    Amend(heqi_protocol::frame::AmendRefused),
    #[error(
        "this device lacks the keys for it: another device of your party has to give them first"
    )]
    KeysMissing,
    #[error("the file holds no edits of somebody of this venture who was removed or may not write")]
    NoLateEdits,
    #[error("the unsent edits are more than one file holds")]
    TooManyEdits,
    #[error(
        "some of the unsent edits are not in this store any more; export again for those that are"
    )]
    EditsMissing,
    #[error("the address must begin with http:// or https:// and name a host")]
    BadUrl,
    #[error(transparent)]
    Link(#[from] crate::link::BadLink),
    #[error("the link is of another venture")]
    OtherVenture,
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

/// A change of what people see of the plan of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChange {
    pub space: Space,
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
    /// False until the charter has admitted this device, and once it has removed it.
    pub member: bool,
    /// The charter has removed this device: nothing is sent or received any more.
    pub removed: bool,
    /// Own edits that the relay has not acknowledged. All of them are saved here.
    pub pending: u64,
    /// Entries received that are not yet in the view.
    pub incoming: u64,
    /// Envelopes and changes refused as invalid.
    pub quarantined: u64,
    /// Envelopes that wait for others they build on.
    pub waiting: u64,
    /// Envelopes of removed devices that came too late and are not taken in.
    pub late: u64,
    /// Devices that say they were shown another history and that nobody has looked at yet.
    pub alarms: u64,
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
    #[error("this code or kit was withdrawn, used up, or made for another venture")]
    Code,
    #[error("you have been removed from the venture")]
    Removed,
    /// The relay was restored, and the branch of the charter that stands does not have this device.
    #[error(
        "this device was admitted in a part of the charter that a restored relay has lost; ask to be invited anew"
    )]
    Unadmitted,
    #[error("the venture uses a newer version of Heqi: update, then sync again")]
    Newer,
    #[error("a part of the log that the relay asks for is not in this store")]
    EnvelopeMissing,
    /// Edits of somebody else that a manager has taken in, and that this device was to bring.
    #[error("the relay does not take the edits of a removed member that were taken in here")]
    Brought,
    /// What follows in the log was sealed before a rotation that left out the key of before.
    #[error(
        "the newest key does not open what was written before it; a device that can has to give it again"
    )]
    OlderKeys,
    /// It was asked again, and a person may look for another relay.
    #[error("the relay names edits that it does not give")]
    Withheld,
    /// No relay takes them: a manager can take in what is exported, and what nobody wants can be let go of.
    #[error("this device has unsent edits where its member may not write any more")]
    MayNotWrite,
    /// It was asked before this opening, or in a branch of the charter that gave way, and is to be asked anew.
    #[error(
        "the charter does not have something that this device had asked of it, and the rules forbid it now: look at the history, and ask again"
    )]
    Undone,
    /// What follows waits for the charter.
    #[error("the relay names a position or a key of the charter that it has not shown")]
    CharterBehind,
}

/// Names and people, and what they may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub venture: String,
    pub relay_url: String,
    pub parties: Vec<PartyEntry>,
    pub invites: Vec<InviteEntry>,
    /// Device codes and recovery kits that can still add a device.
    pub offers: Vec<OfferEntry>,
    pub proposals: Vec<ProposalEntry>,
    /// Rules set over the default table.
    pub rules: Vec<AccessRule>,
    /// Schedules of participating interests, in the order they were decided.
    pub interests: Vec<Interests>,
    /// This device's member.
    pub me: Option<MemberId>,
    pub device: Option<DeviceId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyEntry {
    pub id: PartyId,
    pub name: String,
    pub code: String,
    /// Members, those who were removed last.
    pub members: Vec<MemberEntry>,
    pub is_removed: bool,
    pub has_manager: bool,
    /// Who of this party reads and writes each shared space.
    pub access: Vec<(Space, Grant)>,
    /// When its newest change that is here was sealed, by its own clock.
    pub heard_ms: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberEntry {
    pub id: MemberId,
    pub name: String,
    pub roles: Roles,
    pub devices: Vec<DeviceEntry>,
    /// Joined by an invite, and nobody has compared words with them yet.
    pub unconfirmed: bool,
    /// May read its party's private space.
    pub at_home: bool,
    pub is_removed: bool,
    /// Over the member's id and first device: read out by the member, compared by others.
    pub words: Words,
    pub has_recovery_kit: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceEntry {
    pub id: DeviceId,
    /// Empty where it has none, or none that this device can open.
    pub name: String,
    pub is_removed: bool,
    /// When its newest change that is here was sealed, by its own clock.
    pub heard_ms: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteEntry {
    pub id: InviteId,
    pub party: PartyId,
    pub by: MemberId,
    pub roles: Roles,
    pub expires_ms: Option<u64>,
    /// The link, where it was made on this device.
    pub link: Option<String>,
}

/// A device code or recovery kit in the charter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferEntry {
    pub id: InviteId,
    pub member: MemberId,
    /// The device that made it.
    pub device: DeviceId,
    pub kind: heqi_protocol::charter::OfferKind,
    pub expires_ms: Option<u64>,
    /// When a kit was made, where this device has made it.
    pub made_ms: Option<Millis>,
    /// A kit that was made here, and that its member has not said they have.
    pub is_unconfirmed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalEntry {
    pub id: Hash,
    pub action: Action,
    pub by: MemberId,
    pub agreed: BTreeSet<PartyId>,
    pub declined: BTreeSet<PartyId>,
    /// The parties whose word counts.
    pub electorate: BTreeSet<PartyId>,
    /// Decided, and about to be carried out.
    pub is_decided: bool,
}

/// What a reconnect brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Changes of others that were merged.
    pub merged: u64,
    /// Own changes that met others' and are in the merge review.
    pub met: u64,
}
