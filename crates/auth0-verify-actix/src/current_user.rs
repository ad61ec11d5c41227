//! The local user whom a request comes from.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use auth0_verify_tokio::Admission;
use domain::User;

use crate::caller::admission_of;
use crate::{Caller, Refused};

/// The row of the users table for the caller of a request, as a guard [`with_user`](crate::Guard::with_user) left it.
///
/// As an argument of a handler it answers 401 where the guard lets those pass who bring no token, and 500 where no guard
/// has looked the user up.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    user: Arc<User>,
    caller: Caller,
}

impl CurrentUser {
    /// The user of a request that has passed a guard.
    ///
    /// # Errors
    /// As described above.
    pub fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let extensions = request.extensions();
        let admission = admission_of(&extensions)?;
        Self::admitted(admission).ok_or_else(|| admission.no_user().into())
    }

    /// The verified token that speaks for the user.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    fn admitted(admission: &Admission) -> Option<Self> {
        admission.user().zip(Caller::admitted(admission)).map(|(user, caller)| Self { user: Arc::clone(user), caller })
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}

impl FromRequest for CurrentUser {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
