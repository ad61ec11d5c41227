//! Users tables that have a column `auth0_id` already: the one of the requirements, and those on the way to it.

use domain::SchemaState;
use persistence::{LegacyError, MigrateError, Migrator, Newcomers, Phase};
use scratch_database::ScratchDatabase;

use crate::bench::{SaveLogin, SqlBench, patient, record, url};
use crate::legacy_bench::{adopt, go_on, is_sqlite, legacy, on_both_databases, schema, value};

on_both_databases! {
    the_table_of_the_requirements_is_taken_over_with_its_users,
    rows_without_an_identity_wait_and_the_others_keep_theirs,
    identities_that_cannot_stay_are_named,
    a_name_is_made_for_rows_with_an_identity_too,
}

/// As the requirements have it; SQLite has no SERIAL.
fn requirements(database: &ScratchDatabase) {
    let id = if is_sqlite(database) { "INTEGER" } else { "SERIAL" };
    database.execute(&format!(
        "CREATE TABLE users (
             id {id} PRIMARY KEY,
             email VARCHAR(255) UNIQUE NOT NULL,
             name VARCHAR(255),
             auth0_id VARCHAR(255) UNIQUE NOT NULL,
             created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
             updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
         );
         INSERT INTO users (email, name, auth0_id) VALUES
             ('Ann@example.com', 'Ann', 'auth0|abc'), ('bob@example.com', NULL, 'google-oauth2|7')"
    ));
}

/// A table of passwords that somebody began to connect to Auth0.
fn half_connected(database: &ScratchDatabase, auth0_id: &str, rows: &str) {
    let key = if is_sqlite(database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email TEXT NOT NULL, hashed_password TEXT, full_name TEXT, auth0_id {auth0_id});
         INSERT INTO users (email, hashed_password, full_name, auth0_id) VALUES {rows}"
    ));
}

fn the_table_of_the_requirements_is_taken_over_with_its_users(database: ScratchDatabase) {
    requirements(&database);
    let before = schema(&database);
    let migrator = Migrator::new(url(&database));
    assert_eq!(migrator.up().expect("an adoption").len(), 13);
    assert!(migrator.status().expect("an answer").iter().all(|step| step.applied));
    let status = legacy(&database).status().expect("an answer");
    assert_eq!((status.phase, status.counts.rows), (Phase::NothingToDo, 2));
    let bench = SqlBench::unmigrated(database, &patient());
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
    for (id, subject, address) in [
        ("1", "auth0|abc", "ann@example.com"),
        ("2", "google-oauth2|7", "bob@example.com"),
        ("3", "auth0|new", "new@a.b"),
    ] {
        bench.users.save_login(&record(subject, address)).expect("a saved user");
        assert_eq!(bench.column("id", subject).as_deref(), Some(id));
    }
    let taken = bench.users.save_login(&record("auth0|other", "ANN@example.com"));
    assert!(matches!(taken, Err(domain::RepositoryError::EmailTaken)), "{taken:?}");
    while migrator.down().is_ok_and(|step| step.is_some()) {}
    let refused = migrator.down().expect_err("a refusal");
    assert_eq!(refused, MigrateError::Adopted);
    assert!(refused.to_string().contains("authsync legacy rollback"), "{refused}");
    migrator.up().expect("the steps applied again");
    assert_eq!(bench.rows(), 3);
    drop(bench.users);
    // Whoever came since has what the table asks for.
    let back = legacy(&bench.database).rollback(Newcomers::Refuse, &mut go_on).expect("the way back");
    assert_eq!((back.dropped, back.left), (0, vec![]));
    assert_eq!(schema(&bench.database), before);
    let kept = bench
        .database
        .scalar("SELECT count(*) FROM users WHERE auth0_id IN ('auth0|abc', 'google-oauth2|7', 'auth0|new')");
    assert_eq!(kept.as_deref(), Some("3"));
    assert_eq!(migrator.up().expect("an adoption").len(), 13);
}

