//! A local Auth0 tenant for development and tests.

mod algorithm;
mod builder;
mod certificates;
mod clock;
mod endpoint;
mod fake_auth0;
mod faults;
mod http;
mod keys;
mod lock;
mod machine_client;
mod random;
mod request_log;
mod server;
mod tenant;
mod tokens;
mod users;

pub use algorithm::Algorithm;
pub use builder::{Builder, StartError};
pub use endpoint::Endpoint;
pub use fake_auth0::FakeAuth0;
pub use faults::Fault;
pub use keys::{KeyInfo, KeyRole, SigningKey};
pub use tokens::{BadToken, Dialect, GoodToken, SigningKeyChoice, TokenBuilder};
pub use users::FakeUser;

/// The client that people's tokens are issued to.
pub const FRONTEND_CLIENT_ID: &str = "spa-client-of-the-frontend";
