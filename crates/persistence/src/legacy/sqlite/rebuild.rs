//! Making a table anew with another statement, rows and ids kept (SQLite's manual, "Making Other Kinds Of Table Schema
//! Changes").

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::legacy::error::LegacyError;
use crate::legacy::pace::Pace;
use crate::legacy::sql::Sql;

/// Where the rows are meanwhile.
const BEFORE: &str = "authsync_users_before";

/// What a connection must be told before the transaction in which it rebuilds: that other tables go on referring to
/// `users` by its name, whatever table bears it.
pub(crate) fn prepare(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON")
}

/// Makes the table by `sql`, fills each of `columns` by its expression over the rows of before, and makes `objects`
/// (indexes, triggers) anew.
pub(super) fn rebuild(
    connection: &mut SqliteConnection,
    sql: &str,
    columns: &[(String, String)],
    objects: &[String],
    pace: &mut Pace<'_>,
) -> Result<(), LegacyError> {
    let violations = "SELECT count(*) FROM pragma_foreign_key_check";
    // Programs that never turned foreign keys on may have orphans; theirs stay, ours must not be among them.
    let orphans = connection.count(violations)?;
    let rows = connection.count("SELECT count(*) FROM users")?;
    let has_sequence = connection.count("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")? > 0;
    let sequence = if has_sequence {
        connection.read("SELECT CAST(seq AS TEXT) FROM sqlite_sequence WHERE lower(name) = 'users'", &[])?
    } else {
        Vec::new()
    };
    pace.begin("making the table users anew")?;
    connection.batch_execute(&format!("ALTER TABLE users RENAME TO {BEFORE}"))?;
    connection.batch_execute(sql)?;
    pace.tell("copying rows", 0, Some(rows))?;
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
    let copied = connection.write(
        &format!("INSERT INTO users ({}) SELECT {} FROM {BEFORE} ORDER BY id", names.join(", "), values.join(", ")),
        &[],
    )?;
    pace.tell("copying rows", rows, Some(rows))?;
    connection.batch_execute(&format!("DROP TABLE {BEFORE}"))?;
    for object in objects {
        connection.batch_execute(object)?;
    }
    if let Some(last) = sequence.first().and_then(|cells| cells.number(0)) {
        connection.batch_execute(&format!(
            "DELETE FROM sqlite_sequence WHERE lower(name) = 'users'; \
             INSERT INTO sqlite_sequence (name, seq) \
             SELECT name, max({last}, coalesce((SELECT max(id) FROM users), 0)) FROM sqlite_master \
             WHERE type = 'table' AND lower(name) = 'users'"
        ))?;
    }
    pace.begin("checking rows and foreign keys")?;
    let is_whole = u64::try_from(copied).is_ok_and(|copied| copied == rows) && connection.count(violations)? == orphans;
    if is_whole {
        Ok(())
    } else {
        Err(LegacyError::Failed {
            step: "making the table users anew".to_owned(),
            reason: "rows or foreign keys did not come out as they were".to_owned(),
        })
    }
}

/// The statements of the table's indexes and triggers.
pub(super) fn objects(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    connection.list(
        "SELECT sql FROM sqlite_master WHERE lower(tbl_name) = 'users' AND type IN ('index', 'trigger') \
         AND sql IS NOT NULL ORDER BY rowid",
    )
}
