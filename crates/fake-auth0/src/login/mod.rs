//! The tenant as people see it: the login page, its session with a browser, and tokens for single page applications.
//!
//! `/authorize` with authorization code and PKCE, `/u/login`, `/v2/logout`, `/oauth/revoke`, and two grants of
//! `/oauth/token`: enough for Auth0's SDKs for browsers.

mod authorization;
mod authorize;
mod claims;
mod code;
mod cross_origin;
mod dev;
mod expiring;
mod form;
mod grants;
mod html;
mod issued;
mod logout;
mod page;
mod pkce;
mod refresh_token;
mod revoke;
mod session;
mod spa_client;
mod standing;
mod way_back;

use std::fmt;
use std::sync::{Arc, Mutex};

use actix_web::middleware::from_fn;
use actix_web::web;
use serde_json::{Map, Value};

pub(crate) use claims::email_claims;
pub(crate) use cross_origin::cross_origin;
pub(crate) use grants::{Exchange, by_code, by_refresh_token};
pub use spa_client::SpaClient;

use self::authorization::Authorization;
use self::code::Code;
use self::expiring::Expiring;
use self::refresh_token::Family;
use self::session::Session;
use crate::endpoint::Endpoint;
use crate::faults::watched;
use crate::http::api_answer;
use crate::lock::lock;
use crate::users::FakeUser;

/// Seconds that an access token lasts: Auth0's default for an API.
const ACCESS_TOKEN_LIFETIME: i64 = 86_400;

/// Adds claims to a person's access token, as a post-login Action does.
type Action = dyn Fn(&FakeUser, &mut Map<String, Value>) + Send + Sync;

/// Everything that logins leave behind.
#[derive(Debug)]
pub(crate) struct Login {
    clients: Vec<SpaClient>,
    /// Login pages that were shown and not yet answered.
    prompts: Expiring<Authorization>,
    codes: Expiring<Code>,
    sessions: Expiring<Session>,
    families: Expiring<Family>,
    terms: Mutex<Terms>,
}

/// What tokens are given on.
#[derive(Clone)]
struct Terms {
    access_token_lifetime: i64,
    action: Option<Arc<Action>>,
}

impl Login {
    pub(crate) fn new(clients: Vec<SpaClient>) -> Self {
        Self {
            clients,
            prompts: Expiring::default(),
            codes: Expiring::default(),
            sessions: Expiring::default(),
            families: Expiring::default(),
            terms: Mutex::new(Terms { access_token_lifetime: ACCESS_TOKEN_LIFETIME, action: None }),
        }
    }

    pub(crate) fn set_access_token_lifetime(&self, seconds: i64) {
        lock(&self.terms).access_token_lifetime = seconds;
    }

    pub(crate) fn set_action(&self, action: Arc<Action>) {
        lock(&self.terms).action = Some(action);
    }

    /// Ends a person's sessions and refresh tokens. Access tokens stay good, as they do at Auth0.
    pub(crate) fn forget(&self, user_id: &str) {
        self.sessions.remove_all(|session| session.user_id == user_id);
        self.codes.remove_all(|code| code.grant.user_id == user_id);
        self.families.remove_all(|family| family.grant.user_id == user_id);
    }

    fn client(&self, id: &str) -> Option<&SpaClient> {
        self.clients.iter().find(|client| client.id() == id)
    }

    fn allows_origin(&self, origin: &str) -> bool {
        self.clients.iter().any(|client| client.allows_origin(origin))
    }

    fn terms(&self) -> Terms {
        lock(&self.terms).clone()
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("access_token_lifetime", &self.access_token_lifetime).finish_non_exhaustive()
    }
}

/// The routes of every tenant.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource(Endpoint::Authorize.path())
                .route(web::get().to(authorize::authorize))
                .default_service(web::to(api_answer::not_found))
                .wrap(from_fn(|request, next| watched(Endpoint::Authorize, request, next))),
        )
        .service(
            web::resource(form::PATH)
                .route(web::get().to(form::show))
                .route(web::post().to(form::submit))
                .default_service(web::to(api_answer::not_found)),
        )
        .route("/v2/logout", web::get().to(logout::logout))
        .route("/oauth/revoke", web::post().to(revoke::revoke));
}

/// The routes of the development binary.
pub(crate) fn dev_routes(config: &mut web::ServiceConfig) {
    config.route("/dev/login", web::post().to(dev::change_terms)).route("/dev/log-out", web::post().to(dev::log_out));
}
