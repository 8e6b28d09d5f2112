//! A relay whose host is not honest, on a real socket.
//!
//! It stands before an honest relay and has its signing key, as the host of a relay has. Members dial it, and what they say
//! and hear goes on as it is, except to the one device that it deceives: that one is shown another history, which is whole
//! in itself and signed, or frames that do not fit.
//!
//! ```text
//! members ⇄ hostile relay (a history for one of them) ⇄ honest relay
//! ```
//!
//! It knows the log by what has passed through it, so the honest relay must have begun empty behind it. Everything else
//! than the socket of members, such as the web client, is passed on unread.

mod boxes;
mod guest;
mod history;
mod host;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use ed25519_dalek::SigningKey;
use heqi_protocol::DeviceId;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub use boxes::BadBoxes;
use host::Host;

/// How a device is deceived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Others write from now on and it is not told: its log goes on without them, whole and acknowledged.
    LeaveOut,
    /// What others write from now on is changed by a bit, and acknowledged as if they had written it so.
    Alter,
    /// The newest entry of each log was never there, in the same life of the relay.
    RollBack,
    /// The charter does not go on from here.
    StaleCharter,
    /// Two neighbours in a log change places.
    Reorder,
    /// Entries come twice.
    Replay,
    /// Acknowledgements have a signature that nobody made.
    ForgeAck,
    /// Acknowledgements are of another log than the one that is shown.
    AckAnother,
}

/// A hostile relay that runs; it ends with the value, and what it stands before does not.
pub struct HostileRelay {
    host: Arc<Mutex<Host>>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl HostileRelay {
    /// Stands before the relay at that address, which signs with `key`, on a free port of this machine.
    pub fn before(relay: SocketAddr, key: SigningKey) -> Result<Self> {
        let front = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        front.set_nonblocking(true)?;
        let address = front.local_addr()?;
        let host = Arc::new(Mutex::new(Host::new(key)));
        // Its own, so that tests without one can have it as well.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("no runtime for a relay")?;
        let front = {
            let _inside = runtime.enter();
            TcpListener::from_std(front)?
        };
        runtime.spawn(guest::receive(front, relay, host.clone()));
        Ok(Self {
            host,
            address,
            runtime: Some(runtime),
        })
    }

    /// The address that members dial, and that browsers trust without TLS.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Deceives a device from now on; what it has been shown before stays.
    pub fn deceive(&self, device: DeviceId, lie: Lie) {
        self.host().deceive(device, lie);
    }

    /// Passes on to that device what is new from now on. The history that it was shown goes on: what it was not shown
    /// stays out of it.
    pub fn go_on_honestly(&self, device: DeviceId) {
        self.host().go_on_honestly(device);
    }

    fn host(&self) -> MutexGuard<'_, Host> {
        lock(&self.host)
    }
}

impl Drop for HostileRelay {
    fn drop(&mut self) {
        // It may be inside of another runtime, where nobody may wait for one to end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the host knows is whole after each frame, whoever panicked.
fn lock(host: &Mutex<Host>) -> MutexGuard<'_, Host> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}
