//! Where the users table is.

use std::time::Duration;

use persistence::{Backend, Database, DatabaseUrl, DatabaseUrlError, OpenError, PoolSettings, Synchronous};

use super::key;
use super::reader::Reader;

/// The database and how many connections to it are kept.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// PostgreSQL or SQLite.
    pub url: DatabaseUrl,
    /// The pool of connections.
    pub pool: PoolSettings,
    /// A standby for lookups, where there is one.
    pub replica: Option<ReplicaSettings>,
    /// Where changes are listened for, if not at `url`.
    pub listen_url: Option<DatabaseUrl>,
}

/// A standby of the database.
#[derive(Clone, Debug)]
pub struct ReplicaSettings {
    /// Where it is.
    pub url: DatabaseUrl,
    /// How far it may be behind and still be asked.
    pub greatest_lag: Duration,
}

/// Why a URL is none of a PostgreSQL.
#[derive(Debug, thiserror::Error)]
enum PostgresUrlError {
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    #[error("expected postgres://… or postgresql://…")]
    NotPostgres,
}

impl DatabaseSettings {
    /// Reads the group; a URL from the command line takes the place of the configured one, which is not judged then.
    pub(super) fn read(reader: &mut Reader, instead: Option<DatabaseUrl>) -> Option<Self> {
        let url = instead.or_else(|| reader.required(key::DATABASE_URL, DatabaseUrl::parse));
        let read_url = reader.optional(key::DATABASE_READ_URL, postgres_url);
        let greatest_lag = reader.milliseconds(key::READ_MAX_LAG, 1..=3_600_000);
        let is_of_postgres = url.as_ref().is_none_or(|url| url.backend() == Backend::Postgres);
        if !is_of_postgres && matches!(read_url, Some(Some(_))) {
            reader.refuse(key::DATABASE_READ_URL, "expected DATABASE_URL to name a PostgreSQL: only that has standbys");
        }
        let listen_url = reader.optional(key::DATABASE_LISTEN_URL, postgres_url);
        if !is_of_postgres && matches!(listen_url, Some(Some(_))) {
            reader.refuse(
                key::DATABASE_LISTEN_URL,
                "expected DATABASE_URL to name a PostgreSQL: only that is listened to",
            );
        }
        let prepared_statements = reader.required(key::PREPARED_STATEMENTS, truth);
        let synchronous = reader.required(key::SQLITE_SYNCHRONOUS, synchronous);
        let max_connections = reader.number(key::MAX_CONNECTIONS, "connections", 1..=1_000);
        let checkout_timeout = reader.milliseconds(key::CHECKOUT_TIMEOUT, 10..=60_000);
        let statement_timeout = reader.milliseconds(key::STATEMENT_TIMEOUT, 10..=60_000);
        Some(Self {
            url: url?,
            pool: PoolSettings {
                max_connections: u32::try_from(max_connections?).ok()?,
                checkout_timeout: checkout_timeout?,
                statement_timeout: statement_timeout?,
                prepared_statements: prepared_statements?,
                synchronous: synchronous?,
            },
            replica: match (read_url?, greatest_lag?) {
                (Some(url), greatest_lag) => Some(ReplicaSettings { url, greatest_lag }),
                (None, _) => None,
            },
            listen_url: listen_url?,
        })
    }

    /// The database, with its standby if there is one. Waits for neither.
    ///
    /// # Errors
    /// As [`Database::open`], [`Database::listening_at`] and [`Database::looking_up_at`].
    pub fn open(&self) -> Result<Database, OpenError> {
        let mut database = Database::open(&self.url, &self.pool)?;
        if let Some(direct) = &self.listen_url {
            database = database.listening_at(direct)?;
        }
        match &self.replica {
            Some(replica) => database.looking_up_at(&replica.url, replica.greatest_lag),
            None => Ok(database),
        }
    }
}

fn truth(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false"),
    }
}

fn synchronous(text: &str) -> Result<Synchronous, &'static str> {
    match text {
        "normal" => Ok(Synchronous::Normal),
        "full" => Ok(Synchronous::Full),
        _ => Err("expected normal or full"),
    }
}

fn postgres_url(text: &str) -> Result<DatabaseUrl, PostgresUrlError> {
    let url = DatabaseUrl::parse(text)?;
    if url.backend() == Backend::Postgres { Ok(url) } else { Err(PostgresUrlError::NotPostgres) }
}
