//! The rule of `GET /auth/verify`.

use crate::{BoxError, RepositoryError, Standing, User, UserRepository, VerifiedToken};

/// Why a verified token is no local user.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Nobody with this identity, or nobody any more, or a machine's or anonymous token, which is nobody's.
    #[error("no such user")]
    UnknownUser,
    /// Auth0 bars the user.
    #[error("the user is blocked")]
    Blocked,
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
/// [`ConfirmError::UnknownUser`] when there is none, [`ConfirmError::Blocked`] when they may not come in.
pub fn confirm_user(caller: &VerifiedToken, users: &dyn UserRepository) -> Result<User, ConfirmError> {
    if !caller.subject().is_a_users() {
        return Err(ConfirmError::UnknownUser);
    }
    let user = users.find_by_subject(caller.subject())?.ok_or(ConfirmError::UnknownUser)?;
    match user.standing {
        Standing::Active => Ok(user),
        Standing::Blocked => Err(ConfirmError::Blocked),
        Standing::Deleted { .. } => Err(ConfirmError::UnknownUser),
    }
}

impl From<RepositoryError> for ConfirmError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Failed(cause) => Self::Failed(cause),
            // A look-up changes nothing that could be refused.
            refusal @ (RepositoryError::EmailTaken | RepositoryError::Deleted) => Self::Failed(refusal.into()),
        }
    }
}
