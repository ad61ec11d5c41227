//! Connections to the Events API.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use auth0_http::{TOTAL_TIMEOUT, agent_for};
use domain::{Clock, Secret, UnixTime};
use ureq::http::Response;
use ureq::http::header::CONTENT_TYPE;
use ureq::{Agent, Body, BodyReader};

use super::sse::{SseMessage, SseParser};
use super::{StreamError, StreamMessage};
use crate::ManagementError;
use crate::http_answer::Deadline;
use crate::machine_token::{MachineToken, MachineTokens};
use crate::pause::COOLDOWN;
use crate::rate_limit::Notice;
use crate::user_url::encoded;

/// The events that concern us.
const EVENT_TYPES: &str = "event_type=user.created&event_type=user.updated&event_type=user.deleted";
/// How long a connection may be silent. Auth0 sends heartbeats, so that one is dead which is silent for longer.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// Opens streams of events. Fetches a token when it needs one.
#[derive(Debug)]
pub struct EventStreamClient {
    agent: Agent,
    /// `<issuer>api/v2/`.
    api: String,
    tokens: MachineTokens,
    clock: Arc<dyn Clock>,
    silence: Duration,
}

/// Where a stream begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamStart {
    /// With the next event that happens.
    Now,
    /// Behind the message with this offset.
    Behind(String),
    /// With the first event of this moment or later.
    At(UnixTime),
}

/// A stream of events, read as it comes.
pub struct EventStream {
    body: BodyReader<'static>,
    buffer: Box<[u8]>,
    parser: SseParser,
    waiting: VecDeque<SseMessage>,
}

impl EventStreamClient {
    /// A client of the tenant whose issuer is `issuer_url` (`https://acme.eu.auth0.com/`), asking as the
    /// machine-to-machine client with these credentials, which needs the scope `read:events`. Asks nothing yet.
    #[must_use]
    pub fn new(issuer_url: &str, client_id: impl Into<String>, client_secret: Secret, clock: Arc<dyn Clock>) -> Self {
        let issuer = format!("{}/", issuer_url.trim_end_matches('/'));
        let (agent, api) = (agent_for(&issuer), format!("{issuer}api/v2/"));
        let (id, secret) = (client_id.into(), client_secret);
        let tokens = MachineTokens::new(agent.clone(), &issuer, &api, id, secret, Arc::clone(&clock));
        Self { agent, api, tokens, clock, silence: LONGEST_SILENCE }
    }

    /// The same, giving up a connection that is silent for this long. Without it, for two minutes.
    #[must_use]
    pub fn giving_up_after(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Opens a stream. Waits until Auth0 answers, and no longer than [`TOTAL_TIMEOUT`] for each of up to four requests.
    ///
    /// # Errors
    /// [`StreamError`]
    pub fn open(&self, start: &StreamStart) -> Result<EventStream, StreamError> {
        let token = self.tokens.current(Deadline::after(TOTAL_TIMEOUT))?;
        if let Some(stream) = self.ask(start, &token)? {
            return Ok(stream);
        }
        // Revoked, perhaps: the client was authorised anew, or its keys have changed.
        self.tokens.discard(&token);
        let token = self.tokens.current(Deadline::after(TOTAL_TIMEOUT))?;
        self.ask(start, &token)?.ok_or(StreamError::Management(ManagementError::Status(401)))
    }

    /// One request; `None` if the token was refused.
    fn ask(&self, start: &StreamStart, token: &MachineToken) -> Result<Option<EventStream>, StreamError> {
        let request = self
            .agent
            .get(self.url(start))
            .config()
            // The answer goes on for as long as Auth0 likes.
            .timeout_global(None)
            .timeout_recv_response(Some(TOTAL_TIMEOUT))
            .timeout_per_read(Some(self.silence))
            .build()
            .header("authorization", format!("Bearer {}", token.text.reveal()))
            .header("accept", "text/event-stream")
            .header("cache-control", "no-store");
        let answer = request.call().map_err(ManagementError::from)?;
        let status = answer.status().as_u16();
        match status {
            200 if is_event_stream(&answer) => Ok(Some(EventStream::over(answer))),
            200 => Err(ManagementError::Garbage("it is no stream of events").into()),
            400 => Err(StreamError::PositionRefused),
            401 => Ok(None),
            403 => {
                // The scopes are written into the token, so a mended client needs another one.
                self.tokens.discard(token);
                Err(StreamError::MissingScope)
            }
            410 => Err(StreamError::PositionExpired),
            429 => {
                let now = self.clock.now();
                let wait = Notice::read(status, answer.headers()).wait(now).unwrap_or(COOLDOWN);
                Err(ManagementError::RateLimited { until: now.plus(wait) }.into())
            }
            _ => Err(ManagementError::Status(status).into()),
        }
    }

    fn url(&self, start: &StreamStart) -> String {
        let from = match start {
            StreamStart::Now => String::new(),
            StreamStart::Behind(offset) => format!("&from={}", encoded(offset)),
            StreamStart::At(moment) => match jiff::Timestamp::from_millisecond(moment.as_millis()) {
                Ok(moment) => format!("&from_timestamp={}", encoded(&moment.to_string())),
                // Outside of the years that have a form; there are no events either.
                Err(_) => String::new(),
            },
        };
        format!("{}events?{EVENT_TYPES}{from}", self.api)
    }
}

impl EventStream {
    fn over(answer: Response<Body>) -> Self {
        let body = answer.into_body().into_reader();
        Self { body, buffer: vec![0; 16 * 1024].into(), parser: SseParser::default(), waiting: VecDeque::new() }
    }

    /// The next message. Waits for it. `None`: Auth0 closed the stream, as it does every few minutes; go on with another.
    ///
    /// # Errors
    /// [`StreamError`]; there is nothing more in this stream.
    pub fn next_message(&mut self) -> Result<Option<StreamMessage>, StreamError> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return StreamMessage::read(message).map(Some);
            }
            let count = self.body.read(&mut self.buffer).map_err(StreamError::BrokenOff)?;
            if count == 0 {
                return Ok(None);
            }
            self.parser.feed(self.buffer.get(..count).unwrap_or_default(), &mut self.waiting);
        }
    }

    /// How long to wait before the next stream, if Auth0 said so.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.parser.retry()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

fn is_event_stream(answer: &Response<Body>) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}
