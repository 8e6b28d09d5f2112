//! The log of a document as it is, and as one device is shown it: some entries left out, some changed, the chain anew.

use std::collections::BTreeMap;

use heqi_protocol::log::{Point, chain_next};
use heqi_protocol::{Envelope, Hash};

/// An entry of the honest relay's log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) charter_position: u64,
    pub(super) envelope: Hash,
}

/// What a device is shown in the place of an envelope.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    Nothing,
    /// This one, which nobody has signed.
    Instead(Box<Envelope>),
}

/// What one device is shown otherwise than it is, by the hash of the envelope.
pub(super) type Tale = BTreeMap<Hash, Shown>;

/// Where a history that is told by a tale stands after each entry of the log that it shows: first the place in the log,
/// then the place in the history.
fn places(start: Hash, log: &[Place], tale: &Tale) -> Vec<(u64, Point)> {
    let mut point = Point {
        seq: 0,
        chain: start,
    };
    let mut places = vec![(0, point)];
    for (seq, place) in (1..).zip(log) {
        let envelope = match tale.get(&place.envelope) {
            None => place.envelope,
            Some(Shown::Instead(other)) => other.hash(),
            Some(Shown::Nothing) => continue,
        };
        point = Point {
            seq: point.seq + 1,
            chain: chain_next(point.chain, envelope, place.charter_position),
        };
        places.push((seq, point));
    }
    places
}

/// The place in the history where the log stands at `seq`.
pub(super) fn told_at(start: Hash, log: &[Place], tale: &Tale, seq: u64) -> Point {
    let places = places(start, log, tale);
    let before = places.partition_point(|(at, _)| *at <= seq);
    places[before - 1].1
}

/// The place in the log of a place in the history; `None` where the history does not have it any more.
pub(super) fn meant_by(start: Hash, log: &[Place], tale: &Tale, point: Point) -> Option<Point> {
    let places = places(start, log, tale);
    let (seq, _) = places.into_iter().find(|(_, told)| *told == point)?;
    Some(told_at(start, log, &Tale::new(), seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(envelopes: &[u8]) -> Vec<Place> {
        let place = |byte: &u8| Place {
            charter_position: 1,
            envelope: Hash([*byte; 32]),
        };
        envelopes.iter().map(place).collect()
    }

    #[test]
    fn a_history_without_an_entry_is_the_log_of_the_others() {
        let (start, whole, rest) = (Hash([9; 32]), log(&[1, 2, 3]), log(&[1, 3]));
        let (tale, nothing) = (Tale::from([(Hash([2; 32]), Shown::Nothing)]), Tale::new());
        for (seq, shown) in [(0, 0), (1, 1), (2, 1), (3, 2)] {
            let point = told_at(start, &whole, &tale, seq);
            assert_eq!(point, told_at(start, &rest, &nothing, shown));
            assert_eq!(point.seq, shown);
        }
        let newest = told_at(start, &whole, &tale, 3);
        let there = told_at(start, &whole, &nothing, 3);
        assert_eq!(meant_by(start, &whole, &tale, newest), Some(there));
        assert_eq!(meant_by(start, &whole, &tale, there), None);
    }
}
