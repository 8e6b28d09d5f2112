//! The closed vocabulary for "the other side broke the protocol". The connection closes and the proof is kept.

use borsh::{BorshDeserialize, BorshSerialize};

/// What the other side did. New kinds are appended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    BorshSerialize,
    BorshDeserialize,
    thiserror::Error,
)]
pub enum Misbehaviour {
    #[error("sent a frame that cannot be read")]
    BadFrame,
    #[error("sent a frame that does not fit the state of the connection")]
    OutOfTurn,
    #[error("speaks no version that we speak")]
    NoCommonVersion,
    #[error("signed with a wrong key")]
    BadSignature,
    #[error("is not the relay that the charter names")]
    WrongRelay,
    #[error("is neither a member's device nor the holder of a pending invite")]
    NotAdmitted,
    #[error("belongs to another venture")]
    OtherVenture,
    #[error("sent an envelope whose document is not what its space and device make it")]
    WrongDocument,
    #[error("signed two different envelopes for one place in a stream")]
    Equivocation,
    #[error("sent log entries with a gap or a wrong chain")]
    BrokenLog,
    #[error("acknowledged a log that is not the one it showed")]
    ForkedLog,
    #[error("acknowledged another charter than the one it showed")]
    ForkedCharter,
    #[error("sent a charter entry that does not extend the charter")]
    BadCharter,
    #[error("lost acknowledged entries and does not say so")]
    RolledBack,
    #[error("claims an acknowledgement that it did not make")]
    ForgedAck,
    #[error("sends more than the limits allow")]
    TooMuch,
}

impl Misbehaviour {
    /// What texts call it, behind `misbehaviour-`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadFrame => "bad-frame",
            Self::OutOfTurn => "out-of-turn",
            Self::NoCommonVersion => "no-common-version",
            Self::BadSignature => "bad-signature",
            Self::WrongRelay => "wrong-relay",
            Self::NotAdmitted => "not-admitted",
            Self::OtherVenture => "other-venture",
            Self::WrongDocument => "wrong-document",
            Self::Equivocation => "equivocation",
            Self::BrokenLog => "broken-log",
            Self::ForkedLog => "forked-log",
            Self::ForkedCharter => "forked-charter",
            Self::BadCharter => "bad-charter",
            Self::RolledBack => "rolled-back",
            Self::ForgedAck => "forged-ack",
            Self::TooMuch => "too-much",
        }
    }
}
