//! The change validator against a hostile member: every attack is built as bytes here, byte by byte where Automerge
//! would not write it, and each is refused without a panic, with operations decoded and memory counted.

#![allow(
    clippy::unwrap_used,
    reason = "a panic here is a failed test; .clippy.toml reaches test functions only"
)]

#[path = "validation/chunk.rs"]
mod chunk;
#[path = "validation/forge.rs"]
mod forge;
#[path = "validation/graph.rs"]
mod graph;
#[path = "validation/memory.rs"]
mod memory;
#[path = "validation/operations.rs"]
mod operations;
#[path = "validation/properties.rs"]
mod properties;
#[path = "validation/refusal.rs"]
mod refusal;
#[path = "validation/world.rs"]
mod world;
