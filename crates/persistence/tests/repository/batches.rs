//! What is so of lookups and logins in batches: that nobody in a batch notices the others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use domain::{Change, Reply, RepositoryError, Saved, Seen, UserRepository as _};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::OwnPostgres;

use crate::batched::{Batched, settled};
use crate::bench::{
    LoginRecord, SaveLogin as _, SqlBench, at_once, hasty, is_unavailable, name, patient, record, subject, until, url,
};

pub(crate) fn login(users: &Batched, record: &LoginRecord) -> Reply<Saved> {
    users.lanes.log_in(Arc::new(record.login()), Seen::NoRow, Instant::now())
}

pub(crate) fn person(number: usize) -> LoginRecord {
    record(&format!("auth0|person {number}"), &format!("person{number}@example.com"))
}

pub(crate) fn save(users: &Batched, record: &LoginRecord) -> Result<Saved, RepositoryError> {
    users.save(Change::Login(&record.login()))
}

/// Takes in one user while another program, which is not done yet, stands in their way, and twenty others at the same time.
fn only_who_is_concerned_waits(bench: &SqlBench, users: &Batched, in_the_way: &str, concerned: &LoginRecord) {
    let mut other = PgConnection::establish(bench.database.url()).expect("a connection");
    other.batch_execute(&format!("BEGIN; {in_the_way}")).expect("a statement");
    let waiting = login(users, concerned);
    let others: Vec<_> = (100..120).map(|number| login(users, &person(number))).collect();
    for outcome in others.into_iter().map(settled) {
        assert!(matches!(outcome, Ok(Saved::Created(_))), "{outcome:?}");
    }
    other.batch_execute("COMMIT").expect("the commit");
    let outcome = settled(waiting);
    assert!(matches!(outcome, Ok(Saved::Updated(_))), "{outcome:?}");
}

#[test]
fn a_row_that_another_program_has_locked_holds_up_nobody_else() {
    let bench = SqlBench::postgres();
    let users = bench.batched_with(&patient());
    save(&users, &person(1)).expect("a saved user");
    let renamed = LoginRecord { name: name("Ann Other"), ..person(1) };
    only_who_is_concerned_waits(&bench, &users, "UPDATE users SET picture = NULL", &renamed);
}

#[test]
fn a_row_that_another_program_is_inserting_holds_up_nobody_else() {
    let bench = SqlBench::postgres();
    let users = bench.batched_with(&patient());
    let insert = "INSERT INTO users (email, auth0_id) VALUES ('elsewhere@example.com', 'auth0|person 1')";
    only_who_is_concerned_waits(&bench, &users, insert, &person(1));
    assert_eq!(bench.rows(), 21);
}

#[test]
fn a_violation_is_the_failure_of_one_login_alone() {
    let bench = SqlBench::postgres();
    bench.database.execute("ALTER TABLE users ADD CONSTRAINT nobody_is_ann CHECK (name <> 'Ann Elsewhere')");
    let users = bench.batched_with(&patient());
    let outcomes: Vec<_> = (0..40)
        .map(|number| LoginRecord { name: name(if number == 7 { "Ann Elsewhere" } else { "Ann" }), ..person(number) })
        .map(|record| login(&users, &record))
        .collect();
    for (number, outcome) in outcomes.into_iter().map(settled).enumerate() {
        let is_refused = matches!(outcome, Err(RepositoryError::Failed(_)));
        assert_eq!(is_refused, number == 7, "{number}: {outcome:?}");
    }
    assert_eq!(bench.rows(), 39);
}

fn a_row_that_breaks_a_rule_fails_its_own_callers_alone(bench: &SqlBench) {
    let users = bench.batched_with(&patient());
    (0..8).for_each(|number| drop(save(&users, &person(number)).expect("a saved user")));
    bench.database.execute("UPDATE users SET email = 'nonsense' WHERE auth0_id = 'auth0|person 3'");
    let found: Vec<_> = (0..8).chain([3, 3]).map(|number| users.lanes.find(&person(number).subject)).collect();
    for (position, outcome) in found.into_iter().map(settled).enumerate() {
        let is_broken = matches!(outcome, Err(RepositoryError::Failed(_)));
        assert_eq!(is_broken, [3, 8, 9].contains(&position), "{position}: {outcome:?}");
    }
    let again: Vec<_> = (0..8).map(|number| login(&users, &person(number))).collect();
    for (number, outcome) in again.into_iter().map(settled).enumerate() {
        assert_eq!(matches!(outcome, Ok(Saved::Unchanged(_))), number != 3, "{number}: {outcome:?}");
    }
}

#[test]
fn on_sqlite_a_row_that_breaks_a_rule_fails_its_own_callers_alone() {
    a_row_that_breaks_a_rule_fails_its_own_callers_alone(&SqlBench::sqlite());
}

#[test]
fn on_postgres_a_row_that_breaks_a_rule_fails_its_own_callers_alone() {
    a_row_that_breaks_a_rule_fails_its_own_callers_alone(&SqlBench::postgres());
}

