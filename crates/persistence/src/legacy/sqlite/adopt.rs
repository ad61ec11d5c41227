//! Expanding a table of the password era. SQLite changes a column only by making its table anew, so all of it is one
//! transaction: readers go on, writers wait.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::table_sql::{TableSql, Unreadable};
use super::{rebuild, times, triggers};
use crate::connection_failures::one_line;
use crate::legacy::document::{Document, Stage};
use crate::legacy::emails;
use crate::legacy::error::LegacyError;
use crate::legacy::obstacle::Obstacle;
use crate::legacy::obstacles;
use crate::legacy::pace::Pace;
use crate::legacy::shape::Shape;
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;
use crate::migrations::{self, Inventory};

/// Columns of the first two migrations, but for the default of times. `auth0_id` may be NULL until the trigger has filled
/// it.
const COLUMNS: [(&str, &str); 6] = [
    ("auth0_id", "auth0_id TEXT UNIQUE CHECK (length(auth0_id) <= 255)"),
    ("name", "name TEXT CHECK (length(name) <= 255)"),
    ("picture", "picture TEXT"),
    ("email_verified", "email_verified BOOLEAN NOT NULL DEFAULT FALSE"),
    ("created_at", "created_at TEXT"),
    ("updated_at", "updated_at TEXT"),
];

/// The one index of ours. The column's own comparison ignores case as well.
pub(super) const UNIQUE: &str = "users_email_lower_key";

pub(super) fn adopt(
    connection: &mut SqliteConnection,
    named: &[String],
    pace: &mut Pace<'_>,
) -> Result<(), LegacyError> {
    pace.begin("looking at the table users")?;
    let shape = connection.shape()?;
    let found = obstacles::of_the_table(connection, &shape)?;
    if !found.is_empty() {
        return Err(LegacyError::Obstacles(found));
    }
    let password_columns = shape.password_columns(named).map_err(|name| LegacyError::NoSuchColumn { name })?;
    let had_ledger = connection.has_table("__diesel_schema_migrations")?;
    let of_before =
        connection.read_one("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = 'users'")?.word(0);
    let defaults = defaults(connection, &shape)?;
    let document = Document {
        stage: Stage::Adopted,
        password_columns,
        had_ledger,
        columns: shape.columns.iter().map(|column| column.name.clone()).collect(),
        added: added(&shape).map(|(name, _)| name.to_owned()).collect(),
        loosened: loosened(&shape, &defaults),
        defaulted: defaults.keys().filter(|name| shape.column(name).is_some()).map(|name| (*name).to_owned()).collect(),
        tightened: Vec::new(),
        widened: Vec::new(),
        renamed: Vec::new(),
        made: made(connection, &shape)?,
        table_sql: Some(of_before.clone()),
        dump: None,
    };
    pace.begin("making the tables of authsync")?;
    migrations::run_legacy_step(connection)?;
    emails::settle(connection, pace)?;
    let of_now = expanded(&of_before, &shape, &defaults)?;
    let objects = rebuild::objects(connection)?;
    rebuild::rebuild(connection, &of_now, &values(&shape), &objects, pace)?;
    pace.begin("making the index and the triggers for the old application")?;
    connection.batch_execute(&format!("CREATE UNIQUE INDEX {UNIQUE} ON users (email)"))?;
    for index in &document.made {
        connection.batch_execute(&format!("CREATE UNIQUE INDEX {index} ON users (auth0_id)"))?;
    }
    triggers::create(connection, &shape, &document)?;
    times::keep_form(connection, &shape)?;
    try_a_newcomer(connection, &shape)?;
    pace.begin("noting that the table is adopted")?;
    document.store(connection)?;
    migrations::mark_first_steps(connection)?;
    Ok(())
}

/// Whether rows of authsync will pass the checks. SQLite says what they are as a text alone, so one row is given what such
/// rows hold, and taken back.
fn try_a_newcomer(connection: &mut SqliteConnection, shape: &Shape) -> Result<(), LegacyError> {
    let empty = shape.left_empty().iter().map(|column| format!("{} = NULL", quoted(&column.name))).collect::<Vec<_>>();
    if empty.is_empty() {
        return Ok(());
    }
    let trial = format!("UPDATE users SET {} WHERE id = (SELECT max(id) FROM users)", empty.join(", "));
    let mut outcome = Ok(0);
    let taken_back = connection.transaction(|connection| {
        outcome = connection.write(&trial, &[]);
        Err::<(), _>(DieselError::RollbackTransaction)
    });
    match (outcome, taken_back) {
        (Err(DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, violation)), _) => {
            Err(LegacyError::Obstacles(vec![Obstacle::RefusesNewcomers { by: one_line(violation.message()) }]))
        }
        // What a trigger of the application says of this update is nothing about newcomers.
        (_, Err(DieselError::RollbackTransaction) | Ok(())) => Ok(()),
        (_, Err(error)) => Err(error.into()),
    }
}

