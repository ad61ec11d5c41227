//! `cargo xtask e2e`: the whole login in a real browser. What is said and seen there is in `e2e/`; here it is set up.
//! After the last chapter come the API's documents, as in `cargo xtask api`: both need the same programs.

mod play;
pub(crate) mod stack;
mod tools;

use std::process::ExitCode;
use std::time::Instant;

use self::stack::{Scheme, Stack};
use self::tools::Tools;
use crate::api_check;
use crate::arguments::Arguments;
use crate::dev::build;
use crate::dev::events::Events;
use crate::frontend::Packages;
use crate::screen::{Screen, duration};
use crate::workspace;

/// What is played over http, on one host as during development: everything. `blocked` comes last, because the end of a block
/// is told by an event, which nobody waits for.
const OVER_HTTP: [&str; 9] =
    ["login", "live", "expiry", "refused", "cross_origin", "logout", "react", "docs", "blocked"];
/// What is played over https with the tenant's own authority: whatever depends on cookies, frames and certificates.
const OVER_HTTPS: [&str; 4] = ["login", "live", "logout", "react"];

/// Plays every chapter, or the one that is named, over http and over https.
///
/// # Errors
/// Something is missing and cannot be installed, or does not build or start.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &[], &[], 1)?;
    let begin = Instant::now();
    let tools = Tools::ensure(screen)?;
    for packages in [Packages::IN_SPA, Packages::IN_REACT, Packages::IN_E2E] {
        packages.install(&tools.node, screen)?;
        packages.build(&tools.node)?;
    }
    let programs = build::programs(screen)?;
    let mut all_good = true;
    for (scheme, chapters) in [(Scheme::Http, &OVER_HTTP[..]), (Scheme::Https, &OVER_HTTPS)] {
        let chapters = chosen(chapters, arguments.word());
        if chapters.is_empty() {
            continue;
        }
        screen.line(screen.bold(format_args!("over {}", scheme.name())));
        // A queue of its own: the ends of those that ran before are no trouble of these.
        let events = Events::listen()?;
        let mut stack = Stack::new(scheme)?;
        let place = stack.start(&programs, &tools, &events);
        let outcome = place.and_then(|place| play::play(&place, &chapters, &tools));
        if !matches!(outcome, Ok(true)) {
            stack.explain(screen);
        }
        all_good &= outcome?;
    }
    screen.line(format_args!("\npictures: {}", pictures().display()));
    if arguments.word().is_none() {
        screen.line("");
        all_good &= api_check::perform(screen)?;
    }
    let outcome = if all_good { screen.green("passed") } else { screen.red("failed") };
    screen.line(format_args!("{outcome} in {}", duration(begin.elapsed())));
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen<'a>(chapters: &[&'a str], wanted: Option<&str>) -> Vec<&'a str> {
    chapters.iter().copied().filter(|chapter| wanted.is_none_or(|wanted| wanted == *chapter)).collect()
}

fn pictures() -> std::path::PathBuf {
    workspace::root().join("target/e2e")
}
