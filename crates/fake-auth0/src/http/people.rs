//! `/api/v2/users/{id}` and `/userinfo`: who a person is.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::api_answer;
use crate::lock::lock;
use crate::tenant::Tenant;

/// The scope that reading a profile takes.
const READ_USERS: &str = "read:users";

pub(super) async fn user(request: HttpRequest, id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    if let Some(refusal) = refusal(&request, &tenant) {
        return refusal;
    }
    match tenant.users().find(&id) {
        Some(user) => HttpResponse::Ok().json(user.to_json()),
        None => api_answer::error(StatusCode::NOT_FOUND, "The user does not exist.", Some("inexistent_user")),
    }
}

pub(super) async fn userinfo(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    let subject = bearer(&request).and_then(|token| tenant.userinfo_subject(token));
    let users = tenant.users();
    match subject.as_deref().and_then(|subject| users.find(subject)) {
        Some(user) => HttpResponse::Ok().json(openid_claims(user.to_json())),
        None => HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""))
            .json(json!({ "error": "invalid_token", "error_description": "Invalid token" })),
    }
}

/// The answer to a caller who may not read profiles.
fn refusal(request: &HttpRequest, tenant: &Tenant) -> Option<HttpResponse> {
    let now = tenant.now();
    let grants = lock(&tenant.grants);
    let grant = bearer(request).and_then(|token| grants.get(token)).filter(|grant| grant.expires_at > now);
    match grant {
        None => Some(api_answer::error(StatusCode::UNAUTHORIZED, "Invalid token", None)),
        Some(grant) if grant.scope.split(' ').any(|scope| scope == READ_USERS) => None,
        Some(_) => {
            let message = format!("Insufficient scope, expected any of: {READ_USERS}");
            Some(api_answer::error(StatusCode::FORBIDDEN, &message, Some("insufficient_scope")))
        }
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The profile's standard claims, `user_id` as `sub` (OpenID Connect Core §5.3).
fn openid_claims(profile: Value) -> Value {
    let mut claims = Map::new();
    let known = ["email", "email_verified", "name", "nickname", "phone_number", "picture", "updated_at"];
    if let Value::Object(members) = profile {
        for (name, value) in members {
            if name == "user_id" {
                claims.insert("sub".to_owned(), value);
            } else if known.contains(&name.as_str()) {
                claims.insert(name, value);
            }
        }
    }
    Value::Object(claims)
}
