//! The handle to a running tenant.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};

use serde_json::Value;

use crate::builder::Builder;
use crate::certificates::Certificates;
use crate::clock::TenantTime;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::keys::{KeyInfo, SigningKey};
use crate::lock::lock;
use crate::server::{ReservedPort, Server};
use crate::tenant::Tenant;
use crate::tokens::TokenBuilder;

/// A running tenant on loopback. It stops when this is dropped, whatever its clients do.
///
/// All methods take `&self`; share it by reference or in an `Arc`.
pub struct FakeAuth0 {
    tenant: Arc<Tenant>,
    listening: Mutex<Listening>,
    address: SocketAddr,
    domain: String,
    certificates: Option<Certificates>,
}

/// The fields end the server or free the port when they are dropped.
enum Listening {
    Up(#[expect(dead_code, reason = "held, never read")] Server),
    Down(#[expect(dead_code, reason = "held, never read")] Option<ReservedPort>),
}

/// Start and names.
impl FakeAuth0 {
    /// A tenant over http with any free port and the audience `https://api.example.test`.
    ///
    /// # Panics
    /// If no port of 127.0.0.1 can be listened on.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A tenant to be described first.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn running(
        tenant: Arc<Tenant>,
        server: Server,
        address: SocketAddr,
        domain: String,
        certificates: Option<Certificates>,
    ) -> Self {
        Self { tenant, listening: Mutex::new(Listening::Up(server)), address, domain, certificates }
    }

    /// What goes into `AUTH0_DOMAIN`: `http://127.0.0.1:PORT`, or `localhost:PORT` with https.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The `iss` of its tokens: `http://127.0.0.1:PORT/` or `https://localhost:PORT/`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.tenant.issuer()
    }

    /// The identifier of the API that its tokens are for.
    #[must_use]
    pub fn audience(&self) -> &str {
        self.tenant.audience()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of an endpoint, `{id}` left in place.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer().trim_end_matches('/'), endpoint.path())
    }

    /// The certificate of its authority in PEM; empty without https.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.certificates.as_ref().map_or("", |certificates| &certificates.ca_pem)
    }

    /// Writes [`ca_pem`](Self::ca_pem) to a file, for `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// What the system says about the file.
    pub fn write_ca_pem(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.ca_pem())
    }

    /// The tenant's time in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.tenant.now()
    }

    /// Puts the clock so many seconds ahead of the machine's (behind, if negative).
    pub fn set_clock_offset(&self, seconds: i64) {
        self.tenant.clock.set(TenantTime::Offset(seconds));
    }

    /// Stands the clock still at this Unix time.
    pub fn set_clock(&self, unix_seconds: i64) {
        self.tenant.clock.set(TenantTime::Fixed(unix_seconds));
    }

    pub(crate) fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }
}

/// Tokens.
impl FakeAuth0 {
    /// A good access token of this person, in Auth0's own dialect, good for a day.
    #[must_use]
    pub fn token(&self, sub: &str) -> String {
        self.token_for(sub).mint()
    }

    /// A good access token to be changed before it is minted.
    pub fn token_for(&self, sub: &str) -> TokenBuilder {
        TokenBuilder::new(Arc::clone(&self.tenant), sub)
    }

    /// A machine's token, as Auth0 gives for client credentials: `sub` is `<client id>@clients`, `gty` is
    /// `client-credentials`, no `scope`.
    pub fn machine_token_for(&self, client_id: &str) -> TokenBuilder {
        TokenBuilder::machine(Arc::clone(&self.tenant), client_id)
    }

    /// The token of a session without a person: `sub` is `anon@<session>`.
    pub fn anonymous_token_for(&self, session: &str) -> TokenBuilder {
        self.token_for(&format!("anon@{session}"))
    }
}

/// Keys.
impl FakeAuth0 {
    /// The tenant's keys: the current one, the next, then the others, withdrawn ones among them.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyInfo> {
        self.tenant.keys().infos()
    }

    /// The key that signs at present: its `kid`, its JWK, and a way to sign another tenant's tokens with it.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        self.tenant.keys().current().clone()
    }

    /// Rotates as Auth0 does: the key published ahead signs from now on, a new one is published ahead, and the old
    /// one stays listed until it is withdrawn. Returns the `kid` that signs.
    pub fn rotate(&self) -> String {
        self.tenant.keys().rotate()
    }

    /// Signs from now on with a key that was published nowhere before. Returns its `kid`.
    pub fn rotate_suddenly(&self) -> String {
        self.tenant.keys().rotate_suddenly()
    }

    /// Takes a key out of the key set. Tokens can still be signed with it. `false`: it was not listed.
    pub fn withdraw(&self, kid: &str) -> bool {
        self.tenant.keys().withdraw(kid)
    }

    /// Takes all previous keys out of the key set and names them.
    pub fn withdraw_previous(&self) -> Vec<String> {
        self.tenant.keys().withdraw_previous()
    }

    /// Publishes one more key, for tokens of another algorithm. Returns its `kid`.
    pub fn publish_key(&self, algorithm: crate::Algorithm) -> String {
        self.tenant.keys().add_extra_of(algorithm)
    }

    /// Publishes the current key under one more name.
    pub fn publish_current_key_as(&self, kid: &str) {
        let mut keys = self.tenant.keys();
        if keys.by_kid(kid).is_none() {
            let renamed = keys.current().with_kid(kid);
            keys.add_extra(renamed);
        }
    }

    /// Lists one more entry in the key set, well-formed or not.
    pub fn publish_extra_jwk(&self, jwk: Value) {
        lock(&self.tenant.published).add(jwk);
    }

    /// Answers with these bytes in place of the key set.
    pub fn publish_raw_jwks(&self, bytes: impl Into<Vec<u8>>) {
        lock(&self.tenant.published).replace(bytes.into());
    }

    /// Back to the tenant's own keys, after [`publish_extra_jwk`](Self::publish_extra_jwk) and
    /// [`publish_raw_jwks`](Self::publish_raw_jwks).
    pub fn publish_own_jwks(&self) {
        lock(&self.tenant.published).reset();
    }

    /// The key set as it is published at this moment.
    #[must_use]
    pub fn jwks(&self) -> Vec<u8> {
        self.tenant.jwks()
    }
}

