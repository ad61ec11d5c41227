//! What Prometheus scrapes. Every label value is fixed and every series is made at start, so that counting touches
//! atomics alone and no client can add a series.

mod events;
mod keys;
mod route;
mod sockets;
mod users;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::{IssuerKeys, Principal, Rejection, Saved, SyncError, VerifiedToken, VerifyError};
use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

pub use self::events::EventMetrics;
pub(crate) use self::keys::{outcome_label, state_label};
pub use self::route::Route;
pub use self::sockets::SocketMetrics;
pub use self::users::UserMetrics;

/// The content type of what [`Metrics::render`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// In seconds: from a token check out of the cache to a request that waits for everything it may wait for.
const DURATION_BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The counters of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    in_flight: IntGauge,
    routes: Vec<RouteMetrics>,
    accepted: IntCounter,
    rejected: Vec<(Rejection, IntCounter)>,
    keys_unavailable: IntCounter,
    proofs_unavailable: IntCounter,
    subjects: Subjects,
    syncs: Syncs,
    /// Auth0's events.
    pub events: EventMetrics,
    /// The sockets.
    pub sockets: SocketMetrics,
    /// The memory of users.
    pub users: UserMetrics,
}

/// The series of one route.
#[derive(Debug)]
struct RouteMetrics {
    route: Route,
    duration: Histogram,
    by_status: Vec<(u16, IntCounter)>,
    other: IntCounter,
}

#[derive(Debug)]
struct Subjects {
    user: IntCounter,
    machine: IntCounter,
    anonymous: IntCounter,
}

#[derive(Debug)]
struct Syncs {
    created: IntCounter,
    updated: IntCounter,
    unchanged: IntCounter,
    conflict: IntCounter,
    forbidden: IntCounter,
    unavailable: IntCounter,
    failed: IntCounter,
}

/// Counts a request as in flight for as long as it lives, however the request ends.
#[derive(Debug)]
#[must_use = "the request counts as in flight until this is dropped"]
pub struct InFlight(IntGauge);