fn a_lookup_shows_what_was_written_before_it_was_asked(bench: &SqlBench) {
    let users = bench.batched_with(&patient());
    at_once(8, |number| {
        for round in 0..50 {
            let renamed = LoginRecord { name: name(&format!("Round {round}")), ..person(number) };
            let saved = save(&users, &renamed).expect("a saved user").into_user();
            let found = settled(users.lanes.find(&saved.subject)).expect("an answer").expect("a user");
            assert_eq!(found.user, saved);
        }
    });
}

#[test]
fn on_sqlite_a_lookup_shows_what_was_written_before_it_was_asked() {
    a_lookup_shows_what_was_written_before_it_was_asked(&SqlBench::sqlite());
}

#[test]
fn on_postgres_a_lookup_shows_what_was_written_before_it_was_asked() {
    a_lookup_shows_what_was_written_before_it_was_asked(&SqlBench::postgres());
}

#[test]
fn an_outage_is_answered_in_time_and_ends_without_a_restart_of_ours() {
    let server = OwnPostgres::start();
    let bench = SqlBench::migrated(server.database());
    let settings = PoolSettings { checkout_timeout: Duration::from_millis(500), ..PoolSettings::default() };
    let users = bench.batched_with(&settings);
    until("the first save", || save(&users, &person(1)).is_ok());

    server.stop();
    let asked = Instant::now();
    for _ in 0..20 {
        assert!(is_unavailable(users.find_by_subject(&person(1).subject)));
        assert!(is_unavailable(save(&users, &person(1))));
    }
    // Whoever comes first waits for half a second, and after that nobody; the rest is for a busy machine.
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());

    server.start_again();
    until("the service has recovered", || users.find_by_subject(&person(1).subject).is_ok());
    until("logins are written again", || matches!(save(&users, &person(1)), Ok(Saved::Unchanged(_))));
}

#[test]
fn a_restart_between_two_calls_goes_unnoticed() {
    let server = OwnPostgres::start();
    let bench = SqlBench::migrated(server.database());
    let users = bench.batched_with(&patient());
    save(&users, &person(1)).expect("a saved user");
    assert!(users.find_by_subject(&person(1).subject).expect("an answer").is_some());
    server.stop();
    server.start_again();
    assert!(matches!(save(&users, &person(2)), Ok(Saved::Created(_))));
    assert!(users.find_by_subject(&person(1).subject).expect("an answer").is_some());
}

#[test]
fn no_statement_is_prepared_and_nothing_is_set_for_longer_than_a_transaction_behind_a_pooler() {
    let bench = SqlBench::postgres();
    let users = bench.batched_with(&PoolSettings { prepared_statements: false, ..patient() });
    (0..3).for_each(|_| drop(save(&users, &person(1)).expect("a saved user")));
    assert!(users.find_by_subject(&person(1).subject).expect("an answer").is_some());
    users.find_by_email(&person(1).email).expect("an answer");
    // Nobody else can look into a session, so the sessions tell by themselves.
    bench.database.execute(
        "CREATE TABLE told (prepared BIGINT, statement_timeout TEXT, enable_seqscan TEXT); \
         CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         INSERT INTO told SELECT count(*), current_setting('statement_timeout'), current_setting('enable_seqscan') \
         FROM pg_prepared_statements; \
         RETURN NEW; END $$; \
         CREATE TRIGGER tell BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION tell()",
    );
    save(&users, &person(2)).expect("a saved user");
    assert_eq!(bench.database.scalar("SELECT max(prepared) FROM told").as_deref(), Some("0"));
    assert_eq!(bench.database.scalar("SELECT max(statement_timeout) FROM told").as_deref(), Some("1min"));
    // A function keeps the plans of its first calls, when the table may have been empty.
    assert_eq!(bench.database.scalar("SELECT max(enable_seqscan) FROM told").as_deref(), Some("off"));
}

#[test]
fn a_password_is_shown_by_no_error_of_a_lane() {
    let text = "postgres://alice:hunter2@/d?host=%2Fnonexistent&connect_timeout=2";
    let database = Database::open(&DatabaseUrl::parse(text).expect("a URL"), &hasty()).expect("settings");
    let users = database.async_users();
    let mut said = String::new();
    until("the lane knows why", || {
        let error = settled(users.find(&subject("auth0|1"))).expect_err("no server");
        said = crate::bench::everything_said(&error);
        said.contains("nonexistent")
    });
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_the_queues_do_can_be_told() {
    let bench = SqlBench::sqlite();
    let database = Database::open(&url(&bench.database), &patient()).expect("settings");
    assert_eq!(database.queue_report(), persistence::QueueReport::default());
    let users = Batched::of(&database);
    save(&users, &person(1)).expect("a saved user");
    let report = database.queue_report();
    assert_eq!((report.logins.questions, report.logins.connected, report.lookups.capacity), (1, true, 1024));
    assert!(bench.users.save_login(&person(1)).is_ok());
}
