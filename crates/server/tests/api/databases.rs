//! One test, two databases.

use scratch_database::ScratchDatabase;
use server::command::MigrateAction;
use server::settings::{Environment, LocalSettings};

/// Makes two tests of each case, a function of a [`Setup`](crate::spawn::Setup): one on SQLite, one on PostgreSQL.
macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case($crate::spawn::Setup::on_sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case($crate::spawn::Setup::on_postgres()); })+ }
    };
}

pub(crate) use on_both_databases;

/// Does what `authsync migrate up` does.
pub(crate) fn migrate_up(database: &ScratchDatabase) {
    let environment = Environment::default().with("DATABASE_URL", database.url());
    let settings = LocalSettings::load(&environment, None).expect("good settings");
    server::migrate::run(&settings, MigrateAction::Up).expect("a migrated database");
}

/// One number out of a database.
#[track_caller]
pub(crate) fn count(database: &ScratchDatabase, query: &str) -> i64 {
    database.scalar(query).expect("a value").parse().expect("a number")
}