impl Metrics {
    /// Makes every series.
    ///
    /// # Errors
    /// Only if two of the names below are the same.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let build = Opts::new("authsync_build_info", "The running version; always 1.");
        let build = registered(&registry, IntGaugeVec::new(build, &["version"])?)?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let in_flight = IntGauge::new("authsync_http_requests_in_flight", "Requests that are being answered.")?;
        let in_flight = registered(&registry, in_flight)?;
        let requests = counters(
            &registry,
            "authsync_http_requests_total",
            "Requests answered, by route and status; a preflight counts as a route of its own.",
            &["route", "status"],
        )?;
        let duration = HistogramOpts::new(
            "authsync_http_request_duration_seconds",
            "Time from the head of a request to the head of its answer, by route.",
        );
        let durations = HistogramVec::new(duration.buckets(DURATION_BUCKETS.to_vec()), &["route"])?;
        let durations = registered(&registry, durations)?;
        let verifications = counters(
            &registry,
            "authsync_token_verifications_total",
            "Tokens judged: accepted, the reason for a refusal, keys_unavailable or proofs_unavailable.",
            &["outcome"],
        )?;
        let subjects = counters(
            &registry,
            "authsync_token_subjects_total",
            "Accepted tokens by whom they stand for: a user, a machine or an anonymous session.",
            &["kind"],
        )?;
        let syncs =
            counters(&registry, "authsync_syncs_total", "Syncs of a user with the table, by outcome.", &["outcome"])?;
        Ok(Self {
            routes: Route::ALL.iter().map(|route| RouteMetrics::new(*route, &requests, &durations)).collect(),
            accepted: verifications.with_label_values(&["accepted"]),
            rejected: Rejection::ALL
                .iter()
                .map(|rejection| (*rejection, verifications.with_label_values(&[rejection.code()])))
                .collect(),
            keys_unavailable: verifications.with_label_values(&["keys_unavailable"]),
            proofs_unavailable: verifications.with_label_values(&["proofs_unavailable"]),
            subjects: Subjects {
                user: subjects.with_label_values(&["user"]),
                machine: subjects.with_label_values(&["machine"]),
                anonymous: subjects.with_label_values(&["anonymous"]),
            },
            syncs: Syncs {
                created: syncs.with_label_values(&["created"]),
                updated: syncs.with_label_values(&["updated"]),
                unchanged: syncs.with_label_values(&["unchanged"]),
                conflict: syncs.with_label_values(&["conflict"]),
                forbidden: syncs.with_label_values(&["forbidden"]),
                unavailable: syncs.with_label_values(&["unavailable"]),
                failed: syncs.with_label_values(&["failed"]),
            },
            in_flight,
            events: EventMetrics::new(&registry)?,
            sockets: SocketMetrics::new(&registry)?,
            users: UserMetrics::new(&registry)?,
            registry,
        })
    }

    /// Counts a request as in flight until the answer is dropped.
    pub fn request_started(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answered request.
    pub fn request_answered(&self, route: Route, status: u16, duration: Duration) {
        if let Some(metrics) = self.routes.iter().find(|metrics| metrics.route == route) {
            metrics.duration.observe(duration.as_secs_f64());
            find(&metrics.by_status, status).unwrap_or(&metrics.other).inc();
        }
    }

    /// Counts a judged token.
    pub fn token_judged(&self, outcome: Result<&VerifiedToken, &VerifyError>) {
        match outcome {
            Ok(token) => {
                self.accepted.inc();
                match token.subject().principal() {
                    Principal::User => self.subjects.user.inc(),
                    Principal::Machine => self.subjects.machine.inc(),
                    Principal::Anonymous => self.subjects.anonymous.inc(),
                }
            }
            Err(VerifyError::Rejected(rejection)) => {
                if let Some(counter) = find(&self.rejected, *rejection) {
                    counter.inc();
                }
            }
            Err(VerifyError::KeysUnavailable(_)) => self.keys_unavailable.inc(),
            Err(VerifyError::ProofsUnavailable(_)) => self.proofs_unavailable.inc(),
        }
    }

    /// Counts a sync.
    pub fn synced(&self, outcome: &Result<Saved, SyncError>) {
        let counter = match outcome {
            Ok(Saved::Created(_)) => &self.syncs.created,
            Ok(Saved::Updated(_)) => &self.syncs.updated,
            Ok(Saved::Unchanged(_)) => &self.syncs.unchanged,
            Err(SyncError::EmailTaken) => &self.syncs.conflict,
            Err(SyncError::NotYourIdentity | SyncError::UnknownToAuth0 | SyncError::Blocked) => &self.syncs.forbidden,
            Err(SyncError::Unavailable(_)) => &self.syncs.unavailable,
            Err(SyncError::Failed(_)) => &self.syncs.failed,
        };
        counter.inc();
    }

    /// Everything in Prometheus' text format 0.0.4; the state of the keys is the one that is passed in.
    #[must_use]
    pub fn render(&self, keys: &[IssuerKeys]) -> String {
        let text = self::keys::registry(keys).and_then(|of_keys| {
            let mut families = self.registry.gather();
            families.extend(of_keys.gather());
            TextEncoder::new().encode_to_string(&families)
        });
        text.unwrap_or_else(|error| {
            log::error!("metrics: {error}");
            String::new()
        })
    }
}

impl RouteMetrics {
    fn new(route: Route, requests: &IntCounterVec, durations: &HistogramVec) -> Self {
        let counter = |status: &str| requests.with_label_values(&[route.label(), status]);
        Self {
            route,
            duration: durations.with_label_values(&[route.label()]),
            by_status: route.statuses().iter().map(|status| (*status, counter(&status.to_string()))).collect(),
            other: counter("other"),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
    registered(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> prometheus::Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn find<K: PartialEq>(series: &[(K, IntCounter)], key: K) -> Option<&IntCounter> {
    series.iter().find(|(of, _)| *of == key).map(|(_, counter)| counter)
}
