//! The way back on SQLite: the table is made anew by the statement that made it first.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::adopt::UNIQUE;
use super::table_sql::{TableSql, Unreadable};
use super::{rebuild, times, triggers};
use crate::legacy::document::Document;
use crate::legacy::emails::PLACEHOLDER;
use crate::legacy::error::LegacyError;
use crate::legacy::pace::Pace;
use crate::legacy::rollback::{self, Newcomers, RolledBack};
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;
use crate::migrations;

/// Columns that a later migration adds.
const LATER: [&str; 2] = ["blocked", "deleted_at"];

pub(super) fn restore(
    connection: &mut SqliteConnection,
    document: &Document,
    newcomers: Newcomers,
    pace: &mut Pace<'_>,
) -> Result<RolledBack, LegacyError> {
    rebuild::prepare(connection)?;
    connection.immediate_transaction(|connection| {
        refuse_changes(connection, document)?;
        let (dropped, kept) = rollback::settle_newcomers(connection, newcomers)?;
        pace.begin("taking triggers and the index away")?;
        triggers::drop(connection)?;
        connection.batch_execute(&format!("DROP TRIGGER IF EXISTS {}", times::TRIGGER))?;
        for index in std::iter::once(UNIQUE).chain(document.made.iter().map(String::as_str)) {
            connection.batch_execute(&format!("DROP INDEX IF EXISTS {index}"))?;
        }
        // The table that knows them goes with its migration.
        connection.batch_execute(
            "CREATE TEMP TABLE authsync_addresses AS SELECT user_id, email FROM legacy_users WHERE displaced",
        )?;
        pace.begin("reverting migrations")?;
        migrations::revert_beside_adoption(connection, document.had_ledger)?;
        let (sql, mut left) = statement(connection, document)?;
        let shape = connection.shape()?;
        let written = shape.columns.iter().filter(|column| !column.generated && !document.added.contains(&column.name));
        let columns: Vec<_> = written.map(|column| (quoted(&column.name), quoted(&column.name))).collect();
        let objects = rebuild::objects(connection)?;
        rebuild::rebuild(connection, &sql, &columns, &objects, pace)?;
        pace.begin("putting addresses back")?;
        // Of rows that hold what we put there: a placeholder, or a part of what was there.
        let addresses = format!(
            "UPDATE users SET email = a.email FROM temp.authsync_addresses AS a WHERE a.user_id = users.id \
             AND (users.email = {PLACEHOLDER} OR instr(a.email, users.email) > 0)"
        );
        connection.write(&addresses, &[]).map_err(|error| rollback::address_taken(error.into()))?;
        connection.batch_execute("DROP TABLE temp.authsync_addresses")?;
        left.extend(rollback::put_subjects_back(connection, document)?);
        pace.begin("ending")?;
        Ok(RolledBack { dropped, kept, left })
    })
}

/// A column that came since would be lost, as the statement of before does not have it.
fn refuse_changes(connection: &mut SqliteConnection, document: &Document) -> Result<(), LegacyError> {
    let shape = connection.shape()?;
    let is_known = |name: &String| document.columns.contains(name) || document.added.contains(name);
    let new = shape.columns.iter().find(|column| !is_known(&column.name) && !LATER.contains(&column.name.as_str()));
    let gone = document.columns.iter().find(|name| shape.column(name).is_none());
    match (new.map(|column| &column.name), gone) {
        (Some(name), _) => Err(LegacyError::TableChanged { what: format!("the column {name} is new") }),
        (None, Some(name)) => Err(LegacyError::TableChanged { what: format!("the column {name} is gone") }),
        (None, None) => Ok(()),
    }
}

/// The statement of before, but for NOT NULL where rows lack something.
fn statement(connection: &mut SqliteConnection, document: &Document) -> Result<(String, Vec<String>), LegacyError> {
    let before = document.table_sql.as_deref().unwrap_or_default();
    let mut sql = TableSql::parse(before)?;
    let mut left = Vec::new();
    for name in &document.loosened {
        if connection.count(&format!("SELECT count(*) FROM users WHERE {} IS NULL", quoted(name)))? > 0 {
            sql.loosen(name)?;
            left.push(rollback::stays_nullable(name));
        }
    }
    Ok((sql.changed(), left))
}

impl From<Unreadable> for LegacyError {
    fn from(Unreadable: Unreadable) -> Self {
        Self::Failed {
            step: "changing the statement of the table users".to_owned(),
            reason: "its CREATE TABLE could not be read".to_owned(),
        }
    }
}
