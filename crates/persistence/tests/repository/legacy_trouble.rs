//! What can go wrong while a users table of the password era is adopted, and tables of other kinds.

use std::ops::ControlFlow;

use domain::RepositoryError;
use persistence::{LegacyError, Migrator, Newcomers, Obstacle, Progress};
use scratch_database::ScratchDatabase;

use crate::bench::{SaveLogin, SqlBench, at_once, patient, record, url};
use crate::legacy_bench::{
    COLUMNS, adopt, go_on, is_sqlite, legacy, on_both_databases, python_table, register, rows, schema, value,
};

on_both_databases! {
    an_address_that_is_too_long_is_put_aside_and_comes_back,
    an_empty_table_is_adopted,
    several_runs_at_once_adopt_once,
    a_table_that_has_our_columns_already_keeps_its_own,
    placeholders_of_others_are_taken_from_whoever_registered_with_them,
    ids_are_never_given_again_and_foreign_keys_hold,
}

fn an_address_that_is_too_long_is_put_aside_and_comes_back(database: ScratchDatabase) {
    let key = if is_sqlite(&database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!("CREATE TABLE users ({key}, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL)"));
    let address = format!("{}@example.com", "a".repeat(300));
    for text in [&address, "ann@example.com", " Ann@example.com"] {
        database.execute(&format!("INSERT INTO users (email, password) VALUES ('{text}', 'x')"));
    }
    let before = schema(&database);
    assert_eq!(adopt(&database).displaced, 2);
    assert_eq!(value(&database, "email", 1).as_deref(), Some("user-1@displaced.invalid"));
    assert_eq!(value(&database, "email", 3).as_deref(), Some("user-3@displaced.invalid"));
    database.execute(&format!("UPDATE users SET email = 'b{address}' WHERE id = 2"));
    assert_eq!(value(&database, "email", 2).as_deref(), Some("user-2@displaced.invalid"));
    legacy(&database).rollback(Newcomers::Refuse, &mut go_on).expect("the way back");
    assert_eq!(schema(&database), before);
    assert_eq!(value(&database, "email", 1), Some(address.clone()));
    assert_eq!(value(&database, "email", 2), Some(format!("b{address}")));
    assert_eq!(value(&database, "email", 3).as_deref(), Some(" Ann@example.com"));
}

fn an_empty_table_is_adopted(database: ScratchDatabase) {
    python_table(&database, 0);
    assert_eq!(adopt(&database).rows, 0);
    register(&database, "'first@example.com'", "first");
    assert_eq!(value(&database, "auth0_id", 1).as_deref(), Some("legacy|1"));
}

fn several_runs_at_once_adopt_once(database: ScratchDatabase) {
    python_table(&database, 500);
    let url = url(&database);
    let runs = at_once(4, |_| Migrator::new(url.clone()).up().expect("an adoption"));
    assert_eq!(runs.iter().flatten().count(), 13);
    let filled = "SELECT count(*) FROM users WHERE auth0_id = 'legacy|' || id";
    assert_eq!(database.scalar(filled).as_deref(), Some("500"));
}

fn a_table_that_has_our_columns_already_keeps_its_own(database: ScratchDatabase) {
    let key = if is_sqlite(&database) { "id INTEGER PRIMARY KEY" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email VARCHAR(40) UNIQUE NOT NULL, password TEXT, name VARCHAR(20) NOT NULL,
            picture VARCHAR(60), email_verified BOOLEAN, created_at TIMESTAMP NOT NULL);
         INSERT INTO users (email, name, email_verified, created_at)
            VALUES ('Ann@example.com', 'Ann', TRUE, '2020-01-01 00:00:00')"
    ));
    let before = (schema(&database), value(&database, "name", 1), value(&database, "created_at", 1));
    adopt(&database);
    // What the old application leaves out is filled, and what authsync leaves out may be.
    database.execute(
        "INSERT INTO users (email, name, email_verified, created_at) VALUES ('b@c', 'Bob', NULL, '2020-01-01 00:00:00')",
    );
    let bench = SqlBench::unmigrated(database, &patient());
    let long = format!("{}@example.com", "x".repeat(200));
    let newcomer = crate::bench::LoginRecord { name: None, ..record("auth0|x", &long) };
    bench.users.save_login(&newcomer).expect("a saved user");
    let taken = bench.users.save_login(&record("auth0|y", "ann@example.com"));
    assert!(matches!(taken, Err(RepositoryError::EmailTaken)), "{taken:?}");
    let bob = bench.users.find_by_email(&crate::bench::email("b@c")).expect("an answer").expect("a user");
    assert!(!bob.email_verified);
    assert_eq!(bench.column("email_verified", "legacy|1").map(|text| text.starts_with(['1', 't'])), Some(true));
    drop(bench.users);
    legacy(&bench.database).rollback(Newcomers::Drop, &mut go_on).expect("the way back");
    let after = (schema(&bench.database), value(&bench.database, "name", 1), value(&bench.database, "created_at", 1));
    assert_eq!(after, before);
}

