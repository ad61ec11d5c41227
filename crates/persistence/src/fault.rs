//! What went wrong below the repository, before it is known what that means.

use diesel::result::Error as DieselError;
use domain::{BoxError, RepositoryError};

use crate::connection_failures::one_line;
use crate::record_document::BrokenRecord;
use crate::user_row::BrokenRow;

/// Whatever may end a call early. One type for both databases; what a statement's error means differs, so each has a
/// `classify` of its own.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No connection to be had in time.
    NoConnection(diesel::r2d2::PoolError),
    /// A write did not get its turn in time.
    NoTurn,
    /// A statement failed.
    Statement(DieselError),
    /// A row breaks a rule of the domain.
    BrokenRow(BrokenRow),
    /// A record beside the table cannot be read.
    BrokenRecord(BrokenRecord),
    /// The rules refuse the change.
    Refused(RepositoryError),
    /// The rows changed between a look and the lock on them, or a row of this subject or address appeared meanwhile.
    LostRace,
}

/// What the error of a statement means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Another row holds the address.
    EmailTaken,
    /// A row of this subject appeared meanwhile.
    SubjectTaken,
    /// It cannot succeed by being tried again.
    Defect,
    /// The database is out of reach, busy, read-only or not migrated.
    Outage,
}

/// What the log is told of a failed statement: the database's primary message alone. PostgreSQL's DETAIL holds the
/// values of the row, so the original error is not kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct StatementFailed(String);

/// The same again, for each further caller whom it concerns.
pub(crate) fn repeated(error: &RepositoryError) -> RepositoryError {
    let cause = |cause: &BoxError| StatementFailed(cause.to_string()).into();
    match error {
        RepositoryError::EmailTaken => RepositoryError::EmailTaken,
        RepositoryError::PasswordEra => RepositoryError::PasswordEra,
        RepositoryError::Deleted => RepositoryError::Deleted,
        RepositoryError::Unavailable(error) => RepositoryError::Unavailable(cause(error)),
        RepositoryError::Failed(error) => RepositoryError::Failed(cause(error)),
    }
}

#[derive(Debug, thiserror::Error)]
enum Busy {
    #[error("too many writes are waiting for the database file")]
    NoTurn,
    #[error("the row changed again and again while it was being saved")]
    Contended,
}

impl Fault {
    /// Whether the save is worth another start from the top.
    pub(crate) fn is_lost_race(&self, classify: fn(&DieselError) -> Meaning) -> bool {
        match self {
            Self::LostRace => true,
            Self::Statement(error) => matches!(classify(error), Meaning::SubjectTaken | Meaning::EmailTaken),
            _ => false,
        }
    }

    /// What the caller is told.
    pub(crate) fn explained(self, classify: fn(&DieselError) -> Meaning) -> RepositoryError {
        match self {
            Self::NoConnection(error) => unavailable(StatementFailed(one_line(&error.to_string()))),
            Self::NoTurn => unavailable(Busy::NoTurn),
            Self::BrokenRow(row) => RepositoryError::Failed(row.into()),
            Self::BrokenRecord(record) => RepositoryError::Failed(record.into()),
            Self::Refused(refusal) => refusal,
            Self::LostRace => unavailable(Busy::Contended),
            Self::Statement(error) => match classify(&error) {
                Meaning::EmailTaken => RepositoryError::EmailTaken,
                Meaning::SubjectTaken => unavailable(Busy::Contended),
                Meaning::Defect => RepositoryError::Failed(StatementFailed(message(&error)).into()),
                Meaning::Outage => unavailable(StatementFailed(message(&error))),
            },
        }
    }
}

impl From<DieselError> for Fault {
    fn from(error: DieselError) -> Self {
        Self::Statement(error)
    }
}

impl From<BrokenRow> for Fault {
    fn from(row: BrokenRow) -> Self {
        Self::BrokenRow(row)
    }
}

impl From<BrokenRecord> for Fault {
    fn from(record: BrokenRecord) -> Self {
        Self::BrokenRecord(record)
    }
}

impl From<RepositoryError> for Fault {
    fn from(refusal: RepositoryError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<diesel::r2d2::PoolError> for Fault {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::NoConnection(error)
    }
}

/// The primary message, which diesel's `Display` is, on one line.
pub(crate) fn message(error: &DieselError) -> String {
    one_line(&error.to_string())
}

/// Errors that say the same on both databases.
pub(crate) fn classify_alike(error: &DieselError) -> Meaning {
    use diesel::result::DatabaseErrorKind as Kind;
    match error {
        DieselError::DatabaseError(
            Kind::UniqueViolation
            | Kind::NotNullViolation
            | Kind::CheckViolation
            | Kind::ForeignKeyViolation
            | Kind::RestrictViolation
            | Kind::ExclusionViolation,
            _,
        )
        | DieselError::DeserializationError(_)
        | DieselError::SerializationError(_)
        | DieselError::QueryBuilderError(_)
        | DieselError::InvalidCString(_)
        | DieselError::IntegerConversion(_)
        | DieselError::NotFound => Meaning::Defect,
        _ => Meaning::Outage,
    }
}

fn unavailable(cause: impl Into<BoxError>) -> RepositoryError {
    RepositoryError::Unavailable(cause.into())
}
