//! Which rows hold an address: compared without case, and without the white space that other programs leave around it.
//!
//! White space is what programs write: spaces, tabs, line ends. The words are those of the index `users_email_untrimmed`, to
//! the letter: a statement that says it otherwise reads the whole table.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;

use crate::held_address::Holds;

/// The address in a column, without white space around it.
macro_rules! trimmed {
    ($email:literal) => {
        concat!("trim(", $email, ", char(9, 10, 11, 12, 13, 32))")
    };
}

impl QueryFragment<Sqlite> for Holds<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // Two questions, each with an index of its own: for one with OR in it SQLite reads the whole table, since the second
        // index is partial. The column compares without case by itself; what is made of it must be told to.
        out.push_sql("(users.id IN (SELECT held.id FROM users AS held WHERE held.email = ");
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql(concat!(
            " UNION ALL SELECT held.id FROM users AS held WHERE held.email <> ",
            trimmed!("held.email"),
            " AND ",
            trimmed!("held.email"),
            " COLLATE NOCASE = "
        ));
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql("))");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_index_and_the_statements_say_the_same() {
        let step = include_str!("../../../../migrations/sqlite/2026-12-01-000013_find_untrimmed_addresses/up.sql");
        let trimmed = trimmed!("email");
        let index = format!("ON users ({trimmed} COLLATE NOCASE)\n    WHERE email <> {trimmed};");
        assert!(step.contains(&index), "{index}");
    }
}
