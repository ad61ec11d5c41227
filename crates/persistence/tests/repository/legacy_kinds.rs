//! Users tables as frameworks and people make them.

use domain::UnixTime;
use persistence::{LegacyError, Migrator, Obstacle};
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin, SqlBench, name, patient, record, url};
use crate::legacy_bench::{adopt, go_on, is_sqlite, legacy, on_both_databases, python_table, schema, value};

#[test]
fn a_row_with_columns_of_types_without_equality_is_synced_and_linked() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    database.execute(
        "ALTER TABLE users ADD COLUMN profile JSON, ADD COLUMN place POINT, ADD COLUMN page XML;
         UPDATE users SET profile = '{}', place = '(1,2)', page = '<a/>'",
    );
    adopt(&database);
    database.execute("UPDATE users SET full_name = 'Renamed by the application' WHERE id = 3");
    let legacy = legacy(&database);
    legacy.mark_imported(&[3], UnixTime::from_secs(1)).expect("marks");
    assert_eq!(legacy.link(UnixTime::from_secs(1), &mut go_on).expect("links").linked, 1);
    let bench = SqlBench::unmigrated(database, &patient());
    let login = record("auth0|3", "user3@example.com");
    bench.users.save_login(&login).expect("a saved user");
    let renamed = LoginRecord { name: name("Ann Renamed"), ..login };
    bench.users.save_login(&renamed).expect("a saved user");
    assert_eq!(value(&bench.database, "name", 3).as_deref(), Some("Ann Renamed"));
}

#[test]
fn authsyncs_own_tables_bear_columns_of_types_without_equality() {
    let bench = SqlBench::postgres();
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    bench.database.execute(
        "INSERT INTO auth0_records (auth0_id, record) VALUES ('auth0|9', '{}');
         ALTER TABLE users ADD COLUMN profile JSON DEFAULT '{}'; ALTER TABLE auth0_records ADD COLUMN note JSON DEFAULT '{}'",
    );
    let renamed = LoginRecord { name: name("Ann Renamed"), ..record("auth0|1", "ann@example.com") };
    bench.users.save_login(&renamed).expect("a saved user");
    bench.database.execute("UPDATE auth0_records SET note = '[]'");
    assert_eq!(bench.column("name", "auth0|1").as_deref(), Some("Ann Renamed"));
}

on_both_databases! {
    a_check_that_refuses_newcomers_is_named_before_anything_changes,
    a_table_whose_passwords_have_an_unusual_name_is_not_taken_for_one_without,
}

fn a_check_that_refuses_newcomers_is_named_before_anything_changes(database: ScratchDatabase) {
    let key = if is_sqlite(&database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email TEXT NOT NULL, age INTEGER CHECK (age > 7),
             hashed_password TEXT CONSTRAINT has_password CHECK (hashed_password IS NOT NULL));
         INSERT INTO users (email, hashed_password) VALUES ('ann@example.com', 'x')"
    ));
    let before = schema(&database);
    let refused = legacy(&database).adopt(&mut go_on).expect_err("an obstacle");
    let LegacyError::Obstacles(found) = &refused else { panic!("{refused:?}") };
    assert!(matches!(&found[..], [Obstacle::RefusesNewcomers { by }] if by.contains("has_password")), "{found:?}");
    assert_eq!(schema(&database), before);
}

fn a_table_whose_passwords_have_an_unusual_name_is_not_taken_for_one_without(database: ScratchDatabase) {
    let key = if is_sqlite(&database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email TEXT NOT NULL, encrypted_password TEXT);
         INSERT INTO users (email, encrypted_password) VALUES ('ann@example.com', 'x')"
    ));
    Migrator::new(url(&database)).up().expect("an adoption");
    let next = legacy(&database).next_step().expect("an answer").expect("a step");
    assert!(next.contains("no column of a usual name holds passwords") && next.contains("--password-column"), "{next}");
}

#[test]
fn a_key_that_the_application_fills_is_named_before_anything_changes() {
    let database = ScratchDatabase::postgres();
    database.execute(
        "CREATE TABLE users (old_id TEXT PRIMARY KEY, id SERIAL UNIQUE, email TEXT NOT NULL, hashed_password TEXT);
         INSERT INTO users (old_id, email) VALUES ('u1', 'ann@example.com')",
    );
    let before = schema(&database);
    let refused = legacy(&database).adopt(&mut go_on).expect_err("an obstacle");
    assert_eq!(refused, LegacyError::Obstacles(vec![Obstacle::KeyNotGiven { column: "old_id".to_owned() }]));
    assert_eq!(schema(&database), before);
    database.execute("ALTER TABLE users ALTER COLUMN old_id SET DEFAULT gen_random_uuid()");
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
}

#[test]
fn a_table_that_is_written_in_capitals_is_adopted_on_sqlite() {
    let database = ScratchDatabase::sqlite();
    database.execute(
        "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, hashed_password TEXT NOT NULL);
         CREATE INDEX by_email ON Users (email);
         INSERT INTO Users (email, hashed_password) VALUES ('ann@example.com', 'x'), ('bob@example.com', 'x');
         DELETE FROM Users WHERE id = 2",
    );
    let before = schema(&database);
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
    assert_eq!(bench.column("id", "google-oauth2|1").as_deref(), Some("3"));
    drop(bench.users);
    legacy(&bench.database).rollback(persistence::Newcomers::Drop, &mut go_on).expect("the way back");
    assert_eq!(schema(&bench.database), before);
}

#[test]
fn a_table_of_sqlite_that_gives_no_ids_is_named_for_what_it_is() {
    let database = ScratchDatabase::sqlite();
    database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT) WITHOUT ROWID");
    let found = legacy(&database).inspect(None).expect("an answer").obstacles;
    assert_eq!(found, [Obstacle::WithoutRowid]);
}
