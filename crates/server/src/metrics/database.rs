//! How the queues in front of the database do.

use persistence::{Database, LaneReport};
use prometheus::core::{Collector, Desc};
use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::Metrics;
use super::family::{counted, described, family, labelled, measured};

/// Asks the database at each scrape.
struct QueueFamilies {
    database: Database,
    connected: Desc,
    depth: Desc,
    capacity: Desc,
    batches: Desc,
    questions: Desc,
    refused: Desc,
}

impl Metrics {
    /// Tells of the queues of this database from now on.
    ///
    /// # Errors
    /// Where it was asked for before.
    pub fn tell_of_queues(&self, database: Database) -> prometheus::Result<()> {
        let families = QueueFamilies {
            database,
            connected: described(
                "authsync_database_connected",
                "1 while the connection that a queue is worked off by is open, 0 while it is not.",
                &["queue"],
            )?,
            depth: described("authsync_database_queue_depth", "Requests that wait for the database.", &["queue"])?,
            capacity: described(
                "authsync_database_queue_capacity",
                "The most requests that may wait; beyond them the answer is 503.",
                &["queue"],
            )?,
            batches: described(
                "authsync_database_batches_total",
                "Batches that the requests in a queue were answered in.",
                &["queue"],
            )?,
            questions: described("authsync_database_batched_requests_total", "Requests in those batches.", &["queue"])?,
            refused: described(
                "authsync_database_refused_total",
                "Requests answered 503 because a queue was full (overflow), or because the database did not come to them or did not \
                 answer in time (expired).",
                &["queue", "reason"],
            )?,
        };
        self.registry.register(Box::new(families))
    }
}

impl Collector for QueueFamilies {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.connected, &self.depth, &self.capacity, &self.batches, &self.questions, &self.refused]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let report = self.database.queue_report();
        let queues = [("lookups", report.lookups), ("logins", report.logins), ("single_logins", report.single_logins)];
        let gauges = |of: fn(&LaneReport) -> f64| queues.iter().map(|(queue, lane)| gauge(queue, of(lane))).collect();
        let counters = |of: fn(&LaneReport) -> u64| {
            queues.iter().map(|(queue, lane)| counted(&[("queue", queue)], of(lane))).collect()
        };
        let refused = queues.iter().flat_map(|(queue, lane)| {
            [("overflow", lane.overflows), ("expired", lane.expired)]
                .map(|(reason, count)| counted(&[("queue", queue), ("reason", reason)], count))
        });
        vec![
            family(&self.connected, MetricType::GAUGE, gauges(|lane| if lane.connected { 1.0 } else { 0.0 })),
            family(&self.depth, MetricType::GAUGE, gauges(|lane| number(lane.depth))),
            family(&self.capacity, MetricType::GAUGE, gauges(|lane| number(lane.capacity))),
            family(&self.batches, MetricType::COUNTER, counters(|lane| lane.batches)),
            family(&self.questions, MetricType::COUNTER, counters(|lane| lane.questions)),
            family(&self.refused, MetricType::COUNTER, refused.collect()),
        ]
    }
}

fn gauge(queue: &str, value: f64) -> Metric {
    let mut metric = measured(value);
    metric.set_label(labelled(&[("queue", queue)]));
    metric
}

fn number(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
