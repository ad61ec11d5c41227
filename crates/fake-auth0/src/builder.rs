//! What a tenant is to be like, said before it starts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use crate::algorithm::Algorithm;
use crate::certificates::Certificates;
use crate::clock::{TenantClock, TenantTime};
use crate::events::Events;
use crate::fake_auth0::FakeAuth0;
use crate::generated_people::GeneratedPeople;
use crate::keys::{AnswerHeaders, KeyRing};
use crate::login::{Login, SpaClient};
use crate::machine_client::MachineClient;
use crate::request_budget::Limit;
use crate::server::Server;
use crate::tenant::Tenant;
use crate::users::{Users, sample_users};

/// Why a tenant did not start.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not a loopback one. A tenant hands out tokens to anybody who asks.
    #[error("{0} is not a loopback address; fake-auth0 must never face a network")]
    NotLoopback(SocketAddr),
    /// The address could not be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Settings of a tenant; begun by [`FakeAuth0::builder`], ended by [`start`](Self::start).
#[derive(Clone, Debug)]
#[must_use = "a tenant runs after `start`"]
pub struct Builder {
    https: bool,
    bind: SocketAddr,
    domain: Option<String>,
    audience: String,
    algorithm: Algorithm,
    time: TenantTime,
    machine_client: MachineClient,
    spa_clients: Vec<SpaClient>,
    development: bool,
    generated_people: u64,
    rate_limit: Option<Limit>,
    jwks_cache_control: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            https: false,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            domain: None,
            audience: "https://api.example.test".to_owned(),
            algorithm: Algorithm::Rs256,
            time: TenantTime::Offset(0),
            machine_client: MachineClient::default(),
            spa_clients: vec![SpaClient::on_loopback(crate::FRONTEND_CLIENT_ID)],
            development: false,
            generated_people: 0,
            rate_limit: None,
            jwks_cache_control: None,
        }
    }
}

impl Builder {
    /// Serves https with a certificate for `localhost`, `127.0.0.1` and `::1` from an authority of its own.
    pub fn https(mut self, https: bool) -> Self {
        self.https = https;
        self
    }

