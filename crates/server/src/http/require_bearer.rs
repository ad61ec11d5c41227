//! The guard in front of every protected route: the token is judged before anything else of the request is.

use std::sync::Arc;

use auth0_verify::Challenger;
use auth0_verify_actix::{Denial, Gate, Guarded, Watcher};
use domain::{VerifiedToken, VerifyError};

use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::metrics::Metrics;

/// By what this service judges who comes.
pub(crate) fn gate(services: &Services, challenger: Challenger) -> Gate {
    let challenger = match &services.dpop {
        Some(policy) => challenger.with_dpop(policy),
        None => challenger,
    };
    Gate::new(services.verifier.clone(), challenger).watched_by(Arc::new(Counting(services.metrics.clone())))
}

/// Middleware for one route. Leaves a [`Caller`](auth0_verify_actix::Caller) for the handler, or answers 401 or 503 itself.
pub(crate) fn require_bearer(gate: &Gate) -> Guarded {
    Guarded::by(gate.token()).answering(|denial| ApiError::from(denial).into())
}

/// Counts what tokens are worth. Why a request was denied stands in its line of the access log; only a defect of the
/// routes has no cause to show there.
struct Counting(Arc<Metrics>);

impl Watcher for Counting {
    fn token_judged(&self, outcome: Result<&VerifiedToken, &VerifyError>) {
        self.0.token_judged(outcome);
    }

    fn denied(&self, denial: &Denial) {
        if let Denial::Misplaced(defect) = denial {
            log::error!(target: "http", "{defect}");
        }
    }
}
