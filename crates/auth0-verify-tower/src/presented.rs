//! Where the token of a request stands.

use auth0_verify::{Credentials, NotPresented};
use domain::{Presented, RequestTarget};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Uri};

/// What a request presents: the headers `Authorization` and `DPoP`.
pub(crate) fn presented_by<B>(request: &Request<B>) -> Result<Presented, NotPresented> {
    let values = |name: &str| request.headers().get_all(name).into_iter().map(HeaderValue::as_bytes);
    let target =
        || RequestTarget { method: request.method().as_str().into(), path: uri_as_it_came(request).path().into() };
    Credentials::of(values(AUTHORIZATION.as_str()), values("dpop")).for_request(target)
}

/// Nested routers of axum take the beginning off a path, and a proof is for the whole of it.
#[cfg(feature = "axum")]
fn uri_as_it_came<B>(request: &Request<B>) -> &Uri {
    let original = request.extensions().get::<axum::extract::OriginalUri>();
    original.map_or_else(|| request.uri(), |axum::extract::OriginalUri(uri)| uri)
}

#[cfg(not(feature = "axum"))]
fn uri_as_it_came<B>(request: &Request<B>) -> &Uri {
    request.uri()
}
