//! The rule of `GET /auth/verify`.

use crate::{BoxError, Principal, RepositoryError, User, UserRepository, VerifiedToken};

/// Why a verified token is no local user.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Nobody with this identity, or a machine's or anonymous token, which is nobody's.
    #[error("no such user")]
    UnknownUser,
    /// The users table is out of reach.
    #[error("the user cannot be looked up at present")]
    Unavailable(#[source] BoxError),
    /// A defect.
    #[error("the user could not be looked up")]
    Failed(#[source] BoxError),
}

/// The local user that a verified token speaks for.
///
/// # Errors
/// [`ConfirmError::UnknownUser`] when there is none.
pub fn confirm_user(caller: &VerifiedToken, users: &dyn UserRepository) -> Result<User, ConfirmError> {
    if caller.subject().principal() != Principal::User {
        return Err(ConfirmError::UnknownUser);
    }
    users.find_by_subject(caller.subject())?.ok_or(ConfirmError::UnknownUser)
}

impl From<RepositoryError> for ConfirmError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Failed(cause) => Self::Failed(cause),
            // A look-up claims no address.
            taken @ RepositoryError::EmailTaken => Self::Failed(taken.into()),
        }
    }
}
