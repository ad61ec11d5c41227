//! Which figures are drawn.

use super::board::{Board, cpu_us};
use super::contender::{ALL, Contender, Program, Store, UNCACHED, USERS_UNCACHED};
use super::figures::{Figure, grouped};
use super::plot::{Bar, Panel, svg};
use super::scenario::Scenario;

const SCENARIOS: [Scenario; 5] =
    [Scenario::VerifyHot, Scenario::VerifyWarm, Scenario::VerifyUnique, Scenario::SyncSame, Scenario::SyncNew];

/// Requests a second.
///
/// # Errors
/// It cannot be drawn.
pub(in crate::bench) fn speed(board: &Board) -> anyhow::Result<String> {
    let bar = |scenario, contender: &Contender| {
        let figure = board.figure(scenario, contender.name, |sample| sample.per_second)?;
        Some(bar(contender, vec![figure.median], figure, grouped(figure.median, 0)))
    };
    let subtitle = "longer is better; median of the rounds, thin lines from the lowest to the highest; each panel has its own scale";
    svg("Requests per second", subtitle, &panels(bar))
}

/// Processor time.
///
/// # Errors
/// It cannot be drawn.
pub(in crate::bench) fn cpu(board: &Board) -> anyhow::Result<String> {
    let bar = |scenario, contender: &Contender| {
        let part = |of: fn(&super::trial::Sample) -> f64| board.figure(scenario, contender.name, of);
        let (server, postgres, whole) =
            (part(|sample| sample.server_us)?, part(|sample| sample.postgres_us)?, part(cpu_us)?);
        let (segments, note) = match contender.store {
            Store::Postgres => {
                (vec![server.median, postgres.median], format!("{:.0} + {:.0} µs", server.median, postgres.median))
            }
            _ => (vec![server.median], format!("{:.0} µs", server.median)),
        };
        Some(bar(contender, segments, whole, note))
    };
    let subtitle = "shorter is better; microseconds of the server in full colour, of PostgreSQL in light; each panel has its own scale";
    svg("Processor time per request", subtitle, &panels(bar))
}

fn panels(bar: impl Fn(Scenario, &Contender) -> Option<Bar>) -> Vec<Panel> {
    let drawn = |scenario: Scenario| {
        let bars: Vec<Bar> = ALL.iter().filter_map(|contender| bar(scenario, contender)).collect();
        (!bars.is_empty()).then(|| Panel { title: scenario.name().to_owned(), bars })
    };
    SCENARIOS.into_iter().filter_map(drawn).collect()
}

fn bar(contender: &Contender, segments: Vec<f64>, figure: Figure, note: String) -> Bar {
    Bar {
        label: contender.title.to_owned(),
        colour: colour(contender),
        segments,
        range: (figure.min, figure.max),
        note,
    }
}

fn colour(contender: &Contender) -> (u8, u8, u8) {
    match (contender.program, contender.store) {
        (Program::Peer(_), Store::Nothing) => (138, 143, 152),
        (Program::Peer(_), _) => (211, 126, 64),
        (Program::Authsync, Store::Sqlite) => (38, 148, 133),
        (Program::Authsync, _) if [UNCACHED, USERS_UNCACHED].contains(&contender.name) => (118, 160, 232),
        (Program::Authsync, _) => (41, 98, 206),
    }
}
