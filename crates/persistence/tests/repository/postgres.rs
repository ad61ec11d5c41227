//! What is so on PostgreSQL alone.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use domain::{RepositoryError, Saved};
use persistence::{Database, DatabaseUrl, MigrateError, PoolSettings};
use scratch_database::{OwnPostgres, ScratchDatabase};

use crate::bench::{
    LoginRecord, SaveLogin as _, SqlBench, at_once, created_id, email, everything_said, hasty, is_unavailable, patient,
    record, subject, until, url,
};

/// A connection of another program.
fn other_program(bench: &SqlBench) -> PgConnection {
    PgConnection::establish(bench.database.url()).expect("a connection")
}

/// Returns once so many statements of ours wait for a lock.
fn until_waiting(bench: &SqlBench, statements: usize) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'authsync'";
    let expected = Some(statements.to_string());
    until("statements wait for locks", || bench.database.scalar(waiting) == expected);
}

/// What eight calls return that are all under way when the first one inserts: every insert is held, after it has drawn
/// its id, until each of the calls waits for something.
fn overlapping<T: Send>(bench: &SqlBench, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    bench.database.execute(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NEW; END $$; \
         CREATE TRIGGER hold BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION hold()",
    );
    let mut other = other_program(bench);
    other.batch_execute("SELECT pg_advisory_lock(42)").expect("the lock");
    thread::scope(|scope| {
        let calls = scope.spawn(|| at_once(8, &call));
        until_waiting(bench, 8);
        other.batch_execute("SELECT pg_advisory_unlock(42)").expect("the end of the lock");
        calls.join().expect("no panic")
    })
}

/// The last id that was drawn, by a row or in vain.
fn last_id(bench: &SqlBench) -> Option<String> {
    bench.database.scalar("SELECT last_value FROM users_id_seq")
}

#[test]
fn an_outage_is_unavailable_in_time_and_ends_without_a_restart_of_ours() {
    let server = OwnPostgres::start();
    let bench = SqlBench::migrated(server.database());
    let record = record("auth0|1", "ann@example.com");
    let settings = PoolSettings { checkout_timeout: Duration::from_millis(500), ..PoolSettings::default() };
    let users = bench.users_with(&settings);
    until("the first save", || users.save_login(&record).is_ok());

    server.stop();
    for _ in 0..3 {
        let asked = Instant::now();
        assert!(is_unavailable(users.find_by_subject(&record.subject)));
        assert!(is_unavailable(users.save_login(&record)));
        assert!(is_unavailable(users.schema_state()));
        // Three calls of half a second; the rest is for a busy machine.
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }

    server.start_again();
    until("the service has recovered", || users.find_by_subject(&record.subject).is_ok());
    assert!(matches!(users.save_login(&record), Ok(Saved::Unchanged(_))));
}

#[test]
fn a_restart_between_two_calls_goes_unnoticed() {
    let server = OwnPostgres::start();
    let bench = SqlBench::migrated(server.database());
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    server.stop();
    server.start_again();
    assert!(bench.users.find_by_subject(&subject("auth0|1")).expect("an answer").is_some());
}

#[test]
fn a_database_that_is_down_at_start_is_used_once_it_is_up() {
    let server = OwnPostgres::start();
    let database = server.database();
    server.stop();
    let bench = SqlBench::unmigrated(database, &hasty());
    assert!(is_unavailable(bench.users.schema_state()));
    let migrator = Database::open(&url(&bench.database), &hasty()).expect("settings").migrator();
    assert!(matches!(migrator.status(), Err(MigrateError::OutOfReach { .. })));
    assert!(matches!(migrator.up(), Err(MigrateError::OutOfReach { .. })));

    server.start_again();
    migrator.up().expect("migrations");
    until("the service has recovered", || bench.users.save_login(&record("auth0|1", "ann@example.com")).is_ok());
}

