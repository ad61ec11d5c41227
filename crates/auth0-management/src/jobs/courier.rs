//! One request after the other to the Management API, for those who can wait: token, budget, rate limit, outages.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth0_http::{TOTAL_TIMEOUT, agent_for};
use domain::{Clock, Secret};
use ureq::http::Response;
use ureq::{Agent, Body, Timeout};

use super::patience::Pauses;
use super::reply::Reply;
use super::waiter::{Waiter, Waiting};
use super::{JobError, Patience};
use crate::http_answer::{Deadline, body_of};
use crate::machine_token::MachineTokens;
use crate::rate_limit::{Notice, RateLimit};
use crate::{Limits, ManagementError};

/// What a wait is at least, so that clocks that disagree make no busy loop.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// Makes requests and waits where [`ManagementDirectory`](crate::ManagementDirectory) would give up.
pub(super) struct Courier {
    agent: Agent,
    issuer: String,
    api: String,
    tokens: MachineTokens,
    limit: Mutex<RateLimit>,
    /// After how long an empty budget has room for a request.
    price: Duration,
    clock: Arc<dyn Clock>,
    waiter: Arc<dyn Waiter>,
    patience: Patience,
}

/// Sends a request with this value of the header `authorization`.
type Send<'a> = dyn Fn(&Agent, &str) -> Result<Response<Body>, ureq::Error> + 'a;

/// One request.
pub(super) struct Errand<'a> {
    /// What the client needs for it.
    pub(super) scope: &'static str,
    /// Whether it does no harm to send it twice.
    pub(super) repeatable: bool,
    /// The longest answer that is read.
    pub(super) most_bytes: u64,
    pub(super) send: &'a Send<'a>,
}

/// How an attempt ended.
enum Attempt {
    Answered(Reply),
    TokenRefused,
    /// To be made again, after this time at least.
    Limited(Duration, ManagementError),
    OverBudget,
    Outage(ManagementError),
    Failed(JobError),
}

impl Courier {
    pub(super) fn new(
        issuer_url: &str,
        client_id: String,
        client_secret: Secret,
        clock: Arc<dyn Clock>,
        limits: Limits,
        waiter: Arc<dyn Waiter>,
    ) -> Self {
        let issuer = format!("{}/", issuer_url.trim_end_matches('/'));
        let (agent, api) = (agent_for(&issuer), format!("{issuer}api/v2/"));
        let tokens = MachineTokens::new(agent.clone(), &issuer, &api, client_id, client_secret, Arc::clone(&clock));
        let limit = Mutex::new(RateLimit::new(limits, clock.uptime()));
        let price = Duration::from_secs(1) / limits.per_second.max(1);
        Self { agent, issuer, api, tokens, limit, price, clock, waiter, patience: Patience::default() }
    }

    pub(super) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Where the Management API is, with a slash at the end.
    pub(super) fn api(&self) -> &str {
        &self.api
    }

    /// The tenant's address, with a slash at the end.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Waits, once.
    pub(super) fn wait(&self, span: Duration, reason: Waiting<'_>) -> Result<(), JobError> {
        if self.waiter.wait(span.max(SHORTEST_WAIT), reason).is_break() { Err(JobError::Interrupted) } else { Ok(()) }
    }

