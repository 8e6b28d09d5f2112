//! Where the edits of a venture stand, as the interface is told.

use heqi_protocol::Misbehaviour;
use heqi_protocol::frame::{AmendRefused, NackReason, Unavailable};
use heqi_replica::{Link, Problem, Status};

use super::shelf::Beginning;
use crate::wire::{
    CodeProblem, Failure, InviteProblem, Local, RelayLink, RelayProblem, SyncStatus,
};

/// What is known of the syncing of a venture.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    saving: bool,
    link: Link,
    problem: Option<Problem>,
    pending: u32,
    quarantined: u32,
    waiting: u32,
    late: u32,
    alarms: u32,
    /// Since when there is no connection, in milliseconds since 1970.
    offline_since_ms: Option<u64>,
    /// Entries still to be read into the view, and how many it were when reading began.
    incoming: u64,
    incoming_first: u64,
    restored_ms: Option<u64>,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            saving: false,
            link: Link::Offline,
            problem: None,
            pending: 0,
            quarantined: 0,
            waiting: 0,
            late: 0,
            alarms: 0,
            offline_since_ms: None,
            incoming: 0,
            incoming_first: 0,
            restored_ms: None,
        }
    }
}

impl Sync {
    /// Follows what the replica says at `wall_ms`, in milliseconds since 1970.
    pub(super) fn follow(&mut self, status: &Status, wall_ms: u64) {
        if self.link == Link::Online && status.link != Link::Online {
            self.offline_since_ms = Some(wall_ms);
        }
        self.link = status.link;
        self.problem = status.problem;
        self.pending = count(status.pending);
        self.quarantined = count(status.quarantined);
        self.waiting = count(status.waiting);
        self.late = count(status.late);
        self.alarms = count(status.alarms);
        self.incoming = status.incoming;
        self.incoming_first = match status.incoming {
            0 => 0,
            incoming => self.incoming_first.max(incoming),
        };
        if status.relay_restored {
            self.restored_ms = self.restored_ms.or(Some(wall_ms));
        }
    }

    /// Notes that own edits are on their way to the disk, or on it.
    pub(super) const fn set_saving(&mut self, saving: bool) {
        self.saving = saving;
    }

    /// Own edits the relay has not acknowledged.
    pub(super) const fn pending(&self) -> u32 {
        self.pending
    }

    /// True while there is a working connection.
    pub(super) fn is_online(&self) -> bool {
        self.link == Link::Online
    }

    /// Why no further try is made without a person.
    pub(super) fn stopped_by(&self) -> Option<Problem> {
        self.problem.filter(|_| self.link == Link::Offline)
    }

    /// Why a venture that is not yet a member's will not become one.
    pub(super) fn final_problem(&self) -> Option<Problem> {
        let unknown = Problem::Unavailable(Unavailable::UnknownVenture);
        let known = self.problem.filter(|problem| *problem == unknown);
        self.stopped_by().or(known)
    }

    /// What the interface is told, with the number of tabs that are there.
    pub(super) fn status(&self, tabs: u32) -> SyncStatus {
        SyncStatus {
            local: if self.saving {
                Local::Saving
            } else {
                Local::Saved
            },
            link: self.relay_link(),
            pending: self.pending,
            tabs,
            quarantined: self.quarantined,
            waiting: self.waiting,
            late: self.late,
            alarms: self.alarms,
            restored_ms: self.restored_ms,
            trouble: self.problem.filter(|_| self.is_online()).map(relay_problem),
        }
    }

    fn relay_link(&self) -> RelayLink {
        if let Some(problem) = self.stopped_by() {
            return RelayLink::Refused(relay_problem(problem));
        }
        match self.link {
            Link::Offline | Link::Waiting { .. } => RelayLink::Offline {
                since_ms: self.offline_since_ms,
            },
            Link::Connecting => RelayLink::Connecting,
            Link::Online if self.incoming > 0 => RelayLink::CatchingUp {
                done: self.incoming_first - self.incoming,
                total: self.incoming_first,
            },
            Link::Online => RelayLink::Live,
        }
    }
}

