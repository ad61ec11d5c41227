//! The schema changes that this program knows, and which of them a database has.

mod adoption;
mod embedded;
mod ledger;
mod migrator;
mod run;

pub(crate) use adoption::{Migrated, has_first_step, mark_first_steps, revert_beside_adoption, run_legacy_step};
pub(crate) use ledger::{Inventory, Ledger};
pub use migrator::{MigrateError, MigrationStatus, Migrator};
pub(crate) use migrator::{locked_postgres, postgres, sqlite};
pub(crate) use run::is_lost;
