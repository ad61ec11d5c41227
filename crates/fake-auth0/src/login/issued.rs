//! The tokens that a grant comes to.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::{Map, Value, json};

use super::claims::claims_of;
use super::code::Grant;
use crate::algorithm::Algorithm;
use crate::tenant::Tenant;
use crate::tokens::TokenBuilder;
use crate::users::FakeUser;

/// Seconds that an ID token lasts: Auth0's default.
const ID_TOKEN_LIFETIME: i64 = 36_000;

/// What an ID token says beyond who the person is.
#[derive(Debug, Default)]
pub(super) struct Occasion<'a> {
    pub(super) nonce: Option<&'a str>,
    pub(super) tells_time: bool,
}

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
pub(super) fn answer(
    grant: &Grant,
    user: &FakeUser,
    occasion: &Occasion<'_>,
    refresh_token: Option<&str>,
    tenant: &Arc<Tenant>,
) -> HttpResponse {
    let terms = tenant.login.terms();
    let mut members = Map::new();
    let mut access_token = person(grant, tenant).expires_in(terms.access_token_lifetime);
    if grant.audience.is_none() {
        // Good for /userinfo and nothing else; Auth0 gives an opaque one.
        access_token = access_token.claim("aud", json!([format!("{}userinfo", tenant.issuer())]));
    }
    if let Some(thumbprint) = &grant.bound_to {
        access_token = access_token.bound_to(thumbprint);
    }
    if let Some(action) = terms.action {
        let mut claims = Map::new();
        action(user, &mut claims);
        access_token = with(access_token, claims);
    }
    members.insert("access_token".to_owned(), json!(access_token.mint()));
    if grant.has_scope("openid") {
        members.insert("id_token".to_owned(), json!(id_token(grant, user, occasion, tenant)));
    }
    if let Some(token) = refresh_token {
        members.insert("refresh_token".to_owned(), json!(token));
    }
    members.insert("scope".to_owned(), json!(grant.scope));
    members.insert("expires_in".to_owned(), json!(terms.access_token_lifetime));
    members.insert("token_type".to_owned(), json!(if grant.bound_to.is_some() { "DPoP" } else { "Bearer" }));
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(members)
}

/// Always RS256, whatever the API's tokens are signed with: Auth0's SDKs accept nothing else.
fn id_token(grant: &Grant, user: &FakeUser, occasion: &Occasion<'_>, tenant: &Arc<Tenant>) -> String {
    let mut claims = claims_of(user, grant);
    claims.insert("aud".to_owned(), json!(grant.client_id));
    claims.insert("sid".to_owned(), json!(grant.sid));
    if let Some(nonce) = occasion.nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    if occasion.tells_time {
        claims.insert("auth_time".to_owned(), json!(grant.authenticated_at));
    }
    let builder = person(grant, tenant).without_scope().without("azp").algorithm(Algorithm::Rs256);
    with(builder.expires_in(ID_TOKEN_LIFETIME), claims).mint()
}

fn person(grant: &Grant, tenant: &Arc<Tenant>) -> TokenBuilder {
    TokenBuilder::new(Arc::clone(tenant), &grant.user_id)
        .client_id(grant.client_id.as_str())
        .scope(grant.scope.as_str())
}

fn with(builder: TokenBuilder, claims: Map<String, Value>) -> TokenBuilder {
    claims.into_iter().fold(builder, |builder, (name, value)| builder.claim(&name, value))
}
