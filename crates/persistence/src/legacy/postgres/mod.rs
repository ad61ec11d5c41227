//! The way out of the password era on PostgreSQL.

mod adopt;
mod checks;
mod contract;
mod restore;
mod shape;
mod triggers;
mod uniqueness;

use std::path::Path;

use diesel::prelude::*;

use super::document::Document;
use super::error::LegacyError;
use super::obstacle::Obstacle;
use super::pace::Pace;
use super::rollback::{Newcomers, RolledBack};
use super::shape::{Column, Family, Shape};
use super::sql::{Sql, literal, quoted};
use super::table::UsersTable;

impl UsersTable for PgConnection {
    const MOMENTS: &'static [Family] = &[Family::Time];

    fn shape(&mut self) -> QueryResult<Shape> {
        shape::read(self)
    }

    fn other_obstacles(&mut self, shape: &Shape) -> QueryResult<Vec<Obstacle>> {
        let mut found = uniqueness::names_taken(self)?;
        found.extend(checks::that_refuse_newcomers(self, shape)?);
        Ok(found)
    }

    fn users_of(&mut self, columns: &[String]) -> QueryResult<Vec<String>> {
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let names = columns.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        // A column's own default goes with it; what is generated from it does not.
        self.list(&format!(
            "SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d \
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid \
             WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = 'users'::regclass AND a.attname IN ({names}) \
               AND (d.deptype = 'n' AND f.oid IS NULL OR f.adnum <> a.attnum) ORDER BY 1"
        ))
    }

    fn text_of(column: &Column) -> String {
        let name = quoted(&column.name);
        match column.family {
            Family::Bytes => format!("encode({name}, 'escape')"),
            _ => format!("{name}::text"),
        }
    }

    fn composed_name(shape: &Shape, prefix: &str) -> Option<String> {
        let sources = if shape.column("name").is_some() { Vec::new() } else { shape.name_sources() };
        let sources: Vec<_> = sources.iter().map(|column| format!("{prefix}{}", quoted(&column.name))).collect();
        let joined = format!("concat_ws(' ', {})", sources.join(", "));
        let cut = format!("left(btrim(regexp_replace({joined}, '[[:cntrl:]]', '', 'g')), 255)");
        (!sources.is_empty()).then(|| format!("nullif({cut}, '')"))
    }

    fn moment(millis: i64) -> String {
        format!("to_timestamp({millis} / 1000.0)")
    }

    fn atomically<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, LegacyError>) -> Result<T, LegacyError> {
        self.transaction(work)
    }

    fn expand(&mut self, named: &[String], pace: &mut Pace<'_>) -> Result<(), LegacyError> {
        adopt::adopt(self, named, pace)
    }

    fn dumped(column: &str) -> String {
        format!("{column}::text")
    }

    fn table_name(name: &str) -> String {
        // The catalogue has quoted it where it must be.
        name.to_owned()
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
