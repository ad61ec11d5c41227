//! Which rows hold an address: compared without case, and without the white space that other programs leave around it.
//!
//! White space is what programs write: spaces, tabs, line ends. The words are those of the index `users_email_untrimmed`, to
//! the letter: a statement that says it otherwise reads the whole table.

use diesel::expression::{AppearsOnTable, Expression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use domain::EmailAddress;

/// Whether a row of `users` holds an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holds<'a>(&'a str);

/// Whether a row of `users` holds this address.
pub(super) fn holds(address: &EmailAddress) -> Holds<'_> {
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

impl QueryFragment<Sqlite> for Holds<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // The column compares without case by itself; what is made of it must be told to.
        out.push_sql("(users.email = ");
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql(
            " OR (users.email <> trim(users.email, char(9, 10, 11, 12, 13, 32)) \
             AND trim(users.email, char(9, 10, 11, 12, 13, 32)) COLLATE NOCASE = ",
        );
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql("))");
        Ok(())
    }
}
