//! Tokens of a real tenant, on loopback.

use std::sync::Arc;

use auth0_verify::{Audience, Auth0Verifier, Issuer, KeySource, TokenRules};
use domain::{SystemClock, TokenVerifier};
use fake_auth0::{BadToken, Endpoint, FakeAuth0};

pub(crate) struct Tenant(pub(crate) FakeAuth0);

impl Tenant {
    pub(crate) fn start() -> Self {
        Self(FakeAuth0::start())
    }

    pub(crate) fn publish_nothing(&self) {
        self.0.fail(Endpoint::Jwks, 500);
    }

    pub(crate) fn verifier(&self) -> Arc<dyn TokenVerifier> {
        let verifier = Auth0Verifier::over_http(
            TokenRules::for_audience(Audience::parse(self.0.audience()).expect("an audience")),
            &KeySource::of(vec![Issuer::parse(self.0.domain()).expect("an issuer")]),
            Arc::new(SystemClock::default()),
        );
        Arc::new(verifier.expect("a thread"))
    }

    pub(crate) fn token(&self, sub: &str) -> String {
        self.0.token(sub)
    }

    pub(crate) fn scoped(&self, sub: &str, scope: &str) -> String {
        self.0.token_for(sub).scope(scope).mint()
    }

    pub(crate) fn permitted(&self, sub: &str, permissions: &[&str]) -> String {
        self.0.token_for(sub).claim("permissions", permissions).mint()
    }

    pub(crate) fn of_organization(&self, sub: &str, id: &str) -> String {
        self.0.token_for(sub).claim("org_id", id).mint()
    }

    pub(crate) fn expired(&self, sub: &str) -> String {
        BadToken::Expired.mint(&self.0, sub)
    }
}
