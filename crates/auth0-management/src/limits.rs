//! How much is asked of Auth0, and how much is kept.

use std::time::Duration;

/// The bounds of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests may be made at once after an idle time. At least one.
    pub burst: u32,
    /// How many requests per second are earned after that. At least one.
    pub per_second: u32,
    /// For how long an answer about a user stands, whether they were found or not. Errors are not remembered.
    pub remembered_for: Duration,
    /// Of how many users answers are kept at most; the one unused for longest goes first.
    pub remembered_users: usize,
}

impl Default for Limits {
    /// Bursts of 10, then 2 per second (what Auth0 grants to a tenant on its smallest plan); 10 minutes; 10,000 users.
    fn default() -> Self {
        Self { burst: 10, per_second: 2, remembered_for: Duration::from_secs(600), remembered_users: 10_000 }
    }
}
