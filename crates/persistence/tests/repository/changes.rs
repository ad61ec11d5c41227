//! The promises of `UserChanges`: nothing that anybody does to the table goes by unseen.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{UserChange, UserRepository};
use persistence::Database;
use scratch_database::{OwnPostgres, ScratchDatabase};

use crate::bench::{SaveLogin as _, patient, record, subject, url};

/// Longer than any change may take to be told, so that a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

const ANN: &str = "INSERT INTO users (email, auth0_id) VALUES ('ann@example.com', 'auth0|1')";

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&scratch_database::ScratchDatabase::postgres()); })+ }
    };
}

on_both_databases! {
    a_save_that_writes_is_told_and_names_its_user,
    whatever_another_program_writes_is_told,
    a_change_by_another_node_is_told,
    a_proof_comes_behind_every_change_that_it_is_about,
    proofs_come_several_times_in_a_second,
}

/// A migrated database, opened, and what is heard of its changes. The beginning has been heard already.
struct Ear {
    users: Arc<dyn UserRepository>,
    heard: Receiver<UserChange>,
    _database: Database,
}

impl Ear {
    fn to(scratch: &ScratchDatabase) -> Self {
        let database = Database::open(&url(scratch), &patient()).expect("settings");
        database.migrator().up().expect("migrations");
        let (sender, heard) = channel();
        let sender = Mutex::new(sender);
        let listener = move |change| {
            // Proofs come for ever; the tests of proofs have an ear of their own.
            if !matches!(change, UserChange::ToldUntil(_)) {
                let _test_is_over = sender.lock().map(|sender| sender.send(change));
            }
        };
        database.user_changes().listen(Arc::new(listener)).expect("a thread");
        let ear = Self { users: database.users(), heard, _database: database };
        ear.hears(&UserChange::Any);
        ear
    }

    /// Waits for this very change; others may come before it.
    #[track_caller]
    fn hears(&self, change: &UserChange) {
        while self.heard.recv_timeout(PATIENCE).expect("a change") != *change {}
    }

    /// Waits for a change after which the user is read again.
    #[track_caller]
    fn hears_of(&self, auth0_id: &str) {
        let meant = [UserChange::Of(subject(auth0_id)), UserChange::Any];
        while !meant.contains(&self.heard.recv_timeout(PATIENCE).expect("a change")) {}
    }
}

fn a_save_that_writes_is_told_and_names_its_user(scratch: &ScratchDatabase) {
    let ear = Ear::to(scratch);
    ear.users.save_login(&record("auth0|1", "ann@example.com")).expect("saved");
    ear.users.save_login(&record("auth0|1", "ann@example.org")).expect("saved");
    ear.hears(&UserChange::Of(subject("auth0|1")));
}

fn whatever_another_program_writes_is_told(scratch: &ScratchDatabase) {
    let ear = Ear::to(scratch);
    scratch.execute(ANN);
    for statement in ["UPDATE users SET name = 'Ann'", "DELETE FROM users"] {
        scratch.execute(statement);
        ear.hears_of("auth0|1");
    }
}

fn a_change_by_another_node_is_told(scratch: &ScratchDatabase) {
    let (here, there) = (Ear::to(scratch), Ear::to(scratch));
    there.users.save_login(&record("auth0|1", "ann@example.com")).expect("saved");
    there.users.save_login(&record("auth0|1", "ann@example.org")).expect("saved");
    here.hears_of("auth0|1");
}

#[test]
fn on_postgres_a_new_identity_of_a_row_is_told_together_with_the_old_one() {
    let scratch = ScratchDatabase::postgres();
    let ear = Ear::to(&scratch);
    ear.users.save_login(&record("legacy|1", "ann@example.com")).expect("saved");
    scratch.execute("UPDATE users SET auth0_id = 'auth0|1'");
    ear.hears(&UserChange::Of(subject("legacy|1")));
    ear.hears(&UserChange::Of(subject("auth0|1")));
}

#[test]
fn on_postgres_what_is_new_or_changes_nothing_or_is_rolled_back_is_not_told() {
    let scratch = ScratchDatabase::postgres();
    let ear = Ear::to(&scratch);
    ear.users.save_login(&record("auth0|1", "ann@example.com")).expect("saved");
    ear.users.save_login(&record("auth0|2", "bob@example.com")).expect("saved");
    scratch.execute("INSERT INTO users (email, auth0_id) VALUES ('eve@example.com', 'auth0|3')");
    scratch.execute("UPDATE users SET name = name");
    scratch.execute("BEGIN; UPDATE users SET name = 'Bob'; ROLLBACK");
    ear.users.save_login(&record("auth0|1", "ann@example.com")).expect("saved");
    // The next to be heard is the next that happened.
    ear.users.save_login(&record("auth0|2", "bob@example.org")).expect("saved");
    assert_eq!(ear.heard.recv_timeout(PATIENCE), Ok(UserChange::Of(subject("auth0|2"))));
}

#[test]
fn on_postgres_the_longest_identity_and_an_emptied_table_are_told() {
    let scratch = ScratchDatabase::postgres();
    let ear = Ear::to(&scratch);
    let longest = "\u{1F511}".repeat(255);
    ear.users.save_login(&record(&longest, "ann@example.com")).expect("saved");
    scratch.execute("UPDATE users SET name = 'Ann'");
    ear.hears(&UserChange::Of(subject(&longest)));
    scratch.execute("TRUNCATE users");
    ear.hears(&UserChange::Any);
}

