//! Where the token of a request stands.

use actix_web::dev::RequestHead;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use auth0_verify::{Credentials, NotPresented};
use domain::{Presented, RequestTarget};

/// The token of a request: the headers `Authorization` and `DPoP`.
#[must_use]
pub fn credentials_of(headers: &HeaderMap) -> Credentials {
    let values = |name: &str| headers.get_all(name).map(HeaderValue::as_bytes);
    Credentials::of(values(AUTHORIZATION.as_str()), values("dpop"))
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
