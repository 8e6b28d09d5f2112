//! The core against the real store, told as stories.

mod charters;
mod harness;
mod healing;
mod logs;
mod storage;
