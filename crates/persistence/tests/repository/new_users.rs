//! First logins in batches: one row for each user, and no id burnt.

use std::sync::Arc;
use std::time::Instant;

use domain::{RepositoryError, Saved, Seen};
use persistence::Database;

use crate::batched::{Batched, settled};
use crate::batches::{login, person, save};
use crate::bench::{SqlBench, created_id, patient, record, url};

fn first_logins_of_one_user_at_several_nodes_leave_one_row_and_burn_no_id(bench: &SqlBench) {
    let nodes = [bench.batched_with(&patient()), bench.batched_with(&patient()), bench.batched_with(&patient())];
    for round in 0..20 {
        let coming: Vec<_> = (0..60).map(|number| login(&nodes[number % 3], &person(round))).collect();
        let saved: Vec<_> = coming.into_iter().map(|reply| settled(reply).expect("a saved user")).collect();
        assert!(saved.iter().all(|one| one.user().id == saved[0].user().id), "{saved:?}");
        assert_eq!(saved.iter().filter(|one| matches!(one, Saved::Created(_))).count(), 1, "{saved:?}");
    }
    assert_eq!(created_id(save(&nodes[0], &person(99))), 21);
}

#[test]
fn on_sqlite_first_logins_of_one_user_at_several_nodes_leave_one_row_and_burn_no_id() {
    first_logins_of_one_user_at_several_nodes_leave_one_row_and_burn_no_id(&SqlBench::sqlite());
}

#[test]
fn on_postgres_first_logins_of_one_user_at_several_nodes_leave_one_row_and_burn_no_id() {
    first_logins_of_one_user_at_several_nodes_leave_one_row_and_burn_no_id(&SqlBench::postgres());
}

#[test]
fn the_same_login_many_times_at_once_is_begun_once_each_time() {
    let bench = SqlBench::postgres();
    let database = Database::open(&url(&bench.database), &patient()).expect("settings");
    let users = Batched::of(&database);
    for round in 0..2 {
        let claimant = record(&format!("auth0|claimant {round}"), "wanted@example.com");
        let coming: Vec<_> = (0..60).map(|_| login(&users, &claimant)).collect();
        assert!(coming.into_iter().all(|reply| settled(reply).is_ok() == (round == 0)));
    }
    assert_eq!(database.queue_report().logins.questions, 120);
}

fn users_who_claim_one_address_at_two_nodes_leave_one_row_and_burn_no_id(bench: &SqlBench) {
    let nodes = [bench.batched_with(&patient()), bench.batched_with(&patient())];
    let claim = |number: usize| record(&format!("auth0|claimant {number}"), "wanted@example.com");
    let coming: Vec<_> = (0..60).map(|number| login(&nodes[number % 2], &claim(number))).collect();
    let outcomes: Vec<_> = coming.into_iter().map(settled).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(RepositoryError::EmailTaken))), "{outcomes:?}");
    assert_eq!(created_id(save(&nodes[0], &person(99))), 2);
}

#[test]
fn on_sqlite_users_who_claim_one_address_at_two_nodes_leave_one_row_and_burn_no_id() {
    users_who_claim_one_address_at_two_nodes_leave_one_row_and_burn_no_id(&SqlBench::sqlite());
}

#[test]
fn on_postgres_users_who_claim_one_address_at_two_nodes_leave_one_row_and_burn_no_id() {
    users_who_claim_one_address_at_two_nodes_leave_one_row_and_burn_no_id(&SqlBench::postgres());
}

/// Has the database count how many users came in by the one call that is meant for new ones.
fn counting_newcomers(bench: &SqlBench) {
    bench.database.execute(
        "CREATE TABLE newcomers (at_once BIGINT); \
         ALTER FUNCTION authsync_insert_new_users RENAME TO uncounted; \
         CREATE FUNCTION authsync_insert_new_users(s TEXT[], i INTEGER[], e TEXT[], v BOOLEAN[], n TEXT[], p TEXT[], \
         k BIGINT[], a BIGINT[]) RETURNS TABLE (subject TEXT, user_id INTEGER) LANGUAGE plpgsql AS $$ BEGIN \
         RETURN QUERY SELECT * FROM uncounted(s, i, e, v, n, p, k, a); \
         INSERT INTO newcomers SELECT count(*) FROM users u WHERE u.auth0_id = ANY(s); END $$",
    );
}

