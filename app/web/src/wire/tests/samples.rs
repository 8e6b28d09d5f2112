//! Samples of what messages hold.

use super::*;

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn key() -> VentureKey {
    VentureKey(text("k"))
}

pub(super) fn person() -> Id {
    Id(text("0f"))
}

pub(super) fn grant() -> Grant {
    Grant {
        read: Role::ALL.to_vec(),
        write: vec![Role::Pmo],
    }
}

pub(super) fn rules() -> Vec<AccessRule> {
    let rule = |space, party, grant| AccessRule {
        space,
        party,
        grant,
    };
    let mut rules = vec![rule(Space::Private(person()), Some(person()), None)];
    for space in [
        Space::Directory,
        Space::Plan,
        Space::Risk,
        Space::Contracts,
        Space::Finance,
        Space::Market,
        Space::Governance,
    ] {
        rules.push(rule(space, None, Some(grant())));
    }
    rules
}

pub(super) fn targets() -> [Target; 3] {
    [Target::Device, Target::Member, Target::Party].map(|target| target(person()))
}

pub(super) fn actions() -> Vec<Action> {
    let mut actions = vec![
        Action::Interests {
            from_day: -1,
            shares: vec![(person(), 10_000)],
        },
        Action::Access(rules()),
        Action::Repair(person()),
    ];
    actions.extend(targets().map(Action::Remove));
    actions
}

pub(super) fn passkey() -> Passkey {
    Passkey {
        credential: vec![0, 255],
        salt: vec![7; 32],
    }
}

pub(super) fn secrets() -> [Secret; 2] {
    [
        Secret::Passphrase(text("合契")),
        Secret::Passkey {
            passkey: passkey(),
            secret: vec![200; 32],
        },
    ]
}

pub(super) fn lock() -> LockView {
    LockView {
        passphrase: true,
        passkey: Some(passkey()),
        idle_minutes: 15,
    }
}

pub(super) fn relay_problems() -> Vec<RelayProblem> {
    let how = || text("d");
    vec![
        RelayProblem::UnknownKey,
        RelayProblem::Forked { how: how() },
        RelayProblem::NotAdmitted,
        RelayProblem::Removed,
        RelayProblem::Unadmitted,
        RelayProblem::Brought,
        RelayProblem::Undone,
        RelayProblem::OlderKeys,
        RelayProblem::Withheld,
        RelayProblem::CharterBehind,
        RelayProblem::Version,
        RelayProblem::MayNotEdit,
        RelayProblem::Quota,
        RelayProblem::TooBig,
        RelayProblem::TooMuch,
        RelayProblem::Draining,
        RelayProblem::Storage,
        RelayProblem::Busy,
        RelayProblem::Moved,
        RelayProblem::Closed,
        RelayProblem::EntryForbidden,
        RelayProblem::MovedOn,
        RelayProblem::EnvelopeMissing,
        RelayProblem::Misbehaved { how: how() },
        RelayProblem::Accused { how: how() },
    ]
}

pub(super) fn summary() -> VentureSummary {
    VentureSummary {
        key: key(),
        id: person(),
        name: text("Harbour"),
        party: text("Acme"),
        code: text("A"),
        member: text("Ann"),
        relay: text("https://relay.example"),
        pending: 3,
        recovery_saved_ms: Some(1),
        locked: true,
        removed: false,
    }
}

pub(super) fn sync(link: RelayLink) -> SyncStatus {
    SyncStatus {
        local: Local::Saving,
        link,
        pending: 1,
        tabs: 2,
        quarantined: 3,
        waiting: 2,
        late: 4,
        alarms: 5,
        restored_ms: Some(6),
        trouble: Some(RelayProblem::OlderKeys),
    }
}

pub(super) fn undo() -> UndoState {
    UndoState {
        undo: true,
        redo: false,
    }
}

pub(super) fn people() -> MembersView {
    let device = DeviceRow {
        id: person(),
        name: text("桥头"),
        words: text("w"),
        this: true,
        removed: false,
        last_heard_ms: Some(1),
    };
    let member = MemberRow {
        id: person(),
        name: text("Ann"),
        roles: Role::ALL.to_vec(),
        me: true,
        confirmed: false,
        removed: true,
        has_kit: false,
        words: text("w"),
        devices: vec![device],
    };
    let party = PartyRow {
        id: person(),
        name: text("Acme"),
        code: text("A"),
        leader: true,
        mine: false,
        removed: true,
        has_manager: false,
        looked_after: true,
        interest: Some(6_000),
        last_heard_ms: None,
        access: vec![(Space::Plan, grant())],
        members: vec![member],
    };
    let invite = InviteRow {
        id: person(),
        party: text("Süd"),
        code: text("S"),
        roles: vec![Role::Viewer],
        by: text("b"),
        expires_ms: Some(1),
        link: None,
    };
    let offer = OfferRow {
        id: person(),
        kit: true,
        expires_ms: None,
        made_ms: Some(1),
        device: text("Windows 上的 Chrome"),
        unconfirmed: true,
    };
    let proposal = |action| ProposalRow {
        id: person(),
        action,
        by: text("b"),
        votes: vec![(text("Acme"), Some(true)), (text("Süd"), None)],
        may_answer: true,
        decided: false,
    };
    MembersView {
        parties: vec![party],
        invites: vec![invite],
        offers: vec![offer],
        proposals: actions().into_iter().map(proposal).collect(),
        access: vec![(Space::Risk, grant())],
        rules: rules(),
        rights: Rights::default(),
    }
}

pub(super) fn events() -> Vec<Event> {
    let (party, member) = (person(), Id(text("aa")));
    let roles = vec![Role::Market];
    vec![
        Event::Founded {
            party: party.clone(),
            member: member.clone(),
        },
        Event::PartyAdmitted(party.clone()),
        Event::Invited {
            party: party.clone(),
            roles: roles.clone(),
        },
        Event::Joined {
            member: member.clone(),
            party,
        },
        Event::DeviceOffered,
        Event::KitMade,
        Event::DeviceAdded {
            member: member.clone(),
            device: person(),
        },
        Event::Withdrawn,
        Event::RolesSet { member, roles },
        Event::Removed(Target::Party(person())),
        Event::KeysGiven,
        Event::Complained(Space::Private(person())),
        Event::Confirmed(person()),
        Event::Proposed(Action::Repair(person())),
        Event::Answered {
            proposal: person(),
            agrees: false,
        },
        Event::AccessSet(rules()),
        Event::TakenIn(5),
        Event::DocumentDeleted,
        Event::GenerationBegun,
        Event::RelayMoved(text("w")),
        Event::Named {
            target: Target::Device(person()),
            before: None,
            name: Some(text("n")),
        },
    ]
}

pub(super) fn history(event: Event) -> HistoryRow {
    HistoryRow {
        position: 300,
        hash: text("h"),
        author: text("a"),
        event,
        rotated: vec![Space::Finance, Space::Private(person())],
    }
}

pub(super) fn security() -> SecurityView {
    SecurityView {
        charter: text("c"),
        charter_position: 1,
        device: text("d"),
        relay_url: text("u"),
        relay: text("r"),
        relay_key: text("k"),
        logs: vec![LogWords {
            space: Space::Governance,
            seq: 300,
            words: text("w"),
        }],
        alarms: vec![Alarm {
            device: person(),
            member: text("m"),
            party: text("p"),
            charter: true,
            at: 7,
        }],
        refused: vec![EditOutside {
            edit: text("e"),
            member: text("m"),
            party: text("p"),
            forged: true,
            reason: text("r"),
        }],
        waiting: Vec::new(),
    }
}
