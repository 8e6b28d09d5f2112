//! Runs every check and every test.

use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::browser::{self, Browser};
use crate::check;
use crate::javascript;
use crate::process::{self, step};
use crate::programs;
use crate::wasm::Toolchain;
use crate::web::{self, Profile};
use crate::workspace::Workspace;

/// How many seeds the simulation takes where HEQI_SIM_SEEDS does not say.
const SIMULATION_SEEDS: &str = "1000";

/// `cargo xtask test`: gets what is missing, checks, builds, and hands over to `cargo test`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let started = Instant::now();
    let browser = step("browser for the tests", browser::ensure)?;
    let toolchain = Toolchain::ensure()?;
    check::format(workspace)?;
    check::lint_programs(workspace)?;
    check::lint_client(workspace, &toolchain)?;
    let client = step("web client", || {
        web::build(workspace, &toolchain, Profile::WasmTest)
    })?;
    step("programs and tests", || {
        process::run(&mut all_targets(workspace))
    })?;

    let mut cargo = cargo_test(workspace, arguments, &client, &browser);
    if let Some(folder) = javascript::ensure(workspace) {
        cargo.env("HEQI_AUTOMERGE_JS", folder);
    }
    let mut screen = std::io::stdout();
    let (mut tally, passed) = step("tests", || run_and_count(&mut cargo, &mut screen))?;
    let mut failed = (!passed).then(|| process::shown(&cargo));
    // Options name targets that the interface may not have.
    if !arguments.iter().any(|word| word.starts_with('-')) {
        let mut cargo = interface_test(workspace, arguments);
        let (more, passed) = step("tests of the interface", || {
            run_and_count(&mut cargo, &mut screen)
        })?;
        tally.passed += more.passed;
        tally.failed += more.failed;
        if !passed {
            failed = Some(process::shown(&cargo));
        }
    }
    eprintln!("   everything: {}\n", process::spent(started.elapsed()));
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if let Some(command) = failed {
        bail!("`{command}` failed: see above");
    }
    Ok(())
}

/// Builds with the tests' features, so that what `cargo test` runs is built already, programs included.
fn all_targets(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--workspace", "--all-targets"]);
    cargo
}

fn cargo_test(
    workspace: &Workspace,
    arguments: &[String],
    client: &Path,
    browser: &Browser,
) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--locked", "--no-fail-fast"]);
    if !arguments
        .iter()
        .any(|word| word == "-p" || word.starts_with("--package"))
    {
        cargo.arg("--workspace");
    }
    cargo.args(arguments);
    programs::announce(&mut cargo, workspace, "debug", client, browser);
    if std::env::var_os("HEQI_SIM_SEEDS").is_none() {
        cargo.env("HEQI_SIM_SEEDS", SIMULATION_SEEDS);
    }
    cargo
}

/// What the interface does apart from the page, on this machine: its feature is not on elsewhere.
fn interface_test(workspace: &Workspace, arguments: &[String]) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args([
        "test",
        "--locked",
        "--no-fail-fast",
        "--package",
        "heqi-web",
    ]);
    cargo.args(["--features", "ui", "--lib"]);
    match arguments {
        // The rest of its tests needs no feature and has run.
        [] => cargo.arg("ui::"),
        _ => cargo.args(arguments),
    };
    cargo
}

/// Sums of what cargo's summary lines say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 0 ignored; …`; any other line says nothing.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in rest.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

/// Runs the tests, passes on what they print as it comes, and tells the sums and whether cargo was content.
fn run_and_count(cargo: &mut Command, screen: &mut impl Write) -> Result<(Tally, bool)> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let printed = child.stdout.take().context("cargo's output is piped")?;
    let mut tally = Tally::default();
    for line in BufReader::new(printed).split(b'\n') {
        let line = line?;
        tally.add(&String::from_utf8_lossy(&line));
        screen.write_all(&line)?;
        screen.write_all(b"\n")?;
    }
    Ok((tally, child.wait()?.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_sums_the_summary_lines_and_nothing_else() {
        let mut tally = Tally::default();
        for line in [
            "running 4 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s",
            "7 passed; 7 failed",
        ] {
            tally.add(line);
        }
        assert_eq!(
            tally,
            Tally {
                passed: 7,
                failed: 2
            }
        );
    }

    #[test]
    fn failing_program_is_counted_and_told() {
        let line = "test result: FAILED. 1 passed; 1 failed; 0 ignored\n";
        let mut shell = Command::new("sh");
        shell.args(["-c", "printf '%s' \"$0\"; exit 101", line]);
        let mut screen = Vec::new();
        let (tally, passed) = run_and_count(&mut shell, &mut screen).unwrap();
        assert_eq!(screen, line.as_bytes());
        assert_eq!(
            tally,
            Tally {
                passed: 1,
                failed: 1
            }
        );
        assert!(!passed);
    }
}
