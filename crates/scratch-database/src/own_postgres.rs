//! A PostgreSQL server that belongs to one test, or to one test process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use crate::supervisor::Supervisor;
use crate::{PostgresPlan, ScratchDatabase, SmallDisk, or_fail};

/// A throwaway server on a Unix socket, and on a port if its plan says so. Dropping it stops it and deletes its files.
#[derive(Debug)]
pub struct OwnPostgres {
    directory: PathBuf,
    port: Option<u16>,
    disk: Option<SmallDisk>,
    supervisor: Mutex<Supervisor>,
}

impl OwnPostgres {
    /// Makes a cluster and starts it. Takes about a second; returns when it takes connections.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        or_fail(PostgresPlan::default().start())
    }

    /// A server with other settings, with a port, or on a disk of its own.
    #[must_use]
    pub fn plan() -> PostgresPlan {
        PostgresPlan::default()
    }

    /// Takes over what a plan has set up, and starts it.
    pub(crate) fn take_over(
        directory: PathBuf,
        port: Option<u16>,
        disk: Option<SmallDisk>,
        mut supervisor: Supervisor,
    ) -> anyhow::Result<Self> {
        supervisor.start()?;
        Ok(Self { directory, port, disk, supervisor: Mutex::new(supervisor) })
    }

    /// The URL of the server's own database `postgres`, as its superuser.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The URL of a database on this server, as its superuser; by its port if it has one.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        match self.port {
            Some(port) => format!("postgres://postgres@127.0.0.1:{port}/{database}"),
            None => {
                let socket = self.directory.display().to_string().replace('/', "%2F");
                format!("postgres://postgres@/{database}?host={socket}")
            }
        }
    }

    /// The port on 127.0.0.1, if it has one; the same after each start.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The folder of its Unix socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.directory
    }

    /// The disk of its own, if it has one.
    #[must_use]
    pub fn disk(&self) -> Option<&SmallDisk> {
        self.disk.as_ref()
    }

    /// An empty database on this server.
    #[must_use]
    #[track_caller]
    pub fn database(&self) -> ScratchDatabase {
        or_fail(self.try_database())
    }

    /// As [`database`](Self::database), for programs that are no tests.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn try_database(&self) -> anyhow::Result<ScratchDatabase> {
        ScratchDatabase::on_server(self.url(), "", |name| self.url_of(name))
    }

    /// Stops the server and returns when it is gone. Open connections are cut.
    #[track_caller]
    pub fn stop(&self) {
        or_fail(self.supervisor().stop());
    }

    /// Starts it again, where it was and with what was in it; returns when it takes connections.
    #[track_caller]
    pub fn start_again(&self) {
        or_fail(self.try_start_again());
    }

    /// As [`start_again`](Self::start_again), for programs that are no tests.
    ///
    /// # Errors
    /// It does not start; the message has what it said.
    pub fn try_start_again(&self) -> anyhow::Result<()> {
        self.supervisor().start()
    }

    /// Ends every process of the server with SIGKILL; returns when none is left. It may be started again.
    ///
    /// # Errors
    /// The script that keeps it has ended.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.supervisor().kill().context("the server cannot be killed")
    }

    /// Makes a copy that follows another server ([`PostgresPlan::copy_of`]) take writes; returns when it does.
    ///
    /// # Errors
    /// It is no copy.
    pub fn promote(&self) -> anyhow::Result<()> {
        self.supervisor().promote()
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

    #[test]
    fn a_killed_server_comes_back_on_its_port_with_what_was_committed() {
        let server = OwnPostgres::plan().durable().on_a_port().start().unwrap();
        let database = server.database();
        database.execute("CREATE TABLE notes AS SELECT 'kept' AS text");
        let port = server.port();
        server.kill().unwrap();
        assert!(ScratchDatabase::at(database.url()).try_scalar("SELECT 1").is_err());
        server.start_again();
        assert_eq!((port.is_some(), port), (true, server.port()));
        assert_eq!(database.scalar("SELECT text FROM notes").as_deref(), Some("kept"));
    }

    #[test]
    fn a_copy_follows_its_primary_and_takes_writes_once_promoted() {
        let primary = OwnPostgres::plan().durable().on_a_port().start().unwrap();
        let standby = OwnPostgres::plan().durable().on_a_port().copy_of(&primary).start().unwrap();
        let here = ScratchDatabase::at(&primary.url());
        for statement in [
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "SELECT pg_reload_conf()",
            "CREATE TABLE notes (text TEXT)",
        ] {
            here.execute(statement);
        }
        let there = ScratchDatabase::at(&standby.url());
        assert!(there.try_execute("INSERT INTO notes VALUES ('no')").is_err());
        primary.kill().unwrap();
        standby.promote().unwrap();
        there.execute("INSERT INTO notes VALUES ('yes')");
        assert_eq!(there.scalar("SELECT count(*) FROM notes").as_deref(), Some("1"));
    }

    #[test]
    fn a_database_goes_although_the_standby_that_it_waits_for_is_gone() {
        let primary = OwnPostgres::plan().durable().start().unwrap();
        let database = primary.database();
        let here = ScratchDatabase::at(&primary.url());
        here.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        here.execute("SELECT pg_reload_conf()");
        drop(database);
        let left = here.scalar("SELECT count(*) FROM pg_database WHERE datname LIKE 'authsync%'");
        assert_eq!(left.as_deref(), Some("0"));
    }

    #[test]
    fn a_server_on_a_small_disk_refuses_what_does_not_fit() {
        let server = OwnPostgres::plan().durable().on_a_disk_of(96).start().unwrap();
        let database = server.database();
        database.execute("CREATE TABLE notes (text TEXT)");
        let disk = server.disk().unwrap();
        disk.fill().unwrap();
        let many = "INSERT INTO notes SELECT repeat('x', 1000) FROM generate_series(1, 1000)";
        let refused = format!("{:#}", database.try_execute(many).unwrap_err());
        assert!(refused.contains("No space left on device"), "{refused}");
        disk.make_room().unwrap();
        database.execute(many);
        let directory = server.directory.clone();
        drop(database);
        drop(server);
        assert!(!directory.exists());
    }
}
