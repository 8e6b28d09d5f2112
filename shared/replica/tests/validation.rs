//! The change validator against a hostile member: every attack is built as bytes here, byte by byte where Automerge
//! would not write it, and each is refused without a panic, with operations decoded and memory counted.

#[path = "validation/attacks.rs"]
mod attacks;
#[path = "validation/forge.rs"]
mod forge;
#[path = "validation/graph.rs"]
mod graph;
#[path = "validation/memory.rs"]
mod memory;
#[path = "validation/properties.rs"]
mod properties;
#[path = "validation/world.rs"]
mod world;
