//! The one test binary of this crate: every file beside it is a module named here.

#![allow(
    clippy::unwrap_used,
    reason = "a panic here is a failed test; .clippy.toml reaches test functions only"
)]

mod architecture;
mod branches;
mod browser;
mod byzantine;
mod command_line;
mod membership;
mod simulation;
