//! `cargo xtask bench scale`: what a request costs when the table is a hundred or a thousand times as long.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use scratch_database::ScratchDatabase;

use super::board::cpu_us;
use super::contender::{ALL, UNCACHED};
use super::figures::{Figure, count, grouped, shown};
use super::ground::{Ground, migrate, settle};
use super::machine::Machine;
use super::markdown;
use super::options::{number, whole};
use super::programs::Programs;
use super::running::Running;
use super::scenario::Scenario;
use super::trial::{Sample, ask, measured};
use crate::arguments::Arguments;
use crate::screen::Screen;
use crate::workspace;

pub(in crate::bench) const OPTIONS: [&str; 4] = ["--rounds", "--seconds", "--authsync", "--note"];
pub(in crate::bench) const SWITCHES: [&str; 4] = ["--short", "--full", "--as-built", "--write"];

const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];
/// Users who log in, spread evenly over the table; all of a shorter one.
const SAMPLE: usize = 50_000;
/// Users who come new, and leave again afterwards.
const NEWCOMERS: usize = 50_000;
/// Rows that are written at once.
const BATCH: usize = 500_000;
const GOAL: f64 = 1.3;
const LOADS: [Scenario; 3] = [Scenario::VerifyWarm, Scenario::SyncSame, Scenario::SyncNew];

/// A table of so many users.
struct Table {
    users: usize,
    database: ScratchDatabase,
    /// Of each load, a round each.
    samples: [Vec<Sample>; 3],
}

