//! `authsync reconcile`, against a tenant and real databases.

use std::sync::Arc;

use domain::{Auth0Profile, Clock as _, DirectoryAnswer, DirectoryError, Profile, ProfileDirectory, Subject, UnixTime};
use fake_auth0::{Endpoint, FakeAuth0, FakeUser};
use scratch_database::ScratchDatabase;
use serde_json::{Value, json};
use server::backfill::backfill;
use server::command::{BackfillOptions, Format, ReconcileOptions};
use server::composition::TenantServices;
use server::reconcile::{Summary, reconcile};

use crate::databases::count;
use crate::tenant_commands::{CommandBench, on_both_scratch_databases};

on_both_scratch_databases! {
    nothing_differs_after_a_backfill,
    every_difference_is_mended_and_the_next_run_finds_none,
    a_dry_run_reports_the_same_and_changes_nothing,
    a_row_that_auth0_does_not_have_becomes_a_tombstone_after_it_was_asked_about,
    a_row_that_auth0_has_after_all_is_left_alive,
    legacy_rows_and_tombstones_are_no_difference,
    two_users_of_one_address_are_no_difference,
    what_cannot_be_read_is_named_and_the_rest_goes_on,
    a_tenant_that_has_nobody_of_the_table_makes_no_tombstones,
}

/// Everybody is in the table already.
fn in_step(people: u64, database: ScratchDatabase) -> CommandBench {
    let bench = CommandBench::new(FakeAuth0::builder().generated_people(people).start(), database);
    backfill(&BackfillOptions::default(), &bench.services()).expect("a backfill");
    bench
}

fn run_with(services: &TenantServices, dry_run: bool) -> anyhow::Result<(Summary, Value)> {
    let mut out = Vec::new();
    let summary = reconcile(ReconcileOptions { dry_run, format: Format::Json }, services, &mut out)?;
    Ok((summary, serde_json::from_slice(&out).expect("one JSON document")))
}

#[track_caller]
fn run(bench: &CommandBench, dry_run: bool) -> (Summary, Value) {
    run_with(&bench.services(), dry_run).expect("a report")
}

fn table(bench: &CommandBench, dry_run: bool) -> String {
    let mut out = Vec::new();
    reconcile(ReconcileOptions { dry_run, format: Format::Table }, &bench.services(), &mut out).expect("a report");
    String::from_utf8(out).expect("text")
}

fn id(number: u64) -> String {
    FakeUser::generated(number).user_id
}

/// The finding about a user.
#[track_caller]
fn about<'a>(report: &'a Value, auth0_id: &str) -> &'a Value {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().find(|finding| finding["auth0_id"] == auth0_id).unwrap_or_else(|| panic!("{auth0_id}: {report}"))
}

/// Changes both sides so that everything that can differ does.
fn bring_out_of_step(bench: &CommandBench) {
    let (renamed, readdressed) = (id(1), id(2));
    let update = |set: &str, of: &str| {
        bench.database.execute(&format!("UPDATE users SET {set} WHERE auth0_id = '{of}'"));
    };
    update("name = 'Somebody Else', picture = NULL", &renamed);
    update("email = 'else@example.com', email_verified = FALSE", &readdressed);
    update("blocked = TRUE", &id(3));
    bench.tenant.update_user(&id(4), |user| {
        user.blocked = Some(true);
        user.updated_at = Some("2026-02-01T00:00:00.000Z".to_owned());
    });
    bench.tenant.add_user(FakeUser::new("auth0|new").email("new@example.com", true).name("New"));
    bench.tenant.delete_user(&id(5));
}

fn nothing_differs_after_a_backfill(database: ScratchDatabase) {
    let bench = in_step(1_500, database);
    let (summary, report) = run(&bench, false);
    assert_eq!(summary, Summary { auth0_users: 1_500, rows: 1_500, same: 1_500, ..Summary::default() });
    assert_eq!(report["findings"], json!([]));
}

fn every_difference_is_mended_and_the_next_run_finds_none(database: ScratchDatabase) {
    let bench = in_step(20, database);
    bring_out_of_step(&bench);
    let (summary, report) = run(&bench, false);
    let expected = Summary {
        auth0_users: 20,
        rows: 21,
        same: 15,
        missing: 1,
        different: 4,
        extra: 1,
        mended: 6,
        ..Summary::default()
    };
    assert_eq!(summary, expected, "{report}");
    let changed = about(&report, &id(2));
    let email = FakeUser::generated(2).email;
    assert_eq!(
        (&changed["kind"], &changed["outcome"], &changed["fields"]),
        (
            &json!("different"),
            &json!("mended"),
            &json!([{ "field": "email", "auth0": email, "here": "else@example.com" }])
        )
    );
    assert_eq!(bench.column("name", &id(1)), FakeUser::generated(1).name);
    assert_eq!((bench.column("email", &id(2)), bench.column("email", "auth0|new").is_some()), (email, true));
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE blocked"), 1);
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 1);

    let (summary, _) = run(&bench, false);
    assert_eq!(summary, Summary { auth0_users: 20, rows: 21, same: 20, tombstones: 1, ..Summary::default() });
}

