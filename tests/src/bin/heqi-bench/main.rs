//! Measures the product on this machine: a table for people, JSON for programs.
//!
//! Every figure comes from one run, and what is compared is compared within it. Only 127.0.0.1 is spoken to.

mod relay;
mod replica;
mod report;
mod web;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};

use report::Report;

/// Measures relay, replica and web client.
#[derive(Parser)]
#[command(name = "heqi-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the bare durable broadcast that the relay is compared with, until it is killed.
    #[command(hide = true)]
    Bare {
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Args)]
struct RunArgs {
    /// Measures this part alone; may be given several times.
    #[arg(long)]
    only: Vec<Part>,
    /// Smaller loads: to see that it works, not for figures to tell others.
    #[arg(long)]
    quick: bool,
    /// Where the JSON goes; `bench.json` in cargo's target folder if not given.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Relay,
    Replica,
    Web,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Bare { data }) => relay::bare::serve(&data),
        None => measure(&cli.run),
    }
}

fn measure(args: &RunArgs) -> Result<()> {
    let target = target_folder()?;
    let mut report = Report::begin(args.quick);
    let is_wanted = |part| args.only.is_empty() || args.only.contains(&part);
    if is_wanted(Part::Relay) {
        tell("relay", || relay::measure(&mut report, &target, args.quick))?;
    }
    if is_wanted(Part::Replica) {
        tell("replica", || replica::measure(&mut report, args.quick))?;
    }
    if is_wanted(Part::Web) {
        tell("web", || web::measure(&mut report, &target, args.quick))?;
    }
    print!("{}", report.table());
    let json = args
        .json
        .clone()
        .unwrap_or_else(|| target.join("bench.json"));
    std::fs::write(&json, report.json())
        .with_context(|| format!("cannot write {}", json.display()))?;
    println!("JSON: {}", json.display());
    Ok(())
}

fn tell(part: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("measuring {part}");
    let started = Instant::now();
    work().with_context(|| format!("measuring {part} failed"))?;
    eprintln!("  {part}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Cargo's target folder, where programs, client and result are: two levels above this program.
fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let target = program.ancestors().nth(2);
    Ok(target
        .context("this program lies in no target folder")?
        .to_path_buf())
}
