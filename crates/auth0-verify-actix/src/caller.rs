//! Who a request comes from.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::{Extensions, Payload};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use auth0_verify_tokio::{Admission, Denial, Gate};
use domain::{Requirement, VerifiedToken};

use crate::Refused;

/// The verified token of a request, as a guard left it.
///
/// As an argument of a handler it answers 401 where the guard lets those pass who bring none, and 500 where no guard
/// stands before the handler.
#[derive(Clone, Debug)]
pub struct Caller {
    token: Arc<VerifiedToken>,
    gate: Gate,
}

impl Caller {
    /// The caller of a request that has passed a guard: for middleware and logs.
    ///
    /// # Errors
    /// As described above.
    pub fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let extensions = request.extensions();
        let admission = admission_of(&extensions)?;
        Self::admitted(admission).ok_or_else(|| admission.no_token().into())
    }

    /// Holds the token against a requirement that only the request can tell, such as the organization in its path.
    ///
    /// # Errors
    /// 403, `insufficient_scope`.
    pub fn require(&self, requirement: &Requirement) -> Result<(), Refused> {
        Ok(self.gate.check(&self.token, requirement)?)
    }

    /// The token, to pass on to what outlives the request.
    #[must_use]
    pub fn token(&self) -> &Arc<VerifiedToken> {
        &self.token
    }

    pub(crate) fn admitted(admission: &Admission) -> Option<Self> {
        admission.token().map(|token| Self { token: Arc::clone(token), gate: admission.gate().clone() })
    }
}

/// What the guards of a request left.
pub(crate) fn admission_of(extensions: &Extensions) -> Result<&Admission, Denial> {
    extensions.get().ok_or_else(|| {
        let denial = Denial::without_guard();
        // No gate is here to tell its watcher.
        log::error!("{denial}");
        denial
    })
}

impl Deref for Caller {
    type Target = VerifiedToken;

    fn deref(&self) -> &VerifiedToken {
        &self.token
    }
}

impl FromRequest for Caller {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