fn a_dry_run_reports_the_same_and_changes_nothing(database: ScratchDatabase) {
    let bench = in_step(20, database);
    bring_out_of_step(&bench);
    let everything = || {
        let row = "id || email || coalesce(name, '') || coalesce(picture, '') || auth0_id || blocked || \
                   coalesce(updated_at, '2001-01-01') || coalesce(deleted_at, '2001-01-01')";
        let row = |n| bench.database.scalar(&format!("SELECT {row} FROM users ORDER BY id LIMIT 1 OFFSET {n}"));
        let records = bench.database.scalar("SELECT count(*) FROM auth0_records");
        ((0..bench.rows()).map(row).collect::<Vec<_>>(), records)
    };
    let before = everything();
    let (summary, report) = run(&bench, true);
    assert_eq!(everything(), before);
    assert_eq!((summary.missing, summary.different, summary.extra), (1, 4, 1));
    assert_eq!((summary.mended, summary.open), (0, 6));
    assert!(report["findings"].as_array().expect("findings").iter().all(|finding| finding["outcome"] == "found"));
    assert_eq!(bench.tenant.requests(Endpoint::Users), 0);
    assert_eq!(report["dry_run"], true);
}

fn a_row_that_auth0_does_not_have_becomes_a_tombstone_after_it_was_asked_about(database: ScratchDatabase) {
    let bench = in_step(60, database);
    (10..50).for_each(|number| assert!(bench.tenant.delete_user(&id(number))));
    let rows = bench.rows();
    let (summary, report) = run(&bench, false);
    assert_eq!((summary.extra, summary.mended, summary.open), (40, 40, 0));
    assert_eq!(bench.rows(), rows, "nothing is deleted");
    assert_eq!(bench.tenant.requests(Endpoint::Users), 40, "each is asked about once");
    // The budget is 10 requests and then 2 a second; the clock moves for each wait.
    let passed = bench.clock.now().since(UnixTime::from_secs(bench.tenant.now()));
    assert!(passed.as_secs() >= 12, "{passed:?}");
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 40);
    let deleted_at = match bench.database.url().starts_with("sqlite") {
        true => "CAST(round(unixepoch(deleted_at, 'subsec') * 1000) AS INTEGER)",
        false => "(extract(epoch FROM deleted_at) * 1000)::bigint",
    };
    let deleted_at = bench.column(deleted_at, &id(10)).and_then(|millis| millis.parse::<i64>().ok());
    assert_eq!(deleted_at, report["asked_at"].as_i64());
}

/// Has everybody.
struct Everybody;

impl ProfileDirectory for Everybody {
    fn profile_of(&self, _: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        Ok(DirectoryAnswer::Found(Auth0Profile::of(Profile::default(), UnixTime::from_secs(0))))
    }
}

fn a_row_that_auth0_has_after_all_is_left_alive(database: ScratchDatabase) {
    let bench = in_step(3, database);
    // Written by a login while the export was under way.
    bench.database.execute("INSERT INTO users (email, auth0_id) VALUES ('late@example.com', 'auth0|late')");
    let services = TenantServices { profiles: Arc::new(Everybody), ..bench.services() };
    let (summary, report) = run_with(&services, false).expect("a report");
    assert_eq!((summary.extra, summary.open, &report["findings"]), (0, 0, &json!([])));
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
}

fn legacy_rows_and_tombstones_are_no_difference(database: ScratchDatabase) {
    let bench = in_step(3, database);
    bench.database.execute("INSERT INTO users (id, email, auth0_id) VALUES (77, 'old@example.com', 'legacy|77')");
    bench.tenant.delete_user(&id(2));
    run(&bench, false);
    let (summary, report) = run(&bench, false);
    let expected = Summary { auth0_users: 2, rows: 4, same: 2, legacy: 1, tombstones: 1, ..Summary::default() };
    assert_eq!((summary, &report["findings"]), (expected, &json!([])));
}

fn two_users_of_one_address_are_no_difference(database: ScratchDatabase) {
    let bench = in_step(3, database);
    bench.tenant.add_user(FakeUser::new("auth0|twin").email(FakeUser::generated(1).email.expect("one"), false));
    let (summary, _) = run(&bench, false);
    assert_eq!((summary.missing, summary.mended, summary.open), (1, 1, 0));
    for dry_run in [false, true] {
        let (summary, report) = run(&bench, dry_run);
        assert_eq!((summary.waiting, summary.different, summary.open), (1, 0, 0), "{report}");
        assert_eq!(about(&report, "auth0|twin")["reason"], "another user has the better claim to the email address");
    }
}

