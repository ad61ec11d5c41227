//! Imports, from the file to the refused users.

use std::ops::ControlFlow;
use std::time::Duration;

use auth0_management::{
    ImportDraft, ImportFiles, ImportOrder, ImportSummary, ImportUser, JobError, JobStatus, ManagementError,
    PasswordHash,
};
use fake_auth0::{Endpoint, FakeUser, Fault};
use serde_json::json;

use crate::import_hashes::{FROM_FRAMEWORKS, PASSWORD};
use crate::import_login::logs_in;
use crate::jobs_bench::{JobBench, Wait, people};

#[test]
fn an_import_is_followed_to_its_end() {
    let bench = JobBench::new();
    let job = bench.import(&people(0..3)).expect("a job");
    assert_eq!((&job.status, job.external_id.as_deref()), (&JobStatus::Pending, Some("users-0001")));
    let mut seen = Vec::new();
    let job = bench.client.finished_job(&job.id, &mut |job| seen.push(job.status.clone())).expect("an end");
    assert_eq!(seen, [JobStatus::Processing, JobStatus::Completed]);
    assert_eq!(job.summary, Some(ImportSummary { total: 3, inserted: 3, updated: 0, failed: 0 }));
    assert!(bench.client.import_errors(&job.id).expect("an answer").rows.is_empty());
    assert!((0..3).all(|number| bench.tenant.user(&format!("auth0|{number}")).is_some()));
    assert_eq!(bench.waits(), [Wait::Job(Duration::from_secs(1))]);
}

#[test]
fn refused_users_come_with_auth0s_codes() {
    let bench = JobBench::new();
    bench.tenant.add_user(FakeUser::new("auth0|old").email("there@example.test", true));
    let users = json!([
        {"email": "new@example.test", "user_id": "1"},
        {"email": "there@example.test", "user_id": "2"},
        {"email": "no address", "user_id": "3", "nickname": ""},
        {"email": "New@example.test", "user_id": "4"},
    ]);
    let job = bench.finished(&bench.import(&users).expect("a job"));
    assert_eq!(job.summary, Some(ImportSummary { total: 4, inserted: 1, updated: 0, failed: 3 }));
    let rows = bench.client.import_errors(&job.id).expect("an answer").rows;
    let codes: Vec<(Option<&str>, Vec<&str>)> =
        rows.iter().map(|row| (row.user_id(), row.faults.iter().map(|fault| fault.code.as_str()).collect())).collect();
    assert!(codes.contains(&(Some("2"), vec!["CONFLICT_EMAIL"])), "{codes:?}");
    assert!(codes.contains(&(Some("3"), vec!["FORMAT", "MIN_LENGTH"])), "{codes:?}");
    assert!(codes.contains(&(Some("4"), vec!["DUPLICATED_USER"])), "{codes:?}");
    assert!(rows.iter().any(|row| row.email() == Some("no address")));
    let format = rows.iter().flat_map(|row| &row.faults).find(|fault| fault.code == "FORMAT").expect("a fault");
    assert!(format.path.as_deref() == Some("email") && !format.message.is_empty());
}

#[test]
fn users_who_are_there_are_changed_if_that_is_wanted() {
    let bench = JobBench::new();
    bench.tenant.add_user(FakeUser::new("auth0|1").email("ada@example.test", true).name("Ada"));
    let users = json!([{"email": "ada@example.test", "email_verified": true, "name": "Ada Lovelace"}]);
    let job = bench.import_bytes(users.to_string().as_bytes(), true).expect("a job");
    let summary = bench.finished(&job).summary.expect("a summary");
    assert_eq!((summary.updated, summary.failed), (1, 0));
    let ada = bench.tenant.user("auth0|1").expect("a user");
    assert!(format!("{ada:?}").contains("Ada Lovelace"), "{ada:?}");
}

#[test]
fn every_hash_that_is_mapped_passes_at_auth0_and_logs_its_user_in() {
    let bench = JobBench::new();
    let directory = tempfile::tempdir().expect("a directory");
    let mut files = ImportFiles::create(directory.path()).expect("a directory for files");
    for (number, (_, stored)) in FROM_FRAMEWORKS.iter().enumerate() {
        let draft = ImportDraft {
            email: Some(format!("user-{number}@example.test")),
            user_id: Some(number.to_string()),
            password: Some(PasswordHash::recognise(stored).expect("a known format").hash),
            ..ImportDraft::default()
        };
        files.push(&ImportUser::new(draft).expect("a sound user")).expect("a place in the file");
    }
    let files = files.finish().expect("files");
    let file = std::fs::read(&files[0].path).expect("a file");
    let job = bench.finished(&bench.import_bytes(&file, false).expect("a job"));
    let errors = bench.client.import_errors(&job.id).expect("an answer");
    assert!(errors.rows.is_empty(), "{errors:?}");
    for (number, (format, _)) in FROM_FRAMEWORKS.iter().enumerate() {
        let hash = bench.tenant.imported_hash(&format!("auth0|{number}")).expect("a hash");
        assert!(logs_in(&json!({ hash.member(): hash.value() }), PASSWORD), "{format}");
    }
}

