//! What is so on SQLite alone.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use domain::RepositoryError;
use persistence::{Database, DatabaseUrl, Migrator};

use scratch_database::ScratchDatabase;

use crate::bench::{
    SaveLogin as _, SqlBench, at_once, created_id, hasty, is_unavailable, patient, record, subject, until, url,
};

#[test]
fn a_write_fails_in_time_while_another_process_writes_and_reads_go_on() {
    let bench = SqlBench::sqlite();
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    let users = bench.users_with(&hasty());
    let path = bench.database.url().strip_prefix("sqlite://").expect("a path");
    let mut other = SqliteConnection::establish(path).expect("a connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("the lock");
    assert!(is_unavailable(users.save_login(&record("auth0|2", "bob@example.com"))));
    assert!(users.find_by_subject(&subject("auth0|1")).expect("an answer").is_some());
    other.batch_execute("ROLLBACK").expect("the end of the lock");
    assert!(users.save_login(&record("auth0|2", "bob@example.com")).is_ok());
}

#[test]
fn whoever_lists_the_migrations_of_a_file_that_is_not_there_does_not_make_it() {
    let bench = SqlBench::sqlite();
    // What stands for itself in a path means something else in a URI.
    for end in [".new", " a%20b#c&d"] {
        let url = DatabaseUrl::parse(&format!("{}{end}", bench.database.url())).expect("a URL");
        let applied = || {
            let steps = Migrator::new(url.clone()).status().expect("an answer");
            steps.iter().filter(|step| step.applied).count()
        };
        assert!(url.is_yet_to_be_made());
        assert_eq!(applied(), 0);
        assert!(url.is_yet_to_be_made());
        let made = Migrator::new(url.clone()).up().expect("a schema").len();
        assert_eq!((applied(), url.is_yet_to_be_made()), (made, false));
    }
    let nowhere = DatabaseUrl::parse(&format!("{}.d/new.db", bench.database.url())).expect("a URL");
    assert!(!nowhere.is_yet_to_be_made());
    assert!(Migrator::new(nowhere).status().is_err());
}

#[test]
fn ids_are_never_given_again() {
    let bench = SqlBench::sqlite();
    let id = created_id(bench.users.save_login(&record("auth0|1", "ann@example.com")));
    bench.database.execute("DELETE FROM users");
    assert_eq!(created_id(bench.users.save_login(&record("auth0|2", "bob@example.com"))), id + 1);
}

#[test]
fn text_that_is_no_utf_8_is_a_failure_and_no_panic() {
    let bench = SqlBench::sqlite();
    bench.database.execute("INSERT INTO users (email, auth0_id) VALUES (CAST(x'ff4062' AS TEXT), 'auth0|1')");
    let outcome = bench.users.find_by_subject(&subject("auth0|1"));
    assert!(matches!(outcome, Err(RepositoryError::Failed(_))), "{outcome:?}");
}

#[test]
fn an_id_of_more_than_31_bits_is_a_failure_and_no_other_id() {
    let bench = SqlBench::sqlite();
    bench.database.execute("INSERT INTO users (id, email, auth0_id) VALUES (4294967297, 'a@b', 'auth0|1')");
    let outcome = bench.users.find_by_subject(&subject("auth0|1"));
    assert!(matches!(outcome, Err(RepositoryError::Failed(_))), "{outcome:?}");
    let next = bench.users.save_login(&record("auth0|2", "bob@example.com"));
    assert!(matches!(next, Err(RepositoryError::Failed(_))), "{next:?}");
    assert_eq!(bench.rows(), 1);
}

#[test]
fn a_file_that_cannot_be_opened_is_unavailable_until_it_can() {
    let bench = SqlBench::sqlite();
    let directory = format!("{}.d", bench.database.url());
    let url = DatabaseUrl::parse(&format!("{directory}/users.db")).expect("a URL");
    let users = Database::open(&url, &hasty()).expect("settings").users();
    assert!(is_unavailable(users.find_by_subject(&subject("auth0|1"))));
    std::fs::create_dir(directory.strip_prefix("sqlite://").expect("a path")).expect("the directory");
    Database::open(&url, &patient()).expect("settings").migrator().up().expect("migrations");
    until("the pool has found the file", || users.find_by_subject(&subject("auth0|1")).is_ok());
}

#[test]
fn the_file_keeps_a_write_ahead_log() {
    let bench = SqlBench::sqlite();
    assert_eq!(bench.database.scalar("SELECT journal_mode FROM pragma_journal_mode").as_deref(), Some("wal"));
}

#[test]
fn a_new_file_is_set_up_while_the_pool_opens_it() {
    let outcomes = at_once(4, |_| {
        (0..50).all(|_| {
            let scratch = ScratchDatabase::sqlite();
            let database = Database::open(&url(&scratch), &patient()).expect("a pool");
            database.migrator().up().is_ok()
        })
    });
    assert_eq!(outcomes, [true; 4]);
}
