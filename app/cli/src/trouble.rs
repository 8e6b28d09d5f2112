//! Why a verb was not done: in words that say what to do, and as an exit code.

use heqi_domain::mspdi::MspdiError;
use heqi_protocol::Misbehaviour;
use heqi_protocol::frame::{AmendRefused, NackReason, Unavailable};
use heqi_replica::archive::Invalid;
use heqi_replica::{
    BadCode, BadLink, BadRecoveryFile, BadSealedFile, Failure, OpenError, Problem, StartError,
};
use serde::Serialize;

use crate::charter_words as charter;
use crate::finding::NotFound;
use crate::removal::Removal;
use crate::socket::DialerError;
use crate::store::StoreError;
use crate::unread::Unread;
use heqi_wording::{Texts, import, rejected, say};

/// What a process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Exit {
    Done = 0,
    Unexpected = 1,
    Usage = 2,
    Rejected = 3,
    Unavailable = 4,
    Misbehaviour = 5,
    Store = 6,
    Removed = 7,
}

/// Why a verb was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Usage(#[from] Usage),
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Dialer(#[from] DialerError),
    #[error("the relay cannot be reached: {reason}")]
    Unreachable { relay: String, reason: String },
    #[error("the relay {0} was asked too often")]
    TooOften(String),
    /// As [`Trouble::Unreachable`], while a venture is being founded or joined; it can be gone on with.
    #[error("the relay cannot be reached: {reason}")]
    Unfinished { relay: String, reason: String },
    #[error(transparent)]
    Stopped(#[from] Problem),
    #[error(transparent)]
    Import(#[from] MspdiError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("{path}: {cause}")]
    Read { path: String, cause: String },
    #[error("{path}: {cause}")]
    Write { path: String, cause: String },
    #[error("the file has no identity of its own")]
    NeedsConfirmation { name: String, first_task: String },
    #[error(transparent)]
    NotFound(#[from] NotFound),
    #[error("removed from the venture")]
    Removed(Box<Removal>),
    #[error(transparent)]
    Code(#[from] BadCode),
    #[error("the roles of the member do not read it")]
    Unread(Box<Unread>),
    #[error(transparent)]
    Sealed(BadSealedFile),
    #[error("the system gives no random numbers: {0}")]
    Entropy(getrandom::Error),
}

/// What does not fit on the command line, beyond what its parser tells.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Usage {
    #[error("there is no language {0:?}")]
    Language(String),
    #[error("no task has the code {0:?}")]
    UnknownTask(String),
    #[error("no deleted task has the code {0:?}")]
    UnknownDeleted(String),
    #[error("{0:?} is not FIELD=VALUE")]
    NotAField(String),
    #[error("{value:?} does not fit {field}")]
    BadValue { field: String, value: String },
    #[error("{0} stands twice")]
    Twice(String),
    #[error("no item {0:?} in the merge review")]
    UnknownItem(String),
    #[error("the item has no side {0}")]
    NoSide(u16),
    #[error("{succ} does not depend on {pred}")]
    NoLink { pred: String, succ: String },
    #[error("{succ} depends on {pred} more than once")]
    SeveralLinks { pred: String, succ: String },
    #[error("{0} is there already")]
    FileExists(String),
    #[error("{0} is not empty")]
    FolderNotEmpty(String),
    #[error("there is no data folder")]
    NoHome,
    #[error("it cannot be done offline")]
    NeedsRelay,
    #[error("a code needs the address of its relay")]
    CodeNeedsRelay,
    #[error("the relay at {0} does not know the code")]
    UnknownCode(String),
    #[error("{0:?} is not PARTY=PERCENT")]
    NotAShare(String),
    #[error("the shares add up to {0} %")]
    NotWhole(String),
    #[error("words were not confirmed")]
    NotConfirmed,
    #[error("the role is the last one")]
    LastRole,
    #[error("no passphrase was given")]
    NoPassphrase,
    #[error("the passphrases differ")]
    PassphraseDiffers,
}

impl Trouble {
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Usage(usage) => usage.exit(),
            Self::Start(_) | Self::Dialer(_) | Self::Read { .. } | Self::Code(_) => Exit::Usage,
            Self::Failure(Failure::Removed) | Self::Removed(_) => Exit::Removed,
            Self::Failure(_)
            | Self::Import(_)
            | Self::NotFound(_)
            | Self::Sealed(_)
            | Self::Unread(_)
            | Self::NeedsConfirmation { .. } => Exit::Rejected,
            Self::Open(_) | Self::Store(_) => Exit::Store,
            Self::Unreachable { .. } | Self::TooOften(_) | Self::Unfinished { .. } => {
                Exit::Unavailable
            }
            Self::Stopped(problem) => exit_of(*problem),
            Self::Invalid(_) => Exit::Misbehaviour,
            Self::Write { .. } | Self::Entropy(_) => Exit::Unexpected,
        }
    }

    /// What happened and what to do about it.
    pub(crate) fn say(&self, texts: &Texts) -> String {
        match self {
            Self::Usage(usage) => usage.say(texts),
            Self::Failure(failure) => say_failure(failure, texts),
            Self::Start(error) => say_start(error, texts),
            Self::Open(error) => say_open(error, texts),
            Self::Store(error) => say_store(error, texts),
            Self::Dialer(error) => say!(texts, "cli-dialer", detail = error.to_string()),
            Self::Unreachable { relay, reason } => {
                say!(
                    texts,
                    "cli-unreachable",
                    relay = relay.as_str(),
                    reason = reason.as_str()
                )
            }
            Self::TooOften(relay) => say!(texts, "cli-too-often", relay = relay.as_str()),
            Self::Unfinished { relay, reason } => {
                say!(
                    texts,
                    "cli-unfinished",
                    relay = relay.as_str(),
                    reason = reason.as_str()
                )
            }
            Self::Stopped(problem) => say_problem(*problem, texts),
            Self::Import(error) => say!(
                texts,
                "cli-import-refused",
                line = error.line,
                column = error.column,
                reason = import::reason(texts, error.key(), &error.args())
                    .unwrap_or_else(|| error.to_string()),
            ),
            Self::Invalid(invalid) => say!(texts, "cli-invalid", detail = invalid.to_string()),
            Self::Read { path, cause } => {
                say!(
                    texts,
                    "cli-read",
                    path = path.as_str(),
                    cause = cause.as_str()
                )
            }
            Self::Write { path, cause } => {
                say!(
                    texts,
                    "cli-write",
                    path = path.as_str(),
                    cause = cause.as_str()
                )
            }
            Self::NeedsConfirmation { name, first_task } => say!(
                texts,
                "cli-needs-confirmation",
                name = name.as_str(),
                task = first_task.as_str()
            ),
            Self::NotFound(found) => found.say(texts),
            Self::Removed(removal) => removal.say(texts),
            Self::Unread(unread) => unread.say(texts),
            Self::Code(BadCode::Shape) => say!(texts, "cli-code-shape"),
            Self::Code(BadCode::Checksum) => say!(texts, "cli-code-checksum"),
            Self::Sealed(BadSealedFile::Damaged) => say!(texts, "recovery-malformed"),
            Self::Sealed(BadSealedFile::Newer) => say!(texts, "cli-newer"),
            Self::Sealed(BadSealedFile::PassphraseNeeded) => {
                say!(texts, "recovery-passphrase-needed")
            }
            Self::Sealed(BadSealedFile::PassphraseWrong) => {
                say!(texts, "recovery-passphrase-wrong")
            }
            Self::Entropy(error) => say!(texts, "cli-entropy", detail = error.to_string()),
        }
    }
}

impl Usage {
    const fn exit(&self) -> Exit {
        match self {
            Self::UnknownTask(_)
            | Self::UnknownDeleted(_)
            | Self::UnknownItem(_)
            | Self::NoSide(_)
            | Self::NoLink { .. }
            | Self::UnknownCode(_)
            | Self::NotConfirmed
            | Self::LastRole
            | Self::SeveralLinks { .. } => Exit::Rejected,
            _ => Exit::Usage,
        }
    }

    fn say(&self, texts: &Texts) -> String {
        match self {
            Self::Language(tag) => say!(texts, "cli-language", tag = tag.as_str()),
            Self::UnknownTask(code) => say!(texts, "cli-unknown-task", code = code.as_str()),
            Self::UnknownDeleted(code) => {
                say!(texts, "cli-unknown-deleted", code = code.as_str())
            }
            Self::NotAField(given) => say!(texts, "cli-not-a-field", given = given.as_str()),
            Self::BadValue { field, value } => say!(
                texts,
                "cli-bad-value",
                field = field.as_str(),
                value = value.as_str()
            ),
            Self::Twice(field) => say!(texts, "cli-twice", field = field.as_str()),
            Self::UnknownItem(item) => say!(texts, "cli-unknown-item", item = item.as_str()),
            Self::NoSide(side) => say!(texts, "cli-no-side", side = *side),
            Self::NoLink { pred, succ } => {
                say!(
                    texts,
                    "cli-no-link",
                    pred = pred.as_str(),
                    succ = succ.as_str()
                )
            }
            Self::SeveralLinks { pred, succ } => {
                say!(
                    texts,
                    "cli-several-links",
                    pred = pred.as_str(),
                    succ = succ.as_str()
                )
            }
            Self::FileExists(path) => say!(texts, "cli-file-exists", path = path.as_str()),
            Self::FolderNotEmpty(path) => {
                say!(texts, "cli-folder-not-empty", path = path.as_str())
            }
            Self::NoHome => say!(texts, "cli-no-home"),
            Self::NeedsRelay => say!(texts, "cli-needs-relay"),
            Self::CodeNeedsRelay => say!(texts, "cli-code-needs-relay"),
            Self::UnknownCode(relay) => say!(texts, "cli-unknown-code", relay = relay.as_str()),
            Self::NotAShare(given) => say!(texts, "cli-not-a-share", given = given.as_str()),
            Self::NotWhole(sum) => say!(texts, "cli-not-whole", sum = sum.as_str()),
            Self::NotConfirmed => say!(texts, "cli-not-confirmed"),
            Self::LastRole => say!(texts, "cli-last-role"),
            Self::NoPassphrase => say!(texts, "cli-no-passphrase"),
            Self::PassphraseDiffers => say!(texts, "cli-passphrase-differs"),
        }
    }
}

/// The exit code of what keeps syncing from going on.
pub(crate) const fn exit_of(problem: Problem) -> Exit {
    match problem {
        Problem::Relay(_) | Problem::Keys => Exit::Misbehaviour,
        Problem::Removed => Exit::Removed,
        Problem::Code => Exit::Rejected,
        Problem::Refused(Misbehaviour::NotAdmitted) | Problem::Unadmitted => Exit::Rejected,
        Problem::Refused(_) => Exit::Misbehaviour,
        Problem::Unavailable(_)
        | Problem::Withheld
        | Problem::CharterBehind
        | Problem::OlderKeys => Exit::Unavailable,
        Problem::Nack(_)
        | Problem::Amend(_)
        | Problem::Brought
        | Problem::Undone
        | Problem::MayNotWrite => Exit::Rejected,
        Problem::EnvelopeMissing => Exit::Store,
        Problem::Newer => Exit::Unexpected,
    }
}

/// What keeps syncing from going on, and what to do about it.
pub(crate) fn say_problem(problem: Problem, texts: &Texts) -> String {
    match problem {
        Problem::Relay(Misbehaviour::WrongRelay) => say!(texts, "relay-unknown-key"),
        Problem::Relay(
            misbehaviour @ (Misbehaviour::ForkedLog
            | Misbehaviour::ForkedCharter
            | Misbehaviour::BrokenLog
            | Misbehaviour::RolledBack),
        ) => say!(texts, "relay-forked", detail = deed(misbehaviour, texts)),
        Problem::Relay(Misbehaviour::NoCommonVersion) => say!(texts, "cli-version"),
        Problem::Relay(misbehaviour) => {
            say!(
                texts,
                "relay-misbehaved",
                detail = deed(misbehaviour, texts)
            )
        }
        Problem::Refused(Misbehaviour::NotAdmitted) => say!(texts, "relay-not-admitted"),
        Problem::Refused(Misbehaviour::NoCommonVersion) => say!(texts, "cli-version"),
        Problem::Refused(misbehaviour) => {
            say!(texts, "cli-refused", detail = deed(misbehaviour, texts))
        }
        Problem::Unavailable(unavailable) => say!(texts, unavailable_key(unavailable)),
        Problem::Nack(NackReason::Forbidden) => say!(texts, "cli-nack-forbidden"),
        Problem::Nack(NackReason::Quota) => say!(texts, "cli-nack-quota"),
        Problem::Nack(reason) => say!(texts, "cli-nack", detail = reason.to_string()),
        Problem::Amend(AmendRefused::Expired) => say!(texts, "invite-expired"),
        Problem::Amend(AmendRefused::InviteSpent) => say!(texts, "invite-used"),
        Problem::Amend(AmendRefused::Closed) => say!(texts, "relay-closed"),
        Problem::Amend(AmendRefused::Forbidden) => say!(texts, "relay-entry-forbidden"),
        Problem::Amend(AmendRefused::MovedOn { .. }) => say!(texts, "relay-moved-on"),
        Problem::Keys => say!(texts, "cli-keys"),
        Problem::Code => say!(texts, "cli-code-refused"),
        Problem::Removed => say!(texts, "relay-removed"),
        Problem::Unadmitted => say!(texts, "relay-unadmitted"),
        Problem::Brought => say!(texts, "relay-brought"),
        Problem::Undone => say!(texts, "relay-undone"),
        Problem::MayNotWrite => say!(texts, "cli-unsent-barred"),
        Problem::OlderKeys => say!(texts, "relay-older-keys"),
        Problem::Withheld => say!(texts, "relay-withheld"),
        Problem::CharterBehind => say!(texts, "relay-charter-behind"),
        Problem::EnvelopeMissing => say!(texts, "cli-envelope-missing"),
        Problem::Newer => say!(texts, "cli-newer-venture"),
    }
}

/// What the other side did, as a part of a sentence.
fn deed(misbehaviour: Misbehaviour, texts: &Texts) -> String {
    texts.say(&format!("misbehaviour-{}", misbehaviour.name()), &[])
}

const fn unavailable_key(unavailable: Unavailable) -> &'static str {
    match unavailable {
        Unavailable::Draining => "cli-unavailable-draining",
        Unavailable::Storage => "cli-unavailable-storage",
        Unavailable::Busy => "cli-unavailable-busy",
        Unavailable::UnknownVenture => "cli-unavailable-unknown",
        Unavailable::Moved => "cli-unavailable-moved",
    }
}

