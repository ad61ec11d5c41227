//! How a connection to PostgreSQL is set up.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::{PgConnection, QueryResult};

use crate::postgres_url::PostgresUrl;

/// What libpq is told where the URL is silent. All of it is about noticing within seconds that a server is gone: libpq
/// itself waits for ever to connect, and the system a quarter of an hour for data that nobody acknowledges.
const DEFAULTS: &[(&str, &str)] = &[
    ("application_name", "authsync"),
    ("connect_timeout", "3"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "3"),
    // Milliseconds until data that nobody acknowledges ends the connection; a slow statement does not count.
    ("tcp_user_timeout", "5000"),
];

/// The URL for libpq. Of several hosts it is to choose the one that takes writes, unless told otherwise.
pub(crate) fn connection_url(url: &PostgresUrl) -> String {
    let primary: &[_] = if url.names_several_hosts() { &[("target_session_attrs", "read-write")] } else { &[] };
    url.with_defaults(&[DEFAULTS, primary].concat())
}

/// Bounds how long the server works for us: also when we are gone and a transaction is left open.
#[derive(Debug)]
pub(super) struct TimeLimits {
    pub(super) statement_timeout: Duration,
}

impl TimeLimits {
    fn set(&self, connection: &mut PgConnection) -> QueryResult<()> {
        // PostgreSQL holds milliseconds in 31 bits.
        let millis = self.statement_timeout.as_millis().min(i32::MAX.unsigned_abs().into());
        connection.batch_execute(&format!(
            "SET statement_timeout = {millis}; SET idle_in_transaction_session_timeout = {millis}"
        ))
    }
}

impl CustomizeConnection<PgConnection, Error> for TimeLimits {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        self.set(connection).map_err(Error::QueryError)
    }
}
