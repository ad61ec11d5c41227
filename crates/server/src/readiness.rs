//! Whether requests can be served: keys, database, schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::{Clock, KeyReadiness, KeyReport, SchemaState, TokenVerifier, UserRepository};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::http::blocking::blocking;

/// The answer of `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct ReadinessReport {
    /// Whether everything below allows requests to be served.
    pub ready: bool,
    /// Whether the server is about to stop.
    pub draining: bool,
    /// The issuer's keys.
    pub keys: KeysPart,
    /// The connection to the database.
    pub database: DatabasePart,
    /// The schema in it.
    pub schema: SchemaPart,
}

/// The issuer's keys.
#[derive(Clone, Debug, Serialize)]
pub struct KeysPart {
    /// `fresh`, `stale` (the issuer is out of reach, requests are still served) or `missing`.
    pub state: &'static str,
    /// How long ago they were fetched.
    pub age_seconds: Option<u64>,
}

/// The connection to the database.
#[derive(Clone, Debug, Serialize)]
pub struct DatabasePart {
    /// `reachable` or `unreachable`.
    pub state: &'static str,
}

/// The schema.
#[derive(Clone, Debug, Serialize)]
pub struct SchemaPart {
    /// `current`, `behind` or `unknown` (the database did not answer).
    pub state: &'static str,
    /// How many migrations are missing.
    pub pending: Option<usize>,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// Finds out and remembers for a moment.
pub struct Readiness {
    verifier: Arc<dyn TokenVerifier>,
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    draining: AtomicBool,
    schema: Mutex<Option<(Duration, Schema)>>,
}

#[derive(Clone, Copy)]
enum Schema {
    Known(SchemaState),
    Unknown,
}

impl Readiness {
    /// How long the database's answer is good for, so that eager probes cost it nothing.
    const REMEMBERED: Duration = Duration::from_secs(1);

    /// Nothing is asked yet.
    #[must_use]
    pub fn new(verifier: Arc<dyn TokenVerifier>, users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { verifier, users, clock, draining: AtomicBool::new(false), schema: Mutex::new(None) }
    }

    /// From now on not ready, so that balancers look away before the listener closes.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// How the issuer's keys stand.
    #[must_use]
    pub fn key_report(&self) -> KeyReport {
        self.verifier.key_report()
    }

    /// How everything stands.
    pub async fn report(&self) -> ReadinessReport {
        let keys = self.key_report();
        let schema = self.schema().await;
        let draining = self.draining.load(Ordering::SeqCst);
        let ready = !draining
            && keys.readiness != KeyReadiness::Missing
            && matches!(schema, Schema::Known(SchemaState::Current));
        ReadinessReport {
            ready,
            draining,
            keys: KeysPart::from(keys),
            database: DatabasePart {
                state: if matches!(schema, Schema::Known(_)) { "reachable" } else { "unreachable" },
            },
            schema: SchemaPart::from(schema),
        }
    }

    /// Asks the database, one question at a time.
    async fn schema(&self) -> Schema {
        let mut remembered = self.schema.lock().await;
        let now = self.clock.uptime();
        if let Some((asked_at, schema)) = *remembered
            && now.saturating_sub(asked_at) < Self::REMEMBERED
        {
            return schema;
        }
        let users = Arc::clone(&self.users);
        let schema = match blocking(move || users.schema_state()).await {
            Ok(Ok(state)) => Schema::Known(state),
            Ok(Err(error)) => {
                log::warn!("the database is not ready: {:#}", anyhow::Error::from(error));
                Schema::Unknown
            }
            Err(_) => Schema::Unknown,
        };
        *remembered = Some((self.clock.uptime(), schema));
        schema
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness").finish_non_exhaustive()
    }
}

impl From<KeyReport> for KeysPart {
    fn from(report: KeyReport) -> Self {
        let state = match report.readiness {
            KeyReadiness::Fresh => "fresh",
            KeyReadiness::Stale => "stale",
            KeyReadiness::Missing => "missing",
        };
        Self { state, age_seconds: report.age.map(|age| age.as_secs()) }
    }
}

impl From<Schema> for SchemaPart {
    fn from(schema: Schema) -> Self {
        match schema {
            Schema::Known(SchemaState::Current) => Self { state: "current", pending: Some(0), hint: None },
            Schema::Known(SchemaState::Behind { pending }) => {
                Self { state: "behind", pending: Some(pending), hint: Some("run `authsync migrate up`") }
            }
            Schema::Unknown => Self { state: "unknown", pending: None, hint: None },
        }
    }
}
