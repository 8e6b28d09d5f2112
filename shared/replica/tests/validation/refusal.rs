//! Honest changes with one lie in them, and how they are refused.

use heqi_replica::validate::Refused;

use crate::forge::{Forged, Row};
use crate::memory::peak_bytes;
use crate::world::{World, forged, row};

/// What refusing before decoding may hold at once.
pub(crate) const BEFORE_DECODING_BYTES_MAX: usize = 4 << 10;

pub(crate) fn refusal(bytes: &[u8]) -> Refused {
    let mut world = World::new();
    let refused = world.check(bytes).expect_err("the attack was let through");
    assert!(world.validator.take_valid().is_empty());
    refused
}

/// Refuses without decoding an operation or holding more than a few kilobytes.
pub(crate) fn refusal_before_decoding(bytes: &[u8]) -> Refused {
    let mut world = World::new();
    let (result, peak) = peak_bytes(|| world.check(bytes));
    assert_eq!(world.validator.operations_decoded(), 0);
    assert!(peak <= BEFORE_DECODING_BYTES_MAX, "{peak} bytes held");
    result.expect_err("the attack was let through")
}

pub(crate) fn with_row(change: impl FnOnce(&mut Row)) -> Vec<u8> {
    let mut row = row(3, "name", "Piling");
    change(&mut row);
    forged(&[row]).bytes()
}

pub(crate) fn with_header(change: impl FnOnce(&mut Forged)) -> Vec<u8> {
    let mut forged = forged(&[row(3, "name", "Piling")]);
    change(&mut forged);
    forged.bytes()
}
