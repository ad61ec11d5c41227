//! Every answer of a load, and what can be read from them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::wire::Failure;

/// So many verifications in a row, and a node has every reason to remember a user.
pub(super) const OFTEN: u32 = 3;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// `GET /auth/verify` of somebody who has a row.
    Verify,
    /// The same, of somebody who was verified [`OFTEN`] times since the last attempt to write.
    VerifyAgain,
    /// `POST /auth/sync` of somebody of whom nothing has changed.
    SyncSame,
    /// `POST /auth/sync` with another name.
    SyncChanged,
    /// `POST /auth/sync` of somebody new.
    SyncNew,
    /// What needs no database.
    Other,
}

impl Ask {
    /// Whether a good answer acknowledges that the table was written to.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::SyncChanged | Self::SyncNew)
    }

    pub(super) fn verifies(self) -> bool {
        matches!(self, Self::Verify | Self::VerifyAgain)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer.
    Status(u16),
    /// None.
    Failed(Failure),
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) begun: Instant,
    pub(super) took: Duration,
    pub(super) ask: Ask,
    pub(super) outcome: Outcome,
    pub(super) stale: bool,
    pub(super) retry_after: bool,
}

impl Sample {
    pub(super) fn is(&self, status: u16) -> bool {
        self.outcome == Outcome::Status(status)
    }

    /// When the answer was there, or given up.
    pub(super) fn ended(&self) -> Instant {
        self.begun + self.took
    }
}

/// All of them, in the order in which they were begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(Vec<Sample>);

impl Record {
    pub(super) fn new(mut samples: Vec<Sample>) -> Self {
        samples.sort_unstable_by_key(|sample| sample.begun);
        Self(samples)
    }

    /// Those of several records.
    pub(super) fn joined(records: impl IntoIterator<Item = Self>) -> Self {
        Self::new(records.into_iter().flat_map(|record| record.0).collect())
    }

    /// Those of which this holds.
    pub(super) fn those(&self, holds: impl Fn(&Sample) -> bool) -> Self {
        Self(self.0.iter().filter(|sample| holds(sample)).copied().collect())
    }

    /// Those that were begun from the one moment on, and before the other.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Self {
        self.those(|sample| sample.begun >= from && sample.begun < to)
    }

    pub(super) fn writes(&self) -> Self {
        self.those(|sample| sample.ask.writes())
    }

    /// Those that write nothing: verifications, and syncs that change nothing.
    pub(super) fn reads(&self) -> Self {
        self.those(|sample| !sample.ask.writes())
    }

    pub(super) fn verifications(&self) -> Self {
        self.those(|sample| sample.ask.verifies())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many there are of each outcome: `200: 31, 503: 7, broken: 2`.
    pub(super) fn outcomes(&self) -> String {
        let mut counts = BTreeMap::<String, usize>::new();
        for sample in &self.0 {
            let name = match sample.outcome {
                Outcome::Status(status) => status.to_string(),
                Outcome::Failed(Failure::NoConnection) => "no connection".to_owned(),
                Outcome::Failed(Failure::Broken) => "broken".to_owned(),
                Outcome::Failed(Failure::TimedOut) => "timed out".to_owned(),
            };
            *counts.entry(name).or_default() += 1;
        }
        let counts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name}: {count}")).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    }

    /// How many have this status.
    pub(super) fn count(&self, status: u16) -> usize {
        self.0.iter().filter(|sample| sample.is(status)).count()
    }

    /// How many got an answer of another status than these.
    pub(super) fn answered_otherwise(&self, expected: &[u16]) -> usize {
        let other = |outcome| matches!(outcome, Outcome::Status(status) if !expected.contains(&status));
        self.0.iter().filter(|sample| other(sample.outcome)).count()
    }

    /// How many got no answer at all.
    pub(super) fn unanswered(&self) -> usize {
        self.0.iter().filter(|sample| matches!(sample.outcome, Outcome::Failed(_))).count()
    }

    /// The latest beginning of a request that got a good answer.
    pub(super) fn last_good(&self) -> Option<Instant> {
        self.0.iter().filter(|sample| sample.is(200)).map(|sample| sample.begun).max()
    }

    /// Seconds from the moment to the first good answer of a request that was begun after it.
    pub(super) fn first_good_after(&self, moment: Instant) -> Option<f64> {
        let good = self.0.iter().filter(|sample| sample.begun > moment && sample.is(200));
        good.map(Sample::ended).min().map(|end| end.duration_since(moment).as_secs_f64())
    }

    /// The longest time, in seconds, from one good answer to the next, between the two moments.
    pub(super) fn longest_gap(&self, from: Instant, to: Instant) -> f64 {
        let mut ends: Vec<Instant> = self.0.iter().filter(|sample| sample.is(200)).map(Sample::ended).collect();
        ends.retain(|end| (from..to).contains(end));
        ends.sort_unstable();
        let from = std::iter::once(from).chain(ends.iter().copied());
        let to = ends.iter().copied().chain(std::iter::once(to));
        from.zip(to).map(|(from, to)| to.duration_since(from).as_secs_f64()).fold(0.0, f64::max)
    }

    /// The smallest time, in milliseconds, that so many percent of the answers did not exceed.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut times: Vec<Duration> = self.0.iter().map(|sample| sample.took).collect();
        times.sort_unstable();
        let rank = (times.len() * percent).div_ceil(100).max(1);
        times.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// `p50 / p99 ms`, as a figure.
    pub(super) fn times(&self) -> String {
        format!("{:.1} / {:.1} ms", self.percentile(50), self.percentile(99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(samples: &[(u64, u64, Outcome)]) -> (Instant, Record) {
        let zero = Instant::now();
        let sample = |&(begun, took, outcome)| Sample {
            begun: zero + Duration::from_millis(begun),
            took: Duration::from_millis(took),
            ask: Ask::Verify,
            outcome,
            stale: false,
            retry_after: false,
        };
        (zero, Record::new(samples.iter().map(sample).collect()))
    }

    #[test]
    fn a_gap_lasts_from_one_good_answer_to_the_next() {
        let good = Outcome::Status(200);
        let (zero, record) = record(&[
            (0, 10, good),
            (100, 10, Outcome::Status(503)),
            (200, 50, good),
            (150, 9000, Outcome::Failed(Failure::TimedOut)),
            (300, 10, good),
        ]);
        let at = |millis| zero + Duration::from_millis(millis);
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(close(record.longest_gap(at(0), at(400)), 0.24));
        assert!(close(record.longest_gap(at(0), at(700)), 0.39), "the end counts as well");
        assert!(close(record.first_good_after(at(50)).unwrap(), 0.2));
        assert_eq!(record.first_good_after(at(300)), None);
        assert_eq!(record.outcomes(), "200: 3, 503: 1, timed out: 1");
        assert_eq!((record.unanswered(), record.answered_otherwise(&[200])), (1, 1));
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let samples: Vec<_> = (1..=200).map(|millis| (millis, millis, Outcome::Status(200))).collect();
        let (_, record) = record(&samples);
        assert_eq!(record.times(), "100.0 / 198.0 ms");
        assert_eq!(Record::default().times(), "0.0 / 0.0 ms");
    }
}
