//! `authsync backfill`, against a tenant and real databases.

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0, FakeUser};
use scratch_database::ScratchDatabase;
use server::backfill::backfill;
use server::command::{BackfillOptions, Outcome};

use crate::databases::count;
use crate::tenant_commands::{CommandBench, on_both_scratch_databases};

on_both_scratch_databases! {
    everybody_is_taken_in_as_auth0_has_them,
    a_second_backfill_changes_nothing,
    a_backfill_mends_what_is_old_and_leaves_what_is_newer,
    lines_that_are_no_users_are_parked_with_their_place_and_reason_and_the_rest_goes_on,
    a_user_whom_an_unlinked_row_of_the_password_era_keeps_out_is_parked,
    two_users_of_one_address_are_both_there_and_one_of_them_waits,
    a_download_that_breaks_off_for_good_is_gone_on_with_by_the_next_run,
    a_run_begins_anew_when_auth0_has_forgotten_the_job,
    only_the_users_of_one_connection_are_taken_in_if_so_asked,
}

fn bench(people: u64, database: ScratchDatabase) -> CommandBench {
    CommandBench::new(FakeAuth0::builder().generated_people(people).start(), database)
}

fn run(bench: &CommandBench) -> anyhow::Result<Outcome> {
    backfill(&BackfillOptions::default(), &bench.services())
}

#[track_caller]
fn complete(bench: &CommandBench) -> String {
    let outcome = run(bench).expect("a backfill");
    assert!(outcome.complete, "{}", outcome.report);
    outcome.report
}

/// The number behind a word at the beginning of a line.
#[track_caller]
fn number(report: &str, word: &str) -> u64 {
    let line = report.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("{word}: {report}"));
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

fn everybody_is_taken_in_as_auth0_has_them(database: ScratchDatabase) {
    let bench = bench(2_500, database);
    bench.tenant.add_user(FakeUser::new("auth0|barred").email("barred@example.com", true).blocked(true));
    let report = complete(&bench);
    assert_eq!((number(&report, "lines"), number(&report, "created")), (2_501, 2_501));
    assert_eq!(bench.rows(), 2_501);
    let one = FakeUser::generated(1_999);
    let id = one.user_id.as_str();
    assert_eq!((bench.column("email", id), bench.column("name", id)), (one.email, one.name));
    assert_eq!(bench.column("picture", id), one.picture);
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE email_verified"), 2_251);
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE blocked"), 1);
    assert_eq!(bench.column("blocked", "auth0|barred").map(|is| is == "t" || is == "1" || is == "true"), Some(true));
}

fn a_second_backfill_changes_nothing(database: ScratchDatabase) {
    let bench = bench(1_200, database);
    complete(&bench);
    bench.database.execute("UPDATE users SET updated_at = '2001-01-01T00:00:00Z'");
    let report = complete(&bench);
    assert_eq!((number(&report, "created"), number(&report, "unchanged")), (0, 1_200));
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE updated_at > '2002-01-01T00:00:00Z'"), 0);
}

fn a_backfill_mends_what_is_old_and_leaves_what_is_newer(database: ScratchDatabase) {
    let bench = bench(0, database);
    let person = |updated_at: &str, name: &str| FakeUser {
        updated_at: Some(updated_at.to_owned()),
        ..FakeUser::new("auth0|ada").email("ada@example.com", true).name(name)
    };
    bench.tenant.add_user(person("2026-01-01T00:00:00.000Z", "Ada"));
    complete(&bench);
    bench.tenant.add_user(person("2026-01-03T00:00:00.000Z", "Ada Lovelace"));
    assert_eq!(number(&complete(&bench), "updated"), 1);
    // What an export says that was written before the last change.
    bench.tenant.add_user(person("2026-01-02T00:00:00.000Z", "Ada Byron"));
    assert_eq!(number(&complete(&bench), "unchanged"), 1);
    assert_eq!(bench.column("name", "auth0|ada").as_deref(), Some("Ada Lovelace"));
}

fn lines_that_are_no_users_are_parked_with_their_place_and_reason_and_the_rest_goes_on(database: ScratchDatabase) {
    let bench = bench(1_100, database);
    bench.tenant.spoil_exports(200);
    let outcome = run(&bench).expect("a backfill");
    assert!(!outcome.complete);
    assert_eq!((number(&outcome.report, "created"), number(&outcome.report, "parked")), (1_100, 6));
    assert_eq!(bench.rows(), 1_100);
    for told in [
        "line 1: the line is no JSON object",
        "line 202: the line is no JSON object",
        "line 604: user_id is missing or no subject of a user",
    ] {
        assert!(outcome.report.contains(told), "{told}: {}", outcome.report);
    }
    assert!(!outcome.report.contains("no-id@example.test"), "{}", outcome.report);
    assert_eq!(count(&bench.database, "SELECT count(*) FROM auth0_dead_letters WHERE source = 'backfill'"), 6);
    let body = bench.database.scalar("SELECT body FROM auth0_dead_letters WHERE event_id LIKE 'backfill:job_%:202'");
    assert_eq!(body.as_deref(), Some("not json"));
}

