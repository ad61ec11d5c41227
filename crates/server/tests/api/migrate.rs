//! `authsync migrate`, and the table that it makes.

use scratch_database::ScratchDatabase;

use crate::databases::count;
use crate::program::{Ended, run};

macro_rules! on_both_empty_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::postgres()); })+ }
    };
}

on_both_empty_databases! {
    up_down_and_up_again_lose_no_user_where_the_step_adds_something,
    up_again_has_nothing_to_do,
    the_table_is_not_dropped_while_it_holds_users,
    a_table_of_somebody_else_s_is_left_alone,
    the_table_of_the_requirements_is_taken_over,
    a_row_of_another_program_is_whole,
    values_that_are_too_long_or_there_already_are_refused_by_the_table_itself,
}

/// Runs `authsync migrate` with the database and nothing else in its environment: no tenant.
fn migrate(database: &ScratchDatabase, action: &str) -> Ended {
    run(&[("DATABASE_URL".to_owned(), database.url().to_owned())], &["migrate", action])
}

#[track_caller]
fn migrated(database: &ScratchDatabase, action: &str) -> String {
    let ended = migrate(database, action);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

fn lines_with(text: &str, start: &str) -> usize {
    text.lines().filter(|line| line.starts_with(start)).count()
}

fn insert_ada(database: &ScratchDatabase) {
    database.execute("INSERT INTO users (email, name, auth0_id) VALUES ('ada@example.com', 'Ada', 'auth0|ada')");
}

fn up_down_and_up_again_lose_no_user_where_the_step_adds_something(database: ScratchDatabase) {
    let steps = lines_with(&migrated(&database, "status"), "pending");
    assert!(steps >= 2);
    assert_eq!(lines_with(&migrated(&database, "up"), "applied"), steps);
    let status = migrated(&database, "status");
    assert_eq!((lines_with(&status, "applied"), lines_with(&status, "pending")), (steps, 0));
    insert_ada(&database);
    // All but the first step, which makes the table.
    for undone in 1..steps {
        assert_eq!(lines_with(&migrated(&database, "down"), "reverted"), 1);
        assert_eq!(lines_with(&migrated(&database, "status"), "pending"), undone);
        assert_eq!(count(&database, "SELECT count(*) FROM users"), 1);
    }
    assert_eq!(lines_with(&migrated(&database, "up"), "applied"), steps - 1);
    let ada = "SELECT email || name || auth0_id FROM users";
    assert_eq!(database.scalar(ada).as_deref(), Some("ada@example.comAdaauth0|ada"));
}

fn up_again_has_nothing_to_do(database: ScratchDatabase) {
    migrated(&database, "up");
    assert_eq!(migrated(&database, "up"), "nothing to do\n");
}

fn the_table_is_not_dropped_while_it_holds_users(database: ScratchDatabase) {
    let steps = lines_with(&migrated(&database, "up"), "applied");
    insert_ada(&database);
    (1..steps).for_each(|_| drop(migrated(&database, "down")));
    let refused = migrate(&database, "down");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("still holds rows"), "{refused:?}");
    assert_eq!(count(&database, "SELECT count(*) FROM users"), 1);
    database.execute("DELETE FROM users");
    assert_eq!(lines_with(&migrated(&database, "down"), "reverted"), 1);
    assert_eq!(migrated(&database, "down"), "nothing to do\n");
}

fn a_table_of_somebody_else_s_is_left_alone(database: ScratchDatabase) {
    database.execute("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('kept')");
    let refused = migrate(&database, "up");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("it has no column email"), "{refused:?}");
    assert!(refused.stderr.contains("`authsync legacy plan` says what to do"), "{refused:?}");
    assert_eq!(database.scalar("SELECT name FROM users").as_deref(), Some("kept"));
}

fn the_table_of_the_requirements_is_taken_over(database: ScratchDatabase) {
    let id = if database.url().starts_with("sqlite") { "INTEGER" } else { "SERIAL" };
    database.execute(&format!(
        "CREATE TABLE users (
             id {id} PRIMARY KEY,
             email VARCHAR(255) UNIQUE NOT NULL,
             name VARCHAR(255),
             auth0_id VARCHAR(255) UNIQUE NOT NULL,
             created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
             updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
         );
         INSERT INTO users (email, auth0_id) VALUES ('ada@example.com', 'auth0|ada')"
    ));
    let applied = migrated(&database, "up");
    assert!(lines_with(&applied, "applied") > 10 && !applied.contains("next"), "{applied}");
    assert_eq!(lines_with(&migrated(&database, "status"), "pending"), 0);
    assert_eq!(database.scalar("SELECT auth0_id FROM users WHERE id = 1").as_deref(), Some("auth0|ada"));
}