fn placeholders_of_others_are_taken_from_whoever_registered_with_them(database: ScratchDatabase) {
    python_table(&database, 1);
    register(&database, "'user-1@displaced.invalid'", "joker");
    assert_eq!(adopt(&database).displaced, 2);
    assert_eq!(value(&database, "email", 1).as_deref(), Some("user-1@displaced.invalid"));
    assert_eq!(value(&database, "email", 2).as_deref(), Some("user-2@displaced.invalid"));
    register(&database, "'User-4@displaced.invalid'", "another");
    register(&database, "NULL", "nobody");
    assert_eq!(value(&database, "email", 3).as_deref(), Some("user-3@displaced.invalid"));
    assert_eq!(value(&database, "email", 4).as_deref(), Some("user-4@displaced.invalid"));
}

fn ids_are_never_given_again_and_foreign_keys_hold(database: ScratchDatabase) {
    python_table(&database, 10);
    adopt(&database);
    let keys = if is_sqlite(&database) { "PRAGMA foreign_keys = ON; " } else { "" };
    database.execute(&format!("{keys}DELETE FROM users WHERE id = 10"));
    assert_eq!(database.scalar("SELECT count(*) FROM orders").as_deref(), Some("9"));
    register(&database, "'next@example.com'", "next");
    assert_eq!(database.scalar("SELECT max(id) FROM users").as_deref(), Some("11"));
    assert!(!schema(&database).contains("authsync_users_before"));
}

/// Kills every connection to the database but its own, and waits until they are dead.
const KILL: &str = "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[test]
fn an_adoption_whose_connection_is_cut_anywhere_is_taken_up_again() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 300);
    let columns = format!("{COLUMNS}, auth0_id, name");
    adopt(&database);
    let whole = (schema(&database), rows(&database, &columns));
    for cut in 0.. {
        let fresh = ScratchDatabase::postgres();
        python_table(&fresh, 300);
        let mut calls = 0;
        let outcome = legacy(&fresh).adopt(&mut |_: &Progress| {
            if calls == cut {
                assert!(fresh.scalar(KILL).is_some());
            }
            calls += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(outcome.is_err(), calls > cut, "{cut}: {outcome:?}");
        if outcome.is_ok() {
            assert!(cut >= 15, "{cut}");
            break;
        }
        assert!(matches!(outcome, Err(LegacyError::OutOfReach { .. })), "{cut}: {outcome:?}");
        adopt(&fresh);
        assert_eq!((schema(&fresh), rows(&fresh, &columns)), whole, "after a cut at {cut}");
    }
}

#[test]
fn an_address_that_clashes_while_its_index_is_made_is_put_aside() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 300);
    let mut clashed = false;
    let adopted = legacy(&database).adopt(&mut |progress: &Progress| {
        if progress.step == "making the index users_email_lower_key" && !clashed {
            clashed = true;
            register(&database, "'USER7@EXAMPLE.COM'", "clash");
        }
        ControlFlow::Continue(())
    });
    assert!(clashed && adopted.is_ok(), "{adopted:?}");
    assert_eq!(value(&database, "email", 7).as_deref(), Some("User7@Example.com"));
    assert_eq!(value(&database, "email", 301).as_deref(), Some("user-301@displaced.invalid"));
    assert!(!schema(&database).contains("invalid "));
}

#[test]
fn the_old_applications_role_needs_no_rights_to_our_tables() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    let role = database.scalar("SELECT 'app_' || replace(current_database(), '-', '_')").expect("a name");
    database.execute(&format!(
        "CREATE ROLE {role}; GRANT SELECT, INSERT, UPDATE ON users TO {role}; GRANT USAGE ON users_id_seq TO {role}"
    ));
    adopt(&database);
    database.execute(&format!(
        "SET ROLE {role}; INSERT INTO users (hashed_password, username, is_active) VALUES ('x', 'app', TRUE)"
    ));
    assert_eq!(value(&database, "email", 4).as_deref(), Some("user-4@displaced.invalid"));
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_narrow_column_that_a_view_shows_is_named() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    database.execute("CREATE VIEW addresses AS SELECT email FROM users");
    let before = schema(&database);
    let refused = legacy(&database).adopt(&mut go_on).expect_err("an obstacle");
    let expected = Obstacle::Shown { column: "email".to_owned(), view: "addresses".to_owned() };
    assert_eq!(refused, LegacyError::Obstacles(vec![expected]));
    assert_eq!(schema(&database), before);
}

#[test]
fn rows_that_change_while_they_are_dumped_are_dumped_again() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 20);
    adopt(&database);
    let folder = ScratchDatabase::sqlite();
    let dump = format!("{}.jsonl", folder.url().strip_prefix("sqlite://").expect("a path"));
    let mut changes = 0;
    legacy(&database)
        .finish(20, dump.as_ref(), &mut |progress: &Progress| {
            if progress.step == "checking the dump" && changes < 2 {
                changes += 1;
                database.execute(&format!("UPDATE users SET hashed_password = 'changed {changes}' WHERE id = 7"));
            }
            ControlFlow::Continue(())
        })
        .expect("an end");
    let dump = std::fs::read_to_string(dump).expect("a dump");
    assert_eq!(dump.lines().nth(6), Some(r#"{"id":7,"hashed_password":"changed 2"}"#));
}
