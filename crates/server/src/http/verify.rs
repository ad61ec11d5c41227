//! `GET /auth/verify`.

use actix_web::{HttpResponse, web};
use auth0_verify_actix::Caller;
use domain::{ConfirmError, confirm_user_by_copy};

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::user_answer::{private_json, stale_json, verify_body};

/// Confirms that the token is good and its user known.
pub(crate) async fn verify(caller: Caller, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let (caller, users) = (caller.token(), &services.known_users);
    // Whoever is in memory has passed the rule below.
    if let Some(user) = users.cache().current(caller.subject()) {
        return Ok(private_json(user.verify_body()));
    }
    match confirm_user_by_copy(caller, &users.after(None)).await {
        Ok(known) => {
            let body = verify_body(&known.user).map_err(|error| ApiError::Internal(error.into()))?;
            Ok(private_json(body))
        }
        Err(outage @ ConfirmError::Unavailable(_)) => match users.cache().last_known(caller.subject()) {
            Some(user) => Ok(stale_json(user.verify_body())),
            None => Err(outage.into()),
        },
        Err(refusal) => Err(refusal.into()),
    }
}
