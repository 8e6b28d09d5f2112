//! What waits to be sent on one connection. Empty, it holds no memory of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;

use bytes::Bytes;
use futures_util::task::AtomicWaker;

use crate::{Meter, Out};

/// The queue between the writer and one connection. The core bounds it by what the meter has not seen sent.
#[derive(Debug, Default)]
pub struct Outbound {
    pub meter: Arc<Meter>,
    queue: Mutex<Queue>,
    is_cut: AtomicBool,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    is_closing: bool,
}

impl Outbound {
    /// Queues several at once and wakes the connection once.
    pub fn push(&self, outs: impl Iterator<Item = Out>) {
        let mut queue = self.queue();
        for out in outs {
            match out {
                Out::Frame(frame) => queue.frames.push_back(frame),
                Out::Close => queue.is_closing = true,
                Out::Cut => {
                    queue.frames = VecDeque::new();
                    queue.is_closing = true;
                    self.is_cut.store(true, Ordering::Release);
                }
            }
        }
        drop(queue);
        self.waker.wake();
    }

    /// True where nothing is to be sent any more, whatever waits.
    pub fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    /// The same; whoever polls is woken by the next push.
    pub fn poll_cut(&self, cx: &Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.is_cut()
    }

    /// Takes all that is queued, and whether nothing more comes. Whoever polls is woken by the next push.
    pub fn take(&self, cx: &Context<'_>) -> (VecDeque<Bytes>, bool) {
        self.waker.register(cx.waker());
        let mut queue = self.queue();
        (std::mem::take(&mut queue.frames), queue.is_closing)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A queue is whole after each push, whoever panicked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
