//! What people ask of the charter, and what they ask about it.

use std::collections::BTreeMap;
use std::rc::Rc;

use heqi_protocol::charter::Target;
use heqi_protocol::{DeviceId, Hash, InviteId};
use heqi_replica::archive::{self, Archive, ArchivedLog, Listed};
use heqi_replica::{Act, Differs, Event, Reply as Replied, Request as Asked, Security, seal_file};

use super::hub::Hub;
use super::idb::Durability;
use super::requests::{file_name, unfitting};
use super::venture::Venture;
use super::{charter, people, scope, zip};
use crate::wire::{
    Alarm, CharterProblem, DeviceCode, EditOutside, Failure, Id, LogWords, RecoveryKit,
    RemovedView, Reply, Role, SecurityView, VerifiedView,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: u64 = 60 * 1000;
/// How long what is asked of the charter may take to come into it.
const PATIENCE_MS: u64 = 15_000;
/// Envelopes read from the store at once.
const READ_MAX: usize = 512;

/// Asks the charter for something, which needs the relay now.
pub(super) async fn act(venture: &Venture, act: Act) -> Result<Replied, Failure> {
    // The replica would keep it for the next connection, but what comes of it is shown only where it is asked for.
    if !venture.sync().is_online() {
        return Err(Failure::Offline);
    }
    let answer = scope::within(PATIENCE_MS, venture.ask(Asked::Charter(act))).await;
    answer.ok_or(Failure::Offline)?.map(|(reply, _)| reply)
}

/// Asks the charter for what is answered by nothing more than that it is done, or put to the parties.
pub(super) async fn done(venture: &Venture, asked: Act) -> Result<Reply, Failure> {
    match act(venture, asked).await? {
        Replied::Done => Ok(Reply::Done),
        // Where nobody else has to agree it is decided already.
        Replied::Proposed { proposal } if is_decided(venture, proposal) => Ok(Reply::Done),
        Replied::Proposed { .. } => Ok(Reply::Proposed),
        _ => Err(unfitting()),
    }
}

fn is_decided(venture: &Venture, proposal: Hash) -> bool {
    let replica = venture.replica();
    let charter = replica.charter();
    let open = charter.and_then(|charter| charter.proposals().get(&proposal));
    open.is_none_or(|proposal| proposal.is_decided)
}

pub(super) async fn invite(
    venture: &Venture,
    party: String,
    code: String,
    roles: &[Role],
    days: u32,
) -> Result<Reply, Failure> {
    let asked = Act::Invite {
        party,
        code,
        roles: charter::charter_roles(roles),
        expires_ms: (days > 0).then(|| scope::wall_ms() + u64::from(days) * DAY_MS),
    };
    match act(venture, asked).await? {
        Replied::Invited { link } => Ok(Reply::InviteLink(link)),
        _ => Err(unfitting()),
    }
}

pub(super) async fn offer_device(venture: &Venture, minutes: u32) -> Result<Reply, Failure> {
    let expires_ms = Some(scope::wall_ms() + u64::from(minutes) * MINUTE_MS);
    match act(venture, Act::OfferDevice { expires_ms }).await? {
        Replied::DeviceCode(code) => Ok(Reply::DeviceCode(DeviceCode {
            id: charter::id(code.id),
            link: code.link,
            typed: code.typed,
            expires_ms: code.expires_ms,
        })),
        _ => Err(unfitting()),
    }
}

/// Makes a recovery kit; its file is sealed where a passphrase is given.
pub(super) async fn make_kit(
    venture: &Venture,
    passphrase: Option<&str>,
) -> Result<Reply, Failure> {
    let Replied::RecoveryKit(kit) = act(venture, Act::MakeRecoveryKit).await? else {
        return Err(unfitting());
    };
    let file = match passphrase {
        Some(passphrase) => seal_file(&kit.file, passphrase, random()?),
        None => kit.file,
    };
    let made_ms = made_ms(venture, kit.id).unwrap_or_else(scope::wall_ms);
    let words = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    let name = file_name(&venture.directory().venture);
    Ok(Reply::Kit(Box::new(RecoveryKit {
        id: charter::id(kit.id),
        file_name: format!("{name}.recovery.heqi"),
        file,
        sealed: passphrase.is_some(),
        link: kit.link,
        words: words(kit.words),
        chinese_words: words(kit.chinese_words),
        made_ms,
    })))
}

/// Somebody has a kit: it takes the place of those before, with the relay or once it is reached.
pub(super) async fn keep_kit(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    kit: &Id,
) -> Result<Reply, Failure> {
    let kit = charter::invite(kit)?;
    let made_ms = made_ms(venture, kit).unwrap_or_else(scope::wall_ms);
    venture.ask(Asked::KeepKit(kit)).await?;
    hub.keep(venture, Durability::Strict, move |entry| {
        entry.recovery_saved_ms = Some(made_ms);
    });
    Ok(Reply::Done)
}

/// When a kit was made, where that was here.
fn made_ms(venture: &Venture, kit: InviteId) -> Option<u64> {
    let directory = venture.directory();
    let offer = directory.offers.iter().find(|offer| offer.id == kit)?;
    offer.made_ms
}

pub(super) async fn history(venture: &Venture) -> Result<Reply, Failure> {
    let (Replied::History(entries), _) = venture.ask(Asked::History).await? else {
        return Err(unfitting());
    };
    let directory = venture.directory();
    let row = |entry| charter::history_row(entry, |id| people::name(&directory, id));
    Ok(Reply::History(entries.into_iter().map(row).collect()))
}

pub(super) async fn security(venture: &Venture) -> Result<Reply, Failure> {
    let (Replied::Security(security), _) = venture.ask(Asked::Security).await? else {
        return Err(unfitting());
    };
    Ok(Reply::Security(Box::new(security_view(venture, &security))))
}

fn security_view(venture: &Venture, security: &Security) -> SecurityView {
    let directory = venture.directory();
    let owner = |device: DeviceId| {
        let owner = directory.parties.iter().find_map(|party| {
            let holds = |member: &&heqi_replica::MemberEntry| {
                member.devices.iter().any(|one| one.id == device)
            };
            let member = party.members.iter().find(holds)?;
            Some((member.name.clone(), party.name.clone()))
        });
        owner.unwrap_or_default()
    };
    let outside = |edit: Hash, device: Option<DeviceId>, forged: bool, reason: &str| {
        let (member, party) = device.map(owner).unwrap_or_default();
        let mut edit = edit.to_string();
        edit.truncate(8);
        EditOutside {
            edit,
            member,
            party,
            forged,
            reason: reason.to_owned(),
        }
    };
    let refused = security.refused.iter();
    let waiting = security.waiting.iter();
    let alarm = |alarm: &heqi_replica::Alarm| {
        let (member, party) = owner(alarm.device);
        let (charter, at) = match alarm.what {
            Differs::Charter { position } => (true, position),
            Differs::Log { seq, .. } => (false, seq),
        };
        Alarm {
            device: charter::id(alarm.device),
            member,
            party,
            charter,
            at,
        }
    };
    let log = |log: &heqi_replica::LogWords| LogWords {
        space: charter::space(log.space),
        seq: log.seq,
        words: log.words.0.join(" "),
    };
    SecurityView {
        charter: security.charter.0.join(" "),
        charter_position: security.charter_position,
        device: charter::words_of(&security.device.0),
        relay_url: directory.relay_url.clone(),
        relay: charter::words_of(&security.relay.0),
        relay_key: security.relay.to_string(),
        logs: security.logs.iter().map(log).collect(),
        alarms: security.alarms.iter().map(alarm).collect(),
        refused: refused
            .map(|edit| outside(edit.hash, edit.device, edit.is_forged(), &edit.reason))
            .collect(),
        waiting: waiting
            .map(|edit| outside(edit.envelope, edit.device, false, ""))
            .collect(),
    }
}

/// Folds the charter and checks every signature, chain and right in what this device holds.
pub(super) async fn verify(venture: &Venture) -> Result<Reply, Failure> {
    let files: BTreeMap<_, _> = archive_files(venture).await?.into_iter().collect();
    let view = match archive::verify_held(&files) {
        Ok(found) => VerifiedView {
            charter_entries: found.charter_entries,
            documents: found.documents,
            envelopes: found.envelopes,
            invalid: None,
        },
        Err(invalid) => VerifiedView {
            charter_entries: 0,
            documents: 0,
            envelopes: 0,
            invalid: Some(invalid.to_string()),
        },
    };
    Ok(Reply::Verified(view))
}

/// Everything of the venture as standard files in one ZIP.
pub(super) async fn archive(venture: &Venture) -> Result<Reply, Failure> {
    let mut files = archive_files(venture).await?;
    let listed = files.iter().map(|(path, file)| Listed::of(path, file));
    let signed = venture.ask(Asked::SignArchive(listed.collect())).await?;
    let (Replied::Manifest { path, file }, _) = signed else {
        return Err(unfitting());
    };
    files.push((path, file));
    let bytes = zip::pack(&files).ok_or_else(|| Failure::Store {
        detail: "the archive is larger than a file may be here".into(),
    })?;
    Ok(Reply::File {
        name: format!("{}.zip", file_name(&venture.directory().venture)),
        media_type: "application/zip".into(),
        bytes,
    })
}

async fn archive_files(venture: &Venture) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let (Replied::Archive(archive), _) = venture.ask(Asked::Archive).await? else {
        return Err(unfitting());
    };
    let Archive { mut files, logs } = archive;
    for log in logs {
        let mut bytes = log.head();
        for entries in log.entries.chunks(READ_MAX) {
            let hashes = entries.iter().map(|(hash, _)| *hash).collect();
            let found = venture.envelopes(hashes).await?;
            for (envelope, (_, position)) in found.into_iter().zip(entries) {
                let entry = envelope.and_then(|bytes| ArchivedLog::entry(*position, bytes));
                bytes.extend(entry.ok_or_else(|| Failure::Store {
                    detail: "an envelope is missing in the store of this device".into(),
                })?);
            }
        }
        files.push((log.path, bytes));
    }
    Ok(files)
}

