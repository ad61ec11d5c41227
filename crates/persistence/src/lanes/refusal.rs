//! Why a question is not answered by the database.

use std::sync::Arc;

use domain::RepositoryError;

/// What became of a question that no statement was sent for, or that no answer came to.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Busy {
    /// Its lane was full.
    #[error("too many requests are waiting for the database")]
    Full,
    /// It waited for longer than its caller can wait.
    #[error("the database did not come to the request in time")]
    Expired,
    /// The database has been out of reach for longer than a caller can wait.
    #[error("no connection to the database: {0}")]
    OutOfReach(Arc<str>),
    /// A statement before it takes longer than a statement may.
    #[error("the database does not answer")]
    Silent,
    /// The database closed while it waited.
    #[error("the database is being closed")]
    Closed,
    /// A defect: nobody answered.
    #[error("the request was lost on the way to the database")]
    Lost,
}

impl From<Busy> for RepositoryError {
    fn from(busy: Busy) -> Self {
        match busy {
            Busy::Lost => Self::Failed(busy.into()),
            _ => Self::Unavailable(busy.into()),
        }
    }
}
