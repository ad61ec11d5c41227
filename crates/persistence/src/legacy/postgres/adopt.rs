//! Expanding a table of the password era while its application goes on writing.
//!
//! Short transactions, each of which can be the last: what is done is seen in the table itself or in the document, and
//! the next run goes on from there.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{triggers, uniqueness};
use crate::legacy::document::{Document, Stage};
use crate::legacy::emails;
use crate::legacy::error::LegacyError;
use crate::legacy::obstacles;
use crate::legacy::pace::Pace;
use crate::legacy::shape::{Column, Shape};
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;
use crate::migrations::{self, Inventory};

const PAGE: u64 = 1_000;

/// Columns of the first two migrations, each in a form that rewrites no row.
const COLUMNS: [(&str, &str); 6] = [
    ("auth0_id", "VARCHAR(255)"),
    ("name", "VARCHAR(255)"),
    ("picture", "TEXT"),
    ("email_verified", "BOOLEAN NOT NULL DEFAULT FALSE"),
    ("created_at", "TIMESTAMP WITH TIME ZONE"),
    ("updated_at", "TIMESTAMP WITH TIME ZONE"),
];

pub(super) fn adopt(connection: &mut PgConnection, named: &[String], pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let mut document = match Document::load(connection)? {
        Some(document) => document,
        None => begin(connection, named, pace)?,
    };
    if document.stage == Stage::Begun {
        expand(connection, &mut document, pace)?;
    }
    if document.stage == Stage::Expanded {
        fill(connection, pace)?;
        emails::settle(connection, pace)?;
        for unique in &uniqueness::UNIQUE {
            uniqueness::ensure(connection, unique, pace)?;
        }
        require(connection, "auth0_id", pace)?;
        require(connection, "email", pace)?;
        pace.begin("noting that the table is adopted")?;
        document.stage = Stage::Adopted;
        connection.atomically(|connection| {
            migrations::mark_first_steps(connection)?;
            Ok(document.store(connection)?)
        })?;
    }
    Ok(())
}

/// Looks whether it can be done, and makes the tables that remember it.
fn begin(connection: &mut PgConnection, named: &[String], pace: &mut Pace<'_>) -> Result<Document, LegacyError> {
    pace.begin("looking at the table users")?;
    let shape = connection.shape()?;
    let found = obstacles::of_the_table(connection, &shape)?;
    if !found.is_empty() {
        return Err(LegacyError::Obstacles(found));
    }
    let password_columns = shape.password_columns(named).map_err(|name| LegacyError::NoSuchColumn { name })?;
    let had_ledger = connection.has_table("__diesel_schema_migrations")?;
    let missing = COLUMNS.iter().filter(|(name, _)| shape.column(name).is_none());
    // Of authsync's INSERTs, which name these two, and of what they do not name.
    let stands_in_the_way = |name: &str| ["name", "picture"].contains(&name);
    let loosened = shape.columns.iter().filter(|column| {
        !["id", "email", "auth0_id", "email_verified"].contains(&column.name.as_str())
            && default(column).is_none()
            && (column.is_required() || (!column.nullable && stands_in_the_way(&column.name)))
    });
    let defaulted: Vec<_> = shape.times_to_fill().filter(|column| default(column).is_some()).collect();
    let renamed = uniqueness::same_indexes(connection)?;
    let document = Document {
        stage: Stage::Begun,
        password_columns,
        had_ledger,
        columns: shape.columns.iter().map(|column| column.name.clone()).collect(),
        added: missing.map(|(name, _)| (*name).to_owned()).collect(),
        loosened: loosened.map(|column| column.name.clone()).collect(),
        defaulted: defaulted.iter().map(|column| column.name.clone()).collect(),
        tightened: ["email", "auth0_id"]
            .into_iter()
            .filter(|name| shape.column(name).is_some_and(|column| column.nullable))
            .map(str::to_owned)
            .collect(),
        widened: shape.narrow(),
        made: uniqueness::missing(connection, &renamed)?,
        renamed,
        table_sql: None,
        dump: None,
    };
    pace.begin("making the tables of authsync")?;
    connection.atomically(|connection| {
        migrations::run_legacy_step(connection)?;
        document.store(connection)?;
        pace.begin("noting what is to be changed")
    })?;
    Ok(document)
}

/// What a time says of rows that are silent about it; `None` for other columns, and where it cannot be told. A time without
/// a zone is taken for UTC, as applications do that give it by themselves.
fn default(column: &Column) -> Option<&'static str> {
    if !["created_at", "updated_at"].contains(&column.name.as_str()) {
        return None;
    }
    match column.data_type.as_str() {
        "date" => Some("CURRENT_DATE"),
        zoned if zoned.ends_with("with time zone") => Some("CURRENT_TIMESTAMP"),
        plain if plain.starts_with("timestamp") => Some("(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"),
        _ => None,
    }
}

