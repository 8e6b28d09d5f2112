//! Why an entry does not extend a charter.

use crate::sign::BadSignature;

/// Why an entry does not extend a charter. The charter is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the charter has moved on: it stands at {position}")]
    NotNext { position: u64 },
    #[error("the entry belongs to another venture")]
    OtherVenture,
    #[error("a genesis can only be first, and only a genesis can be first")]
    GenesisMisplaced,
    #[error(transparent)]
    Signature(#[from] BadSignature),
    #[error("the author is not a member's device or a pending invite")]
    UnknownAuthor,
    #[error("only a partner manager may do this")]
    NotManager,
    #[error("the party is not part of the venture")]
    UnknownParty,
    #[error("the member is not part of the venture")]
    UnknownMember,
    #[error("the device is not part of the venture")]
    UnknownDevice,
    #[error("only a manager of that party may do this")]
    OtherParty,
    #[error("only a device of the same member may do this")]
    OtherMember,
    #[error("this id is already taken")]
    Taken,
    #[error("no role was given")]
    NoRole,
    #[error("the invite was used before, withdrawn or never made")]
    InviteSpent,
    #[error("the new device did not sign for itself")]
    DeviceProof,
    #[error("keys are not boxed for exactly the spaces and recipients they are due to")]
    Boxes,
    #[error("nothing can be boxed for this key")]
    WeakKey,
    #[error("a name is not sealed under the directory's newest key")]
    NameEpoch,
    #[error("the proposal is not there, or not decided for this")]
    NotDecided,
    #[error("the proposal cannot be put")]
    BadProposal,
    #[error(
        "participating interests are of known parties, each once, and add up to 10000 basis points"
    )]
    Interests,
    #[error("a rule of access lets write who may not read, or governs what cannot be governed")]
    AccessRule,
    #[error("the author may not write to that space")]
    MayNotWrite,
    #[error("the document cannot be deleted or begun anew like this")]
    Document,
    #[error("it would change nothing")]
    Nothing,
    #[error("the venture has reached its limit of {0}")]
    Full(&'static str),
}
