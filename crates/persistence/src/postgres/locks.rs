//! Locks on what is not in the table yet: a subject, an address.
//!
//! A row can be locked only once it is there. Two first saves of one subject, or two claims of one new address, would
//! each draw an id before the second one fails; behind a lock on the subject and then one on the address, the second
//! sees what the first did before it draws anything.

use diesel::{PgConnection, QueryResult, RunQueryDsl};
use domain::{EmailAddress, Subject};

use super::schema::pg_advisory_xact_lock;

/// Held around a run of migrations.
pub(crate) const MIGRATIONS: i64 = key("authsync migrations", "");

/// Waits until nobody else is saving this subject, until the transaction ends.
pub(super) fn lock_subject(connection: &mut PgConnection, subject: &Subject) -> QueryResult<()> {
    lock(connection, subject_key(subject))
}

/// What [`lock_subject`] locks.
pub(super) fn subject_key(subject: &Subject) -> i64 {
    key("authsync subject", subject.as_str())
}

/// What [`lock_addresses`] locks for each.
pub(super) fn address_key(address: &EmailAddress) -> i64 {
    key("authsync email", address.as_str())
}

/// Waits until nobody else is deciding about one of these addresses, until the transaction ends. After
/// [`lock_subject`], in one order, and before any row is locked, so that no two of us wait for each other.
pub(super) fn lock_addresses(connection: &mut PgConnection, sorted: &[EmailAddress]) -> QueryResult<()> {
    sorted.iter().try_for_each(|email| lock(connection, address_key(email)))
}

fn lock(connection: &mut PgConnection, key: i64) -> QueryResult<()> {
    diesel::select(pg_advisory_xact_lock(key)).execute(connection).map(drop)
}

/// FNV-1a over kind and name: every version of this program on every machine must come to the same number. Two names
/// with one number wait for each other without need, and nothing worse.
const fn key(kind: &str, name: &str) -> i64 {
    let hash = fnv1a(fnv1a(0xcbf2_9ce4_8422_2325, kind.as_bytes()), b"\0");
    fnv1a(hash, name.as_bytes()).cast_signed()
}

const fn fnv1a(mut hash: u64, mut bytes: &[u8]) -> u64 {
    while let [first, rest @ ..] = bytes {
        hash = (hash ^ *first as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a_and_stays_it() {
        // From the test vectors of the algorithm's authors.
        assert_eq!(fnv1a(0xcbf2_9ce4_8422_2325, b"foobar"), 0x8594_4171_f739_67e8);
        assert_ne!(key("authsync subject", "a"), key("authsync email", "a"));
    }
}
