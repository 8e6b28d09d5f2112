//! The interface.

/// Mounts the interface on the page.
pub fn start() {}
