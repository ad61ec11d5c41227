//! A PostgreSQL server that belongs to one test, or to one test process.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use crate::account::Account;
use crate::supervisor::Supervisor;
use crate::{ScratchDatabase, or_fail, programs};

/// A throwaway server on a Unix socket, without any port. Dropping it stops it and deletes its files.
#[derive(Debug)]
pub struct OwnPostgres {
    directory: PathBuf,
    supervisor: Mutex<Supervisor>,
}

impl OwnPostgres {
    /// Makes a cluster and starts it. Takes about a second; returns when it takes connections.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        or_fail(Self::try_start())
    }

    pub(crate) fn try_start() -> anyhow::Result<Self> {
        let programs = programs::directory()?;
        // Not the system's temporary directory: that may be private to us, and its path too long for a socket.
        let directory = tempfile::Builder::new().prefix("authsync-pg-").tempdir_in("/tmp").context("/tmp")?;
        let account = Account::for_server(directory.path())?;
        set_permissions(directory.path(), Permissions::from_mode(0o755))?;
        account.own(directory.path())?;
        let mut supervisor = Supervisor::spawn(directory.path(), &programs, account)?;
        // From here on the script deletes it.
        let directory = directory.keep();
        supervisor.start()?;
        Ok(Self { directory, supervisor: Mutex::new(supervisor) })
    }

    /// The URL of the server's own database `postgres`, as its superuser.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// An empty database on this server.
    #[must_use]
    #[track_caller]
    pub fn database(&self) -> ScratchDatabase {
        or_fail(ScratchDatabase::on_server(self.url(), |name| self.url_of(name)))
    }

    /// Stops the server and returns when it is gone. Open connections are cut.
    #[track_caller]
    pub fn stop(&self) {
        or_fail(self.supervisor().stop());
    }

    /// Starts it again, where it was and with what was in it; returns when it takes connections.
    #[track_caller]
    pub fn start_again(&self) {
        or_fail(self.supervisor().start());
    }

    pub(crate) fn url_of(&self, database: &str) -> String {
        let socket = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@/{database}?host={socket}")
    }

    fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_comes_back_with_its_rows_and_leaves_nothing_behind() {
        let server = OwnPostgres::start();
        let database = server.database();
        database.execute("CREATE TABLE notes AS SELECT 'kept' AS text");
        server.stop();
        server.start_again();
        assert_eq!(database.scalar("SELECT text FROM notes").as_deref(), Some("kept"));
        let directory = server.directory.clone();
        assert!(directory.exists());
        drop(database);
        drop(server);
        assert!(!directory.exists());
    }
}
