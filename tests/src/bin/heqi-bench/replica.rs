//! The replica in this process: opening a large plan, merging changes, joining.

pub(crate) mod lab;
pub(crate) mod workload;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use heqi_replica::{Reply, Request};

use self::lab::{LONG, Lab};
use crate::report::{Report, median};

/// Building stops here, and the figures say how far it came.
const BUILD_TIME_MAX: Duration = Duration::from_secs(300);
/// Edits that go out in one envelope while the plan is built.
const EDITS_PER_ENVELOPE: usize = 20;

struct Size {
    tasks: usize,
    edits: usize,
    lone_changes: usize,
}

/// Builds a plan and measures what replicas do with it.
pub(crate) fn measure(report: &mut Report, quick: bool) -> Result<()> {
    let size = match quick {
        false => Size {
            tasks: 5_000,
            edits: 100_000,
            lone_changes: 30,
        },
        true => Size {
            tasks: 1_000,
            edits: 4_000,
            lone_changes: 10,
        },
    };
    let mut lab = Lab::begin()?;
    let built = build(&mut lab, &size)?;
    let of = format!("{} tasks, {} edits, each a change", size.tasks, built.edits);
    report.add(
        "replica.local_edit_ms",
        "replica: one local edit to its view difference",
        built.seconds * 1000.0 / built.edits as f64,
        "ms",
    );
    report.note(&format!("mean of {} while the plan was built", built.edits));
    if built.edits < size.edits {
        report.note(&format!(
            "stopped after {:.0} s at {} of {} edits: the figures below are of that plan",
            BUILD_TIME_MAX.as_secs_f64(),
            built.edits,
            size.edits
        ));
    }
    open(report, &mut lab, &of)?;
    join(report, &mut lab, &of)?;
    merge(report, &mut lab, &size)
}

struct Built {
    edits: usize,
    seconds: f64,
}

/// Imports a plan and edits it, an envelope after the other acknowledged by a relay in memory.
fn build(lab: &mut Lab, size: &Size) -> Result<Built> {
    let plan = workload::plan(size.tasks);
    lab.import(&plan)?;
    lab.settle()?;
    let started = Instant::now();
    let mut built = Built {
        edits: 0,
        seconds: 0.0,
    };
    for (number, (task, edit)) in workload::edits(&plan).take(size.edits).enumerate() {
        let asked = Instant::now();
        lab.set(task, edit);
        lab.run()?;
        built.seconds += asked.elapsed().as_secs_f64();
        built.edits += 1;
        if (number + 1) % EDITS_PER_ENVELOPE == 0 {
            lab.settle()?;
        }
        if started.elapsed() > BUILD_TIME_MAX {
            break;
        }
    }
    lab.settle()?;
    ensure!(built.edits > 0, "there was no time for a single edit");
    Ok(built)
}

fn open(report: &mut Report, lab: &mut Lab, of: &str) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..3 {
        times.push(lab.time_to_open()?.as_secs_f64() * 1000.0);
    }
    report.add(
        "replica.open_ms",
        "replica: opening its store",
        median(&times),
        "ms",
    );
    report.note(of);
    Ok(())
}

/// A second device joins with nothing.
fn join(report: &mut Report, lab: &mut Lab, of: &str) -> Result<()> {
    let save = automerge_bytes(lab)?;
    let work = lab.join()?;
    let bytes = lab.received[1] as f64;
    report.add(
        "replica.join_bytes",
        "cold join: bytes received",
        bytes,
        "B",
    );
    report.note(&format!(
        "{of}; the whole log, for there are no snapshots yet"
    ));
    report.add(
        "replica.save_bytes",
        "Automerge save of the same plan",
        save as f64,
        "B",
    );
    report.add(
        "replica.join_ratio",
        "cold join / Automerge save",
        bytes / save as f64,
        "",
    );
    report.add(
        "replica.join_s",
        "cold join: the replica's own time",
        work.total.as_secs_f64(),
        "s",
    );
    report.note(&format!(
        "decrypting, validating, applying; {:.1} s of it in slices above {} ms, the longest {:.0} ms",
        work.in_long.as_secs_f64(),
        LONG.as_millis(),
        work.longest.as_secs_f64() * 1000.0
    ));
    Ok(())
}

/// The second device gets what the first one edits.
fn merge(report: &mut Report, lab: &mut Lab, size: &Size) -> Result<()> {
    let plan = workload::plan(size.tasks);
    let mut edits = workload::edits(&plan).skip(size.edits);
    let mut times = Vec::new();
    for (task, edit) in edits.by_ref().take(size.lone_changes) {
        lab.set(task, edit);
        times.push(lab.merge_at_second()?.until_view.as_secs_f64() * 1000.0);
    }
    report.add(
        "replica.one_change_ms",
        "replica: one remote change to its view difference",
        median(&times),
        "ms",
    );
    report.note(&format!("median of {}", times.len()));
    lab.acknowledge_first()?;
    let mut count = 0;
    for (task, edit) in edits.take(1000) {
        lab.set(task, edit);
        lab.run()?;
        count += 1;
        if count % EDITS_PER_ENVELOPE == 0 {
            lab.acknowledge_first()?;
        }
    }
    let work = lab.merge_at_second()?;
    report.add(
        "replica.thousand_changes_ms",
        "replica: 1,000 remote changes to the last view difference",
        work.until_view.as_secs_f64() * 1000.0,
        "ms",
    );
    report.note(&format!(
        "{EDITS_PER_ENVELOPE} an envelope; the longest slice {:.1} ms",
        work.longest.as_secs_f64() * 1000.0
    ));
    ensure!(lab.agree(), "both devices see the same plan");
    Ok(())
}

/// Size of the plan as Automerge saves it.
fn automerge_bytes(lab: &mut Lab) -> Result<usize> {
    let reply = lab.ask(Request::Archive)?;
    let Reply::Archive(archive) = reply else {
        anyhow::bail!("no archive but {reply:?}");
    };
    let saved = archive
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".automerge"));
    Ok(saved.map(|(_, content)| content.len()).sum())
}
