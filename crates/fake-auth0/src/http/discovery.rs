//! `/.well-known/…`: where a verifier finds the keys.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::algorithm::Algorithm;
use crate::lock::lock;
use crate::tenant::Tenant;

/// What Auth0 lets caches do with its key set.
const CACHE_CONTROL: &str = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400";

pub(super) async fn jwks(request: HttpRequest, tenant: Data<Tenant>) -> HttpResponse {
    let body = tenant.jwks();
    let headers = lock(&tenant.jwks_headers);
    let usual = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &body)));
    let unchanged = match headers.of(&header::ETAG) {
        Some(etags) => etags.iter().any(|etag| is_known(request.headers(), etag)),
        None => HeaderValue::from_str(&usual).is_ok_and(|etag| is_known(request.headers(), &etag)),
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::CACHE_CONTROL, CACHE_CONTROL)).insert_header((header::ETAG, usual));
    let mut answer =
        if unchanged { answer.finish() } else { answer.content_type("application/json; charset=utf-8").body(body) };
    headers.write_to(answer.headers_mut());
    answer
}

/// Whether the client has what goes by this `ETag` (RFC 9110 §13.1.2).
fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let weak =
        |tag: &[u8]| tag.trim_ascii().strip_prefix(b"W/").map_or_else(|| tag.trim_ascii().to_vec(), <[u8]>::to_vec);
    asked
        .get_all(header::IF_NONE_MATCH)
        .flat_map(|known| known.as_bytes().split(|byte| *byte == b','))
        .any(|known| weak(known) == weak(etag.as_bytes()))
}

pub(super) async fn openid_configuration(tenant: Data<Tenant>) -> HttpResponse {
    let issuer = tenant.issuer();
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHE_CONTROL)).json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}authorize"),
        "token_endpoint": format!("{issuer}oauth/token"),
        "userinfo_endpoint": format!("{issuer}userinfo"),
        "jwks_uri": format!("{issuer}.well-known/jwks.json"),
        "revocation_endpoint": format!("{issuer}oauth/revoke"),
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "web_message"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "phone", "offline_access"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "picture", "sub"],
    }))
}
