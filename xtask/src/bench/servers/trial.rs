//! One measurement: one server, one kind of load, once.

use std::time::Duration;

use anyhow::Context;

use super::contender::Contender;
use super::ground::Ground;
use super::load::{Load, Outcome};
use super::options::Options;
use super::running::Running;
use super::scenario::Scenario;
use super::usage::{cpu_of, cpu_of_family, memory_of};

/// Different tokens that are at hand for each second; where a server looks at more, the measurement ends sooner.
const FASTEST: f64 = 50_000.0;

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Sample {
    pub(in crate::bench) per_second: f64,
    pub(in crate::bench) p50_ms: f64,
    pub(in crate::bench) p99_ms: f64,
    /// Microseconds of processor time for each request.
    pub(in crate::bench) server_us: f64,
    pub(in crate::bench) postgres_us: f64,
    pub(in crate::bench) load_us: f64,
    /// Mebibytes, after the load.
    pub(in crate::bench) resident_mib: f64,
    pub(in crate::bench) peak_mib: f64,
}

/// Starts the server anew, warms it up and measures.
///
/// # Errors
/// It does not start, or a request is not answered as it should be.
pub(in crate::bench) fn run(
    ground: &Ground,
    contender: &Contender,
    scenario: Scenario,
    options: &Options,
) -> anyhow::Result<Sample> {
    let what = || format!("{} in {}", contender.name, scenario.name());
    let database = ground.database_for(contender, scenario).with_context(what)?;
    let running = Running::start(contender, ground, &database).with_context(what)?;
    let [warm_up, (first, end)] = scenario.lines(options.unique);
    let enough = (FASTEST * options.time.as_secs_f64()).ceil();
    let lines = if scenario.uses_up() { (first, end.min(first + whole(enough))) } else { (first, end) };
    ask(ground, &running, scenario, warm_up, options.warm_up)
        .and_then(|_| measured(ground, &running, scenario, lines, options.time))
        .with_context(|| running.last_words())
        .with_context(what)
}

/// The load on a server that runs, and what it cost.
///
/// # Errors
/// A request is not answered as it should be.
pub(in crate::bench) fn measured(
    ground: &Ground,
    running: &Running,
    scenario: Scenario,
    lines: (usize, usize),
    time: Duration,
) -> anyhow::Result<Sample> {
    let before = [cpu_of(running.process)?, cpu_of_family(ground.postmaster)?];
    let outcome = ask(ground, running, scenario, lines, time)?;
    let after = [cpu_of(running.process)?, cpu_of_family(ground.postmaster)?];
    let memory = memory_of(running.process)?;
    let each = |time: Duration| time.as_secs_f64() * 1e6 / outcome.requests.max(1.0);
    let [server_us, postgres_us] = [0, 1].map(|which| match (after.get(which), before.get(which)) {
        (Some(after), Some(before)) => each(after.saturating_sub(*before)),
        _ => 0.0,
    });
    Ok(Sample {
        per_second: outcome.per_second,
        p50_ms: outcome.p50.as_secs_f64() * 1e3,
        p99_ms: outcome.p99.as_secs_f64() * 1e3,
        server_us,
        postgres_us,
        load_us: each(outcome.cpu),
        resident_mib: memory.resident_mib(),
        peak_mib: memory.peak_mib(),
    })
}

/// The load alone.
///
/// # Errors
/// A request is not answered as it should be.
pub(in crate::bench) fn ask(
    ground: &Ground,
    running: &Running,
    scenario: Scenario,
    lines: (usize, usize),
    time: Duration,
) -> anyhow::Result<Outcome> {
    let mut words = scenario.arguments(lines);
    words.extend(["--seconds".to_owned(), time.as_secs_f64().to_string()]);
    Load::start(&ground.programs.load, running.address, &ground.tenant.tokens, &words)?.finish()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count far below 2^52")]
fn whole(number: f64) -> usize {
    number as usize
}
