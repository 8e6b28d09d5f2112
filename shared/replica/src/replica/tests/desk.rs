//! A replica, its rows, and a relay whose every frame the test writes.

use std::collections::{BTreeMap, VecDeque};

use ed25519_dalek::SigningKey;
use heqi_domain::plan::PlanCommand;
use heqi_domain::time::Date;
use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::frame::{CharterRecord, LogEntry, Sent};
use heqi_protocol::handshake::{Challenge, VERSIONS, Welcome};
use heqi_protocol::log::{Ack, CharterAck, Incarnation, Point, chain_next, chain_start};
use heqi_protocol::{
    Bytes, DocumentId, Envelope, FromRelay, Hash, List, Misbehaviour, RelayKey, Space, ToRelay,
    VentureId,
};

use crate::{Input, Output, Problem, Replica, Request, StoreOp, envelope_key};

pub(super) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

pub(super) struct Desk {
    pub(super) replica: Replica,
    pub(super) relay: SigningKey,
    pub(super) incarnation: Incarnation,
    pub(super) records: Vec<CharterRecord>,
    pub(super) rows: Rows,
    pub(super) now: u64,
    pub(super) dials: u32,
    pub(super) outputs: Vec<Output>,
    /// Whether [`Output::Again`] is followed.
    pub(super) works: bool,
    requests: u64,
}

impl Desk {
    pub(super) fn new(replica: Replica) -> Self {
        Self::over(replica, Rows::new())
    }

    fn over(replica: Replica, rows: Rows) -> Self {
        let mut desk = Self {
            replica,
            relay: SigningKey::from_bytes(&[7; 32]),
            incarnation: Incarnation {
                number: 1,
                nonce: [5; 8],
            },
            records: Vec::new(),
            rows,
            now: 1_000,
            dials: 0,
            outputs: Vec::new(),
            works: true,
            requests: 0,
        };
        desk.feed(Input::Start);
        desk.feed(Input::Online(true));
        desk
    }

    pub(super) fn founder() -> Self {
        let replica = Replica::found(
            "https://relay.test",
            "Bridge",
            "Ann Ltd",
            "A",
            "Ann",
            [1; 32],
        );
        Self::new(replica.unwrap())
    }

    /// A founder whose venture is there, connected as a member who has subscribed.
    pub(super) fn live() -> Self {
        let mut desk = Self::founder();
        let sent = desk.greet();
        let Some(ToRelay::Found(genesis)) = sent.last() else {
            panic!("{sent:?}");
        };
        desk.take_entry(genesis);
        let frame = desk.charter_from(0);
        desk.frame(frame);
        desk.greet();
        desk
    }

    /// Live, and told that the log is empty.
    pub(super) fn settled() -> Self {
        let mut desk = Self::live();
        let start = desk.start();
        desk.subscribed(start, start);
        desk
    }

    /// A device that has lost everything but who it is.
    pub(super) fn emptied(&self) -> Self {
        let is_profile = |key: &[u8]| key.first() == Some(&1);
        let mut rows = self.rows.clone();
        rows.retain(|key, _| is_profile(key));
        let replica = Replica::open(rows.clone(), [4; 32]).unwrap();
        let mut desk = Self::over(replica, rows);
        desk.records = self.records.clone();
        desk
    }

    /// Another process over a copy of the rows, which draws other numbers.
    pub(super) fn copied(&self) -> Self {
        let rows = self.rows.clone();
        let replica = Replica::open(rows.clone(), [8; 32]).unwrap();
        let mut desk = Self::over(replica, rows);
        desk.records = self.records.clone();
        desk
    }

    /// Another process over the same rows.
    pub(super) fn reopened(&self) -> Self {
        let rows = self.rows.clone();
        let replica = Replica::open(rows.clone(), [9; 32]).unwrap();
        let mut desk = Self::over(replica, rows);
        desk.records = self.records.clone();
        desk
    }

