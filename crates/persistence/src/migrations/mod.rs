//! The schema changes that this program knows, and which of them a database has.

mod embedded;
mod ledger;
mod migrator;
mod run;

pub(crate) use ledger::Ledger;
pub use migrator::{MigrateError, MigrationStatus, Migrator};
