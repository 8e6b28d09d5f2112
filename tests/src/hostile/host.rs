//! What passes through, what the host keeps of it, and what becomes of it on the way to the device that is deceived.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use heqi_protocol::frame::{LogEntry, Sent};
use heqi_protocol::handshake::{Challenge, Hello, Welcome, Who};
use heqi_protocol::log::{Ack, CharterAck, Point, chain_start};
use heqi_protocol::{
    Bytes, DeviceId, DocumentId, Envelope, FromRelay, Hash, List, ToRelay, VentureId,
};

use super::Lie;
use super::history::{Place, Shown, Tale, meant_by, told_at};

/// A connection of somebody.
#[derive(Debug, Default)]
pub(super) struct Seat {
    challenge: Option<Challenge>,
    hello: Option<Hello>,
}

/// A log by its chain's start.
type Log = (Hash, Vec<Place>);

/// All that the host knows and does.
pub(super) struct Host {
    key: SigningKey,
    envelopes: BTreeMap<Hash, Envelope>,
    logs: BTreeMap<DocumentId, Log>,
    /// Its word for each entry of the charter.
    charter: Vec<CharterAck>,
    deceived: BTreeMap<DeviceId, Deceit>,
}

#[derive(Default)]
struct Deceit {
    lie: Option<Lie>,
    tale: Tale,
    /// Entries of the charter that it is shown, where it is not shown all.
    charter_max: Option<u64>,
}

impl Seat {
    fn device(&self) -> Option<DeviceId> {
        match self.hello.as_ref()?.who {
            Who::Device(device) => Some(device),
            Who::Invite(_) | Who::Founder(_) => None,
        }
    }
}

impl Host {
    pub(super) fn new(key: SigningKey) -> Self {
        Self {
            key,
            envelopes: BTreeMap::new(),
            logs: BTreeMap::new(),
            charter: Vec::new(),
            deceived: BTreeMap::new(),
        }
    }

    pub(super) fn deceive(&mut self, device: DeviceId, lie: Lie) {
        let newest = self.logs.values().filter_map(|(_, log)| log.last());
        let newest: Vec<_> = newest.map(|place| place.envelope).collect();
        let deceit = self.deceived.entry(device).or_default();
        deceit.lie = Some(lie);
        if lie == Lie::RollBack {
            let gone = newest.into_iter().map(|it| (it, Shown::Nothing));
            deceit.tale.extend(gone);
        }
        if lie == Lie::StaleCharter {
            deceit.charter_max = Some(self.charter.len() as u64);
        }
    }

    pub(super) fn go_on_honestly(&mut self, device: DeviceId) {
        let deceit = self.deceived.entry(device).or_default();
        deceit.lie = None;
        deceit.charter_max = None;
    }

    /// What goes on to the relay of what somebody says.
    pub(super) fn said_by_member(&mut self, seat: &mut Seat, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let Ok(frame) = ToRelay::decode(&bytes) else {
            return Some(bytes);
        };
        match frame {
            ToRelay::Hello(hello) => seat.hello = Some(hello),
            ToRelay::Append(envelope) => self.keep(envelope.into_vec()),
            ToRelay::Subscribe { document, locator } => {
                let Some((deceit, venture)) = self.deceit(seat) else {
                    return Some(bytes);
                };
                let (start, log) = self.log(venture, document);
                let points = locator.iter();
                let points = points.filter_map(|point| meant_by(start, log, &deceit.tale, *point));
                let locator = List::new(points.collect()).expect("there are no more than before");
                return Some(ToRelay::Subscribe { document, locator }.encode());
            }
            // What would remind the relay of what it is said not to have.
            ToRelay::Attest(_)
            | ToRelay::Prove { .. }
            | ToRelay::Restore { .. }
            | ToRelay::RestoreCharter(_)
                if self.deceit(seat).is_some() =>
            {
                return None;
            }
            ToRelay::Restore { entries, .. } => {
                for entry in entries.into_vec() {
                    self.keep(entry.envelope.into_vec());
                }
            }
            _ => {}
        }
        Some(bytes)
    }

