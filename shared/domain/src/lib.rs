//! What people know: records, commands, views and merge rules. No IO, no CRDT, no clock, no randomness.

pub mod import;
pub mod limits;
pub mod mspdi;
pub mod plan;
pub mod quantity;
mod record;
pub mod time;

pub use record::{Author, Authors, Candidate, History, Op, RecordId, Value, Write};