/// Twenty who are all taken for new, of whom four are not, and what each of them is told.
fn the_known_among_the_new_are_answered_as_if_alone(bench: &SqlBench, users: &Batched) {
    bench.database.execute(
        "INSERT INTO users (email, auth0_id) VALUES \
         ('Person1@Example.com', 'auth0|elsewhere'), ('other@example.com', 'auth0|person 2'), \
         ('user-3@displaced.invalid', 'auth0|waits'); \
         UPDATE users SET id = 3 WHERE auth0_id = 'auth0|waits'; \
         INSERT INTO auth0_records (auth0_id, email, record) VALUES \
         ('auth0|waits', 'person3@example.com', '{\"email\": {\"value\": {\"address\": \"person3@example.com\", \
           \"verified\": true}, \"updated_at\": 1, \"said_at\": 1}}'), \
         ('auth0|person 4', NULL, '{\"deleted_at\": 4000000000000}')",
    );
    let taken_for_new = |number| users.lanes.log_in(Arc::new(person(number).login()), Seen::NoRow, Instant::now());
    let coming: Vec<_> = (0..20).map(taken_for_new).collect();
    for (number, outcome) in coming.into_iter().map(settled).enumerate() {
        let is_right = match number {
            1 => matches!(outcome, Err(RepositoryError::EmailTaken)),
            2 => matches!(outcome, Ok(Saved::Updated(_))),
            4 => matches!(outcome, Err(RepositoryError::Deleted)),
            // Whoever waits for an address gets it before a newcomer who proves nothing; the login decides by the rules.
            3 => !matches!(outcome, Err(RepositoryError::Failed(_) | RepositoryError::Unavailable(_))),
            _ => matches!(outcome, Ok(Saved::Created(_))),
        };
        assert!(is_right, "{number}: {outcome:?}");
    }
}

#[test]
fn on_sqlite_the_known_among_the_new_are_answered_as_if_alone() {
    let bench = SqlBench::sqlite();
    the_known_among_the_new_are_answered_as_if_alone(&bench, &bench.batched_with(&patient()));
}

#[test]
fn on_postgres_users_of_whom_nothing_is_known_come_in_by_one_call_and_all_others_as_if_alone() {
    let bench = SqlBench::postgres();
    let users = bench.batched_with(&patient());
    counting_newcomers(&bench);
    the_known_among_the_new_are_answered_as_if_alone(&bench, &users);
    let at_once = bench.database.scalar("SELECT sum(at_once) FROM newcomers").and_then(|sum| sum.parse().ok());
    assert!(at_once.is_some_and(|at_once: u32| at_once >= 16), "{at_once:?}");
}

#[test]
fn one_new_user_who_cannot_be_inserted_keeps_no_other_out_of_a_sqlite_file() {
    let bench = SqlBench::sqlite();
    bench.database.execute(
        "CREATE TRIGGER nobody_7 BEFORE INSERT ON users WHEN NEW.auth0_id = 'auth0|person 7' \
         BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    );
    let users = bench.batched_with(&patient());
    let taken_for_new = |number| users.lanes.log_in(Arc::new(person(number).login()), Seen::NoRow, Instant::now());
    let coming: Vec<_> = (0..20).map(taken_for_new).collect();
    for (number, outcome) in coming.into_iter().map(settled).enumerate() {
        assert_eq!(matches!(outcome, Ok(Saved::Created(_))), number != 7, "{number}: {outcome:?}");
    }
    assert_eq!(bench.rows(), 19);
}

#[test]
fn new_users_come_in_where_transactions_are_stricter_and_where_the_call_is_missing() {
    for change in [
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', \
         current_database()); END $$",
        "ALTER FUNCTION authsync_insert_new_users RENAME TO gone",
    ] {
        let bench = SqlBench::postgres();
        bench.database.execute(change);
        let users = bench.batched_with(&patient());
        let coming: Vec<_> = (0..20).map(|number| login(&users, &person(number))).collect();
        for outcome in coming.into_iter().map(settled) {
            assert!(matches!(outcome, Ok(Saved::Created(_))), "{change}: {outcome:?}");
        }
        assert_eq!(bench.rows(), 20);
    }
}
