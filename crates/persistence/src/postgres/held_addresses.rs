//! Which rows hold an address: compared without case, and without the white space that other programs leave around it.
//!
//! White space is what programs write: spaces, tabs, line ends. The words are those of the index `users_email_untrimmed`, to
//! the letter: a statement that says it otherwise reads the whole table.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::Text;

use crate::held_address::Holds;

/// Whether there is white space around the address in a column.
macro_rules! is_untrimmed {
    ($email:literal) => {
        concat!($email, " ~ E'^[ \\t\\n\\x0b\\f\\r]|[ \\t\\n\\x0b\\f\\r]$'")
    };
}

/// The address in a column, without it and in lower case.
macro_rules! trimmed {
    ($email:literal) => {
        concat!("lower(btrim(", $email, ", E' \\t\\n\\x0b\\f\\r'))")
    };
}

pub(super) use {is_untrimmed, trimmed};

impl QueryFragment<Pg> for Holds<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Both sides by the same function: the server and this program may disagree about a letter's lower case.
        out.push_sql("(lower(users.email) = lower(");
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql(concat!(") OR (", is_untrimmed!("users.email"), " AND ", trimmed!("users.email"), " = lower("));
        out.push_bind_param::<Text, _>(self.0)?;
        out.push_sql(")))");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_index_and_the_statements_say_the_same() {
        let step = include_str!("../../../../migrations/postgres/2026-12-01-000013_find_untrimmed_addresses/up.sql");
        let index = concat!("ON users (", trimmed!("email"), ")\n    WHERE ", is_untrimmed!("email"), ";");
        assert!(step.contains(index), "{index}");
        for words in [trimmed!("u.email"), is_untrimmed!("u.email")] {
            assert!(step.contains(words), "{words}");
        }
    }
}
