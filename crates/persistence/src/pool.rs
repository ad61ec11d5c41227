//! How many connections there are, and how long anything waits.

use std::time::Duration;

use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, R2D2Connection};

use crate::connection_failures::ConnectionFailures;

/// Sizes and patience of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// The most connections at once. PostgreSQL answers short statements fastest with a handful of connections per
    /// core; many more make it slower. At least 1; default 8.
    pub max_connections: u32,
    /// How long a call waits for a free connection before it is `Unavailable`. Short, so that an overload or an outage
    /// becomes an answer at once instead of a queue. More than zero; default 1 s.
    pub checkout_timeout: Duration,
    /// How long one statement may take, waiting for locks included; on SQLite, how long a write waits for its turn.
    /// Every statement takes milliseconds, so only trouble gets here. More than zero; default 5 s.
    pub statement_timeout: Duration,
    /// Whether statements are prepared once for each connection, and connections are set up once for all. `false` behind a
    /// pooler that gives each transaction another connection. Of PostgreSQL alone; default true.
    pub prepared_statements: bool,
    /// When a commit is on the disk. Of SQLite alone; default [`Synchronous::Normal`].
    pub synchronous: Synchronous,
}

/// `PRAGMA synchronous` of a SQLite file with a write-ahead log. A process that is killed loses nothing with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// The log is brought to the disk at each checkpoint: when the power fails the last commits may be lost, and the file is
    /// consistent all the same.
    #[default]
    Normal,
    /// The log is brought to the disk at each commit: nothing that was answered is lost.
    Full,
}

impl Synchronous {
    /// The word of the pragma.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        }
    }
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_connections: 8,
            checkout_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(5),
            prepared_statements: true,
            synchronous: Synchronous::default(),
        }
    }
}

/// A pool that connects in the background, so that it can be built while the database is down. r2d2's test on
/// check-out stays on: it is what replaces connections that a restart of the database has cut.
pub(crate) fn build<C>(
    url: String,
    settings: &PoolSettings,
    customizer: impl CustomizeConnection<C, Error>,
) -> Pool<ConnectionManager<C>>
where
    C: R2D2Connection + Send + 'static,
{
    Pool::builder()
        .max_size(settings.max_connections)
        .min_idle(Some(1))
        .connection_timeout(settings.checkout_timeout)
        .connection_customizer(Box::new(customizer))
        .error_handler(Box::new(ConnectionFailures::default()))
        .build_unchecked(ConnectionManager::new(url))
}
