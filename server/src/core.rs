//! The relay without its IO: one writer over all connections, ventures and documents.
//!
//! [`Core::handle`] takes a batch of inputs, writes what they bring in one commit, and only then gives out what follows:
//! acknowledgements, entries, refusals. Where the commit fails, nothing of the batch is given out or remembered. It has
//! no clock and no randomness: time comes with each batch and nonces follow from a seed.

mod append;
mod attest;
mod branch;
mod bring;
mod charter;
mod connection;
mod deletion;
mod document;
mod proof;
mod pushing;
mod reading;
mod release;
mod removal;
mod restore;
mod standing;
mod tally;
mod venture;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use heqi_protocol::frame::Unavailable;
use heqi_protocol::sign::digest;
use heqi_protocol::{DocumentId, FromRelay, Incarnation, Misbehaviour, RelayKey, VentureId};
use redb::Database;

use crate::fanout::{ConnId, Meter, Out};
use crate::log::find::Finder;
use crate::log::row::Facts;
use crate::log::{Store, StoreError};
use crate::request::Request;
use bring::Brought;
use connection::Connection;
use document::Document;
use release::Batch;
use venture::Venture;

pub use tally::Tally;

/// Documents and ventures kept in memory beyond those that connections hold.
const CACHED_MAX: usize = 4096;

/// What the owner of a relay decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Takes no new ventures, founded here or moved here.
    pub is_closed: bool,
    /// Bytes of charter and envelopes that one venture may have; `None` for no limit. The charter is never refused for it:
    /// it has a bound of its own, and a removal is not kept out.
    pub venture_bytes_max: Option<u64>,
    /// Addresses it is reached under, as clients dial them; empty where any will do, as behind unknown names.
    pub origins: Vec<Origin>,
}

/// The address of a relay's socket, as a client dials it and signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why an address is none of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address begins with https:// or http://, such as https://relay.example")]
pub struct NoOrigin;

impl std::str::FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(url: &str) -> Result<Self, NoOrigin> {
        let url = url.trim_end_matches('/');
        let socket = match url.split_once("://") {
            Some(("https", host)) if !host.is_empty() => format!("wss://{host}/sync"),
            Some(("http", host)) if !host.is_empty() => format!("ws://{host}/sync"),
            _ => return Err(NoOrigin),
        };
        Ok(Self(socket))
    }
}

impl Options {
    /// Whether a client that dialled `origin` meant this relay, as far as it knows its addresses.
    fn is_reached_under(&self, origin: &str) -> bool {
        let is_it = |known: &Origin| known.0.eq_ignore_ascii_case(origin);
        self.origins.is_empty() || self.origins.iter().any(is_it)
    }
}

/// What happens to a connection.
#[derive(Debug)]
pub enum Input {
    /// It is there. Numbers are never used twice.
    Connected(Arc<Meter>),
    Request(Request),
    /// It sent what [`Request::read`] refuses.
    Misbehaved(Misbehaviour),
    /// What it was to get has gone out; see [`Meter::sent`].
    Room,
    /// It is gone.
    Gone,
}

impl Input {
    /// Reads a frame of the connection.
    pub fn frame(bytes: &[u8]) -> Self {
        Request::read(bytes).map_or_else(Self::Misbehaved, Self::Request)
    }
}

/// Why a request is not answered in the usual way.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Misbehaved(#[from] Misbehaviour),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The relay without its IO.
#[derive(Debug)]
pub struct Core {
    store: Store,
    key: SigningKey,
    seed: [u8; 32],
    drawn: u64,
    options: Options,
    /// As this batch leaves them, and as they are on disk.
    facts: Facts,
    stored_facts: Facts,
    ventures: BTreeMap<VentureId, Venture>,
    documents: BTreeMap<DocumentId, Document>,
    connections: BTreeMap<ConnId, Connection>,
    attached: BTreeMap<VentureId, BTreeSet<ConnId>>,
    readers: BTreeMap<DocumentId, BTreeSet<ConnId>>,
    /// Charters of ventures that are not here yet, and who brings them.
    bringing: BTreeMap<ConnId, Brought>,
    /// Numbers of deleted documents of whose log something is left on disk.
    dropping: VecDeque<u64>,
    /// Connections with something to read that have room for it, as far as is known.
    reading: VecDeque<ConnId>,
    batch: Batch,
    out: Vec<(ConnId, Out)>,
    /// Connections that `out` closes.
    ended: BTreeSet<ConnId>,
    /// Bytes given out since it was looked at what waits for all connections.
    given: u64,
    tally: Tally,
    broken: Option<StoreError>,
}

