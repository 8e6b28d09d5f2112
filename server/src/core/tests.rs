//! The core against the real store, told as stories.

mod access;
mod addresses;
mod charters;
mod deletion;
mod harness;
mod healing;
mod late;
mod leaving;
mod logs;
mod moving;

mod offers;
mod storage;
