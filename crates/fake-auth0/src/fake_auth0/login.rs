//! Logins at a running tenant.

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

    /// Ends a person's sessions, codes and refresh tokens. Access tokens stay good, as they do at Auth0.
    pub fn log_out(&self, user_id: &str) {
        self.tenant.login.forget(user_id);
    }
}