fn a_row_of_another_program_is_whole(database: ScratchDatabase) {
    migrated(&database, "up");
    insert_ada(&database);
    let is_set = |column: &str| count(&database, &format!("SELECT count({column}) FROM users")) == 1;
    assert!(is_set("id") && is_set("created_at") && is_set("updated_at") && !is_set("picture"));
    assert_eq!(count(&database, "SELECT id FROM users"), 1);
}

fn values_that_are_too_long_or_there_already_are_refused_by_the_table_itself(database: ScratchDatabase) {
    migrated(&database, "up");
    insert_ada(&database);
    let long = "ü".repeat(256);
    for values in [
        "('ada@example.com', NULL, 'auth0|eve')".to_owned(),
        "('eve@example.com', NULL, 'auth0|ada')".to_owned(),
        "(NULL, NULL, 'auth0|eve')".to_owned(),
        "('eve@example.com', NULL, NULL)".to_owned(),
        format!("('{long}', NULL, 'auth0|eve')"),
        format!("('eve@example.com', '{long}', 'auth0|eve')"),
        format!("('eve@example.com', NULL, '{long}')"),
    ] {
        let insert = std::panic::AssertUnwindSafe(|| {
            database.execute(&format!("INSERT INTO users (email, name, auth0_id) VALUES {values}"));
        });
        assert!(std::panic::catch_unwind(insert).is_err(), "{values}");
    }
    let fits = "ü".repeat(255);
    database.execute(&format!("INSERT INTO users (email, name, auth0_id) VALUES ('{fits}', '{fits}', '{fits}')"));
    assert_eq!(count(&database, "SELECT count(*) FROM users"), 2);
}

#[test]
fn the_postgres_table_has_the_columns_of_the_requirements() {
    let database = ScratchDatabase::postgres();
    migrated(&database, "up");
    for (column, description) in [
        ("id", "integer--NO-nextval('users_id_seq'::regclass)"),
        ("email", "character varying-255-NO-"),
        ("name", "character varying-255-YES-"),
        ("auth0_id", "character varying-255-NO-"),
        ("created_at", "timestamp with time zone--YES-CURRENT_TIMESTAMP"),
        ("updated_at", "timestamp with time zone--YES-CURRENT_TIMESTAMP"),
    ] {
        let query = format!(
            "SELECT concat_ws('-', data_type, coalesce(character_maximum_length::text, ''), is_nullable, \
             coalesce(column_default, '')) FROM information_schema.columns \
             WHERE table_name = 'users' AND column_name = '{column}'"
        );
        assert_eq!(database.scalar(&query).as_deref(), Some(description), "{column}");
    }
}

#[test]
fn the_command_line_names_another_database_than_the_environment() {
    let (environment, named) = (ScratchDatabase::sqlite(), ScratchDatabase::sqlite());
    let variables = [("DATABASE_URL".to_owned(), environment.url().to_owned())];
    let ended = run(&variables, &["migrate", "up", "--database-url", named.url()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(count(&named, "SELECT count(*) FROM users"), 0);
    assert_eq!(lines_with(&migrated(&environment, "status"), "applied"), 0);
}

#[test]
fn a_database_out_of_reach_is_said_to_be_without_its_password() {
    let url = "postgres://authsync:s3cret-passw0rd@/authsync?host=%2Fno%2Fsuch%2Fdirectory";
    for action in ["up", "down", "status"] {
        for (variables, arguments) in [
            (vec![("DATABASE_URL".to_owned(), url.to_owned())], vec!["migrate", action]),
            (vec![], vec!["migrate", action, "--database-url", url]),
        ] {
            let ended = run(&variables, &arguments);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
            assert!(!ended.stderr.contains("s3cret-passw0rd") && !ended.stderr.is_empty(), "{ended:?}");
        }
    }
}
