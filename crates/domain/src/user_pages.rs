//! The port to the whole users table, for whoever goes through all of it.

use crate::{RepositoryError, User, UserId};

/// Reads the users table from one end to the other, in pieces of bounded size. Nothing is locked between two pieces: rows
/// that come or change meanwhile may be in a later piece or in none.
pub trait UserPages: Send + Sync {
    /// At most so many rows in the order of their ids, those behind `after`: of every kind, tombstones and rows of the
    /// password era too.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`]; not for a row that breaks a rule.
    fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, RepositoryError>;
}

/// A piece of the users table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPage {
    /// The rows, in the order of their ids.
    pub users: Vec<User>,
    /// Rows that another program wrote and that break a rule.
    pub unreadable: Vec<UnreadableRow>,
    /// Behind whom the next piece begins; `None`: there is nothing behind this one.
    pub next: Option<UserId>,
}

/// A row that is no [`User`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The id in the table, which may have more bits than a [`UserId`].
    pub id: i64,
    /// Which rule it breaks, without the value that does.
    pub reason: String,
}
