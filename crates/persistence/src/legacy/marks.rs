//! What is noted of each row on its way.

use diesel::prelude::*;
use domain::UnixTime;

use super::document::Document;
use super::error::LegacyError;
use super::sql::{Sql, listed};
use super::table::UsersTable;
use super::users::{LegacyUsers, over, writing};

/// How many rows are noted in one statement.
const BATCH: usize = 1_000;

impl LegacyUsers {
    /// Notes that these rows are in a file for Auth0, from which moment a login as `auth0|<id>` links the row. Rows that
    /// are marked already keep the first time; rows that do not wait to be linked, or are gone, are passed over.
    /// Returns how many of the rows stand marked.
    ///
    /// # Errors
    /// [`LegacyError::NotAdopted`], [`LegacyError::HalfAdopted`], or the database refuses. Run it again.
    pub fn mark_exported(&self, ids: &[i64], now: UnixTime) -> Result<u64, LegacyError> {
        self.mark("exported_at", ids, now)
    }

    /// Notes that Auth0 took these rows, so that [`link`](Self::link) links them. Otherwise as
    /// [`mark_exported`](Self::mark_exported); rows that a login has linked meanwhile are marked, too.
    ///
    /// # Errors
    /// As there.
    pub fn mark_imported(&self, ids: &[i64], now: UnixTime) -> Result<u64, LegacyError> {
        self.mark("imported_at", ids, now)
    }

    /// Takes the mark of an export back: Auth0 has somebody else under the id, and a login as `auth0|<id>` must not be
    /// given the row. Rows that are linked, or were never marked, are passed over.
    ///
    /// # Errors
    /// As [`mark_exported`](Self::mark_exported).
    pub fn withdraw_export(&self, id: i64) -> Result<(), LegacyError> {
        over!(self, writing, |connection| {
            Document::load_open(&mut connection)?;
            connection.write(
                &format!(
                    "UPDATE legacy_users SET exported_at = NULL, imported_at = NULL WHERE user_id = {id} \
                     AND EXISTS (SELECT 1 FROM users WHERE users.id = {id} AND auth0_id = 'legacy|{id}')"
                ),
                &[],
            )?;
            Ok(())
        })
    }

    /// Notes why Auth0 did not take a row, or would not. The reason is shown to operators; it should hold no secret.
    /// A row that is gone is passed over.
    ///
    /// # Errors
    /// As [`mark_exported`](Self::mark_exported).
    pub fn note_problem(&self, id: i64, reason: &str) -> Result<(), LegacyError> {
        over!(self, writing, |connection| {
            Document::load_open(&mut connection)?;
            Ok(note_problem(&mut connection, &[id], reason)?)
        })
    }

    /// Takes the note back.
    ///
    /// # Errors
    /// As [`mark_exported`](Self::mark_exported).
    pub fn clear_problem(&self, id: i64) -> Result<(), LegacyError> {
        over!(self, writing, |connection| {
            Document::load_open(&mut connection)?;
            connection.write(&format!("UPDATE legacy_users SET problem = NULL WHERE user_id = {id}"), &[])?;
            Ok(())
        })
    }

    fn mark(&self, column: &str, ids: &[i64], now: UnixTime) -> Result<u64, LegacyError> {
        over!(self, writing, |connection| {
            Document::load_open(&mut connection)?;
            let marked: QueryResult<Vec<u64>> =
                ids.chunks(BATCH).map(|ids| mark(&mut connection, column, ids, now)).collect();
            Ok(marked?.into_iter().sum())
        })
    }
}

fn mark(connection: &mut impl UsersTable, column: &str, ids: &[i64], now: UnixTime) -> QueryResult<u64> {
    let (ids, now) = (listed(ids), now.as_millis());
    // An id of a row that is linked as somebody else must not open it to `auth0|<id>`.
    let marked = connection.write(
        &format!(
            "INSERT INTO legacy_users (user_id, {column}) SELECT id, {now} FROM users WHERE id IN ({ids}) \
             AND auth0_id IN ('legacy|' || CAST(id AS TEXT), 'auth0|' || CAST(id AS TEXT)) \
             ON CONFLICT (user_id) DO UPDATE SET {column} = coalesce(legacy_users.{column}, excluded.{column})"
        ),
        &[],
    )?;
    Ok(u64::try_from(marked).unwrap_or(0))
}

/// Notes the same problem of several rows.
pub(super) fn note_problem(connection: &mut impl UsersTable, ids: &[i64], reason: &str) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO legacy_users (user_id, problem) SELECT id, $1 FROM users WHERE id IN ({}) \
         ON CONFLICT (user_id) DO UPDATE SET problem = excluded.problem",
        listed(ids)
    );
    connection.write(&sql, &[reason]).map(drop)
}