fn rows_without_an_identity_wait_and_the_others_keep_theirs(database: ScratchDatabase) {
    half_connected(
        &database,
        "VARCHAR(40)",
        "('a@b', 'x', 'Ann', NULL), ('b@b', 'x', 'Bob', 'auth0|b'), ('c@b', 'x', 'Cid', ''), ('d@b', 'x', 'Dan', NULL)",
    );
    let before = schema(&database);
    let read = |database: &ScratchDatabase| {
        let rows = legacy(database).rows().expect("rows");
        rows.map(|row| row.expect("a row").auth0_id.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(read(&database), ["", "auth0|b", "", ""]);
    adopt(&database);
    assert_eq!(read(&database), ["legacy|1", "auth0|b", "legacy|3", "legacy|4"]);
    assert_eq!(legacy(&database).status().expect("an answer").phase, Phase::Adopted);
    // The application goes on in its own way.
    database.execute("INSERT INTO users (email, auth0_id) VALUES ('e@b', 'auth0|e'), ('f@b', NULL), ('g@b', '')");
    database.execute("UPDATE users SET auth0_id = 'auth0|d' WHERE id = 4");
    assert_eq!(read(&database)[3..], ["auth0|d", "auth0|e", "legacy|6", "legacy|7"]);
    let twice = database.try_execute("INSERT INTO users (email, auth0_id) VALUES ('h@b', 'auth0|e')");
    assert!(twice.is_err());
    let bench = SqlBench::unmigrated(database, &patient());
    let long = format!("auth0|{}", "x".repeat(200));
    bench.users.save_login(&record(&long, "long@b")).expect("a saved user");
    bench.database.execute("DELETE FROM users WHERE length(auth0_id) > 40");
    drop(bench.users);
    legacy(&bench.database).rollback(Newcomers::Refuse, &mut go_on).expect("the way back");
    assert_eq!(schema(&bench.database), before);
    assert_eq!(read(&bench.database), ["", "auth0|b", "", "auth0|d", "auth0|e", "", ""]);
    assert_eq!(value(&bench.database, "auth0_id", 1), None);
}

fn identities_that_cannot_stay_are_named(database: ScratchDatabase) {
    for (column, rows, expected) in [
        ("TEXT", "('a@b', 'x', 'Ann', 'auth0|a'), ('b@b', 'x', 'Bob', 'auth0|a')", "another row's, too"),
        ("TEXT", "('a@b', 'x', 'Ann', 'legacy|7')", "no user of Auth0 can have"),
        ("TEXT", "('a@b', 'x', 'Ann', 'auth0|\n')", "no user of Auth0 can have"),
        ("INTEGER", "('a@b', 'x', 'Ann', 7)", "auth0_id is of the type"),
    ] {
        database.execute("DROP TABLE IF EXISTS users");
        half_connected(&database, column, rows);
        let before = schema(&database);
        let refused = Migrator::new(url(&database)).up().expect_err("an obstacle");
        assert!(matches!(refused, MigrateError::NotAdopted(LegacyError::Obstacles(_))), "{refused:?}");
        let said = refused.to_string();
        assert!(said.contains(expected) && said.contains("authsync legacy plan"), "{said}");
        assert_eq!(schema(&database), before);
    }
}

fn a_name_is_made_for_rows_with_an_identity_too(database: ScratchDatabase) {
    half_connected(&database, "TEXT", "('a@b', 'x', 'Ann', NULL), ('b@b', 'x', 'Bob', 'auth0|b')");
    adopt(&database);
    assert_eq!(value(&database, "name", 1).as_deref(), Some("Ann"));
    assert_eq!(value(&database, "name", 2).as_deref(), Some("Bob"));
}

#[test]
fn identities_of_which_the_case_does_not_count_are_named() {
    let database = ScratchDatabase::postgres();
    database.execute("CREATE TABLE users (id SERIAL PRIMARY KEY, email TEXT, auth0_id CHAR(40))");
    let refused = Migrator::new(url(&database)).up().expect_err("an obstacle");
    assert!(refused.to_string().contains("auth0_id is of the type character(40)"), "{refused}");
}

#[test]
fn the_case_of_an_identity_counts_on_sqlite_whatever_the_column_said() {
    let database = ScratchDatabase::sqlite();
    half_connected(&database, "TEXT COLLATE NOCASE", "('a@b', 'x', 'Ann', 'auth0|a')");
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("auth0|A", "other@b")).expect("a saved user");
    assert_eq!(bench.rows(), 2);
}
