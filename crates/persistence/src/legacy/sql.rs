//! Statements about tables and columns that are known only when the program runs.

use diesel::connection::Connection;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::row::{NamedRow, Row};
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::Sqlite;

/// The columns of one row, each as text. PostgreSQL sends other types in a form of their own, so a query casts them.
pub(crate) struct Cells(Vec<Option<String>>);

impl Cells {
    /// The text of a column; `None` where it is NULL.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    /// The text of a column, empty where it is NULL.
    pub(super) fn word(&self, at: usize) -> String {
        self.text(at).unwrap_or_default().to_owned()
    }

    /// A column that holds a whole number, `None` where it is NULL.
    pub(super) fn number(&self, at: usize) -> Option<i64> {
        self.text(at)?.parse().ok()
    }

    /// A column that counts something.
    pub(super) fn count(&self, at: usize) -> u64 {
        self.text(at).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// A truth value in any of the ways in which databases and programs write one.
    pub(super) fn flag(&self, at: usize) -> Option<bool> {
        match self.text(at)?.trim().to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" | "on" => Some(true),
            "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
            _ => None,
        }
    }
}

impl QueryableByName<Pg> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        cells(row)
    }
}

impl QueryableByName<Sqlite> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        cells(row)
    }
}

fn cells<'a, DB>(row: &impl Row<'a, DB>) -> deserialize::Result<Cells>
where
    DB: diesel::backend::Backend,
    Option<String>: FromSql<Nullable<Text>, DB>,
{
    (0..row.field_count()).map(|at| row.get_value::<Nullable<Text>, _, _>(at)).collect::<Result<_, _>>().map(Cells)
}

/// Either database, for statements that both understand: values are `$1`, `$2`, … in the order of their first use.
pub(crate) trait Sql: Connection {
    /// The rows of a query whose columns are all text.
    fn read(&mut self, sql: &str, values: &[&str]) -> QueryResult<Vec<Cells>>;

    /// One statement; how many rows it concerned.
    fn write(&mut self, sql: &str, values: &[&str]) -> QueryResult<usize>;

    /// The one row of a query that has one.
    fn read_one(&mut self, sql: &str) -> QueryResult<Cells> {
        self.read(sql, &[])?.pop().ok_or(diesel::result::Error::NotFound)
    }

    /// The one number of a query that has one.
    fn count(&mut self, sql: &str) -> QueryResult<u64> {
        Ok(self.read_one(&format!("SELECT CAST(({sql}) AS TEXT)"))?.count(0))
    }

    /// The first column of a query.
    fn list(&mut self, sql: &str) -> QueryResult<Vec<String>> {
        Ok(self.read(sql, &[])?.iter().map(|cells| cells.word(0)).collect())
    }
}

macro_rules! speaks_sql {
    ($connection:ty, $backend:ty) => {
        impl Sql for $connection {
            fn read(&mut self, sql: &str, values: &[&str]) -> QueryResult<Vec<Cells>> {
                let query = diesel::sql_query(sql).into_boxed::<$backend>();
                values.iter().fold(query, |query, value| query.bind::<Text, _>((*value).to_owned())).load(self)
            }

            fn write(&mut self, sql: &str, values: &[&str]) -> QueryResult<usize> {
                let query = diesel::sql_query(sql).into_boxed::<$backend>();
                values.iter().fold(query, |query, value| query.bind::<Text, _>((*value).to_owned())).execute(self)
            }
        }
    };
}

speaks_sql!(PgConnection, Pg);
speaks_sql!(SqliteConnection, Sqlite);

/// A name as an identifier, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whole numbers, separated by commas.
pub(super) fn listed(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
