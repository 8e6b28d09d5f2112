//! Progress of summaries: that of the tasks below, weighted by their durations.

use super::outline::Outline;
use crate::record::RecordId;

/// Sums over the tasks at or below a line of the outline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    minutes: i64,
    /// Sum of minutes times percent.
    done: i64,
    tasks: i64,
    percents: i64,
}

/// Totals of every line of an outline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rollup {
    lines: Vec<Totals>,
}

impl Totals {
    pub(crate) fn of_task(minutes: i64, percent: u8) -> Self {
        Self {
            minutes,
            done: minutes * i64::from(percent),
            tasks: 1,
            percents: i64::from(percent),
        }
    }

    /// 0 to 100, rounded down: 100 only when all is done. Where nothing has a duration, all tasks count alike.
    pub(crate) fn percent(&self) -> u8 {
        let (sum, weight) = match self.minutes {
            0 => (self.percents, self.tasks),
            minutes => (self.done, minutes),
        };
        u8::try_from(sum.checked_div(weight).unwrap_or(0).clamp(0, 100)).unwrap_or(0)
    }

    fn add(&mut self, other: Self, sign: i64) {
        self.minutes += sign * other.minutes;
        self.done += sign * other.done;
        self.tasks += sign * other.tasks;
        self.percents += sign * other.percents;
    }
}

impl Rollup {
    pub(crate) fn build(outline: &Outline, of_leaf: impl Fn(RecordId) -> Totals) -> Self {
        let mut lines = vec![Totals::default(); outline.order.len()];
        for (at, place) in outline.lines.iter().enumerate().rev() {
            if !place.has_children() {
                lines[at] = of_leaf(outline.order[at]);
            }
            if let Some(parent) = place.parent.and_then(|p| outline.place(p)) {
                let own = lines[at];
                lines[parent.at].add(own, 1);
            }
        }
        Self { lines }
    }

    /// Takes over a leaf's new totals; the summaries above it, if that changed anything.
    pub(crate) fn update(
        &mut self,
        outline: &Outline,
        leaf: RecordId,
        totals: Totals,
    ) -> Vec<RecordId> {
        let Some(at) = outline.place(leaf).map(|p| p.at) else {
            return Vec::new();
        };
        let old = std::mem::replace(&mut self.lines[at], totals);
        if old == totals {
            return Vec::new();
        }
        let above = outline.ancestors(leaf);
        for line in above.iter().filter_map(|a| outline.place(*a)) {
            self.lines[line.at].add(old, -1);
            self.lines[line.at].add(totals, 1);
        }
        above
    }

    pub(crate) fn percent(&self, line: usize) -> u8 {
        self.lines.get(line).map_or(0, Totals::percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_done_only_when_all_below_it_is() {
        let mut sum = Totals::of_task(1_000_000, 100);
        sum.add(Totals::of_task(1, 0), 1);
        assert_eq!(sum.percent(), 99);
    }

    #[test]
    fn tasks_without_duration_count_alike() {
        let mut sum = Totals::of_task(0, 100);
        sum.add(Totals::of_task(0, 0), 1);
        assert_eq!((sum.percent(), Totals::default().percent()), (50, 0));
    }
}
