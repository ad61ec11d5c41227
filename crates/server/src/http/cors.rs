//! Which pages of other origins may call.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::http::credentials::DPOP_NONCE;
use crate::http::request_id::X_REQUEST_ID;
use crate::settings::Origin;

/// How long a browser may remember what a preflight said; browsers cap it at two hours or less.
const PREFLIGHT_SECS: usize = 7200;

/// The proof that comes with a token bound to a key (RFC 9449 §4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Exact origins, no wildcard and no cookies: the token in `Authorization` is the only credential. A page of another
/// origin gets its answer without the headers that would let it read it.
pub fn cors(origins: &[Origin]) -> Cors {
    let [request_id, nonce] = [X_REQUEST_ID, DPOP_NONCE].map(HeaderName::from_static);
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, DPOP, request_id.clone()])
        .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER, request_id, nonce])
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_SECS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin.as_str()))
}
