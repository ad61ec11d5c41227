//! What the environment says.

use std::env;

use anyhow::Context as _;

/// Everything that differs between one place and another.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The tenant, as Auth0 shows it: `acme.eu.auth0.com`.
    pub(crate) auth0_domain: String,
    /// The audience of tokens for this service.
    pub(crate) api_identifier: String,
    /// Where the users table is.
    pub(crate) database_url: String,
    /// Where to listen; port 0 takes any.
    pub(crate) bind: String,
}

impl Settings {
    /// Reads `AUTH0_DOMAIN`, `AUTH0_API_IDENTIFIER`, `DATABASE_URL` and `NOTES_BIND`, of which the last may be absent.
    ///
    /// # Errors
    /// One of the others is absent.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        Ok(Self {
            auth0_domain: variable("AUTH0_DOMAIN")?,
            api_identifier: variable("AUTH0_API_IDENTIFIER")?,
            database_url: variable("DATABASE_URL")?,
            bind: variable("NOTES_BIND").unwrap_or_else(|_| "127.0.0.1:8082".to_owned()),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the example reads its configuration")]
fn variable(name: &'static str) -> anyhow::Result<String> {
    env::var(name).context(name)
}
