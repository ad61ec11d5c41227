//! What came of the requests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

/// Digits that are kept of a latency.
const PRECISION: u8 = 3;

/// How a request ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// No connection.
    Refused,
    /// The connection ended before the answer was whole.
    Closed,
    /// No answer in time.
    Timeout,
    /// An answer that is none.
    Garbled,
}

impl Failure {
    const ALL: [Self; 4] = [Self::Refused, Self::Closed, Self::Timeout, Self::Garbled];

    fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::Timeout => "timeout",
            Self::Garbled => "garbled",
        }
    }
}

/// What ended in one span of time.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    good: u64,
    other: u64,
    failed: u64,
}

/// Counts and latencies.
#[derive(Debug)]
pub(crate) struct Tally {
    by_status: BTreeMap<u16, Histogram<u64>>,
    failures: BTreeMap<Failure, u64>,
    acknowledged: Option<BTreeSet<usize>>,
    every: Option<Duration>,
    spans: Vec<Span>,
    pub(crate) retried: u64,
    pub(crate) reopened: u64,
    pub(crate) unsent: u64,
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
}

impl Tally {
    /// Nothing yet. `every`: a series of such spans is kept. `acknowledged`: the numbers of good requests are.
    pub(crate) fn new(every: Option<Duration>, acknowledged: bool) -> Self {
        Self {
            by_status: BTreeMap::new(),
            failures: BTreeMap::new(),
            acknowledged: acknowledged.then(BTreeSet::new),
            every,
            spans: Vec::new(),
            retried: 0,
            reopened: 0,
            unsent: 0,
            time: Duration::ZERO,
            cpu: Duration::ZERO,
        }
    }

    /// The request of this number was answered, so long after it was due and so long after the begin.
    pub(crate) fn answered(&mut self, number: usize, status: u16, latency: Duration, at: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        // It grows by itself, so there is no value that it does not take.
        let _ = self.by_status.entry(status).or_insert_with(histogram).record(micros);
        let is_good = (200..300).contains(&status);
        if let Some(acknowledged) = self.acknowledged.as_mut().filter(|_| is_good) {
            acknowledged.insert(number);
        }
        if let Some(span) = self.span(at) {
            *if is_good { &mut span.good } else { &mut span.other } += 1;
        }
    }

    /// A request ended without an answer.
    pub(crate) fn failed(&mut self, failure: Failure, at: Duration) {
        *self.failures.entry(failure).or_default() += 1;
        if let Some(span) = self.span(at) {
            span.failed += 1;
        }
    }

    /// How many requests ended otherwise than with one of these. What was never sent has not ended.
    pub(crate) fn others_than(&self, expected: &[u16]) -> u64 {
        let answers = self.by_status.iter().filter(|(status, _)| !expected.contains(status));
        answers.map(|(_, latencies)| latencies.len()).sum::<u64>() + self.failures.values().sum::<u64>()
    }

    /// The numbers of the good requests, a line each.
    pub(crate) fn acknowledged_lines(&self) -> String {
        let mut lines = String::new();
        for number in self.acknowledged.iter().flatten() {
            // A string takes everything.
            let _ = writeln!(lines, "{number}");
        }
        lines
    }