    /// Does everything that follows from an input; the frames that are sent.
    pub(super) fn feed(&mut self, input: Input) -> Vec<ToRelay> {
        let mut sent = Vec::new();
        let mut inputs = VecDeque::from([input]);
        for _ in 0..10_000 {
            let Some(input) = inputs.pop_front() else {
                return sent;
            };
            for output in self.replica.handle(input, self.now) {
                self.outputs.push(output.clone());
                match output {
                    Output::Persist(ops) => self.persist(ops),
                    Output::Fetch(hashes) => {
                        let found = hashes
                            .iter()
                            .map(|hash| (*hash, self.rows.get(&envelope_key(*hash)).cloned()));
                        inputs.push_back(Input::Fetched(found.collect()));
                    }
                    Output::Dial(_) => {
                        self.dials += 1;
                        inputs.push_back(Input::Opened);
                    }
                    Output::HangUp => inputs.push_back(Input::Closed),
                    Output::Send(frame) => match ToRelay::decode(&frame).unwrap() {
                        // Spaces beside the plan stay empty here.
                        ToRelay::Subscribe { document, .. } if document != self.document() => {
                            inputs.push_back(Input::Frame(self.empty(document)));
                        }
                        frame => sent.push(frame),
                    },
                    Output::Again if self.works => inputs.push_back(Input::Work),
                    _ => {}
                }
            }
        }
        panic!("it never comes to rest");
    }

    fn empty(&self, document: DocumentId) -> Vec<u8> {
        let start = Point {
            seq: 0,
            chain: chain_start(self.venture(), document),
        };
        let subscribed = FromRelay::Subscribed {
            document,
            matched: start,
            head: start,
        };
        subscribed.encode()
    }

    pub(super) fn frame(&mut self, frame: FromRelay) -> Vec<ToRelay> {
        self.feed(Input::Frame(frame.encode()))
    }

    pub(super) fn ask(&mut self, request: Request) -> Vec<ToRelay> {
        self.requests += 1;
        self.feed(Input::Ask(self.requests, request))
    }

    /// Adds a task and lets the time pass in which edits are put together.
    pub(super) fn edit(&mut self, name: &str) -> Vec<ToRelay> {
        let command = PlanCommand::AddTask {
            name: name.into(),
            parent: None,
            after: None,
        };
        let today = Date::parse("2026-06-01").unwrap();
        self.ask(Request::Plan {
            space: Space::Plan,
            seen: Vec::new(),
            command,
            today,
        });
        self.now += 100;
        self.feed(Input::Wake)
    }

    pub(super) fn challenge(&self) -> Challenge {
        Challenge {
            versions: VERSIONS,
            relay: self.key(),
            nonce: [3; 32],
        }
    }

    /// Shakes hands; the frames sent after the welcome.
    pub(super) fn greet(&mut self) -> Vec<ToRelay> {
        let head = self.records.last().map_or(Hash::ZERO, |it| it.ack.head);
        self.greet_at(self.records.len() as u64, head)
    }

