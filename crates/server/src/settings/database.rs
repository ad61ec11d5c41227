//! Where the users table is.

use persistence::{DatabaseUrl, PoolSettings};

use super::key;
use super::reader::Reader;

/// The database and how many connections to it are kept.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// PostgreSQL or SQLite.
    pub url: DatabaseUrl,
    /// The pool of connections.
    pub pool: PoolSettings,
}

impl DatabaseSettings {
    /// Reads the group; a URL from the command line takes the place of the configured one, which is not judged then.
    pub(super) fn read(reader: &mut Reader, instead: Option<DatabaseUrl>) -> Option<Self> {
        let url = instead.or_else(|| reader.required(key::DATABASE_URL, DatabaseUrl::parse));
        let max_connections = reader.number(key::MAX_CONNECTIONS, "connections", 1..=1_000);
        let checkout_timeout = reader.milliseconds(key::CHECKOUT_TIMEOUT, 10..=60_000);
        let statement_timeout = reader.milliseconds(key::STATEMENT_TIMEOUT, 10..=60_000);
        Some(Self {
            url: url?,
            pool: PoolSettings {
                max_connections: u32::try_from(max_connections?).ok()?,
                checkout_timeout: checkout_timeout?,
                statement_timeout: statement_timeout?,
            },
        })
    }
}
