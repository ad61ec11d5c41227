//! The port to the users table.

use crate::{BoxError, Change, EmailAddress, Subject, User};

/// Keeps users. Every call stands alone: it is atomic, and callers hold no transaction.
pub trait UserRepository: Send + Sync {
    /// The user of an Auth0 identity.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError>;

    /// The user who holds an address, without regard to case.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError>;

    /// Brings the row of the change's subject up to date, creating it where there is none: what it says afterwards, and
    /// which other rows lose or regain an address by it, is decided by [`Change::draft`](crate::Change::draft) and
    /// [`Draft::decide`](crate::Draft::decide), on what the table says at one moment. Any number of first saves of one
    /// subject at once leave one row, and a save that changes nothing writes nothing and uses up no id.
    ///
    /// # Errors
    /// [`RepositoryError::EmailTaken`], [`RepositoryError::PasswordEra`] and [`RepositoryError::Deleted`] as the rules decide; whatever the error, nothing
    /// has changed.
    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError>;

    /// Whether the schema is the one that this program knows.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] when the database is out of reach.
    fn schema_state(&self) -> Result<SchemaState, RepositoryError>;
}

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// A new row.
    Created(User),
    /// A changed row.
    Updated(User),
    /// Nothing was written.
    Unchanged(User),
}

impl Saved {
    /// The row as it stands now.
    #[must_use]
    pub fn user(&self) -> &User {
        let (Self::Created(user) | Self::Updated(user) | Self::Unchanged(user)) = self;
        user
    }

    /// The row as it stands now.
    #[must_use]
    pub fn into_user(self) -> User {
        let (Self::Created(user) | Self::Updated(user) | Self::Unchanged(user)) = self;
        user
    }
}

/// How the schema of the database compares with the migrations in this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Every migration of this program is applied. Later ones may be, too: a newer version is being rolled out.
    Current,
    /// Some are not.
    Behind {
        /// How many.
        pending: usize,
    },
}

/// Why the users table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Another row holds the address.
    #[error("the email address belongs to another user")]
    EmailTaken,
    /// A user of the password era who is not linked yet holds the address, and Auth0 does not vouch for the claimant: which of
    /// them it is, somebody has to say.
    #[error("a user of the password era who is not linked yet holds the email address")]
    PasswordEra,
    /// Auth0 deleted the user after the token was issued.
    #[error("the user was deleted after the token was issued")]
    Deleted,
    /// The database is out of reach, overloaded or not migrated; the caller may try again.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// A defect: a row that breaks a rule, or a statement that should not fail.
    #[error("the database answered what it should not")]
    Failed(#[source] BoxError),
}