fn say_failure(failure: &Failure, texts: &Texts) -> String {
    match failure {
        Failure::Rejected(rejected) => rejected::sentence(texts, rejected),
        Failure::MayNotWrite => say!(texts, "cli-may-not-write"),
        Failure::OthersRefuse(refused) => {
            say!(texts, "failure-others-refuse", detail = refused.to_string())
        }
        Failure::NotManager => say!(texts, "cli-not-manager"),
        Failure::OtherParty => say!(texts, "cli-other-party"),
        Failure::OtherMember => say!(texts, "refused-other-member"),
        Failure::CodeMissing(party) => say!(texts, "cli-code-missing", party = party.as_str()),
        Failure::BadName(what) => say!(texts, "cli-bad-name", what = *what),
        Failure::NameTooLong => say!(texts, "failure-name-too-long"),
        Failure::NameTaken => say!(texts, "failure-name-taken"),
        Failure::BadCode => say!(texts, "failure-party-code"),
        Failure::CodeTaken => say!(texts, "failure-code-taken"),
        Failure::Amend(reason) => say_problem(Problem::Amend(*reason), texts),
        Failure::NoRole => say!(texts, "cli-no-role"),
        Failure::NotYetMember => say!(texts, "cli-not-yet-member"),
        Failure::Refused(detail) => say!(texts, "cli-amend", detail = detail.as_str()),
        Failure::MayNotRead => say!(texts, "cli-may-not-read"),
        Failure::Removed => say!(texts, "relay-removed"),
        Failure::Forbidden(refused) => charter::refused(texts, refused),
        Failure::KeysMissing => say!(texts, "cli-keys-missing"),
        Failure::NoLateEdits => say!(texts, "cli-no-late-edits"),
        Failure::TooManyEdits => say!(texts, "charter-too-many-edits"),
        Failure::EditsMissing => say!(texts, "charter-edits-missing"),
        Failure::BadUrl => say!(texts, "failure-relay-url"),
        Failure::Link(link) => say_link(*link, texts),
        Failure::OtherVenture => say!(texts, "cli-other-venture"),
    }
}

