//! `authsync legacy import`: what Auth0 takes, what it refuses, and what goes wrong on the way.

use std::fs;

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeUser};
use scratch_database::ScratchDatabase;
use serde_json::json;

use crate::legacy_import_bench::{ImportBench, change_user};
use crate::legacy_table::email;
use crate::tenant_commands::on_both_scratch_databases;

on_both_scratch_databases! {
    an_import_brings_everybody_in_and_a_second_run_sends_nothing,
    those_whom_auth0_refuses_are_kept_for_mending_and_told_from_those_who_are_there_already,
    somebody_else_under_the_same_id_is_never_taken_for_the_user,
    files_uploaded_by_hand_are_linked_but_for_those_whom_auth0_refused,
}

fn bench(rows: i64) -> ImportBench {
    ImportBench::new(ScratchDatabase::sqlite(), rows)
}

fn an_import_brings_everybody_in_and_a_second_run_sends_nothing(database: ScratchDatabase) {
    let bench = ImportBench::new(database, 100);
    let outcome = bench.import().expect("an import");
    assert!(outcome.complete && outcome.report.contains("next: authsync legacy link"), "{}", outcome.report);
    assert_eq!(bench.imported(), bench.table.exportable());
    assert!(bench.tenant.user("auth0|1").is_some_and(|user| user.email == Some(email(1).to_lowercase())));
    assert!(bench.tenant.imported_hash("auth0|1").is_some());
    let sent = bench.tenant.requests(Endpoint::UsersImports);
    let again = bench.import().expect("an import");
    assert_eq!((again, bench.tenant.requests(Endpoint::UsersImports)), (outcome, sent));
}

fn those_whom_auth0_refuses_are_kept_for_mending_and_told_from_those_who_are_there_already(database: ScratchDatabase) {
    let bench = ImportBench::new(database, 100);
    bench.tenant.add_user(FakeUser::new("auth0|elsewhere").email(email(1).to_lowercase(), true));
    bench.tenant.add_user(FakeUser::new("auth0|2").email(email(2), true));
    bench.change(3, |user| user["nickname"] = json!(""));
    let outcome = bench.import().expect("an import");
    assert!(!outcome.complete, "{}", outcome.report);
    let codes = |(id, outcome, code): &(i64, String, String)| format!("{id} {outcome} {code}");
    let report: Vec<_> = bench.report().iter().map(codes).collect();
    assert_eq!(report, ["1 address_taken CONFLICT_EMAIL (email)", "3 refused MIN_LENGTH (nickname)"]);
    // The second was there under its id with its address.
    assert_eq!(bench.imported(), bench.table.exportable() - 2);
    assert!(bench.problem(1).is_some_and(|problem| problem.contains("another user with this address")));
    assert!(bench.problem(3).is_some_and(|problem| problem.contains("MIN_LENGTH")));
    assert_eq!(bench.problem(2), None);
    for text in [outcome.report, bench.said(), fs::read_to_string(bench.out.join("import.journal")).expect("a journal")]
    {
        assert!(!text.contains("xample.com"), "{text}");
    }
    let errors = bench.out.join("errors");
    change_user(&errors, 3, |user| drop(user.as_object_mut().expect("an object").remove("nickname")));
    let mended = bench.import_from(&errors, DATABASE_CONNECTION_ID).expect("an import");
    assert!(mended.complete && mended.report.contains("imported 1 users"), "{}", mended.report);
    assert_eq!(bench.imported(), bench.table.exportable() - 1);
    // What the operator has in hand is not written again.
    bench.import().expect("an import");
    assert!(errors.join("import.journal").exists());
    bench.table.done(&["link"]);
    let linked = "SELECT count(*) FROM users WHERE auth0_id LIKE 'auth0|%'";
    assert_eq!(bench.table.count(linked), bench.table.exportable() - 1);
}

fn somebody_else_under_the_same_id_is_never_taken_for_the_user(database: ScratchDatabase) {
    let bench = ImportBench::new(database, 20);
    bench.tenant.add_user(FakeUser::new("auth0|5").email("stranger@example.org", true));
    let outcome = bench.import().expect("an import");
    assert!(!outcome.complete && outcome.report.contains("their id is somebody else's"), "{}", outcome.report);
    assert_eq!(bench.report()[0].1, "id_taken");
    bench.table.done(&["link"]);
    assert_eq!(bench.table.database.scalar("SELECT auth0_id FROM users WHERE id = 5").as_deref(), Some("legacy|5"));
    let open = "SELECT count(*) FROM legacy_users WHERE user_id = 5 AND exported_at IS NOT NULL";
    assert_eq!(bench.table.count(open), 0, "a login as auth0|5 would be given the row of somebody else");
    let again = bench.out.with_file_name("again");
    bench.table.legacy(&["export", "--out", again.to_str().expect("a name")]);
    assert_eq!(bench.table.count(open), 0);
}

