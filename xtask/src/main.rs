//! Set-up, build, serve, test and measure: `cargo xtask <command>`.
//!
//! Whatever a command needs and the machine lacks is fetched first where that is possible without asking (Debian's
//! packages, as root), and otherwise named in one command to type. Toolchains of rustup are never changed.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::command::Command;
use crate::workspace::Workspace;

mod apt;
mod bench;
mod browser;
mod check;
mod command;
mod dev;
mod javascript;
mod process;
mod programs;
mod serve;
mod simulation;
mod tests_run;
mod wasm;
mod web;
mod workspace;

fn main() -> ExitCode {
    match run(command::Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask stopped: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::locate()?;
    match command {
        Command::Serve(place) => serve::run(&workspace, &place),
        Command::Dev(place) => dev::run(&workspace, &place),
        Command::Web { profile, out } => web::command(&workspace, profile, out),
        Command::Check => check::run(&workspace),
        Command::Test { arguments } => tests_run::run(&workspace, &arguments),
        Command::Sim { seed, seeds } => simulation::run(&workspace, seed, seeds),
        Command::Bench { arguments } => bench::run(&workspace, &arguments),
    }
}
