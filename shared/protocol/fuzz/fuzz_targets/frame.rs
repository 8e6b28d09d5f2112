//! `cargo +nightly fuzz run frame` reads arbitrary bytes as a frame of either direction.

#![no_main]
#![allow(dead_code, reason = "each target uses a part of what the tests check")]

#[path = "../../tests/wire/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::frame(bytes));
