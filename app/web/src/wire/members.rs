//! Parties, members, devices, access and proposals, as the interface is told.

use serde::{Deserialize, Serialize};

use super::Role;

/// An id of the charter in hexadecimal; opaque to the interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(pub String);

/// Everything the charter says of people, and what this device may do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersView {
    /// One's own party first, those removed last.
    pub parties: Vec<PartyRow>,
    pub invites: Vec<InviteRow>,
    /// Device codes and recovery kits of one's own that can still add a device.
    pub offers: Vec<OfferRow>,
    pub proposals: Vec<ProposalRow>,
    /// Who reads and writes each shared space, where no party has a rule of its own.
    pub access: Vec<(Space, Grant)>,
    /// Rules set over the default table.
    pub rules: Vec<AccessRule>,
    pub rights: Rights,
}

/// What the member may do on this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The plan is here: a role of the member reads it, or did.
    pub read: bool,
    /// May edit the plan.
    pub edit: bool,
    /// Is a manager of a party: invites, gives roles, removes, proposes.
    pub manage: bool,
    /// The charter has removed this device.
    pub removed: bool,
}

/// A party and its members.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartyRow {
    pub id: Id,
    /// Empty while the directory that holds the name cannot be read.
    pub name: String,
    pub code: String,
    /// Founded the venture.
    pub leader: bool,
    /// The reader's own party.
    pub mine: bool,
    pub removed: bool,
    pub has_manager: bool,
    /// Managers of the reader's party bring people into it and give its members roles.
    pub looked_after: bool,
    /// Participating interest in basis points, where a schedule is agreed.
    pub interest: Option<u32>,
    /// When an edit of the party last arrived, in milliseconds since 1970.
    pub last_heard_ms: Option<u64>,
    /// Who of it reads and writes each shared space.
    pub access: Vec<(Space, Grant)>,
    /// Those removed last.
    pub members: Vec<MemberRow>,
}

/// A member of a party.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberRow {
    pub id: Id,
    pub name: String,
    pub roles: Vec<Role>,
    pub me: bool,
    /// Somebody compared words with them; until then whoever held the link may be behind the name.
    pub confirmed: bool,
    pub removed: bool,
    pub has_kit: bool,
    /// Words to compare by phone.
    pub words: String,
    pub devices: Vec<DeviceRow>,
}

/// A device of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeviceRow {
    pub id: Id,
    /// Empty where it has none, or none that can be read here.
    pub name: String,
    /// Words of its key; the first two tell it from others.
    pub words: String,
    pub this: bool,
    pub removed: bool,
    pub last_heard_ms: Option<u64>,
}

/// An invite that nobody used yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InviteRow {
    pub id: Id,
    pub party: String,
    pub code: String,
    pub roles: Vec<Role>,
    pub by: String,
    pub expires_ms: Option<u64>,
    /// The link, where it was made on this device.
    pub link: Option<String>,
}

/// A code or kit that can still add a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRow {
    pub id: Id,
    /// A recovery kit, which is kept; else a code, which is spent once.
    pub kit: bool,
    pub expires_ms: Option<u64>,
    /// When a kit was made, where this device has made it.
    pub made_ms: Option<u64>,
    /// The device that made it; empty where it has no name.
    pub device: String,
    /// A kit that was made here, and that nobody has said they have.
    pub unconfirmed: bool,
}

/// Something put to the parties and not yet carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalRow {
    pub id: Id,
    pub action: Action,
    pub by: String,
    /// Names of the parties whose word counts, and what each has said.
    pub votes: Vec<(String, Option<bool>)>,
    /// One's own party's word counts and is not given.
    pub may_answer: bool,
    pub decided: bool,
}

/// What needs more than one party's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// From a day on (since 1970-01-01), in basis points by party.
    Interests {
        from_day: i32,
        shares: Vec<(Id, u32)>,
    },
    Access(Vec<AccessRule>),
    Remove(Target),
    Repair(Id),
}

/// Whom a removal removes, or what a name names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Device(Id),
    Member(Id),
    Party(Id),
}

/// The unit of access and of encryption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Space {
    Directory,
    Plan,
    Risk,
    Contracts,
    Finance,
    Market,
    Governance,
    Private(Id),
}

impl Space {
    /// Name of the space in messages and markup.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Plan => "plan",
            Self::Risk => "risk",
            Self::Contracts => "contracts",
            Self::Finance => "finance",
            Self::Market => "market",
            Self::Governance => "governance",
            Self::Private(_) => "private",
        }
    }
}

/// Roles that read and write a space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grant {
    pub read: Vec<Role>,
    pub write: Vec<Role>,
}

