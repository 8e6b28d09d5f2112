//! The browser client: the interface (`ui`), the worker that hosts the replica (`worker`), and the
//! versioned messages between them (`wire`).
//!
//! The interface knows records, views and commands; it holds no document, no key and no connection.

#[cfg(feature = "ui")]
pub mod ui;
pub mod wire;
#[cfg(feature = "worker")]
pub mod worker;