    /// The line of JSON.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub(crate) fn report(&self) -> Value {
        let mut all = histogram();
        for latencies in self.by_status.values() {
            // The same precision, and it grows.
            let _ = all.add(latencies);
        }
        let seconds = self.time.as_secs_f64();
        let statuses: Map<String, Value> =
            self.by_status.iter().map(|(status, latencies)| (status.to_string(), latencies.len().into())).collect();
        let failures: Map<String, Value> = Failure::ALL
            .iter()
            .map(|kind| (kind.name().to_owned(), self.failures.get(kind).copied().unwrap_or(0).into()))
            .collect();
        let by_status: Map<String, Value> =
            self.by_status.iter().map(|(status, latencies)| (status.to_string(), figures(latencies))).collect();
        let mut report = json!({
            "seconds": seconds,
            "requests": all.len(),
            "per_second": all.len() as f64 / seconds,
            "cpu_us": u64::try_from(self.cpu.as_micros()).unwrap_or(u64::MAX),
            "statuses": statuses,
            "failures": failures,
            "retried": self.retried,
            "reopened": self.reopened,
            "unsent": self.unsent,
            "latency_us": figures(&all),
            "latency_us_by_status": by_status,
        });
        if let (Some(every), Some(members)) = (self.every, report.as_object_mut()) {
            members.insert("series".to_owned(), self.series(every));
        }
        report
    }

    fn series(&self, every: Duration) -> Value {
        let spans = self.spans.iter().zip(0u128..).map(|(span, place)| {
            let at = u64::try_from(every.as_millis() * place).unwrap_or(u64::MAX);
            json!({ "at_ms": at, "good": span.good, "other": span.other, "failed": span.failed })
        });
        spans.collect()
    }

    fn span(&mut self, at: Duration) -> Option<&mut Span> {
        let place = usize::try_from(at.as_nanos() / self.every?.as_nanos()).ok()?;
        if place >= self.spans.len() {
            self.spans.resize(place + 1, Span::default());
        }
        self.spans.get_mut(place)
    }
}

#[expect(clippy::expect_used, reason = "fails only for a precision above five digits")]
fn histogram() -> Histogram<u64> {
    Histogram::new(PRECISION).expect("three digits are kept")
}

fn figures(latencies: &Histogram<u64>) -> Value {
    let at = |quantile| latencies.value_at_quantile(quantile);
    json!({
        "mean": latencies.mean(),
        "p50": at(0.5),
        "p90": at(0.9),
        "p99": at(0.99),
        "p999": at(0.999),
        "max": latencies.max(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn percentiles_are_those_of_all_answers_and_of_each_status() {
        let mut tally = Tally::new(None, false);
        (1..=99).for_each(|n| tally.answered(n, 200, MS(1), MS(n as u64)));
        tally.answered(100, 503, MS(50), MS(100));
        tally.time = Duration::from_secs(2);
        let report = tally.report();
        assert_eq!(report["per_second"], 50.0);
        assert_eq!(report["statuses"], json!({ "200": 99, "503": 1 }));
        assert!((1000..=1001).contains(&report["latency_us"]["p99"].as_u64().unwrap()), "{report}");
        assert!(report["latency_us"]["max"].as_u64().unwrap() >= 50_000);
        assert!(report["latency_us_by_status"]["503"]["p50"].as_u64().unwrap() >= 49_900);
        assert!(report.get("series").is_none());
    }

    #[test]
    fn whatever_ends_otherwise_than_expected_is_counted() {
        let mut tally = Tally::new(None, false);
        tally.answered(0, 200, MS(1), MS(1));
        tally.answered(1, 401, MS(1), MS(1));
        tally.failed(Failure::Timeout, MS(1));
        assert_eq!((tally.others_than(&[200, 401]), tally.others_than(&[200])), (1, 2));
    }

    #[test]
    fn what_was_never_sent_is_told_and_is_no_wrong_answer() {
        let mut tally = Tally::new(None, false);
        tally.answered(0, 401, MS(1), MS(1));
        tally.unsent = 7;
        assert_eq!((tally.others_than(&[401]), tally.others_than(&[200])), (0, 1));
        assert_eq!(tally.report()["unsent"], 7);
    }

    #[test]
    fn a_series_has_every_span_up_to_the_last_end() {
        let mut tally = Tally::new(Some(MS(100)), false);
        tally.answered(0, 200, MS(1), MS(50));
        tally.answered(1, 503, MS(1), MS(350));
        tally.failed(Failure::Refused, MS(399));
        let report = tally.report();
        assert_eq!(report["series"].as_array().unwrap().len(), 4);
        assert_eq!(report["series"][0]["good"], 1);
        assert_eq!(report["series"][3], json!({ "at_ms": 300, "good": 0, "other": 1, "failed": 1 }));
    }

    #[test]
    fn acknowledged_are_the_good_ones_alone() {
        let mut tally = Tally::new(None, true);
        tally.answered(7, 200, MS(1), MS(1));
        tally.answered(8, 409, MS(1), MS(1));
        tally.answered(3, 204, MS(1), MS(1));
        assert_eq!(tally.acknowledged_lines(), "3\n7\n");
    }
}
