//! Whether requests can be served: keys, database, schema.

mod schema;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Clock, IssuerKeys, KeyReadiness, SchemaState, TokenVerifier, UserRepository};
use persistence::Database;
use serde::Serialize;

use self::schema::{Schema, SchemaWatch};
use crate::metrics::{outcome_label, state_label};

/// The answer of `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct ReadinessReport {
    /// Whether everything below allows requests to be served.
    pub ready: bool,
    /// Whether the server is about to stop.
    pub draining: bool,
    /// The issuers' keys.
    pub keys: KeysPart,
    /// The connection to the database.
    pub database: DatabasePart,
    /// The schema in it.
    pub schema: SchemaPart,
}

/// The keys of all issuers.
#[derive(Clone, Debug, Serialize)]
pub struct KeysPart {
    /// `fresh`; `stale` (an issuer is out of reach, requests are still served); `partial` (tokens of some issuers can be
    /// judged, of others not); `missing`.
    pub state: &'static str,
    /// How long ago an issuer last said that these are its keys; of several issuers, the longest.
    pub age_seconds: Option<u64>,
    /// Each issuer by itself.
    pub issuers: Vec<IssuerPart>,
}

/// One issuer's keys.
#[derive(Clone, Debug, Serialize)]
pub struct IssuerPart {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// `fresh`, `stale` or `missing`.
    pub state: &'static str,
    /// How long ago it last said that these are its keys.
    pub age_seconds: Option<u64>,
    /// What the last fetch brought: `ok`, `not_modified` or `failed`; nothing before the first.
    pub last_fetch: Option<&'static str>,
}

/// The connection to the database.
#[derive(Clone, Debug, Serialize)]
pub struct DatabasePart {
    /// `reachable` or `unreachable`.
    pub state: &'static str,
    /// The standby of `DATABASE_READ_URL`, if there is one. Requests are served without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replica: Option<ReplicaPart>,
}

/// The standby.
#[derive(Clone, Debug, Serialize)]
pub struct ReplicaPart {
    /// `current`; and while the primary is asked in its place: `behind`, `unreachable`, `no_standby` (it follows no other server),
    /// `other_database`, `diverged` (it follows the log of another server, or has not shown yet that it follows this one's).
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
    with_replica: Option<Database>,
    draining: AtomicBool,
    schema: SchemaWatch,
}

impl Readiness {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(verifier: Arc<dyn TokenVerifier>, users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        let (draining, schema) = (AtomicBool::new(false), SchemaWatch::new(users, clock));
        Self { verifier, with_replica: None, draining, schema }
    }

    /// Tells of this database's standby as well, if it has one.
    #[must_use]
    pub fn with_replica_of(self, database: Option<Database>) -> Self {
        Self { with_replica: database, ..self }
    }

    /// From now on not ready, so that balancers look away before the listener closes.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Whether it is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// How the issuers' keys stand.
    #[must_use]
    pub fn key_reports(&self) -> Vec<IssuerKeys> {
        self.verifier.key_reports()
    }

    /// How everything stands. Comes within two seconds, whatever becomes of the database, and at once while the server drains.
    pub async fn report(&self) -> ReadinessReport {
        let keys = KeysPart::of(self.key_reports());
        // Who drains is not ready anyway.
        let schema = if self.is_draining() { self.schema.last() } else { self.schema.ask().await };
        let draining = self.is_draining();
        let ready = !draining
            // An issuer without keys must not take the others' tokens down with it.
            && keys.state != MISSING
            && matches!(schema, Schema::Known(SchemaState::Current));
        ReadinessReport {
            ready,
            draining,
            keys,
            database: DatabasePart {
                state: if matches!(schema, Schema::Known(_)) { "reachable" } else { "unreachable" },
                replica: self.replica(),
            },
            schema: SchemaPart::from(schema),
        }
    }

    fn replica(&self) -> Option<ReplicaPart> {
        let report = self.with_replica.as_ref()?.replica_report()?;
        Some(ReplicaPart { state: report.state.label() })
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness").finish_non_exhaustive()
    }
}

const MISSING: &str = state_label(KeyReadiness::Missing);

impl KeysPart {
    fn of(issuers: Vec<IssuerKeys>) -> Self {
        let any = |readiness| issuers.iter().any(|issuer| issuer.report.readiness == readiness);
        let state = match (any(KeyReadiness::Fresh), any(KeyReadiness::Stale), any(KeyReadiness::Missing)) {
            (false, false, _) => MISSING,
            (_, _, true) => "partial",
            (_, true, false) => state_label(KeyReadiness::Stale),
            (true, false, false) => state_label(KeyReadiness::Fresh),
        };
        let age_seconds = issuers.iter().filter_map(|issuer| issuer.report.age).max().map(|age| age.as_secs());
        Self { state, age_seconds, issuers: issuers.into_iter().map(IssuerPart::from).collect() }
    }
}

impl From<IssuerKeys> for IssuerPart {
    fn from(IssuerKeys { issuer, report }: IssuerKeys) -> Self {
        Self {
            issuer,
            state: state_label(report.readiness),
            age_seconds: report.age.map(|age| age.as_secs()),
            last_fetch: report.last_fetch.map(outcome_label),
        }
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
