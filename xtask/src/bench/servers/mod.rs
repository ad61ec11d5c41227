//! `cargo xtask bench`: authsync beside what one would write instead, in one run, on one machine.

mod board;
mod contender;
mod figures;
mod ground;
mod load;
mod markdown;
mod options;
mod programs;
mod running;
mod scenario;
mod tenant;
mod trial;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use self::board::Board;
use self::contender::{Contender, Program, Store};
use self::ground::Ground;
use self::options::Options;
pub(super) use self::options::{OPTIONS, SWITCHES};
use self::programs::Programs;
use self::scenario::Scenario;
use crate::arguments::Arguments;
use crate::screen::{Screen, duration};
use crate::workspace;

/// Measures every server in every scenario, in turns.
///
/// # Errors
/// The arguments are wrong, something does not build or start, or a request is not answered as it should be.
pub(super) fn run(arguments: &Arguments, screen: Screen) -> anyhow::Result<ExitCode> {
    let options = Options::read(arguments)?;
    let programs = Programs::build(&peers(&options.contenders), screen)?;
    let begin = Instant::now();
    let ground = Ground::lay(programs, options.unique, options.unique, screen)?;
    let mut board = Board::default();
    for &scenario in &options.scenarios {
        measure(scenario, &ground, &options, &mut board, screen)?;
    }
    screen.line(format_args!("measured in {}", duration(begin.elapsed())));
    for &scenario in &options.scenarios {
        screen.line(format_args!("\n{}\n", screen.bold(scenario.name())));
        screen.line(board.table(scenario));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where everything is kept that is not to be published.
fn folder() -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn peers(contenders: &[Contender]) -> Vec<&'static str> {
    let peer = |contender: &Contender| match contender.program {
        Program::Peer(name) => Some(name),
        Program::Authsync => None,
    };
    contenders.iter().filter_map(peer).collect()
}

/// A round is one measurement of each server, so that whatever else the machine does is felt by all.
fn measure(
    scenario: Scenario,
    ground: &Ground,
    options: &Options,
    board: &mut Board,
    screen: Screen,
) -> anyhow::Result<()> {
    screen.line(screen.bold(format_args!("── {}", scenario.name())));
    for round in 1..=options.rounds {
        let fits = |one: &&Contender| one.store != Store::Nothing || scenario.suits_a_bare_handler();
        for contender in options.contenders.iter().filter(fits) {
            let sample = trial::run(ground, contender, scenario, options)?;
            screen.line(format_args!(
                "{round}/{} {:<26} {:>9} req/s  p50 {:>7.2} ms  p99 {:>7.2} ms  CPU {:>6.1} + {:>5.1} µs  RSS {:>5.1} MiB",
                options.rounds,
                contender.name,
                figures::grouped(sample.per_second, 0),
                sample.p50_ms,
                sample.p99_ms,
                sample.server_us,
                sample.postgres_us,
                sample.resident_mib,
            ));
            board.add(scenario, contender, sample);
        }
    }
    Ok(())
}
