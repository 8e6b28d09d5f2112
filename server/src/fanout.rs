//! Frames for many readers, encoded once, and the measure of how far each reader is behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use borsh::BorshSerialize;
use bytes::Bytes;
use heqi_protocol::limits::ENTRIES_PER_FRAME_MAX;
use heqi_protocol::{DocumentId, FromRelay, Hash, List};

/// Above this a reader that should get something new is told to read again later.
pub const BACKLOG_BYTES_MAX: u64 = 4 << 20;
/// Below this a reader that catches up gets its next chunk.
pub const BACKLOG_BYTES_LOW: u64 = 256 << 10;
/// Above this a connection that asks and does not read the answers is closed.
pub const BACKLOG_BYTES_HARD: u64 = 16 << 20;
/// Above this, of all connections together, those that are furthest behind are closed. Tests reach it with little.
pub const BACKLOG_BYTES_ALL: u64 = if cfg!(test) { 20 << 20 } else { 256 << 20 };
/// Payload of one frame of entries or charter: a connection's write buffer stays as large as its largest frame.
pub const CHUNK_BYTES_SOFT: usize = 64 << 10;
/// What a frame costs on top of its bytes.
const FRAME_COST: u64 = 64;

/// How much of what the core gave out for a connection has gone on its way. Shared with whoever sends it.
#[derive(Debug, Default)]
pub struct Meter {
    sent: AtomicU64,
    wanted: AtomicBool,
    welcomed: AtomicBool,
}

impl Meter {
    /// Notes frames as sent; true where the core waits to hear of room.
    pub fn sent(&self, cost: u64) -> bool {
        self.sent.fetch_add(cost, Ordering::SeqCst);
        self.wanted.load(Ordering::SeqCst) && self.wanted.swap(false, Ordering::SeqCst)
    }

    /// True once the handshake is done.
    pub fn is_welcomed(&self) -> bool {
        self.welcomed.load(Ordering::Relaxed)
    }

    pub(crate) fn welcome(&self) {
        self.welcomed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn total_sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    pub(crate) fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::SeqCst);
    }
}

/// What a frame counts for in a backlog.
pub const fn cost(frame: &Bytes) -> u64 {
    frame.len() as u64 + FRAME_COST
}

/// What goes to one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// One [`FromRelay`] frame.
    Frame(Bytes),
    /// Nothing more comes; close once what came before is sent.
    Close,
    /// Close at once: what came before takes too much memory and goes nowhere.
    Cut,
}

/// A connection, by the number its owner gave it. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// The backlog of one connection as the core counts it.
#[derive(Debug)]
pub(crate) struct Backlog {
    meter: Arc<Meter>,
    given: u64,
}

impl Backlog {
    pub(crate) const fn new(meter: Arc<Meter>) -> Self {
        Self { meter, given: 0 }
    }

    pub(crate) fn give(&mut self, frame: &Bytes) {
        self.given += cost(frame);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.given.saturating_sub(self.meter.total_sent())
    }

    pub(crate) fn welcome(&self) {
        self.meter.welcome();
    }

    /// True where there is room for a chunk; otherwise the owner of the meter tells when there is.
    pub(crate) fn has_room_or_waits(&self) -> bool {
        if self.bytes() <= BACKLOG_BYTES_LOW {
            return true;
        }
        self.meter.want(true);
        // Whatever was sent since the first look did not see the wish.
        let has_room = self.bytes() <= BACKLOG_BYTES_LOW;
        if has_room {
            self.meter.want(false);
        }
        has_room
    }
}

/// A log entry to be sent, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) charter_position: u64,
    pub(crate) envelope: SentRef<'a>,
}

/// The borrowed twin of [`heqi_protocol::frame::Sent`].
#[derive(Clone, Copy, Debug, BorshSerialize)]
pub(crate) enum SentRef<'a> {
    Whole(&'a [u8]),
    Yours(Hash),
}

impl SentRef<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Yours(_) => 32,
        }
    }
}

