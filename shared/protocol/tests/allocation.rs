//! Lengths in hostile bytes cost no memory: what a decoder allocates stays a small multiple of what it was given.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a failed test"
)]
#![allow(
    unsafe_code,
    reason = "an allocator that counts can only be written with it"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use data_encoding::HEXLOWER;
use heqi_protocol::charter::Entry;
use heqi_protocol::frame::{CharterRecord, Listed, LogEntry, Place, RestoredEntry, Sent};
use heqi_protocol::limits::{DOCUMENTS_PER_FRAME_MAX, ENTRIES_PER_FRAME_MAX, FRAME_BYTES_MAX};
use heqi_protocol::log::CharterAck;
use heqi_protocol::{
    Bytes, DocumentId, Envelope, FromRelay, Hash, Incarnation, List, Signature, Space, ToRelay,
};

struct Counting;

thread_local! {
    /// Bytes allocated by this thread now, and the most there were since the last reset.
    static HELD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

// SAFETY: every call is passed on to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new may stand side by side while the bytes move.
        count(size, 0);
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(more: usize, less: usize) {
    // A thread that is ending has no counter any more; nothing is measured there.
    let _ = HELD.try_with(|held| {
        let (now, peak) = held.get();
        let now = (now + more).saturating_sub(less);
        held.set((now, peak.max(now)));
    });
}

/// The most that `work` held at once beyond what was held before.
fn peak(work: impl FnOnce()) -> usize {
    let before = HELD.with(Cell::get).0;
    HELD.with(|held| held.set((before, before)));
    work();
    HELD.with(Cell::get).1 - before
}

/// The most of all decoders on `bytes`, each given them in turn.
fn peak_of_decoders(bytes: &[u8]) -> usize {
    let owned = bytes.to_vec();
    [
        peak(|| drop(ToRelay::decode(bytes))),
        peak(|| drop(FromRelay::decode(bytes))),
        peak(|| drop(Entry::decode(bytes))),
        peak(move || drop(Envelope::decode(owned))),
    ]
    .into_iter()
    .max()
    .unwrap()
}

fn assert_bounded(bytes: &[u8], what: &str) {
    let peak = peak_of_decoders(bytes);
    let bound = 10 * bytes.len() + 4096;
    assert!(peak <= bound, "{what}: {} bytes held {peak}", bytes.len());
}

#[test]
fn counter_sees_what_is_allocated() {
    assert_eq!(peak(|| drop(vec![0_u8; 1 << 20])), 1 << 20);
    assert_eq!(peak(|| ()), 0);
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for file in ["to_relay", "from_relay", "entry", "envelope"] {
        let text = std::fs::read_to_string(golden.join(format!("{file}.hex"))).unwrap();
        for line in text.lines() {
            let (name, hex) = line.split_once(" = ").unwrap();
            let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap();
            assert_bounded(&bytes, name);
            for at in 0..bytes.len().saturating_sub(3) {
                for lie in [u32::MAX, 1 << 20, 256 << 10, 4096, 1024, 64] {
                    let mut bytes = bytes.clone();
                    bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
                    assert_bounded(&bytes, name);
                }
            }
        }
    }
}

#[test]
fn longest_lists_of_the_smallest_values_stay_bounded() {
    let entries = (0..ENTRIES_PER_FRAME_MAX).map(|_| LogEntry {
        charter_position: 0,
        sent: Sent::Whole(Bytes::default()),
    });
    let entries = FromRelay::Entries {
        document: DocumentId([0; 32]),
        first_seq: 1,
        entries: List::new(entries.collect()).unwrap(),
    };
    assert_bounded(&entries.encode(), "entries");
    let restored = (0..ENTRIES_PER_FRAME_MAX).map(|_| RestoredEntry {
        charter_position: 0,
        envelope: Bytes::default(),
    });
    let restore = ToRelay::Restore {
        document: DocumentId([0; 32]),
        first_seq: 1,
        entries: List::new(restored.collect()).unwrap(),
    };
    assert_bounded(&restore.encode(), "restore");
    let place = Place {
        charter_position: 0,
        envelope: Hash::ZERO,
    };
    let prove = ToRelay::Prove {
        before: Hash::ZERO,
        places: List::new(vec![place; ENTRIES_PER_FRAME_MAX]).unwrap(),
        ack: None,
    };
    assert_bounded(&prove.encode(), "prove");
    let listed = Listed {
        document: DocumentId([0; 32]),
        space: Space::Plan,
        seq: 0,
    };
    let documents = FromRelay::Documents(List::new(vec![listed; DOCUMENTS_PER_FRAME_MAX]).unwrap());
    assert_bounded(&documents.encode(), "documents");
    assert_bounded(&ToRelay::RestoreCharter(records()).encode(), "charter");
}

#[test]
fn frame_above_the_limit_is_refused_before_it_is_read() {
    let mut frame = vec![0; FRAME_BYTES_MAX + 1];
    // The tag of an append, whose length is a lie.
    frame[0] = 5;
    frame[1..5].fill(0xff);
    assert!(ToRelay::decode(&frame).is_err());
    assert!(peak_of_decoders_without_copy(&frame) < 1024);
}

fn peak_of_decoders_without_copy(bytes: &[u8]) -> usize {
    let to = peak(|| drop(ToRelay::decode(bytes)));
    let from = peak(|| drop(FromRelay::decode(bytes)));
    to.max(from).max(peak(|| drop(Entry::decode(bytes))))
}

fn records() -> List<CharterRecord, ENTRIES_PER_FRAME_MAX> {
    let ack = CharterAck {
        incarnation: Incarnation {
            number: 1,
            nonce: [0; 8],
        },
        position: 0,
        head: Hash::ZERO,
        signature: Signature([0; 64]),
    };
    let entry = Bytes::default();
    List::new(vec![CharterRecord { entry, ack }; ENTRIES_PER_FRAME_MAX]).unwrap()
}
