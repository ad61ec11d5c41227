//! The users table on PostgreSQL and SQLite, behind [`domain::UserRepository`], and what is kept beside it.
//!
//! This crate promises:
//!
//! - [`Database::open`] never waits for the database. While it is down every call says
//!   [`Unavailable`](domain::RepositoryError::Unavailable) within the checkout timeout; once it is back calls succeed,
//!   without a restart.
//! - Both databases keep the promises of the trait alike. What the row says after a save is decided by the domain's
//!   own functions, never restated in SQL.
//! - [`Database::user_changes`] tells of every change of a user, also of those by other nodes and programs, and after an
//!   interruption that any user may have changed.
//! - No log line and no error holds a password, nor the values of a row.
//!
//! ```
//! use persistence::{Database, DatabaseUrl, PoolSettings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scratch = scratch_database::ScratchDatabase::sqlite();
//! # let text = scratch.url();
//! let url = DatabaseUrl::parse(text)?; // sqlite://authsync.db or postgres://user:password@host/database
//! let database = Database::open(&url, &PoolSettings::default())?;
//! database.migrator().up()?;
//! assert_eq!(database.users().schema_state()?, domain::SchemaState::Current);
//! # Ok(())
//! # }
//! ```

mod batched_users;
mod changes;
mod connection_failures;
mod database;
mod database_url;
mod fault;
mod first_row;
mod held_address;
mod interim_address;
mod lanes;
mod legacy;
mod letter_row;
mod migrations;
mod pool;
mod postgres;
mod postgres_url;
mod record_document;
mod replica;
mod rounds;
mod server_version;
mod sqlite;
mod used_proofs;
mod user_row;

pub use database::{Database, OpenError};
pub use database_url::{Backend, DatabaseUrl, DatabaseUrlError};
pub use lanes::{LaneReport, QueueReport};
pub use legacy::{
    Adopted, Column, Counts, EmailFault, Era, Finished, Inspection, LegacyError, LegacyRow, LegacyRows, LegacyUsers,
    Linked, Newcomers, Obstacle, Phase, Progress, ProgressListener, Reference, RolledBack, Sample, Status,
};
pub use migrations::{MigrateError, MigrationStatus, Migrator};
pub use pool::{PoolSettings, Synchronous};
pub use postgres_url::PostgresUrlError;
pub use replica::{ReplicaReport, ReplicaState};
pub use server_version::server_version;

// Linked for their build features alone: where SQLite and OpenSSL come from.
use libsqlite3_sys as _;
#[cfg(feature = "postgres-tls")]
use openssl_sys as _;
use pq_sys as _;
