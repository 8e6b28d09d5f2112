//! How ventures come to this device: founded, joined, or brought back by a recovery file.

use std::rc::Rc;

use heqi_replica::{CodeLink, InviteLink, Replica, StartError, open_file};

use super::hub::Hub;
use super::idb::Durability;
use super::shelf::{Beginning, Entry, Shelf};
use super::venture::{Begun, Venture};
use super::{failure, people, scope};
use crate::wire::{CodeProblem, Failure, InviteProblem, Push, RecoveryProblem, Reply, VentureKey};

/// How long the relay may take.
const PATIENCE_MS: u64 = 20_000;

/// Founds a venture at the relay.
pub(super) async fn found(
    hub: &Rc<Hub>,
    relay: &str,
    venture: &str,
    party: &str,
    code: &str,
    member: &str,
) -> Result<Reply, Failure> {
    let replica = Replica::found(relay, venture, party, code, member, entropy()?);
    let entry = Entry {
        name: venture.into(),
        party: party.into(),
        code: code.into(),
        member: member.into(),
        relay: relay.into(),
        ..Entry::begun(Beginning::Founding)
    };
    begin(hub, replica, entry).await
}

/// Uses an invite, or goes on with one whose use was not finished.
pub(super) async fn join(hub: &Rc<Hub>, link: &str, member: &str) -> Result<Reply, Failure> {
    let parsed = InviteLink::parse(link).map_err(people::bad_link)?;
    let entry = Entry {
        venture: parsed.venture.to_string(),
        by: parsed.id().to_string(),
        member: member.into(),
        relay: parsed.relay_url.to_string(),
        ..Entry::begun(Beginning::Joining)
    };
    let known = Failure::Invite(InviteProblem::Known);
    go_on_or_begin(hub, entry, known, |entropy| {
        Replica::join(link, member, entropy)
    })
    .await
}

/// Adds this device to the member whose code or kit this is, or goes on with what was not finished.
pub(super) async fn add(hub: &Rc<Hub>, link: &CodeLink) -> Result<Reply, Failure> {
    let entry = Entry {
        venture: link.venture.to_string(),
        by: link.code.id().to_string(),
        relay: link.relay_url.to_string(),
        ..Entry::begun(Beginning::Recovering)
    };
    let known = Failure::Recovery(RecoveryProblem::Known);
    go_on_or_begin(hub, entry, known, |entropy| Ok(Replica::add(link, entropy))).await
}

/// Brings a venture back by the file of a recovery kit.
pub(super) async fn recover(
    hub: &Rc<Hub>,
    file: &[u8],
    passphrase: Option<&str>,
) -> Result<Reply, Failure> {
    let file = open_file(file, passphrase).map_err(failure::of_sealed)?;
    let link = CodeLink::from_file(&file).map_err(failure::of_kit)?;
    add(hub, &link).await
}

async fn go_on_or_begin(
    hub: &Rc<Hub>,
    entry: Entry,
    known: Failure,
    replica: impl FnOnce([u8; 32]) -> Result<Replica, StartError>,
) -> Result<Reply, Failure> {
    let shelf = hub.shelf().await?;
    if let Some(key) = hub.of_venture(&shelf, &entry.venture) {
        // What this very link began may have been finished meanwhile.
        let is_by_it = shelf.entry(&key).is_some_and(|here| here.by == entry.by);
        let summary = hub.summary(&key).filter(|_| is_by_it);
        return summary.map(Reply::Venture).ok_or(known);
    }
    match shelf.begun_by(&entry.by) {
        Some((key, beginning)) => {
            let venture = hub.venture(&key).await?;
            venture.connect(true);
            finish(hub, &venture, beginning).await
        }
        None => begin(hub, replica(entropy()?), entry).await,
    }
}