/// Own edits that no relay took, as a file for a manager.
pub(super) async fn export_late(venture: &Venture) -> Result<Reply, Failure> {
    match venture.ask(Asked::ExportLate).await? {
        (Replied::LateFile { edits: 0, .. }, _) => {
            Err(Failure::Charter(CharterProblem::NoLateEdits))
        }
        (Replied::LateFile { file, .. }, _) => Ok(Reply::File {
            name: format!("{}.edits.heqi", file_name(&venture.directory().venture)),
            media_type: "application/octet-stream".into(),
            bytes: file,
        }),
        _ => Err(unfitting()),
    }
}

/// Gives up own edits that no relay takes.
pub(super) async fn let_go(venture: &Venture) -> Result<Reply, Failure> {
    venture.ask(Asked::LetGo).await?;
    Ok(Reply::Done)
}

/// Who removed this device, and when it learned of it.
pub(super) async fn removal(hub: &Rc<Hub>, venture: &Venture) -> Result<Reply, Failure> {
    let (Replied::History(entries), _) = venture.ask(Asked::History).await? else {
        return Err(unfitting());
    };
    let directory = venture.directory().clone();
    let party = people::me(&directory).map(|(party, _)| party.id);
    let concerns_me = |target: Target| match target {
        Target::Device(device) => Some(device) == directory.device,
        Target::Member(member) => Some(member) == directory.me,
        Target::Party(removed) => Some(removed) == party,
    };
    let mut removals = entries.iter().rev().filter(|entry| match entry.event {
        Event::Removed(target) => concerns_me(target),
        _ => false,
    });
    let entry = removals.next().ok_or(Failure::NoVenture)?;
    let by = entry.author.map(|author| people::name(&directory, author));
    let shelf = hub.shelf().await?;
    let learned = shelf.entry(&venture.key).and_then(|entry| entry.removed_ms);
    Ok(Reply::Removed(RemovedView {
        by: by.unwrap_or_default(),
        position: entry.position,
        learned_ms: learned.unwrap_or_else(scope::wall_ms),
    }))
}

/// People have seen an alarm.
pub(super) async fn dismiss(venture: &Venture, device: &Id) -> Result<Reply, Failure> {
    let device = charter::device(device)?;
    venture.ask(Asked::Dismiss(device)).await?;
    Ok(Reply::Done)
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    scope::entropy().map_err(defect)
}

pub(super) fn defect(detail: String) -> Failure {
    Failure::Defect { detail }
}
