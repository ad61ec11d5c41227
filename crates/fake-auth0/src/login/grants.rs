//! The grants of `/oauth/token` for applications in a browser: `authorization_code` and `refresh_token`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::code::{Code, Grant, Use};
use super::issued::{self, Occasion};
use super::refresh_token::Redeemed;
use super::standing::{Standing, blocked};
use crate::http::oauth_token::refusal;
use crate::tenant::Tenant;
use crate::users::FakeUser;

/// The parameters of both grants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) client_id: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) code_verifier: Option<&'a str>,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) refresh_token: Option<&'a str>,
    /// The thumbprint of the key that the client shows.
    pub(crate) bound_to: Option<&'a str>,
}

/// RFC 6749 §5.2.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: String,
}

/// RFC 6749 §4.1.3 with RFC 7636 §4.5.
pub(crate) fn by_code(asked: Exchange<'_>, tenant: &Arc<Tenant>) -> HttpResponse {
    exchange_code(asked, tenant).unwrap_or_else(Refusal::answer)
}

/// RFC 6749 §6, with rotation.
pub(crate) fn by_refresh_token(asked: Exchange<'_>, tenant: &Arc<Tenant>) -> HttpResponse {
    exchange_refresh_token(asked, tenant).unwrap_or_else(Refusal::answer)
}

fn exchange_code(asked: Exchange<'_>, tenant: &Arc<Tenant>) -> Result<HttpResponse, Refusal> {
    let client_id = client_id(asked, tenant)?;
    let name = required(asked.code, "code")?;
    let verifier = required(asked.code_verifier, "code_verifier")?;
    let now = tenant.now();
    let login = &tenant.login;
    // Whatever comes of the attempt, it was the only one.
    let spent = login.codes.change(name, now, |code| {
        let before = code.clone();
        code.use_ = Use::Used(None);
        before
    });
    let code = spent.ok_or_else(|| invalid_grant("Invalid authorization code"))?;
    if let Use::Used(family) = &code.use_ {
        // RFC 6749 §4.1.2: what the code brought the first time is taken back.
        if let Some(family) = family {
            login.end_family(family);
        }
        return Err(invalid_grant("Invalid authorization code"));
    }
    if code.grant.client_id != client_id {
        return Err(invalid_grant("Invalid authorization code"));
    }
    if asked.redirect_uri != Some(code.redirect_uri.as_str()) {
        return Err(invalid_grant("The redirect URI is another than the one of the authorization request"));
    }
    if !code.challenge.is_met_by(verifier) {
        return Err(invalid_grant("Failed to verify code verifier"));
    }
    let user = welcome(&code.grant.user_id, tenant, "Invalid authorization code")?;
    let Code { grant, nonce, tells_time, .. } = code;
    let grant = Grant { bound_to: asked.bound_to.map(str::to_owned), ..grant };
    let token = grant.has_scope("offline_access").then(|| {
        let (family, token) = login.begin_family(grant.clone(), now);
        login.codes.change(name, now, |code| code.use_ = Use::Used(Some(family)));
        token
    });
    let occasion = Occasion { nonce: nonce.as_deref(), tells_time };
    Ok(issued::answer(&grant, &user, &occasion, token.as_deref(), tenant))
}

fn exchange_refresh_token(asked: Exchange<'_>, tenant: &Arc<Tenant>) -> Result<HttpResponse, Refusal> {
    const UNKNOWN: &str = "Unknown or invalid refresh token.";
    let client_id = client_id(asked, tenant)?;
    let token = required(asked.refresh_token, "refresh_token")?;
    let permit = |grant: &Grant| {
        // RFC 9449 §5: the refresh token of a public client is bound to the key, as the access token is.
        if grant.bound_to.as_deref() != asked.bound_to {
            return Err(invalid_grant("The refresh token is bound to another key"));
        }
        welcome(&grant.user_id, tenant, UNKNOWN)
    };
    match tenant.login.redeem(token, client_id, tenant.now(), permit) {
        Redeemed::Newest { grant, permitted: user, successor } => {
            Ok(issued::answer(&grant, &user, &Occasion::default(), Some(&successor), tenant))
        }
        Redeemed::Denied(refusal) => Err(refusal),
        Redeemed::Nothing => Err(invalid_grant(UNKNOWN)),
    }
}

fn client_id<'a>(asked: Exchange<'a>, tenant: &Tenant) -> Result<&'a str, Refusal> {
    let client_id = required(asked.client_id, "client_id")?;
    match tenant.login.client(client_id) {
        Some(_) => Ok(client_id),
        None => Err(Refusal::new(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized")),
    }
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        let description = format!("Missing required parameter: {name}");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    })
}

/// The person, unless blocked or gone since the login.
fn welcome(user_id: &str, tenant: &Tenant, unknown: &str) -> Result<FakeUser, Refusal> {
    match Standing::of(user_id, tenant) {
        Standing::Welcome(user) => Ok(user),
        Standing::Blocked => Err(invalid_grant(&blocked().description)),
        Standing::Unknown => Err(invalid_grant(unknown)),
    }
}

fn invalid_grant(description: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "invalid_grant", description)
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into() }
    }

    fn answer(self) -> HttpResponse {
        refusal(self.status, self.error, &self.description)
    }
}
