//! Why a step out of the password era did not happen.

use diesel::result::Error as DieselError;

use super::obstacle::Obstacle;
use crate::fault::message;
use crate::migrations::{MigrateError, is_lost};

/// Why a step did not happen, or not to its end. No message holds a password, a hash or another value of a row; ids are
/// named. Every step can be run again.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// No connection, or it was lost on the way. What was committed stays.
    #[error("the database is out of reach: {reason}")]
    OutOfReach {
        /// What libpq or SQLite says.
        reason: String,
    },
    /// There is no table users.
    #[error("there is no table users")]
    NoUsersTable,
    /// The table holds no passwords and nobody who waits to be linked: authsync made it, or the like of it.
    #[error("the table users holds no passwords and nobody who waits to be linked; there is nothing to migrate")]
    NeverHeldPasswords,
    /// The table cannot be adopted as it is. Nothing was changed.
    #[error("the table users cannot be adopted; nothing was changed: {} (`authsync legacy plan` says what to do)", listed(.0))]
    Obstacles(Vec<Obstacle>),
    /// A column that the operator named is not there.
    #[error("the table users has no column {name}")]
    NoSuchColumn {
        /// As it was named.
        name: String,
    },
    /// The table has to be adopted first.
    #[error("the table users is not adopted yet: run authsync legacy adopt")]
    NotAdopted,
    /// An adoption was interrupted.
    #[error(
        "the adoption of the table users was interrupted: run authsync legacy adopt again, or authsync legacy rollback"
    )]
    HalfAdopted,
    /// The password columns are gone.
    #[error("the migration is finished: the password columns are gone, and there is no way back")]
    Finished,
    /// Rows wait to be linked, more than were accepted.
    #[error("{unlinked} rows are not linked to an Auth0 user, and only {accepted} were accepted")]
    StillUnlinked {
        /// How many there are.
        unlinked: u64,
        /// How many the caller accepts.
        accepted: u64,
    },
    /// Nothing that could be dropped is known.
    #[error("no password column is known: name it with --password-column")]
    NoPasswordColumn,
    /// Something uses the password columns. Nothing was dropped.
    #[error(
        "the password columns are used by {by}; nothing was dropped: drop that first, and make it again without them"
    )]
    InUse {
        /// What does, in the database's words.
        by: String,
    },
    /// The dump would take the place of another file.
    #[error("there is a file at the place of the dump already: name another one")]
    DumpExists,
    /// The dump could not be written.
    #[error("the dump could not be written: {reason}")]
    Dump {
        /// What the system says.
        reason: String,
    },
    /// Rows kept changing between the dump and the drop. Nothing was dropped.
    #[error("the password columns changed while they were dumped, again and again; nothing was dropped")]
    DumpOutrun,
    /// authsync itself inserted rows since the adoption, which have no password.
    #[error("{count} users came since the adoption and have no password; say whether to keep or to drop their rows")]
    Newcomers {
        /// How many.
        count: u64,
    },
    /// A row that would be dropped is referred to.
    #[error("rows of {table} refer to users that came since the adoption; nothing was dropped")]
    NewcomersReferenced {
        /// The table that refers to them.
        table: String,
    },
    /// Somebody changed the table since its adoption, in a way that going back would lose.
    #[error("the table users was changed since its adoption: {what}")]
    TableChanged {
        /// The change.
        what: String,
    },
    /// The caller asked to stop. What was committed stays; the step at hand was rolled back.
    #[error("stopped at: {step}")]
    Stopped {
        /// What was about to be done next.
        step: String,
    },
    /// One step failed and was rolled back.
    #[error("{step} failed and was rolled back: {reason}")]
    Failed {
        /// What was being done.
        step: String,
        /// What the database says.
        reason: String,
    },
}

impl LegacyError {
    /// What the failure of a statement means, during this step.
    pub(super) fn at(step: &str, error: &DieselError) -> Self {
        let reason = message(error);
        if is_lost(error) { Self::OutOfReach { reason } } else { Self::Failed { step: step.to_owned(), reason } }
    }
}

impl From<DieselError> for LegacyError {
    fn from(error: DieselError) -> Self {
        Self::at("reading the table users", &error)
    }
}

impl From<MigrateError> for LegacyError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::NotAdopted(error) => error,
            MigrateError::OutOfReach { reason } => Self::OutOfReach { reason },
            MigrateError::StepFailed { name, reason } => Self::Failed { step: format!("migration {name}"), reason },
            other => Self::Failed { step: "the migrations".to_owned(), reason: other.to_string() },
        }
    }
}

fn listed(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(Obstacle::to_string).collect::<Vec<_>>().join("; ")
}
