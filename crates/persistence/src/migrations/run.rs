//! A run of migrations over one connection; the same on both databases.

use diesel::connection::Connection;
use diesel::migration::MigrationConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::embedded::steps;
use super::ledger::Inventory;
use super::migrator::{MigrateError, MigrationStatus};
use crate::connection_failures::one_line;
use crate::fault::message;

/// A [`MigrateError`] that diesel's own errors turn into, as a transaction wants it.
#[derive(Debug)]
pub(super) struct Trouble(MigrateError);

/// Applies what is pending.
pub(super) fn up<C>(connection: &mut C, source: &EmbeddedMigrations) -> Result<Vec<String>, Trouble>
where
    C: Inventory + MigrationConnection + MigrationHarness<<C as Connection>::Backend>,
{
    let applied = connection.applied_versions()?;
    let steps = steps(source);
    // The first step makes the table users; before anything else, so that not even the ledger is made beside a
    // stranger's table.
    let begins = steps.first().is_some_and(|first| !applied.contains(&first.version));
    if begins && connection.has_table("users")? {
        return Err(Trouble(MigrateError::ForeignUsersTable));
    }
    connection.setup()?;
    let pending = steps.into_iter().filter(|step| !applied.contains(&step.version));
    pending
        .map(|step| match connection.run_migration(&*step.migration) {
            Ok(_) => Ok(step.name),
            Err(error) => Err(failed(connection, step.name, &*error)),
        })
        .collect()
}

/// Reverts the newest step.
pub(super) fn down<C>(connection: &mut C, source: &EmbeddedMigrations) -> Result<Option<String>, Trouble>
where
    C: Inventory + MigrationConnection + MigrationHarness<<C as Connection>::Backend>,
{
    let Some(newest) = connection.applied_versions()?.into_iter().max() else { return Ok(None) };
    let Some(step) = steps(source).into_iter().find(|step| step.version == newest) else {
        return Err(Trouble(MigrateError::UnknownStep { version: newest }));
    };
    match connection.revert_migration(&*step.migration) {
        Ok(_) => Ok(Some(step.name)),
        Err(error) => Err(failed(connection, step.name, &*error)),
    }
}

/// Compares.
pub(super) fn status<C>(connection: &mut C, source: &EmbeddedMigrations) -> Result<Vec<MigrationStatus>, Trouble>
where
    C: Inventory + MigrationConnection,
{
    let applied = connection.applied_versions()?;
    let steps = steps::<C::Backend>(source).into_iter();
    Ok(steps.map(|step| MigrationStatus { applied: applied.contains(&step.version), name: step.name }).collect())
}

fn failed<C: Inventory>(connection: &mut C, name: String, error: &dyn std::error::Error) -> Trouble {
    // diesel hides the statement's error behind a type that cannot be named; what remains is its text, in which it
    // puts its own words before the database's.
    let text = error.to_string();
    let reason = one_line(text.split_once(" with: ").map_or(text.as_str(), |(_, reason)| reason));
    Trouble(match connection.applied_versions() {
        Ok(_) => MigrateError::StepFailed { name, reason },
        Err(_) => MigrateError::OutOfReach { reason },
    })
}

fn is_lost(error: &DieselError) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(
        error,
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _) | DieselError::BrokenTransactionManager
    )
}

impl From<DieselError> for Trouble {
    fn from(error: DieselError) -> Self {
        let reason = message(&error);
        Self(if is_lost(&error) { MigrateError::OutOfReach { reason } } else { MigrateError::Failed { reason } })
    }
}

impl From<Trouble> for MigrateError {
    fn from(trouble: Trouble) -> Self {
        trouble.0
    }
}