/// A rule over the default table, for all parties or for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRule {
    pub space: Space,
    pub party: Option<Id>,
    /// `None` takes the rule back.
    pub grant: Option<Grant>,
}

/// What people compare, and what this device was told that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityView {
    pub charter: String,
    pub charter_position: u64,
    pub device: String,
    pub relay_url: String,
    /// The relay's key as words, and in hexadecimal.
    pub relay: String,
    pub relay_key: String,
    pub logs: Vec<LogWords>,
    pub alarms: Vec<Alarm>,
    /// Edits that every device refuses.
    pub refused: Vec<EditOutside>,
    /// Edits that wait for others they build on.
    pub waiting: Vec<EditOutside>,
}

/// An edit that is not in view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditOutside {
    /// The first digits of its hash.
    pub edit: String,
    /// Who signed it; empty where that is not known.
    pub member: String,
    pub party: String,
    /// Nobody has signed it.
    pub forged: bool,
    /// Why it is refused; empty where it waits.
    pub reason: String,
}

/// Words over a log as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogWords {
    pub space: Space,
    pub seq: u64,
    pub words: String,
}

/// A signed word of a device that it was shown another history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub device: Id,
    /// Empty where the member is not known.
    pub member: String,
    pub party: String,
    /// The history of the charter differs, else that of a log.
    pub charter: bool,
    /// Place at which the histories part.
    pub at: u64,
}

/// What "verify now" has found: counts of what was checked, or what does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedView {
    pub charter_entries: u64,
    pub documents: u64,
    pub envelopes: u64,
    pub invalid: Option<String>,
}

/// An entry of the charter, its names resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub position: u64,
    pub hash: String,
    /// Empty where nobody is known for it.
    pub author: String,
    pub event: Event,
    pub rotated: Vec<Space>,
}

/// What an entry did; see `heqi_wording::charter`, which says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Founded {
        party: Id,
        member: Id,
    },
    PartyAdmitted(Id),
    Invited {
        party: Id,
        roles: Vec<Role>,
    },
    Joined {
        member: Id,
        party: Id,
    },
    DeviceOffered,
    KitMade,
    DeviceAdded {
        member: Id,
        device: Id,
    },
    Withdrawn,
    RolesSet {
        member: Id,
        roles: Vec<Role>,
    },
    Removed(Target),
    KeysGiven,
    Complained(Space),
    Confirmed(Id),
    Proposed(Action),
    Answered {
        proposal: Id,
        agrees: bool,
    },
    AccessSet(Vec<AccessRule>),
    TakenIn(u64),
    DocumentDeleted,
    GenerationBegun,
    /// To the relay of this key, in words.
    RelayMoved(String),
    /// With the name of before, and the one that was given, where they can be read.
    Named {
        target: Target,
        before: Option<String>,
        name: Option<String>,
    },
}

/// A code that lets one new device in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCode {
    pub id: Id,
    pub link: String,
    /// Seven groups of four, to be typed.
    pub typed: String,
    pub expires_ms: Option<u64>,
}

/// A recovery kit as it is printed and saved; shown only now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryKit {
    pub id: Id,
    pub file_name: String,
    #[serde(with = "serde_bytes")]
    pub file: Vec<u8>,
    /// The file asks for a passphrase.
    pub sealed: bool,
    pub link: String,
    pub words: Vec<String>,
    pub chinese_words: Vec<String>,
    pub made_ms: u64,
}

/// How the keys of a venture are locked on this device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockView {
    pub passphrase: bool,
    /// The passkey that opens it: its credential id and the salt for its secret.
    pub passkey: Option<Passkey>,
    /// Minutes without a touch after which it locks; 0 for never.
    pub idle_minutes: u32,
}

/// A passkey whose secret opens a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    #[serde(with = "serde_bytes")]
    pub credential: Vec<u8>,
    #[serde(with = "serde_bytes")]
    pub salt: Vec<u8>,
}

/// What opens a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Secret {
    Passphrase(String),
    /// The passkey, and the secret that the browser derived from it.
    Passkey {
        passkey: Passkey,
        #[serde(with = "serde_bytes")]
        secret: Vec<u8>,
    },
}

/// How this device was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedView {
    /// Empty where nobody is known for it.
    pub by: String,
    /// The entry of the charter that did it.
    pub position: u64,
    /// When this device learned of it, in milliseconds since 1970.
    pub learned_ms: u64,
}

/// What a code or link to add this device tells before it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeInfo {
    pub host: String,
    /// From a recovery kit, else from another device.
    pub kit: bool,
    pub known: bool,
}
