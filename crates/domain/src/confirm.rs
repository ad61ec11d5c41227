//! The rule of `GET /auth/verify`.

use std::sync::Arc;

use crate::{
    AsyncUserRepository, BoxError, KnownUser, Reply, RepositoryError, Standing, User, UserRepository, VerifiedToken,
};

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
    person(caller)?;
    let user = users.find_by_subject(caller.subject())?.ok_or(ConfirmError::UnknownUser)?;
    admit_user(&user)?;
    Ok(user)
}

/// The same for a caller that holds no thread while it waits.
///
/// # Errors
/// As [`confirm_user`].
pub async fn confirm_user_later(
    caller: &VerifiedToken,
    users: &dyn AsyncUserRepository,
) -> Result<Arc<KnownUser>, ConfirmError> {
    person(caller)?;
    admitted(users.find(caller.subject())).await
}

/// The same for a request that is answered by it and nothing more: a copy of the table will do
/// ([`find_to_confirm`](AsyncUserRepository::find_to_confirm)).
///
/// # Errors
/// As [`confirm_user`].
pub async fn confirm_user_by_copy(
    caller: &VerifiedToken,
    users: &dyn AsyncUserRepository,
) -> Result<Arc<KnownUser>, ConfirmError> {
    person(caller)?;
    admitted(users.find_to_confirm(caller.subject())).await
}

async fn admitted(found: Reply<Option<Arc<KnownUser>>>) -> Result<Arc<KnownUser>, ConfirmError> {
    let known = found.settled().await?.ok_or(ConfirmError::UnknownUser)?;
    admit_user(&known.user)?;
    Ok(known)
}

/// Whether the user of a row may come in.
///
/// # Errors
/// [`ConfirmError::UnknownUser`] for one who is no user any more, [`ConfirmError::Blocked`] for one who may not.
pub fn admit_user(user: &User) -> Result<(), ConfirmError> {
    match user.standing {
        Standing::Active => Ok(()),
        Standing::Blocked => Err(ConfirmError::Blocked),
        Standing::Deleted { .. } => Err(ConfirmError::UnknownUser),
    }
}

/// A machine's or anonymous token is nobody's.
fn person(caller: &VerifiedToken) -> Result<(), ConfirmError> {
    if caller.subject().is_a_users() { Ok(()) } else { Err(ConfirmError::UnknownUser) }
}

impl From<RepositoryError> for ConfirmError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Failed(cause) => Self::Failed(cause),
            // A look-up changes nothing that could be refused.
            refusal @ (RepositoryError::EmailTaken | RepositoryError::PasswordEra | RepositoryError::Deleted) => {
                Self::Failed(refusal.into())
            }
        }
    }
}
