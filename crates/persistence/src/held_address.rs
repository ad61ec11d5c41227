//! Whether a row of `users` holds an address, as a condition of a statement. What that is called in SQL each database's module
//! says (`held_addresses.rs`).

use diesel::expression::{AppearsOnTable, Expression, ValidGrouping, is_aggregate};
use diesel::query_builder::QueryId;
use diesel::sql_types::Bool;
use domain::EmailAddress;

/// The condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holds<'a>(pub(crate) &'a str);

/// Whether a row of `users` holds this address.
pub(crate) fn holds(address: &EmailAddress) -> Holds<'_> {
    Holds(address.as_str())
}

impl QueryId for Holds<'_> {
    type QueryId = Holds<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Expression for Holds<'_> {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for Holds<'_> {}

impl<Grouping> ValidGrouping<Grouping> for Holds<'_> {
    type IsAggregate = is_aggregate::No;
}
