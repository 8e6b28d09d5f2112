//! What the core knows of a connection: handshake, who it is, what it reads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use heqi_protocol::frame::Unavailable;
use heqi_protocol::handshake::{Challenge, Hello, VERSIONS, Welcome, Who};
use heqi_protocol::log::Point;
use heqi_protocol::{DeviceId, DocumentId, FromRelay, Hash, Misbehaviour, Space, VentureId};

use super::proof::Shown;
use super::standing::{Standing, readable};
use super::{Core, Stop};
use crate::fanout::{Backlog, ConnId, Meter};
use crate::request::Request;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) backlog: Backlog,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Challenged(Challenge),
    Open(Box<Peer>),
}

/// A connection after its handshake.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) venture: VentureId,
    pub(super) who: Who,
    pub(super) standing: Standing,
    /// Number of charter entries it has.
    pub(super) charter_sent: u64,
    /// The spaces that it may read, as it was told.
    pub(super) reads: BTreeSet<Space>,
    pub(super) readings: VecDeque<Reading>,
    /// Stands in [`Core::reading`].
    pub(super) is_queued: bool,
    pub(super) subscriptions: BTreeMap<DocumentId, Subscription>,
    pub(super) shown: Shown,
}

/// Something a connection is still to be given from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Charter,
    /// Documents whose numbers are above `after`, of one space or of all.
    Documents {
        after: u64,
        only: Option<Space>,
    },
    /// A log from where the subscription stands; `matched` until the client was told.
    Log {
        document: DocumentId,
        matched: Option<Point>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    pub(super) space: Space,
    /// Sequence number of the entry to be sent next.
    pub(super) next: u64,
    /// Has caught up, and gets what comes as it comes.
    pub(super) is_live: bool,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender {
    pub(super) conn: ConnId,
    pub(super) venture: VentureId,
    pub(super) who: Who,
    pub(super) standing: Standing,
}

impl Sender {
    /// The member's device it is.
    pub(super) const fn device(&self) -> Result<DeviceId, Misbehaviour> {
        match self.who {
            Who::Device(device) => Ok(device),
            Who::Invite(_) | Who::Founder(_) => Err(Misbehaviour::OutOfTurn),
        }
    }
}

impl Core {
    pub(super) fn connected(&mut self, conn: ConnId, meter: Arc<Meter>) {
        if self.broken.is_some() {
            self.end(conn, &FromRelay::Unavailable(Unavailable::Storage));
            return;
        }
        let challenge = Challenge {
            versions: VERSIONS,
            relay: self.relay_key(),
            nonce: self.draw(),
        };
        let connection = Connection {
            backlog: Backlog::new(meter),
            state: State::Challenged(challenge),
        };
        self.connections.insert(conn, connection);
        self.say(conn, &FromRelay::Challenge(challenge));
    }

    pub(super) fn request(
        &mut self,
        conn: ConnId,
        request: Request,
        now_ms: u64,
    ) -> Result<(), Stop> {
        let Some(connection) = self.connections.get(&conn) else {
            // What was under way when it was closed.
            return Ok(());
        };
        match (&connection.state, request) {
            (State::Challenged(challenge), Request::Hello(hello)) => {
                let challenge = *challenge;
                self.hello(conn, &challenge, &hello)
            }
            (State::Challenged(_), _) | (State::Open(_), Request::Hello(_)) => {
                Err(Misbehaviour::OutOfTurn.into())
            }
            (State::Open(peer), request) => {
                let sender = Sender {
                    conn,
                    venture: peer.venture,
                    who: peer.who,
                    standing: peer.standing,
                };
                self.dispatch(sender, request, now_ms)
            }
        }
    }

    /// Gives a connection the charter from `charter_sent` on and, to a device that is inside, its documents.
    pub(super) fn begin_reading(&mut self, conn: ConnId, standing: Standing, charter_sent: u64) {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return;
        };
        let State::Open(peer) = &mut connection.state else {
            return;
        };
        peer.standing = standing;
        peer.charter_sent = charter_sent;
        peer.readings.push_back(Reading::Charter);
        if let Who::Device(device) = peer.who
            && standing.is_inside()
            && let Some(venture) = self.ventures.get(&peer.venture)
        {
            peer.reads = readable(&venture.charter, device);
            let all = Reading::Documents {
                after: 0,
                only: None,
            };
            peer.readings.push_back(all);
        }
        self.read_later(conn);
    }

    pub(super) fn peer(&mut self, conn: ConnId) -> Option<&mut Peer> {
        match &mut self.connections.get_mut(&conn)?.state {
            State::Open(peer) => Some(peer),
            State::Challenged(_) => None,
        }
    }

    /// Says why, closes and forgets a connection that broke the protocol.
    pub(super) fn refuse(&mut self, conn: ConnId, misbehaviour: Misbehaviour) {
        if self.connections.contains_key(&conn) {
            self.tally.refuse(misbehaviour);
            self.end(conn, &FromRelay::Refused(misbehaviour));
        }
    }

    pub(super) fn forget(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.remove(&conn) else {
            return;
        };
        self.bringing.remove(&conn);
        let State::Open(peer) = connection.state else {
            return;
        };
        if let Some(attached) = self.attached.get_mut(&peer.venture) {
            attached.remove(&conn);
            if attached.is_empty() {
                self.attached.remove(&peer.venture);
            }
        }
        for document in peer.subscriptions.keys() {
            self.unsubscribe(conn, *document);
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.connections.clear();
        self.bringing.clear();
        self.attached.clear();
        self.readers.clear();
        self.reading.clear();
    }

    fn hello(&mut self, conn: ConnId, challenge: &Challenge, hello: &Hello) -> Result<(), Stop> {
        hello.verify(challenge)?;
        if !self.options.is_reached_under(&hello.origin) {
            // Somebody between passes challenges on, or the owner has forgotten an address: both are for the owner.
            tracing::warn!(origin = ?&*hello.origin, "a client dialled an address that is not this relay's");
            return Err(Misbehaviour::WrongRelay.into());
        }
        self.load_venture(hello.venture)?;
        let relay = self.relay_key();
        let charter = self.ventures.get(&hello.venture).map(|it| &it.charter);
        let (standing, position) = match charter {
            Some(charter) => Standing::at_hello(charter, relay, hello)?,
            None if matches!(hello.who, Who::Invite(_)) => {
                return Err(Unavailable::UnknownVenture.into());
            }
            None => (Standing::Outside, 0),
        };
        let head = charter.and_then(|charter| charter.head_at(position));
        let head = head.unwrap_or(Hash::ZERO);
        let incarnation = self.facts.incarnation;
        let welcome = Welcome::sign(challenge, hello, incarnation, position, head, &self.key);
        self.open_peer(conn, hello);
        self.say(conn, &FromRelay::Welcome(welcome));
        if standing != Standing::Outside {
            self.begin_reading(conn, standing, hello.charter_position.min(position));
        }
        Ok(())
    }

    fn open_peer(&mut self, conn: ConnId, hello: &Hello) {
        let peer = Peer {
            venture: hello.venture,
            who: hello.who,
            standing: Standing::Outside,
            charter_sent: hello.charter_position,
            reads: BTreeSet::new(),
            readings: VecDeque::new(),
            is_queued: false,
            subscriptions: BTreeMap::new(),
            shown: Shown::default(),
        };
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.state = State::Open(Box::new(peer));
            connection.backlog.welcome();
        }
        self.attached.entry(hello.venture).or_default().insert(conn);
    }

    fn dispatch(&mut self, sender: Sender, request: Request, now_ms: u64) -> Result<(), Stop> {
        let may_bring = matches!(request, Request::RestoreCharter(_));
        if matches!(sender.standing, Standing::Leaving { .. }) && !may_bring {
            // It is on its way out, and hears why.
            return Ok(());
        }
        match request {
            Request::Hello(_) => Err(Misbehaviour::OutOfTurn.into()),
            Request::Found(entry) => self.found(sender, &entry),
            Request::RestoreCharter(records) => self.restore_charter(sender, records, now_ms),
            Request::Attest(attested) => self.attest(sender, &attested),
            Request::Amend(entry) if self.bringing.contains_key(&sender.conn) => {
                self.amend_brought(sender, &entry)
            }
            Request::Amend(entry) => self.amend(sender, &entry, now_ms),
            Request::Subscribe { document, locator } => {
                self.admitted(sender)?;
                self.subscribe(sender, document, &locator)
            }
            Request::Append(envelope) => {
                self.admitted(sender)?;
                self.append(sender, envelope)
            }
            Request::Restore { document, entries } => {
                self.admitted(sender)?;
                self.restore(sender, document, entries)
            }
            Request::Prove(run) => {
                self.admitted(sender)?;
                self.prove(sender, &run)
            }
        }
    }

    /// Refuses a request that needs a charter which knows its sender and names this relay.
    pub(super) fn admitted(&mut self, sender: Sender) -> Result<(), Stop> {
        if matches!(sender.who, Who::Founder(_)) {
            return Err(Misbehaviour::OutOfTurn.into());
        }
        if !self.load_venture(sender.venture)? {
            return Err(Unavailable::UnknownVenture.into());
        }
        if self.has_left(sender.venture) {
            return Err(Unavailable::Moved.into());
        }
        if !sender.standing.is_inside() {
            return Err(Unavailable::UnknownVenture.into());
        }
        Ok(())
    }

    /// True where the charter names another relay.
    pub(super) fn has_left(&self, id: VentureId) -> bool {
        let venture = self.ventures.get(&id);
        venture.is_some_and(|venture| venture.charter.relay() != self.relay_key())
    }
}