/// Counting.
impl FakeAuth0 {
    /// How many requests have arrived, answered or not.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.arrived(endpoint)
    }

    /// How many requests are inside at this moment; stalled ones count.
    #[must_use]
    pub fn requests_in_flight(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.in_flight(endpoint)
    }

    /// The most requests that were ever inside at once.
    #[must_use]
    pub fn requests_in_flight_peak(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.peak(endpoint)
    }

    /// Waits until so many requests have arrived since the start. `false`: the time was up first.
    #[must_use]
    pub fn wait_for_requests(&self, endpoint: Endpoint, wanted: usize, timeout: Duration) -> bool {
        self.tenant.requests.wait_for_arrivals(endpoint, wanted, timeout)
    }

    /// Waits until no request is inside. `false`: the time was up first.
    #[must_use]
    pub fn wait_until_idle(&self, endpoint: Endpoint, timeout: Duration) -> bool {
        self.tenant.requests.wait_for_idle(endpoint, timeout)
    }
}

/// Faults. One at a time per endpoint; a new one takes the place of the old.
impl FakeAuth0 {
    /// Any fault.
    pub fn break_endpoint(&self, endpoint: Endpoint, fault: Fault) {
        self.tenant.faults.set(endpoint, fault);
    }

    /// Answers with this status.
    pub fn fail(&self, endpoint: Endpoint, status: u16) {
        self.break_endpoint(endpoint, Fault::Status(status));
    }

    /// Accepts requests and answers nothing until the endpoint is restored or the connection ends.
    pub fn stall(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Stall);
    }

    /// Sends the right answer one byte at a time, twenty bytes a second.
    pub fn drip(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Drip(Duration::from_millis(50)));
    }

    /// Answers 200 with something that is no JSON.
    pub fn garble(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Garble);
    }

    /// Ends the connection half-way through the body.
    pub fn truncate(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Truncate);
    }

    /// Pads the right answer with spaces to this size.
    pub fn oversize(&self, endpoint: Endpoint, bytes: usize) {
        self.break_endpoint(endpoint, Fault::Oversize(bytes));
    }

    /// Answers 302 with this location.
    pub fn redirect(&self, endpoint: Endpoint, location: &str) {
        self.break_endpoint(endpoint, Fault::Redirect(location.to_owned()));
    }

    /// Ends the connection without an answer.
    pub fn close(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Close);
    }

    /// Answers 429 with `x-ratelimit-limit`, `x-ratelimit-remaining: 0` and this Unix time as `x-ratelimit-reset`.
    pub fn rate_limit(&self, endpoint: Endpoint, reset: i64) {
        self.break_endpoint(endpoint, Fault::RateLimit { reset });
    }

    /// Lifts the endpoint's fault. Stalled requests are answered now.
    pub fn restore(&self, endpoint: Endpoint) {
        self.tenant.faults.lift(endpoint);
    }

    /// Lifts every fault.
    pub fn restore_all(&self) {
        self.tenant.faults.lift_all();
    }

    /// Closes the listener and every connection. Connections are refused until [`come_back`](Self::come_back); the
    /// port stays the tenant's.
    pub fn go_down(&self) {
        let mut listening = lock(&self.listening);
        if matches!(*listening, Listening::Up(_)) {
            // The server must have let go of the port before it can be reserved.
            *listening = Listening::Down(None);
            *listening = Listening::Down(ReservedPort::bind(self.address).ok());
        }
    }

    /// Listens again, on the same port. Keys, users, counts and faults are as they were.
    ///
    /// # Panics
    /// If the port cannot be listened on.
    #[expect(clippy::panic, reason = "a test whose tenant does not come back has failed")]
    pub fn come_back(&self) {
        let mut listening = lock(&self.listening);
        if matches!(*listening, Listening::Down(_)) {
            *listening = Listening::Down(None);
            let tls = self.certificates.as_ref().map(|certificates| certificates.server.clone());
            let server =
                TcpListener::bind(self.address).and_then(|listener| Server::start(listener, tls, &self.tenant));
            match server {
                Ok(server) => *listening = Listening::Up(server),
                Err(error) => panic!("fake-auth0 did not come back on {}: {error}", self.address),
            }
        }
    }
}

impl fmt::Debug for FakeAuth0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAuth0").field("domain", &self.domain).finish_non_exhaustive()
    }
}
