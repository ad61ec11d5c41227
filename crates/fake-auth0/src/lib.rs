//! A local Auth0 tenant for development and tests.
//!
//! It publishes keys, signs tokens good and bad, rotates and withdraws keys, keeps users, and fails in every way that
//! a real issuer may fail. It listens on loopback only: it hands out tokens to anybody who asks, so it must never face
//! a network, and no program that serves people may link it.
//!
//! Keys are made and used through aws-lc-rs alone. A verifier under test shares no JWT library with the tenant, so a
//! mistake in that library cannot hide itself.
//!
//! # In the tests of a service
//!
//! ```
//! use std::time::Duration;
//!
//! use fake_auth0::{BadToken, Endpoint, FakeAuth0};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant = FakeAuth0::start();
//! // The service under test is configured with these two.
//! let (auth0_domain, api_identifier) = (tenant.domain(), tenant.audience());
//! # assert!(auth0_domain.starts_with("http://127.0.0.1:") && api_identifier.starts_with("https://"));
//!
//! // It must accept the first of these and refuse the others.
//! let good = tenant.token("auth0|ada");
//! let expired = BadToken::Expired.mint(&tenant, "auth0|ada");
//! let peculiar = tenant.token_for("auth0|ada").claim("exp", "tomorrow").mint();
//! # assert!(good != expired && good != peculiar);
//!
//! // The keys change, and the service must notice.
//! tenant.rotate_suddenly();
//! # ureq::get(tenant.url(Endpoint::Jwks)).call()?;
//! assert!(tenant.wait_for_requests(Endpoint::Jwks, 1, Duration::from_secs(5)));
//!
//! // The issuer does not answer, then it does.
//! tenant.stall(Endpoint::Jwks);
//! tenant.restore(Endpoint::Jwks);
//! # Ok(())
//! # }
//! ```
//!
//! # What is what
//!
//! - [`FakeAuth0`] is a running tenant; [`Builder`] describes one before it starts.
//! - [`TokenBuilder`] changes anything about one token; [`GoodToken`] and [`BadToken`] are lists to go through whole.
//! - [`Endpoint`] and [`Fault`] say what goes wrong where.
//! - [`SigningKey`] and [`SigningKeyChoice`] say who signs.
//! - [`DpopKey`] is a client's own key, to which tokens are bound; [`ProofBuilder`] and [`BadProof`] make its proofs.
//! - [`SpaClient`] is an application in a browser, whose people log in on the tenant's own page.
//! - [`FakeUser`] is a person whom the Management API knows.
//! - [`ImportedHash`] is what a bulk import brought of somebody's password.
//! - [`UserEvent`] and [`Delivery`]: what happens to people is told to a webhook and at the events API.
//!
//! The README says of each endpoint what is known of Auth0 and what is assumed.

mod algorithm;
mod builder;
mod certificates;
mod clock;
mod dpop;
mod endpoint;
mod events;
mod fake_auth0;
mod faults;
mod generated_people;
mod http;
mod imported_hash;
mod jobs;
mod keys;
mod lock;
mod login;
mod machine_client;
mod profile;
mod random;
mod request_budget;
mod request_log;
mod server;
mod tenant;
mod timestamp;
mod tokens;
mod users;

pub use algorithm::Algorithm;
pub use builder::{Builder, StartError};
pub use dpop::{BadProof, DpopKey, ProofBuilder};
pub use endpoint::Endpoint;
pub use events::{Attempt, Delivery, UserEvent, WebhookError};
pub use fake_auth0::FakeAuth0;
pub use faults::Fault;
pub use imported_hash::ImportedHash;
pub use keys::{KeyInfo, KeyRole, SigningKey};
pub use login::SpaClient;
pub use tokens::{BadToken, Dialect, GoodToken, SigningKeyChoice, SpecialToken, TokenBuilder};
pub use users::FakeUser;

/// The client that people's tokens are issued to.
pub const FRONTEND_CLIENT_ID: &str = "spa-client-of-the-frontend";

/// The `connection_id` of the tenant's database connection, the only one that imports and exports know.
pub const DATABASE_CONNECTION_ID: &str = "con_UsernamePassword";

/// The tenant's name: exported files bear it, and events in `a0tenant` and `source`.
pub const TENANT_NAME: &str = "fake-auth0";

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
