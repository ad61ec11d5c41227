//! The files below `migrations/`, compiled in.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub(super) static POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
pub(super) static SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// One step, with what it is called and what the database's ledger calls it.
pub(super) struct Step<DB: Backend> {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) migration: Box<dyn Migration<DB>>,
}

/// Every step, oldest first.
pub(super) fn steps<DB: Backend>(source: &EmbeddedMigrations) -> Vec<Step<DB>> {
    // Files are compiled in or the build fails, so the source has no way left to fail.
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().unwrap_or_default();
    let mut steps: Vec<_> = migrations
        .into_iter()
        .map(|migration| Step {
            name: migration.name().to_string(),
            version: migration.name().version().to_string(),
            migration,
        })
        .collect();
    steps.sort_by(|a, b| a.version.cmp(&b.version));
    steps
}
