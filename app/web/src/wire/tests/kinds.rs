//! Every kind of request and command returns from its bytes, and a new kind without a sample here fails.

use std::collections::BTreeSet;
use std::fmt::Debug;

use heqi_domain::plan::{Choice, Position, TaskKind};
use serde::Deserializer;
use serde::de::{Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;

use super::samples::*;
use super::*;
use crate::wire::compact::CommandTwin;

/// Reads nothing: where an enum is asked for, it fails with the number of the enum's kinds.
pub(super) struct Kinds;

impl<'de> Deserializer<'de> for Kinds {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        kinds: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom(kinds.len()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Sends each sample, and holds that there is one of each kind.
pub(super) fn all_return<T, M>(
    samples: Vec<T>,
    kinds: impl Fn(Kinds) -> Result<T, Error>,
    message: impl Fn(T) -> M,
) where
    T: Debug,
    M: Message + PartialEq + Debug,
{
    let expected = kinds(Kinds).unwrap_err().to_string();
    let names: BTreeSet<String> = samples.iter().map(name).collect();
    assert_eq!(names.len().to_string(), expected, "{names:?}");
    for sample in samples {
        returns(message(sample));
    }
}

/// The name of a sample's kind.
fn name(sample: &impl Debug) -> String {
    let shown = format!("{sample:?}");
    let end = shown.find(|c: char| !c.is_alphanumeric());
    shown[..end.unwrap_or(shown.len())].to_owned()
}

#[test]
fn every_request_returns_from_its_bytes() {
    let (relay, member, party, code) = (text("r"), text("m"), text("p"), text("c"));
    let mut samples = vec![
        Request::Hello {
            build: text("1"),
            device: text("Windows 上的 Chrome"),
        },
        Request::ListVentures,
        Request::CreateVenture {
            relay: relay.clone(),
            venture: text("v"),
            party: party.clone(),
            code: code.clone(),
            member: member.clone(),
        },
        Request::InspectInvite { link: text("l") },
        Request::AcceptInvite {
            link: text("l"),
            member,
        },
        Request::OpenVenture { venture: key() },
        Request::CloseVenture,
        Request::Command {
            seen: SeenHeads(vec![1]),
            command: PlanCommand::Indent { task: id(1) },
        },
        Request::Undo,
        Request::Redo,
        Request::Import {
            name: text("桥.xml"),
            bytes: vec![0, 200, 255],
        },
        Request::ExportCsv,
        Request::MakeKit {
            passphrase: Some(text("p")),
        },
        Request::MakeKit { passphrase: None },
        Request::KeepKit(person()),
        Request::RestoreRecovery {
            bytes: vec![1],
            passphrase: None,
        },
        Request::InspectCode {
            text: text("t"),
            relay: relay.clone(),
        },
        Request::AddDevice {
            text: text("t"),
            relay,
        },
        Request::FollowMove { link: text("l") },
        Request::Members,
        Request::CreateInvite {
            party,
            code,
            roles: Role::ALL.to_vec(),
            days: 14,
        },
        Request::OfferDevice { minutes: 10 },
        Request::Withdraw(person()),
        Request::SetRoles {
            member: person(),
            roles: vec![Role::Legal],
        },
        Request::Confirm(person()),
        Request::MoveRelay {
            url: text("u"),
            dead: true,
        },
        Request::Answer {
            proposal: person(),
            agrees: true,
        },
        Request::Narrow(rules()),
        Request::History,
        Request::Security,
        Request::Verify,
        Request::Dismiss(person()),
        Request::Removal,
        Request::ExportLate,
        Request::LetGo,
        Request::TakeIn {
            bytes: vec![9; 300],
        },
        Request::ExportArchive,
        Request::Lock,
        Request::RemoveSecret { passkey: true },
        Request::SetIdle { minutes: 0 },
        Request::LockNow,
        Request::RemoveLocked { venture: key() },
        Request::Touched,
        Request::Reconnect,
    ];
    samples.extend(targets().map(Request::Remove));
    samples.extend(targets().map(|target| Request::SetName {
        target,
        name: text("n"),
    }));
    samples.extend(actions().into_iter().map(Request::Propose));
    for secret in secrets() {
        samples.push(Request::AddSecret(secret.clone()));
        let venture = key();
        samples.push(Request::Unlock { venture, secret });
    }
    all_return(samples, Request::deserialize, request);
}

#[test]
fn every_command_of_a_tab_returns_from_its_bytes() {
    let task = id(1);
    let lag = Lag::parse("-1ew").unwrap();
    let (pred, succ, link, link_type) = (id(2), id(3), id(4), LinkType::Sf);
    let mut samples = vec![
        PlanCommand::AddTask {
            name: text("打桩"),
            parent: Some(task),
            after: None,
        },
        PlanCommand::Indent { task },
        PlanCommand::Outdent { task },
        PlanCommand::MoveUp { task },
        PlanCommand::MoveDown { task },
        PlanCommand::DeleteTasks {
            tasks: vec![task, id(2)],
        },
        PlanCommand::Restore { task },
        PlanCommand::AddLink {
            pred,
            succ,
            link_type,
            lag,
        },
        PlanCommand::SetLink {
            link,
            link_type,
            lag,
        },
        PlanCommand::RemoveLink { link },
    ];
    let set = |edit| PlanCommand::SetField { task, edit };
    samples.extend(edits().into_iter().map(set));
    let moved = |to| PlanCommand::MoveTask { task, to };
    let positions = [
        Position::FirstIn(None),
        Position::LastIn(Some(id(2))),
        Position::Before(id(3)),
        Position::After(id(4)),
    ];
    samples.extend(positions.map(moved));
    let resolved = |choice| PlanCommand::Resolve {
        conflict: ConflictId(id(5)),
        choice,
    };
    samples.extend(choices().into_iter().map(resolved));
    all_return(samples, CommandTwin::deserialize, command);
}

fn edits() -> [FieldEdit; 10] {
    [
        FieldEdit::Name(text("n")),
        FieldEdit::Kind(TaskKind::Milestone),
        FieldEdit::Duration(Duration::parse("5ed?")),
        FieldEdit::Duration(None),
        FieldEdit::Mode(Mode::Manual),
        FieldEdit::Manual(ManualDates {
            start: LocalDateTime::parse("2026-03-02T08:00:00").ok(),
            finish: None,
        }),
        FieldEdit::Manual(ManualDates::default()),
        FieldEdit::Percent {
            percent: 5,
            status_date: Date::parse("2026-03-31").ok(),
        },
        FieldEdit::Accountable(text("a")),
        FieldEdit::Notes(text("n")),
    ]
}

fn choices() -> [Choice; 9] {
    [
        Choice::Take(Op {
            counter: 1 << 40,
            actor: [9; 16],
        }),
        Choice::Write(FieldEdit::Name(text("n"))),
        Choice::Keep,
        Choice::Delete,
        Choice::AcceptPlacement,
        Choice::ApplyMove,
        Choice::RemoveLink(id(6)),
        Choice::AcceptCode,
        Choice::AgreePercent(40),
    ]
}
