//! Counts in the Prometheus text format.

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Tally;

const COMMIT_SECONDS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
];
const BATCH_INPUTS: [f64; 7] = [1.0, 4.0, 16.0, 64.0, 256.0, 512.0, 1024.0];

/// What the writer has counted so far.
#[derive(Debug, Default)]
pub struct Metrics {
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    tally: Tally,
    commit_seconds: Histogram<10>,
    batch_inputs: Histogram<7>,
}

impl Metrics {
    /// Notes one batch, and how long it took where it was committed.
    pub fn note(&self, tally: &Tally, inputs: usize, committed: Option<Duration>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.tally.clone_from(tally);
        if let Some(took) = committed {
            counted
                .commit_seconds
                .note(&COMMIT_SECONDS, took.as_secs_f64());
            counted.batch_inputs.note(&BATCH_INPUTS, inputs as f64);
        }
    }

    /// The page, with the number of connections that are open.
    pub fn text(&self, connections: usize) -> String {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = &counted.tally;
        let mut page = String::new();
        line(&mut page, "connections", "gauge", connections as u64);
        let counters = [
            ("inputs_total", tally.inputs),
            ("commits_total", tally.commits),
            ("appended_total", tally.appended),
            ("appended_bytes_total", tally.appended_bytes),
            ("duplicates_total", tally.duplicates),
            ("restored_total", tally.restored),
            ("acks_total", tally.acks),
            ("charter_entries_total", tally.charter_entries),
            ("rereads_total", tally.rereads),
            ("reincarnations_total", tally.reincarnations),
            ("ventures_brought_total", tally.brought),
            ("documents_deleted_total", tally.dropped),
        ];
        for (name, value) in counters {
            line(&mut page, name, "counter", value);
        }
        for (name, label, counts) in [
            ("nacks_total", "reason", &tally.nacks),
            ("refused_total", "misbehaviour", &tally.refused),
        ] {
            push(&mut page, format_args!("# TYPE heqi_{name} counter\n"));
            for (value, count) in counts {
                push(
                    &mut page,
                    format_args!("heqi_{name}{{{label}=\"{value}\"}} {count}\n"),
                );
            }
        }
        counted
            .commit_seconds
            .text(&mut page, "batch_seconds", &COMMIT_SECONDS);
        counted
            .batch_inputs
            .text(&mut page, "batch_inputs", &BATCH_INPUTS);
        page
    }
}

#[derive(Debug)]
struct Histogram<const N: usize> {
    counts: [u64; N],
    count: u64,
    sum: f64,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self {
            counts: [0; N],
            count: 0,
            sum: 0.0,
        }
    }
}

impl<const N: usize> Histogram<N> {
    fn note(&mut self, bounds: &[f64; N], value: f64) {
        for (count, bound) in self.counts.iter_mut().zip(bounds) {
            *count += u64::from(value <= *bound);
        }
        self.count += 1;
        self.sum += value;
    }

    fn text(&self, page: &mut String, name: &str, bounds: &[f64; N]) {
        push(page, format_args!("# TYPE heqi_{name} histogram\n"));
        for (count, bound) in self.counts.iter().zip(bounds) {
            push(
                page,
                format_args!("heqi_{name}_bucket{{le=\"{bound}\"}} {count}\n"),
            );
        }
        let (count, sum) = (self.count, self.sum);
        push(
            page,
            format_args!("heqi_{name}_bucket{{le=\"+Inf\"}} {count}\n"),
        );
        push(
            page,
            format_args!("heqi_{name}_sum {sum}\nheqi_{name}_count {count}\n"),
        );
    }
}

fn line(page: &mut String, name: &str, kind: &str, value: u64) {
    push(
        page,
        format_args!("# TYPE heqi_{name} {kind}\nheqi_{name} {value}\n"),
    );
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text)
        .expect("writing to memory does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_each_value_in_all_buckets_above_it() {
        let metrics = Metrics::default();
        let took = Some(Duration::from_millis(3));
        metrics.note(&Tally::default(), 5, took);
        let page = metrics.text(2);
        assert!(page.contains("heqi_connections 2\n"));
        assert!(page.contains("heqi_batch_seconds_bucket{le=\"0.0025\"} 0\n"));
        assert!(page.contains("heqi_batch_seconds_bucket{le=\"0.005\"} 1\n"));
        assert!(page.contains("heqi_batch_inputs_bucket{le=\"16\"} 1\n"));
        assert!(page.contains("heqi_batch_inputs_count 1\n"));
    }
}
