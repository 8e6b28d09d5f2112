//! What people know: records, commands, views and merge rules. No IO, no CRDT, no clock.

mod record;

pub use record::{Author, Authors, Candidate, History, Op, RecordId, Value, Write};
