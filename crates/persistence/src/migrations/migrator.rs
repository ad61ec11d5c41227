//! Moving a database's schema forwards and back.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::{select, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::adoption::has_first_step;
use super::run::{self, Trouble};
use crate::connection_failures::one_line;
use crate::database_url::{DatabaseUrl, Target};
use crate::fault::message;
use crate::legacy::{self, LegacyError, Pace, nobody};
use crate::postgres::locks;
use crate::postgres::session::connection_url;
use crate::postgres_url::PostgresUrl;
use crate::sqlite::pragmas::{Pragmas, existing_file, file_name};

/// How long a step waits for a lock on a table before it gives up, on either database.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Applies and reverts the migrations that are compiled into this program. Every call connects anew.
#[derive(Clone, Debug)]
pub struct Migrator {
    url: DatabaseUrl,
}

/// One migration of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// `2026-11-22-000001_create_users`.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Why the schema is not where it should be. No message holds a password.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// No connection, or it was lost on the way. Steps that had been applied stay applied.
    #[error("the database is out of reach: {reason}")]
    OutOfReach {
        /// What libpq or SQLite says.
        reason: String,
    },
    /// There is a users table that no migration of ours made, and it cannot be adopted, or not to the end.
    #[error(transparent)]
    NotAdopted(#[from] LegacyError),
    /// The users table was adopted, so that reverting a migration would lose users, or the way back. Nothing has changed.
    #[error(
        "the table users was there before authsync, which adopted it; nothing was changed: authsync legacy rollback undoes the adoption"
    )]
    Adopted,
    /// The users table was adopted and its password columns are gone. Nothing has changed.
    #[error(
        "the table users holds the users of the password era, whose migration is finished; nothing was changed: there is no way back"
    )]
    FormerlyLegacy,
    /// The newest step applied was made by a newer version of this program, which alone can revert it.
    #[error(
        "the newest migration in the database ({version}) is unknown to this version of authsync; revert it with the version that applied it"
    )]
    UnknownStep {
        /// As the database notes it: the date and number of its name.
        version: String,
    },
    /// One step failed and was rolled back whole.
    #[error("migration {name} failed and was rolled back: {reason}")]
    StepFailed {
        /// The step.
        name: String,
        /// What the database says.
        reason: String,
    },
    /// Something around the steps failed: reading or making the table that notes them, or the lock around a run.
    #[error("the migrations could not be looked up: {reason}")]
    Failed {
        /// What the database says.
        reason: String,
    },
}

impl Migrator {
    /// For the database at a URL. Does not connect yet.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }

    /// Applies what is pending, oldest first, and names it. Two at once do not collide: the second waits for the first
    /// and then finds nothing to do.
    ///
    /// A users table of another program is adopted (`docs/legacy-migration.md`): it gets what it lacks and keeps its
    /// ids, its rows and its password columns. [`LegacyUsers::next_step`](crate::LegacyUsers::next_step) says what
    /// comes next.
    ///
    /// # Errors
    /// [`MigrateError`]. A step that fails changes nothing; on PostgreSQL the steps before it stay applied, on SQLite
    /// the whole run is undone.
    pub fn up(&self) -> Result<Vec<String>, MigrateError> {
        self.up_telling(&[], &mut Pace::telling(&mut nobody))
    }

    /// The same for a caller who knows the password columns and wants to hear how far an adoption has come.
    pub(crate) fn up_telling(&self, named: &[String], pace: &mut Pace<'_>) -> Result<Vec<String>, MigrateError> {
        match self.url.target() {
            Target::Postgres(url) => Ok(run::up(&mut locked_postgres(url)?, named, pace)?),
            Target::Sqlite(path) => {
                let mut connection = sqlite(path)?;
                if !has_first_step(&mut connection).map_err(Trouble::from)? {
                    legacy::prepare_sqlite(&mut connection).map_err(Trouble::from)?;
                }
                Ok(connection.immediate_transaction(|connection| run::up(connection, named, pace))?)
            }
        }
    }

    /// Reverts the newest step alone, and names it; `None` where nothing is applied.
    ///
    /// # Errors
    /// [`MigrateError`]; nothing has changed then. An adopted users table is never reverted so.
    pub fn down(&self) -> Result<Option<String>, MigrateError> {
        match self.url.target() {
            Target::Postgres(url) => Ok(run::down(&mut locked_postgres(url)?)?),
            Target::Sqlite(path) => Ok(sqlite(path)?.immediate_transaction(run::down)?),
        }
    }

    /// The steps of this program, oldest first. Changes nothing, and makes no file: none is applied to one that is not there.
    ///
    /// # Errors
    /// [`MigrateError`]
    pub fn status(&self) -> Result<Vec<MigrationStatus>, MigrateError> {
        match self.url.target() {
            Target::Postgres(url) => Ok(run::status(&mut postgres(url)?)?),
            Target::Sqlite(_) if self.url.is_yet_to_be_made() => Ok(run::status(&mut no_file()?)?),
            Target::Sqlite(path) => Ok(run::status(&mut sqlite_as_it_is(path)?)?),
        }
    }
}

pub(crate) fn postgres(url: &PostgresUrl) -> Result<PgConnection, MigrateError> {
    PgConnection::establish(&connection_url(url)).map_err(out_of_reach)
}

/// Behind a lock that only runs of migrations take, and that ends with the connection.
pub(crate) fn locked_postgres(url: &PostgresUrl) -> Result<PgConnection, MigrateError> {
    let mut connection = postgres(url)?;
    // Another run may take as long as it needs. To wait for it in one statement would stop it, though: an index that is
    // made beside running transactions waits for all of them to end.
    let take = format!("pg_try_advisory_lock({})", locks::MIGRATIONS);
    while !select(sql::<Bool>(&take)).get_result::<bool>(&mut connection).map_err(Trouble::from)? {
        connection.batch_execute("SELECT pg_sleep(0.1)").map_err(Trouble::from)?;
    }
    let millis = LOCK_PATIENCE.as_millis();
    connection.batch_execute(&format!("SET lock_timeout = {millis}")).map_err(Trouble::from)?;
    Ok(connection)
}

pub(crate) fn sqlite(path: &str) -> Result<SqliteConnection, MigrateError> {
    let mut connection = SqliteConnection::establish(&file_name(path)).map_err(out_of_reach)?;
    let pragmas = Pragmas::patient(LOCK_PATIENCE);
    let started = Instant::now();
    // To turn on the write-ahead log of a file that another program uses, SQLite wants a moment without it, and does
    // not wait for one; for its turn to write it does.
    while let Err(error) = pragmas.set(&mut connection) {
        if !message(&error).contains("locked") || started.elapsed() >= LOCK_PATIENCE {
            return Err(Trouble::from(error).into());
        }
        let _turn = connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK");
    }
    Ok(connection)
}

/// A file that is there, for reading alone: it is not made, and its journal stays what it is.
fn sqlite_as_it_is(path: &str) -> Result<SqliteConnection, MigrateError> {
    let mut connection = SqliteConnection::establish(&existing_file(path)).map_err(out_of_reach)?;
    let patience = format!("PRAGMA busy_timeout = {}", LOCK_PATIENCE.as_millis());
    connection.batch_execute(&patience).map_err(Trouble::from)?;
    Ok(connection)
}

/// What a file holds that is not there.
fn no_file() -> Result<SqliteConnection, MigrateError> {
    SqliteConnection::establish(":memory:").map_err(out_of_reach)
}

fn out_of_reach(error: ConnectionError) -> MigrateError {
    MigrateError::OutOfReach { reason: one_line(&error.to_string()) }
}
