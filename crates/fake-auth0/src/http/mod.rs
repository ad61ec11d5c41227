//! The tenant's routes.

pub(crate) mod api_answer;
pub(crate) mod dev;
mod dev_events;
mod dev_people;
mod discovery;
mod events;
mod export_file;
mod import_form;
mod jobs;
mod management;
pub(crate) mod oauth_token;
mod people;

use actix_web::middleware::from_fn;
use actix_web::{Resource, web};

use crate::endpoint::Endpoint;
use crate::faults::watched;
use crate::login;

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
        .service(
            resource(Endpoint::Token)
                .route(web::post().to(oauth_token::token))
                .wrap(from_fn(|request, next| watched(Endpoint::Token, request, next))),
        )
        .service(
            resource(Endpoint::Users)
                .route(web::get().to(people::user))
                .wrap(from_fn(|request, next| watched(Endpoint::Users, request, next))),
        )
        .service(
            resource(Endpoint::UsersImports)
                .route(web::post().to(jobs::import))
                .wrap(from_fn(|request, next| watched(Endpoint::UsersImports, request, next))),
        )
        .service(
            resource(Endpoint::UsersExports)
                .route(web::post().to(jobs::export))
                .wrap(from_fn(|request, next| watched(Endpoint::UsersExports, request, next))),
        )
        .service(
            resource(Endpoint::Job)
                .route(web::get().to(jobs::job))
                .wrap(from_fn(|request, next| watched(Endpoint::Job, request, next))),
        )
        .service(
            resource(Endpoint::JobErrors)
                .route(web::get().to(jobs::errors))
                .wrap(from_fn(|request, next| watched(Endpoint::JobErrors, request, next))),
        )
        .service(
            resource(Endpoint::ExportFile)
                .route(web::get().to(export_file::download))
                .wrap(from_fn(|request, next| watched(Endpoint::ExportFile, request, next))),
        )
        .service(
            resource(Endpoint::Events)
                .route(web::get().to(events::events))
                .wrap(from_fn(|request, next| watched(Endpoint::Events, request, next))),
        )
        .service(
            resource(Endpoint::Userinfo)
                .route(web::get().to(people::userinfo))
                .route(web::post().to(people::userinfo))
                .wrap(from_fn(|request, next| watched(Endpoint::Userinfo, request, next))),
        )
        .configure(login::routes)
        .default_service(web::to(api_answer::not_found));
}

/// The routes of the development binary, which test tenants do not have.
pub(crate) fn dev_routes(config: &mut web::ServiceConfig) {
    config
        .route("/dev/token", web::post().to(dev::token))
        .route("/dev/rotate", web::post().to(dev::rotate))
        .route("/dev/rotate-suddenly", web::post().to(dev::rotate_suddenly))
        .route("/dev/withdraw-previous", web::post().to(dev::withdraw_previous))
        .route("/dev/jwks-header", web::post().to(dev::jwks_header))
        .route("/dev/clock", web::post().to(dev::clock))
        .route("/dev/fault", web::post().to(dev::fault))
        .route("/dev/restore", web::post().to(dev::restore))
        .route("/dev/users", web::post().to(dev_people::add))
        .route("/dev/users/{id}", web::patch().to(dev_people::update))
        .route("/dev/users/{id}", web::delete().to(dev_people::delete))
        .route("/dev/users/{id}/block", web::post().to(dev_people::block))
        .route("/dev/users/{id}/unblock", web::post().to(dev_people::unblock))
        .route("/dev/webhook", web::post().to(dev_events::webhook))
        .route("/dev/events/test", web::post().to(dev_events::test_event))
        .route("/dev/deliveries", web::get().to(dev_events::deliveries))
        .route("/dev/requests", web::get().to(dev::requests))
        .route("/dev/users", web::get().to(dev::users))
        .configure(login::dev_routes);
}

fn resource(endpoint: Endpoint) -> Resource {
    web::resource(endpoint.path()).default_service(web::to(api_answer::not_found))
}
