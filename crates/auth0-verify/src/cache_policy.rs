//! How keys are kept.

use std::time::Duration;

/// How long keys are used and how often they may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// The age by which keys are replaced, so that a withdrawn key stops verifying. Refreshed ahead at 80 % of it.
    pub max_age: Duration,
    /// The pause after a failed fetch, and the time in which an unknown `kid` earns one more fetch.
    pub cooldown: Duration,
    /// The age up to which keys serve while the issuer is out of reach. Zero, or anything up to `max_age`: never
    /// beyond `max_age`.
    pub stale_if_error: Duration,
}

impl Default for CachePolicy {
    /// 10 minutes, 30 seconds, 24 hours.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cooldown: Duration::from_secs(30),
            stale_if_error: Duration::from_secs(86_400),
        }
    }
}
