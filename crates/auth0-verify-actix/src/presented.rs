//! Where the token of a request stands.

use actix_web::dev::RequestHead;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use auth0_verify::{Credentials, NotPresented};
use domain::{Presented, RequestTarget};

/// What a request presents: the headers `Authorization` and `DPoP`.
///
/// # Errors
/// [`NotPresented`] where there is nothing to judge.
pub fn presented_by(head: &RequestHead) -> Result<Presented, NotPresented> {
    let values = |name: &str| head.headers().get_all(name).map(HeaderValue::as_bytes);
    let target = || RequestTarget { method: head.method.as_str().into(), path: head.uri.path().into() };
    Credentials::of(values(AUTHORIZATION.as_str()), values("dpop")).for_request(target)
}
