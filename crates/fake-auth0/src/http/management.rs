//! Who may call the Management API.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use super::api_answer;
use crate::lock::lock;
use crate::tenant::Tenant;

/// The answer to a caller who has none of these scopes.
pub(super) fn refusal(request: &HttpRequest, tenant: &Tenant, scopes: &[&str]) -> Option<HttpResponse> {
    let now = tenant.now();
    let grants = lock(&tenant.grants);
    let grant = bearer(request).and_then(|token| grants.get(token)).filter(|grant| grant.expires_at > now);
    match grant {
        None => Some(api_answer::error(StatusCode::UNAUTHORIZED, "Invalid token", None)),
        Some(grant) if grant.scope.split(' ').any(|scope| scopes.contains(&scope)) => None,
        Some(_) => {
            let message = format!("Insufficient scope, expected any of: {}", scopes.join(","));
            Some(api_answer::error(StatusCode::FORBIDDEN, &message, Some("insufficient_scope")))
        }
    }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
