//! The one test binary of this crate: every file beside it is a module named here.

mod architecture;
mod simulation;