fn what_cannot_be_read_is_named_and_the_rest_goes_on(database: ScratchDatabase) {
    let bench = in_step(300, database);
    bench.database.execute("INSERT INTO users (id, email, auth0_id) VALUES (777, 'no address', 'auth0|odd')");
    bench.database.execute("UPDATE users SET name = 'Else' WHERE id = 300");
    bench.tenant.spoil_exports(100);
    let (summary, report) = run(&bench, false);
    assert_eq!((summary.unreadable, summary.different, summary.same), (4, 1, 299), "{report}");
    assert_eq!((summary.mended, summary.open), (1, 4));
    let unreadable = |finding: &&Value| finding["kind"] == "unreadable";
    let places: Vec<(&Value, &Value)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(unreadable)
        .map(|finding| (&finding["line"], &finding["id"]))
        .collect();
    let null = Value::Null;
    assert_eq!(places, [(&json!(1), &null), (&json!(102), &null), (&json!(203), &null), (&null, &json!(777))]);
}

fn a_tenant_that_has_nobody_of_the_table_makes_no_tombstones(database: ScratchDatabase) {
    let bench = in_step(5, database);
    (0..5).for_each(|number| assert!(bench.tenant.delete_user(&id(number))));
    bench.tenant.add_user(FakeUser::new("auth0|stranger").email("stranger@example.com", true));
    let (summary, report) = run(&bench, false);
    assert_eq!((summary.extra, summary.missing, summary.mended, summary.open), (5, 1, 1, 5));
    assert!(about(&report, &id(0))["reason"].as_str().expect("a reason").contains("is it the right tenant?"));
    assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
}

#[test]
fn a_table_for_people_says_what_differs_and_what_became_of_it() {
    let bench = in_step(4, ScratchDatabase::sqlite());
    bench.database.execute("UPDATE users SET name = 'Else' WHERE id = 2");
    let auth0_id = bench.database.scalar("SELECT auth0_id FROM users WHERE id = 2").expect("a row");
    let name = bench.tenant.user(&auth0_id).and_then(|user| user.name).expect("a name");
    for (dry_run, outcome) in [(true, "found"), (false, "mended")] {
        let report = table(&bench, dry_run);
        let line = format!(r#"different  {outcome:<7}          2 {auth0_id:<36} name: "{name}", here "Else""#);
        assert_eq!(report.lines().nth(1), Some(line.as_str()), "{report}");
        assert!(report.lines().any(|line| line == "different    1"), "{report}");
    }
    bench.tenant.add_user(FakeUser::new("auth0|new").email("new@example.com", true));
    assert!(table(&bench, true).contains("auth0|new                            has no row\n"));
    assert!(table(&bench, false).contains("auth0|new                            has a row now\n"));
    assert!(bench.tenant.delete_user("auth0|new"));
    assert!(table(&bench, true).contains("auth0|new                            no such user in the export\n"));
    assert!(
        table(&bench, false).contains("auth0|new                            no such user at Auth0; a tombstone now\n")
    );
    let report = table(&bench, false);
    assert!(report.starts_with("auth0 users  4\nrows         5\nsame         4\n"), "{report}");
}

#[test]
fn the_json_has_the_members_that_are_documented() {
    let bench = in_step(3, ScratchDatabase::sqlite());
    bench.tenant.delete_user(&id(2));
    let (_, report) = run(&bench, true);
    let names = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&report), ["asked_at", "dry_run", "export", "findings", "summary"]);
    assert_eq!(names(&report["findings"][0]), ["auth0_id", "id", "kind", "outcome"]);
    let documented = include_str!("../../../../docs/operations.md");
    for name in names(&report["summary"]) {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn nobody_becomes_a_tombstone_while_auth0_cannot_be_asked() {
    type Trouble = fn(&FakeAuth0);
    let rows: [(Trouble, &str); 2] = [
        (|tenant| tenant.fail(Endpoint::Users, 503), "auth0 answered 503"),
        (|tenant| tenant.fail(Endpoint::Users, 403), "lacks the scope read:users"),
    ];
    for (trouble, told) in rows {
        let bench = in_step(3, ScratchDatabase::sqlite());
        bench.tenant.delete_user(&id(2));
        trouble(&bench.tenant);
        let error = format!("{:#}", run_with(&bench.services(), false).expect_err(told));
        assert!(error.contains(told), "{error}");
        assert_eq!(count(&bench.database, "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
        bench.tenant.restore_all();
        assert_eq!(run(&bench, false).0.mended, 1);
    }
}
