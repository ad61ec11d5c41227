//! A database of its own for each test.
//!
//! - [`ScratchDatabase::sqlite`] is a file in a temporary directory.
//! - [`ScratchDatabase::postgres`] is a fresh database on a PostgreSQL server that the tests start themselves, once per
//!   test process: the programs are looked for on `PATH` and under `/usr/lib/postgresql/*/bin`, and run as the user
//!   `postgres` when we are root. Where the variable `TEST_DATABASE_URL` names a server, that one is used instead.
//! - [`OwnPostgres`] is a server for one test alone, which may stop it and start it again. By its [`PostgresPlan`] it is
//!   durable, listens on a port, follows another one as its standby, or lies on a [`SmallDisk`] that can be full; it can be
//!   killed and promoted.
//! - [`SilentProxy`] stands before a server and can fall silent.
//!
//! Whatever was made is gone at the end, also when a test panics or the whole process is killed: a small shell script
//! stands between us and the server, and stops and deletes it as soon as the pipe to us closes.
//!
//! For development only. A database that cannot be had is a failed test, so what tests call returns no error: it panics
//! with the line to type. Programs that are no tests have calls that return one. The databases are empty; migrating them is for the test.
//!
//! ```
//! let database = scratch_database::ScratchDatabase::sqlite();
//! database.execute("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')");
//! assert_eq!(database.scalar("SELECT text FROM notes").as_deref(), Some("kept"));
//! ```

mod account;
mod database;
mod own_postgres;
mod postgres_plan;
mod programs;
mod server;
mod silent_proxy;
mod small_disk;
mod supervisor;

pub use database::ScratchDatabase;
pub use own_postgres::OwnPostgres;
pub use postgres_plan::PostgresPlan;
pub use silent_proxy::SilentProxy;
pub use small_disk::SmallDisk;

/// Ends the test with the whole story when there is no database for it.
#[track_caller]
#[expect(clippy::panic, reason = "a test without its database must fail, and a panic is how tests fail")]
fn or_fail<T>(outcome: anyhow::Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error:#}"))
}
