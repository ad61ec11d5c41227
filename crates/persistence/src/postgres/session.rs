//! How a connection to PostgreSQL is set up.

use std::time::Duration;

use diesel::connection::{CacheSize, SimpleConnection};
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::{Connection, PgConnection, QueryResult};

use crate::connection_failures::one_line;
use crate::pool::PoolSettings;
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
    /// Whether a connection is one and the same from one transaction to the next. Behind a pooler that gives each
    /// transaction another one nothing is set for longer than a transaction, and no statement is prepared.
    pub(super) is_lasting: bool,
}

/// Every statement about many users finds its rows by an index, and is planned once for any number of them. Where a table is
/// empty, to read all of it costs no more; so these are hints, and [`Link`](super::link::Link) has plans made anew.
const PLANS: [&str; 5] = [
    "plan_cache_mode = force_generic_plan",
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
    "jit = off",
];

/// The same of every statement about one user: one that was planned while the table was small is used for as long as nobody
/// analyses the table, and to look for an address in all of a small table costs no more than in two indexes.
const PLANS_OF_ONE: [&str; 2] = ["enable_seqscan = off", "jit = off"];

/// The same for one transaction, as far as it matters there: a statement is planned for the table as it is, unless it
/// stands in a function, whose plans outlive the transaction. A database that does not know the setting keeps its own.
const PLANS_IN_TRANSACTION: &str =
    "SELECT set_config('enable_seqscan', 'off', true) WHERE current_setting('enable_seqscan', true) IS NOT NULL;";

impl Session {
    pub(super) fn of(settings: &PoolSettings) -> Self {
        let PoolSettings { statement_timeout, prepared_statements, .. } = *settings;
        Self { statement_timeout, lock_timeout: None, is_lasting: prepared_statements }
    }

    /// Opens a connection for statements about many users.
    ///
    /// # Errors
    /// Why there is none, on one line that holds no password.
    pub(super) fn connect(&self, url: &str) -> Result<PgConnection, String> {
        let said = |error: &dyn std::fmt::Display| one_line(&error.to_string());
        let mut connection = PgConnection::establish(url).map_err(|error| said(&error))?;
        self.set(&mut connection).map_err(|error| said(&error))?;
        self.plan(&mut connection, &PLANS);
        Ok(connection)
    }

    fn plan(&self, connection: &mut PgConnection, plans: &[&str]) {
        if self.is_lasting
            && let Err(error) = connection.batch_execute(&settings("SET", plans))
        {
            log::debug!("the database does not know these settings of plans: {error}");
        }
    }

    /// What is set for one transaction, where nothing is set for longer.
    pub(super) fn set_in_transaction(&self, connection: &mut PgConnection) -> QueryResult<()> {
        if self.is_lasting {
            return Ok(());
        }
        connection.batch_execute(&(settings("SET LOCAL", &self.limits()) + PLANS_IN_TRANSACTION))
    }

    fn set(&self, connection: &mut PgConnection) -> QueryResult<()> {
        if self.is_lasting {
            connection.batch_execute(&settings("SET", &self.limits()))
        } else {
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
            Ok(())
        }
    }

    fn limits(&self) -> [String; 3] {
        let (limit, lock_limit) = (millis(self.statement_timeout), self.lock_timeout.map_or(0, millis));
        [
            format!("statement_timeout = {limit}"),
            format!("idle_in_transaction_session_timeout = {limit}"),
            format!("lock_timeout = {lock_limit}"),
        ]
    }
}

fn settings(verb: &str, all: &[impl AsRef<str>]) -> String {
    all.iter().map(|one| format!("{verb} {};", one.as_ref())).collect()
}

/// PostgreSQL holds milliseconds in 31 bits.
fn millis(time: Duration) -> u128 {
    time.as_millis().min(i32::MAX.unsigned_abs().into())
}

impl CustomizeConnection<PgConnection, Error> for Session {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        self.set(connection).map_err(Error::QueryError)?;
        self.plan(connection, &PLANS_OF_ONE);
        Ok(())
    }
}
