//! What tokens are judged by.

use crate::Audience;
use crate::algorithm::AllowedAlgorithms;
use crate::lifetime::Leeway;

/// What a token must say to be accepted.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// `aud` must hold one of these.
    pub audiences: Vec<Audience>,
    /// `alg` must be one of these.
    pub algorithms: AllowedAlgorithms,
    /// Tolerance for clocks.
    pub leeway: Leeway,
}

impl TokenRules {
    /// The rules for one API: RS256, 30 seconds of leeway.
    #[must_use]
    pub fn for_audience(audience: Audience) -> Self {
        Self { audiences: vec![audience], algorithms: AllowedAlgorithms::default(), leeway: Leeway::default() }
    }
}
