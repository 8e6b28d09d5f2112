//! Runs the simulation from a given seed.

use anyhow::Result;

use crate::process;
use crate::programs;
use crate::workspace::Workspace;

/// `cargo xtask sim`: `seeds` runs from `seed` on, everything they print shown.
pub(crate) fn run(workspace: &Workspace, seed: u64, seeds: u64) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--package", "heqi-tests", "--test", "end_to_end"]);
    cargo.args(["--", "simulation", "membership::chaos", "--nocapture"]);
    cargo
        .env("HEQI_SIM_SEED", seed.to_string())
        .env("HEQI_SIM_SEEDS", seeds.to_string());
    programs::announce_data(&mut cargo, workspace);
    process::run(&mut cargo)
}
