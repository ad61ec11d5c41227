//! The guard in front of every protected route: the token is judged before anything else of the request is.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use domain::{BearerToken, Rejection, VerifiedToken, VerifyError};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::blocking::blocking;
use crate::http::caller::Caller;
use crate::http::credentials::Credentials;

/// Lets one request at a time wait for the issuer's keys on a blocking thread; the others wait here, which costs a few
/// bytes each. Otherwise a slow issuer and some made-up `kid`s would take up the threads that the database needs.
#[derive(Debug)]
pub(crate) struct KeyFetchGate(Semaphore);

impl KeyFetchGate {
    /// A little longer than one fetch may take.
    const PATIENCE: Duration = Duration::from_secs(6);
}

impl Default for KeyFetchGate {
    fn default() -> Self {
        Self(Semaphore::new(1))
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
    let gate = request.app_data::<web::Data<KeyFetchGate>>().ok_or_else(missing)?;
    judge(Credentials::of(request.headers()), services, gate).await
}

/// Judges what a request brought, and counts it.
pub(crate) async fn judge(
    credentials: Credentials,
    services: &Services,
    gate: &KeyFetchGate,
) -> Result<VerifiedToken, ApiError> {
    let outcome = match credentials {
        Credentials::None => return Err(ApiError::NoToken),
        Credentials::Unreadable => Err(VerifyError::Rejected(Rejection::Malformed)),
        Credentials::Bearer(token) => verify(token, services, gate).await,
    };
    services.metrics.token_judged(&outcome);
    Ok(outcome?)
}

/// With the keys at hand this takes microseconds and stays on this thread; a hop to another would cost as much again.
async fn verify(token: BearerToken, services: &Services, gate: &KeyFetchGate) -> Result<VerifiedToken, VerifyError> {
    if let Some(outcome) = services.verifier.verify_with_cached_keys(&token) {
        return outcome;
    }
    let _permit = match timeout(KeyFetchGate::PATIENCE, gate.0.acquire()).await {
        Ok(Ok(permit)) => permit,
        _ => return Err(VerifyError::KeysUnavailable("too many requests wait for the issuer's keys".into())),
    };
    // Whoever went before may have brought the key.
    if let Some(outcome) = services.verifier.verify_with_cached_keys(&token) {
        return outcome;
    }
    let verifier = services.verifier.clone();
    blocking(move || verifier.verify(&token)).await.unwrap_or_else(|_| {
        Err(VerifyError::KeysUnavailable("the thread that asked the issuer for keys is gone".into()))
    })
}
