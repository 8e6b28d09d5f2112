//! What end-to-end tests and benchmarks are made of.
//!
//! [`chrome::Chrome`] opens windows of a real browser.
//! [`net::Net`] runs real replicas and a real relay core, on a redb store in memory, through a network and a clock of
//! its own: everything that happens follows from a seed. [`commands::Draw`] draws what members do to a plan, and
//! [`model::Model`] says independently what must come of it.
//! [`hostile::HostileRelay`] is a host that deceives a member, on a real socket.

pub mod chrome;
pub mod commands;
pub mod device;
pub mod hostile;
pub mod model;
pub mod net;
pub mod seeds;
