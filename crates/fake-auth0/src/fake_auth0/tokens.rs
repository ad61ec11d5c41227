//! Tokens of a running tenant.

use std::sync::Arc;

use super::FakeAuth0;
use crate::tokens::TokenBuilder;

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