/// Defaults of times, by their columns.
type Defaults = BTreeMap<&'static str, String>;

/// Of times that are added, and of those that the application gave by itself.
fn defaults(connection: &mut SqliteConnection, shape: &Shape) -> QueryResult<Defaults> {
    let mut defaults = Defaults::new();
    for name in ["created_at", "updated_at"] {
        let is_ours = shape.column(name).is_none() || shape.times_to_fill().any(|column| column.name == name);
        if is_ours && let Some(default) = times::default(connection, shape, name)? {
            defaults.insert(name, default);
        }
    }
    Ok(defaults)
}

/// The index that identities lack which are there already: ours come with one.
fn made(connection: &mut SqliteConnection, shape: &Shape) -> QueryResult<Vec<String>> {
    let same = "SELECT count(*) FROM pragma_index_list('users') AS l WHERE l.\"unique\" AND NOT l.partial \
                AND (SELECT group_concat(name || coll) FROM pragma_index_xinfo(l.name) WHERE key) = 'auth0_idBINARY'";
    let is_wanted = shape.column("auth0_id").is_some() && connection.count(same)? == 0;
    Ok(is_wanted.then(|| "authsync_users_auth0_id_key".to_owned()).into_iter().collect())
}

fn added(shape: &Shape) -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.into_iter().filter(|(name, _)| shape.column(name).is_none())
}

/// Columns that authsync's INSERTs do not fill, or fill with NULL.
fn loosened(shape: &Shape, defaults: &Defaults) -> Vec<String> {
    let in_the_way = shape.columns.iter().filter(|column| {
        column.is_required() && column.name != "id"
            || !column.nullable && ["name", "picture"].contains(&column.name.as_str())
    });
    // The address is put right by a trigger, and that comes after NOT NULL; an identity is always there.
    in_the_way
        .filter(|column| !["email", "auth0_id", "email_verified"].contains(&column.name.as_str()))
        .filter(|column| !defaults.contains_key(column.name.as_str()))
        .map(|column| column.name.clone())
        .collect()
}

/// The statement of now.
fn expanded(before: &str, shape: &Shape, defaults: &Defaults) -> Result<String, Unreadable> {
    let mut sql = TableSql::parse(before)?;
    for column in loosened(shape, defaults) {
        sql.loosen(&column)?;
    }
    for (column, default) in defaults.iter().filter(|(name, _)| shape.column(name).is_some()) {
        sql.give_default(column, default)?;
    }
    sql.collate("email", "NOCASE")?;
    if shape.column("auth0_id").is_some() {
        sql.collate("auth0_id", "BINARY")?;
    }
    sql.never_reuse_ids("id")?;
    let default = |name| defaults.get(name).map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
    sql.add(&added(shape).map(|(name, definition)| definition.to_owned() + &default(name)).collect::<Vec<_>>())?;
    Ok(sql.changed())
}

/// What a column is filled with that was there before.
fn value(column: &str) -> String {
    match column {
        "auth0_id" => "coalesce(nullif(auth0_id, ''), 'legacy|' || id)".to_owned(),
        other => quoted(other),
    }
}

/// What each column is filled with. The times of old rows are not known.
fn values(shape: &Shape) -> Vec<(String, String)> {
    let kept = shape.columns.iter().filter(|column| !column.generated);
    let mut values: Vec<_> = kept.map(|column| (quoted(&column.name), value(&column.name))).collect();
    for (name, _) in added(shape) {
        let value = match name {
            "auth0_id" => "'legacy|' || id".to_owned(),
            "email_verified" => "FALSE".to_owned(),
            "name" => <SqliteConnection as UsersTable>::composed_name(shape, "").unwrap_or_else(|| "NULL".to_owned()),
            _ => "NULL".to_owned(),
        };
        values.push((name.to_owned(), value));
    }
    values
}
