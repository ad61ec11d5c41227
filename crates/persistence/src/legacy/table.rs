//! What the two databases do each in its own way.

use std::path::Path;

use diesel::prelude::*;

use super::document::Document;
use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::pace::Pace;
use super::rollback::{Newcomers, RolledBack};
use super::shape::{Column, Family, Shape};
use super::sql::Sql;
use crate::migrations::Migrated;

/// A connection to a database with a users table.
pub(crate) trait UsersTable: Sql + Migrated {
    /// The families of types that take the moments which authsync writes.
    const MOMENTS: &'static [Family];

    /// What the table looks like, which must be there.
    fn shape(&mut self) -> QueryResult<Shape>;

    /// What stands in the way besides, as only this database can tell.
    fn other_obstacles(&mut self, shape: &Shape) -> QueryResult<Vec<Obstacle>>;

    /// What uses these columns, so that they cannot be dropped, in the database's words.
    fn users_of(&mut self, columns: &[String]) -> QueryResult<Vec<String>>;

    /// An expression for the text of a column, bytes as the text that they spell.
    fn text_of(column: &Column) -> String;

    /// An expression for a display name put together from other columns, each behind a prefix (`NEW.`); `None` where
    /// the table keeps a name already or has nothing to make one of.
    fn composed_name(shape: &Shape, prefix: &str) -> Option<String>;

    /// The expression of a moment for `updated_at`, from milliseconds since 1970.
    fn moment(millis: i64) -> String;

    /// All or nothing.
    fn atomically<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, LegacyError>) -> Result<T, LegacyError>;

    /// Expands a table of the password era, or goes on with what was begun. Does not run the later migrations.
    fn expand(&mut self, named: &[String], pace: &mut Pace<'_>) -> Result<(), LegacyError>;

    /// An expression for the text of a quoted column from which its value can be had again, bytes in hexadecimal.
    fn dumped(column: &str) -> String;

    /// How a statement names a table that the catalogue names so.
    fn table_name(name: &str) -> String;

    /// Writes the dump and drops the password columns, all of which the document names.
    fn contract(
        &mut self,
        document: Document,
        accepted: u64,
        dump: &Path,
        pace: &mut Pace<'_>,
    ) -> Result<u64, LegacyError>;

    /// Puts the table and the ledger back to what they were.
    fn restore(
        &mut self,
        document: &Document,
        newcomers: Newcomers,
        pace: &mut Pace<'_>,
    ) -> Result<RolledBack, LegacyError>;
}
