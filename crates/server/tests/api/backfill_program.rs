//! `authsync backfill` and `authsync reconcile` as programs: killed, run again, measured.

use std::time::Duration;

use fake_auth0::{FakeAuth0, FakeUser};

use crate::databases::{count, migrate_up, on_both_databases};
use crate::program::{Program, ProgramSetup};
use crate::spawn::Setup;
use crate::waiting::within;

on_both_databases! {
    a_backfill_that_was_killed_goes_on_where_it_left_off,
}

/// For machines that build something else meanwhile.
const LONG: Duration = Duration::from_secs(300);

fn with_people(setup: Setup, people: u64) -> ProgramSetup {
    migrate_up(&setup.database);
    let tenant = FakeAuth0::builder().generated_people(people).start();
    tenant.set_polls_per_job_state(0);
    let (id, secret) = (tenant.client_id(), tenant.client_secret());
    let setup = Program::of(setup.with_tenant(tenant));
    setup.with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret)
}

/// The number behind a word at the beginning of a line.
#[track_caller]
fn number(report: &str, word: &str) -> u64 {
    let line = report.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("{word}: {report}"));
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

fn a_backfill_that_was_killed_goes_on_where_it_left_off(setup: Setup) {
    let setup = with_people(setup, 12_000);
    let rows = || count(&setup.database, "SELECT count(*) FROM users");
    let run = setup.begin(&["backfill"]);
    within(LONG, "a good part is done", || (rows() > 2_500).then_some(()));
    run.kill();
    assert!((2_500..12_000).contains(&rows()));
    let ended = setup.begin(&["backfill"]).wait(LONG);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("goes on behind line"), "{ended:?}");
    assert_eq!((rows(), number(&ended.stdout, "lines")), (12_000, 12_000));
    let (created, unchanged) = (number(&ended.stdout, "created"), number(&ended.stdout, "unchanged"));
    assert_eq!((created + unchanged, number(&ended.stdout, "updated")), (12_000, 0));
    assert!(unchanged <= 1_000, "only the batch that was under way is gone through twice: {ended:?}");
    // PostgreSQL takes back no id that a transaction had drawn when it was cut off: one for each thread at most.
    let ids = count(&setup.database, "SELECT max(id) - min(id) + 1 FROM users");
    assert!((12_000..=12_016).contains(&ids), "{ids}");
}

#[test]
fn a_backfill_that_parks_something_and_a_reconciliation_that_leaves_something_exit_with_1() {
    let setup = with_people(Setup::on_sqlite(), 20);
    setup.tenant.spoil_exports(10);
    let ended = setup.run(&["backfill"]);
    assert_eq!((ended.code, number(&ended.stdout, "parked")), (Some(1), 2), "{ended:?}");
    setup.tenant.mend_exports();
    setup.database.execute("UPDATE users SET name = 'Else'");
    let ended = setup.run(&["reconcile", "--dry-run"]);
    assert_eq!((ended.code, number(&ended.stdout, "open")), (Some(1), 20), "{ended:?}");
    let ended = setup.run(&["reconcile"]);
    assert_eq!((ended.code, number(&ended.stdout, "mended")), (Some(0), 20), "{ended:?}");
    let ended = setup.run(&["reconcile", "--dry-run", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("{\"export\":\"job_"), "{ended:?}");
}

#[test]
fn a_parked_user_is_taken_in_by_a_retry_once_nothing_stands_in_the_way() {
    let setup = with_people(Setup::on_sqlite(), 2);
    let database = &setup.database;
    database.execute("INSERT INTO users (id, email, auth0_id) VALUES (77, 'old@example.com', 'legacy|77')");
    setup.tenant.add_user(FakeUser::new("google-oauth2|eve").email("old@example.com", false).name("Eve"));
    assert_eq!(setup.run(&["backfill"]).code, Some(1));
    let listed = setup.run(&["events", "dead-letters", "list"]);
    assert!(listed.stdout.contains("backfill") && listed.stdout.contains("password era"), "{listed:?}");
    database.execute("UPDATE users SET email = 'elsewhere@example.com' WHERE id = 77");
    let retried = setup.run(&["events", "dead-letters", "retry"]);
    assert_eq!(retried.code, Some(0), "{retried:?}");
    assert_eq!(count(database, "SELECT count(*) FROM auth0_dead_letters"), 0);
    let eve = database.scalar("SELECT email || name FROM users WHERE auth0_id = 'google-oauth2|eve'");
    assert_eq!(eve.as_deref(), Some("old@example.comEve"));
}

#[test]
fn a_schema_that_is_behind_is_told_and_nothing_is_ordered() {
    let setup = Setup::on_sqlite();
    let (id, secret) = (setup.tenant.client_id(), setup.tenant.client_secret());
    let setup = Program::of(setup).with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret);
    for command in ["backfill", "reconcile"] {
        let ended = setup.run(&[command]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("run `authsync migrate up`"), "{ended:?}");
    }
    assert_eq!(setup.tenant.requests(fake_auth0::Endpoint::UsersExports), 0);
}

/// Peaks of memory while a command runs, by how many rows there were.
#[cfg(target_os = "linux")]
fn peaks(setup: &ProgramSetup, arguments: &[&str]) -> (u64, u64) {
    let mut run = setup.begin(arguments);
    let (mut early, mut last) = (0, 0);
    let started = std::time::Instant::now();
    while !run.is_over() {
        assert!(started.elapsed() < LONG, "it takes too long");
        last = run.peak_memory().unwrap_or(last);
        if count(&setup.database, "SELECT count(*) FROM users") < 4_000 {
            early = last;
        }
        crate::waiting::pause();
    }
    let ended = run.wait(LONG);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    (early, last)
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_users() {
    let setup = with_people(Setup::on_sqlite(), 20_000);
    let (early, last) = peaks(&setup, &["backfill"]);
    assert_eq!(count(&setup.database, "SELECT count(*) FROM users"), 20_000);
    assert!(early > 1_000 && last < early + 8 * 1_024 && last < 64 * 1_024, "{early} KiB, then {last} KiB");
    let (_, reconciled) = peaks(&setup, &["reconcile"]);
    assert!(reconciled < 64 * 1_024, "{reconciled} KiB");
}
