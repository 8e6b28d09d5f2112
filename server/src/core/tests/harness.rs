//! A relay over a disk in memory, and clients that say exactly what a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::fixture::{self, Link, Person};
use heqi_protocol::frame::{Attested, CharterRecord, Place, RestoredEntry, Sent, ToRelay};
use heqi_protocol::handshake::{Challenge, Who};
use heqi_protocol::log::{Point, chain_start};
use heqi_protocol::{
    Ack, Bytes, DocumentId, Envelope, FromRelay, Hash, List, RelayKey, Role, VentureId,
};

use crate::image::Image;
use crate::{ConnId, Core, Input, Meter, Options, Out};

pub(super) struct Relay {
    pub(super) image: Image,
    pub(super) core: Option<Core>,
    pub(super) now_ms: u64,
    pub(super) closed: BTreeSet<ConnId>,
    got: BTreeMap<ConnId, Vec<FromRelay>>,
    /// Every byte that a connection was ever sent.
    sniffed: BTreeMap<ConnId, Vec<u8>>,
    openings: u64,
    connections: u64,
    options: Options,
    key: SigningKey,
}

pub(super) fn relay_signing_key() -> SigningKey {
    fixture::signing_key("relay", 1)
}

impl Relay {
    pub(super) fn new() -> Self {
        Self::on(Image::default(), Options::default())
    }

    pub(super) fn on(image: Image, options: Options) -> Self {
        Self::of(relay_signing_key(), image, options)
    }

    /// A relay with a key of its own.
    pub(super) fn of(key: SigningKey, image: Image, options: Options) -> Self {
        let mut relay = Self {
            image,
            core: None,
            now_ms: 1_000,
            closed: BTreeSet::new(),
            got: BTreeMap::new(),
            sniffed: BTreeMap::new(),
            key,
            openings: 0,
            connections: 0,
            options,
        };
        relay.restart();
        relay
    }

    /// Drops the core as it is and opens the disk again.
    pub(super) fn restart(&mut self) {
        self.core = None;
        self.got.clear();
        self.openings += 1;
        let seed = fixture::signing_key("seed", self.openings).to_bytes();
        let db = self.image.open().unwrap();
        self.core = Some(Core::open(db, self.key.clone(), seed, self.options.clone()).unwrap());
    }

    /// Puts an earlier copy of the disk in.
    pub(super) fn roll_back_to(&mut self, copy: &Image) {
        self.core = None;
        self.image = copy.copy();
        self.restart();
    }

    pub(super) fn core(&mut self) -> &mut Core {
        self.core.as_mut().unwrap()
    }

    pub(super) fn step(&mut self, inputs: Vec<(ConnId, Input)>) {
        let now_ms = self.now_ms;
        let mut out = self.core().handle(inputs, now_ms);
        while self.core().has_more() {
            out.extend(self.core().handle(Vec::new(), now_ms));
        }
        for (conn, out) in out {
            assert!(!self.closed.contains(&conn), "nothing follows a close");
            match out {
                Out::Frame(bytes) => {
                    self.sniffed.entry(conn).or_default().extend(&bytes);
                    let frame = FromRelay::decode(&bytes).unwrap();
                    self.got.entry(conn).or_default().push(frame);
                }
                Out::Close | Out::Cut => drop(self.closed.insert(conn)),
            }
        }
    }

    pub(super) fn send(&mut self, conn: ConnId, frame: &ToRelay) {
        self.send_all(&[(conn, frame.clone())]);
    }

    /// All frames in one batch.
    pub(super) fn send_all(&mut self, frames: &[(ConnId, ToRelay)]) {
        let frames = frames.iter();
        let inputs = frames.map(|(conn, frame)| (*conn, Input::frame(&frame.encode())));
        self.step(inputs.collect());
    }

    /// What a connection got since it was asked last. What it gets is sent at once.
    pub(super) fn take(&mut self, conn: ConnId) -> Vec<FromRelay> {
        self.got.remove(&conn).unwrap_or_default()
    }

