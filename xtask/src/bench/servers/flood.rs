//! Good tokens while forged ones come by the ten thousand.

use std::thread;
use std::time::Duration;

use anyhow::Context;

use super::contender::{ALL, AUTHSYNC, Contender};
use super::cores::Apart;
use super::figures::{Figure, grouped, shown};
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
/// Each lasts at least so long: of a thousand requests ten are beyond the p99.
const MANY_ENOUGH: Duration = Duration::from_secs(1);
/// The flood is there before the good requests are, and stays longer.
const LEAD: Duration = Duration::from_millis(500);

/// So often in a round each is measured, in turns: a machine that others share stands still for milliseconds now and then,
/// which a p99 shows, and the median of many does not.
const TURNS: u32 = 5;

/// What came of it; one value of each kind for each turn.
#[derive(Debug)]
pub(in crate::bench) struct Flood {
    /// Whose cores are whose, where there are enough.
    pub(in crate::bench) apart: Option<Apart>,
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
pub(in crate::bench) fn measure(ground: &Ground, options: &Options, screen: Screen) -> anyhow::Result<Flood> {
    let contender = ALL.iter().find(|one| one.name == AUTHSYNC).context("authsync takes no part")?;
    let place = Place { contender, ground, options, apart: Apart::of_this_machine() };
    let rate = (place.refusals_per_second()? * SHARE).round();
    let mut flood = Flood::of(rate, place.apart.clone());
    for round in 1..=options.rounds {
        let pairs = place.round(rate)?;
        for Pair { without, with, forged } in &pairs {
            flood.unsent.push(forged.unsent);
            flood.p50_without.push(milliseconds(without.p50));
            flood.p99_without.push(milliseconds(without.p99));
            flood.p50_with.push(milliseconds(with.p50));
            flood.p99_with.push(milliseconds(with.p99));
        }
        let p99 = |outcome: fn(&Pair) -> &Outcome| {
            let values: Vec<f64> = pairs.iter().map(|pair| milliseconds(outcome(pair).p99)).collect();
            shown(&values, 2)
        };
        screen.line(format_args!(
            "{round}/{} {} good req/s: p99 {} ms without, {} ms with {} forged req/s",
            options.rounds,
            grouped(GOOD_RATE, 0),
            p99(|pair| &pair.without),
            p99(|pair| &pair.with),
            grouped(rate, 0),
        ));
    }
    if let Some(ratio) = flood.ratio() {
        screen.line(format_args!("p99 with the flood ÷ without: {}", ratio.with(2)));
    }
    Ok(flood)
}

impl Flood {
    /// Nothing measured yet.
    fn of(rate: f64, apart: Option<Apart>) -> Self {
        let [unsent, p99_without, p99_with, p50_without, p50_with] = [const { Vec::new() }; 5];
        Self { apart, rate, unsent, p99_without, p99_with, p50_without, p50_with }
    }

    /// The p99 with the flood, as a multiple of that without.
    pub(in crate::bench) fn ratio(&self) -> Option<Figure> {
        Figure::ratio(&self.p99_with, &self.p99_without)
    }
}

/// The good requests without the flood and with it, right after each other, and the flood itself.
#[derive(Debug)]
struct Pair {
    without: Outcome,
    with: Outcome,
    forged: Outcome,
}

/// Where it is measured.
struct Place<'a> {
    contender: &'a Contender,
    ground: &'a Ground,
    options: &'a Options,
    apart: Option<Apart>,
}

impl Place<'_> {
    fn running(&self) -> anyhow::Result<Running> {
        let database = self.ground.database_for(self.contender, Scenario::VerifyWarm)?;
        Running::start_on(self.apart.as_ref().map(|apart| &apart.server), self.contender, self.ground, &database)
    }

    fn load(&self, running: &Running, words: &[String]) -> anyhow::Result<Load> {
        let cores = self.apart.as_ref().map(|apart| &apart.generators);
        Load::start_on(cores, &self.ground.programs.load, running.address, &self.ground.tenant.tokens, words)
    }

    /// How many forged tokens the server can refuse, asked as fast as it answers.
    fn refusals_per_second(&self) -> anyhow::Result<f64> {
        let running = self.running()?;
        let outcome = self.load(&running, &self.forged(self.options.time)).and_then(Load::finish);
        Ok(outcome.with_context(|| running.last_words())?.per_second)
    }

    fn round(&self, rate: f64) -> anyhow::Result<Vec<Pair>> {
        let (running, time) = (self.running()?, (self.options.time / TURNS).max(MANY_ENOUGH));
        let [(first, end), _] = Scenario::VerifyWarm.lines(self.options.unique);
        let mut good = Scenario::VerifyWarm.arguments((first, end));
        good.extend(["--rate".to_owned(), GOOD_RATE.to_string()]);
        good.extend(["--seconds".to_owned(), time.as_secs_f64().to_string()]);
        let mut forged = self.forged(time + 2 * LEAD);
        forged.extend(["--rate".to_owned(), rate.to_string()]);
        let pair = || -> anyhow::Result<Pair> {
            let without = self.load(&running, &good)?.finish()?;
            let flood = self.load(&running, &forged)?;
            thread::park_timeout(LEAD);
            let with = self.load(&running, &good)?.finish()?;
            // What it has not sent is no answer of the server's.
            Ok(Pair { without, with, forged: flood.finish().context("the flood")? })
        };
        // Tokens are seen often enough to be remembered.
        let warm_up = || (0..3).try_for_each(|_| self.load(&running, &good)?.finish().map(|_| ()));
        let pairs = warm_up().and_then(|()| (0..TURNS).map(|_| pair()).collect());
        pairs.with_context(|| running.last_words())
    }

    fn forged(&self, time: Duration) -> Vec<String> {
        let mut words = Scenario::Forged.arguments((ASIDE, self.options.unique));
        words.retain(|word| word != "--once");
        words.extend(["--seconds".to_owned(), time.as_secs_f64().to_string()]);
        words
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
