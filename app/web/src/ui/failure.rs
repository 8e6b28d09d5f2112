//! Failures in the reader's language: what happened and what to do.

use heqi_wording::{import, rejected};

use super::i18n::{say, t};
use crate::wire::{
    CharterProblem, CodeProblem, Failure, ImportProblem, InviteProblem, NameProblem,
    RecoveryProblem, RelayProblem,
};

/// The failure as one or two sentences.
pub(crate) fn text(failure: &Failure) -> String {
    match failure {
        Failure::Rejected(refused) => say(|texts| rejected::sentence(texts, refused)),
        Failure::Offline => t!("failure-offline"),
        Failure::Relay(problem) => relay_text(problem, 0),
        Failure::Invite(problem) => invite_text(*problem),
        Failure::Import(problem) => import_text(problem),
        Failure::Recovery(problem) => recovery_text(*problem),
        Failure::Code(problem) => code_text(*problem),
        Failure::Charter(problem) => charter_text(problem),
        Failure::Locked(_) => t!("locked-more"),
        Failure::WrongSecret => t!("lock-wrong"),
        Failure::Name(problem) => name_text(*problem),
        Failure::RelayUrl => t!("failure-relay-url"),
        Failure::Forbidden => t!("failure-forbidden"),
        Failure::NoVenture => t!("failure-no-venture"),
        Failure::NothingToUndo => t!("failure-nothing-to-undo"),
        Failure::Store { detail } => t!("failure-store", detail = detail.clone()),
        Failure::Defect { detail } => t!("failure-defect", detail = detail.clone()),
        Failure::OthersRefuse { detail } => t!("failure-others-refuse", detail = detail.clone()),
    }
}

/// Why a relay and this device do not work together; `pending` own edits are not acknowledged.
pub(crate) fn relay_text(problem: &RelayProblem, pending: u32) -> String {
    match problem {
        RelayProblem::UnknownKey => t!("relay-unknown-key"),
        RelayProblem::Forked { how } => t!("relay-forked", detail = misbehaviour(how)),
        RelayProblem::NotAdmitted => t!("relay-not-admitted"),
        RelayProblem::Removed => t!("relay-removed"),
        RelayProblem::Unadmitted => t!("relay-unadmitted"),
        RelayProblem::Brought => t!("relay-brought"),
        RelayProblem::Undone => t!("relay-undone"),
        RelayProblem::OlderKeys => t!("relay-older-keys"),
        RelayProblem::Withheld => t!("relay-withheld"),
        RelayProblem::CharterBehind => t!("relay-charter-behind"),
        RelayProblem::Version => t!("relay-version"),
        RelayProblem::MayNotEdit => t!("relay-may-not-edit", count = pending),
        RelayProblem::Quota => t!("relay-quota"),
        RelayProblem::TooBig => t!("relay-too-big"),
        RelayProblem::TooMuch => t!("relay-too-much"),
        RelayProblem::Draining => t!("relay-draining"),
        RelayProblem::Storage => t!("relay-storage"),
        RelayProblem::Busy => t!("relay-busy"),
        RelayProblem::Moved => t!("relay-moved"),
        RelayProblem::Closed => t!("relay-closed"),
        RelayProblem::EntryForbidden => t!("relay-entry-forbidden"),
        RelayProblem::MovedOn => t!("relay-moved-on"),
        RelayProblem::EnvelopeMissing => t!("relay-envelope-missing"),
        RelayProblem::Misbehaved { how } => t!("relay-misbehaved", detail = misbehaviour(how)),
        RelayProblem::Accused { how } => t!("relay-accused", detail = misbehaviour(how)),
    }
}

fn misbehaviour(how: &str) -> String {
    t!(&format!("misbehaviour-{how}"))
}

fn name_text(problem: NameProblem) -> String {
    match problem {
        NameProblem::Bad => t!("failure-name-bad"),
        NameProblem::TooLong => t!("failure-name-too-long"),
        NameProblem::Taken => t!("failure-name-taken"),
        NameProblem::BadCode => t!("failure-party-code"),
        NameProblem::CodeTaken => t!("failure-code-taken"),
    }
}

fn invite_text(problem: InviteProblem) -> String {
    match problem {
        InviteProblem::Malformed => t!("invite-malformed"),
        InviteProblem::Newer => t!("invite-newer"),
        InviteProblem::Used => t!("invite-used"),
        InviteProblem::Expired => t!("invite-expired"),
        InviteProblem::Revoked => t!("invite-revoked"),
        InviteProblem::Known => t!("invite-known"),
    }
}

fn import_text(problem: &ImportProblem) -> String {
    match problem {
        ImportProblem::Refused {
            line,
            key,
            args,
            reason,
        } => {
            let words = say(|texts| import::reason(texts, key, args));
            let reason = words.unwrap_or_else(|| reason.clone());
            match line {
                Some(line) => t!("import-refused-line", line = *line, reason = reason),
                None => t!("import-refused", reason = reason),
            }
        }
        ImportProblem::TooBig { bytes_max } => {
            t!("import-too-big", megabytes = bytes_max / (1024 * 1024))
        }
    }
}

fn recovery_text(problem: RecoveryProblem) -> String {
    match problem {
        RecoveryProblem::Malformed => t!("recovery-malformed"),
        RecoveryProblem::Newer => t!("recovery-newer"),
        RecoveryProblem::PassphraseNeeded => t!("recovery-passphrase-needed"),
        RecoveryProblem::PassphraseWrong => t!("recovery-passphrase-wrong"),
        RecoveryProblem::Known => t!("recovery-known"),
    }
}

fn code_text(problem: CodeProblem) -> String {
    match problem {
        CodeProblem::Malformed => t!("code-malformed"),
        CodeProblem::Checksum => t!("code-checksum"),
        CodeProblem::Unknown => t!("code-unknown"),
        CodeProblem::Spent => t!("code-spent"),
        CodeProblem::Expired => t!("code-expired"),
    }
}

fn charter_text(problem: &CharterProblem) -> String {
    match problem {
        CharterProblem::NotManager => t!("charter-not-manager"),
        CharterProblem::OtherParty => t!("charter-other-party"),
        CharterProblem::OtherMember => t!("refused-other-member"),
        CharterProblem::Removed => t!("relay-removed"),
        CharterProblem::Interests => t!("refused-interests"),
        CharterProblem::AccessRule => t!("refused-access-rule"),
        CharterProblem::Nothing => t!("refused-nothing"),
        CharterProblem::NotDecided => t!("refused-not-decided"),
        CharterProblem::BadProposal => t!("refused-bad-proposal"),
        CharterProblem::Spent => t!("refused-spent"),
        CharterProblem::Gone => t!("refused-gone"),
        CharterProblem::NoRole => t!("failure-no-role"),
        CharterProblem::Full => t!("refused-full"),
        CharterProblem::KeysMissing => t!("charter-keys-missing"),
        CharterProblem::NoLateEdits => t!("charter-no-late-edits"),
        CharterProblem::TooManyEdits => t!("charter-too-many-edits"),
        CharterProblem::EditsMissing => t!("charter-edits-missing"),
        CharterProblem::OtherVenture => t!("charter-other-venture"),
        CharterProblem::Other { reason } => t!("refused-other", detail = reason.clone()),
    }
}
