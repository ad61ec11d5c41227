//! Exports, from the order to the last line.

use std::ops::ControlFlow;
use std::time::Duration;

use auth0_management::{ExportLine, ExportLines, Job, JobError, Limits, Patience};
use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0, FakeUser, Fault};
use serde_json::{Value, json};

use crate::jobs_bench::{JobBench, Wait};

const SCOPE: &str = "create:users read:users";

fn many(people: u64) -> JobBench {
    JobBench::over(FakeAuth0::builder().management_scope(SCOPE).generated_people(people).start())
}

#[track_caller]
fn exported(bench: &JobBench) -> Job {
    let job = bench.client.start_export(&["user_id", "email"], None).expect("a job");
    bench.finished(&job)
}

#[track_caller]
fn lines(bench: &JobBench, job: &Job, done: u64) -> ExportLines {
    bench.client.export_lines(&job.id, done).expect("a file")
}

fn user_id(line: &ExportLine) -> String {
    let user: Value = serde_json::from_slice(line.text.as_ref().expect("a whole line")).expect("an object");
    user["user_id"].as_str().expect("an id").to_owned()
}

#[test]
fn everybody_is_in_an_export_once() {
    let bench = many(20_000);
    bench.tenant.add_user(FakeUser::new("google-oauth2|ada").email("ada@example.test", true));
    let job = exported(&bench);
    let mut seen = std::collections::HashSet::new();
    for (index, line) in lines(&bench, &job, 0).enumerate() {
        let line = line.expect("a line");
        assert_eq!(line.number, index as u64 + 1);
        assert!(seen.insert(user_id(&line)), "{line:?}");
    }
    assert_eq!(seen.len(), 20_001);
    assert!(seen.contains("google-oauth2|ada"));
}

#[test]
fn an_export_holds_the_fields_and_the_connection_that_were_asked_for() {
    let bench = JobBench::new();
    bench.tenant.add_user(FakeUser::new("google-oauth2|1").email("g@example.test", true));
    bench.tenant.add_user(FakeUser::new("auth0|1").email("a@example.test", true).with("blocked", true));
    let order = bench.client.start_export(&["user_id", "blocked"], Some(DATABASE_CONNECTION_ID)).expect("a job");
    let job = bench.finished(&order);
    let found: Vec<Value> = lines(&bench, &job, 0)
        .map(|line| serde_json::from_slice(&line.expect("a line").text.expect("whole")).expect("an object"))
        .collect();
    assert_eq!(found, [json!({"user_id": "auth0|1", "blocked": true})]);
}

#[test]
fn an_empty_tenant_gives_no_lines() {
    let bench = JobBench::new();
    let job = exported(&bench);
    assert_eq!(lines(&bench, &job, 0).count(), 0);
}

#[test]
fn after_a_break_the_rest_comes_without_loss_or_repetition() {
    let bench = many(5000);
    let job = exported(&bench);
    let (mut ids, mut done) = (Vec::new(), 0);
    for breaks_after in [0, 1, 1700, 3210] {
        bench.tenant.break_exports_after(breaks_after);
        match bench.client.export_lines(&job.id, done) {
            // Broken before all that was done had come again.
            Err(JobError::Broken(broken)) => assert!(broken.lines <= done),
            Err(other) => panic!("{other:?}"),
            Ok(mut file) => {
                let broken = loop {
                    match file.next() {
                        Some(Ok(line)) => {
                            done = line.number;
                            ids.push(user_id(&line));
                        }
                        Some(Err(broken)) => break broken,
                        None => panic!("the file ended well"),
                    }
                };
                assert_eq!((broken.lines, ids.len() as u64), (done, done));
                assert!(file.next().is_none());
            }
        }
    }
    assert!(done > 1000, "{done}");
    bench.tenant.mend_exports();
    ids.extend(lines(&bench, &job, done).map(|line| user_id(&line.expect("a line"))));
    let whole: Vec<_> = lines(&bench, &job, 0).map(|line| user_id(&line.expect("a line"))).collect();
    assert!(ids == whole && ids.len() == 5000);
}

#[test]
fn malformed_lines_are_given_as_they_are_and_the_others_too() {
    let bench = many(1000);
    bench.tenant.spoil_exports(100);
    let job = exported(&bench);
    let (mut good, mut bad) = (0, Vec::new());
    for line in lines(&bench, &job, 0) {
        let line = line.expect("a line");
        let user: Option<Value> = serde_json::from_slice(line.text.as_ref().expect("a whole line")).ok();
        match user.as_ref().and_then(|user| user["user_id"].as_str()) {
            Some(_) => good += 1,
            None => bad.push(line.number),
        }
    }
    assert_eq!((good, bad), (1000, (0..10).map(|number| number * 101 + 1).collect()));
}

