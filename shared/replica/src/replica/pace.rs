//! How much is applied at once. The replica has no clock: a shell that cannot wait long tells how long a slice took, and
//! the next ones are cut to fit. Where no shell tells, slices have one length, whatever the machine.

/// Changes applied in one slice, unless one envelope holds more.
pub(super) const SLICE_CHANGES_MAX: usize = 24;
/// Below this, what each slice costs whatever it holds would be most of it.
const SLICE_CHANGES_MIN: usize = 4;
/// What a slice is to take, in microseconds: half a frame, so that a local edit still makes it into the next one.
const SLICE_US: u64 = 8_000;

/// The length of slices.
#[derive(Debug)]
pub(super) struct Pace {
    /// Changes that the next slice may hold.
    pub(super) changes_max: usize,
    /// Changes that the last slice held.
    pub(super) changes: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            changes_max: SLICE_CHANGES_MAX,
            changes: 0,
        }
    }
}

impl Pace {
    /// The last slice took so long. Shorter ones follow at once, longer ones by and by.
    pub(super) fn took(&mut self, slice_us: u64) {
        if self.changes == 0 {
            return;
        }
        let changes = self.changes as u64;
        let fitting = changes * SLICE_US / slice_us.max(1);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX);
        let next = fitting.min(self.changes_max + 1);
        self.changes_max = next.clamp(SLICE_CHANGES_MIN, SLICE_CHANGES_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slices as long as they may be, on a machine that needs so long for each and for each change in it.
    fn slices(slice_us: u64, change_us: u64, count: usize) -> Vec<usize> {
        let mut pace = Pace::default();
        let slice = |_| {
            pace.changes = pace.changes_max;
            pace.took(slice_us + pace.changes as u64 * change_us);
            pace.changes_max
        };
        (0..count).map(slice).collect()
    }

    #[test]
    fn slices_of_a_slow_machine_soon_fit() {
        for changes in &slices(500, 1_000, 10)[2..] {
            assert!((6..=8).contains(changes), "{changes}");
        }
    }

    #[test]
    fn slices_of_a_fast_machine_stay_whole() {
        assert!(slices(500, 100, 10).iter().all(|c| *c == SLICE_CHANGES_MAX));
    }

    #[test]
    fn one_slow_slice_is_not_held_against_the_next_for_ever() {
        let mut pace = Pace {
            changes: SLICE_CHANGES_MAX,
            ..Pace::default()
        };
        pace.took(80_000);
        assert_eq!(pace.changes_max, SLICE_CHANGES_MIN);
        for _ in 0..SLICE_CHANGES_MAX {
            pace.changes = pace.changes_max;
            pace.took(1_000);
        }
        assert_eq!(pace.changes_max, SLICE_CHANGES_MAX);
    }
}
