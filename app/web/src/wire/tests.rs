use heqi_domain::plan::{
    Conflict, ConflictId, ConflictKind, FieldEdit, LinkType, ManualDates, Mode, PartyReport,
    PlanCommand, PlanDiff, Predecessor, Rejected, RowKind, Severity, Side, Splice, TaskRow, Who,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::{Date, LocalDateTime};
use heqi_domain::{Author, Op, RecordId, Value};

use super::*;

mod answers;
mod kinds;
mod samples;

fn id(n: u8) -> RecordId {
    RecordId([n; 16])
}

fn request(request: Request) -> ToWorker {
    ToWorker::Request { id: 7, request }
}

fn command(command: PlanCommand) -> ToWorker {
    let seen = SeenHeads(vec![1, 2]);
    request(Request::Command { seen, command })
}

fn who(n: u8) -> Who {
    let author = Author {
        party: "Acme".into(),
        party_code: "A".into(),
        member: "Ann".into(),
        me: n == 1,
    };
    Who {
        op: Op {
            counter: 1 << 40,
            actor: [n; 16],
        },
        author: (n < 9).then_some(author),
    }
}

fn row() -> TaskRow {
    TaskRow {
        id: id(1),
        code: "A-T1·2".into(),
        number: "1.2".into(),
        depth: 1,
        parent: Some(id(2)),
        has_children: false,
        kind: RowKind::Milestone,
        name: "打桩".into(),
        duration: Duration::parse("3ed?"),
        percent: 40,
        percent_disputed: true,
        mode: Mode::Manual,
        manual: Some(ManualDates {
            start: None,
            finish: LocalDateTime::parse("2026-03-09T08:00:00").ok(),
        }),
        imported_start: LocalDateTime::parse("2026-03-02T08:00:00").ok(),
        imported_finish: None,
        accountable: "Ann".into(),
        has_notes: true,
        predecessors: vec![Predecessor {
            link: id(3),
            task: id(4),
            code: "A-T2".into(),
            link_type: LinkType::Sf,
            lag: "-50%".into(),
            suspended: true,
        }],
        conflict_fields: vec!["name".into()],
    }
}

fn kinds() -> [ConflictKind; 6] {
    let report = PartyReport {
        party_code: "A".into(),
        date: Date::parse("2026-03-31").unwrap(),
        percent: 60,
    };
    [
        ConflictKind::Field {
            field: "name".into(),
            base: Some(Value::Text("a".into())),
            sides: vec![
                Side {
                    value: Value::Int(-4),
                    who: who(1),
                },
                Side {
                    value: Value::Bool(true),
                    who: who(9),
                },
            ],
            provisional: 1,
        },
        ConflictKind::DeleteEdit {
            deleted_by: vec![who(1)],
            edited_by: vec![who(2)],
            fields: vec!["notes".into()],
            children: vec![id(5)],
        },
        ConflictKind::MoveSkipped {
            wanted: None,
            by: who(1),
            because: id(6),
            because_by: Some(who(2)),
        },
        ConflictKind::LinkSuspended {
            pred: id(1),
            succ: id(2),
            by: who(3),
            tasks: vec![id(2), id(1)],
            links: vec![(id(7), who(4))],
        },
        ConflictKind::CodeCollision {
            code: "A-T1".into(),
            shown: "A-T1·2".into(),
            keeper: id(8),
        },
        ConflictKind::ProgressDisagreement {
            current: report.clone(),
            others: vec![report],
        },
    ]
}

fn diff() -> PlanDiff {
    let conflict = |(n, kind): (usize, ConflictKind)| Conflict {
        id: ConflictId(id(n as u8)),
        record: id(1),
        task: id(2),
        severity: Severity::Attention,
        kind,
    };
    PlanDiff {
        splices: vec![Splice {
            at: 1,
            removed: 2,
            inserted: vec![id(1)],
        }],
        rows: vec![row()],
        renumbered: vec![(id(9), "2.1".into())],
        conflicts_changed: kinds().into_iter().enumerate().map(conflict).collect(),
        conflicts_gone: vec![ConflictId(id(3))],
    }
}

fn returns<M: Message + PartialEq + std::fmt::Debug>(message: M) {
    assert_eq!(decode(&encode(&message)), Ok(message));
}

#[test]
fn commands_return_from_their_bytes_with_all_they_leave_out() {
    let lag = |text| Lag::parse(text).unwrap();
    for given in ["", "+2d", "-1ew", "50%"] {
        let (link, link_type) = (id(1), LinkType::Ff);
        returns(command(PlanCommand::SetLink {
            link,
            link_type,
            lag: lag(given),
        }));
    }
    let task = id(1);
    for edit in [
        FieldEdit::Duration(Duration::parse("5d?")),
        FieldEdit::Duration(None),
        FieldEdit::Manual(ManualDates::default()),
        FieldEdit::Percent {
            percent: 5,
            status_date: None,
        },
    ] {
        returns(command(PlanCommand::SetField { task, edit }));
    }
    let bytes = vec![0, 200, 255];
    returns(request(Request::Import {
        name: "桥.xml".into(),
        bytes,
    }));
}

#[test]
fn a_plan_returns_from_its_bytes_whole() {
    let heads = SeenHeads(vec![9; 32]);
    let undo = UndoState {
        undo: true,
        redo: false,
    };
    returns(FromWorker::Push(Push::Plan {
        heads,
        diff: diff(),
        undo,
    }));
}

#[test]
fn refusals_return_from_their_bytes() {
    for rejected in [
        Rejected::EmptyName,
        Rejected::TooLong {
            field: "name".into(),
            limit: 255,
        },
        Rejected::WouldCloseLoop {
            tasks: vec![id(1), id(2)],
        },
        Rejected::ChangedSince {
            record: id(1),
            field: "name".into(),
            by: "Ann".into(),
        },
    ] {
        let result = Err(Failure::Rejected(rejected));
        returns(FromWorker::Reply { id: 1, result });
    }
}

#[test]
fn another_version_is_told_apart_from_a_broken_message() {
    let [mine, _] = WIRE_VERSION.to_le_bytes();
    let mut bytes = encode(&ToWorker::Bye);
    bytes[0] = 9;
    assert_eq!(decode::<ToWorker>(&bytes), Err(WireError::Version(9)));
    assert_eq!(decode::<ToWorker>(&[1]), Err(WireError::Malformed));
    assert_eq!(
        decode::<ToWorker>(&[mine, 0, 200]),
        Err(WireError::Malformed)
    );
    assert_eq!(
        decode::<FromWorker>(&[mine, 0, 200]),
        Err(WireError::Malformed)
    );
}

#[test]
fn trailing_bytes_are_refused() {
    let mut bytes = encode(&ToWorker::Bye);
    bytes.push(0);
    assert_eq!(decode::<ToWorker>(&bytes), Err(WireError::Malformed));
    let done = FromWorker::Reply {
        id: 1,
        result: Ok(Reply::Done),
    };
    let mut bytes = encode(&done);
    bytes.push(0);
    assert_eq!(decode::<FromWorker>(&bytes), Err(WireError::Malformed));
}
