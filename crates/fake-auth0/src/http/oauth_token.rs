//! `POST /oauth/token`, as JSON or as a form: client credentials here, the grants of people in `login`. With a proof in
//! the header `DPoP`, what is granted is bound to its key (RFC 9449 §5).

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Form};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use serde::Deserialize;
use serde_json::json;

use crate::dpop::shown_key;
use crate::lock::lock;
use crate::login::{self, Exchange};
use crate::machine_client::Grant;
use crate::tenant::Tenant;
use crate::tokens::TokenBuilder;

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    audience: Option<String>,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    refresh_token: Option<String>,
}

pub(super) async fn token(request: HttpRequest, body: Bytes, tenant: Data<Tenant>) -> HttpResponse {
    let Ok(bound_to) = key_of_client(&request, &tenant) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_dpop_proof", "The DPoP proof is not good for this request");
    };
    match read(&request, body).await {
        Some(asked) => grant(&asked, bound_to.as_deref(), &tenant),
        None => refusal(StatusCode::BAD_REQUEST, "invalid_request", "Missing required parameter: grant_type"),
    }
}

/// The thumbprint of the key that the client shows, if it shows one.
fn key_of_client(request: &HttpRequest, tenant: &Tenant) -> Result<Option<String>, ()> {
    let mut proofs = request.headers().get_all("dpop");
    let (Some(proof), None) = (proofs.next(), proofs.next()) else {
        return if request.headers().contains_key("dpop") { Err(()) } else { Ok(None) };
    };
    let urls = [format!("{}oauth/token", tenant.issuer()), format!("{}/oauth/token", tenant.base)];
    let shown = proof.to_str().ok().and_then(|proof| shown_key(proof, &urls, tenant.now()));
    shown.map(Some).ok_or(())
}

async fn read(request: &HttpRequest, body: Bytes) -> Option<TokenRequest> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|content_type| content_type.starts_with("application/x-www-form-urlencoded")) {
        let mut payload = dev::Payload::from(body);
        Form::<TokenRequest>::from_request(request, &mut payload).await.ok().map(Form::into_inner)
    } else {
        serde_json::from_slice(&body).ok()
    }
}

fn grant(asked: &TokenRequest, bound_to: Option<&str>, tenant: &Data<Tenant>) -> HttpResponse {
    let exchange = Exchange {
        client_id: asked.client_id.as_deref(),
        code: asked.code.as_deref(),
        code_verifier: asked.code_verifier.as_deref(),
        redirect_uri: asked.redirect_uri.as_deref(),
        refresh_token: asked.refresh_token.as_deref(),
        bound_to,
    };
    match asked.grant_type.as_str() {
        "authorization_code" => login::by_code(exchange, tenant),
        "refresh_token" => login::by_refresh_token(exchange, tenant),
        "client_credentials" => client_credentials(asked, tenant),
        unknown => {
            let description = format!("Unsupported grant type: {unknown}");
            refusal(StatusCode::FORBIDDEN, "unsupported_grant_type", &description)
        }
    }
}

fn client_credentials(asked: &TokenRequest, tenant: &Data<Tenant>) -> HttpResponse {
    let client = lock(&tenant.machine_client).clone();
    if asked.client_id.as_deref() != Some(&client.id) || asked.client_secret.as_deref() != Some(&client.secret) {
        return refusal(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized");
    }
    let builder = TokenBuilder::machine(Data::clone(tenant).into_inner(), &client.id).expires_in(client.lifetime);
    match asked.audience.as_deref() {
        Some(audience) if audience == tenant.management_audience() => {
            let token = builder.claim("aud", audience).claim("scope", client.management_scope.as_str()).mint();
            let grant = Grant { scope: client.management_scope.clone(), expires_at: tenant.now() + client.lifetime };
            lock(&tenant.grants).insert(token.clone(), grant);
            HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({
                "access_token": token,
                "scope": client.management_scope,
                "expires_in": client.lifetime,
                "token_type": "Bearer",
            }))
        }
        Some(audience) if audience == tenant.audience() => {
            HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({
                "access_token": builder.mint(),
                "expires_in": client.lifetime,
                "token_type": "Bearer",
            }))
        }
        Some(audience) => {
            refusal(StatusCode::FORBIDDEN, "access_denied", &format!("Service not enabled within domain: {audience}"))
        }
        None => refusal(
            StatusCode::FORBIDDEN,
            "access_denied",
            "No audience parameter was provided, and no default audience has been configured",
        ),
    }
}

/// RFC 6749 §5.2.
pub(crate) fn refusal(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": error, "error_description": description }))
}
