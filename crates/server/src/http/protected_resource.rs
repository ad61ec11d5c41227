//! `GET /.well-known/oauth-protected-resource`: where a client that has no token gets one (RFC 9728).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use auth0_verify::Algorithm;
use auth0_verify::dpop::{DpopMode, DpopPolicy};
use serde::Serialize;

use crate::composition::Services;
use crate::settings::ProtectedResource;

/// It changes with the configuration, and so with a restart.
const AN_HOUR: &str = "public, max-age=3600";

#[derive(Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    authorization_servers: &'a [String],
    /// The header is the one way that every route knows; a token in a URL or a body is none (RFC 6750 §2).
    bearer_methods_supported: [&'static str; 1],
    #[serde(flatten)]
    proofs: Option<Proofs>,
}

/// What is asked of clients that bind their tokens, where that is of use.
#[derive(Serialize)]
struct Proofs {
    dpop_signing_alg_values_supported: [&'static str; DpopPolicy::ALGORITHMS.len()],
    dpop_bound_access_tokens_required: bool,
}

impl Proofs {
    fn asked_by(policy: &DpopPolicy) -> Self {
        Self {
            dpop_signing_alg_values_supported: DpopPolicy::ALGORITHMS.map(Algorithm::name),
            dpop_bound_access_tokens_required: policy.mode() == DpopMode::Required,
        }
    }
}

/// The metadata.
pub(crate) async fn metadata(resource: web::Data<ProtectedResource>, services: web::Data<Services>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, AN_HOUR)).json(Metadata {
        resource: &resource.resource,
        authorization_servers: &resource.authorization_servers,
        bearer_methods_supported: ["header"],
        proofs: services.dpop.as_ref().map(Proofs::asked_by),
    })
}
