//! How a connection to PostgreSQL is set up.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::{Connection, PgConnection, QueryResult};

use crate::connection_failures::one_line;
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

/// The URL for libpq of a standby. Of several hosts it is to choose one that follows another, unless told otherwise.
pub(super) fn standby_url(url: &PostgresUrl) -> String {
    let standby: &[_] = if url.names_several_hosts() { &[("target_session_attrs", "prefer-standby")] } else { &[] };
    url.with_defaults(&[DEFAULTS, standby].concat())
}

/// How a connection is set up: how long the server may work for us, also when we are gone and a transaction is left open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    pub(super) statement_timeout: Duration,
    /// How long a statement may wait for a lock, where that is not to be as long as it may take.
    pub(super) lock_timeout: Option<Duration>,
}

/// Every statement about many users finds its rows by an index. A plan is kept for as long as the connection, and one that
/// was made while the table was small would read all of it later on.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
                     SET enable_mergejoin = off; SET jit = off";

impl Session {
    /// Opens a connection.
    ///
    /// # Errors
    /// Why there is none, on one line that holds no password.
    pub(super) fn connect(&self, url: &str) -> Result<PgConnection, String> {
        let said = |error: &dyn std::fmt::Display| one_line(&error.to_string());
        let mut connection = PgConnection::establish(url).map_err(|error| said(&error))?;
        self.set(&mut connection).map_err(|error| said(&error))?;
        if let Err(error) = connection.batch_execute(PLANS) {
            log::debug!("the database does not know these settings of plans: {error}");
        }
        Ok(connection)
    }

    fn set(&self, connection: &mut PgConnection) -> QueryResult<()> {
        let limit = millis(self.statement_timeout);
        let lock_limit = self.lock_timeout.map_or(0, millis);
        connection.batch_execute(&format!(
            "SET statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {limit}; \
             SET lock_timeout = {lock_limit}"
        ))
    }
}

/// PostgreSQL holds milliseconds in 31 bits.
fn millis(time: Duration) -> u128 {
    time.as_millis().min(i32::MAX.unsigned_abs().into())
}

impl CustomizeConnection<PgConnection, Error> for Session {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        self.set(connection).map_err(Error::QueryError)
    }
}
