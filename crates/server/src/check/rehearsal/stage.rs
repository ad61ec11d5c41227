//! A verifier of the rehearsal's own, on a clock that it moves.

use std::sync::Arc;
use std::time::Duration;

use auth0_verify::{Auth0Verifier, CachePolicy, HttpKeyFetcher, Issuer, KeyCache, TrustedIssuer};
use domain::{
    AccessToken, Clock as _, KeyReadiness, ManualClock, Presented, Rejection, SystemClock, TokenVerifier as _,
    VerifyError,
};

use crate::composition::token_rules;
use crate::settings::Settings;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Passes,
    Refused(Rejection),
    /// 503.
    KeysUnavailable,
}

pub(super) struct Stage {
    issuer: Issuer,
    policy: CachePolicy,
    algorithms: String,
    verifier: Auth0Verifier,
    keys: Arc<KeyCache>,
    clock: Arc<ManualClock>,
}

impl Stage {
    /// The configured rules for one issuer. Nothing is fetched yet.
    pub(super) fn new(settings: &Settings, issuer: &Issuer) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock::default().now()));
        let policy = settings.tokens.cache;
        let keys = Arc::new(KeyCache::new(Arc::new(HttpKeyFetcher::new(issuer)), clock.clone(), policy));
        let trusted = TrustedIssuer { issuer: issuer.clone(), keys: Arc::clone(&keys) };
        let verifier = Auth0Verifier::new(token_rules(settings), vec![trusted], clock.clone());
        let algorithms = super::super::names_of(&settings.tokens.algorithms);
        Self { issuer: issuer.clone(), policy, algorithms, verifier, keys, clock }
    }

    pub(super) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(super) fn policy(&self) -> &CachePolicy {
        &self.policy
    }

    pub(super) fn algorithms(&self) -> &str {
        &self.algorithms
    }

    /// Longer than anything below takes.
    pub(super) fn lifetime_of_tokens(&self) -> Duration {
        let CachePolicy { max_age, cooldown, stale_if_error } = self.policy;
        max_age.saturating_mul(2).saturating_add(stale_if_error).saturating_add(cooldown) + Duration::from_secs(86_400)
    }

    pub(super) fn judge(&self, token: &AccessToken) -> Judgement {
        match self.verifier.verify(&Presented::Bearer(token.clone())) {
            Ok(_) => Judgement::Passes,
            Err(VerifyError::Rejected(rejection)) => Judgement::Refused(rejection),
            Err(VerifyError::KeysUnavailable(_) | VerifyError::ProofsUnavailable(_)) => Judgement::KeysUnavailable,
        }
    }

    /// Lets time pass, at whose end the keys are looked after as the server does it all the while.
    pub(super) fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.keys.refresh_if_due();
    }

    /// Time since the beginning, by the clock that is moved.
    pub(super) fn time(&self) -> Duration {
        self.clock.uptime()
    }

    /// Fetches since the beginning, good and bad.
    pub(super) fn fetches(&self) -> u64 {
        let report = self.keys.report();
        report.fetched + report.not_modified + report.fetch_failures
    }

    pub(super) fn readiness(&self) -> KeyReadiness {
        self.keys.report().readiness
    }

    pub(super) fn age(&self) -> Duration {
        self.keys.report().age.unwrap_or_default()
    }

    pub(super) fn held(&self) -> usize {
        self.keys.report().keys
    }
}

impl std::fmt::Display for Judgement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passes => f.write_str("pass"),
            Self::Refused(rejection) => write!(f, "are refused (401, {})", rejection.code()),
            Self::KeysUnavailable => f.write_str("cannot be judged (503)"),
        }
    }
}
