//! `POST /oauth/revoke` (RFC 7009): ends a refresh token and all that came of the same login.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::http::oauth_token::refusal;
use crate::tenant::Tenant;

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    token: String,
}

/// As JSON or as a form. A token that nobody knows is as good as revoked: 200 (RFC 7009 §2.2).
pub(super) async fn revoke(request: HttpRequest, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let asked: Option<Asked> = match content_type {
        Some(form) if form.starts_with("application/x-www-form-urlencoded") => std::str::from_utf8(&body)
            .ok()
            .and_then(|body| Query::<Asked>::from_query(body).ok())
            .map(Query::into_inner),
        _ => serde_json::from_slice(&body).ok(),
    };
    match asked {
        Some(asked) if tenant.login.client(&asked.client_id).is_some() => {
            tenant.login.revoke(&asked.token, &asked.client_id, tenant.now());
            HttpResponse::Ok().finish()
        }
        Some(_) => refusal(StatusCode::UNAUTHORIZED, "invalid_client", "Unauthorized"),
        None => refusal(StatusCode::BAD_REQUEST, "invalid_request", "client_id and token are required"),
    }
}
