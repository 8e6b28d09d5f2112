//! What a replica is to be told, in the order in which it is told: what people ask first, then what happened, in the
//! order in which it did, and slices of its own work last.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::signal::Signal;

/// The next thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<A, H> {
    Ask(A),
    Happened(H),
    Work,
    /// Nothing more comes.
    Stop,
}

/// Asks and happenings that wait for their turn.
pub(super) struct Queue<A, H> {
    asks: RefCell<VecDeque<A>>,
    happened: RefCell<VecDeque<H>>,
    work: Cell<bool>,
    stopped: Cell<bool>,
    changed: Signal,
}

impl<A, H> Queue<A, H> {
    pub(super) fn new() -> Self {
        Self {
            asks: RefCell::default(),
            happened: RefCell::default(),
            work: Cell::new(false),
            stopped: Cell::new(false),
            changed: Signal::default(),
        }
    }

    /// Queues what a person asks; false where the queue was stopped.
    pub(super) fn ask(&self, ask: A) -> bool {
        if self.stopped.get() {
            return false;
        }
        self.asks.borrow_mut().push_back(ask);
        self.changed.notify();
        true
    }

    /// Queues what happened.
    pub(super) fn happened(&self, happened: H) {
        self.happened.borrow_mut().push_back(happened);
        self.changed.notify();
    }

    /// Asks for a slice of work; asking twice before it is done is asking once.
    pub(super) fn work(&self) {
        self.work.set(true);
        self.changed.notify();
    }

    /// Lets what was asked be done, and nothing after it.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
        self.changed.notify();
    }

    /// The next thing to do, once there is one.
    pub(super) async fn next(&self) -> Next<A, H> {
        self.changed.until(|| self.pop()).await
    }

    fn pop(&self) -> Option<Next<A, H>> {
        if let Some(ask) = self.asks.borrow_mut().pop_front() {
            return Some(Next::Ask(ask));
        }
        if self.stopped.get() {
            return Some(Next::Stop);
        }
        if let Some(happened) = self.happened.borrow_mut().pop_front() {
            return Some(Next::Happened(happened));
        }
        self.work.take().then_some(Next::Work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(queue: &Queue<u8, u8>) -> Vec<Next<u8, u8>> {
        let mut all = Vec::new();
        while let Some(next) = queue.pop() {
            let ends = next == Next::Stop;
            all.push(next);
            if ends {
                break;
            }
        }
        all
    }

    #[test]
    fn what_people_ask_comes_before_what_happened_and_work_comes_last() {
        let queue = Queue::new();
        queue.work();
        queue.happened(1);
        queue.happened(2);
        queue.work();
        assert!(queue.ask(3));
        let expected = [
            Next::Ask(3),
            Next::Happened(1),
            Next::Happened(2),
            Next::Work,
        ];
        assert_eq!(drained(&queue), expected);
    }

    #[test]
    fn a_stopped_queue_ends_after_what_was_asked_and_takes_nothing_more() {
        let queue = Queue::new();
        queue.happened(1);
        assert!(queue.ask(2));
        queue.stop();
        assert!(!queue.ask(3));
        assert_eq!(drained(&queue), [Next::Ask(2), Next::Stop]);
    }
}