    pub(super) fn greet_at(&mut self, position: u64, head: Hash) -> Vec<ToRelay> {
        let challenge = self.challenge();
        let sent = self.frame(FromRelay::Challenge(challenge));
        let [ToRelay::Hello(hello)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        hello.verify(&challenge).unwrap();
        let incarnation = self.incarnation;
        let welcome = Welcome::sign(&challenge, hello, incarnation, position, head, &self.relay);
        self.frame(FromRelay::Welcome(welcome))
    }

    /// Appends an entry to the relay's charter.
    pub(super) fn take_entry(&mut self, entry: &[u8]) {
        let head = Entry::hash_of(entry);
        let position = self.records.len() as u64 + 1;
        let venture = match self.records.first() {
            Some(first) => VentureId(first.ack.head.0),
            None => VentureId(head.0),
        };
        let ack = CharterAck::sign(venture, self.incarnation, position, head, &self.relay);
        let entry = Bytes::new(entry.to_vec()).unwrap();
        self.records.push(CharterRecord { entry, ack });
    }

    /// The relay takes the one entry among frames that were sent, and tells it; what is sent then.
    pub(super) fn took(&mut self, sent: &mut Vec<ToRelay>) {
        let [ToRelay::Amend(entry)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        self.take_entry(entry);
        let newest = self.charter_from(self.records.len() - 1);
        *sent = self.frame(newest);
    }

    pub(super) fn charter_from(&self, first: usize) -> FromRelay {
        FromRelay::Charter {
            first: first as u64,
            entries: List::new(self.records[first..].to_vec()).unwrap(),
        }
    }

    pub(super) fn subscribed(&mut self, matched: Point, head: Point) -> Vec<ToRelay> {
        let document = self.document();
        self.frame(FromRelay::Subscribed {
            document,
            matched,
            head,
        })
    }

    pub(super) fn entries(&mut self, first_seq: u64, sent: Vec<Sent>) -> Vec<ToRelay> {
        let charter_position = self.records.len() as u64;
        let entries = sent.into_iter().map(|sent| LogEntry {
            charter_position,
            sent,
        });
        let document = self.document();
        self.frame(FromRelay::Entries {
            document,
            first_seq,
            entries: List::new(entries.collect()).unwrap(),
        })
    }

    pub(super) fn ack_of(&self, point: Point) -> Ack {
        let (venture, document) = (self.venture(), self.document());
        Ack::sign(venture, document, self.incarnation, point, &self.relay)
    }

    /// The place after one more entry.
    pub(super) fn after(&self, point: Point, hash: Hash) -> Point {
        Point {
            seq: point.seq + 1,
            chain: chain_next(point.chain, hash, self.records.len() as u64),
        }
    }

    pub(super) fn start(&self) -> Point {
        Point {
            seq: 0,
            chain: chain_start(self.venture(), self.document()),
        }
    }

    pub(super) fn venture(&self) -> VentureId {
        self.replica.charter().map(Charter::venture).unwrap()
    }

    pub(super) fn document(&self) -> DocumentId {
        DocumentId::root(self.venture(), Space::Plan)
    }

    pub(super) fn key(&self) -> RelayKey {
        RelayKey(self.relay.verifying_key().to_bytes())
    }

    /// The tasks in view, sorted by name.
    pub(super) fn names(&self) -> Vec<String> {
        let mut mirror = heqi_domain::plan::PlanMirror::default();
        if let Some(plan) = self.replica.plan() {
            mirror.apply(&plan.snapshot());
        }
        let mut names: Vec<_> = mirror.rows.values().map(|row| row.name.clone()).collect();
        names.sort();
        names
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        self.replica.status().problem
    }

    /// What the relay is accused of; the replica has hung up then.
    pub(super) fn accused(&self) -> Option<Misbehaviour> {
        match self.problem() {
            Some(Problem::Relay(misbehaviour)) => {
                assert_eq!(self.replica.status().link, crate::Link::Offline);
                let hung_up = |output: &Output| matches!(output, Output::HangUp);
                assert!(self.outputs.iter().any(hung_up));
                Some(misbehaviour)
            }
            _ => None,
        }
    }

    fn persist(&mut self, ops: Vec<StoreOp>) {
        for op in ops {
            match op {
                StoreOp::Put(key, value) => self.rows.insert(key, value),
                StoreOp::Delete(key) => self.rows.remove(&key),
            };
        }
    }
}

/// The envelopes among frames.
pub(super) fn envelopes(sent: &[ToRelay]) -> Vec<Envelope> {
    let bodies = sent.iter().filter_map(|frame| match frame {
        ToRelay::Append(bytes) => Some(Envelope::decode(bytes.to_vec()).unwrap()),
        _ => None,
    });
    bodies.collect()
}
