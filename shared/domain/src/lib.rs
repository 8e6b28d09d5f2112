//! What people know: records, commands, views and merge rules. No IO, no CRDT, no clock, no randomness.

mod digest;
pub mod import;
pub mod limits;
pub mod mspdi;
pub mod order;
pub mod plan;
pub mod quantity;
mod record;
mod settle;
mod stamp;
mod standing;
mod store;
pub mod time;

pub use record::{Author, Authors, Candidate, Entropy, History, Op, RecordId, Value, Write};
