//! What a service asks of clients that bind their tokens.

use std::sync::Arc;

use super::{DpopMode, DpopPolicy, ServerNonces};

/// The demand for proofs, as challenges state it.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    is_for_all: bool,
    nonces: Option<Arc<ServerNonces>>,
}

impl Demand {
    /// `None` where DPoP is off.
    pub(crate) fn of(policy: &DpopPolicy) -> Option<Self> {
        let is_for_all = match policy.mode() {
            DpopMode::Off => return None,
            DpopMode::Allowed => false,
            DpopMode::Required => true,
        };
        Some(Self { is_for_all, nonces: policy.nonces().cloned() })
    }

    /// Whether plain bearer tokens are refused.
    pub(crate) fn is_for_all(&self) -> bool {
        self.is_for_all
    }

    /// The nonce for the next proof, where nonces are asked for.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.current())
    }
}

impl PartialEq for Demand {
    /// Nonces are the same if they are made in the same place.
    fn eq(&self, other: &Self) -> bool {
        let source = |demand: &Self| demand.nonces.as_ref().map(Arc::as_ptr);
        self.is_for_all == other.is_for_all && source(self) == source(other)
    }
}

impl Eq for Demand {}
