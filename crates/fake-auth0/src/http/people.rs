//! `/api/v2/users/{id}` and `/userinfo`: who a person is.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::{api_answer, management};
use crate::tenant::Tenant;

/// The scope that reading a profile takes.
const READ_USERS: &str = "read:users";

pub(super) async fn user(request: HttpRequest, id: Path<String>, tenant: Data<Tenant>) -> HttpResponse {
    if let Some(refusal) = management::refusal(&request, &tenant, &[READ_USERS]) {
        return refusal;
    }
    match tenant.users().person(&id) {
        Some(user) => HttpResponse::Ok().json(user.to_json()),
        None => api_answer::error(StatusCode::NOT_FOUND, "The user does not exist.", Some("inexistent_user")),
    }
}

pub(super) async fn userinfo(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    let subject = management::bearer(&request).and_then(|token| tenant.userinfo_subject(token));
    match subject.as_deref().and_then(|subject| tenant.users().person(subject)) {
        Some(user) => HttpResponse::Ok().json(openid_claims(user.to_json())),
        None => HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""))
            .json(json!({ "error": "invalid_token", "error_description": "Invalid token" })),
    }
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
