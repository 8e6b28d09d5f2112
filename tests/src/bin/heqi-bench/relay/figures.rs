//! What the rounds say.

use super::coalescing::Coalesced;
use super::measured::{Measured, medians, split};
use super::server::Metrics;
use super::{DEVICES, VENTURES, WINDOW};
use crate::report::{Goal, Report, median};

/// A round of the relay, then one of the bare broadcast.
type Pair = [Measured; 2];

/// Throughput and cost of both, and how they compare.
pub(crate) fn of_envelopes(report: &mut Report, rounds: &[Pair]) {
    let relay = rounds.iter().map(|[relay, _]| relay);
    let bare = rounds.iter().map(|[_, bare]| bare);
    let (frames, bytes) = rounds
        .first()
        .map_or((0.0, 0), |[relay, _]| (relay.frames, relay.frame_bytes));
    let per_second = medians(relay.clone(), Measured::per_second);
    let label = "relay: envelopes/s, durable, acknowledged";
    report.add("relay.envelopes_per_s", label, per_second, "/s");
    report.note(&format!(
        "{} connections on {VENTURES} documents, {WINDOW} in flight each, frames of {bytes} bytes, median of {} \
         alternating rounds of {frames}",
        VENTURES * DEVICES,
        rounds.len(),
    ));
    let per_second = medians(bare.clone(), Measured::per_second);
    let label = "bare durable broadcast: messages/s";
    report.add("bare.messages_per_s", label, per_second, "/s");
    report.note("tokio-tungstenite, redb in the same commit mode, one strict signature check each");
    let ratios: Vec<_> = rounds
        .iter()
        .map(|[relay, bare]| relay.per_second() / bare.per_second())
        .collect();
    let label = "relay / bare, envelopes/s";
    report.add("relay.ratio", label, median(&ratios), "");
    report.goal(Goal::AtLeast(0.4));
    let spread = ratios.iter().map(|ratio| format!("{ratio:.2}"));
    let spread = spread.collect::<Vec<_>>().join(" ");
    report.note(&format!("by rounds: {spread}"));
    let (cost, bare_cost) = (
        medians(relay.clone(), Measured::cost),
        medians(bare.clone(), Measured::cost),
    );
    let label = "relay: CPU per 10,000 envelopes";
    report.add("relay.cpu_s_per_10k_envelopes", label, cost, "s");
    report.note(&split(relay));
    let label = "bare: CPU per 10,000 messages";
    report.add("bare.cpu_s_per_10k_messages", label, bare_cost, "s");
    report.note(&split(bare));
    let label = "bare CPU / relay CPU, each envelope";
    report.add("relay.ratio_by_cpu", label, bare_cost / cost, "");
    report.note("the ratio if the servers' processor time alone counted");
}

/// How the relay's writer was busy: it commits one batch after the other.
pub(crate) fn of_commits(report: &mut Report, rounds: &[Pair], before: &Metrics, after: &Metrics) {
    let grown = |name: &str| after.value(name) - before.value(name);
    let commits = grown("heqi_batch_seconds_count").max(1.0);
    let seconds = grown("heqi_batch_seconds_sum");
    let wall: f64 = rounds.iter().map(|[relay, _]| relay.seconds).sum();
    let per_commit = grown("heqi_appended_total") / commits;
    let label = "relay: envelopes per commit";
    report.add("relay.envelopes_per_commit", label, per_commit, "");
    report.note(&format!(
        "{:.1} ms a commit; the writer is at one for {:.0} % of the time",
        seconds / commits * 1000.0,
        seconds / wall * 100.0
    ));
    let (mut frames, mut commits, mut wall) = (0.0, 0.0, 0.0);
    for [_, bare] in rounds {
        frames += bare.frames;
        commits += bare.commits;
        wall += bare.seconds;
    }
    let label = "bare: messages per commit";
    report.add("bare.messages_per_commit", label, frames / commits, "");
    report.note(&format!(
        "{:.1} ms from one to the next",
        wall / commits * 1000.0
    ));
}

/// What envelopes that hold several edits make of it.
pub(crate) fn of_edits(
    report: &mut Report,
    coalesced: &Coalesced,
    rounds: &[Pair],
    batches: &[Measured],
) {
    let edits = coalesced.edits_per_envelope;
    let per_second = medians(batches.iter(), Measured::per_second) * edits;
    let label = "relay: edits/s, coalesced";
    report.add("relay.edits_per_s", label, per_second, "/s");
    report.note(&format!(
        "{edits:.1} an envelope: what a real replica seals within 50 ms at {} edits/s; {} bytes of ciphertext",
        coalesced.edits_per_second, coalesced.ciphertext_bytes
    ));
    let cost = medians(batches.iter(), Measured::cost) / edits;
    let label = "relay: CPU per 10,000 edits, coalesced";
    report.add("relay.cpu_s_per_10k_edits", label, cost, "s");
    report.note(&format!(
        "of 10,000 envelopes of that size: {}",
        split(batches.iter())
    ));
    let alone = medians(rounds.iter().map(|[relay, _]| relay), Measured::cost);
    let label = "relay: CPU per 10,000 edits, one an envelope";
    report.add("relay.cpu_s_per_10k_lone_edits", label, alone, "s");
}
