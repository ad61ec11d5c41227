//! The tenant's own session with a browser.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::random;
use crate::tenant::Tenant;

/// The cookie, and a second one for browsers that take no `Secure` one over `http://localhost`.
const COOKIE: &str = "auth0";
const PLAIN_COOKIE: &str = "auth0_compat";
/// How long a person stays logged in: Auth0's default of seven days.
const LIFETIME: i64 = 7 * 24 * 3600;

/// Who logged in with this browser, and when.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The `sid` of its ID tokens; not the secret in the cookie.
    pub(super) sid: String,
    pub(super) user_id: String,
    pub(super) authenticated_at: i64,
}

/// The session that the request's cookie names.
pub(super) fn session_of(request: &HttpRequest, tenant: &Tenant) -> Option<Session> {
    let now = tenant.now();
    cookies(request).find_map(|secret| tenant.login.sessions.find(secret, now))
}

/// Begins a session; the cookies go into the answer.
pub(super) fn begin(user_id: &str, tenant: &Tenant) -> (Session, Cookies) {
    let now = tenant.now();
    let session = Session { sid: random::token(16), user_id: user_id.to_owned(), authenticated_at: now };
    let secret = tenant.login.sessions.keep(session.clone(), now + LIFETIME, now);
    (session, Cookies { secret, lifetime: LIFETIME })
}

/// Ends the session of this browser.
pub(super) fn end(request: &HttpRequest, tenant: &Tenant) -> Cookies {
    cookies(request).for_each(|secret| tenant.login.sessions.remove(secret));
    Cookies { secret: String::new(), lifetime: 0 }
}

/// What the browser is told to keep, or to forget.
pub(super) struct Cookies {
    secret: String,
    lifetime: i64,
}

impl Cookies {
    /// Silent renewal happens in a frame of another site, hence `SameSite=None`, which needs `Secure`.
    pub(super) fn set(&self, answer: &mut HttpResponse) {
        let Self { secret, lifetime } = self;
        for (name, attributes) in [(COOKIE, "; SameSite=None; Secure"), (PLAIN_COOKIE, "")] {
            let cookie = format!("{name}={secret}; Path=/; Max-Age={lifetime}; HttpOnly{attributes}");
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                answer.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
    }
}

fn cookies(request: &HttpRequest) -> impl Iterator<Item = &str> {
    let headers = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = headers.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| [COOKIE, PLAIN_COOKIE].contains(name)).map(|(_, secret)| secret)
}