/// Goes on with a venture that had edits to send or was being joined when the worker ended.
pub(super) async fn take_up(hub: &Rc<Hub>, key: &VentureKey) {
    let Ok(venture) = hub.venture(key).await else {
        // It tells why when a person opens it.
        return;
    };
    let Ok(shelf) = hub.shelf().await else { return };
    let beginning = shelf.entry(key).and_then(|entry| entry.beginning);
    if let Some(beginning) = beginning {
        // Where that fails, the person learns it by using the link again.
        let _told_when_asked = finish(hub, &venture, beginning).await;
    }
}

async fn begin(
    hub: &Rc<Hub>,
    replica: Result<Replica, StartError>,
    entry: Entry,
) -> Result<Reply, Failure> {
    let replica = replica.map_err(failure::of_start)?;
    let replica = replica.named(&hub.device_name());
    let shelf = hub.shelf().await?;
    let key = fresh_key()?;
    let beginning = entry.beginning;
    let added = shelf.add(&key, entry).await;
    added.map_err(|error| failure::of_store(&error))?;
    let venture = Venture::begin(hub, &key, replica).await?;
    finish(hub, &venture, beginning.unwrap_or(Beginning::Founding)).await
}

/// Waits for what becomes of a beginning; one that comes to nothing is removed.
///
/// Once the relay was asked to admit this device, the key made here may be the only one to what it was admitted to: from
/// then on only an answer that the link opens nothing (any more) removes it.
async fn finish(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    beginning: Beginning,
) -> Result<Reply, Failure> {
    let shelf = hub.shelf().await?;
    let asked = || {
        let entry = shelf.entry(&venture.key);
        entry.is_some_and(|entry| entry.asked)
    };
    let failure = match scope::within(PATIENCE_MS, venture.begun(beginning)).await {
        Some(Begun::Member) => return admitted(hub, &shelf, venture).await,
        Some(Begun::Failed(failure)) => failure,
        Some(Begun::Unreachable) => Failure::Offline,
        // The answer may still come, and is taken in then.
        None if asked() => return Err(Failure::Offline),
        None => Failure::Offline,
    };
    // What is under way is done first, and may be the asking.
    venture.stop().await;
    if is_of_a_dead_link(&failure) || !asked() {
        discard(&shelf, venture).await?;
    }
    Err(failure)
}

/// True where the relay or the charter says that the invite or code admits nobody, or nobody any more.
const fn is_of_a_dead_link(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Invite(InviteProblem::Used | InviteProblem::Expired | InviteProblem::Revoked)
            | Failure::Code(CodeProblem::Spent | CodeProblem::Expired)
    )
}

async fn admitted(
    hub: &Rc<Hub>,
    shelf: &Rc<Shelf>,
    venture: &Rc<Venture>,
) -> Result<Reply, Failure> {
    let id = venture.id();
    let known = hub.of_venture(shelf, &id);
    let known = known.filter(|key| *key != venture.key);
    if known.is_some() {
        discard(shelf, venture).await?;
        return Err(Failure::Recovery(RecoveryProblem::Known));
    }
    let directory = venture.directory().clone();
    let changed = shelf.change(&venture.key, Durability::Strict, |entry| {
        entry.venture = id;
        entry.beginning = None;
        entry.opened_ms = scope::wall_ms();
        entry.take_names(&directory);
    });
    changed.await.map_err(|error| failure::of_store(&error))?;
    let summary = hub.summary(&venture.key).ok_or(Failure::NoVenture)?;
    hub.tell_all(Push::Venture(summary.clone()));
    Ok(Reply::Venture(summary))
}

async fn discard(shelf: &Shelf, venture: &Venture) -> Result<(), Failure> {
    venture.stop().await;
    let removed = shelf.remove(&venture.key).await;
    removed.map_err(|error| failure::of_store(&error))
}

/// A key that no other venture has: ten letters and digits.
fn fresh_key() -> Result<VentureKey, Failure> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 10] = random()?;
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(VentureKey(letters.iter().collect()))
}

fn entropy() -> Result<[u8; 32], Failure> {
    random()
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    scope::entropy().map_err(|detail| Failure::Defect { detail })
}
