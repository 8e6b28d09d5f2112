//! `cargo +nightly fuzz run envelope` reads arbitrary bytes as an envelope and verifies it.

#![no_main]
#![allow(dead_code, reason = "each target uses a part of what the tests check")]

#[path = "../../tests/wire/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::envelope(bytes));
