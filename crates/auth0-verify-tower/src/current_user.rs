//! The local user whom a request comes from.

use std::ops::Deref;
use std::sync::Arc;

use auth0_verify_tokio::Admission;
use domain::User;
use http::Extensions;

use crate::caller::admission_of;
use crate::{Caller, Refused};

/// The row of the users table for the caller of a request, as a guard [`with_user`](crate::Guard::with_user) left it in
/// the request's extensions.
///
/// As an argument of an axum handler it answers 401 where the guard lets those pass who bring no token, and 500 where no
/// guard has looked the user up; `Option<CurrentUser>` is `None` in the first case alone.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    user: Arc<User>,
    caller: Caller,
}

impl CurrentUser {
    /// The user of a request that has passed a guard, from its extensions.
    ///
    /// # Errors
    /// As described above.
    pub fn of(extensions: &Extensions) -> Result<Self, Refused> {
        let admission = admission_of(extensions)?;
        Self::admitted(admission).ok_or_else(|| admission.no_user().into())
    }

    /// The same, and `None` where the guard lets those pass who bring no token, and none came.
    ///
    /// # Errors
    /// As described above.
    pub fn maybe_of(extensions: &Extensions) -> Result<Option<Self>, Refused> {
        if admission_of(extensions)?.token().is_none() { Ok(None) } else { Self::of(extensions).map(Some) }
    }

    /// The verified token that speaks for the user.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn admitted(admission: &Admission) -> Option<Self> {
        admission.user().zip(Caller::admitted(admission)).map(|(user, caller)| Self { user: Arc::clone(user), caller })
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}
