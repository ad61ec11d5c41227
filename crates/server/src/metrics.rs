//! What Prometheus scrapes. Every label value is fixed and every series is made at start, so that counting touches
//! atomics alone and no client can add a series.

mod database;
mod events;
mod family;
mod keys;
mod log;
mod process;
mod replica;
mod request_families;
mod requests;
mod route;
mod sockets;
mod striped;
mod syncs;
#[cfg(test)]
mod tests;
mod token_cache;
mod tokens;
mod users;

use domain::{IssuerKeys, Saved, SyncError, VerifiedToken, VerifyError};
use prometheus::core::Collector;
use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

use self::log::LogFamily;
use self::process::ProcessFamilies;
use self::request_families::RequestFamilies;
use self::syncs::SyncMetrics;
use self::tokens::TokenMetrics;

pub use self::events::EventMetrics;
pub(crate) use self::keys::{outcome_label, state_label};
pub use self::requests::{InFlight, RequestMetrics, WorkerRequests};
pub use self::route::Route;
pub use self::sockets::SocketMetrics;
pub use self::users::UserMetrics;

/// The content type of what [`Metrics::render`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The counters of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    tokens: TokenMetrics,
    syncs: SyncMetrics,
    /// Requests.
    pub requests: RequestMetrics,
    /// Auth0's events.
    pub events: EventMetrics,
    /// The sockets.
    pub sockets: SocketMetrics,
    /// The memory of users.
    pub users: UserMetrics,
}

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
        registry.register(Box::new(ProcessFamilies::new()?))?;
        registry.register(Box::new(LogFamily::new()?))?;
        let requests = RequestMetrics::default();
        registry.register(Box::new(RequestFamilies::of(requests.clone())?))?;
        Ok(Self {
            tokens: TokenMetrics::new(&registry)?,
            syncs: SyncMetrics::new(&registry)?,
            requests,
            events: EventMetrics::new(&registry)?,
            sockets: SocketMetrics::new(&registry)?,
            users: UserMetrics::new(&registry)?,
            registry,
        })
    }

    /// Counts a judged token.
    pub fn token_judged(&self, outcome: Result<&VerifiedToken, &VerifyError>) {
        self.tokens.judged(outcome);
    }

    /// Counts a sync.
    pub fn synced(&self, outcome: &Result<Saved, SyncError>) {
        self.syncs.ended(outcome);
    }

    /// Counts a sync that changed nothing, like the same one before it.
    pub fn synced_again(&self) {
        self.syncs.again();
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
            ::log::error!("metrics: {error}");
            String::new()
        })
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
