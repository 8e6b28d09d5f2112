//! Locking a venture on this device, and unlocking it.

use std::rc::Rc;

use super::acts::defect;
use super::failure;
use super::hub::Hub;
use super::idb::Durability;
use super::vault::{Lock, RowKey};
use super::venture::Venture;
use crate::wire::{Failure, LockView, Reply, Secret, VentureKey};

/// How the venture is locked here.
pub(super) async fn lock(hub: &Rc<Hub>, venture: &Venture) -> Result<Reply, Failure> {
    let entry = hub.shelf().await?.entry(&venture.key);
    Ok(Reply::Lock(view_of(entry.and_then(|entry| entry.lock))))
}

/// Lets one more secret open the venture; the first one seals everything that is here.
pub(super) async fn add_secret(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    secret: &Secret,
) -> Result<Reply, Failure> {
    let known = hub.row_key(&venture.key).await?;
    let first = known.is_none();
    let key = match known {
        Some(key) => key,
        None => RowKey::fresh().map_err(defect)?,
    };
    let entry = hub.shelf().await?.entry(&venture.key);
    let mut lock = entry.and_then(|entry| entry.lock).unwrap_or_default();
    lock.add(&key, secret).map_err(defect)?;
    // The lock first: what is not sealed then can be read all the same and is sealed at the next opening; what is sealed
    // can be read only with what the lock keeps.
    let reply = keep_lock(hub, venture, Some(lock)).await?;
    if first {
        hub.set_row_key(&venture.key, Some(key.clone()));
        venture.rekey(Some(key)).await?;
    }
    Ok(reply)
}

/// Takes a secret away; without any, everything here is left open again.
pub(super) async fn remove_secret(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    passkey: bool,
) -> Result<Reply, Failure> {
    let entry = hub.shelf().await?.entry(&venture.key);
    let Some(mut lock) = entry.and_then(|entry| entry.lock) else {
        return Ok(Reply::Lock(LockView::default()));
    };
    if lock.take_away(passkey) {
        return keep_lock(hub, venture, Some(lock)).await;
    }
    venture.rekey(None).await?;
    let reply = keep_lock(hub, venture, None).await?;
    hub.set_row_key(&venture.key, None);
    Ok(reply)
}

pub(super) async fn set_idle(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    minutes: u32,
) -> Result<Reply, Failure> {
    let entry = hub.shelf().await?.entry(&venture.key);
    let mut lock = entry.and_then(|entry| entry.lock);
    if let Some(lock) = &mut lock {
        lock.idle_minutes = minutes;
    }
    let reply = keep_lock(hub, venture, lock).await?;
    hub.touched(&venture.key);
    Ok(reply)
}

async fn keep_lock(
    hub: &Rc<Hub>,
    venture: &Rc<Venture>,
    lock: Option<Lock>,
) -> Result<Reply, Failure> {
    let view = view_of(lock.clone());
    let shelf = hub.shelf().await?;
    let kept = shelf.change(&venture.key, Durability::Strict, |entry| entry.lock = lock);
    kept.await.map_err(|error| failure::of_store(&error))?;
    Ok(Reply::Lock(view))
}

fn view_of(lock: Option<Lock>) -> LockView {
    lock.map(|lock| lock.view()).unwrap_or_default()
}

/// Removes a locked venture from this browser, for who can open it no more.
pub(super) async fn remove_locked(hub: &Rc<Hub>, key: &VentureKey) -> Result<Reply, Failure> {
    match hub.row_key(key).await {
        Err(Failure::Locked(_)) => {}
        // It can be opened, and may have edits that are still to be sent.
        Ok(_) => return Err(Failure::Forbidden),
        Err(failure) => return Err(failure),
    }
    hub.remove(key).await?;
    Ok(Reply::Done)
}

/// Unlocks a venture for this worker until it is locked again.
pub(super) async fn unlock(
    hub: &Rc<Hub>,
    key: &VentureKey,
    secret: &Secret,
) -> Result<Reply, Failure> {
    let entry = hub.shelf().await?.entry(key).ok_or(Failure::NoVenture)?;
    if let Some(lock) = entry.lock {
        let row_key = lock.open(secret).ok_or(Failure::WrongSecret)?;
        hub.set_row_key(key, Some(row_key));
        hub.touched(key);
    }
    Ok(Reply::Done)
}
