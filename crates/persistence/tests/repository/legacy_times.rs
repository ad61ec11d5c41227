//! The columns `created_at` and `updated_at` of adopted tables.

use persistence::Newcomers;
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin, SqlBench, name, patient, record};
use crate::legacy_bench::{adopt, go_on, is_sqlite, legacy, on_both_databases, schema};

on_both_databases! {
    times_of_any_type_are_no_obstacle,
}

/// A table with these columns beside the usual ones, and two users.
fn table(database: &ScratchDatabase, columns: &str, names: &str, values: &str) {
    let key = if is_sqlite(database) { "id INTEGER PRIMARY KEY AUTOINCREMENT" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email TEXT UNIQUE NOT NULL, hashed_password TEXT, {columns});
         INSERT INTO users (email, hashed_password, {names}) VALUES ('ann@example.com', 'x', {values});
         INSERT INTO users (email, hashed_password, {names}) VALUES ('bob@example.com', 'x', {values})"
    ));
}

fn times_of_any_type_are_no_obstacle(database: ScratchDatabase) {
    let updated = if is_sqlite(&database) { "TEXT" } else { "TIMESTAMP" };
    for created in ["TEXT", "DATE", "INTEGER", "VARCHAR(40)"] {
        let value = if created == "INTEGER" { "7" } else { "'2024-01-01'" };
        let columns = format!("created_at {created}, updated_at {updated}");
        let fresh = if is_sqlite(&database) { ScratchDatabase::sqlite() } else { ScratchDatabase::postgres() };
        table(&fresh, &columns, "created_at, updated_at", &format!("{value}, '2024-01-01'"));
        let before = (schema(&fresh), crate::legacy_bench::value(&fresh, "created_at", 1));
        adopt(&fresh);
        let bench = SqlBench::unmigrated(fresh, &patient());
        bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
        let renamed = LoginRecord { name: name("Renamed"), ..record("google-oauth2|1", "new@example.com") };
        bench.users.save_login(&renamed).expect("a saved user");
        drop(bench.users);
        legacy(&bench.database).rollback(Newcomers::Drop, &mut go_on).expect("the way back");
        let after = (schema(&bench.database), crate::legacy_bench::value(&bench.database, "created_at", 1));
        assert_eq!(after, before, "{created}");
    }
}