    /// What reaches somebody of what the relay says.
    pub(super) fn said_by_relay(&mut self, seat: &mut Seat, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let Ok(frame) = FromRelay::decode(&bytes) else {
            return vec![bytes];
        };
        if let FromRelay::Challenge(challenge) = frame {
            seat.challenge = Some(challenge);
        }
        self.note(seat, &frame);
        let Some((deceit, venture)) = self.deceit(seat) else {
            return vec![bytes];
        };
        let frames = self.instead(seat, deceit, venture, frame);
        frames.iter().map(FromRelay::encode).collect()
    }

    fn keep(&mut self, envelope: Vec<u8>) {
        if let Ok(envelope) = Envelope::decode(envelope) {
            self.envelopes.insert(envelope.hash(), envelope);
        }
    }

    fn deceit(&self, seat: &Seat) -> Option<(&Deceit, VentureId)> {
        let venture = seat.hello.as_ref()?.venture;
        Some((self.deceived.get(&seat.device()?)?, venture))
    }

    fn log(&self, venture: VentureId, document: DocumentId) -> (Hash, &[Place]) {
        match self.logs.get(&document) {
            Some((start, log)) => (*start, log),
            None => (chain_start(venture, document), &[]),
        }
    }

    /// Keeps what is new of a log or the charter, and makes up what the deceived are shown of it.
    fn note(&mut self, seat: &Seat, frame: &FromRelay) {
        match frame {
            FromRelay::Charter { first, entries } => {
                for (position, record) in (*first..).zip(entries.iter()) {
                    if position == self.charter.len() as u64 {
                        self.charter.push(record.ack);
                    }
                }
            }
            FromRelay::Entries {
                document,
                first_seq,
                entries,
            } => {
                let Some(venture) = seat.hello.as_ref().map(|hello| hello.venture) else {
                    return;
                };
                let start = chain_start(venture, *document);
                let (_, log) = self.logs.entry(*document).or_insert((start, Vec::new()));
                let mut fresh = Vec::new();
                for (seq, entry) in (*first_seq..).zip(entries.iter()) {
                    if seq == log.len() as u64 + 1 {
                        let envelope = hash_of(&entry.sent);
                        log.push(Place {
                            charter_position: entry.charter_position,
                            envelope,
                        });
                        fresh.push(envelope);
                    }
                }
                for envelope in fresh {
                    self.make_up(envelope);
                }
            }
            _ => {}
        }
    }

    fn make_up(&mut self, hash: Hash) {
        let envelope = self.envelopes.get(&hash);
        let envelope = envelope.expect("what is in the log has passed through");
        for (device, deceit) in &mut self.deceived {
            let shown = match deceit.lie {
                Some(Lie::LeaveOut) => Shown::Nothing,
                Some(Lie::Alter) => Shown::Instead(Box::new(altered(envelope))),
                _ => continue,
            };
            if *device != envelope.header.device {
                deceit.tale.insert(hash, shown);
            }
        }
    }

    /// What the deceived hear in the place of a frame.
    fn instead(
        &self,
        seat: &Seat,
        deceit: &Deceit,
        venture: VentureId,
        frame: FromRelay,
    ) -> Vec<FromRelay> {
        match frame {
            FromRelay::Welcome(welcome) => {
                vec![FromRelay::Welcome(self.welcome(seat, deceit, welcome))]
            }
            FromRelay::Charter { first, entries } => {
                let max = deceit.charter_max.unwrap_or(u64::MAX);
                let left = usize::try_from(max.saturating_sub(first)).unwrap_or(usize::MAX);
                let shown: Vec<_> = entries.into_vec().into_iter().take(left).collect();
                match shown.is_empty() {
                    true => Vec::new(),
                    false => {
                        let entries = List::new(shown).expect("there are no more than before");
                        vec![FromRelay::Charter { first, entries }]
                    }
                }
            }
            FromRelay::Subscribed {
                document,
                matched,
                head,
            } => {
                let (start, log) = self.log(venture, document);
                let told = |point: Point| told_at(start, log, &deceit.tale, point.seq);
                vec![FromRelay::Subscribed {
                    document,
                    matched: told(matched),
                    head: told(head),
                }]
            }
            FromRelay::Entries {
                document,
                first_seq,
                entries,
            } => self.entries(deceit, venture, document, first_seq, entries.into_vec()),
            FromRelay::Ack(ack) => vec![FromRelay::Ack(self.ack(deceit, ack))],
            other => vec![other],
        }
    }