/// Why a beginning came to nothing, by what began it.
pub(super) fn beginning_failure(problem: Problem, beginning: Beginning) -> Failure {
    let invited = beginning == Beginning::Joining;
    match (problem, beginning) {
        (Problem::Amend(AmendRefused::Expired), Beginning::Joining) => {
            Failure::Invite(InviteProblem::Expired)
        }
        (Problem::Amend(AmendRefused::Expired), Beginning::Recovering) => {
            Failure::Code(CodeProblem::Expired)
        }
        // The relay lets in whoever holds a pending invite or code: this one is pending no more.
        (
            Problem::Amend(AmendRefused::InviteSpent) | Problem::Refused(Misbehaviour::NotAdmitted),
            Beginning::Joining,
        ) => Failure::Invite(InviteProblem::Used),
        (
            Problem::Amend(AmendRefused::InviteSpent)
            | Problem::Refused(Misbehaviour::NotAdmitted)
            | Problem::Code
            | Problem::Keys,
            Beginning::Recovering,
        ) => Failure::Code(CodeProblem::Spent),
        (Problem::Keys, _) if invited => Failure::Invite(InviteProblem::Revoked),
        (other, _) => Failure::Relay(relay_problem(other)),
    }
}

/// The problem as the interface tells it.
pub(super) fn relay_problem(problem: Problem) -> RelayProblem {
    match problem {
        Problem::Relay(Misbehaviour::WrongRelay) => RelayProblem::UnknownKey,
        Problem::Relay(Misbehaviour::NoCommonVersion)
        | Problem::Refused(Misbehaviour::NoCommonVersion)
        | Problem::Newer => RelayProblem::Version,
        Problem::Relay(
            misbehaviour @ (Misbehaviour::ForkedLog
            | Misbehaviour::ForkedCharter
            | Misbehaviour::BrokenLog
            | Misbehaviour::RolledBack),
        ) => RelayProblem::Forked {
            how: misbehaviour.name().into(),
        },
        Problem::Relay(misbehaviour) => RelayProblem::Misbehaved {
            how: misbehaviour.name().into(),
        },
        Problem::Refused(Misbehaviour::NotAdmitted)
        | Problem::Code
        | Problem::Keys
        | Problem::Amend(AmendRefused::Expired | AmendRefused::InviteSpent) => {
            RelayProblem::NotAdmitted
        }
        Problem::Refused(Misbehaviour::TooMuch) => RelayProblem::TooMuch,
        Problem::Refused(misbehaviour) => RelayProblem::Accused {
            how: misbehaviour.name().into(),
        },
        Problem::Unavailable(unavailable) => match unavailable {
            Unavailable::Draining => RelayProblem::Draining,
            Unavailable::Storage => RelayProblem::Storage,
            Unavailable::Busy => RelayProblem::Busy,
            Unavailable::UnknownVenture => RelayProblem::NotAdmitted,
            Unavailable::Moved => RelayProblem::Moved,
        },
        Problem::MayNotWrite | Problem::Nack(NackReason::Forbidden) => RelayProblem::MayNotEdit,
        Problem::Nack(NackReason::Quota) => RelayProblem::Quota,
        Problem::Nack(NackReason::TooBig) => RelayProblem::TooBig,
        // Of the others the replica makes no problem, for it knows what to do.
        Problem::Nack(
            NackReason::StaleEpoch { .. }
            | NackReason::Gap { .. }
            | NackReason::RestoreFirst
            | NackReason::KeysDue,
        ) => RelayProblem::Misbehaved {
            how: Misbehaviour::OutOfTurn.name().into(),
        },
        Problem::Amend(AmendRefused::MovedOn { .. }) => RelayProblem::MovedOn,
        Problem::Amend(AmendRefused::Forbidden) => RelayProblem::EntryForbidden,
        Problem::Amend(AmendRefused::Closed) => RelayProblem::Closed,
        Problem::Removed => RelayProblem::Removed,
        Problem::Unadmitted => RelayProblem::Unadmitted,
        Problem::Brought => RelayProblem::Brought,
        Problem::Undone => RelayProblem::Undone,
        Problem::OlderKeys => RelayProblem::OlderKeys,
        Problem::Withheld => RelayProblem::Withheld,
        Problem::CharterBehind => RelayProblem::CharterBehind,
        Problem::EnvelopeMissing => RelayProblem::EnvelopeMissing,
    }
}

fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(link: Link) -> Status {
        Status {
            link,
            member: true,
            removed: false,
            late: 0,
            alarms: 0,
            pending: 0,
            incoming: 0,
            quarantined: 0,
            waiting: 0,
            settled: false,
            incarnation: None,
            relay_restored: false,
            problem: None,
        }
    }

    #[test]
    fn catching_up_counts_from_the_most_there_was_to_read() {
        let mut sync = Sync::default();
        for (incoming, done) in [(300, 0), (200, 100), (250, 50)] {
            let told = Status {
                incoming,
                ..status(Link::Online)
            };
            sync.follow(&told, 0);
            let total = 300;
            let expected = RelayLink::CatchingUp { done, total };
            assert_eq!(sync.status(1).link, expected);
        }
        sync.follow(&status(Link::Online), 0);
        assert_eq!(sync.status(1).link, RelayLink::Live);
    }

    #[test]
    fn the_time_offline_counts_from_the_loss_and_not_from_later_tries() {
        let mut sync = Sync::default();
        let since = |sync: &Sync| match sync.status(1).link {
            RelayLink::Offline { since_ms } => since_ms,
            other => panic!("{other:?}"),
        };
        sync.follow(&status(Link::Waiting { retry_at: 5 }), 10);
        assert_eq!(since(&sync), None);
        sync.follow(&status(Link::Online), 20);
        sync.follow(&status(Link::Waiting { retry_at: 5 }), 30);
        sync.follow(&status(Link::Connecting), 40);
        sync.follow(&status(Link::Waiting { retry_at: 9 }), 50);
        assert_eq!(since(&sync), Some(30));
    }

    #[test]
    fn a_problem_is_a_refusal_only_once_no_further_try_is_made() {
        let mut sync = Sync::default();
        let mut told = status(Link::Waiting { retry_at: 5 });
        told.problem = Some(Problem::Unavailable(Unavailable::Draining));
        sync.follow(&told, 0);
        assert!(matches!(sync.status(1).link, RelayLink::Offline { .. }));
        told.link = Link::Offline;
        told.problem = Some(Problem::Relay(Misbehaviour::WrongRelay));
        sync.follow(&told, 0);
        let refused = RelayLink::Refused(RelayProblem::UnknownKey);
        assert_eq!(sync.status(1).link, refused);
    }

    #[test]
    fn a_relay_that_refuses_is_not_said_to_have_broken_the_protocol() {
        for (problem, told) in [
            (
                Problem::Nack(NackReason::Forbidden),
                RelayProblem::MayNotEdit,
            ),
            (Problem::MayNotWrite, RelayProblem::MayNotEdit),
            (Problem::EnvelopeMissing, RelayProblem::EnvelopeMissing),
            (
                Problem::Amend(AmendRefused::Forbidden),
                RelayProblem::EntryForbidden,
            ),
            (
                Problem::Refused(Misbehaviour::TooMuch),
                RelayProblem::TooMuch,
            ),
        ] {
            assert_eq!(relay_problem(problem), told);
        }
    }

    #[test]
    fn an_invite_that_the_relay_does_not_know_was_used() {
        let refused = Problem::Refused(Misbehaviour::NotAdmitted);
        let used = Failure::Invite(InviteProblem::Used);
        assert_eq!(beginning_failure(refused, Beginning::Joining), used);
        let spent = Failure::Code(CodeProblem::Spent);
        assert_eq!(beginning_failure(refused, Beginning::Recovering), spent);
        let not_admitted = Failure::Relay(RelayProblem::NotAdmitted);
        assert_eq!(
            beginning_failure(refused, Beginning::Founding),
            not_admitted
        );
    }
}
