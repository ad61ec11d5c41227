//! How the server is reached, and what it allows a client.

use std::num::NonZero;
use std::time::Duration;

use auth0_verify::Issuer;

use super::auth0::Auth0Settings;
use super::bind_address::BindAddress;
use super::key;
use super::origin::Origin;
use super::protected_resource::ProtectedResource;
use super::public_url::PublicUrl;
use super::reader::Reader;
use super::websocket::WebSocketSettings;

/// The listener, the clients and their limits.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Where to listen.
    pub bind: BindAddress,
    /// Whose pages may call; the issuers' own origins are always among them.
    pub allowed_origins: Vec<Origin>,
    /// How clients reach the server, where that differs from `bind`.
    pub public_url: Option<PublicUrl>,
    /// What the server tells about itself.
    pub resource: ProtectedResource,
    /// The sockets.
    pub websocket: WebSocketSettings,
    /// Worker threads; one per core if `None`.
    pub workers: Option<usize>,
    /// The most requests that wait at once for one route, over all workers.
    pub max_waiting: usize,
    /// The longest request body.
    pub max_body_bytes: usize,
    /// How long a client may take over the head of a request.
    pub header_timeout: Duration,
    /// How long a client may take over the body of a request.
    pub body_timeout: Duration,
    /// How long a connection without a request is kept.
    pub keep_alive: Duration,
    /// The end of the server.
    pub shutdown: ShutdownTimings,
}

/// How the server ends. Both times run from the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownTimings {
    /// How long it keeps accepting while `/readyz` already says no, so that a balancer can look away.
    pub drain: Duration,
    /// When it ends whatever is still in flight.
    pub total: Duration,
}

impl HttpSettings {
    /// Reads the group; the origins of the issuers join the allowed ones. Without a tenant there are no
    /// settings, but all problems are noted.
    pub(super) fn read(reader: &mut Reader, auth0: Option<&Auth0Settings>) -> Option<Self> {
        let bind = reader.required(key::BIND, BindAddress::parse);
        let allowed_origins = reader.list(key::CORS_ALLOWED_ORIGINS, Origin::parse);
        let public_url = reader.optional(key::PUBLIC_URL, PublicUrl::parse);
        let workers = reader.number(key::WORKERS, "threads", 0..=1_024);
        let max_waiting = reader.number(key::MAX_WAITING, "requests", 1..=1_000_000);
        let max_body_bytes = reader.number(key::MAX_BODY_BYTES, "bytes", 1_024..=16 * 1_024 * 1_024);
        let header_timeout = reader.milliseconds(key::HEADER_TIMEOUT, 100..=600_000);
        let body_timeout = reader.milliseconds(key::BODY_TIMEOUT, 100..=600_000);
        let keep_alive = reader.milliseconds(key::KEEP_ALIVE, 0..=600_000);
        let shutdown = ShutdownTimings::read(reader);
        let websocket = WebSocketSettings::read(reader);
        let (auth0, public_url) = (auth0?, public_url?);
        Some(Self {
            bind: bind?,
            allowed_origins: with_issuers(allowed_origins?, &auth0.issuers),
            resource: ProtectedResource::of(auth0, public_url.as_ref())?,
            public_url,
            websocket: websocket?,
            workers: usize::try_from(workers?).ok().filter(|workers| *workers > 0),
            max_waiting: usize::try_from(max_waiting?).ok()?,
            max_body_bytes: usize::try_from(max_body_bytes?).ok()?,
            header_timeout: header_timeout?,
            body_timeout: body_timeout?,
            keep_alive: keep_alive?,
            shutdown: shutdown?,
        })
    }
}

impl HttpSettings {
    /// How many worker threads there are.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, NonZero::get))
    }
}

impl ShutdownTimings {
    fn read(reader: &mut Reader) -> Option<Self> {
        // 29 s: the process must be gone within 30.
        let drain = reader.milliseconds(key::DRAIN, 0..=29_000);
        let total = reader.milliseconds(key::SHUTDOWN, 100..=29_000);
        let timings = Self { drain: drain?, total: total? };
        if timings.drain > timings.total {
            reader.refuse(key::DRAIN, format!("expected no more milliseconds than {} has", key::SHUTDOWN.name()));
            return None;
        }
        Some(timings)
    }
}

fn with_issuers(mut origins: Vec<Origin>, issuers: &[Issuer]) -> Vec<Origin> {
    // An issuer is an origin and a slash, so every one of them parses.
    for origin in issuers.iter().filter_map(|issuer| Origin::parse(issuer.origin()).ok()) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}