    fn welcome(&self, seat: &Seat, deceit: &Deceit, welcome: Welcome) -> Welcome {
        let (Some(max), Some(challenge), Some(hello)) =
            (deceit.charter_max, &seat.challenge, &seat.hello)
        else {
            return welcome;
        };
        let last = usize::try_from(max).ok().and_then(|max| max.checked_sub(1));
        let head = last.and_then(|last| self.charter.get(last));
        let head = head.map_or(Hash::ZERO, |ack| ack.head);
        Welcome::sign(challenge, hello, welcome.incarnation, max, head, &self.key)
    }

    fn entries(
        &self,
        deceit: &Deceit,
        venture: VentureId,
        document: DocumentId,
        first_seq: u64,
        entries: Vec<LogEntry>,
    ) -> Vec<FromRelay> {
        let (start, log) = self.log(venture, document);
        let before = told_at(start, log, &deceit.tale, first_seq - 1);
        let shown =
            entries
                .into_iter()
                .filter_map(|entry| match deceit.tale.get(&hash_of(&entry.sent)) {
                    None => Some(entry),
                    Some(Shown::Nothing) => None,
                    Some(Shown::Instead(other)) => {
                        let bytes = Bytes::new(other.bytes().to_vec());
                        let sent = Sent::Whole(bytes.expect("it is as long as before"));
                        Some(LogEntry { sent, ..entry })
                    }
                });
        let mut shown: Vec<_> = shown.collect();
        if deceit.lie == Some(Lie::Reorder) && shown.len() > 1 {
            shown.swap(0, 1);
        }
        if shown.is_empty() {
            return Vec::new();
        }
        let frame = FromRelay::Entries {
            document,
            first_seq: before.seq + 1,
            entries: List::new(shown).expect("there are no more than before"),
        };
        let times = match deceit.lie {
            Some(Lie::Replay) => 2,
            _ => 1,
        };
        vec![frame; times]
    }

    fn ack(&self, deceit: &Deceit, ack: Ack) -> Ack {
        let (start, log) = self.log(ack.venture, ack.document);
        let mut point = told_at(start, log, &deceit.tale, ack.point.seq);
        if deceit.lie == Some(Lie::AckAnother) {
            point.chain.0[0] ^= 1;
        }
        let (document, incarnation) = (ack.document, ack.incarnation);
        let mut ack = Ack::sign(ack.venture, document, incarnation, point, &self.key);
        if deceit.lie == Some(Lie::ForgeAck) {
            ack.signature.0[7] ^= 1;
        }
        ack
    }
}

fn hash_of(sent: &Sent) -> Hash {
    match sent {
        Sent::Yours(hash) => *hash,
        Sent::Whole(bytes) => {
            let envelope = Envelope::decode(bytes.to_vec());
            envelope.expect("an honest relay sends envelopes").hash()
        }
    }
}

/// The envelope with another bit in what is sealed.
fn altered(envelope: &Envelope) -> Envelope {
    let mut bytes = envelope.bytes().to_vec();
    let within = bytes.len() - 80;
    bytes[within] ^= 1;
    Envelope::decode(bytes).expect("it has the same header and is as long as before")
}
