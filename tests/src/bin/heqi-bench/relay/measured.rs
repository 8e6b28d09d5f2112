//! What one round of one server took.

use anyhow::Result;
use tokio::runtime::Runtime;

use super::counters::Counters;
use super::lane::{Lane, Load, Round};
use super::server::Server;
use super::{DEVICES, WINDOW};
use crate::report::median;

/// Counts of one round.
pub(crate) struct Measured {
    pub(crate) frames: f64,
    pub(crate) frame_bytes: usize,
    pub(crate) seconds: f64,
    /// As far as the server tells on its connections.
    pub(crate) commits: f64,
    server: Counters,
    clients: Counters,
}

impl Measured {
    /// Runs a round: every load over its connection.
    pub(crate) fn take(
        runtime: &Runtime,
        server: &Server,
        lanes: &mut Vec<Lane>,
        loads: Vec<Load>,
    ) -> Result<Self> {
        let frames = loads.iter().map(Load::len).sum::<usize>();
        let frame_bytes = loads.first().map_or(0, Load::frame_bytes);
        let round = Round {
            window: WINDOW,
            // What each other device of the group sends.
            fan_in: (DEVICES - 1) as usize,
        };
        let commits = |lanes: &[Lane]| lanes.iter().map(Lane::commits).max().unwrap_or_default();
        let commits_before = commits(lanes);
        let (server_before, clients_before) = (server.counters()?, Counters::own()?);
        let seconds = runtime.block_on(round.run(lanes, loads))?;
        Ok(Self {
            frames: frames as f64,
            frame_bytes,
            seconds,
            commits: (commits(lanes) - commits_before) as f64,
            server: server.counters()?.since(&server_before),
            clients: Counters::own()?.since(&clients_before),
        })
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.frames / self.seconds
    }

    /// Seconds of processor time of the server for 10,000 frames.
    pub(crate) fn cost(&self) -> f64 {
        self.server.total * 10_000.0 / self.frames
    }

    /// The part of it that its one writing thread spent.
    fn cost_of_writer(&self) -> f64 {
        self.server.writer * 10_000.0 / self.frames
    }

    fn cost_of_load(&self) -> f64 {
        self.clients.total * 10_000.0 / self.frames
    }
}

/// The median over rounds.
pub(crate) fn medians<'a>(
    rounds: impl Iterator<Item = &'a Measured>,
    of: fn(&Measured) -> f64,
) -> f64 {
    median(&rounds.map(of).collect::<Vec<_>>())
}

/// Where the processor time of some rounds went, at the median.
pub(crate) fn split<'a>(rounds: impl Iterator<Item = &'a Measured> + Clone) -> String {
    let writer = medians(rounds.clone(), Measured::cost_of_writer);
    let all = medians(rounds.clone(), Measured::cost);
    format!(
        "writer thread {writer:.3}, connections {:.3}; the load itself {:.3}",
        all - writer,
        medians(rounds, Measured::cost_of_load)
    )
}
