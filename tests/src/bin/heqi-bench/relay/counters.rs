//! Processor time and memory of a process, as Linux tells them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The threads of the async runtime begin their names so.
const RUNTIME_THREAD: &str = "tokio-";

/// Seconds of processor time, to the nanosecond: what the scheduler gave each thread that still runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) total: f64,
    /// Of the threads that are not the async runtime's: the one that writes.
    pub(crate) writer: f64,
}

impl Counters {
    /// Those of the process with this id.
    pub(crate) fn of(id: u32) -> Result<Self> {
        let threads = Path::new("/proc").join(id.to_string()).join("task");
        let threads = fs::read_dir(threads)
            .context("this system does not tell a process's processor time")?;
        let mut counters = Self::default();
        for thread in threads {
            let thread = thread.context("cannot list threads")?.path();
            let name = fs::read_to_string(thread.join("comm"));
            let times = fs::read_to_string(thread.join("schedstat"));
            let (Ok(name), Ok(times)) = (name, times) else {
                // It has ended since.
                continue;
            };
            let spent = times
                .split(' ')
                .next()
                .and_then(|it| it.parse::<f64>().ok());
            let seconds = spent.context("a schedstat file without times")? / 1e9;
            counters.total += seconds;
            if !name.starts_with(RUNTIME_THREAD) {
                counters.writer += seconds;
            }
        }
        Ok(counters)
    }

    /// Those of this process.
    pub(crate) fn own() -> Result<Self> {
        Self::of(std::process::id())
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            total: self.total - before.total,
            writer: self.writer - before.writer,
        }
    }
}

/// Bytes of memory that the process has resident.
pub(crate) fn resident_bytes(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))
        .context("this system does not tell a process's memory")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .context("no VmRSS in /proc/…/status")?;
    Ok(kib * 1024)
}
