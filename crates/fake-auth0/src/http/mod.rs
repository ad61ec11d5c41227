//! The tenant's routes.

pub(crate) mod api_answer;
mod discovery;

use actix_web::middleware::from_fn;
use actix_web::{Resource, web};

use crate::endpoint::Endpoint;
use crate::faults::watched;

/// The route table. Unknown paths and wrong methods are 404 in JSON, as Auth0 answers them.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource(Endpoint::Jwks)
                .route(web::get().to(discovery::jwks))
                .wrap(from_fn(|request, next| watched(Endpoint::Jwks, request, next))),
        )
        .service(
            resource(Endpoint::OpenidConfiguration)
                .route(web::get().to(discovery::openid_configuration))
                .wrap(from_fn(|request, next| watched(Endpoint::OpenidConfiguration, request, next))),
        )
        .default_service(web::to(api_answer::not_found));
}

fn resource(endpoint: Endpoint) -> Resource {
    web::resource(endpoint.path()).default_service(web::to(api_answer::not_found))
}
