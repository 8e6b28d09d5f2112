//! Runs every check and every test.

use std::io::{BufRead as _, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::browser::{self, Browser};
use crate::check;
use crate::javascript;
use crate::process::{self, step};
use crate::programs;
use crate::wasm::Toolchain;
use crate::web::{self, Profile};
use crate::workspace::{PRODUCT, Workspace, XTASK};

/// How many seeds the simulation takes where HEQI_SIM_SEEDS does not say.
const SIMULATION_SEEDS: &str = "1000";

/// `cargo xtask test`: gets what is missing, checks, builds, and hands over to `cargo test`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let started = Instant::now();
    check::format(workspace)?;
    // Either leaves a processor idle now and then, in downloads and in what a compiler does alone.
    let got = std::thread::scope(|scope| {
        let beside = scope.spawn(|| Got::all(&workspace.quiet()));
        let here = step("lints, programs and tests", || compile(workspace));
        let beside = beside.join().map_err(|_| anyhow!("xtask panicked"))?;
        here.and(beside)
    })?;

    let mut cargo = cargo_test(workspace, arguments)?;
    programs::announce(&mut cargo, workspace, "debug", &got.client, &got.browser);
    if let Ok(folder) = &got.javascript {
        cargo.env("HEQI_AUTOMERGE_JS", folder);
    }
    let mut tally = Tally::default();
    let passed = step("tests", || {
        let mut screen = std::io::stdout();
        let mut passed = tally.run(&mut cargo, &mut screen)?;
        if arguments.is_empty() {
            passed &= tally.run(&mut own_test(workspace)?, &mut screen)?;
        }
        Ok(passed)
    })?;
    if programs::data(workspace).is_none() {
        eprintln!("   SKIPPED: the tests on real files, for HEQI_DATA is unset");
    }
    if let Err(error) = &got.javascript {
        eprintln!("   SKIPPED: exports were not opened in Automerge's JavaScript: {error:#}");
    }
    eprintln!("   everything: {}\n", process::spent(started.elapsed()));
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if !passed {
        bail!("tests failed: see above");
    }
    Ok(())
}

/// What tests need beside this workspace's programs.
struct Got {
    browser: Browser,
    client: PathBuf,
    /// Where Automerge's JavaScript is, or why it is not there: its one test is left out then.
    javascript: Result<PathBuf>,
}

impl Got {
    fn all(workspace: &Workspace) -> Result<Self> {
        let browser = step("browser for the tests", browser::ensure)?;
        let javascript = step("Automerge's JavaScript", || {
            Ok(javascript::ensure(workspace))
        })?;
        let toolchain = Toolchain::ensure()?;
        let client = step("web client", || {
            web::build(workspace, &toolchain, Profile::WasmTest)
        })?;
        Ok(Self {
            browser,
            client,
            javascript,
        })
    }
}

/// Lints and compiles all that `cargo test` runs, programs included.
fn compile(workspace: &Workspace) -> Result<()> {
    for packages in [&PRODUCT[..], &XTASK] {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--locked", "--all-targets"]);
        process::run(check::lint_along(workspace, cargo.args(packages))?)?;
    }
    Ok(())
}

fn cargo_test(workspace: &Workspace, arguments: &[String]) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--locked", "--no-fail-fast"]);
    if !arguments
        .iter()
        .any(|word| word == "-p" || word.starts_with("--package"))
    {
        cargo.args(PRODUCT);
    }
    cargo.args(arguments);
    if std::env::var_os("HEQI_SIM_SEEDS").is_none() {
        cargo.env("HEQI_SIM_SEEDS", SIMULATION_SEEDS);
    }
    check::lint_along(workspace, &mut cargo)?;
    Ok(cargo)
}

/// The tests of this program.
fn own_test(workspace: &Workspace) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--locked", "--no-fail-fast"])
        .args(XTASK);
    check::lint_along(workspace, &mut cargo)?;
    Ok(cargo)
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

    /// Runs tests, passes on what they print as it comes, and tells whether cargo was content.
    fn run(&mut self, cargo: &mut Command, screen: &mut impl Write) -> Result<bool> {
        let mut child = cargo
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        let printed = child.stdout.take().context("cargo's output is piped")?;
        for line in BufReader::new(printed).split(b'\n') {
            let line = line?;
            self.add(&String::from_utf8_lossy(&line));
            screen.write_all(&line)?;
            screen.write_all(b"\n")?;
        }
        Ok(child.wait()?.success())
    }
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
        let mut tally = Tally::default();
        let passed = tally.run(&mut shell, &mut screen).unwrap();
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
