//! The venture moves to another relay.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use heqi_protocol::{FromRelay, RelayKey};
use heqi_replica::{Act, Reply as Replied, Request as Asked, relay_url};

use super::acts::act;
use super::requests::unfitting;
use super::scope;
use super::socket::{Heard, Socket};
use super::venture::Venture;
use crate::wire::{Failure, Reply};

/// How long a relay may take to show its key, and to take a venture over.
const PATIENCE_MS: u64 = 20_000;

/// Moves the venture to the relay at an address, whose key goes into the charter.
pub(super) async fn relocate(venture: &Venture, url: &str, dead: bool) -> Result<Reply, Failure> {
    let url = relay_url(url).map_err(|_| Failure::RelayUrl)?;
    let shown = scope::within(PATIENCE_MS, relay_key(&url)).await;
    let relay = shown.flatten().ok_or(Failure::Offline)?;
    let moved = Act::MoveRelay {
        url: url.to_string(),
        relay,
        is_dead: dead,
    };
    let reply = match dead {
        false => act(venture, moved).await?,
        true => {
            // What it is asked of is the new relay.
            venture.connect(true);
            let asked = venture.ask(Asked::Charter(moved));
            let answer = scope::within(PATIENCE_MS, asked).await;
            answer.ok_or(Failure::Offline)??.0
        }
    };
    match reply {
        Replied::Moved { link } => Ok(Reply::Moved(link)),
        _ => Err(unfitting()),
    }
}

/// The key that the relay at an address shows first thing; whether it has that key is found out on the first
/// connection that uses it.
async fn relay_key(url: &str) -> Option<RelayKey> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let hear = move |heard| {
        let frame = match heard {
            Heard::Opened => return,
            Heard::Frame(frame) => Some(frame),
            Heard::Closed => None,
        };
        if let Some(sender) = sender.borrow_mut().take() {
            let _no_longer_wanted = sender.send(frame);
        }
    };
    let address = format!("{}/sync", url.replacen("http", "ws", 1));
    let _socket = Socket::dial(&address, hear).ok()?;
    let frame = receiver.await.ok()??;
    match FromRelay::decode(&frame).ok()? {
        FromRelay::Challenge(challenge) => Some(challenge.relay),
        _ => None,
    }
}
