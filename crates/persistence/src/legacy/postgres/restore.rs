//! The way back on PostgreSQL: one transaction, with the table to itself.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{triggers, uniqueness};
use crate::legacy::document::Document;
use crate::legacy::emails::PLACEHOLDER;
use crate::legacy::error::LegacyError;
use crate::legacy::pace::Pace;
use crate::legacy::rollback::{self, Newcomers, RolledBack};
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;
use crate::migrations;

pub(super) fn restore(
    connection: &mut PgConnection,
    document: &Document,
    newcomers: Newcomers,
    pace: &mut Pace<'_>,
) -> Result<RolledBack, LegacyError> {
    connection.atomically(|connection| {
        pace.begin("locking the table users")?;
        connection.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")?;
        let (dropped, kept) = rollback::settle_newcomers(connection, newcomers)?;
        pace.begin("taking triggers and indexes away")?;
        triggers::drop(connection)?;
        take_indexes_away(connection, document)?;
        pace.begin("putting addresses back")?;
        put_addresses_back(connection)?;
        pace.begin("reverting migrations")?;
        migrations::revert_beside_adoption(connection, document.had_ledger)?;
        pace.begin("putting columns back")?;
        let of_subjects = rollback::put_subjects_back(connection, document)?;
        let mut left = put_columns_back(connection, document)?;
        left.extend(of_subjects);
        pace.begin("ending")?;
        Ok(RolledBack { dropped, kept, left })
    })
}

fn take_indexes_away(connection: &mut PgConnection, document: &Document) -> QueryResult<()> {
    for column in ["auth0_id", "email"] {
        let check = uniqueness::present(column);
        connection.batch_execute(&format!("ALTER TABLE users DROP CONSTRAINT IF EXISTS {check}"))?;
    }
    for name in &document.made {
        connection.batch_execute(&format!(
            "ALTER TABLE users DROP CONSTRAINT IF EXISTS {name}; DROP INDEX IF EXISTS {name}"
        ))?;
    }
    for (before, now) in &document.renamed {
        let (before, now) = (quoted(before), quoted(now));
        connection.batch_execute(&format!("ALTER INDEX IF EXISTS {now} RENAME TO {before}"))?;
    }
    for column in &document.tightened {
        connection.batch_execute(&format!("ALTER TABLE users ALTER COLUMN {} DROP NOT NULL", quoted(column)))?;
    }
    Ok(())
}

/// Of rows that hold what we put there (a placeholder, or a part of what was there); the others have an address of
/// their own again.
fn put_addresses_back(connection: &mut PgConnection) -> Result<(), LegacyError> {
    let sql = format!(
        "UPDATE users SET email = l.email FROM legacy_users AS l WHERE l.user_id = users.id AND l.displaced \
         AND (users.email = {PLACEHOLDER} OR strpos(l.email, users.email) > 0)"
    );
    connection.write(&sql, &[]).map(drop).map_err(|error| rollback::address_taken(error.into()))
}

/// Everything in one statement, as far as the rows allow it.
fn put_columns_back(connection: &mut PgConnection, document: &Document) -> Result<Vec<String>, LegacyError> {
    let mut changes = Vec::new();
    let mut left = Vec::new();
    changes.extend(document.added.iter().map(|name| format!("DROP COLUMN IF EXISTS {}", quoted(name))));
    changes.extend(document.defaulted.iter().map(|name| format!("ALTER COLUMN {} DROP DEFAULT", quoted(name))));
    for name in &document.loosened {
        let column = quoted(name);
        if connection.count(&format!("SELECT count(*) FROM users WHERE {column} IS NULL"))? > 0 {
            left.push(rollback::stays_nullable(name));
        } else {
            changes.push(format!("ALTER COLUMN {column} SET NOT NULL"));
        }
    }
    for (name, data_type) in &document.widened {
        let column = quoted(name);
        let length: u64 = data_type.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        if connection.count(&format!("SELECT count(*) FROM users WHERE char_length({column}) > {length}"))? > 0 {
            left.push(format!("the column {name} stays wider than {data_type}: rows came to need it"));
        } else {
            changes.push(format!("ALTER COLUMN {column} TYPE {data_type}"));
        }
    }
    connection.batch_execute(&format!("ALTER TABLE users {}", changes.join(", ")))?;
    Ok(left)
}