    pub(super) fn connect_with(&mut self, meter: Arc<Meter>) -> (ConnId, Challenge) {
        self.connections += 1;
        let conn = ConnId(self.connections);
        self.step(vec![(conn, Input::Connected(meter))]);
        match self.take(conn).as_slice() {
            [FromRelay::Challenge(challenge)] => (conn, *challenge),
            other => panic!("no challenge but {other:?}"),
        }
    }

    pub(super) fn hello(
        &mut self,
        venture: VentureId,
        who: Who,
        charter_position: u64,
        key: &SigningKey,
    ) -> ConnId {
        let (conn, challenge) = self.connect_with(Arc::new(unlimited()));
        let hello = fixture::hello(&challenge, venture, who, charter_position, key);
        self.send(conn, &ToRelay::Hello(hello));
        conn
    }

    /// Connects as a member's device that has the whole charter.
    pub(super) fn join(&mut self, charter: &Charter, person: &Person) -> ConnId {
        let conn = self.hello(
            charter.venture(),
            person.who(),
            charter.position(),
            &person.key,
        );
        let got = self.take(conn);
        assert!(
            matches!(got.first(), Some(FromRelay::Welcome(_))),
            "{got:?}"
        );
        conn
    }

    /// Founds a venture and gives its charter and the founder's connection.
    pub(super) fn found(&mut self, founder: &Person) -> (Charter, ConnId) {
        let entry = fixture::genesis(founder, self.relay_key(), 7);
        self.found_with(founder, &entry)
    }

    /// Founds a venture with keys for every space.
    pub(super) fn found_whole(&mut self, founder: &Person) -> (Charter, ConnId) {
        let entry = fixture::whole_genesis(founder, self.relay_key(), 7);
        self.found_with(founder, &entry)
    }

    pub(super) fn relay_key(&self) -> RelayKey {
        fixture::relay_key(&self.key)
    }

    fn found_with(&mut self, founder: &Person, entry: &Entry) -> (Charter, ConnId) {
        let charter = Charter::found(entry).unwrap();
        let who = Who::Founder(founder.device());
        let conn = self.hello(charter.venture(), who, 0, &founder.key);
        self.send(conn, &found(entry));
        self.take(conn);
        (charter, conn)
    }

    /// Makes `person` a member of the founder's venture, and connects them.
    pub(super) fn admit(
        &mut self,
        charter: &mut Charter,
        (by, conn): (&Person, ConnId),
        person: &Person,
        roles: &[Role],
    ) -> ConnId {
        let link = Link::new(charter.position());
        let invite = fixture::invite(charter, by, &link, person.party, roles, None);
        self.amend(charter, conn, &invite);
        let holder = self.hello(charter.venture(), Who::Invite(link.id()), 0, &link.key);
        self.take(holder);
        let accept = fixture::accept(charter, &link, person);
        self.amend(charter, holder, &accept);
        self.step(vec![(holder, Input::Gone)]);
        self.take(conn);
        self.join(charter, person)
    }

    /// True where a connection was ever sent these bytes.
    pub(super) fn was_sent(&self, conn: ConnId, needle: &[u8]) -> bool {
        let sniffed = self.sniffed.get(&conn).map_or(&[][..], Vec::as_slice);
        sniffed.windows(needle.len()).any(|it| it == needle)
    }

    /// Amends the charter, whatever follows.
    pub(super) fn amend_any(&mut self, charter: &mut Charter, conn: ConnId, entry: &Entry) {
        self.take(conn);
        self.send(conn, &amend(entry));
        charter.append(entry).unwrap();
    }

    /// Amends the charter and expects that it is taken.
    pub(super) fn amend(&mut self, charter: &mut Charter, conn: ConnId, entry: &Entry) {
        // What came before is not the answer.
        self.take(conn);
        self.send(conn, &amend(entry));
        charter.append(entry).unwrap();
        let got = self.take(conn);
        assert!(
            matches!(got.as_slice(), [FromRelay::Charter { .. }]),
            "{got:?}"
        );
    }
}