fn a_user_whom_an_unlinked_row_of_the_password_era_keeps_out_is_parked(database: ScratchDatabase) {
    let bench = bench(3, database);
    let rows = "(77, 'old@example.com', 'legacy|77'), (78, 'same@example.com', 'legacy|78')";
    bench.database.execute(&format!("INSERT INTO users (id, email, auth0_id) VALUES {rows}"));
    bench.tenant.add_user(FakeUser::new("google-oauth2|eve").email("old@example.com", false));
    bench.tenant.add_user(FakeUser::new("google-oauth2|ada").email("same@example.com", true));
    let outcome = run(&bench).expect("a backfill");
    assert!(!outcome.complete && outcome.report.contains("password era"), "{}", outcome.report);
    assert_eq!((number(&outcome.report, "parked"), number(&outcome.report, "created")), (1, 3));
    // A verified address is a link to the row.
    assert_eq!(bench.column("id", "google-oauth2|ada").as_deref(), Some("78"));
    assert_eq!(bench.column("email", "legacy|77").as_deref(), Some("old@example.com"));
    let body = bench.database.scalar("SELECT body FROM auth0_dead_letters WHERE auth0_id = 'google-oauth2|eve'");
    assert!(body.is_some_and(|body| body.contains("user.updated") && body.contains("old@example.com")));
}

fn two_users_of_one_address_are_both_there_and_one_of_them_waits(database: ScratchDatabase) {
    let bench = bench(0, database);
    bench.tenant.add_user(FakeUser::new("auth0|squatter").email("ada@example.com", false));
    bench.tenant.add_user(FakeUser::new("auth0|owner").email("ada@example.com", true));
    let report = complete(&bench);
    assert_eq!(number(&report, "created"), 2);
    assert_eq!(bench.column("email", "auth0|owner").as_deref(), Some("ada@example.com"));
    let other = bench.column("email", "auth0|squatter").expect("a row");
    assert!(other.ends_with("@displaced.invalid"), "{other}");
}

fn a_download_that_breaks_off_for_good_is_gone_on_with_by_the_next_run(database: ScratchDatabase) {
    let bench = bench(3_000, database);
    bench.tenant.break_exports_after(1_500);
    let error = format!("{:#}", run(&bench).expect_err("a broken download"));
    assert!(error.contains("1000 lines are done") && error.contains("broke off after 1500 lines"), "{error}");
    assert_eq!(bench.rows(), 1_000);
    bench.tenant.mend_exports();
    let ordered = bench.tenant.requests(Endpoint::UsersExports);
    let report = complete(&bench);
    assert_eq!(bench.tenant.requests(Endpoint::UsersExports), ordered, "no second export is ordered");
    assert_eq!((number(&report, "lines"), number(&report, "created"), bench.rows()), (3_000, 3_000, 3_000));
    assert!(bench.said().contains("goes on behind line 1000 of job_"), "{}", bench.said());
}

fn a_run_begins_anew_when_auth0_has_forgotten_the_job(database: ScratchDatabase) {
    let bench = bench(1_500, database);
    bench.tenant.break_exports_after(1_200);
    run(&bench).expect_err("a broken download");
    bench.tenant.mend_exports();
    // For the tenant a day has passed, for us none: clocks differ.
    bench.tenant.set_clock_offset(25 * 60 * 60);
    let report = complete(&bench);
    assert!(bench.said().contains("begins anew"), "{}", bench.said());
    assert_eq!((number(&report, "created"), number(&report, "unchanged"), bench.rows()), (500, 1_000, 1_500));
}

fn only_the_users_of_one_connection_are_taken_in_if_so_asked(database: ScratchDatabase) {
    let bench = bench(2, database);
    bench.tenant.add_user(FakeUser::new("google-oauth2|1").email("g@example.com", true));
    let options = BackfillOptions { connection: Some(DATABASE_CONNECTION_ID.to_owned()), restart: false };
    backfill(&options, &bench.services()).expect("a backfill");
    assert_eq!((bench.rows(), bench.column("id", "google-oauth2|1")), (2, None));
}

#[test]
fn asked_to_restart_a_run_orders_another_export() {
    let bench = bench(1_500, ScratchDatabase::sqlite());
    bench.tenant.break_exports_after(1_200);
    run(&bench).expect_err("a broken download");
    bench.tenant.mend_exports();
    let outcome = backfill(&BackfillOptions { connection: None, restart: true }, &bench.services()).expect("an end");
    assert_eq!((number(&outcome.report, "lines"), number(&outcome.report, "unchanged")), (1_500, 1_000));
}

#[test]
fn a_wrong_secret_a_missing_scope_and_an_outage_are_told_apart_and_change_nothing() {
    type Trouble = fn(&FakeAuth0);
    let rows: [(Trouble, &str); 4] = [
        (|tenant| tenant.set_client_secret("another-one"), "auth0 refused the credentials in AUTH0_CLIENT_ID and"),
        (|tenant| tenant.set_management_scope("read:clients"), "lacks the scope read:users of the management api"),
        (
            |tenant| tenant.fail(Endpoint::UsersExports, 503),
            "auth0 does not do what it was asked for: auth0 answered 503",
        ),
        (|tenant| tenant.go_down(), "auth0 is out of reach"),
    ];
    for (trouble, told) in rows {
        let bench = bench(3, ScratchDatabase::sqlite());
        let services = bench.services();
        trouble(&bench.tenant);
        let error = format!("{:#}", backfill(&BackfillOptions::default(), &services).expect_err(told));
        assert!(error.contains(told), "{told}: {error}");
        assert!(!error.contains("machine-secret"), "{error}");
        assert_eq!(bench.rows(), 0);
    }
}
