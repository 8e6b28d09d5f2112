//! What goes wrong in the replica, as the interface is told.

use heqi_protocol::frame::AmendRefused;
use heqi_replica::{BadCode, BadRecoveryFile, BadSealedFile, OpenError, StartError};

use super::charter;
use super::idb::StoreError;
use super::people::bad_link;
use crate::wire::{
    CharterProblem, CodeProblem, Failure, Fatal, InviteProblem, NameProblem, RecoveryProblem,
    RelayProblem,
};

/// Why a request was not done.
pub(super) fn of_request(failure: heqi_replica::Failure) -> Failure {
    use heqi_replica::Failure as From;
    match failure {
        From::Rejected(rejected) => Failure::Rejected(rejected),
        From::MayNotWrite | From::MayNotRead => Failure::Forbidden,
        From::OthersRefuse(refused) => Failure::OthersRefuse {
            detail: refused.to_string(),
        },
        From::NotManager => Failure::Charter(CharterProblem::NotManager),
        From::OtherParty => Failure::Charter(CharterProblem::OtherParty),
        From::OtherMember => Failure::Charter(CharterProblem::OtherMember),
        From::CodeMissing(_) | From::BadCode => Failure::Name(NameProblem::BadCode),
        From::NoRole => Failure::Charter(CharterProblem::NoRole),
        From::BadName(_) => Failure::Name(NameProblem::Bad),
        From::NameTooLong => Failure::Name(NameProblem::TooLong),
        From::NameTaken => Failure::Name(NameProblem::Taken),
        From::CodeTaken => Failure::Name(NameProblem::CodeTaken),
        From::NotYetMember => Failure::NoVenture,
        From::Removed => Failure::Charter(CharterProblem::Removed),
        From::Forbidden(refused) => Failure::Charter(charter::problem(&refused)),
        From::Refused(_) => Failure::Charter(CharterProblem::Full),
        From::Amend(reason) => of_amend(reason),
        From::KeysMissing => Failure::Charter(CharterProblem::KeysMissing),
        From::NoLateEdits => Failure::Charter(CharterProblem::NoLateEdits),
        From::TooManyEdits => Failure::Charter(CharterProblem::TooManyEdits),
        From::EditsMissing => Failure::Charter(CharterProblem::EditsMissing),
        From::BadUrl => Failure::RelayUrl,
        From::Link(bad) => bad_link(bad),
        From::OtherVenture => Failure::Charter(CharterProblem::OtherVenture),
    }
}

/// Why the relay does not take an entry of the charter.
pub(super) const fn of_amend(reason: AmendRefused) -> Failure {
    match reason {
        AmendRefused::MovedOn { .. } => Failure::Relay(RelayProblem::MovedOn),
        AmendRefused::Expired => Failure::Invite(InviteProblem::Expired),
        AmendRefused::Forbidden => Failure::Relay(RelayProblem::EntryForbidden),
        AmendRefused::InviteSpent => Failure::Charter(CharterProblem::Spent),
        AmendRefused::Closed => Failure::Relay(RelayProblem::Closed),
    }
}

/// Why a venture cannot begin.
pub(super) fn of_start(error: StartError) -> Failure {
    match error {
        StartError::Link(bad) => bad_link(bad),
        StartError::BadName(_) => Failure::Name(NameProblem::Bad),
        StartError::NameTooLong => Failure::Name(NameProblem::TooLong),
        StartError::BadCode => Failure::Name(NameProblem::BadCode),
        StartError::Recovery(bad) => of_kit(bad),
    }
}

/// Why a file is no recovery kit.
pub(super) const fn of_kit(bad: BadRecoveryFile) -> Failure {
    match bad {
        BadRecoveryFile::NotOne | BadRecoveryFile::Damaged => {
            Failure::Recovery(RecoveryProblem::Malformed)
        }
    }
}

/// Why a sealed file does not open.
pub(super) const fn of_sealed(bad: BadSealedFile) -> Failure {
    Failure::Recovery(match bad {
        BadSealedFile::Damaged => RecoveryProblem::Malformed,
        BadSealedFile::Newer => RecoveryProblem::Newer,
        BadSealedFile::PassphraseNeeded => RecoveryProblem::PassphraseNeeded,
        BadSealedFile::PassphraseWrong => RecoveryProblem::PassphraseWrong,
    })
}

/// Why a text is no code.
pub(super) const fn of_code(bad: BadCode) -> Failure {
    Failure::Code(match bad {
        BadCode::Shape => CodeProblem::Malformed,
        BadCode::Checksum => CodeProblem::Checksum,
    })
}

/// Why a venture on this device does not open.
pub(super) fn of_open(error: OpenError) -> Failure {
    Failure::Store {
        detail: error.to_string(),
    }
}

/// Why the store failed, as the answer to a request.
pub(super) fn of_store(error: &StoreError) -> Failure {
    Failure::Store {
        detail: error.to_string(),
    }
}

/// Why the store failed, as news to every tab.
pub(super) fn fatal(error: &StoreError) -> Fatal {
    match error {
        StoreError::Full => Fatal::StoreFull,
        StoreError::Failed(detail) => Fatal::Store {
            detail: detail.clone(),
        },
    }
}
