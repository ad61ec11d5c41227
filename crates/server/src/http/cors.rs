//! Which pages of other origins may call.

use actix_cors::Cors;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};

use crate::http::credentials::DPOP_NONCE;
use crate::http::request_id::X_REQUEST_ID;
use crate::settings::Origin;

/// How long a browser may remember what a preflight said; browsers cap it at two hours or less.
const PREFLIGHT_SECS: usize = 7200;

/// The proof that comes with a token bound to a key (RFC 9449 §4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Exact origins, no wildcard and no cookies: the token in `Authorization` is the only credential. A page of another
/// origin gets its answer without the headers that would let it read it.
pub(super) fn cors(origins: &[Origin]) -> Cors {
    let nonce = HeaderName::from_static(DPOP_NONCE);
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, DPOP, X_REQUEST_ID])
        .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER, X_REQUEST_ID, nonce])
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_SECS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin.as_str()))
}

/// Whether a page asks, or a browser on its behalf: whether [`cors`] has anything to decide.
pub(super) fn concerns_pages(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS || request.headers().contains_key(ORIGIN)
}

/// What [`cors`] tells caches with every answer, for those that it has nothing to decide about: they must not be handed to
/// a page.
pub(super) fn tell_caches(headers: &mut HeaderMap) {
    const ASKED: HeaderValue =
        HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    // None of our routes depends on another header; whatever did would say so in a line of its own.
    headers.append(VARY, ASKED);
}
