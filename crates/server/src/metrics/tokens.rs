//! What is counted of tokens.

use domain::{Principal, Rejection, VerifiedToken, VerifyError};
use prometheus::Registry;

use super::striped::{Striped, StripedFamily};

/// The counters of the tokens that were judged.
#[derive(Debug)]
pub(super) struct TokenMetrics {
    accepted: Striped,
    rejected: Vec<(Rejection, Striped)>,
    keys_unavailable: Striped,
    proofs_unavailable: Striped,
    user: Striped,
    machine: Striped,
    anonymous: Striped,
}

impl TokenMetrics {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let mut outcomes = StripedFamily::new(
            "authsync_token_verifications_total",
            "Tokens judged: accepted, the reason for a refusal, keys_unavailable or proofs_unavailable.",
            "outcome",
        )?;
        let mut kinds = StripedFamily::new(
            "authsync_token_subjects_total",
            "Accepted tokens by whom they stand for: a user, a machine or an anonymous session.",
            "kind",
        )?;
        let metrics = Self {
            accepted: outcomes.counter("accepted"),
            rejected: Rejection::ALL.iter().map(|reason| (*reason, outcomes.counter(reason.code()))).collect(),
            keys_unavailable: outcomes.counter("keys_unavailable"),
            proofs_unavailable: outcomes.counter("proofs_unavailable"),
            user: kinds.counter("user"),
            machine: kinds.counter("machine"),
            anonymous: kinds.counter("anonymous"),
        };
        registry.register(Box::new(outcomes))?;
        registry.register(Box::new(kinds))?;
        Ok(metrics)
    }

    pub(super) fn judged(&self, outcome: Result<&VerifiedToken, &VerifyError>) {
        match outcome {
            Ok(token) => {
                self.accepted.inc();
                match token.subject().principal() {
                    Principal::User => self.user.inc(),
                    Principal::Machine => self.machine.inc(),
                    Principal::Anonymous => self.anonymous.inc(),
                }
            }
            Err(VerifyError::Rejected(rejection)) => {
                if let Some((_, counter)) = self.rejected.iter().find(|(of, _)| of == rejection) {
                    counter.inc();
                }
            }
            Err(VerifyError::KeysUnavailable(_)) => self.keys_unavailable.inc(),
            Err(VerifyError::ProofsUnavailable(_)) => self.proofs_unavailable.inc(),
        }
    }
}