/// Measures authsync without its caches, which would hide the table.
///
/// # Errors
/// The arguments are wrong, something does not build or start, or a request is not answered as it should be.
pub(in crate::bench) fn run(arguments: &Arguments, screen: Screen) -> anyhow::Result<ExitCode> {
    let short = arguments.has("--short");
    let (rounds, seconds) = if short { (2, 0.7) } else { (5, 4.0) };
    let rounds = whole(arguments, "--rounds", 1..=100)?.unwrap_or(rounds);
    let time = Duration::from_secs_f64(number(arguments, "--seconds", 0.1..=600.0)?.unwrap_or(seconds));
    let programs = Programs::asked_for(arguments, &[], screen)?;
    let ground = Ground::lay(programs, SAMPLE + NEWCOMERS, 0, screen)?;
    let machine = Machine::look(&ground)?;
    let sizes = if arguments.has("--full") { &SIZES[..] } else { &SIZES[..2] };
    let mut tables = sizes.iter().map(|&users| filled(users, &ground, screen)).collect::<anyhow::Result<Vec<_>>>()?;
    for round in 1..=rounds {
        for table in &mut tables {
            for (load, samples) in LOADS.into_iter().zip(&mut table.samples) {
                let sample = trial(load, table.users, &table.database, &ground, time)
                    .with_context(|| format!("{} with {} users", name(load), count(table.users)))?;
                screen.line(format_args!(
                    "{round}/{rounds} {:>10} users  {:<9} {:>8} req/s  CPU {:>5.1} + {:>5.1} µs",
                    count(table.users),
                    name(load),
                    grouped(sample.per_second, 0),
                    sample.server_us,
                    sample.postgres_us
                ));
                samples.push(sample);
            }
        }
    }
    let table = markdown::table(&rows(&tables));
    screen.line(format_args!("\n{table}"));
    let folder = if arguments.has("--write") { workspace::root().join("docs/benchmarks") } else { super::folder()? };
    let path = folder.join("scale.md");
    let note = arguments.value("--note");
    std::fs::write(&path, document(&machine, note, &table, rounds, time)?)
        .with_context(|| path.display().to_string())?;
    screen.line(format_args!("written: {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// Every so many rows there is one of a user who logs in.
fn filled(users: usize, ground: &Ground, screen: Screen) -> anyhow::Result<Table> {
    let database = ground.another_database()?;
    migrate(database.url())?;
    let stride = (users / SAMPLE).max(1);
    for from in (0..users).step_by(BATCH) {
        let last = users.min(from + BATCH) - 1;
        // Without its triggers: nobody listens, and millions of notifications are no part of this.
        database.try_execute(&format!(
            "SET session_replication_role = replica;
             INSERT INTO users (email, name, auth0_id)
             SELECT who || '@example.com', 'Somebody Ordinary', 'auth0|' || who FROM (
                 SELECT CASE WHEN n % {stride} = 0 THEN 'bench-' || n / {stride} ELSE 'other-' || n END AS who
                 FROM generate_series({from}, {last}) AS n
             ) AS names"
        ))?;
        if last + 1 < users && (last + 1).is_multiple_of(4 * BATCH) {
            screen.line(screen.dim(format_args!("rows written: {} of {}", count(last + 1), count(users))));
        }
    }
    settle(&database)?;
    let size = database.try_scalar("SELECT pg_size_pretty(pg_total_relation_size('users'))")?.unwrap_or_default();
    screen.line(format_args!("{} users, {size} with indexes", count(users)));
    Ok(Table { users, database, samples: Default::default() })
}

fn trial(
    load: Scenario,
    users: usize,
    database: &ScratchDatabase,
    ground: &Ground,
    time: Duration,
) -> anyhow::Result<Sample> {
    let contender = ALL.iter().find(|one| one.name == UNCACHED).context("authsync takes no part")?;
    let running = Running::start(contender, ground, database.url())?;
    let known = (0, users.min(SAMPLE));
    let lines = if load == Scenario::SyncNew { (SAMPLE, SAMPLE + NEWCOMERS) } else { known };
    let sample = ask(ground, &running, Scenario::VerifyWarm, known, time / 4)
        .and_then(|_| measured(ground, &running, load, lines, time))
        .with_context(|| running.last_words())?;
    drop(running);
    if load == Scenario::SyncNew {
        database
            .try_execute(&format!("SET session_replication_role = replica; DELETE FROM users WHERE id > {users}"))?;
        settle(database)?;
    }
    Ok(sample)
}

fn rows(tables: &[Table]) -> Vec<[String; 8]> {
    let head = [
        "load",
        "users",
        "requests/s",
        "p99 ms",
        "server CPU µs",
        "PostgreSQL CPU µs",
        "CPU ÷ that of the shortest table",
        "time ÷ that of the shortest table",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for (place, load) in LOADS.into_iter().enumerate() {
        let of = |table: &Table, figure: fn(&Sample) -> f64| -> Vec<f64> {
            table.samples.get(place).map(|samples| samples.iter().map(figure).collect()).unwrap_or_default()
        };
        for table in tables {
            let shown = |figure: fn(&Sample) -> f64, digits| shown(&of(table, figure), digits);
            let ratio = |figure: fn(&Sample) -> f64| {
                let first = tables.first().filter(|first| first.users != table.users);
                let ratio = first.and_then(|first| Figure::ratio(&of(table, figure), &of(first, figure)));
                ratio.map_or_else(|| "–".to_owned(), |ratio| ratio.with(2).to_string())
            };
            rows.push([
                name(load).to_owned(),
                count(table.users),
                shown(|sample| sample.per_second, 0),
                shown(|sample| sample.p99_ms, 2),
                shown(|sample| sample.server_us, 1),
                shown(|sample| sample.postgres_us, 1),
                ratio(cpu_us),
                ratio(|sample| 1.0 / sample.per_second),
            ]);
        }
    }
    rows
}

fn name(load: Scenario) -> &'static str {
    match load {
        Scenario::VerifyWarm => "verify",
        Scenario::SyncSame => "sync, unchanged",
        _ => "sync, new",
    }
}

fn document(
    machine: &Machine,
    note: Option<&str>,
    table: &str,
    rounds: usize,
    time: Duration,
) -> anyhow::Result<String> {
    let mut text = String::from(
        "# A long users table\n\n```\ncargo xtask bench scale           # 10 thousand and a million users\ncargo xtask bench scale --full    \
         # and ten million: some four gigabytes in /tmp while it runs\n```\n\n",
    );
    writeln!(
        text,
        "authsync with both caches off, which would hide the table, on PostgreSQL with stock settings. Those who log in are {} users \
         spread evenly over the table (all of a shorter one), in turn; new ones are {} others, who are deleted after each round. \
         {rounds} rounds, the tables in turns, {} s for each figure; medians (lowest–highest), ratios in each round. The goal is {GOAL}.\n",
        count(SAMPLE),
        count(NEWCOMERS),
        time.as_secs_f64(),
    )?;
    writeln!(text, "{}\n{table}", machine.described(note))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(users: usize, speed: f64) -> Table {
        let sample = Sample {
            per_second: speed,
            p50_ms: 1.0,
            p99_ms: 2.0,
            server_us: 40.0,
            postgres_us: 1e6 / speed,
            load_us: 8.0,
            resident_mib: 10.0,
            peak_mib: 10.0,
        };
        Table { users, database: ScratchDatabase::at("postgres://nowhere"), samples: [0; 3].map(|_| vec![sample]) }
    }

    #[test]
    fn every_table_is_compared_with_the_shortest() {
        let rows = rows(&[table(10_000, 20_000.0), table(1_000_000, 10_000.0)]);
        assert_eq!(rows.len(), 1 + 3 * 2);
        assert_eq!(rows[1][..3], ["verify", "10,000", "20,000"]);
        assert_eq!((rows[1][7].as_str(), rows[2][6].as_str(), rows[2][7].as_str()), ("–", "1.56", "2.00"));
    }
}
