//! What is counted about Auth0's events.

use prometheus::{IntCounter, Registry};

use super::{counters, find};
use crate::events::Outcome;

/// The counters of the webhook.
#[derive(Debug)]
pub struct EventMetrics {
    received: Vec<(Outcome, IntCounter)>,
    failed: IntCounter,
}

impl EventMetrics {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let events = counters(
            registry,
            "authsync_events_total",
            "Events that Auth0 delivered to the webhook, by what became of them; failed ones come again.",
            &["outcome"],
        )?;
        let received = Outcome::ALL.map(|outcome| (outcome, events.with_label_values(&[outcome.label()])));
        Ok(Self { received: received.into(), failed: events.with_label_values(&["failed"]) })
    }

    /// Counts a delivery; none is one that was neither applied nor kept.
    pub(crate) fn received(&self, outcome: Option<Outcome>) {
        let counter = outcome.map_or(Some(&self.failed), |outcome| find(&self.received, outcome));
        if let Some(counter) = counter {
            counter.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn every_outcome_is_counted() {
        let metrics = Metrics::new().expect("names that differ");
        Outcome::ALL.iter().for_each(|outcome| metrics.events.received(Some(*outcome)));
        metrics.events.received(None);
        metrics.events.received(None);
        let text = metrics.render(&[]);
        for outcome in ["applied", "unchanged", "duplicate", "ignored", "test", "parked"] {
            let line = format!("authsync_events_total{{outcome=\"{outcome}\"}} 1");
            assert!(text.lines().any(|written| written == line), "no line {line} in\n{text}");
        }
        assert!(text.contains("authsync_events_total{outcome=\"failed\"} 2"), "{text}");
    }
}
