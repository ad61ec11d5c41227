//! How a connection to a SQLite file is set up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::{QueryResult, SqliteConnection};

use crate::pool::{PoolSettings, Synchronous};

/// Held while a connection is set up. Turning on the write-ahead log of a new file needs the file for itself, and SQLite
/// does not wait for it however patient it is asked to be, so two connections at once would lock each other out.
static SETTING_UP: Mutex<()> = Mutex::new(());

/// Settings of every connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pragmas {
    /// How long to wait for another process that is writing.
    busy_timeout: Duration,
    synchronous: Synchronous,
}

impl Pragmas {
    pub(crate) fn of(settings: &PoolSettings) -> Self {
        Self { busy_timeout: settings.statement_timeout, synchronous: settings.synchronous }
    }

    /// For connections that keep no user's data.
    pub(crate) fn patient(busy_timeout: Duration) -> Self {
        Self { busy_timeout, synchronous: Synchronous::Full }
    }

    pub(crate) fn set(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        // First of all the patience: changing the journal may have to wait, too. With a write-ahead log readers and
        // the writer do not wait for each other.
        let _alone = SETTING_UP.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = self.busy_timeout.as_millis().min(i32::MAX.unsigned_abs().into());
        let synchronous = self.synchronous.word();
        connection.batch_execute(&format!(
            "PRAGMA busy_timeout = {millis}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
             PRAGMA foreign_keys = ON"
        ))
    }
}

impl CustomizeConnection<SqliteConnection, Error> for Pragmas {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        self.set(connection).map_err(Error::QueryError)
    }
}

/// The path for SQLite, which would take a relative one that begins with `file:` or `:` for something else.
pub(crate) fn file_name(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("./{path}") }
}

/// The same for a file that must be there already (SQLite's manual, "Uniform Resource Identifiers").
pub(crate) fn existing_file(path: &str) -> String {
    let escaped = file_name(path).replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    let authority = if path.starts_with('/') { "//" } else { "" };
    format!("file:{authority}{escaped}?mode=rw")
}
