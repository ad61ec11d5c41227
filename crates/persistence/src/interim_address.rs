//! What stands in a new row for an address while the row is being made.

use std::hash::{BuildHasher as _, RandomState};

use domain::EmailAddress;

/// Another one each time, and none that anybody could foresee: a row without an address has a placeholder that is made of
/// its id, and the id comes with the row. Whatever else is in the table, and whoever inserts at the same time, nobody has
/// this one.
pub(crate) fn interim_address() -> EmailAddress {
    EmailAddress::placeholder_before_id(RandomState::new().hash_one(()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_are_alike() {
        let some: HashSet<_> = (0..1_000).map(|_| interim_address()).collect();
        assert_eq!(some.len(), 1_000);
    }
}
