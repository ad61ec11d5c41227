//! How many users are kept in memory.

use std::time::Duration;

use super::key;
use super::reader::Reader;

/// The bounds of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserCacheSettings {
    /// How many users of ordinary size; 0 for none.
    pub entries: usize,
    /// While the table is out of reach: how long after a row was known to be so `GET /auth/verify` may go by it; zero for
    /// never.
    pub stale_for: Duration,
}

impl UserCacheSettings {
    /// Nothing is kept.
    pub const OFF: Self = Self { entries: 0, stale_for: Duration::ZERO };

    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let entries = reader.number(key::USER_CACHE_ENTRIES, "users", 0..=10_000_000);
        let stale_for = reader.seconds(key::USER_CACHE_STALE, 0);
        Some(Self { entries: usize::try_from(entries?).ok()?, stale_for: stale_for? })
    }
}
