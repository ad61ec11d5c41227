//! `cargo xtask drill`: real faults, against the real program, under load. What each drill does and promises is told in
//! `docs/drills.md`; what was measured is in `docs/benchmarks/drills.md`.
//!
//! # A drill
//! is a file of its own with one `const DRILL: Drill`, listed in `DRILLS`. Its `perform` gets a `Ground` and
//!
//! 1. starts what it needs: `Ground::tenant` (the issuer), a database (`scratch_database::OwnPostgres::plan()`, or
//!    `Ground::sqlite`), `Ground::node` (authsync by a `NodePlan`), people with tokens (`Tenant::people`);
//! 2. puts a `Load` on it: clients that each hold a connection and own a share of the people, at a bounded rate, by a `LoadPlan`;
//! 3. makes things go wrong, and waits for conditions with a deadline (`wait::until`), never for time to pass; where time has to
//!    pass under load, `Load::run_for` lets it;
//! 4. stops the load and asks its `Record` (every answer with its moment, status and time) and its
//!    `Ledger` (every acknowledged write, compared with the table);
//! 5. tells the figures (`Report::figure`) and holds the promises (`Report::promise`, `Report::at_most`): a broken one makes
//!    the exit code 1. An `Err` is for what keeps the drill from being performed.
//!
//! Everything ends with us: nodes run behind `xtask guard`, the tenant watches its standard input, PostgreSQL has a supervisor.
//! Logs and files are in `target/drill/<name>`, which is emptied first. `--short` is for every build: `Ground::span` chooses
//! between two lengths.

mod clock_jump;
mod disk_full;
mod failover;
mod fd_exhaustion;
mod gate;
mod ground;
mod issuer_outage;
mod kill_9;
mod ledger;
mod limit;
mod load;
mod metrics;
mod node;
mod overload;
mod person;
mod pgbouncer;
mod phases;
mod postgres_crash;
mod probe;
mod program;
mod proxy;
mod record;
mod report;
mod rolling_restart;
mod rotation;
mod slow_client;
mod slow_crowd;
mod slow_database;
mod soak;
mod sockets;
mod tenant;
mod wait;
mod watch;
mod wire;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use self::ground::Ground;
use self::limit::Limit;
use self::load::{Load, LoadPlan};
use self::node::{Node, NodePlan};
use self::tenant::Tenant;
use crate::arguments::{Arguments, UsageError};
use crate::dev::build::{self, Programs};
use crate::screen::{Screen, duration};

/// What hangs is ended then; a soak takes ten minutes.
const LIMIT: Duration = Duration::from_secs(20 * 60);
const SHORT_LIMIT: Duration = Duration::from_secs(120);

/// One fault, and what has to hold through it.
struct Drill {
    /// As it is typed, and as its folder is called.
    name: &'static str,
    /// What goes wrong, in one line.
    fault: &'static str,
    /// Starts everything, lets it go wrong, and reports.
    perform: fn(&mut Ground) -> anyhow::Result<()>,
}

/// In the order in which `all` performs them.
const DRILLS: [&Drill; 14] = [
    &kill_9::DRILL,
    &postgres_crash::DRILL,
    &failover::DRILL,
    &pgbouncer::DRILL,
    &slow_database::DRILL,
    &disk_full::DRILL,
    &rolling_restart::DRILL,
    &issuer_outage::DRILL,
    &rotation::DRILL,
    &slow_client::DRILL,
    &fd_exhaustion::DRILL,
    &clock_jump::DRILL,
    &overload::DRILL,
    &soak::DRILL,
];

/// Performs one drill, or all; the exit code is 1 if a promise was broken.
///
/// # Errors
/// The arguments are wrong, the programs do not build, or the only drill cannot be performed.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &["--short", "--release"], &["--programs"], 1)?;
    let names = || DRILLS.map(|drill| drill.name).join(", ");
    let Some(wanted) = arguments.word() else {
        return Err(UsageError::because(format!("`drill` needs a name: all, {}", names())));
    };
    let chosen: Vec<&Drill> = DRILLS.into_iter().filter(|drill| wanted == "all" || wanted == drill.name).collect();
    if chosen.is_empty() {
        return Err(UsageError::because(format!("there is no drill `{wanted}`; there are all, {}", names())));
    }
    let programs = match arguments.value("--programs") {
        Some(folder) => in_folder(Path::new(folder))?,
        None if arguments.has("--release") => build::released(screen)?,
        None => build::programs(screen)?,
    };
    let good = perform(&chosen, &programs, arguments.has("--short"), screen)?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Programs that were built before.
fn in_folder(folder: &Path) -> anyhow::Result<Programs> {
    let program = |name| {
        let path = folder.join(name);
        path.canonicalize().with_context(|| format!("{} is not there", path.display()))
    };
    Ok(Programs { authsync: program("authsync")?, fake_auth0: program("fake-auth0")? })
}

/// All of them in their short form; part of `cargo xtask test`.
///
/// # Errors
/// A promise was broken, or a drill could not be performed.
pub(crate) fn short_forms(screen: Screen) -> anyhow::Result<()> {
    if !perform(&DRILLS, &build::programs(screen)?, true, screen)? {
        bail!("a promise was broken");
    }
    Ok(())
}

/// Whether every promise was kept.
fn perform(drills: &[&Drill], programs: &Programs, short: bool, screen: Screen) -> anyhow::Result<bool> {
    let mut verdicts = Vec::new();
    for drill in drills {
        let begin = Instant::now();
        screen.line(screen.bold(format_args!("{}: {}", drill.name, drill.fault)));
        let mut ground = Ground::new(drill.name, programs, short, screen)?;
        let limit = Limit::set(drill.name, if short { SHORT_LIMIT } else { LIMIT }, screen);
        let outcome = (drill.perform)(&mut ground);
        drop(limit);
        if let Err(error) = &outcome {
            ground.report.broken(format!("it could not be performed: {error:#}"));
        }
        verdicts.push(verdict(drill, &ground, begin.elapsed()));
        screen.line(verdicts.last().map_or("", |(_, line)| line));
        screen.line("");
    }
    if drills.len() > 1 {
        for (_, line) in &verdicts {
            screen.line(line);
        }
    }
    Ok(verdicts.iter().all(|(good, _)| *good))
}

/// One line about one drill.
fn verdict(drill: &Drill, ground: &Ground, took: Duration) -> (bool, String) {
    let (name, screen, report) = (drill.name, ground.screen(), &ground.report);
    let took = duration(took);
    if report.is_good() {
        return (true, format!("{} {name}: {} promises kept, in {took}", screen.green("✓"), report.kept()));
    }
    let broken = report.all_broken().join("; ");
    (false, format!("{} {name}: {broken} (in {took}; logs: {})", screen.red("✗"), ground.folder().display()))
}
