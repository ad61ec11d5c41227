//! The client's own access token for the Management API (client credentials, RFC 6749 §4.4).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Clock, Secret};
use serde::{Deserialize, Serialize};
use ureq::Agent;

use crate::ManagementError;
use crate::granted_access::GrantedAccess;
use crate::http_answer::{Deadline, body_of, object};
use crate::pause::{COOLDOWN, Pause};
use crate::rate_limit::Notice;

/// Auth0's answers are about 1 KiB.
const MAX_BODY_BYTES: u64 = 64 * 1024;
/// The longest that Auth0 lets a token last (30 days). More is taken for this much.
const LONGEST_LIFE_SECS: u64 = 2_592_000;

/// The token, fetched by one thread at a time and kept to nine tenths of its life.
pub(crate) struct MachineTokens {
    agent: Agent,
    url: String,
    audience: String,
    client_id: String,
    client_secret: Secret,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    /// Held for the length of a fetch.
    flight: Mutex<()>,
}

#[derive(Default)]
struct Held {
    token: Option<MachineToken>,
    /// Tokens fetched so far.
    fetched: u64,
    pause: Pause,
}

/// A token and which one it is.
#[derive(Clone, Debug)]
pub(crate) struct MachineToken {
    pub(crate) text: Secret,
    pub(crate) access: GrantedAccess,
    number: u64,
    good_until: Duration,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    grant_type: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    audience: &'a str,
}

/// RFC 6749 §5.1.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: u64,
    /// Auth0 always names them.
    #[serde(default)]
    scope: String,
}

impl MachineTokens {
    /// For the Management API at `api` of the tenant at `issuer`, both with a slash at the end.
    pub(crate) fn new(
        agent: Agent,
        issuer: &str,
        api: &str,
        client_id: String,
        client_secret: Secret,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            agent,
            url: format!("{issuer}oauth/token"),
            audience: api.to_owned(),
            client_id,
            client_secret,
            clock,
            held: Mutex::default(),
            flight: Mutex::new(()),
        }
    }

    /// A token that is good for now, fetched if need be. Waits for a fetch under way rather than begin another.
    ///
    /// # Errors
    /// Why there is none; the same again during the pause after a failure.
    pub(crate) fn current(&self, deadline: Deadline) -> Result<MachineToken, ManagementError> {
        if let Some(token) = self.usable() {
            return Ok(token);
        }
        let _flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever had the lock may have fetched one, or failed to.
        if let Some(token) = self.usable() {
            return Ok(token);
        }
        self.held().pause.admit(self.clock.uptime())?;
        let begun_at = self.clock.uptime();
        let mut rest = COOLDOWN;
        let outcome = self.fetch(deadline, &mut rest);
        let mut held = self.held();
        match outcome {
            Ok(answer) => {
                held.pause.end();
                held.fetched += 1;
                let life = Duration::from_secs(answer.expires_in.min(LONGEST_LIFE_SECS));
                let token = MachineToken {
                    access: GrantedAccess::of(&answer.scope, &answer.access_token),
                    text: Secret::new(answer.access_token),
                    number: held.fetched,
                    good_until: begun_at + life * 9 / 10,
                };
                held.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                held.pause.begin(self.clock.uptime(), rest, error.clone());
                Err(error)
            }
        }
    }

    /// The API did not take this token: it is not given out again.
    pub(crate) fn discard(&self, refused: &MachineToken) {
        let mut held = self.held();
        if held.token.as_ref().is_some_and(|token| token.number == refused.number) {
            held.token = None;
        }
    }

    /// The API does not take this token, nor would it take another: that takes a change on Auth0's side, which only a later
    /// token will know of.
    pub(crate) fn give_up(&self, refused: &MachineToken, error: ManagementError) {
        self.discard(refused);
        self.held().pause.begin(self.clock.uptime(), COOLDOWN, error);
    }

    fn usable(&self) -> Option<MachineToken> {
        let now = self.clock.uptime();
        self.held().token.clone().filter(|token| now < token.good_until)
    }

    /// One request. After a 429, `rest` becomes the time that Auth0 wants to be left alone for.
    fn fetch(&self, deadline: Deadline, rest: &mut Duration) -> Result<TokenAnswer, ManagementError> {
        let request = TokenRequest {
            grant_type: "client_credentials",
            client_id: &self.client_id,
            client_secret: self.client_secret.reveal(),
            audience: &self.audience,
        };
        let body =
            serde_json::to_vec(&request).map_err(|_| ManagementError::Garbage("the request has no JSON form"))?;
        let mut answer = self
            .agent
            .post(&self.url)
            .config()
            .timeout_global(Some(deadline.left()?))
            .build()
            .content_type("application/json")
            .send(body.as_slice())?;
        let status = answer.status().as_u16();
        match status {
            200 => {}
            // RFC 6749 §5.2: client authentication failed.
            401 => return Err(ManagementError::RefusedCredentials),
            // Auth0 answers so when the client has no grant for the audience.
            403 => return Err(ManagementError::NotAuthorized),
            429 => {
                let now = self.clock.now();
                *rest = Notice::read(status, answer.headers()).wait(now).unwrap_or(COOLDOWN);
                return Err(ManagementError::RateLimited { until: now.plus(*rest) });
            }
            _ => return Err(ManagementError::Status(status)),
        }
        let token: TokenAnswer = object(&body_of(&mut answer, MAX_BODY_BYTES)?)?;
        let is_sendable = !token.access_token.is_empty() && token.access_token.bytes().all(|b| b.is_ascii_graphic());
        if !is_sendable || !token.token_type.eq_ignore_ascii_case("bearer") || token.expires_in == 0 {
            return Err(ManagementError::Garbage("it holds no usable token"));
        }
        Ok(token)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each change leaves it whole, so a panic elsewhere does not spoil it.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MachineTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineTokens").field("url", &self.url).finish_non_exhaustive()
    }
}
