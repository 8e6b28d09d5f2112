//! Waiting, in one thread, for something to become true.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Wakes those that wait whenever what they wait for may have changed.
#[derive(Default)]
pub(super) struct Signal {
    wakers: RefCell<Vec<Waker>>,
}

impl Signal {
    /// Lets everybody who waits look again.
    pub(super) fn notify(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    /// Waits until `look` finds something, which it tries at once and after every [`Self::notify`].
    pub(super) async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        poll_fn(|context| match look() {
            Some(found) => Poll::Ready(found),
            None => {
                self.wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}
