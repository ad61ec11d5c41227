//! HTTP: the route table, and what every route shares.

mod api_error;
pub(crate) mod blocking;
mod blocking_users;
mod bounded;
mod challenge;
mod cors;
mod credentials;
mod events;
mod front;
mod health;
mod json_body;
mod metrics_route;
mod observe;
mod openapi;
mod protected_resource;
mod request_id;
mod require_bearer;
mod sync;
mod unread_body;
mod user_answer;
mod verify;
mod websocket;
mod whole_body;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource, Route, guard};

use crate::composition::Services;
use crate::settings::HttpSettings;

use self::api_error::ApiError;
use self::require_bearer::{gate, require_bearer};
use self::websocket::AllowedOrigins;
use self::whole_body::BodyLimits;

pub(crate) use self::blocking_users::BlockingUsers;
pub(crate) use self::front::Front;
pub(crate) use self::user_answer::{sync_body, verify_body};
pub use self::websocket::Sockets;
pub(crate) use self::websocket::{Ending, Refusal};

/// The routes. A path that is here answers 405 to other methods; everything else is 404.
pub fn routes(services: &Services, settings: &HttpSettings) -> impl Fn(&mut ServiceConfig) + Clone + Send + use<> {
    let has_webhook = services.webhook.is_some();
    let gate = gate(services, settings.resource.challenger.clone());
    let services = services.clone();
    let origins = web::Data::new(AllowedOrigins::new(&settings.allowed_origins));
    let sockets = web::Data::new(settings.websocket);
    let resource = web::Data::new(settings.resource.clone());
    let limits = BodyLimits { bytes: settings.max_body_bytes, time: settings.body_timeout };
    // Called once for each worker. What is cloned with every request is counted for each of them apart.
    move |config| {
        let gate = gate.for_another_thread();
        config
            .app_data(web::Data::new(services.clone()))
            .app_data(web::Data::new(gate.clone()))
            .app_data(limits)
            .app_data(origins.clone())
            .app_data(sockets.clone())
            .app_data(resource.clone())
            .service(only("/auth/sync", "POST").route(web::post().to(sync::sync).wrap(require_bearer(&gate))))
            .service(readable("/auth/verify").route(read().to(verify::verify).wrap(require_bearer(&gate))))
            .configure(|config| {
                if has_webhook {
                    config.service(only("/auth0/events", "POST").route(web::post().to(events::events)));
                }
            })
            .service(only("/ws", "GET").route(web::get().to(websocket::open)))
            .service(readable("/.well-known/oauth-protected-resource").route(read().to(protected_resource::metadata)))
            .service(readable("/healthz").route(read().to(health::alive)))
            .service(readable("/readyz").route(read().to(health::ready)))
            .service(readable("/metrics").route(read().to(metrics_route::metrics)))
            .service(readable("/openapi.json").route(read().to(openapi::document)))
            .service(readable("/asyncapi.json").route(read().to(openapi::socket_document)))
            .service(readable("/docs").route(read().to(openapi::page)));
    }
}

/// The answer to a path that is not in the table.
pub async fn not_found() -> Result<HttpResponse, actix_web::Error> {
    Err(ApiError::NoSuchRoute.into())
}

/// A path that answers GET and, as RFC 9110 §9.1 asks, HEAD.
fn readable(path: &'static str) -> Resource {
    only(path, "GET, HEAD")
}

/// The route of such a path: the same handler for both, of which HEAD's answer loses its body on the way out.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A path that answers the named methods and 405 to others.
fn only(path: &'static str, allow: &'static str) -> Resource {
    web::resource(path)
        .default_service(web::to(move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed { allow }) }))
}
