//! In which form the times of an adopted table are written, so that the old application can read them.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::legacy::shape::{Column, Family, Shape};
use crate::legacy::sql::{Sql, quoted};

/// The trigger that keeps `updated_at` in the column's form. It stays when the password columns go: who reads the table
/// does not change with them.
pub(super) const TRIGGER: &str = "authsync_users_time";

/// The form of our own tables. Python before 3.11 cannot read it, and SQLAlchemy at no time.
const OURS: &str = "%Y-%m-%dT%H:%M:%fZ";

/// The form of a column, for `strftime`: that of its newest row. Where there is none it is the one of SQLAlchemy and
/// Django, to which SQLite's own CURRENT_TIMESTAMP comes close.
fn form(connection: &mut SqliteConnection, column: Option<&Column>) -> QueryResult<String> {
    let newest = match column {
        Some(column) => {
            let name = quoted(&column.name);
            connection.read(
                &format!(
                    "SELECT CAST({name} AS TEXT) FROM users WHERE {name} LIKE '____-__-__%' ORDER BY id DESC LIMIT 1"
                ),
                &[],
            )?
        }
        None => Vec::new(),
    };
    let newest = newest.first().map(|cells| cells.word(0)).unwrap_or_default();
    let between = if newest.get(10..11) == Some("T") { "T" } else { " " };
    let ends = ["Z", "+00:00"].into_iter().find(|end| newest.ends_with(end)).unwrap_or_default();
    Ok(match (between, ends) {
        ("T", "Z") => OURS.to_owned(),
        // Six digits, which everybody reads; SQLite knows three.
        _ => format!("%Y-%m-%d{between}%H:%M:%f000{ends}"),
    })
}

/// What the column of a time says of rows that are silent about it; `None` where it holds something that cannot be
/// told.
pub(super) fn default(connection: &mut SqliteConnection, shape: &Shape, name: &str) -> QueryResult<Option<String>> {
    let column = shape.column(name);
    if column.is_some_and(|column| column.data_type.eq_ignore_ascii_case("date")) {
        return Ok(Some("(date('now'))".to_owned()));
    }
    if column.is_some_and(|column| ![Family::Time, Family::Text].contains(&column.family)) {
        return Ok(None);
    }
    Ok(Some(format!("(strftime('{}', 'now'))", form(connection, column)?)))
}

/// Makes the trigger, where the column's form is not ours. The shape is that of before.
pub(super) fn keep_form(connection: &mut SqliteConnection, shape: &Shape) -> QueryResult<()> {
    let form = form(connection, shape.column("updated_at"))?;
    if form == OURS {
        return Ok(());
    }
    connection.batch_execute(&format!(
        "CREATE TRIGGER {TRIGGER} AFTER UPDATE OF updated_at ON users \
         WHEN NEW.updated_at GLOB '????-??-??T??:??:??.???Z' BEGIN \
             UPDATE users SET updated_at = strftime('{form}', NEW.updated_at) WHERE id = NEW.id; END"
    ))
}
