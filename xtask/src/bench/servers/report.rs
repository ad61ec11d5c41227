//! The document.

use std::fmt::Write;

use anyhow::Context;

use super::board::Board;
use super::contender::{AUTHSYNC, BARE};
use super::figures::{Figure, count, grouped, shown};
use super::flood::GOOD_RATE;
use super::goals::{Extras, Goal};
use super::machine::Machine;
use super::markdown;
use super::options::Options;
use super::part::Part;

/// What stands before the figures and does not depend on them.
const INTRODUCTION: &str = include_str!("introduction.md");

/// The whole of it.
///
/// # Errors
/// A text cannot be written.
pub(in crate::bench) fn document(
    options: &Options,
    machine: &Machine,
    board: &Board,
    goals: &[Goal],
    extras: &Extras,
) -> anyhow::Result<String> {
    let mut text = INTRODUCTION.to_owned();
    writeln!(text, "\n## This run\n\n{}", machine.described(options.note.as_deref()))?;
    writeln!(
        text,
        "{} rounds; in each, every server once, in the order of the tables, started anew, warmed up for {} s and measured for {} s \
         (or until every unique token was used once) by one generator with 64 connections. {} users in the table. Figures are \
         medians (lowest–highest of the rounds); ratios are taken in each round.",
        options.rounds,
        options.warm_up.as_secs_f64(),
        options.time.as_secs_f64(),
        count(options.unique),
    )?;
    writeln!(text, "\n## Goals\n\n{}", goals_table(goals))?;
    text.push_str("![requests per second of each server in each scenario](servers-speed.svg)\n\n");
    text.push_str("![processor time per request of server and PostgreSQL](servers-cpu.svg)\n");
    for &part in &options.parts {
        writeln!(text, "\n## {}\n", part.name())?;
        match part {
            Part::Load(scenario) => text.push_str(&board.table(scenario)),
            Part::Memory => text.push_str(&memory(extras)?),
            Part::ColdStart => text.push_str(&starts(extras)),
            Part::Refusal => text.push_str(&refusal(extras)?),
            Part::Flood => text.push_str(&flood(extras)?),
        }
    }
    Ok(text)
}

/// Each goal, its figure, and whether it is met.
pub(in crate::bench) fn goals_table(goals: &[Goal]) -> String {
    let mut rows = vec![["goal", "bound", "this run", "met"].map(str::to_owned)];
    for goal in goals {
        let verdict = goal.is_met().map_or("not measured", |met| if met { "yes" } else { "**no**" });
        let figure = goal.figure.map_or_else(|| "–".to_owned(), |figure| figure.with(goal.digits).to_string());
        rows.push([goal.what.to_owned(), goal.bound_text(), figure, verdict.to_owned()]);
    }
    markdown::table(&rows)
}

fn memory(extras: &Extras) -> anyhow::Result<String> {
    let grown = extras.memory.context("the memory was not measured")?;
    Ok(format!(
        "authsync, one process: {:.1} MiB at its first answer, {:.1} MiB after {} unique tokens, {:.1} MiB after all of them once \
         more, {:.1} MiB at most.\n",
        grown.at_start,
        grown.after_all,
        count(grown.tokens),
        grown.after_all_twice,
        grown.peak,
    ))
}

fn starts(extras: &Extras) -> String {
    let bare = super::cold_start::of(&extras.starts, BARE);
    let mut rows = vec![["server", "ms to the first 200", "÷ bare"].map(str::to_owned)];
    for starts in &extras.starts {
        let ratio = Figure::ratio(&starts.milliseconds, bare).filter(|_| starts.contender.name != BARE);
        rows.push([
            starts.contender.title.to_owned(),
            shown(&starts.milliseconds, 1),
            ratio.map_or_else(|| "–".to_owned(), |ratio| ratio.with(2).to_string()),
        ]);
    }
    format!(
        "From the start of the process to the first 200 on `GET /auth/verify` with a good token: the keys are fetched, and the \
         database is reached.\n\n{}",
        markdown::table(&rows)
    )
}

fn refusal(extras: &Extras) -> anyhow::Result<String> {
    let refusal = extras.refusal.as_ref().context("the refusal was not measured")?;
    let ratio = |ratio: Option<Figure>| ratio.map_or_else(String::new, |ratio| ratio.with(2).to_string());
    Ok(format!(
        "Processor time of the server for a token that was not seen before, measured right after each other: {} µs for one \
         with a forged signature, {} µs for a good one, {} µs for a good one with all caches off. The ratios: {} and {}.\n",
        shown(&refusal.forged, 1),
        shown(&refusal.good, 1),
        shown(&refusal.good_without_caches, 1),
        ratio(refusal.ratio()),
        ratio(refusal.ratio_without_caches()),
    ))
}

fn flood(extras: &Extras) -> anyhow::Result<String> {
    let flood = extras.flood.as_ref().context("the flood was not measured")?;
    let mut rows = vec![["good tokens", "p50 ms", "p99 ms"].map(str::to_owned)];
    rows.push(["alone".to_owned(), shown(&flood.p50_without, 2), shown(&flood.p99_without, 2)]);
    rows.push(["in the flood".to_owned(), shown(&flood.p50_with, 2), shown(&flood.p99_with, 2)]);
    let ratio = flood.ratio().map_or_else(String::new, |ratio| ratio.with(2).to_string());
    let cores = match &flood.apart {
        Some(apart) => format!(
            "The server has {} of the cores for itself, and the generators have {}, as if they were on other machines.",
            apart.server.count(),
            apart.generators.count()
        ),
        None => "The server shares its core with the generators, so that these latencies are the scheduler's as well."
            .to_owned(),
    };
    Ok(format!(
        "{AUTHSYNC} answers {} good requests a second (1,000 tokens in turn, open loop: a latency counts from the moment at which \
         the request was due), first alone, then while {} forged tokens a second come on connections of their own, open loop, too: half \
         of what it can refuse. {cores} Due at its end and not sent: {}. p99 in the flood ÷ alone: {ratio}.\n\n{}",
        grouped(GOOD_RATE, 0),
        grouped(flood.rate, 0),
        shown(&flood.unsent, 0),
        markdown::table(&rows)
    ))
}

#[cfg(test)]
mod tests {
    use super::super::goals::Bound;
    use super::*;

    #[test]
    fn a_goal_that_is_missed_is_said_to_be() {
        let goal = |figure| Goal { what: "it", bound: Bound::AtLeast(2.0), digits: 1, figure };
        let table = goals_table(&[goal(Figure::of([1.0, 1.5, 3.0])), goal(Figure::of([2.0])), goal(None)]);
        let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
        assert_eq!(cells[2][1..5], ["it", "≥ 2.0", "1.5 (1.0–3.0)", "**no**"]);
        assert_eq!((cells[3][4], cells[4][4]), ("yes", "not measured"));
    }
}
