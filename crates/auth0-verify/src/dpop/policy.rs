//! How a service takes bound tokens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::ReplayStore;

use super::{DpopMode, PublicUrl, ServerNonces};
use crate::Algorithm;

/// What proofs are judged by. Cheap to clone; clones share store and nonces.
#[derive(Clone)]
pub struct DpopPolicy {
    mode: DpopMode,
    public_url: PublicUrl,
    proof_max_age: Duration,
    nonces: Option<Arc<ServerNonces>>,
    used_proofs: Arc<dyn ReplayStore>,
}

impl DpopPolicy {
    /// What proofs may be signed with, whatever tokens may be, in the order in which challenges name them.
    pub const ALGORITHMS: [Algorithm; 8] = [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
    ];

    /// How long a proof is good after it was made, unless told otherwise.
    pub const PROOF_MAX_AGE: Duration = Duration::from_secs(60);

    /// Proofs must be made for `public_url` and the path of the request, not longer ago than
    /// [`PROOF_MAX_AGE`](Self::PROOF_MAX_AGE); used ones are remembered in `used_proofs`.
    #[must_use]
    pub fn new(mode: DpopMode, public_url: PublicUrl, used_proofs: Arc<dyn ReplayStore>) -> Self {
        Self { mode, public_url, proof_max_age: Self::PROOF_MAX_AGE, nonces: None, used_proofs }
    }

    /// The same with proofs that are good for that long.
    #[must_use]
    pub fn with_proof_max_age(self, proof_max_age: Duration) -> Self {
        Self { proof_max_age, ..self }
    }

    /// The same with proofs that must hold a nonce of ours (RFC 9449 §9).
    #[must_use]
    pub fn with_nonces(self, nonces: Arc<ServerNonces>) -> Self {
        Self { nonces: Some(nonces), ..self }
    }

    /// Whether bound tokens are taken.
    #[must_use]
    pub fn mode(&self) -> DpopMode {
        self.mode
    }

    pub(crate) fn nonces(&self) -> Option<&Arc<ServerNonces>> {
        self.nonces.as_ref()
    }

    pub(super) fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    pub(super) fn proof_max_age(&self) -> Duration {
        self.proof_max_age
    }

    pub(super) fn used_proofs(&self) -> &Arc<dyn ReplayStore> {
        &self.used_proofs
    }
}

impl fmt::Debug for DpopPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopPolicy")
            .field("mode", &self.mode)
            .field("public_url", &self.public_url)
            .field("proof_max_age", &self.proof_max_age)
            .field("nonces", &self.nonces.is_some())
            .finish_non_exhaustive()
    }
}
