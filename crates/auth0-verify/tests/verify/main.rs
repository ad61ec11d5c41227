//! The verifier against a tenant on this machine, over real sockets and with real signatures.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test says what it expects by failing"
)]

mod archive;
mod claims;
mod corpus;
mod defects;
mod differential;
mod dpop;
mod dpop_replay;
mod freshness;
mod fuzzed;
mod hostile;
mod outage;
mod pair;
mod properties;
mod refresh;
mod rotation;
mod signature;
mod token_cache;
mod token_cache_differential;

use std::sync::Arc;
use std::time::Duration;

use auth0_verify::{Audience, Auth0Verifier, CachePolicy, HttpKeyFetcher, Issuer, KeyCache, TokenRules, TrustedIssuer};
use domain::{
    AccessToken, ManualClock, Presented, Rejection, TokenVerifier as _, UnixTime, VerifiedToken, VerifyError,
};
use fake_auth0::{Endpoint, FakeAuth0};

/// A token as most requests present it.
fn bearer(token: &str) -> Presented {
    Presented::Bearer(AccessToken::new(token))
}

/// A tenant and a verifier that trusts it, both at the same moment of a clock that tests move.
struct Bench {
    tenant: FakeAuth0,
    verifier: Arc<Auth0Verifier>,
    keys: Arc<KeyCache>,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new() -> Self {
        Self::with(CachePolicy::default(), |_| ())
    }

    fn with(policy: CachePolicy, change_rules: impl FnOnce(&mut TokenRules)) -> Self {
        // An issuer that says nothing about time, so that the configured ages count.
        Self::of(FakeAuth0::builder().jwks_cache_control("").start(), policy, change_rules)
    }

    fn of(tenant: FakeAuth0, policy: CachePolicy, change_rules: impl FnOnce(&mut TokenRules)) -> Self {
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
        tenant.set_clock(tenant.now());
        let issuer = Issuer::parse(tenant.domain()).expect("the tenant's domain");
        let fetcher = Arc::new(HttpKeyFetcher::new(&issuer));
        let keys = Arc::new(KeyCache::new(fetcher, clock.clone(), policy));
        let mut rules = TokenRules::for_audience(Audience::parse(tenant.audience()).expect("the tenant's audience"));
        change_rules(&mut rules);
        let trusted = TrustedIssuer { issuer, keys: Arc::clone(&keys) };
        let verifier = Arc::new(Auth0Verifier::new(rules, vec![trusted], clock.clone()));
        Self { tenant, verifier, keys, clock }
    }

    fn verify(&self, token: &str) -> Result<Arc<VerifiedToken>, VerifyError> {
        self.verifier.verify(&bearer(token))
    }

    fn accepts(&self, token: &str) -> bool {
        match self.verify(token) {
            Ok(_) => true,
            Err(VerifyError::Rejected(rejection)) => {
                eprintln!("rejected: {}", rejection.code());
                false
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn rejection(&self, token: &str) -> Rejection {
        match self.verify(token) {
            Err(VerifyError::Rejected(rejection)) => rejection,
            other => panic!("expected a rejection, got {other:?}"),
        }
    }

    fn is_our_trouble(&self, token: &str) -> bool {
        matches!(self.verify(token), Err(VerifyError::KeysUnavailable(_)))
    }

    fn fetches(&self) -> usize {
        self.tenant.requests(Endpoint::Jwks)
    }

    /// Lets time pass for both sides, in which the refresher would have looked whether a refresh is due.
    fn pass(&self, secs: u64) {
        self.clock.advance(Duration::from_secs(secs));
        self.tenant.set_clock(self.tenant.now() + i64::try_from(secs).expect("a short time"));
        self.keys.refresh_if_due();
    }
}