#[test]
fn a_third_import_waits_until_one_of_two_is_over() {
    let bench = JobBench::new();
    let jobs: Vec<_> =
        (0..3).map(|number| bench.import(&people(number * 10..number * 10 + 10)).expect("a job")).collect();
    let waits = bench.waits();
    assert!(!waits.is_empty() && waits.iter().all(|wait| matches!(wait, Wait::RateLimit(_))), "{waits:?}");
    assert!(jobs.iter().all(|job| bench.finished(job).summary.is_some_and(|summary| summary.inserted == 10)));
}

#[test]
fn an_import_that_never_ends_stands_in_the_way_of_others_for_two_hours() {
    let bench = JobBench::new();
    bench.tenant.hold_jobs();
    for number in 0..2 {
        bench.import(&people(number..number + 1)).expect("a job");
    }
    // Auth0 gives up a job after that time, and there is room for another.
    bench.import(&people(2..3)).expect("a job");
    assert_eq!(rate_limited_minutes(&bench), 120);
}

#[test]
fn a_place_for_an_import_is_not_waited_for_for_ever() {
    let bench = JobBench::new();
    bench.tenant.fail(Endpoint::UsersImports, 429);
    let outcome = bench.import(&people(0..1));
    assert!(matches!(outcome, Err(JobError::Auth0(ManagementError::RateLimited { .. }))), "{outcome:?}");
    assert!((128..=130).contains(&rate_limited_minutes(&bench)));
}

/// How long the client waited, and for nothing else.
#[track_caller]
fn rate_limited_minutes(bench: &JobBench) -> u64 {
    let span = |wait: &Wait| if let Wait::RateLimit(span) = wait { *span } else { panic!("{wait:?}") };
    bench.waits().iter().map(span).sum::<Duration>().as_secs() / 60
}

#[test]
fn a_job_that_fails_as_a_whole_says_why() {
    let bench = JobBench::new();
    let job = bench.finished(&bench.import_bytes(b"no json", false).expect("a job"));
    assert!(matches!(&job.status, JobStatus::Failed(reason) if reason.contains("JSON")), "{job:?}");
}

#[test]
fn what_auth0_does_not_take_is_an_error_with_its_words() {
    let bench = JobBench::new();
    let file = vec![b' '; 500_001];
    let outcome = bench.import_bytes(&file, false);
    assert!(matches!(outcome, Err(JobError::Refused { status: 413, .. })), "{outcome:?}");
    let order = ImportOrder { connection_id: "con_none", file: b"[]", upsert: false, external_id: None };
    match bench.client.start_import(&order) {
        Err(JobError::Refused { status: 400, message }) => assert!(message.contains("connection"), "{message}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.waits(), []);
}

#[test]
fn a_file_as_long_as_auth0_takes_is_taken() {
    let bench = JobBench::new();
    let mut file = people(0..1000).to_string();
    file.push_str(&" ".repeat(500_000 - file.len()));
    let job = bench.finished(&bench.import_bytes(file.as_bytes(), false).expect("a job"));
    assert_eq!(job.summary.map(|summary| summary.inserted), Some(1000));
}

#[test]
fn an_import_that_may_have_begun_is_not_sent_again() {
    for fault in [Fault::Close, Fault::Truncate, Fault::Status(500), Fault::Status(502), Fault::Garble] {
        let bench = JobBench::new();
        bench.client.job("job_none").expect_err("no job");
        bench.tenant.break_endpoint(Endpoint::UsersImports, fault.clone());
        let outcome = bench.import(&people(0..1));
        assert!(matches!(outcome, Err(JobError::Unsure(_))), "{fault:?}: {outcome:?}");
        assert_eq!((bench.tenant.requests(Endpoint::UsersImports), bench.waits()), (1, vec![]), "{fault:?}");
    }
}

#[test]
fn an_import_that_cannot_have_arrived_is_sent_again() {
    let bench = JobBench::new();
    bench.client.job("job_none").expect_err("no job");
    bench.tenant.go_down();
    bench.on_wait(|tenant, count| {
        if count == 3 {
            tenant.come_back();
        }
        ControlFlow::Continue(())
    });
    let job = bench.import(&people(0..5)).expect("a job");
    assert_eq!(bench.waits(), [1, 2, 4].map(|secs| Wait::Outage(Duration::from_secs(secs))));
    assert_eq!(bench.tenant.requests(Endpoint::UsersImports), 1);
    assert_eq!(bench.finished(&job).summary.map(|summary| summary.inserted), Some(5));
}

#[test]
fn an_import_waits_for_the_end_of_a_rate_limit() {
    let bench = JobBench::new();
    bench.tenant.rate_limit(Endpoint::UsersImports, bench.tenant.now() + 40);
    bench.on_wait(|tenant, _| {
        tenant.restore_all();
        ControlFlow::Continue(())
    });
    bench.import(&people(0..1)).expect("a job");
    assert_eq!(bench.waits(), [Wait::RateLimit(Duration::from_secs(40))]);
}