    /// Makes the request until there is an answer of 2xx.
    pub(super) fn run(&self, errand: &Errand<'_>) -> Result<Reply, JobError> {
        let (mut outage, mut limited) = (Pauses::default(), Pauses::default());
        let mut token_was_refused = false;
        loop {
            match self.attempt(errand) {
                Attempt::Answered(reply) if (200..300).contains(&reply.status) => return Ok(reply),
                Attempt::Answered(reply) => return Err(reply.into_error(errand.scope)),
                Attempt::TokenRefused if token_was_refused => {
                    return Err(JobError::Auth0(ManagementError::Status(401)));
                }
                // Revoked, perhaps: the client was authorised anew, or its keys have changed.
                Attempt::TokenRefused => token_was_refused = true,
                Attempt::OverBudget => self.wait(self.price, Waiting::Budget)?,
                Attempt::Limited(at_least, error) => match limited.next(at_least, self.patience.rate_limit) {
                    Some(pause) => self.wait(pause, Waiting::RateLimit)?,
                    None => return Err(JobError::Auth0(error)),
                },
                Attempt::Outage(error) => match outage.next(Duration::ZERO, self.patience.outage) {
                    Some(pause) => self.wait(pause, Waiting::Outage(&error))?,
                    None => return Err(JobError::Auth0(error)),
                },
                Attempt::Failed(error) => return Err(error),
            }
        }
    }

    fn attempt(&self, errand: &Errand<'_>) -> Attempt {
        let now = self.clock.uptime();
        if let Err(error) = self.limit().check(now) {
            return self.later(error);
        }
        let token = match self.tokens.current(Deadline::after(TOTAL_TIMEOUT)) {
            Ok(token) => token,
            Err(error @ ManagementError::RateLimited { .. }) => return self.later(error),
            Err(error) if error.is_outage() => return Attempt::Outage(error),
            Err(error) => return Attempt::Failed(JobError::from_management(error, errand.scope)),
        };
        if let Err(error) = self.limit().take(self.clock.uptime()) {
            return self.later(error);
        }
        let header = format!("Bearer {}", token.text.reveal());
        // A kept connection may have been closed meanwhile, and then one cannot know how far a request came.
        let fresh = (!errand.repeatable).then(|| agent_for(&self.issuer));
        let mut answer = match (errand.send)(fresh.as_ref().unwrap_or(&self.agent), &header) {
            Ok(answer) => answer,
            Err(error) if errand.repeatable || was_never_sent(&error) => return outage_or_failure(error.into()),
            Err(error) => return Attempt::Failed(JobError::Unsure(error.into())),
        };
        let status = answer.status().as_u16();
        let notice = Notice::read(status, answer.headers());
        self.limit().heed(notice, &*self.clock);
        match status {
            401 => {
                self.tokens.discard(&token);
                return Attempt::TokenRefused;
            }
            429 => {
                let wait = notice.wait(self.clock.now()).unwrap_or_default();
                let until = self.clock.now().plus(wait);
                return Attempt::Limited(wait, ManagementError::RateLimited { until });
            }
            // The scopes are written into the token, so a mended client needs another one.
            403 => self.tokens.discard(&token),
            _ => {
                let error = ManagementError::Status(status);
                if error.is_outage() {
                    return if errand.repeatable {
                        Attempt::Outage(error)
                    } else {
                        Attempt::Failed(JobError::Unsure(error))
                    };
                }
            }
        }
        match body_of(&mut answer, errand.most_bytes) {
            Ok(body) => Attempt::Answered(Reply { status, body }),
            // What it was told before the body broke off: it was done, and what is missing is its name.
            Err(error) if !errand.repeatable && status < 300 => Attempt::Failed(JobError::Unsure(error)),
            Err(error) => outage_or_failure(error),
        }
    }

    fn later(&self, error: ManagementError) -> Attempt {
        match error {
            ManagementError::RateLimited { until } => Attempt::Limited(until.since(self.clock.now()), error),
            _ => Attempt::OverBudget,
        }
    }

    fn limit(&self) -> MutexGuard<'_, RateLimit> {
        // Each change leaves it whole, so a panic elsewhere does not spoil it.
        self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").field("api", &self.api).field("patience", &self.patience).finish_non_exhaustive()
    }
}

fn outage_or_failure(error: ManagementError) -> Attempt {
    if error.is_outage() { Attempt::Outage(error) } else { Attempt::Failed(JobError::Auth0(error)) }
}

/// Whether no byte of the request can have reached Auth0.
fn was_never_sent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => true,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
        ),
        _ => false,
    }
}
