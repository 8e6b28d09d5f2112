//! Peak memory of a closure, counted per thread by this test binary's allocator.

#![allow(
    unsafe_code,
    reason = "a global allocator cannot be written without it; it only counts and forwards"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Runs `work` and returns its result with the most bytes it held at once, beyond what was held before.
pub(crate) fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let result = work();
    (result, (PEAK.get() - before).unsigned_abs())
}

fn count(change: isize) {
    let held = HELD.get() + change;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every call is forwarded unchanged to the system allocator; the counters are plain thread-local cells that
// neither allocate nor run destructors.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        unsafe { System.dealloc(block, layout) }
    }
}

#[test]
fn peak_counts_what_is_held_at_once() {
    let (_, one) = peak_bytes(|| drop(vec![0u8; 1 << 20]));
    let (_, two) = peak_bytes(|| {
        drop(vec![0u8; 1 << 20]);
        drop(vec![0u8; 1 << 20]);
    });
    assert_eq!((one, two), (1 << 20, 1 << 20));
}