#[test]
fn on_postgres_a_restart_of_the_server_is_followed_by_word_of_every_user_and_then_by_changes_as_before() {
    let server = OwnPostgres::start();
    let scratch = server.database();
    let ear = Ear::to(&scratch);
    scratch.execute(ANN);
    server.stop();
    server.start_again();
    ear.hears(&UserChange::Any);
    scratch.execute("UPDATE users SET name = 'Ann'");
    ear.hears(&UserChange::Of(subject("auth0|1")));
}

#[test]
fn on_postgres_a_cut_connection_is_noticed() {
    let scratch = ScratchDatabase::postgres();
    let ear = Ear::to(&scratch);
    scratch.execute(ANN);
    scratch.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    ear.hears(&UserChange::Any);
    scratch.execute("UPDATE users SET name = 'Ann'");
    ear.hears(&UserChange::Of(subject("auth0|1")));
}

/// Everything that is told.
struct Proofs {
    heard: Receiver<UserChange>,
    _database: Database,
}

impl Proofs {
    fn of(scratch: &ScratchDatabase) -> Self {
        let database = Database::open(&url(scratch), &patient()).expect("settings");
        database.migrator().up().expect("migrations");
        let (sender, heard) = channel();
        let sender = Mutex::new(sender);
        let listener = move |change| {
            let _test_is_over = sender.lock().map(|sender| sender.send(change));
        };
        database.user_changes().listen(Arc::new(listener)).expect("a thread");
        Self { heard, _database: database }
    }

    /// All that is told before everything up to this moment has been told.
    #[track_caller]
    fn told_until(&self, moment: Instant) -> Vec<UserChange> {
        let mut told = Vec::new();
        loop {
            match self.heard.recv_timeout(PATIENCE).expect("a change or a proof") {
                UserChange::ToldUntil(until) if until >= moment => return told,
                UserChange::ToldUntil(_) => {}
                change => told.push(change),
            }
        }
    }
}

fn a_proof_comes_behind_every_change_that_it_is_about(scratch: &ScratchDatabase) {
    let proofs = Proofs::of(scratch);
    assert_eq!(proofs.told_until(Instant::now()), [UserChange::Any], "nobody listened before");
    scratch.execute(ANN);
    for statement in [
        "UPDATE users SET name = 'Ann'",
        "INSERT INTO auth0_records (auth0_id, record) VALUES ('auth0|1', '{}')",
        "UPDATE auth0_records SET email = 'ann@example.com'",
        "DELETE FROM auth0_records",
        "DELETE FROM users",
    ] {
        proofs.told_until(Instant::now());
        scratch.execute(statement);
        let told = proofs.told_until(Instant::now());
        let meant = [UserChange::Of(subject("auth0|1")), UserChange::Any];
        assert!(told.iter().any(|change| meant.contains(change)), "{statement}: {told:?}");
    }
}

fn proofs_come_several_times_in_a_second(scratch: &ScratchDatabase) {
    let proofs = Proofs::of(scratch);
    let began = Instant::now();
    for _ in 0..10 {
        proofs.told_until(Instant::now());
    }
    // Ten times 200 ms, and the rest for a busy machine.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn on_postgres_an_interruption_is_told_before_the_next_proof() {
    let scratch = ScratchDatabase::postgres();
    let proofs = Proofs::of(&scratch);
    proofs.told_until(Instant::now());
    for _ in 0..3 {
        scratch.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert!(proofs.told_until(Instant::now()).contains(&UserChange::Any));
    }
}

#[test]
fn on_postgres_nothing_is_proven_while_a_trigger_is_missing_or_sleeps() {
    let scratch = ScratchDatabase::postgres();
    let proofs = Proofs::of(&scratch);
    for (sleep, wake) in [
        (
            "ALTER TABLE users DISABLE TRIGGER authsync_user_changed",
            "ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_changed",
        ),
        (
            "ALTER TABLE auth0_records ENABLE REPLICA TRIGGER authsync_record_changed",
            "ALTER TABLE auth0_records ENABLE ALWAYS TRIGGER authsync_record_changed",
        ),
    ] {
        proofs.told_until(Instant::now());
        scratch.execute(sleep);
        let asleep = Instant::now();
        // Proofs from before it may be under way; several pauses later there is none.
        let silence = |change: UserChange| matches!(change, UserChange::ToldUntil(until) if until > asleep);
        let deadline = asleep + Duration::from_millis(700);
        while let Ok(change) = proofs.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            assert!(!silence(change), "{sleep}");
        }
        scratch.execute(wake);
        assert!(proofs.told_until(Instant::now()).contains(&UserChange::Any), "{wake}");
    }
}

#[test]
fn on_postgres_what_changes_rows_past_the_triggers_is_told_as_word_of_every_user() {
    let scratch = ScratchDatabase::postgres();
    let proofs = Proofs::of(&scratch);
    scratch.execute("INSERT INTO users (email, name, auth0_id) VALUES ('ann@example.com', 'Ann', 'auth0|1')");
    for statement in [
        "BEGIN; ALTER TABLE users DISABLE TRIGGER authsync_user_changed; UPDATE users SET name = 'Bob'; \
         ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_changed; COMMIT",
        "ALTER TABLE users ALTER COLUMN name TYPE VARCHAR(255) USING upper(name)",
        "ALTER TABLE users DROP COLUMN picture, ADD COLUMN picture TEXT DEFAULT 'https://example.com/a.png'",
    ] {
        proofs.told_until(Instant::now());
        scratch.execute(statement);
        assert!(proofs.told_until(Instant::now()).contains(&UserChange::Any), "{statement}");
    }
    // What does not touch rows is no news.
    proofs.told_until(Instant::now());
    scratch.execute("ANALYZE users");
    assert_eq!(proofs.told_until(Instant::now()), []);
}
