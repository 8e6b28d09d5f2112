//! The relay: admission, durable log, fan-out. It carries sealed changes it cannot read.
//!
//! ```text
//! connection → request (read, verify) → core (admission) → log (one commit) → acknowledgement, fan-out → connection
//! ```

pub mod admission;
pub mod core;
pub mod fanout;
#[cfg(any(test, feature = "fixture"))]
pub mod image;
pub mod log;
pub mod request;
pub mod serve;

pub use crate::core::{Core, Input, Options, Origin, Tally};
pub use fanout::{ConnId, Meter, Out};
pub use request::Request;
