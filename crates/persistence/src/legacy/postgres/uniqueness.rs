//! The unique indexes of the first migration, made while the old application writes.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::legacy::document::Document;
use crate::legacy::emails;
use crate::legacy::error::LegacyError;
use crate::legacy::obstacle::Obstacle;
use crate::legacy::pace::Pace;
use crate::legacy::sql::{Sql, literal, quoted};

/// How often an index is tried again for addresses that the old application inserted meanwhile.
const ATTEMPTS: usize = 5;
/// How long an index waits for transactions that were open before it. Nobody waits for us meanwhile.
const PATIENCE: Duration = Duration::from_secs(300);

/// A unique index by the name that the first migration gives it.
pub(super) struct Unique {
    pub(super) name: &'static str,
    pub(super) on: &'static str,
    is_constraint: bool,
}

pub(super) const UNIQUE: [Unique; 3] = [
    Unique { name: "users_auth0_id_key", on: "auth0_id", is_constraint: true },
    Unique { name: "users_email_key", on: "email", is_constraint: true },
    Unique { name: "users_email_lower_key", on: "lower(email)", is_constraint: false },
];

/// The indexes of before that do the work of one of ours, by their names of before and of now. An error of PostgreSQL
/// names the index, and by this name the program tells a taken address.
pub(super) fn same_indexes(connection: &mut PgConnection) -> QueryResult<Vec<(String, String)>> {
    let rows = connection.read(
        "SELECT c.relname::text, \
                CASE WHEN i.indexprs IS NULL THEN pg_get_indexdef(i.indexrelid, 1, TRUE) ELSE 'lower(email)' END \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         WHERE i.indrelid = 'users'::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL \
           AND i.indnkeyatts = 1 AND i.indnatts = 1 \
           AND pg_get_indexdef(i.indexrelid, 1, TRUE) IN ('auth0_id', 'email', 'lower(email)', 'lower(email::text)') \
         ORDER BY i.indexrelid",
        &[],
    )?;
    let mut renamed = Vec::new();
    for ours in UNIQUE {
        let mut same = rows.iter().filter(|cells| cells.text(1) == Some(ours.on)).map(|cells| cells.word(0));
        if let Some(theirs) = same.next()
            && theirs != ours.name
            && !same.any(|name| name == ours.name)
        {
            renamed.push((theirs, ours.name.to_owned()));
        }
    }
    Ok(renamed)
}

/// The indexes that are neither there nor to be had by another name.
pub(super) fn missing(connection: &mut PgConnection, renamed: &[(String, String)]) -> QueryResult<Vec<String>> {
    let mut missing = Vec::new();
    for ours in UNIQUE {
        if state(connection, ours.name)?.is_none() && !renamed.iter().any(|(_, now)| now == ours.name) {
            missing.push(ours.name.to_owned());
        }
    }
    Ok(missing)
}

/// Names of indexes to be that are taken by something else in the schema.
pub(super) fn names_taken(connection: &mut PgConnection) -> QueryResult<Vec<Obstacle>> {
    let names = UNIQUE.map(|unique| literal(unique.name)).join(", ");
    let taken = connection.read(
        &format!(
            "SELECT c.relname::text, coalesce(i.indrelid, c.oid)::regclass::text \
             FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid \
             WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'users'::regclass) \
               AND c.relname IN ({names}) AND i.indrelid IS DISTINCT FROM 'users'::regclass ORDER BY 1"
        ),
        &[],
    )?;
    Ok(taken.iter().map(|cells| Obstacle::NameTaken { name: cells.word(0), table: cells.word(1) }).collect())
}

/// The check that stands in for NOT NULL until every row has been looked at.
pub(super) fn present(column: &str) -> String {
    format!("authsync_{column}_present")
}

/// Makes sure of one index. One that an interruption left behind is INVALID: it goes, and is made anew.
pub(super) fn ensure(connection: &mut PgConnection, unique: &Unique, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let Unique { name, on, is_constraint } = unique;
    for attempt in 1.. {
        pace.begin(&format!("the index {name}"))?;
        match state(connection, name)? {
            Some(true) => break,
            Some(false) => connection.batch_execute(&format!("DROP INDEX CONCURRENTLY {name}"))?,
            None => {}
        }
        pace.begin(&format!("making the index {name}"))?;
        connection.batch_execute(&format!("SET lock_timeout = {}", PATIENCE.as_millis()))?;
        let made = connection.batch_execute(&format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON users ({on})"));
        let reset = connection.batch_execute("SET lock_timeout = 10000");
        match made {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) if attempt < ATTEMPTS => {
                emails::settle(connection, pace)?;
            }
            other => other.and(reset)?,
        }
    }
    // An index of before does its work without being a constraint.
    let stands = format!(
        "SELECT count(*) FROM pg_constraint c WHERE c.conindid = \
         (SELECT indexrelid FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid \
           WHERE i.indrelid = 'users'::regclass AND k.relname = {}) AND c.contype IN ('u', 'p')",
        literal(name)
    );
    if *is_constraint && connection.count(&stands)? == 0 && is_ours(connection, name)? {
        pace.begin(&format!("the constraint {name}"))?;
        connection.batch_execute(&format!("ALTER TABLE users ADD CONSTRAINT {name} UNIQUE USING INDEX {name}"))?;
    }
    Ok(())
}

/// Whether the index was not there before; one that was stays what it was.
fn is_ours(connection: &mut PgConnection, name: &str) -> Result<bool, LegacyError> {
    Ok(Document::load(connection)?.is_some_and(|document| document.made.iter().any(|made| made == name)))
}

/// Whether an index of this name on the table is valid; `None` where there is none.
fn state(connection: &mut PgConnection, name: &str) -> QueryResult<Option<bool>> {
    let sql = "SELECT i.indisvalid::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
               WHERE i.indrelid = 'users'::regclass AND c.relname = $1";
    Ok(connection.read(sql, &[name])?.first().and_then(|cells| cells.flag(0)))
}

/// Gives an index another name; no lock to speak of.
pub(super) fn rename(connection: &mut PgConnection, from: &str, to: &str) -> QueryResult<()> {
    connection.batch_execute(&format!("ALTER INDEX {} RENAME TO {}", quoted(from), quoted(to)))
}
