//! One user, read from the Management API: token, budget, request, answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth0_http::{TOTAL_TIMEOUT, agent_for};
use domain::{Clock, DirectoryAnswer, Secret, Subject};
use ureq::Agent;

use crate::flight::Outcome;
use crate::granted_access::GrantedAccess;
use crate::http_answer::{Deadline, body_of};
use crate::machine_token::{MachineToken, MachineTokens};
use crate::pause::{COOLDOWN, Pause};
use crate::rate_limit::{Notice, RateLimit};
use crate::user_answer::{profile_in, says_not_found};
use crate::user_url::user_url;
use crate::{Limits, ManagementError};

/// The longest answer that is read. With the members that are asked for it is about 1 KiB.
const MAX_BODY_BYTES: u64 = 256 * 1024;

/// Asks, and remembers nothing but when it may ask again.
#[derive(Debug)]
pub(crate) struct UserReader {
    agent: Agent,
    /// `<issuer>api/v2/`.
    api: String,
    tokens: MachineTokens,
    gate: Mutex<Gate>,
    clock: Arc<dyn Clock>,
}

/// What every request has to pass.
#[derive(Debug)]
struct Gate {
    limit: RateLimit,
    pause: Pause,
}

/// What the API says to a request.
enum Reply {
    Answer(DirectoryAnswer),
    TokenRefused,
}

impl UserReader {
    pub(crate) fn new(
        issuer_url: &str,
        client_id: String,
        client_secret: Secret,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        let issuer = format!("{}/", issuer_url.trim_end_matches('/'));
        let (agent, api) = (agent_for(&issuer), format!("{issuer}api/v2/"));
        let tokens = MachineTokens::new(agent.clone(), &issuer, &api, client_id, client_secret, Arc::clone(&clock));
        let gate = Gate { limit: RateLimit::new(limits, clock.uptime()), pause: Pause::default() };
        Self { agent, api, tokens, gate: Mutex::new(gate), clock }
    }

    /// What the client's token is good for; one is fetched if need be.
    pub(crate) fn access(&self) -> Result<GrantedAccess, ManagementError> {
        Ok(self.tokens.current(Deadline::after(TOTAL_TIMEOUT))?.access)
    }

    /// One user, within [`TOTAL_TIMEOUT`] in all.
    pub(crate) fn read(&self, subject: &Subject) -> Outcome {
        let deadline = Deadline::after(TOTAL_TIMEOUT);
        // No token is fetched for a request that may not be made.
        self.gate().check(self.clock.uptime())?;
        let token = self.tokens.current(deadline)?;
        if let Reply::Answer(answer) = self.ask(subject, &token, deadline)? {
            return Ok(answer);
        }
        // Revoked, perhaps: the client was authorised anew, or its keys have changed.
        self.tokens.discard(&token);
        let token = self.tokens.current(deadline)?;
        match self.ask(subject, &token, deadline)? {
            Reply::Answer(answer) => Ok(answer),
            Reply::TokenRefused => {
                let error = ManagementError::Status(401);
                self.tokens.give_up(&token, error.clone());
                Err(error)
            }
        }
    }

    /// One request, if the gate is open.
    fn ask(&self, subject: &Subject, token: &MachineToken, deadline: Deadline) -> Result<Reply, ManagementError> {
        self.gate().enter(self.clock.uptime())?;
        let reply = self.send(subject, token, deadline);
        let mut gate = self.gate();
        match &reply {
            Err(error) if error.is_outage() => gate.pause.begin(self.clock.uptime(), COOLDOWN, error.clone()),
            _ => gate.pause.end(),
        }
        reply
    }

    fn send(&self, subject: &Subject, token: &MachineToken, deadline: Deadline) -> Result<Reply, ManagementError> {
        // Whoever is made while the answer is on its way is not to count as deleted after that.
        let asked_at = self.clock.now();
        let mut answer = self
            .agent
            .get(user_url(&self.api, subject))
            .config()
            .timeout_global(Some(deadline.left()?))
            .build()
            .header("authorization", format!("Bearer {}", token.text.reveal()))
            .header("accept", "application/json")
            .call()?;
        let status = answer.status().as_u16();
        let notice = Notice::read(status, answer.headers());
        self.gate().limit.heed(notice, &*self.clock);
        match status {
            200 => {
                let profile = profile_in(&body_of(&mut answer, MAX_BODY_BYTES)?, subject, self.clock.now())?;
                Ok(Reply::Answer(DirectoryAnswer::Found(profile)))
            }
            401 => Ok(Reply::TokenRefused),
            403 => {
                // The scopes are written into the token, so a mended client needs another one.
                self.tokens.give_up(token, ManagementError::MissingScope);
                Err(ManagementError::MissingScope)
            }
            404 if says_not_found(&body_of(&mut answer, MAX_BODY_BYTES)?) => {
                Ok(Reply::Answer(DirectoryAnswer::NoSuchUser { asked_at }))
            }
            429 => {
                let until = self.clock.now().plus(notice.wait(self.clock.now()).unwrap_or(COOLDOWN));
                Err(ManagementError::RateLimited { until })
            }
            _ => Err(ManagementError::Status(status)),
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        // Each change leaves it whole, so a panic elsewhere does not spoil it.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// Whether a request could be made.
    fn check(&mut self, now: Duration) -> Result<(), ManagementError> {
        self.limit.check(now)?;
        self.pause.check(now)
    }

    /// Lets one request pass.
    fn enter(&mut self, now: Duration) -> Result<(), ManagementError> {
        self.limit.check(now)?;
        self.pause.admit(now)?;
        self.limit.take(now)
    }
}
