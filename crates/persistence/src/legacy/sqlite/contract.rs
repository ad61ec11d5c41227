//! The end on SQLite: dump and drop in one transaction, beside which nobody writes.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::triggers;
use crate::legacy::document::{Document, Stage};
use crate::legacy::dump;
use crate::legacy::error::LegacyError;
use crate::legacy::finish::refuse_unlinked;
use crate::legacy::pace::Pace;
use crate::legacy::sql::quoted;

pub(super) fn contract(
    connection: &mut SqliteConnection,
    mut document: Document,
    accepted: u64,
    path: &Path,
    pace: &mut Pace<'_>,
) -> Result<u64, LegacyError> {
    // Overwrites what it drops, as far as the file goes.
    connection.batch_execute("PRAGMA secure_delete = ON")?;
    document.stage = Stage::Finished;
    connection.immediate_transaction(|connection| {
        refuse_unlinked(connection, accepted)?;
        let rows = dump::write(connection, &document, path, pace)?;
        pace.begin("dropping the password columns")?;
        triggers::drop(connection)?;
        for name in &document.password_columns {
            connection.batch_execute(&format!("ALTER TABLE users DROP COLUMN {}", quoted(name)))?;
        }
        document.store(connection)?;
        pace.begin("noting that the migration is finished")?;
        Ok(rows)
    })
}
