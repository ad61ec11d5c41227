//! Logins at a running tenant.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::FakeAuth0;
use crate::login::email_claims;
use crate::users::FakeUser;

/// Logins of people. What the login page is asked for arrives at [`Endpoint::Authorize`](crate::Endpoint::Authorize).
impl FakeAuth0 {
    /// Seconds that access tokens given to applications from now on last; a day unless set.
    pub fn set_access_token_lifetime(&self, seconds: i64) {
        self.tenant.login.set_access_token_lifetime(seconds);
    }

    /// Adds claims to the access tokens given to applications from now on, at every login and renewal, as a
    /// post-login Action does.
    pub fn on_login(&self, action: impl Fn(&FakeUser, &mut Map<String, Value>) + Send + Sync + 'static) {
        self.tenant.login.set_action(Arc::new(action));
    }

    /// From now on access tokens carry `email`, `email_verified`, `name` and `picture`, as far as they are known.
    pub fn add_email_claims_on_login(&self) {
        self.on_login(email_claims);
    }

    /// Writes the certificate for `localhost` and its private key, as PEM, for the server of a page under development:
    /// with https at both, page and tenant are of one site, and silent renewal in a frame gets its cookie. Empty files
    /// without https.
    ///
    /// # Errors
    /// What the system says about the files.
    pub fn write_localhost_pem(&self, certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<()> {
        let (certificate_pem, key_pem) = self
            .certificates
            .as_ref()
            .map_or(("", ""), |own| (own.localhost_pem.0.as_str(), own.localhost_pem.1.as_str()));
        std::fs::write(certificate, certificate_pem)?;
        std::fs::write(key, key_pem)
    }

    /// Ends a person's sessions, codes and refresh tokens. Access tokens stay good, as they do at Auth0.
    pub fn log_out(&self, user_id: &str) {
        self.tenant.login.forget(user_id);
    }
}
