//! The port to the users table.

use crate::{BoxError, DisplayName, EmailAddress, PictureUrl, Subject, User, UserId};

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

    /// Makes the row of `record.subject` say what [`UserRecord::applied_to`] says, creating it where there is none.
    /// Any number of first saves of one subject at once leave one row, and a save that changes nothing writes
    /// nothing and uses up no id.
    ///
    /// # Errors
    /// [`RepositoryError::EmailTaken`] when another row holds the address: nothing has changed then.
    fn save(&self, record: &UserRecord) -> Result<Saved, RepositoryError>;

    /// Whether the schema is the one that this program knows.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] when the database is out of reach.
    fn schema_state(&self) -> Result<SchemaState, RepositoryError>;
}

/// What a login (or an event) says about one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// Whose row.
    pub subject: Subject,
    /// The address to store.
    pub email: EmailAddress,
    /// What the source knows about it.
    pub evidence: EmailEvidence,
    /// `None` keeps what is stored.
    pub name: Option<DisplayName>,
    /// `None` keeps what is stored.
    pub picture: Option<PictureUrl>,
}

/// What the source of an address says about its verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailEvidence {
    /// Auth0 vouches for it.
    Verified,
    /// Auth0 says that it is not verified.
    Unverified,
    /// The source is not Auth0 and proves nothing: what was known of this same address stays, a new one is unverified.
    None,
}

impl UserRecord {
    /// The row after this record, given the row before it.
    #[must_use]
    pub fn applied_to(&self, before: &User) -> User {
        User {
            id: before.id,
            subject: before.subject.clone(),
            email: self.email.clone(),
            email_verified: match self.evidence {
                EmailEvidence::Verified => true,
                EmailEvidence::Unverified => false,
                EmailEvidence::None => before.email_verified && before.email == self.email,
            },
            name: self.name.clone().or_else(|| before.name.clone()),
            picture: self.picture.clone().or_else(|| before.picture.clone()),
        }
    }

    /// The row that this record makes where there was none.
    #[must_use]
    pub fn as_new_user(&self, id: UserId) -> User {
        User {
            id,
            subject: self.subject.clone(),
            email: self.email.clone(),
            email_verified: self.evidence == EmailEvidence::Verified,
            name: self.name.clone(),
            picture: self.picture.clone(),
        }
    }
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
    /// The database is out of reach, overloaded or not migrated; the caller may try again.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// A defect: a row that breaks a rule, or a statement that should not fail.
    #[error("the database answered what it should not")]
    Failed(#[source] BoxError),
}
