//! One database for one test.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use tempfile::TempDir;

use crate::or_fail;
use crate::server::Server;

/// An empty database, with a way to look at it from outside of the code under test. Dropping it removes it.
#[derive(Debug)]
pub struct ScratchDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File {
        _directory: TempDir,
    },
    Server {
        admin_url: String,
        name: String,
    },
    /// Somebody else's.
    Elsewhere,
}

/// The one value of [`ScratchDatabase::scalar`].
#[derive(QueryableByName)]
struct Scalar {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

impl ScratchDatabase {
    /// A SQLite database in a directory of its own. The file itself appears with the first connection.
    #[must_use]
    #[track_caller]
    pub fn sqlite() -> Self {
        or_fail(Self::file())
    }

    /// A database on the PostgreSQL server of this test process.
    #[must_use]
    #[track_caller]
    pub fn postgres() -> Self {
        or_fail(
            Server::of_this_process()
                .and_then(|server| Self::on_server(server.admin_url(), "", |name| server.url_of(name))),
        )
    }

    /// The same in another locale than the server's, which is `C`: such as `C.UTF-8`, which knows the case of all letters.
    #[must_use]
    #[track_caller]
    pub fn postgres_in(locale: &str) -> Self {
        let options = format!("LOCALE '{locale}'");
        or_fail(
            Server::of_this_process()
                .and_then(|server| Self::on_server(server.admin_url(), &options, |name| server.url_of(name))),
        )
    }

    /// A database that somebody else has made and will remove, at a `postgres://` or `sqlite://` URL.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), place: Place::Elsewhere }
    }

    /// What a program under test is given as its database URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs one or more statements, over a connection of its own.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        or_fail(self.try_execute(sql));
    }

    /// The one value that a query gives, as text; `None` where it is NULL or there is no row.
    #[must_use]
    #[track_caller]
    pub fn scalar(&self, query: &str) -> Option<String> {
        or_fail(self.try_scalar(query))
    }

    /// Creates a database from the server's own database at `admin_url`; `url_of` makes the URL of one by its name.
    pub(crate) fn on_server(admin_url: String, options: &str, url_of: impl Fn(&str) -> String) -> anyhow::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        // A named server may be in use by other processes and machines; the time keeps their names apart.
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        let name = format!("authsync_{}_{}_{nanos}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let mut admin = connect(&admin_url)?;
        // Nobody is ever connected to template0, so tests may copy it at the same time.
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 {options}"))?;
        Ok(Self { url: url_of(&name), place: Place::Server { admin_url, name } })
    }

    fn file() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("authsync-sqlite-").tempdir()?;
        let path = directory.path().join("users.db").display().to_string();
        Ok(Self { url: format!("sqlite://{path}"), place: Place::File { _directory: directory } })
    }

    /// As [`execute`](Self::execute), for programs that are no tests.
    ///
    /// # Errors
    /// There is no connection, or the database refuses a statement.
    pub fn try_execute(&self, sql: &str) -> anyhow::Result<()> {
        match self.url.strip_prefix("sqlite://") {
            Some(path) => connect_file(path)?.batch_execute(sql)?,
            None => connect(&self.url)?.batch_execute(sql)?,
        }
        Ok(())
    }

    /// As [`scalar`](Self::scalar), for programs that are no tests.
    ///
    /// # Errors
    /// There is no connection, or the database refuses the query.
    pub fn try_scalar(&self, query: &str) -> anyhow::Result<Option<String>> {
        let query = sql_query(format!("SELECT CAST(({query}) AS TEXT) AS value"));
        let row: Scalar = match self.url.strip_prefix("sqlite://") {
            Some(path) => query.get_result(&mut connect_file(path)?)?,
            None => query.get_result(&mut connect(&self.url)?)?,
        };
        Ok(row.value)
    }
}

impl Drop for ScratchDatabase {
    fn drop(&mut self) {
        if let Place::Server { admin_url, name } = &self.place {
            // A test may have stopped its own server; then the database goes with the server's directory.
            let _outcome = connect(admin_url).and_then(|mut admin| {
                // A standby that it would wait for may be gone.
                admin.batch_execute("SET synchronous_commit = local")?;
                Ok(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?)
            });
        }
    }
}

fn connect(url: &str) -> anyhow::Result<PgConnection> {
    PgConnection::establish(url).context("the PostgreSQL server for tests")
}

fn connect_file(path: &str) -> anyhow::Result<SqliteConnection> {
    let mut connection = SqliteConnection::establish(path).context("the SQLite file for tests")?;
    // The code under test may be writing.
    connection.batch_execute("PRAGMA busy_timeout = 10000")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executes_and_reads(database: &ScratchDatabase) {
        database.execute("CREATE TABLE notes (number INTEGER); INSERT INTO notes VALUES (1), (2)");
        assert_eq!(database.scalar("SELECT count(*) FROM notes").as_deref(), Some("2"));
        assert_eq!(database.scalar("SELECT number FROM notes WHERE number = 3"), None);
    }

    #[test]
    fn a_sqlite_database_is_gone_when_dropped() {
        let database = ScratchDatabase::sqlite();
        executes_and_reads(&database);
        let path = database.url().strip_prefix("sqlite://").expect("a sqlite URL").to_owned();
        assert!(std::fs::exists(&path).expect("a readable directory"));
        drop(database);
        assert!(!std::fs::exists(&path).expect("a readable directory"));
    }

    #[test]
    fn a_postgres_database_is_gone_when_dropped() {
        let database = ScratchDatabase::postgres();
        executes_and_reads(&database);
        let url = database.url().to_owned();
        assert!(connect(&url).is_ok());
        drop(database);
        assert!(connect(&url).is_err());
    }

    #[test]
    fn two_databases_know_nothing_of_each_other() {
        let (one, other) = (ScratchDatabase::postgres(), ScratchDatabase::postgres());
        one.execute("CREATE TABLE notes (number INTEGER)");
        assert_eq!(other.scalar("SELECT to_regclass('notes')"), None);
    }
}