#[test]
fn a_statement_that_takes_too_long_is_unavailable() {
    let bench = SqlBench::postgres();
    let users = bench.users_with(&PoolSettings { statement_timeout: Duration::from_millis(200), ..patient() });
    let mut other = other_program(&bench);
    other.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").expect("the lock");
    assert!(is_unavailable(users.find_by_subject(&subject("auth0|1"))));
    other.batch_execute("ROLLBACK").expect("the end of the lock");
    // On a busy machine the time of one statement may be over without any lock.
    until("statements are in time again", || users.find_by_subject(&subject("auth0|1")).is_ok());
}

#[test]
fn a_pool_without_a_free_connection_is_unavailable() {
    let bench = SqlBench::postgres();
    let settings = PoolSettings { max_connections: 1, checkout_timeout: Duration::from_millis(500), ..patient() };
    let users = bench.users_with(&settings);
    until("the connection is up", || users.schema_state().is_ok());
    let mut other = other_program(&bench);
    other.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").expect("the lock");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| users.find_by_subject(&subject("auth0|1")));
        until_waiting(&bench, 1);
        assert!(is_unavailable(users.find_by_subject(&subject("auth0|1"))));
        other.batch_execute("ROLLBACK").expect("the end of the lock");
        assert!(waiting.join().expect("no panic").is_ok());
    });
}

#[test]
fn a_read_only_database_is_unavailable_for_writes_and_serves_reads() {
    let bench = SqlBench::postgres();
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    bench.database.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); \
         END $$",
    );
    let users = bench.users_with(&patient());
    assert!(is_unavailable(users.save_login(&record("auth0|2", "bob@example.com"))));
    assert!(is_unavailable(users.save_login(&record("auth0|1", "ann@example.org"))));
    assert!(matches!(users.save_login(&record("auth0|1", "ann@example.com")), Ok(Saved::Unchanged(_))));
}

#[test]
fn overlapping_first_saves_of_one_user_draw_one_id() {
    let bench = SqlBench::postgres();
    let outcomes = overlapping(&bench, |_| bench.users.save_login(&record("auth0|1", "ann@example.com")));
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((bench.rows(), last_id(&bench).as_deref()), (1, Some("1")));
}

#[test]
fn overlapping_claims_of_one_address_draw_one_id() {
    let bench = SqlBench::postgres();
    let outcomes =
        overlapping(&bench, |number| bench.users.save_login(&record(&format!("auth0|{number}"), "ann@example.com")));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!((bench.rows(), last_id(&bench).as_deref()), (1, Some("1")));
}

#[test]
fn the_servers_default_isolation_makes_no_save_fail() {
    let bench = SqlBench::postgres();
    bench.database.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', \
         current_database(), 'repeatable read'); END $$",
    );
    let users = bench.users_with(&patient());
    let outcomes = overlapping(&bench, |_| users.save_login(&record("auth0|1", "ann@example.com")));
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((bench.rows(), last_id(&bench).as_deref()), (1, Some("1")));
}

/// Saves while another program has inserted a row and not committed it yet, and lets it commit then.
fn save_against(foreign_row: &str, record: &LoginRecord) -> (SqlBench, Result<Saved, RepositoryError>) {
    let bench = SqlBench::postgres();
    let mut other = other_program(&bench);
    let insert = format!("BEGIN; INSERT INTO users (email, auth0_id) VALUES ({foreign_row})");
    other.batch_execute(&insert).expect("the row");
    let outcome = thread::scope(|scope| {
        let saving = scope.spawn(|| bench.users.save_login(record));
        until_waiting(&bench, 1);
        other.batch_execute("COMMIT").expect("the commit");
        saving.join().expect("no panic")
    });
    (bench, outcome)
}

#[test]
fn a_subject_that_another_program_inserts_meanwhile_is_updated() {
    let (bench, outcome) = save_against("'elsewhere@example.com', 'auth0|1'", &record("auth0|1", "ann@example.com"));
    assert!(matches!(&outcome, Ok(Saved::Updated(user)) if user.email == email("ann@example.com")), "{outcome:?}");
    assert_eq!(bench.rows(), 1);
}

#[test]
fn subject_and_address_that_another_program_inserts_meanwhile_are_one_row() {
    let (bench, outcome) = save_against("'ann@example.com', 'auth0|1'", &record("auth0|1", "ann@example.com"));
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(bench.rows(), 1);
}

