//! The domain as a replica uses it, against a reference model of a document with multi-value registers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod convergence;
mod imports;
mod model;
mod standing;
mod stories;
mod undo;
