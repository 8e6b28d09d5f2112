//! What the core counts.

use std::collections::BTreeMap;

use heqi_protocol::Misbehaviour;
use heqi_protocol::frame::NackReason;

/// Counts since the core was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub inputs: u64,
    pub commits: u64,
    pub appended: u64,
    pub appended_bytes: u64,
    pub duplicates: u64,
    pub restored: u64,
    pub acks: u64,
    pub charter_entries: u64,
    pub rereads: u64,
    pub reincarnations: u64,
    /// Ventures that came from elsewhere, or back.
    pub brought: u64,
    /// Documents that the charter deleted.
    pub dropped: u64,
    pub nacks: BTreeMap<&'static str, u64>,
    pub refused: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn nack(&mut self, reason: NackReason) {
        let name = match reason {
            NackReason::StaleEpoch { .. } => "stale_epoch",
            NackReason::Gap { .. } => "gap",
            NackReason::Forbidden => "forbidden",
            NackReason::TooBig => "too_big",
            NackReason::Quota => "quota",
            NackReason::RestoreFirst => "restore_first",
            NackReason::KeysDue => "keys_due",
        };
        *self.nacks.entry(name).or_default() += 1;
    }

    pub(super) fn refuse(&mut self, misbehaviour: Misbehaviour) {
        *self.refused.entry(name_of(misbehaviour)).or_default() += 1;
    }
}

const fn name_of(misbehaviour: Misbehaviour) -> &'static str {
    match misbehaviour {
        Misbehaviour::BadFrame => "bad_frame",
        Misbehaviour::OutOfTurn => "out_of_turn",
        Misbehaviour::NoCommonVersion => "no_common_version",
        Misbehaviour::BadSignature => "bad_signature",
        Misbehaviour::WrongRelay => "wrong_relay",
        Misbehaviour::NotAdmitted => "not_admitted",
        Misbehaviour::OtherVenture => "other_venture",
        Misbehaviour::WrongDocument => "wrong_document",
        Misbehaviour::Equivocation => "equivocation",
        Misbehaviour::BrokenLog => "broken_log",
        Misbehaviour::ForkedLog => "forked_log",
        Misbehaviour::ForkedCharter => "forked_charter",
        Misbehaviour::BadCharter => "bad_charter",
        Misbehaviour::RolledBack => "rolled_back",
        Misbehaviour::ForgedAck => "forged_ack",
        Misbehaviour::TooMuch => "too_much",
    }
}
