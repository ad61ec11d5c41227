//! Where the token of a request stands.

use std::iter::once_with;

use actix_web::dev::RequestHead;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use auth0_verify::{Credentials, NotPresented};
use domain::{Presented, RequestTarget};

static DPOP: HeaderName = HeaderName::from_static("dpop");

/// The token of a request: the headers `Authorization` and `DPoP`.
#[must_use]
pub fn credentials_of(headers: &HeaderMap) -> Credentials {
    let values = |name: &HeaderName| headers.get_all(name).map(HeaderValue::as_bytes);
    // Proofs are looked for only where the scheme asks for one.
    Credentials::of(values(&AUTHORIZATION), once_with(|| values(&DPOP)).flatten())
}

/// What a proof in this request must be for.
#[must_use]
pub fn target_of(head: &RequestHead) -> RequestTarget {
    RequestTarget { method: head.method.as_str().into(), path: head.uri.path().into() }
}

/// What a request presents.
pub(crate) fn presented_by(head: &RequestHead) -> Result<Presented, NotPresented> {
    credentials_of(head.headers()).for_request(|| target_of(head))
}