#[test]
fn an_address_that_another_program_inserts_meanwhile_is_taken() {
    for address in ["ann@example.com", "Ann@Example.com"] {
        let foreign_row = format!("'{address}', 'auth0|2'");
        let (bench, outcome) = save_against(&foreign_row, &record("auth0|1", "ann@example.com"));
        assert!(matches!(outcome, Err(RepositoryError::EmailTaken)), "{address} {outcome:?}");
        assert_eq!(bench.rows(), 1);
    }
}

#[test]
fn an_address_that_changes_hands_while_it_is_claimed_burns_no_id() {
    let bench = SqlBench::postgres();
    let id = created_id(bench.users.save_login(&record("auth0|1", "ann@example.com")));
    // One known user moves to the address that a hundred new ones claim.
    let outcomes = at_once(40, |number| match number {
        0 => bench.users.save_login(&record("auth0|1", "wanted@example.com")),
        _ => bench.users.save_login(&record(&format!("auth0|new {number}"), "wanted@example.com")),
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let rows = i32::try_from(bench.rows()).expect("a small number");
    assert_eq!(created_id(bench.users.save_login(&record("auth0|last", "last@example.com"))), id + rows);
}

#[test]
fn a_check_that_somebody_added_is_a_failure_and_the_row_is_not_said() {
    let bench = SqlBench::postgres();
    bench.database.execute("ALTER TABLE users ADD CONSTRAINT nobody_is_ann CHECK (name <> 'Ann Example')");
    let error = bench.users.save_login(&record("auth0|1", "ann@example.com")).expect_err("a violation");
    assert!(matches!(error, RepositoryError::Failed(_)), "{error:?}");
    let said = everything_said(&error);
    assert!(said.contains("nobody_is_ann") && !said.contains("ann@example.com"), "{said}");
}

#[test]
fn connections_are_named_after_us() {
    let bench = SqlBench::postgres();
    bench.users.schema_state().expect("a connection");
    let ours = "SELECT count(*) > 0 FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name = 'authsync'";
    assert_eq!(bench.database.scalar(ours).as_deref(), Some("true"));
}

#[test]
fn no_error_shows_the_password() {
    let text = "postgres://alice:hunter2@/d?host=%2Fnonexistent&connect_timeout=2";
    let database = Database::open(&DatabaseUrl::parse(text).expect("a URL"), &hasty()).expect("settings");
    let error = database.users().schema_state().expect_err("no server");
    assert!(matches!(error, RepositoryError::Unavailable(_)), "{error:?}");
    let refused = database.migrator().up().expect_err("no server");
    assert!(matches!(refused, MigrateError::OutOfReach { .. }), "{refused:?}");
    let said = format!("{} {refused} {refused:?} {database:?}", everything_said(&error));
    assert!(said.contains("nonexistent") && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_taken_address_is_told_whatever_the_index_is_called() {
    let database = ScratchDatabase::postgres();
    // Somebody's table that was renamed keeps the names of its indexes.
    database.execute(
        "CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL, auth0_id VARCHAR(255) UNIQUE);
         ALTER TABLE users RENAME TO users_of_before",
    );
    let bench = SqlBench::migrated(database);
    let other_name = "SELECT count(*) FROM pg_indexes WHERE tablename = 'users' AND indexname = 'users_email_key1'";
    assert_eq!(bench.database.scalar(other_name).as_deref(), Some("1"));
    // Another program inserts the same address, or the same user, at the same moment, each time.
    bench.database.execute(
        "CREATE FUNCTION be_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO users (email, auth0_id) VALUES (NEW.email, 'auth0|first'); RETURN NEW; END $$;
         CREATE TRIGGER be_first BEFORE INSERT ON users
             FOR EACH ROW WHEN (NEW.auth0_id = 'auth0|second') EXECUTE FUNCTION be_first()",
    );
    let taken = bench.users.save_login(&record("auth0|second", "ann@example.com"));
    assert!(matches!(taken, Err(RepositoryError::EmailTaken)), "{taken:?}");
}
