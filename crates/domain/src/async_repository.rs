//! The port to the users table for callers that hold no thread while they wait.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use crate::{Auth0Record, Change, Login, RepositoryError, Saved, Subject, User};

/// The part of [`UserRepository`](crate::UserRepository) that every request needs, asked without waiting. It keeps the same
/// promises; a table may answer many callers by one statement.
///
/// The futures are the standard library's: any runtime may poll them, and one that is dropped gives up its answer. A write
/// that was taken on may still be carried out then.
pub trait AsyncUserRepository: Send + Sync {
    /// The user of an Auth0 identity and what Auth0 has said of them. Returns at once.
    ///
    /// The answer is [`RepositoryError::Unavailable`] when the table is out of reach, or has more to do than it takes on.
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>>;

    /// The same for whoever lets a user in and does no more than that. A table with copies may look the user up in one of them, as
    /// long as it is known to be no further behind than was agreed: so what is found decides nothing and is not kept.
    /// Nobody is turned away by the word of a copy alone.
    fn find_to_confirm(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.find(subject)
    }

    /// Whether [`find_to_confirm`](Self::find_to_confirm) may answer from a copy.
    fn has_copies(&self) -> bool {
        false
    }

    /// Whether of those who log in nearly all are new of late. Then [`log_in`](Self::log_in) may begin unread, with
    /// [`Seen::NoRow`]: a guess, by which nobody's answer is another one.
    fn expects_newcomers(&self) -> bool {
        false
    }

    /// Does what [`UserRepository::save`](crate::UserRepository::save) does with a login. Returns at once. What the caller
    /// has seen tells a table where to begin; what the table says at the moment of the write decides. A table that gives its
    /// callers only so much time counts it from `since`, when this one began to ask.
    fn log_in(&self, login: Arc<Login>, seen: Seen, since: Instant) -> Reply<Saved>;
}

/// What was read of a user before their login is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nobody, or nobody looked: most likely the login makes a new row.
    NoRow,
    /// A row that the login changes.
    Row,
}

/// What the table knows of an identity that has a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// The row.
    pub user: User,
    /// Auth0's word on the user; `None` where it was not asked for.
    pub record: Option<Auth0Record>,
}

/// An answer of the users table that is here, or will come.
pub enum Reply<T> {
    /// The answer.
    AtOnce(Result<T, RepositoryError>),
    /// It comes when the future is ready.
    Later(Pin<Box<dyn Future<Output = Result<T, RepositoryError>> + Send>>),
}

impl KnownUser {
    /// Whether a login leaves everything as it is (rule 3). `false` where that cannot be told from here.
    ///
    /// # Errors
    /// [`RepositoryError::Deleted`] for a login with a token from before the user's deletion.
    pub fn is_unchanged_by(&self, login: &Login) -> Result<bool, RepositoryError> {
        let Some(record) = &self.record else { return Ok(false) };
        let draft = Change::Login(login).draft(Some(self.user.clone()), record)?;
        Ok(draft.unchanged(record).is_some())
    }
}

impl<T> Reply<T> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// The answer's.
    pub async fn settled(self) -> Result<T, RepositoryError> {
        match self {
            Self::AtOnce(answer) => answer,
            Self::Later(coming) => coming.await,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce(answer) => f.debug_tuple("AtOnce").field(answer).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}
