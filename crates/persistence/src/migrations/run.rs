//! A run of migrations over one connection; the same on both databases.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::adoption::{Migrated, belongs_to_adoption, has_first_step};
use super::embedded::steps;
use super::ledger::Inventory;
use super::migrator::{MigrateError, MigrationStatus};
use crate::connection_failures::one_line;
use crate::fault::message;
use crate::legacy::{self, LegacyError, Pace, UsersTable};

/// A [`MigrateError`] that diesel's own errors turn into, as a transaction wants it.
#[derive(Debug)]
pub(super) struct Trouble(MigrateError);

/// Applies what is pending. A users table of another program is adopted in place of the steps that would make one.
pub(super) fn up<C: Migrated + UsersTable>(
    connection: &mut C,
    named: &[String],
    pace: &mut Pace<'_>,
) -> Result<Vec<String>, Trouble> {
    let before = connection.applied_versions()?;
    // Before anything else, so that not even the ledger is made beside a stranger's table.
    if !has_first_step(connection)? && connection.has_table("users")? {
        connection.expand(named, pace).map_err(|error| pace.named(error))?;
    }
    connection.setup()?;
    let applied = connection.applied_versions()?;
    let pending = steps::<C::Backend>(C::source()).into_iter().filter(|step| !before.contains(&step.version));
    pending
        .map(|step| {
            if !applied.contains(&step.version) {
                pace.begin(&format!("migration {}", step.name))?;
                connection.run_migration(&*step.migration).map_err(|error| failed(connection, &step.name, &*error))?;
            }
            Ok(step.name)
        })
        .collect()
}

/// Reverts the newest step.
pub(super) fn down<C: Migrated + UsersTable>(connection: &mut C) -> Result<Option<String>, Trouble> {
    let Some(newest) = connection.applied_versions()?.into_iter().max() else { return Ok(None) };
    if belongs_to_adoption::<C>(&newest)
        && let Some(finished) = legacy::adoption(connection)?
    {
        return Err(Trouble(if finished { MigrateError::FormerlyLegacy } else { MigrateError::Adopted }));
    }
    let Some(step) = steps::<C::Backend>(C::source()).into_iter().find(|step| step.version == newest) else {
        return Err(Trouble(MigrateError::UnknownStep { version: newest }));
    };
    match connection.revert_migration(&*step.migration) {
        Ok(_) => Ok(Some(step.name)),
        Err(error) => Err(failed(connection, &step.name, &*error)),
    }
}

/// Compares.
pub(super) fn status<C: Migrated>(connection: &mut C) -> Result<Vec<MigrationStatus>, Trouble> {
    let applied = connection.applied_versions()?;
    let steps = steps::<C::Backend>(C::source()).into_iter();
    Ok(steps.map(|step| MigrationStatus { applied: applied.contains(&step.version), name: step.name }).collect())
}

fn failed<C: Inventory>(connection: &mut C, name: &str, error: &dyn std::error::Error) -> Trouble {
    let reason = reason(error);
    Trouble(match connection.applied_versions() {
        Ok(_) => MigrateError::StepFailed { name: name.to_owned(), reason },
        Err(_) => MigrateError::OutOfReach { reason },
    })
}

/// Why a step failed.
pub(super) fn reason(error: &dyn std::error::Error) -> String {
    // diesel hides the statement's error behind a type that cannot be named; what remains is its text, in which it
    // puts its own words before the database's.
    let text = error.to_string();
    one_line(text.split_once(" with: ").map_or(text.as_str(), |(_, reason)| reason))
}

pub(crate) fn is_lost(error: &DieselError) -> bool {
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

impl From<LegacyError> for Trouble {
    fn from(error: LegacyError) -> Self {
        Self(MigrateError::NotAdopted(error))
    }
}

impl From<Trouble> for MigrateError {
    fn from(trouble: Trouble) -> Self {
        trouble.0
    }
}
