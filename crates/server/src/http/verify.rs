//! `GET /auth/verify`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use auth0_verify_actix::Caller;
use domain::confirm_user;
use serde::Serialize;

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::http::blocking::blocking;
use crate::http::sync::{UserAnswer, private_json};

#[derive(Serialize)]
struct VerifyAnswer<'a> {
    valid: bool,
    user: UserAnswer<'a>,
}

/// Confirms that the token is good and its user known.
pub(crate) async fn verify(caller: Caller, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let caller = Arc::clone(caller.token());
    let user = blocking(move || confirm_user(&caller, &*services.users)).await??;
    Ok(private_json().json(VerifyAnswer { valid: true, user: UserAnswer::from(&user) }))
}
