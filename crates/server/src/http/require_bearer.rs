//! The guard in front of every protected route: the token is judged before anything else of the request is.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use auth0_verify::{Challenger, NotPresented};
use auth0_verify_tokio::AsyncVerifier;
use domain::{Presented, VerifiedToken, VerifyError};

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::caller::Caller;
use crate::http::credentials::{credentials_of, target_of};

/// Judges who comes, and words the refusal.
#[derive(Debug)]
pub(crate) struct Gate {
    verifier: AsyncVerifier,
    challenger: Challenger,
}

impl Gate {
    pub(crate) fn new(services: &Services, challenger: Challenger) -> Self {
        Self { verifier: AsyncVerifier::new(services.verifier.clone()), challenger }
    }

    /// Judges what a request brought, and counts it.
    pub(crate) async fn judge(
        &self,
        presented: Result<Presented, NotPresented>,
        services: &Services,
    ) -> Result<VerifiedToken, ApiError> {
        let outcome = match presented {
            Ok(presented) => self.verifier.verify(presented).await,
            Err(NotPresented::NoToken) => return Err(self.no_token()),
            Err(NotPresented::Rejected(rejection)) => Err(VerifyError::Rejected(rejection)),
        };
        services.metrics.token_judged(&outcome);
        outcome.map_err(|error| self.challenger.refuse(error).into())
    }

    /// The answer to a request without a token.
    pub(crate) fn no_token(&self) -> ApiError {
        self.challenger.refuse(NotPresented::NoToken).into()
    }
}

/// Middleware for one route. Leaves a [`Caller`] for the handler, or answers 401 or 503 itself.
pub(crate) async fn require_bearer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match authenticate(&request).await {
        Ok(token) => {
            request.extensions_mut().insert(Caller(token));
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

async fn authenticate(request: &ServiceRequest) -> Result<VerifiedToken, ApiError> {
    let missing = || ApiError::Internal("a protected route without its services".into());
    let services = request.app_data::<web::Data<Services>>().ok_or_else(missing)?;
    let gate = request.app_data::<web::Data<Gate>>().ok_or_else(missing)?;
    let target = || target_of(request.method().as_str(), request.path());
    gate.judge(credentials_of(request.headers()).for_request(target), services).await
}
