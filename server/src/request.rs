//! What a connection asks for, read and verified away from the writer.

use heqi_protocol::charter::Entry;
use heqi_protocol::frame::{Attested, CharterRecord, Place, RestoredEntry, ToRelay};
use heqi_protocol::handshake::Hello;
use heqi_protocol::log::{Locator, chain_next};
use heqi_protocol::{Ack, DocumentId, Envelope, Hash, Misbehaviour};

/// A frame that was decoded; signatures of the envelopes in it are valid.
#[derive(Debug)]
pub enum Request {
    Hello(Box<Hello>),
    Found(Box<Entry>),
    Amend(Box<Entry>),
    RestoreCharter(Vec<(Entry, CharterRecord)>),
    Subscribe {
        document: DocumentId,
        locator: Locator,
    },
    Append(Box<Envelope>),
    Attest(Box<Attested>),
    Restore {
        document: DocumentId,
        entries: Vec<Restored>,
    },
    Prove(Box<Run>),
}

/// Entries of a log that are shown to have been acknowledged.
#[derive(Debug)]
pub struct Run {
    pub before: Hash,
    pub places: Vec<Place>,
    /// The chain that they lead to.
    pub end: Hash,
    pub ack: Option<Ack>,
}

/// A log entry that somebody brings back.
#[derive(Debug)]
pub struct Restored {
    /// Sequence number that it had.
    pub seq: u64,
    pub charter_position: u64,
    pub envelope: Box<Envelope>,
}

impl Request {
    /// Reads a frame. This is where envelopes cost their signature check, so call it where cores are free.
    pub fn read(frame: &[u8]) -> Result<Self, Misbehaviour> {
        let frame = ToRelay::decode(frame).map_err(|_| Misbehaviour::BadFrame)?;
        Ok(match frame {
            ToRelay::Hello(hello) => Self::Hello(Box::new(hello)),
            ToRelay::Found(bytes) => Self::Found(entry(&bytes)?),
            ToRelay::Amend(bytes) => Self::Amend(entry(&bytes)?),
            ToRelay::RestoreCharter(records) => {
                let records = records.into_vec().into_iter();
                let decoded = records.map(|record| Ok((*entry(&record.entry)?, record)));
                Self::RestoreCharter(decoded.collect::<Result<_, _>>()?)
            }
            ToRelay::Subscribe { document, locator } => Self::Subscribe { document, locator },
            ToRelay::Append(bytes) => Self::Append(envelope(bytes.into_vec())?),
            ToRelay::Attest(attested) => Self::Attest(Box::new(attested)),
            ToRelay::Restore {
                document,
                first_seq,
                entries,
            } => {
                let entries = entries.into_vec().into_iter().zip(0_u64..);
                let entries =
                    entries.map(|(entry, n)| restored(first_seq.saturating_add(n), entry));
                let entries = entries.collect::<Result<_, _>>()?;
                Self::Restore { document, entries }
            }
            ToRelay::Prove {
                before,
                places,
                ack,
            } => {
                let end = places.iter().fold(before, |chain, place| {
                    chain_next(chain, place.envelope, place.charter_position)
                });
                Self::Prove(Box::new(Run {
                    before,
                    places: places.into_vec(),
                    end,
                    ack,
                }))
            }
        })
    }
}

fn entry(bytes: &[u8]) -> Result<Box<Entry>, Misbehaviour> {
    let entry = Entry::decode(bytes).map_err(|_| Misbehaviour::BadCharter)?;
    Ok(Box::new(entry))
}

fn envelope(bytes: Vec<u8>) -> Result<Box<Envelope>, Misbehaviour> {
    let envelope = Envelope::decode(bytes).map_err(|_| Misbehaviour::BadFrame)?;
    envelope.verify().map_err(|_| Misbehaviour::BadSignature)?;
    Ok(Box::new(envelope))
}

fn restored(seq: u64, entry: RestoredEntry) -> Result<Restored, Misbehaviour> {
    Ok(Restored {
        seq,
        charter_position: entry.charter_position,
        envelope: envelope(entry.envelope.into_vec())?,
    })
}
