//! The end on PostgreSQL: a dump without any lock, and a drop that happens only if the dump is still true.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::triggers;
use crate::legacy::document::{Document, Stage};
use crate::legacy::dump;
use crate::legacy::error::LegacyError;
use crate::legacy::finish::refuse_unlinked;
use crate::legacy::pace::Pace;
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;

/// How often the dump is made anew because rows changed meanwhile.
const ATTEMPTS: usize = 5;

pub(super) fn contract(
    connection: &mut PgConnection,
    mut document: Document,
    accepted: u64,
    path: &Path,
    pace: &mut Pace<'_>,
) -> Result<u64, LegacyError> {
    document.stage = Stage::Finished;
    for _ in 0..ATTEMPTS {
        // All pages of one moment.
        let (rows, print) = connection.build_transaction().read_only().repeatable_read().run(|connection| {
            let rows = dump::write(connection, &document, path, pace)?;
            Ok::<_, LegacyError>((rows, fingerprint(connection, &document)?))
        })?;
        pace.begin("dropping the password columns")?;
        let is_done = connection.atomically(|connection| {
            // At once, and not a weaker lock first: two who want to go from one to the other would wait for each other.
            connection.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")?;
            if fingerprint(connection, &document)? != print {
                return Ok(false);
            }
            refuse_unlinked(connection, accepted)?;
            triggers::drop(connection)?;
            let drops = document.password_columns.iter().map(|name| format!("DROP COLUMN {}", quoted(name)));
            connection.batch_execute(&format!("ALTER TABLE users {}", drops.collect::<Vec<_>>().join(", ")))?;
            document.store(connection)?;
            pace.begin("noting that the migration is finished")?;
            Ok(true)
        })?;
        if is_done {
            return Ok(rows);
        }
    }
    Err(LegacyError::DumpOutrun)
}

/// The number of rows, and a sum over all that the dump holds.
fn fingerprint(connection: &mut PgConnection, document: &Document) -> QueryResult<(u64, String)> {
    let columns = document.password_columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let row = connection.read_one(&format!(
        "SELECT count(*)::text, \
                coalesce(sum(hashtextextended(ROW(id, {columns})::text, 0)::numeric), 0)::text FROM users"
    ))?;
    Ok((row.count(0), row.word(1)))
}