fn say_start(error: &StartError, texts: &Texts) -> String {
    match error {
        StartError::Link(link) => say_link(*link, texts),
        StartError::NameTooLong => say!(texts, "failure-name-too-long"),
        StartError::BadCode => say!(texts, "failure-party-code"),
        StartError::BadName(what) => say!(texts, "cli-bad-name", what = *what),
        StartError::Recovery(BadRecoveryFile::NotOne | BadRecoveryFile::Damaged) => {
            say!(texts, "recovery-malformed")
        }
    }
}

fn say_link(link: BadLink, texts: &Texts) -> String {
    match link {
        BadLink::Url => say!(texts, "failure-relay-url"),
        BadLink::Newer => say!(texts, "cli-newer"),
        BadLink::NoInvite | BadLink::Damaged => say!(texts, "cli-link-malformed"),
    }
}

fn say_open(error: &OpenError, texts: &Texts) -> String {
    match error {
        OpenError::Empty => say!(texts, "cli-home-empty"),
        OpenError::Newer => say!(texts, "cli-newer"),
        OpenError::Damaged(_) | OpenError::Charter | OpenError::Plan => {
            say!(texts, "cli-home-damaged", detail = error.to_string())
        }
    }
}

fn say_store(error: &StoreError, texts: &Texts) -> String {
    match error {
        StoreError::Absent { home } => say!(texts, "cli-home-absent", home = home.as_str()),
        StoreError::Present { home } => say!(texts, "cli-home-present", home = home.as_str()),
        StoreError::Occupied { home } => say!(texts, "cli-home-occupied", home = home.as_str()),
        StoreError::Broken { .. } => say!(texts, "failure-store", detail = error.to_string()),
    }
}
