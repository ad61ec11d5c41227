//! What answers at a URL.

use diesel::dsl::{select, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::database_url::{DatabaseUrl, Target};
use crate::migrations::{MigrateError, postgres};

/// The database and its version, such as `PostgreSQL 17.6` or `SQLite 3.50.4`. Asked over a connection of its own; for
/// SQLite, which is part of this program, no file is touched.
///
/// # Errors
/// [`MigrateError::OutOfReach`] or [`MigrateError::Failed`]
pub fn server_version(url: &DatabaseUrl) -> Result<String, MigrateError> {
    let failed = |error: diesel::result::Error| MigrateError::Failed { reason: crate::fault::message(&error) };
    match url.target() {
        Target::Postgres(url) => {
            let version = select(sql::<Text>("current_setting('server_version')"));
            let version: String = version.get_result(&mut postgres(url)?).map_err(failed)?;
            Ok(format!("PostgreSQL {version}"))
        }
        Target::Sqlite(_) => {
            let mut memory = SqliteConnection::establish(":memory:")
                .map_err(|error| MigrateError::OutOfReach { reason: error.to_string() })?;
            let version: String = select(sql::<Text>("sqlite_version()")).get_result(&mut memory).map_err(failed)?;
            Ok(format!("SQLite {version}"))
        }
    }
}
