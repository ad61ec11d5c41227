//! The way out of the password era on SQLite.

mod adopt;
mod contract;
mod rebuild;
mod restore;
mod shape;
mod table_sql;
mod times;
mod triggers;

use std::path::Path;

use diesel::prelude::*;

pub(crate) use self::rebuild::prepare;
use super::document::Document;
use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::pace::Pace;
use super::rollback::{Newcomers, RolledBack};
use super::shape::{Column, Family, Shape};
use super::sql::{Sql, literal, quoted};
use super::table::UsersTable;

impl UsersTable for SqliteConnection {
    const MOMENTS: &'static [Family] = &[Family::Time, Family::Text];

    fn shape(&mut self) -> QueryResult<Shape> {
        shape::read(self)
    }

    fn other_obstacles(&mut self, _: &Shape) -> QueryResult<Vec<Obstacle>> {
        Ok(Vec::new())
    }

    fn users_of(&mut self, columns: &[String]) -> QueryResult<Vec<String>> {
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let names = columns.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        self.list(&format!(
            "SELECT CASE l.origin WHEN 'c' THEN 'index ' || l.name ELSE 'a UNIQUE or PRIMARY KEY of the table' END \
             FROM pragma_index_list('users') AS l \
             WHERE EXISTS (SELECT 1 FROM pragma_index_info(l.name) AS i WHERE i.name IN ({names})) ORDER BY 1"
        ))
    }

    fn text_of(column: &Column) -> String {
        format!("CAST({} AS TEXT)", quoted(&column.name))
    }

    fn composed_name(shape: &Shape, prefix: &str) -> Option<String> {
        let sources = if shape.column("name").is_some() { Vec::new() } else { shape.name_sources() };
        let sources: Vec<_> =
            sources.iter().map(|column| format!("coalesce({prefix}{}, '')", quoted(&column.name))).collect();
        let joined = format!("substr(trim({}), 1, 255)", sources.join(" || ' ' || "));
        // A name with control characters could not be read back, and SQLite has nothing to take them out with.
        let controls = "'*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'";
        (!sources.is_empty())
            .then(|| format!("CASE WHEN {joined} GLOB {controls} THEN NULL ELSE nullif({joined}, '') END"))
    }

    fn moment(millis: i64) -> String {
        format!("strftime('%Y-%m-%dT%H:%M:%fZ', {millis} / 1000.0, 'unixepoch')")
    }

    fn atomically<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, LegacyError>) -> Result<T, LegacyError> {
        self.transaction(work)
    }

    fn expand(&mut self, named: &[String], pace: &mut Pace<'_>) -> Result<(), LegacyError> {
        adopt::adopt(self, named, pace)
    }

    fn dumped(column: &str) -> String {
        format!("CASE typeof({column}) WHEN 'blob' THEN '\\x' || lower(hex({column})) ELSE CAST({column} AS TEXT) END")
    }

    fn table_name(name: &str) -> String {
        quoted(name)
    }

    fn contract(
        &mut self,
        document: Document,
        accepted: u64,
        dump: &Path,
        pace: &mut Pace<'_>,
    ) -> Result<u64, LegacyError> {
        contract::contract(self, document, accepted, dump, pace)
    }

    fn restore(
        &mut self,
        document: &Document,
        newcomers: Newcomers,
        pace: &mut Pace<'_>,
    ) -> Result<RolledBack, LegacyError> {
        restore::restore(self, document, newcomers, pace)
    }
}