impl Core {
    /// Opens the store in `db`. `key` is the relay's own; `seed` is new at each opening.
    pub fn open(
        db: Database,
        key: SigningKey,
        seed: [u8; 32],
        options: Options,
    ) -> Result<Self, StoreError> {
        let mut drawn = 0;
        let new = Facts::new(draw(&seed, &mut drawn));
        let (store, facts) = Store::open(db, new)?;
        let dropping = store.dropped()?.into();
        let mut core = Self {
            store,
            key,
            seed,
            drawn,
            options,
            facts,
            stored_facts: facts,
            ventures: BTreeMap::new(),
            documents: BTreeMap::new(),
            connections: BTreeMap::new(),
            attached: BTreeMap::new(),
            readers: BTreeMap::new(),
            bringing: BTreeMap::new(),
            dropping,
            reading: VecDeque::new(),
            batch: Batch::default(),
            out: Vec::new(),
            ended: BTreeSet::new(),
            given: 0,
            tally: Tally::default(),
            broken: None,
        };
        core.bring_up_to_date()?;
        Ok(core)
    }

    /// Takes a batch, commits what it brings, and gives what follows, in order for each connection.
    pub fn handle(&mut self, batch: Vec<(ConnId, Input)>, now_ms: u64) -> Vec<(ConnId, Out)> {
        self.tally.inputs += batch.len() as u64;
        if let Err(error) = self.try_handle(batch, now_ms) {
            self.fail(error);
        }
        self.shed();
        self.prune();
        self.ended.clear();
        std::mem::take(&mut self.out)
    }

    /// True while connections catch up and could be given more, or something is left to be dropped: call
    /// [`Core::handle`] again, with or without inputs.
    pub fn has_more(&self) -> bool {
        !self.reading.is_empty() || (!self.dropping.is_empty() && self.broken.is_none())
    }

    /// Why the store takes no more, if so. All connections were told; open it again.
    pub const fn broken(&self) -> Option<&StoreError> {
        self.broken.as_ref()
    }

    /// Takes out why the store takes no more, if so.
    pub const fn take_broken(&mut self) -> Option<StoreError> {
        self.broken.take()
    }

    /// Starts a new incarnation, as after restoring a backup. Everybody connects again.
    pub fn reincarnate(&mut self) -> Vec<(ConnId, Out)> {
        let number = self.facts.incarnation.number;
        self.batch.reincarnate_above = Some(number);
        self.handle(Vec::new(), 0)
    }

    pub const fn incarnation(&self) -> Incarnation {
        self.stored_facts.incarnation
    }

    pub fn relay_key(&self) -> RelayKey {
        RelayKey(self.key.verifying_key().to_bytes())
    }

    /// Counts since the core was opened.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Number of connections.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Reads from the index of invites and offers, from any thread.
    pub fn finder(&self) -> Finder {
        self.store.finder()
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    fn try_handle(&mut self, batch: Vec<(ConnId, Input)>, now_ms: u64) -> Result<(), StoreError> {
        for (conn, input) in batch {
            self.take(conn, input, now_ms)?;
        }
        self.commit()?;
        self.release();
        self.read_on()
    }

    fn take(&mut self, conn: ConnId, input: Input, now_ms: u64) -> Result<(), StoreError> {
        match input {
            Input::Connected(meter) => self.connected(conn, meter),
            Input::Misbehaved(misbehaviour) => self.refuse(conn, misbehaviour),
            Input::Room => self.read_later(conn),
            Input::Gone => self.forget(conn),
            Input::Request(request) => match self.request(conn, request, now_ms) {
                Ok(()) => {}
                Err(Stop::Store(error)) => return Err(error),
                Err(Stop::Misbehaved(misbehaviour)) => self.refuse(conn, misbehaviour),
                Err(Stop::Unavailable(unavailable)) => {
                    self.end(conn, &FromRelay::Unavailable(unavailable));
                }
            },
        }
        Ok(())
    }

    /// Forgets everything that is not on disk and tells everybody.
    fn fail(&mut self, error: StoreError) {
        let asked = std::mem::take(&mut self.batch).early;
        self.out.clear();
        let gone = asked.into_iter().map(|(conn, _)| conn);
        let concerned: BTreeSet<_> = self.connections.keys().copied().chain(gone).collect();
        let frame = FromRelay::Unavailable(Unavailable::Storage).encode();
        let frame = bytes::Bytes::from(frame);
        for conn in concerned {
            self.out.push((conn, Out::Frame(frame.clone())));
            self.out.push((conn, Out::Close));
        }
        self.forget_all();
        self.ventures.clear();
        self.documents.clear();
        self.dropping.clear();
        self.facts = self.stored_facts;
        self.broken = Some(error);
    }

    fn draw<const N: usize>(&mut self) -> [u8; N] {
        draw(&self.seed, &mut self.drawn)
    }

    /// Lets go of what nobody is connected to, once it is much.
    fn prune(&mut self) {
        if self.documents.len() > CACHED_MAX {
            let readers = &self.readers;
            self.documents.retain(|id, _| readers.contains_key(id));
        }
        if self.ventures.len() > CACHED_MAX {
            let attached = &self.attached;
            self.ventures.retain(|id, _| attached.contains_key(id));
        }
    }
}

/// The next `N` (at most 32) bytes that follow from the seed.
fn draw<const N: usize>(seed: &[u8; 32], drawn: &mut u64) -> [u8; N] {
    *drawn += 1;
    let hash = digest("heqi relay draw v1", &[seed, &drawn.to_le_bytes()]);
    hash.0
        .first_chunk()
        .copied()
        .expect("at most 32 bytes are drawn at once")
}
