//! Every kind of reply, failure and push returns from its bytes.

use heqi_domain::import::{Dropped, ImportReport};
use heqi_domain::plan::{ImportOutcome, KeptField, KeptWhy};

use super::kinds::all_return;
use super::samples::*;
use super::*;

fn answer(reply: Reply) -> FromWorker {
    FromWorker::Reply {
        id: 300,
        result: Ok(reply),
    }
}

fn refusal(failure: Failure) -> FromWorker {
    FromWorker::Reply {
        id: 300,
        result: Err(failure),
    }
}

#[test]
fn every_reply_returns_from_its_bytes() {
    let samples = vec![
        Reply::Done,
        Reply::Applied {
            created: Some(id(1)),
        },
        Reply::Hello { build: text("1") },
        Reply::Ventures(vec![summary()]),
        Reply::Venture(summary()),
        Reply::Invite(InviteInfo {
            relay: text("r"),
            host: text("h"),
            loopback: true,
            plaintext: false,
            known: Some(key()),
        }),
        Reply::Plan(Box::new(PlanOpened {
            venture: summary(),
            heads: SeenHeads(vec![9; 32]),
            plan: diff(),
            undo: undo(),
            sync: sync(RelayLink::Live),
            rights: Rights {
                read: true,
                edit: true,
                manage: false,
                removed: true,
            },
        })),
        Reply::Imported(Box::new(Imported {
            report: ImportReport {
                tasks: 4_000,
                dropped: vec![Dropped {
                    what: text("resources"),
                    count: 300,
                    example: text("e"),
                }],
                ..ImportReport::default()
            },
            outcome: ImportOutcome {
                created: 1,
                updated: 300,
                removed: 2,
                links_created: 3,
                links_removed: 4,
                links_dropped: 5,
                kept: vec![KeptField {
                    record: id(1),
                    field: text("name"),
                    why: KeptWhy::LeftTheFile,
                    is_link: true,
                    code: text("K7Q-T3"),
                    name: text("打桩"),
                }],
            },
        })),
        Reply::File {
            name: text("n"),
            media_type: text("text/csv"),
            bytes: vec![0, 255],
        },
        Reply::Members(people()),
        Reply::InviteLink(text("l")),
        Reply::DeviceCode(DeviceCode {
            id: person(),
            link: text("l"),
            typed: text("t"),
            expires_ms: Some(1),
        }),
        Reply::Kit(Box::new(RecoveryKit {
            id: person(),
            file_name: text("f"),
            file: vec![1; 200],
            sealed: true,
            link: text("l"),
            words: vec![text("abandon")],
            chinese_words: vec![text("的")],
            made_ms: 1,
        })),
        Reply::Proposed,
        Reply::Moved(text("l")),
        Reply::History(events().into_iter().map(history).collect()),
        Reply::Security(Box::new(security())),
        Reply::Verified(VerifiedView {
            charter_entries: 1,
            documents: 2,
            envelopes: 3,
            invalid: Some(text("i")),
        }),
        Reply::Removed(RemovedView {
            by: text("b"),
            position: 1,
            learned_ms: 2,
        }),
        Reply::Lock(lock()),
        Reply::Code(CodeInfo {
            host: text("h"),
            kit: true,
            known: false,
        }),
    ];
    all_return(samples, Reply::deserialize, answer);
}

#[test]
fn every_event_of_the_charter_returns_from_its_bytes() {
    let reply = |event| answer(Reply::History(vec![history(event)]));
    all_return(events(), Event::deserialize, reply);
}

#[test]
fn every_failure_returns_from_its_bytes() {
    let detail = || text("d");
    let mut samples = vec![
        Failure::Rejected(Rejected::EmptyName),
        Failure::Offline,
        Failure::Locked(lock()),
        Failure::WrongSecret,
        Failure::Name(NameProblem::CodeTaken),
        Failure::RelayUrl,
        Failure::Forbidden,
        Failure::OthersRefuse { detail: detail() },
        Failure::NoVenture,
        Failure::NothingToUndo,
        Failure::Store { detail: detail() },
        Failure::Defect { detail: detail() },
        Failure::Import(ImportProblem::TooBig { bytes_max: 1 << 40 }),
        Failure::Import(ImportProblem::Refused {
            line: Some(7),
            key: text("k"),
            args: vec![(text("a"), text("b"))],
            reason: text("r"),
        }),
    ];
    samples.extend(relay_problems().into_iter().map(Failure::Relay));
    let invites = [InviteProblem::Malformed, InviteProblem::Known];
    samples.extend(invites.map(Failure::Invite));
    let recoveries = [RecoveryProblem::Malformed, RecoveryProblem::Known];
    samples.extend(recoveries.map(Failure::Recovery));
    samples.extend([CodeProblem::Malformed, CodeProblem::Expired].map(Failure::Code));
    let reason = CharterProblem::Other { reason: text("r") };
    samples.extend([CharterProblem::NotManager, reason].map(Failure::Charter));
    all_return(samples, Failure::deserialize, refusal);
}

#[test]
fn every_push_returns_from_its_bytes() {
    let mut samples = vec![
        Push::Plan {
            heads: SeenHeads(vec![9; 32]),
            diff: diff(),
            undo: undo(),
        },
        Push::Digest(Digest { merged: 1, met: 2 }),
        Push::Members(people()),
        Push::Locked(key()),
        Push::Venture(summary()),
        Push::Gone(key()),
        Push::Progress {
            request: 7,
            progress: Progress {
                stage: Stage::Saving,
                done: 1,
                total: 2,
            },
        },
        Push::Fatal(Fatal::StoreFull),
        Push::Fatal(Fatal::Store { detail: text("d") }),
    ];
    let links = [
        RelayLink::Offline { since_ms: Some(1) },
        RelayLink::Connecting,
        RelayLink::CatchingUp { done: 1, total: 2 },
        RelayLink::Live,
    ];
    let refused = relay_problems().into_iter().map(RelayLink::Refused);
    let links = links.into_iter().chain(refused);
    samples.extend(links.map(|link| Push::Sync(sync(link))));
    all_return(samples, Push::deserialize, FromWorker::Push);
}
