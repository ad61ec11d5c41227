//! A user as clients see them.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use domain::{DisplayName, User};
use serde::Serialize;

/// Says that an answer is of what was last known, because the users table is out of reach.
const STALE: HeaderName = HeaderName::from_static("x-authsync-stale");

/// In every answer and message that holds one.
#[derive(Serialize)]
pub(crate) struct UserAnswer<'a> {
    id: i32,
    email: &'a str,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct VerifyAnswer<'a> {
    valid: bool,
    user: UserAnswer<'a>,
}

/// The body of `POST /auth/sync`.
///
/// # Errors
/// Never for such a value.
pub(crate) fn sync_body(user: &User) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&UserAnswer::from(user))
}

/// The body of `GET /auth/verify`.
///
/// # Errors
/// Never for such a value.
pub(crate) fn verify_body(user: &User) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&VerifyAnswer { valid: true, user: UserAnswer::from(user) })
}

/// An answer about one person, for nobody else's cache.
pub(crate) fn private_json(body: impl Into<Bytes>) -> HttpResponse {
    let mut answer = HttpResponse::with_body(actix_web::http::StatusCode::OK, body.into()).map_into_boxed_body();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The same of what was last known.
pub(crate) fn stale_json(body: impl Into<Bytes>) -> HttpResponse {
    let mut answer = private_json(body);
    answer.headers_mut().insert(STALE, HeaderValue::from_static("true"));
    answer
}

impl<'a> From<&'a User> for UserAnswer<'a> {
    fn from(user: &'a User) -> Self {
        Self { id: user.id.get(), email: user.email.as_str(), name: user.name.as_ref().map(DisplayName::as_str) }
    }
}