    /// The address to listen on; it must be a loopback one. `127.0.0.1:0` unless set: any free port.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.bind = address;
        self
    }

    /// What the tenant calls itself, in the form of `AUTH0_DOMAIN`. `{port}` stands for the port:
    /// `http://localhost:{port}`.
    pub fn domain_override(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// The API's identifier; `https://api.example.test` unless set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// What the tenant signs with; RS256 unless set.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The tenant's clock is so many seconds ahead of the machine's (behind, if negative).
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.time = TenantTime::Offset(seconds);
        self
    }

    /// The tenant's clock stands at this Unix time, for tests that have a clock of their own.
    pub fn clock_at(mut self, unix_seconds: i64) -> Self {
        self.time = TenantTime::Fixed(unix_seconds);
        self
    }

    /// So many people who are computed when they are asked for, beside those who are added: see
    /// [`FakeUser::generated`](crate::FakeUser::generated). A million take no memory.
    pub fn generated_people(mut self, count: u64) -> Self {
        self.generated_people = count;
        self
    }

    /// The `Cache-Control` of the key set; Auth0's own unless set, none where it is empty. Other headers of that answer, and
    /// those of a running tenant: [`FakeAuth0::set_jwks_header`].
    pub fn jwks_cache_control(mut self, value: impl Into<String>) -> Self {
        self.jwks_cache_control = Some(value.into());
        self
    }

    /// The Management API serves so many requests at once and so many more each second of the tenant's clock, and
    /// answers 429 to the others. No limit unless set. Auth0's free tenants have `rate_limit(2, 2.0)`.
    pub fn rate_limit(mut self, burst: u32, per_second: f64) -> Self {
        self.rate_limit = Some(Limit { burst, per_second });
        self
    }

    /// The scopes of Management API tokens, separated by spaces; `read:users` unless set. Bulk imports take
    /// `create:users`, exports and reading `read:users`, the events API `read:events`.
    pub fn management_scope(mut self, scope: impl Into<String>) -> Self {
        self.machine_client.management_scope = scope.into();
        self
    }

    /// The machine-to-machine client that `/oauth/token` serves; `machine-client` and `machine-secret` unless set.
    pub fn machine_client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.machine_client.id = id.into();
        self.machine_client.secret = secret.into();
        self
    }

    /// One more application in a browser, in place of one with the same id. Unless it is replaced there is
    /// [`FRONTEND_CLIENT_ID`](crate::FRONTEND_CLIENT_ID), anywhere on loopback.
    pub fn spa_client(mut self, client: SpaClient) -> Self {
        self.spa_clients.retain(|known| known.id() != client.id());
        self.spa_clients.push(client);
        self
    }

    /// For the binary: sample users, and the routes under `/dev/` by which a developer orders tokens and faults.
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// Starts the tenant. Its address answers when this returns.
    ///
    /// # Panics
    /// Where [`try_start`](Self::try_start) would return an error: a test can do nothing about it.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that cannot start its tenant has failed")]
    pub fn start(self) -> FakeAuth0 {
        self.try_start().unwrap_or_else(|error| panic!("fake-auth0 did not start: {error}: {error:?}"))
    }

    /// Starts the tenant. Its address answers when this returns.
    ///
    /// # Errors
    /// [`StartError`]: the address is no loopback one or not free.
    pub fn try_start(self) -> Result<FakeAuth0, StartError> {
        if !self.bind.ip().is_loopback() {
            return Err(StartError::NotLoopback(self.bind));
        }
        let listen_error = |source| StartError::Listen { address: self.bind, source };
        let listener = TcpListener::bind(self.bind).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let certificates =
            if self.https { Some(Certificates::generate().map_err(StartError::Certificate)?) } else { None };

        let domain = self.domain_at(address);
        let clock = Arc::new(TenantClock::new(self.time));
        let events: Arc<Events> = Arc::default();
        let tenant = Arc::new(Tenant {
            issuer: issuer_of(&domain),
            audience: self.audience.clone(),
            base: self.base_at(address),
            clock: Arc::clone(&clock),
            faults: Default::default(),
            requests: Default::default(),
            budget: Default::default(),
            keys: Mutex::new(KeyRing::new(self.algorithm)),
            published: Default::default(),
            jwks_headers: Mutex::new(self.jwks_headers()),
            users: Mutex::new(Users::new(GeneratedPeople(self.generated_people), clock, Arc::clone(&events))),
            jobs: Default::default(),
            events,
            machine_client: Mutex::new(self.machine_client.clone()),
            grants: Default::default(),
            login: Login::new(self.spa_clients),
            down: Default::default(),
            development: self.development,
        });
        if self.development {
            sample_users().into_iter().for_each(|user| tenant.users().put(user));
        }
        tenant.budget.set(self.rate_limit, tenant.clock.now_in_milliseconds());
        let tls = certificates.as_ref().map(|certificates| certificates.server.clone());
        let server = Server::start(listener, tls, &tenant).map_err(listen_error)?;
        Ok(FakeAuth0::running(tenant, server, address, domain, certificates))
    }

    fn jwks_headers(&self) -> AnswerHeaders {
        let mut headers = AnswerHeaders::default();
        if let Some(value) = &self.jwks_cache_control {
            let values = if value.is_empty() { &[][..] } else { std::slice::from_ref(value) };
            // A value that is no header is none.
            let _ = headers.set("cache-control", values);
        }
        headers
    }

    fn base_at(&self, address: SocketAddr) -> String {
        if self.https { format!("https://localhost:{}", address.port()) } else { format!("http://{address}") }
    }

    fn domain_at(&self, address: SocketAddr) -> String {
        match &self.domain {
            Some(domain) => domain.replace("{port}", &address.port().to_string()),
            None if self.https => format!("localhost:{}", address.port()),
            None => format!("http://{address}"),
        }
    }
}

/// The issuer of a domain as a token names it: `https://` unless the domain says otherwise, a slash at the end.
fn issuer_of(domain: &str) -> String {
    let scheme = if domain.contains("://") { "" } else { "https://" };
    format!("{scheme}{}/", domain.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_has_a_scheme_and_a_slash_at_the_end() {
        assert_eq!(issuer_of("localhost:4400"), "https://localhost:4400/");
        assert_eq!(issuer_of("http://127.0.0.1:4400"), "http://127.0.0.1:4400/");
        assert_eq!(issuer_of("https://login.example.test/"), "https://login.example.test/");
    }

    #[test]
    fn only_loopback_is_listened_on() {
        let refused = FakeAuth0::builder().bind(SocketAddr::from(([0, 0, 0, 0], 0))).try_start();
        assert!(matches!(refused, Err(StartError::NotLoopback(_))));
    }
}
