//! How a standby does that looks users up.

use persistence::{Database, ReplicaReport, ReplicaState};
use prometheus::core::{Collector, Desc};
use prometheus::proto::{Gauge, Metric, MetricFamily, MetricType};

use super::Metrics;
use super::family::{counted, described, family};

/// Asks the database at each scrape.
struct ReplicaFamilies {
    database: Database,
    current: Desc,
    lag: Desc,
    lookups: Desc,
}

impl Metrics {
    /// Tells of the standby of this database from now on, if it has one.
    ///
    /// # Errors
    /// Where it was asked for before.
    pub fn tell_of_replica(&self, database: Database) -> prometheus::Result<()> {
        if database.replica_report().is_none() {
            return Ok(());
        }
        let families = ReplicaFamilies {
            database,
            current: described(
                "authsync_replica_current",
                "1 while users may be looked up at the replica of DATABASE_READ_URL, 0 while the primary is asked in its place.",
                &[],
            )?,
            lag: described(
                "authsync_replica_lag_seconds",
                "How old the last proof is that the replica shows what the primary had committed; absent before the first.",
                &[],
            )?,
            lookups: described(
                "authsync_replica_lookups_total",
                "Users to be looked up at the replica: answered; or asked at the primary, because the replica has nobody who may come in \
                 (asked_again), because they were just written here (just_written), because it is not proven to be current \
                 (not_current), or because it failed (failed).",
                &["outcome"],
            )?,
        };
        self.registry.register(Box::new(families))
    }
}

impl Collector for ReplicaFamilies {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.current, &self.lag, &self.lookups]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Some(report) = self.database.replica_report() else { return Vec::new() };
        let current = gauge(if report.state == ReplicaState::Current { 1.0 } else { 0.0 });
        let lag = report.lag.map(|lag| gauge(lag.as_secs_f64()));
        vec![
            family(&self.current, MetricType::GAUGE, vec![current]),
            family(&self.lag, MetricType::GAUGE, lag.into_iter().collect()),
            family(&self.lookups, MetricType::COUNTER, lookups(&report).into()),
        ]
    }
}

fn lookups(report: &ReplicaReport) -> [Metric; 5] {
    [
        ("answered", report.answered),
        ("asked_again", report.asked_again),
        ("just_written", report.just_written),
        ("not_current", report.not_current),
        ("failed", report.failed),
    ]
    .map(|(outcome, count)| counted(&[("outcome", outcome)], count))
}

fn gauge(value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut metric = Metric::default();
    metric.set_gauge(gauge);
    metric
}
