//! `cargo xtask bench`: authsync beside what one would write instead, in one run, on one machine.

mod board;
mod cold_start;
mod contender;
mod cores;
mod figures;
mod flood;
mod goals;
mod ground;
mod load;
mod machine;
mod markdown;
mod memory;
mod options;
mod part;
mod plot;
mod plots;
pub(super) mod profile;
mod programs;
mod refusal;
mod report;
mod running;
pub(super) mod scale;
mod scenario;
mod tenant;
mod trial;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use self::board::Board;
use self::contender::{Contender, Program, Store};
use self::goals::{Extras, Goal};
use self::ground::Ground;
use self::machine::Machine;
use self::options::Options;
pub(super) use self::options::{OPTIONS, SWITCHES};
use self::part::Part;
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
    let programs = Programs::asked_for(arguments, &peers(&options.contenders), screen)?;
    let begin = Instant::now();
    let ground = Ground::lay(programs, options.unique, options.unique, screen)?;
    let machine = Machine::look(&ground)?;
    let (mut board, mut extras) = (Board::default(), Extras::default());
    for &part in &options.parts {
        screen.line(screen.bold(format_args!("── {}", part.name())));
        match part {
            Part::Load(scenario) => measure(scenario, &ground, &options, &mut board, screen)?,
            Part::Memory => extras.memory = Some(memory::measure(&ground, &options, screen)?),
            Part::Refusal => extras.refusal = Some(refusal::measure(&ground, &options, screen)?),
            Part::ColdStart => extras.starts = cold_start::measure(&ground, &options, screen)?,
            Part::Flood => extras.flood = Some(flood::measure(&ground, &options, screen)?),
        }
    }
    screen.line(format_args!("measured in {}", duration(begin.elapsed())));
    let goals = goals::goals(&board, &extras);
    publish(&options, &machine, &board, &goals, &extras, screen)?;
    for &part in &options.parts {
        if let Part::Load(scenario) = part {
            screen.line(format_args!("\n{}\n\n{}", screen.bold(scenario.name()), board.table(scenario)));
        }
    }
    let measured: Vec<Goal> = goals.into_iter().filter(|goal| goal.figure.is_some()).collect();
    screen.line(format_args!("{}\n\n{}", screen.bold("goals"), report::goals_table(&measured)));
    Ok(ExitCode::SUCCESS)
}

/// Writes the document and its plots, for the documentation or to look at.
fn publish(
    options: &Options,
    machine: &Machine,
    board: &Board,
    goals: &[Goal],
    extras: &Extras,
    screen: Screen,
) -> anyhow::Result<()> {
    let folder = if options.write { workspace::root().join("docs/benchmarks") } else { folder()? };
    let document = report::document(options, machine, board, goals, extras)?;
    let files = [
        ("servers.md", document),
        ("servers-speed.svg", plots::speed(board)?),
        ("servers-cpu.svg", plots::cpu(board)?),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        screen.line(format_args!("written: {}", path.display()));
    }
    Ok(())
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
