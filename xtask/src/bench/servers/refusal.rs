//! What a forged token costs beside a good one.
//!
//! A goal compares the two, and a machine changes its speed within the minutes that lie between two loads of the
//! comparison: so they are measured once more, right after each other.

use anyhow::Context;

use super::contender::{ALL, AUTHSYNC, UNCACHED};
use super::figures::Figure;
use super::ground::Ground;
use super::options::Options;
use super::scenario::Scenario;
use super::trial;
use crate::screen::Screen;

/// Microseconds of the server's processor time for each request; a round each.
#[derive(Debug, Default)]
pub(in crate::bench) struct Refusal {
    /// As delivered.
    pub(in crate::bench) forged: Vec<f64>,
    /// With no cache, and a token that was not seen before.
    pub(in crate::bench) good: Vec<f64>,
}

impl Refusal {
    /// A forged one, as a multiple of a good one.
    pub(in crate::bench) fn ratio(&self) -> Option<Figure> {
        Figure::ratio(&self.forged, &self.good)
    }
}

/// Measures both in turns, and in each round another one first.
///
/// # Errors
/// authsync does not start, or a request is not answered as it should be.
pub(in crate::bench) fn measure(ground: &Ground, options: &Options, screen: Screen) -> anyhow::Result<Refusal> {
    let named = |name| ALL.iter().find(|one| one.name == name).context("authsync takes no part");
    let (delivered, uncached) = (named(AUTHSYNC)?, named(UNCACHED)?);
    let mut refusal = Refusal::default();
    for round in 1..=options.rounds {
        let mut pair = [(delivered, Scenario::Forged), (uncached, Scenario::VerifyUnique)];
        if round % 2 == 0 {
            pair.reverse();
        }
        for (contender, scenario) in pair {
            let cost = trial::run(ground, contender, scenario, options)?.server_us;
            match scenario {
                Scenario::Forged => refusal.forged.push(cost),
                _ => refusal.good.push(cost),
            }
        }
        if let (Some(forged), Some(good)) = (refusal.forged.last(), refusal.good.last()) {
            screen.line(format_args!(
                "{round}/{} a forged token {forged:.1} µs, a good one {good:.1} µs",
                options.rounds
            ));
        }
    }
    Ok(refusal)
}