/// A meter of one who reads everything at once.
pub(super) fn unlimited() -> Meter {
    let meter = Meter::default();
    meter.sent(u64::MAX / 2);
    meter
}

pub(super) fn founder() -> Person {
    Person::new(1, fixture::party(1))
}

pub(super) fn found(entry: &Entry) -> ToRelay {
    ToRelay::Found(Bytes::new(entry.bytes().to_vec()).unwrap())
}

pub(super) fn amend(entry: &Entry) -> ToRelay {
    ToRelay::Amend(Bytes::new(entry.bytes().to_vec()).unwrap())
}

pub(super) fn append(envelope: &Envelope) -> ToRelay {
    ToRelay::Append(Bytes::new(envelope.bytes().to_vec()).unwrap())
}

pub(super) fn subscribe(document: DocumentId, locator: &[Point]) -> ToRelay {
    ToRelay::Subscribe {
        document,
        locator: List::new(locator.to_vec()).unwrap(),
    }
}

pub(super) fn attest(ack: Ack) -> ToRelay {
    ToRelay::Attest(Attested::Log(ack))
}

pub(super) fn restore_charter(records: Vec<CharterRecord>) -> ToRelay {
    ToRelay::RestoreCharter(List::new(records).unwrap())
}

/// Brings back what was read, from `first_seq` on.
pub(super) fn restore(document: DocumentId, first_seq: u64, read: &[(u64, Vec<u8>)]) -> ToRelay {
    let entries = read
        .iter()
        .map(|(charter_position, envelope)| RestoredEntry {
            charter_position: *charter_position,
            envelope: Bytes::new(envelope.clone()).unwrap(),
        });
    ToRelay::Restore {
        document,
        first_seq,
        entries: List::new(entries.collect()).unwrap(),
    }
}

/// Shows that what was read of a log after `before` leads to an acknowledgement, or to what was shown before.
pub(super) fn prove(before: Hash, read: &[(u64, Vec<u8>)], ack: Option<Ack>) -> ToRelay {
    let places = read.iter().map(|(charter_position, bytes)| Place {
        charter_position: *charter_position,
        envelope: Envelope::decode(bytes.clone()).unwrap().hash(),
    });
    ToRelay::Prove {
        before,
        places: List::new(places.collect()).unwrap(),
        ack,
    }
}

/// The same of a whole log.
pub(super) fn prove_all(read: &[(u64, Vec<u8>)], ack: Ack) -> ToRelay {
    prove(chain_start(ack.venture, ack.document), read, Some(ack))
}

pub(super) fn acks(frames: &[FromRelay]) -> Vec<Ack> {
    let acks = frames.iter().filter_map(|frame| match frame {
        FromRelay::Ack(ack) => Some(*ack),
        _ => None,
    });
    acks.collect()
}

/// Charter position and bytes of all whole entries in order.
pub(super) fn whole(frames: &[FromRelay]) -> Vec<(u64, Vec<u8>)> {
    let mut entries = Vec::new();
    for frame in frames {
        if let FromRelay::Entries { entries: some, .. } = frame {
            for entry in some.iter() {
                if let Sent::Whole(bytes) = &entry.sent {
                    entries.push((entry.charter_position, bytes.to_vec()));
                }
            }
        }
    }
    entries
}

pub(super) fn records(frames: &[FromRelay]) -> Vec<CharterRecord> {
    let mut records = Vec::new();
    for frame in frames {
        if let FromRelay::Charter { entries, .. } = frame {
            records.extend(entries.iter().cloned());
        }
    }
    records
}

pub(super) fn bytes_of(envelopes: &[Envelope]) -> Vec<Vec<u8>> {
    envelopes.iter().map(|it| it.bytes().to_vec()).collect()
}
