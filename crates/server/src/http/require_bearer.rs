//! The guard in front of every protected route: the token is judged before anything else of the request is.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use auth0_verify::{Challenger, NotPresented};
use auth0_verify_tokio::AsyncVerifier;
use domain::{Presented, VerifiedToken, VerifyError};

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::caller::Caller;
use crate::http::credentials::{DPOP_NONCE, credentials_of, target_of};

/// Judges who comes, and words the refusal.
#[derive(Debug)]
pub(crate) struct Gate {
    verifier: AsyncVerifier,
    challenger: Challenger,
}

impl Gate {
    pub(crate) fn new(services: &Services, challenger: Challenger) -> Self {
        let challenger = match &services.dpop {
            Some(policy) => challenger.with_dpop(policy),
            None => challenger,
        };
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

    /// The header that gives whoever sends proofs the nonce for the next one; sent with every answer to somebody who was
    /// let in, so that no client comes to the end of its nonce.
    pub(crate) fn next_nonce(&self, presented: &Result<Presented, NotPresented>) -> Option<(HeaderName, HeaderValue)> {
        let nonce = self.challenger.next_nonce(presented.as_ref().ok()?)?;
        Some((HeaderName::from_static(DPOP_NONCE), HeaderValue::from_str(&nonce).ok()?))
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
        Ok((token, nonce)) => {
            request.extensions_mut().insert(Caller(token));
            let mut response = next.call(request).await?.map_into_left_body();
            if let Some((name, value)) = nonce {
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        }
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

/// The token, and a header for the answer to whoever brought it.
async fn authenticate(
    request: &ServiceRequest,
) -> Result<(VerifiedToken, Option<(HeaderName, HeaderValue)>), ApiError> {
    let missing = || ApiError::Internal("a protected route without its services".into());
    let services = request.app_data::<web::Data<Services>>().ok_or_else(missing)?;
    let gate = request.app_data::<web::Data<Gate>>().ok_or_else(missing)?;
    let target = || target_of(request.method().as_str(), request.path());
    let presented = credentials_of(request.headers()).for_request(target);
    let nonce = gate.next_nonce(&presented);
    Ok((gate.judge(presented, services).await?, nonce))
}
