//! The developer's routes of a tenant on this machine.

use std::cell::Cell;
use std::time::Duration;

use auth0_verify::Issuer;
use domain::AccessToken;
use serde_json::{Value, json};
use ureq::Agent;

use super::RehearsalError;

/// The most of an answer that is read.
const MAX_BODY_BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// By which the tenant does what only Auth0 can do to a real one. What was broken is whole again when this is dropped.
#[derive(Debug)]
pub(super) struct DeveloperRoutes {
    agent: Agent,
    issuer: String,
    is_cut_off: Cell<bool>,
}

impl DeveloperRoutes {
    /// Makes sure that they are there, on this very machine.
    pub(super) fn of(issuer: &Issuer) -> Result<Self, RehearsalError> {
        // Plain http reaches this machine alone, as the settings have made sure.
        if issuer.is_https() {
            return Err(RehearsalError::NotOnThisMachine(issuer.to_string()));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build();
        let routes = Self { agent: config.into(), issuer: issuer.as_str().to_owned(), is_cut_off: Cell::new(false) };
        let url = routes.url("requests");
        let (status, counts) = read(routes.agent.get(&url).call()).map_err(|reason| routes.trouble(&url, reason))?;
        if status == 200 && counts.get("jwks").is_some_and(Value::is_u64) {
            Ok(routes)
        } else {
            Err(RehearsalError::NoDeveloperRoutes(issuer.to_string()))
        }
    }

    /// A token by the key that signs at present.
    pub(super) fn token(&self, lifetime: Duration) -> Result<AccessToken, RehearsalError> {
        let answer = self.order("token", &json!({ "sub": "auth0|rehearsal", "expires_in": lifetime.as_secs() }))?;
        let token = answer.get("access_token").and_then(Value::as_str).map(AccessToken::new);
        token.ok_or_else(|| self.trouble(&self.url("token"), "there is no token in its answer".to_owned()))
    }

    /// As Auth0 rotates: the key that was published ahead signs.
    pub(super) fn rotate(&self) -> Result<(), RehearsalError> {
        self.order("rotate", &Value::Null).map(drop)
    }

    /// A key signs that was published nowhere before.
    pub(super) fn rotate_suddenly(&self) -> Result<(), RehearsalError> {
        self.order("rotate-suddenly", &Value::Null).map(drop)
    }

    /// The keys that signed before are published no more.
    pub(super) fn withdraw_previous(&self) -> Result<(), RehearsalError> {
        self.order("withdraw-previous", &Value::Null).map(drop)
    }

    /// Nobody gets the key set from now on.
    pub(super) fn cut_off(&self) -> Result<(), RehearsalError> {
        self.is_cut_off.set(true);
        self.order("fault", &json!({ "endpoint": "jwks", "fault": "status", "status": 503 })).map(drop)
    }

    /// Everybody does again.
    pub(super) fn restore(&self) -> Result<(), RehearsalError> {
        self.order("restore", &json!({ "endpoint": "jwks" }))?;
        self.is_cut_off.set(false);
        Ok(())
    }

    fn order(&self, route: &str, order: &Value) -> Result<Value, RehearsalError> {
        let url = self.url(route);
        let body = if order.is_null() { String::new() } else { order.to_string() };
        match read(self.agent.post(&url).content_type("application/json").send(&body)) {
            Ok((200..=299, answer)) => Ok(answer),
            Ok((status, _)) => Err(self.trouble(&url, format!("it answered {status}"))),
            Err(reason) => Err(self.trouble(&url, reason)),
        }
    }

    fn url(&self, route: &str) -> String {
        format!("{}dev/{route}", self.issuer)
    }

    fn trouble(&self, url: &str, reason: String) -> RehearsalError {
        RehearsalError::Trouble { url: url.to_owned(), reason }
    }
}

impl Drop for DeveloperRoutes {
    fn drop(&mut self) {
        if self.is_cut_off.get() {
            // There is nobody left to tell of a failure: the rehearsal has failed already.
            let _ = self.restore();
        }
    }
}

/// Status and JSON; null where the body is none.
fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<(u16, Value), String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let body =
        answer.body_mut().with_config().limit(MAX_BODY_BYTES).read_to_vec().map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or_default()))
}
