//! `cargo +nightly fuzz run entry` reads arbitrary bytes as a charter entry and tries to found a venture with it.

#![no_main]
#![allow(dead_code, reason = "each target uses a part of what the tests check")]

#[path = "../../tests/wire/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::entry(bytes));
