//! The port to wherever used proofs are remembered.

use crate::{RepositoryError, UnixTime};

/// Remembers which proofs were used, so that none is used twice (RFC 9449 §11.1).
pub trait ReplayStore: Send + Sync {
    /// Remembers a use, unless it is remembered already: of any number of calls at once, on any number of nodes that
    /// share the store, one hears [`ProofUse::First`].
    ///
    /// # Errors
    /// Nobody can tell. The proof counts as not accepted then.
    fn remember(&self, proof: &UsedProof) -> Result<ProofUse, RepositoryError>;

    /// Whether [`remember`](Self::remember) never waits for anything, so that it may be called on any thread.
    fn answers_at_once(&self) -> bool;
}

/// One use of one proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedProof {
    /// What tells it from every other: a SHA-256 over the thumbprint of its key and its `jti`.
    pub digest: [u8; 32],
    /// The moment of its use.
    pub used_at: UnixTime,
    /// From here on it would be refused as too old anyway, and may be forgotten.
    pub forget_at: UnixTime,
}

/// Whether a proof was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofUse {
    /// It was.
    First,
    /// It was used before.
    Repeated,
}
