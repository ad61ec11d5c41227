//! The way out of the password era, step by step.

use std::ops::ControlFlow;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::error::LegacyError;
use super::inspection::{self, Era, Inspection};
use super::pace::{Pace, Progress, ProgressListener};
use super::rows::LegacyRows;
use super::sql::Sql;
use crate::connection_failures::one_line;
use crate::database_url::DatabaseUrl;
use crate::migrations::Migrator;
use crate::postgres::session::connection_url;
use crate::sqlite::pragmas::file_name;

/// The users table of an application that kept passwords, on its way to Auth0. Every call connects anew and blocks.
///
/// The steps are `inspect`, [`adopt`](Self::adopt), export, import, link, finish; all of them can be killed at any
/// point and run again, and the old application may go on reading and writing throughout.
#[derive(Clone, Debug)]
pub struct LegacyUsers {
    pub(super) url: DatabaseUrl,
    pub(super) named: Vec<String>,
}

/// What an adoption came to.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The migrations that were applied, or stand for what was done by hand.
    pub applied: Vec<String>,
    /// How many rows there are.
    pub rows: u64,
    /// How many of them could not keep their address as it was; it is in `legacy_users.email`.
    pub displaced: u64,
}

/// Does the same over either kind of connection.
macro_rules! over {
    ($self:expr, $connect:ident, |$connection:ident| $work:expr) => {
        match $self.url.target() {
            crate::database_url::Target::Postgres(url) => {
                let mut $connection = $connect::postgres(url)?;
                $work
            }
            crate::database_url::Target::Sqlite(path) => {
                let mut $connection = $connect::sqlite(path)?;
                $work
            }
        }
    };
}

impl LegacyUsers {
    /// For the database at a URL. Does not connect yet.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self { url, named: Vec::new() }
    }

    /// Names the columns that hold passwords, the hash first and then those of salts and the like, separated by
    /// commas. Where none is named, the table is searched for columns of a usual name.
    #[must_use]
    pub fn with_password_columns(self, names: &str) -> Self {
        Self { named: listed(names), ..self }
    }

    /// Looks at the table and changes nothing, not even the ledger of the migrations. Reads every row, in constant
    /// memory. `password_column` names the password columns for this call alone.
    ///
    /// # Errors
    /// [`LegacyError::NoSuchColumn`], or the database refuses.
    pub fn inspect(&self, password_column: Option<&str>) -> Result<Inspection, LegacyError> {
        let named = password_column.map_or_else(|| self.named.clone(), listed);
        over!(self, reading, |connection| inspection::inspect(&mut connection, &named))
    }

    /// The rows, by id. Changes nothing.
    ///
    /// # Errors
    /// [`LegacyError::NoUsersTable`], [`LegacyError::Obstacles`] where there is nothing to read rows by,
    /// [`LegacyError::NoSuchColumn`], or the database refuses.
    pub fn rows(&self) -> Result<LegacyRows, LegacyError> {
        over!(self, reading, |connection| {
            match inspection::era(&mut connection)?.0 {
                Era::Absent => Err(LegacyError::NoUsersTable),
                _ => LegacyRows::over(connection, &self.named),
            }
        })
    }

    /// Expands the table: adds what authsync needs and keeps everything else, ids and passwords above all. The old
    /// application may go on. Of a table that is adopted this applies what is pending.
    ///
    /// # Errors
    /// [`LegacyError::Obstacles`] before anything has changed; [`LegacyError::Failed`] or [`LegacyError::Stopped`] on the
    /// way: run it again.
    pub fn adopt(&self, listener: ProgressListener<'_>) -> Result<Adopted, LegacyError> {
        over!(self, reading, |connection| match inspection::era(&mut connection)?.0 {
            Era::Absent => return Err(LegacyError::NoUsersTable),
            Era::Authsync => return Err(LegacyError::NeverHeldPasswords),
            _ => {}
        });
        let applied = Migrator::new(self.url.clone()).up_telling(&self.named, &mut Pace::telling(listener))?;
        over!(self, reading, |connection| Ok(Adopted {
            applied,
            rows: connection.count("SELECT count(*) FROM users")?,
            displaced: connection.count("SELECT count(*) FROM legacy_users WHERE displaced")?,
        }))
    }
}

/// A listener that hears nothing.
pub(crate) fn nobody(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn listed(names: &str) -> Vec<String> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

pub(super) use over;

/// Connections that change rows.
pub(super) mod writing {
    pub(in crate::legacy) use crate::migrations::{postgres, sqlite};
}

/// Connections beside which no other run of migrations, adoption, finish or rollback goes on.
pub(super) mod alone {
    pub(in crate::legacy) use crate::migrations::{locked_postgres as postgres, sqlite};
}

/// Connections that only read, and leave a database as they found it.
pub(super) mod reading {
    use super::*;
    use crate::postgres_url::PostgresUrl;

    pub(in crate::legacy) fn postgres(url: &PostgresUrl) -> Result<PgConnection, LegacyError> {
        let mut connection = PgConnection::establish(&connection_url(url)).map_err(out_of_reach)?;
        connection.batch_execute("SET default_transaction_read_only = on")?;
        Ok(connection)
    }

    pub(in crate::legacy) fn sqlite(path: &str) -> Result<SqliteConnection, LegacyError> {
        let file = file_name(path);
        // SQLite would make the file.
        if !std::path::Path::new(&file).exists() {
            return Err(LegacyError::OutOfReach { reason: "there is no such file".to_owned() });
        }
        let mut connection = SqliteConnection::establish(&file).map_err(out_of_reach)?;
        connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA query_only = ON")?;
        Ok(connection)
    }

    fn out_of_reach(error: ConnectionError) -> LegacyError {
        LegacyError::OutOfReach { reason: one_line(&error.to_string()) }
    }
}