/// Everything that needs the table for itself, for a moment: nothing here looks at rows.
fn expand(connection: &mut PgConnection, document: &mut Document, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let shape = connection.shape()?;
    connection.atomically(|connection| {
        pace.begin("adding columns")?;
        let mut changes = Vec::new();
        for (name, definition) in COLUMNS.iter().filter(|(name, _)| document.added.iter().any(|added| added == name)) {
            changes.push(format!("ADD COLUMN {name} {definition}"));
            if name.ends_with("_at") {
                // Not with the column: that would claim of the old rows that they were made today.
                changes.push(format!("ALTER COLUMN {name} SET DEFAULT CURRENT_TIMESTAMP"));
            }
        }
        for column in &document.loosened {
            changes.push(format!("ALTER COLUMN {} DROP NOT NULL", quoted(column)));
        }
        for column in shape.columns.iter().filter(|column| document.defaulted.contains(&column.name)) {
            let default = default(column).unwrap_or("CURRENT_TIMESTAMP");
            changes.push(format!("ALTER COLUMN {} SET DEFAULT {default}", quoted(&column.name)));
        }
        for (column, _) in &document.widened {
            let wide = if column == "picture" { "TEXT" } else { "VARCHAR(255)" };
            changes.push(format!("ALTER COLUMN {} TYPE {wide}", quoted(column)));
        }
        connection.batch_execute(&format!("ALTER TABLE users {}", changes.join(", ")))?;
        pace.begin("giving indexes their names")?;
        for (from, to) in &document.renamed {
            uniqueness::rename(connection, from, to)?;
        }
        pace.begin("making the triggers for the old application")?;
        triggers::create(connection, &shape, document)?;
        document.stage = Stage::Expanded;
        document.store(connection)?;
        pace.begin("noting what was changed")
    })
}

/// Gives the old rows what the trigger gives to new ones.
fn fill(connection: &mut PgConnection, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let shape = connection.shape()?;
    // The column `name` is there by now; whether it was before is seen by the trigger's own words.
    let document = Document::load(connection)?;
    let made_name = document.is_some_and(|document| document.added.iter().any(|added| added == "name"));
    let without_name = Shape {
        columns: shape.columns.into_iter().filter(|column| !(made_name && column.name == "name")).collect(),
        ..shape
    };
    let mut lacks = "auth0_id IS NULL OR auth0_id = ''".to_owned();
    let mut filled = "auth0_id = coalesce(nullif(auth0_id, ''), 'legacy|' || id)".to_owned();
    if let Some(name) = <PgConnection as UsersTable>::composed_name(&without_name, "") {
        lacks += &format!(" OR name IS NULL AND {name} IS NOT NULL");
        filled += &format!(", name = coalesce(name, {name})");
    }
    let total = connection.count(&format!("SELECT count(*) FROM users WHERE {lacks}"))?;
    let (mut after, mut done) = (0, 0);
    loop {
        pace.tell("filling auth0_id", done, Some(total))?;
        let page = connection.read_one(&format!(
            "SELECT max(id)::text, count(*)::text FROM \
             (SELECT id FROM users WHERE ({lacks}) AND id > {after} ORDER BY id LIMIT {PAGE}) AS page"
        ))?;
        let Some(last) = page.number(0) else { return Ok(()) };
        connection
            .write(&format!("UPDATE users SET {filled} WHERE ({lacks}) AND id > {after} AND id <= {last}"), &[])?;
        after = last;
        done += page.count(1);
    }
}

/// NOT NULL without a look at every row under the lock: a check that is validated before spares PostgreSQL that.
fn require(connection: &mut PgConnection, column: &str, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    if connection.shape()?.column(column).is_none_or(|column| !column.nullable) {
        return Ok(());
    }
    let check = uniqueness::present(column);
    for (step, sql) in [
        (
            "checking that new rows have",
            format!(
                "ALTER TABLE users DROP CONSTRAINT IF EXISTS {check}, \
             ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"
            ),
        ),
        ("checking that old rows have", format!("ALTER TABLE users VALIDATE CONSTRAINT {check}")),
        (
            "requiring",
            format!("ALTER TABLE users ALTER COLUMN {column} SET NOT NULL; ALTER TABLE users DROP CONSTRAINT {check}"),
        ),
    ] {
        pace.begin(&format!("{step} {column}"))?;
        connection.batch_execute(&sql)?;
    }
    Ok(())
}
