//! Who a request comes from.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, web};
use domain::VerifiedToken;

use crate::http::api_error::ApiError;
use crate::http::require_bearer::Gate;

/// The verified token of this request. A handler that takes it can only stand behind
/// [`require_bearer`](super::require_bearer::require_bearer); anywhere else it answers 401.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) VerifiedToken);

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refused = || match request.app_data::<web::Data<Gate>>() {
            Some(gate) => gate.no_token(),
            None => ApiError::Internal("a route that asks for its caller, without a gate".into()),
        };
        ready(request.extensions().get::<Self>().cloned().ok_or_else(|| refused().into()))
    }
}
