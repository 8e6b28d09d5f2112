//! How many edits a real replica seals into one envelope at the pace of a busy device.

use anyhow::{Result, ensure};
use heqi_domain::plan::FieldEdit;
use heqi_protocol::{Envelope, ToRelay};

use crate::replica::lab::Lab;
use crate::replica::workload;

/// What tools that share documents are loaded with in public comparisons: 16,000 a second over 40 connections.
const EDITS_PER_SECOND: u64 = 400;
const SECONDS: u64 = 2;
const TASKS: usize = 200;

/// The envelopes that came of it.
pub(crate) struct Coalesced {
    pub(crate) edits_per_second: u64,
    pub(crate) edits_per_envelope: f64,
    /// At the median.
    pub(crate) ciphertext_bytes: usize,
}

/// Lets one device make edits at that pace on the replica's own clock and looks at what it sends.
pub(crate) fn measure() -> Result<Coalesced> {
    let mut lab = Lab::begin()?;
    let plan = workload::plan(TASKS);
    lab.import(&plan)?;
    lab.settle()?;
    lab.sent = Some(Vec::new());
    let start = lab.now;
    for number in 0..EDITS_PER_SECOND * SECONDS {
        lab.now = start + number * 1000 / EDITS_PER_SECOND;
        let task = plan.source.record(1 + (number as usize * 7 % TASKS) as i64);
        lab.set(
            task,
            FieldEdit::Name(format!("Pile cap {number} of the north pier")),
        );
        lab.run()?;
    }
    lab.settle()?;
    let frames = lab.sent.take().unwrap_or_default();
    let mut sizes = Vec::new();
    for frame in frames {
        if let Ok(ToRelay::Append(bytes)) = ToRelay::decode(&frame) {
            sizes.push(Envelope::decode(bytes.into_vec())?.ciphertext().len());
        }
    }
    ensure!(!sizes.is_empty(), "the replica sent no envelope");
    sizes.sort_unstable();
    Ok(Coalesced {
        edits_per_second: EDITS_PER_SECOND,
        edits_per_envelope: (EDITS_PER_SECOND * SECONDS) as f64 / sizes.len() as f64,
        ciphertext_bytes: sizes[sizes.len() / 2],
    })
}
