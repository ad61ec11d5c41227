//! `cargo xtask test`: every check the project has, cheap ones first, then the tests, and the drills last.

pub(crate) mod alerts;
mod postgres;
mod tally;
mod tests_step;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use self::tally::Tally;
use crate::arguments::Arguments;
use crate::screen::{Screen, duration};
use crate::workspace::{self, PEERS, PEERS_BUILD};
use crate::{drill, tidy};

/// Runs all checks, even after one has failed, and counts the tests in the closing lines.
///
/// # Errors
/// The arguments are wrong.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &[], &[], 1)?;
    let filter = arguments.word();
    let mut checks = Checks { screen, done: Vec::new() };
    let mut tally = Tally::default();
    checks.perform("postgresql", || postgres::ensure(screen));
    checks.perform("format", || {
        needs("fmt", "rustup component add rustfmt")?;
        cargo(&["fmt", "--all", "--check"], &[])
    });
    checks.perform("format, peers", || cargo(&["fmt", "--all", "--check", "--manifest-path", PEERS], &[]));
    checks.perform("tidy", || tidy::check(screen));
    checks.perform("alerts", || alerts::check(screen));
    checks.perform("clippy", || {
        needs("clippy", "rustup component add clippy")?;
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
    });
    checks.perform("clippy, peers", || {
        let builds = workspace::root().join(PEERS_BUILD).display().to_string();
        let place = ["--manifest-path", PEERS, "--target-dir", &builds, "--locked"];
        cargo(&[&["clippy"], &place[..], &["--workspace", "--all-targets", "--", "-D", "warnings"]].concat(), &[])
    });
    checks.perform("documentation", || cargo(&["doc", "--no-deps", "--workspace"], &[("RUSTDOCFLAGS", "-D warnings")]));
    checks.perform("tests", || tests_step::run(filter, screen, &mut tally));
    // A filter asks for certain tests, and a drill is none.
    if filter.is_none() {
        checks.perform("drills", || drill::short_forms(screen));
    }
    Ok(checks.close(&tally))
}

struct Checks {
    screen: Screen,
    done: Vec<(&'static str, anyhow::Result<()>, Duration)>,
}

impl Checks {
    fn perform(&mut self, name: &'static str, check: impl FnOnce() -> anyhow::Result<()>) {
        self.screen.line(self.screen.bold(format_args!("── {name}")));
        let begin = Instant::now();
        let outcome = check();
        if let Err(error) = &outcome {
            self.screen.line(format_args!("{} {error:#}", self.screen.red("failed:")));
        }
        self.screen.line("");
        self.done.push((name, outcome, begin.elapsed()));
    }

    /// The summary; its last line is plain, for programs to read.
    fn close(self, tally: &Tally) -> ExitCode {
        let screen = self.screen;
        screen.line(screen.bold("── summary"));
        for (name, outcome, time) in &self.done {
            let time = screen.dim(format_args!("{:>12}", duration(*time)));
            match outcome {
                Ok(()) => screen.line(format_args!("{} {name:<14}{time}", screen.green("✓"))),
                Err(error) => screen.line(format_args!("{} {name:<14}{time}  {error:#}", screen.red("✗"))),
            }
        }
        for name in &tally.failed_names {
            screen.line(format_args!("  {} {name}", screen.red("failed:")));
        }
        screen.line(format_args!("\ntests on PostgreSQL: {} passed", tally.on_postgres));
        if tally.ignored > 0 {
            screen.line(format_args!("ignored: {}", tally.ignored));
        }
        screen.line(format_args!("{} passed, {} failed", tally.passed, tally.failed));
        let good = self.done.iter().all(|(_, outcome, _)| outcome.is_ok());
        if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs cargo with its output where ours goes.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<()> {
    let status = workspace::cargo()
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .context("cargo cannot be started")?;
    if !status.success() {
        bail!("`cargo {}` says no", arguments.join(" "));
    }
    Ok(())
}

/// Whether cargo has this command; if not, the error is the line that installs it.
fn needs(command: &str, line: &str) -> anyhow::Result<()> {
    let mut asked: Command = workspace::cargo();
    let answer = asked.args([command, "--version"]).output().context("cargo cannot be started")?;
    if !answer.status.success() {
        bail!("`cargo {command}` is missing: {line}");
    }
    Ok(())
}
