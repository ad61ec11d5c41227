//! What a backfill says when it is over.

use std::fmt;
use std::time::Duration;

use super::line::{Taken, TakenLine};
use super::tally::Tally;
use crate::progress::Span;

/// The most parked lines that are named; all of them are among the dead letters.
const MOST_NAMED: usize = 20;

/// The end of a backfill.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) job: String,
    pub(super) tally: Tally,
    /// How long this run took, and how many users it took in within a second.
    pub(super) elapsed: Duration,
    pub(super) per_second: Option<u64>,
    parked: Vec<(u64, String)>,
}

impl Report {
    pub(super) fn of(job: String) -> Self {
        let (tally, elapsed) = (Tally::default(), Duration::ZERO);
        Self { job, tally, elapsed, per_second: None, parked: Vec::new() }
    }

    /// Notes a line that this run has done.
    pub(super) fn note(&mut self, line: TakenLine) {
        self.tally.count(&line);
        if let Taken::Parked { reason } = line.taken
            && self.parked.len() < MOST_NAMED
        {
            self.parked.push((line.number, reason));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { created, updated, unchanged, waiting, parked } = self.tally;
        writeln!(f, "export     {}", self.job)?;
        writeln!(f, "lines      {}", self.tally.lines())?;
        writeln!(f, "created    {created}")?;
        writeln!(f, "updated    {updated}")?;
        writeln!(f, "unchanged  {unchanged}")?;
        write!(f, "waiting    {waiting}")?;
        writeln!(f, "{}", if waiting > 0 { "  another user has the better claim to their email address" } else { "" })?;
        write!(f, "parked     {parked}")?;
        writeln!(f, "{}", if parked > 0 { "  see `authsync events dead-letters list`" } else { "" })?;
        for (number, reason) in &self.parked {
            writeln!(f, "  line {number}: {reason}")?;
        }
        if parked > self.parked.len() as u64 {
            writeln!(f, "  and {} more", parked - self.parked.len() as u64)?;
        }
        write!(f, "time       {}", Span(self.elapsed))?;
        match self.per_second {
            Some(rate) => writeln!(f, ", {rate} lines a second"),
            None => writeln!(f),
        }
    }
}
