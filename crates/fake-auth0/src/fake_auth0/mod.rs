//! The handle to a running tenant: its names here, what can be done with it in the files beside.

mod counting;
mod events;
mod faults;
mod jobs;
mod keys;
mod login;
mod people;
mod tokens;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::{fmt, io};

use crate::builder::Builder;
use crate::certificates::Certificates;
use crate::clock::TenantTime;
use crate::endpoint::Endpoint;
use crate::lock::lock;
use crate::server::{ReservedPort, Server};
use crate::tenant::Tenant;

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

    /// Where an endpoint is really reached, whatever the tenant calls itself; `{id}` and the like are
    /// left in place.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.tenant.base, endpoint.path())
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

/// Up and down.
impl FakeAuth0 {
    /// Closes the listener and every connection. Connections are refused until [`come_back`](Self::come_back); the
    /// port stays the tenant's. Does nothing to a tenant that is down.
    pub fn go_down(&self) {
        let mut listening = lock(&self.listening);
        if matches!(*listening, Listening::Up(_)) {
            self.tenant.down.store(true, Ordering::SeqCst);
            // The server must have let go of the port before it can be reserved.
            *listening = Listening::Down(None);
            *listening = Listening::Down(ReservedPort::bind(self.address).ok());
        }
    }

    /// Listens again, on the same port. Keys, users, counts and faults are as they were. Does nothing to a
    /// tenant that is up.
    ///
    /// # Panics
    /// If the port cannot be listened on.
    #[expect(clippy::panic, reason = "a test whose tenant does not come back has failed")]
    pub fn come_back(&self) {
        let mut listening = lock(&self.listening);
        if matches!(*listening, Listening::Down(_)) {
            *listening = Listening::Down(None);
            self.tenant.down.store(false, Ordering::SeqCst);
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

impl Drop for FakeAuth0 {
    /// The server ends with its field; the thread that sends events has to be told.
    fn drop(&mut self) {
        self.tenant.events.deliveries.stop();
    }
}

impl fmt::Debug for FakeAuth0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAuth0").field("domain", &self.domain).finish_non_exhaustive()
    }
}
