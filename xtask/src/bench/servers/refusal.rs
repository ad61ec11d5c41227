//! What a forged token costs beside a good one.
//!
//! A goal compares the two, and a machine changes its speed within the minutes that lie between two loads of the
//! comparison: so they are measured once more, right after each other. A good token that the server has not seen costs what
//! the caches cost as well, for nothing; so it is compared with one where there are none, too.

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
    /// As delivered, and a token that was not seen before.
    pub(in crate::bench) good: Vec<f64>,
    /// The same with no cache.
    pub(in crate::bench) good_without_caches: Vec<f64>,
}

impl Refusal {
    /// A forged one, as a multiple of a good one.
    pub(in crate::bench) fn ratio(&self) -> Option<Figure> {
        Figure::ratio(&self.forged, &self.good)
    }

    /// The same where nothing is cached.
    pub(in crate::bench) fn ratio_without_caches(&self) -> Option<Figure> {
        Figure::ratio(&self.forged, &self.good_without_caches)
    }
}

/// Measures all of them in turns, and in each round another one first.
///
/// # Errors
/// authsync does not start, or a request is not answered as it should be.
pub(in crate::bench) fn measure(ground: &Ground, options: &Options, screen: Screen) -> anyhow::Result<Refusal> {
    let named = |name| ALL.iter().find(|one| one.name == name).context("authsync takes no part");
    let (delivered, uncached) = (named(AUTHSYNC)?, named(UNCACHED)?);
    let cost = |contender, scenario| anyhow::Ok(trial::run(ground, contender, scenario, options)?.server_us);
    let mut refusal = Refusal::default();
    for round in 1..=options.rounds {
        for turn in 0..3 {
            match (round + turn) % 3 {
                0 => refusal.forged.push(cost(delivered, Scenario::Forged)?),
                1 => refusal.good.push(cost(delivered, Scenario::VerifyUnique)?),
                _ => refusal.good_without_caches.push(cost(uncached, Scenario::VerifyUnique)?),
            }
        }
        let last = |costs: &[f64]| costs.last().map_or_else(String::new, |cost| format!("{cost:.1} µs"));
        screen.line(format_args!(
            "{round}/{} a forged token {}, a good one {}, a good one without caches {}",
            options.rounds,
            last(&refusal.forged),
            last(&refusal.good),
            last(&refusal.good_without_caches),
        ));
    }
    Ok(refusal)
}
