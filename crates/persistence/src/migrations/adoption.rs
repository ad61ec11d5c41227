//! What the adoption of a users table of the password era takes from the migrations.

use diesel::connection::Connection;
use diesel::migration::MigrationConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::embedded::{self, Step, steps};
use super::ledger::Inventory;
use crate::legacy::LegacyError;

/// The step that makes the tables in which an adoption is remembered.
const LEGACY_STEP: &str = "create_legacy_users";
/// How many of the first steps an adoption does in its own way.
const FIRST_STEPS: usize = 2;

/// Either database, with the migrations for it.
pub(crate) trait Migrated:
    Inventory + MigrationConnection + MigrationHarness<<Self as Connection>::Backend>
{
    /// What is compiled in for it.
    fn source() -> &'static EmbeddedMigrations;

    /// Notes versions as applied, or as not applied.
    fn note_versions(&mut self, versions: &[String], applied: bool) -> QueryResult<()>;
}

macro_rules! migrated {
    ($connection:ty, $source:expr) => {
        impl Migrated for $connection {
            fn source() -> &'static EmbeddedMigrations {
                &$source
            }

            fn note_versions(&mut self, versions: &[String], applied: bool) -> QueryResult<()> {
                use super::ledger::__diesel_schema_migrations::dsl::{__diesel_schema_migrations as ledger, version};
                for one in versions {
                    diesel::delete(ledger.filter(version.eq(one))).execute(self)?;
                    if applied {
                        diesel::insert_into(ledger).values(version.eq(one)).execute(self)?;
                    }
                }
                Ok(())
            }
        }
    };
}

migrated!(PgConnection, embedded::POSTGRES);
migrated!(SqliteConnection, embedded::SQLITE);

/// Makes the ledger and the tables of the adoption, where they are not there.
pub(crate) fn run_legacy_step<C: Migrated>(connection: &mut C) -> Result<(), LegacyError> {
    connection.setup()?;
    let applied = connection.applied_versions()?;
    for step in legacy_step::<C>().filter(|step| !applied.contains(&step.version)) {
        connection
            .run_migration(&*step.migration)
            .map_err(|error| LegacyError::Failed { step: step.name.clone(), reason: super::run::reason(&*error) })?;
    }
    Ok(())
}

/// Notes the steps whose work an adoption does as applied.
pub(crate) fn mark_first_steps<C: Migrated>(connection: &mut C) -> QueryResult<()> {
    connection.note_versions(&first_versions::<C>(), true)
}

/// Whether the users table is one that the migrations made, or that was adopted.
pub(crate) fn has_first_step<C: Migrated>(connection: &mut C) -> QueryResult<bool> {
    let applied = connection.applied_versions()?;
    Ok(first_versions::<C>().first().is_some_and(|first| applied.contains(first)))
}

/// Reverts every step but those that an adoption did in its own way, newest first, and takes the ledger away unless it
/// is to stay. A step of a newer version is an error: only that version can revert it.
pub(crate) fn revert_beside_adoption<C: Migrated>(connection: &mut C, keep_ledger: bool) -> Result<(), LegacyError> {
    let mut applied = connection.applied_versions()?;
    applied.sort();
    let steps = steps::<C::Backend>(C::source());
    let first = first_versions::<C>();
    for version in applied.iter().rev().filter(|version| !first.contains(version)) {
        let failed =
            |reason: String| LegacyError::Failed { step: format!("reverting the migration {version}"), reason };
        let step = steps.iter().find(|step| step.version == *version);
        let step = step.ok_or_else(|| failed("it is unknown to this version of authsync".to_owned()))?;
        connection.revert_migration(&*step.migration).map_err(|error| failed(super::run::reason(&*error)))?;
    }
    connection.note_versions(&first, false)?;
    if !keep_ledger {
        connection.batch_execute("DROP TABLE __diesel_schema_migrations")?;
    }
    Ok(())
}

/// Whether this version is one that an adopted table cannot be without.
pub(super) fn belongs_to_adoption<C: Migrated>(version: &str) -> bool {
    legacy_step::<C>().any(|step| version <= step.version.as_str())
}

fn legacy_step<C: Migrated>() -> impl Iterator<Item = Step<C::Backend>> {
    steps::<C::Backend>(C::source()).into_iter().filter(|step| step.name.ends_with(LEGACY_STEP))
}

fn first_versions<C: Migrated>() -> Vec<String> {
    steps::<C::Backend>(C::source()).into_iter().take(FIRST_STEPS).map(|step| step.version).collect()
}