/// Encodes consecutive entries from `first_seq` on as frames within the limits.
pub(crate) fn entries_frames<'a>(
    document: DocumentId,
    first_seq: u64,
    entries: impl Iterator<Item = Outgoing<'a>>,
) -> Vec<Bytes> {
    let mut frames = Vec::new();
    let mut frame = EntriesFrame::start(document, first_seq);
    for (seq, entry) in (first_seq..).zip(entries) {
        if frame.is_full() {
            let full = std::mem::replace(&mut frame, EntriesFrame::start(document, seq));
            frames.push(full.finish());
        }
        frame.push(entry);
    }
    if frame.count > 0 {
        frames.push(frame.finish());
    }
    frames
}

struct EntriesFrame {
    bytes: Vec<u8>,
    count_at: usize,
    count: u32,
    payload: usize,
}

impl EntriesFrame {
    fn start(document: DocumentId, first_seq: u64) -> Self {
        let empty = FromRelay::Entries {
            document,
            first_seq,
            entries: List::default(),
        };
        let bytes = empty.encode();
        // The number of entries is what an empty frame ends with.
        let count_at = bytes.len() - 4;
        Self {
            bytes,
            count_at,
            count: 0,
            payload: 0,
        }
    }

    const fn is_full(&self) -> bool {
        self.payload >= CHUNK_BYTES_SOFT || self.count as usize >= ENTRIES_PER_FRAME_MAX
    }

    fn push(&mut self, entry: Outgoing<'_>) {
        self.bytes.reserve(entry.envelope.len() + 16);
        borsh::to_writer(&mut self.bytes, &(entry.charter_position, entry.envelope))
            .expect("writing to memory does not fail and lengths are bounded");
        self.payload += entry.envelope.len();
        self.count += 1;
    }

    fn finish(mut self) -> Bytes {
        self.bytes[self.count_at..self.count_at + 4].copy_from_slice(&self.count.to_le_bytes());
        self.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use heqi_protocol::frame::{LogEntry, Sent};

    use super::*;

    #[test]
    fn borrowed_entries_encode_as_the_protocol_does() {
        let document = DocumentId([7; 32]);
        let outgoing = [
            Outgoing {
                charter_position: 3,
                envelope: SentRef::Whole(&[1, 2, 3]),
            },
            Outgoing {
                charter_position: 4,
                envelope: SentRef::Yours(Hash([9; 32])),
            },
        ];
        let frames = entries_frames(document, 5, outgoing.into_iter());
        let entries = vec![
            LogEntry {
                charter_position: 3,
                sent: Sent::Whole(heqi_protocol::Bytes::new(vec![1, 2, 3]).unwrap()),
            },
            LogEntry {
                charter_position: 4,
                sent: Sent::Yours(Hash([9; 32])),
            },
        ];
        let expected = FromRelay::Entries {
            document,
            first_seq: 5,
            entries: List::new(entries).unwrap(),
        };
        assert_eq!(frames, [Bytes::from(expected.encode())]);
    }

    #[test]
    fn many_entries_are_cut_into_frames_that_decode_and_follow_each_other() {
        let document = DocumentId([7; 32]);
        let envelope = vec![0; 200 << 10];
        let outgoing = (0..7).map(|_| Outgoing {
            charter_position: 1,
            envelope: SentRef::Whole(&envelope),
        });
        let mut next = 1;
        for frame in entries_frames(document, 1, outgoing) {
            let FromRelay::Entries {
                first_seq, entries, ..
            } = FromRelay::decode(&frame).unwrap()
            else {
                panic!("not entries");
            };
            assert_eq!(first_seq, next);
            next += entries.len() as u64;
        }
        assert_eq!(next, 8);
    }

    #[test]
    fn a_reader_that_was_too_far_behind_is_heard_of_once_it_has_room() {
        let meter = Arc::new(Meter::default());
        let mut backlog = Backlog::new(meter.clone());
        let frame = Bytes::from(vec![0; 1 << 20]);
        backlog.give(&frame);
        assert!(!backlog.has_room_or_waits());
        assert!(meter.sent(cost(&frame)), "the core waits for room");
        assert!(!meter.sent(0), "and is told once");
        assert!(backlog.has_room_or_waits());
    }
}
