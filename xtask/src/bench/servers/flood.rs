//! Good tokens while forged ones come by the ten thousand.

use std::thread;
use std::time::Duration;

use anyhow::Context;

use super::board::Board;
use super::contender::{ALL, AUTHSYNC, Contender};
use super::figures::{Figure, grouped};
use super::ground::Ground;
use super::load::{Load, Outcome};
use super::options::Options;
use super::running::Running;
use super::scenario::{ASIDE, Scenario};
use crate::screen::Screen;

/// Good requests each second, as in a quiet hour of a busy product.
pub(in crate::bench) const GOOD_RATE: f64 = 1000.0;
/// Of what the server can refuse in a second.
const SHARE: f64 = 0.5;
/// The flood is there before the good requests are, and stays longer.
const LEAD: Duration = Duration::from_millis(500);

/// What came of it; a round each.
#[derive(Debug)]
pub(in crate::bench) struct Flood {
    /// Forged tokens each second.
    pub(in crate::bench) rate: f64,
    /// Of those of a round, how many were due and never sent.
    pub(in crate::bench) unsent: Vec<f64>,
    /// Milliseconds that 99 of 100 good requests do not exceed, without the flood and with it.
    pub(in crate::bench) p99_without: Vec<f64>,
    pub(in crate::bench) p99_with: Vec<f64>,
    pub(in crate::bench) p50_without: Vec<f64>,
    pub(in crate::bench) p50_with: Vec<f64>,
}

/// Measures authsync as it is delivered.
///
/// # Errors
/// It does not start, or a request is not answered as it should be.
pub(in crate::bench) fn measure(
    ground: &Ground,
    options: &Options,
    board: &Board,
    screen: Screen,
) -> anyhow::Result<Flood> {
    let contender = ALL.iter().find(|one| one.name == AUTHSYNC).context("authsync takes no part")?;
    let can = match board.figure(Scenario::Forged, AUTHSYNC, |sample| sample.per_second) {
        Some(figure) => figure.median,
        None => super::trial::run(ground, contender, Scenario::Forged, options)?.per_second,
    };
    let rate = (can * SHARE).round();
    let mut flood = Flood::of(rate);
    for round in 1..=options.rounds {
        let Round { without, with, forged } = round_of(contender, ground, options, rate)?;
        flood.unsent.push(forged.unsent);
        flood.p50_without.push(without.p50.as_secs_f64() * 1e3);
        flood.p99_without.push(without.p99.as_secs_f64() * 1e3);
        flood.p50_with.push(with.p50.as_secs_f64() * 1e3);
        flood.p99_with.push(with.p99.as_secs_f64() * 1e3);
        screen.line(format_args!(
            "{round}/{} {} good req/s: p99 {:?} without, {:?} with {} forged req/s, {} of which went unsent",
            options.rounds,
            grouped(GOOD_RATE, 0),
            without.p99,
            with.p99,
            grouped(rate, 0),
            grouped(forged.unsent, 0)
        ));
    }
    if let Some(ratio) = flood.ratio() {
        screen.line(format_args!("p99 with the flood ÷ without: {}", ratio.with(2)));
    }
    Ok(flood)
}

impl Flood {
    /// Nothing measured yet.
    fn of(rate: f64) -> Self {
        let [unsent, p99_without, p99_with, p50_without, p50_with] = [const { Vec::new() }; 5];
        Self { rate, unsent, p99_without, p99_with, p50_without, p50_with }
    }

    /// The p99 with the flood, as a multiple of that without.
    pub(in crate::bench) fn ratio(&self) -> Option<Figure> {
        Figure::ratio(&self.p99_with, &self.p99_without)
    }
}

/// The good requests without the flood and with it, and the flood itself.
#[derive(Debug)]
struct Round {
    without: Outcome,
    with: Outcome,
    forged: Outcome,
}

fn round_of(contender: &Contender, ground: &Ground, options: &Options, rate: f64) -> anyhow::Result<Round> {
    let database = ground.database_for(contender, Scenario::VerifyWarm)?;
    let running = Running::start(contender, ground, &database)?;
    let warm = Scenario::VerifyWarm.lines(options.unique);
    let [(first, end), _] = warm;
    let mut good = Scenario::VerifyWarm.arguments((first, end));
    good.extend(["--rate".to_owned(), GOOD_RATE.to_string()]);
    good.extend(["--seconds".to_owned(), options.time.as_secs_f64().to_string()]);
    let mut forged = Scenario::Forged.arguments((ASIDE, options.unique));
    forged.retain(|word| word != "--once");
    forged.extend(["--rate".to_owned(), rate.to_string()]);
    forged.extend(["--seconds".to_owned(), (options.time + 2 * LEAD).as_secs_f64().to_string()]);
    let load = |words: &[String]| Load::start(&ground.programs.load, running.address, &ground.tenant.tokens, words);
    let outcome = || -> anyhow::Result<Round> {
        // Tokens are seen often enough to be remembered.
        load(&good)?.finish()?;
        let without = load(&good)?.finish()?;
        let flood = load(&forged)?;
        thread::park_timeout(LEAD);
        let with = load(&good)?.finish()?;
        // What it has not sent is no answer of the server's.
        let forged = flood.finish().context("the flood")?;
        Ok(Round { without, with, forged })
    };
    outcome().with_context(|| running.last_words())
}