#[test]
fn an_address_that_has_expired_is_asked_for_again() {
    let bench = many(10);
    let job = exported(&bench);
    bench.waits();
    bench.tenant.fail(Endpoint::ExportFile, 403);
    bench.on_wait(|tenant, count| {
        if count == 2 {
            tenant.restore_all();
        }
        ControlFlow::Continue(())
    });
    let asked = bench.tenant.requests(Endpoint::Job);
    assert_eq!(lines(&bench, &job, 0).count(), 10);
    assert_eq!((bench.tenant.requests(Endpoint::ExportFile), bench.tenant.requests(Endpoint::Job) - asked), (3, 3));
}

#[test]
fn hours_later_the_file_is_still_there_and_a_day_later_no_more() {
    let bench = many(10);
    let job = exported(&bench);
    assert_eq!(lines(&bench, &job, 0).count(), 10);
    bench.pass(23 * 3600);
    assert_eq!(lines(&bench, &job, 7).count(), 3);
    bench.pass(3600);
    assert!(matches!(bench.client.export_lines(&job.id, 0), Err(JobError::NoSuchJob)));
}

#[test]
fn a_file_that_is_never_given_is_an_error() {
    let bench = many(10);
    let job = exported(&bench);
    bench.tenant.fail(Endpoint::ExportFile, 403);
    let outcome = bench.client.export_lines(&job.id, 0);
    assert!(matches!(outcome, Err(JobError::Refused { status: 403, .. })), "{outcome:?}");
    assert_eq!(bench.tenant.requests(Endpoint::ExportFile), 6);
}

#[test]
fn a_redirect_of_a_download_is_not_followed() {
    let bench = many(10);
    let elsewhere = FakeAuth0::start();
    let job = exported(&bench);
    bench.tenant.redirect(Endpoint::ExportFile, &elsewhere.url(Endpoint::Jwks));
    let outcome = bench.client.export_lines(&job.id, 0);
    assert!(matches!(outcome, Err(JobError::Refused { status: 302, .. })), "{outcome:?}");
    assert_eq!(elsewhere.requests(Endpoint::Jwks), 0);
}

#[test]
fn a_job_that_is_not_over_has_no_lines() {
    let bench = many(10);
    let job = bench.client.start_export(&["user_id"], None).expect("a job");
    assert!(matches!(bench.client.export_lines(&job.id, 0), Err(JobError::NotOver)));
}

#[test]
fn an_outage_of_the_storage_is_waited_for() {
    let bench = many(10);
    let job = exported(&bench);
    bench.waits();
    for fault in [Fault::Status(408), Fault::Status(503), Fault::Close] {
        bench.tenant.break_endpoint(Endpoint::ExportFile, fault);
        bench.on_wait(|tenant, count| {
            if count == 2 {
                tenant.restore_all();
            }
            ControlFlow::Continue(())
        });
        assert_eq!(lines(&bench, &job, 0).count(), 10);
        assert_eq!(bench.waits(), [1, 2].map(|secs| Wait::Outage(Duration::from_secs(secs))));
    }
}

#[test]
fn a_download_may_take_any_time_as_long_as_something_comes() {
    let patience = Patience { stall: Duration::from_secs(2), ..Patience::default() };
    let tenant = FakeAuth0::builder().management_scope(SCOPE).generated_people(60).start();
    let bench = JobBench::with(tenant, Limits::default(), patience);
    let job = exported(&bench);
    bench.waits();
    // In all much longer than one pause may be.
    bench.tenant.break_endpoint(Endpoint::ExportFile, Fault::Drip(Duration::from_millis(5)));
    let begun = std::time::Instant::now();
    assert_eq!(lines(&bench, &job, 0).count(), 60);
    assert!(begun.elapsed() > patience.stall, "{:?}", begun.elapsed());
    bench.tenant.stall(Endpoint::ExportFile);
    bench.on_wait(|tenant, _| {
        tenant.restore_all();
        ControlFlow::Continue(())
    });
    assert_eq!(lines(&bench, &job, 0).count(), 60);
    assert_eq!(bench.waits(), [Wait::Outage(Duration::from_secs(1))]);
}
