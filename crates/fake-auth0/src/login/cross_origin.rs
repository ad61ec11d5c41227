//! Which pages may read the tenant's answers.

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::http::Method;

use crate::endpoint::Endpoint;
use crate::tenant::Tenant;

/// How long a browser may remember a preflight, in seconds.
const PREFLIGHT_AGE: usize = 600;

/// Pages of the clients' web origins read what an application in a browser needs, and nothing else.
pub(crate) fn cross_origin(tenant: Arc<Tenant>) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, head| {
            is_open(head.uri.path()) && origin.to_str().is_ok_and(|origin| tenant.login.allows_origin(origin))
        })
        .allowed_methods([Method::GET, Method::POST])
        .allow_any_header()
        .max_age(PREFLIGHT_AGE)
}

fn is_open(path: &str) -> bool {
    let exact = [Endpoint::Token.path(), Endpoint::Userinfo.path(), "/oauth/revoke"];
    exact.contains(&path) || path.starts_with("/.well-known/")
}
