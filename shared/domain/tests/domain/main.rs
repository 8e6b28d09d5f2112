//! The domain as a replica uses it, against a reference model of a document with multi-value registers.

mod convergence;
mod imports;
mod model;
mod stories;
mod undo;