fn files_uploaded_by_hand_are_linked_but_for_those_whom_auth0_refused(database: ScratchDatabase) {
    let bench = ImportBench::new(database, 20);
    let refused = json!([{ "user": { "email": email(3) }, "errors": [{ "code": "CONFLICT_EMAIL" }] }]);
    fs::write(bench.out.join("job-errors-1.json"), refused.to_string()).expect("a file");
    let out = bench.out.to_str().expect("a name");
    bench.table.done(&["link", "--uploaded", out]);
    let linked = "SELECT count(*) FROM users WHERE auth0_id = 'auth0|' || id";
    assert_eq!(bench.table.count(linked), bench.table.exportable() - 1);
    assert!(bench.problem(3).is_some());
    fs::write(bench.out.join("job-errors-2.json"), "[{}]").expect("a file");
    let ended = bench.table.legacy(&["link", "--uploaded", out]);
    assert!(ended.code == Some(1) && ended.stderr.contains("job-errors-2.json"), "{ended:?}");
}

#[test]
fn a_file_of_whose_job_nobody_heard_is_not_sent_again_when_its_users_are_there() {
    let bench = bench(30);
    // The answer breaks off: the job has begun.
    bench.tenant.set_polls_per_job_state(0);
    bench.tenant.truncate(Endpoint::UsersImports);
    let outcome = bench.import().expect("an import");
    assert!(outcome.complete, "{}", outcome.report);
    assert!(bench.said().contains("not known whether users-0001.json has arrived"), "{}", bench.said());
    assert_eq!((bench.tenant.requests(Endpoint::UsersImports), bench.imported()), (1, bench.table.exportable()));
}

#[test]
fn a_file_that_never_arrived_is_sent_again() {
    let bench = bench(30);
    bench.tenant.close(Endpoint::UsersImports);
    let error = bench.error();
    assert!(error.contains("1 of 1 files are not imported: run it again"), "{error}");
    bench.tenant.restore_all();
    assert!(bench.import().expect("an import").complete);
    assert_eq!(bench.imported(), bench.table.exportable());
}

#[test]
fn a_job_that_auth0_has_forgotten_is_found_out_about() {
    let bench = bench(30);
    bench.import().expect("an import");
    bench.table.database.execute("UPDATE legacy_users SET imported_at = NULL");
    let journal = bench.out.join("import.journal");
    let text = fs::read_to_string(&journal).expect("a journal");
    let until = text.find("\"over\"").and_then(|over| text[..over].rfind('\n')).expect("an end");
    let id = text.split("job_").nth(1).and_then(|rest| rest.split('"').next()).expect("a job");
    fs::write(&journal, text[..=until].replace(id, "forgotten")).expect("a journal");
    assert!(bench.import().expect("an import").complete);
    assert_eq!((bench.tenant.requests(Endpoint::UsersImports), bench.imported()), (1, bench.table.exportable()));
}

#[test]
fn what_the_operator_has_to_mend_is_said_exactly_and_nothing_is_lost() {
    let bench = bench(30);
    let unknown = bench.import_from(&bench.out, "con_none").expect_err("an error");
    let unknown = format!("{unknown:#}");
    assert!(unknown.contains("con_none") && unknown.contains("The connection does not exist"), "{unknown}");
    fs::remove_file(bench.out.join("import.journal")).expect("a journal");
    bench.tenant.set_management_scope("read:users");
    let scope = bench.error();
    assert!(scope.contains("lacks the scope create:users"), "{scope}");
    bench.tenant.set_management_scope("create:users read:users");
    bench.tenant.set_client_secret("another");
    let secret = bench.error();
    assert!(secret.contains("refused the credentials in AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET"), "{secret}");
    bench.tenant.set_client_secret("machine-secret");
    let other = bench.import_from(&bench.out, "con_other").expect_err("an error").to_string();
    assert!(format!("{other:?}").contains("legacy import"), "{other}");
    assert!(bench.import().expect("an import").complete);
    assert_eq!(bench.imported(), bench.table.exportable());
}

#[test]
fn an_outage_and_a_busy_tenant_are_waited_for_and_said() {
    let bench = bench(30);
    bench.tenant.go_down();
    let tenant = std::sync::Arc::clone(&bench.tenant);
    let mut waits = 0;
    bench.waiter.hook(move || {
        waits += 1;
        if waits == 3 {
            tenant.come_back();
            tenant.fail(Endpoint::UsersImports, 429);
        }
        if waits == 6 {
            tenant.restore_all();
        }
    });
    assert!(bench.import().expect("an import").complete);
    let said = bench.said();
    assert!(said.contains("out of reach") && said.contains("auth0 takes no more for now"), "{said}");
}

#[test]
fn a_directory_without_a_finished_export_is_not_imported() {
    let bench = bench(30);
    fs::remove_file(bench.out.join("export.json")).expect("a manifest");
    let error = bench.error();
    assert!(error.contains("holds no finished export"), "{error}");
    assert_eq!(bench.tenant.requests(Endpoint::UsersImports), 0);
}

#[test]
fn a_file_that_auth0_would_refuse_is_not_sent() {
    let bench = bench(30);
    bench.change(4, |user| user["password"] = json!("hunter2"));
    let error = bench.error();
    assert!(error.contains("users-0001.json: auth0 would refuse it: user 4"), "{error}");
    assert!(!error.contains("hunter2") && bench.tenant.requests(Endpoint::UsersImports) == 0);
}

#[test]
fn an_export_is_not_written_over_while_its_import_is_under_way() {
    let bench = bench(30);
    bench.import().expect("an import");
    let ended = bench.table.legacy(&["export", "--out", bench.out.to_str().expect("a name")]);
    assert!(ended.code == Some(1) && ended.stderr.contains("an import from"), "{ended:?}");
}
