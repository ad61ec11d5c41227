//! What authsync has in memory after many tokens.

use std::time::Duration;

use anyhow::Context;

use super::contender::{ALL, AUTHSYNC};
use super::figures::count;
use super::ground::Ground;
use super::load::Load;
use super::options::Options;
use super::running::Running;
use super::scenario::Scenario;
use super::usage::memory_of;
use crate::screen::Screen;

/// Far more than it takes.
const TIMEOUT: Duration = Duration::from_secs(600);

/// In mebibytes, of one process.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Grown {
    pub(in crate::bench) tokens: usize,
    pub(in crate::bench) at_start: f64,
    /// Each token was seen once.
    pub(in crate::bench) after_all: f64,
    /// Each token was seen twice, so that all were candidates for the cache.
    pub(in crate::bench) after_all_twice: f64,
    pub(in crate::bench) peak: f64,
}

/// Asks with every token once, and with every token once more.
///
/// # Errors
/// The server does not start, or a request is not answered as it should be.
pub(in crate::bench) fn measure(ground: &Ground, options: &Options, screen: Screen) -> anyhow::Result<Grown> {
    let contender = ALL.iter().find(|one| one.name == AUTHSYNC).context("authsync takes no part")?;
    let database = ground.database_for(contender, Scenario::VerifyUnique)?;
    let running = Running::start(contender, ground, &database)?;
    let memory = || memory_of(running.process);
    let all = || {
        let mut words = Scenario::VerifyUnique.arguments((0, options.unique));
        words.extend(["--seconds".to_owned(), TIMEOUT.as_secs().to_string()]);
        Load::start(&ground.programs.load, running.address, &ground.tenant.tokens, &words)?
            .finish()
            .with_context(|| running.last_words())
    };
    let at_start = memory()?;
    all()?;
    let once = memory()?;
    all()?;
    let twice = memory()?;
    let grown = Grown {
        tokens: options.unique,
        at_start: at_start.resident_mib(),
        after_all: once.resident_mib(),
        after_all_twice: twice.resident_mib(),
        peak: twice.peak_mib(),
    };
    screen.line(format_args!(
        "RSS {:.1} MiB at start, {:.1} after {} unique tokens, {:.1} after all of them again, peak {:.1}",
        grown.at_start,
        grown.after_all,
        count(options.unique),
        grown.after_all_twice,
        grown.peak
    ));
    Ok(grown)
}
