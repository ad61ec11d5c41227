//! The table in which a database notes what was applied to it. diesel makes it and gave it its name.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use domain::SchemaState;

use super::embedded::{self, steps};

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

/// The versions that this program knows, for comparing with what a database has.
#[derive(Debug)]
pub(crate) struct Ledger {
    known: Vec<String>,
}

impl Ledger {
    pub(crate) fn postgres() -> Self {
        Self { known: steps::<Pg>(&embedded::POSTGRES).into_iter().map(|step| step.version).collect() }
    }

    pub(crate) fn sqlite() -> Self {
        Self { known: steps::<Sqlite>(&embedded::SQLITE).into_iter().map(|step| step.version).collect() }
    }

    /// How the database compares; steps in it that this program does not know are of a newer version and fine.
    pub(crate) fn state(&self, database: &mut impl Inventory) -> QueryResult<SchemaState> {
        let applied = database.applied_versions()?;
        Ok(match self.known.iter().filter(|version| !applied.contains(version)).count() {
            0 => SchemaState::Current,
            pending => SchemaState::Behind { pending },
        })
    }
}

/// What both databases can be asked, each in its own way.
pub(crate) trait Inventory {
    /// Whether a statement that names this table would find one.
    fn has_table(&mut self, name: &str) -> QueryResult<bool>;

    /// The versions in the ledger, which must be there.
    fn read_ledger(&mut self) -> QueryResult<Vec<String>>;

    /// The versions applied: none where there is no ledger yet. Writes nothing; with a ledger it is one query.
    fn applied_versions(&mut self) -> QueryResult<Vec<String>> {
        self.read_ledger().or_else(|error| {
            // diesel passes no error code on that would tell a missing table from other trouble.
            if matches!(self.has_table("__diesel_schema_migrations"), Ok(false)) { Ok(Vec::new()) } else { Err(error) }
        })
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    found: bool,
}

impl Inventory for PgConnection {
    fn has_table(&mut self, name: &str) -> QueryResult<bool> {
        let query = sql_query("SELECT to_regclass($1) IS NOT NULL AS found").bind::<Text, _>(name);
        Ok(query.get_result::<Answer>(self)?.found)
    }

    fn read_ledger(&mut self) -> QueryResult<Vec<String>> {
        __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(self)
    }
}

impl Inventory for SqliteConnection {
    fn has_table(&mut self, name: &str) -> QueryResult<bool> {
        let query = sql_query("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE lower(name) = lower(?)) AS found");
        Ok(query.bind::<Text, _>(name).get_result::<Answer>(self)?.found)
    }

    fn read_ledger(&mut self) -> QueryResult<Vec<String>> {
        __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(self)
    }
}
