//! What is waited for, and what is an error at once.

use std::ops::ControlFlow;
use std::time::Duration;

use auth0_management::{JobError, Limits, ManagementError, Patience};
use fake_auth0::{Endpoint, FakeAuth0, Fault};

use crate::jobs_bench::{JobBench, Wait, people};
use crate::log_lines::lines_of;

/// An id that the tenant answers about at once.
const NONE: &str = "job_none";

fn secs(all: &[u64], wait: fn(Duration) -> Wait) -> Vec<Wait> {
    all.iter().map(|secs| wait(Duration::from_secs(*secs))).collect()
}

#[test]
fn a_wrong_secret_is_an_error_at_once() {
    let bench = JobBench::new();
    bench.tenant.set_client_secret("another-one");
    let error = bench.client.job(NONE).expect_err("no token");
    assert!(matches!(error, JobError::RefusedCredentials) && error.is_misconfiguration(), "{error:?}");
    assert!(error.to_string().contains("AUTH0_CLIENT_SECRET"), "{error}");
    assert_eq!((bench.tenant.requests(Endpoint::Token), bench.waits()), (1, vec![]));
}

#[test]
fn a_missing_scope_is_named_at_once_and_granting_it_needs_no_new_client() {
    let bench = JobBench::new();
    bench.tenant.set_management_scope("read:users");
    let error = bench.import(&people(0..1)).expect_err("no scope");
    assert!(matches!(&error, JobError::MissingScope { scope } if scope == "create:users"), "{error:?}");
    assert!(error.is_misconfiguration() && error.to_string().contains("create:users"), "{error}");
    assert_eq!(bench.waits(), []);
    bench.tenant.set_management_scope("create:users");
    bench.import(&people(0..1)).expect("a job");
    let error = bench.client.start_export(&["user_id"], None).expect_err("no scope");
    assert!(matches!(&error, JobError::MissingScope { scope } if scope == "read:users"), "{error:?}");
}

#[test]
fn a_client_without_a_grant_is_told_which_scope_it_needs() {
    let bench = JobBench::new();
    bench.tenant.fail(Endpoint::Token, 403);
    let error = bench.import(&people(0..1)).expect_err("no grant");
    assert!(matches!(&error, JobError::NotAuthorized { scope } if scope == "create:users"), "{error:?}");
    assert!(error.is_misconfiguration() && bench.waits().is_empty());
}

#[test]
fn a_revoked_token_is_replaced_once() {
    let bench = JobBench::new();
    let job = bench.import(&people(0..1)).expect("a job");
    bench.tenant.revoke_management_tokens();
    bench.client.job(&job.id).expect("the job");
    assert_eq!((bench.tenant.requests(Endpoint::Token), bench.waits()), (2, vec![]));
    bench.tenant.fail(Endpoint::Job, 401);
    let outcome = bench.client.job(&job.id);
    assert!(matches!(outcome, Err(JobError::Auth0(ManagementError::Status(401)))), "{outcome:?}");
    assert_eq!(bench.tenant.requests(Endpoint::Token), 3);
}

#[test]
fn an_unknown_job_is_an_error_at_once_whatever_its_id_is() {
    let bench = JobBench::new();
    for id in [NONE, "", "..", "../users/auth0|1", "a/errors", "?", "é"] {
        let outcome = bench.client.job(id);
        let is_fine = matches!(outcome, Err(JobError::NoSuchJob));
        assert!(is_fine, "{id}: {outcome:?}");
    }
    assert_eq!((bench.tenant.requests(Endpoint::Users), bench.waits()), (0, vec![]));
}

#[test]
fn a_rate_limit_is_waited_for_to_the_second() {
    let bench = JobBench::new();
    let job = bench.import(&people(0..1)).expect("a job");
    bench.tenant.rate_limit(Endpoint::Job, bench.tenant.now() + 45);
    bench.on_wait(|tenant, _| {
        tenant.restore_all();
        ControlFlow::Continue(())
    });
    let asked = bench.tenant.requests(Endpoint::Job);
    bench.client.job(&job.id).expect("the job");
    assert_eq!(bench.waits(), secs(&[45], Wait::RateLimit));
    assert_eq!(bench.tenant.requests(Endpoint::Job) - asked, 2);
}

#[test]
fn a_rate_limit_of_the_token_endpoint_is_waited_for_as_well() {
    let bench = JobBench::new();
    bench.tenant.rate_limit(Endpoint::Token, bench.tenant.now() + 20);
    bench.on_wait(|tenant, _| {
        tenant.restore_all();
        ControlFlow::Continue(())
    });
    bench.import(&people(0..1)).expect("a job");
    assert_eq!(bench.waits(), secs(&[20], Wait::RateLimit));
    assert_eq!(bench.tenant.requests(Endpoint::Token), 2);
}

#[test]
fn a_used_up_budget_is_waited_for() {
    let tenant = FakeAuth0::builder().management_scope("read:users").start();
    let limits = Limits { burst: 3, per_second: 2, ..Limits::default() };
    let bench = JobBench::with(tenant, limits, Patience::default());
    for _ in 0..6 {
        bench.client.job(NONE).expect_err("no job");
    }
    assert_eq!(bench.waits(), [Wait::Budget(Duration::from_millis(500)); 3]);
    assert_eq!(bench.tenant.requests(Endpoint::Job), 6);
}

#[test]
fn an_outage_is_waited_for_with_growing_pauses() {
    for fault in [Fault::Status(408), Fault::Status(500), Fault::Status(503), Fault::Close, Fault::Truncate] {
        let bench = JobBench::new();
        let job = bench.import(&people(0..1)).expect("a job");
        bench.tenant.break_endpoint(Endpoint::Job, fault.clone());
        bench.on_wait(|tenant, count| {
            if count == 4 {
                tenant.restore_all();
            }
            ControlFlow::Continue(())
        });
        bench.client.job(&job.id).expect("the job");
        assert_eq!(bench.waits(), secs(&[1, 2, 4, 8], Wait::Outage), "{fault:?}");
    }
}

#[test]
fn an_outage_without_end_is_an_error_in_the_end() {
    let bench = JobBench::new();
    bench.tenant.fail(Endpoint::Job, 503);
    let outcome = bench.client.job(NONE);
    assert!(matches!(outcome, Err(JobError::Auth0(ManagementError::Status(503)))), "{outcome:?}");
    let waits = bench.waits();
    let waited: Duration = waits.iter().map(|wait| if let Wait::Outage(span) = wait { *span } else { panic!() }).sum();
    assert!((570..=600).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(bench.tenant.requests(Endpoint::Job), waits.len() + 1);
}

#[test]
fn an_answer_that_stalls_is_given_up_and_asked_for_again() {
    let tenant = FakeAuth0::builder().management_scope("read:users").start();
    let patience = Patience { request: Duration::from_secs(1), ..Patience::default() };
    let bench = JobBench::with(tenant, Limits::default(), patience);
    bench.client.job(NONE).expect_err("no job");
    bench.tenant.stall(Endpoint::Job);
    bench.on_wait(|tenant, _| {
        tenant.restore_all();
        ControlFlow::Continue(())
    });
    assert!(matches!(bench.client.job(NONE), Err(JobError::NoSuchJob)));
    assert_eq!(bench.waits(), secs(&[1], Wait::Outage));
}

#[test]
fn what_is_no_answer_of_auth0_is_an_error_at_once() {
    let bench = JobBench::new();
    let job = bench.import(&people(0..1)).expect("a job");
    for fault in [Fault::Garble, Fault::Oversize(64 * 1024 + 1)] {
        bench.tenant.break_endpoint(Endpoint::Job, fault.clone());
        let outcome = bench.client.job(&job.id);
        assert!(matches!(outcome, Err(JobError::Auth0(ManagementError::Garbage(_)))), "{fault:?}: {outcome:?}");
    }
    let elsewhere = FakeAuth0::start();
    bench.tenant.redirect(Endpoint::Job, &elsewhere.url(Endpoint::Jwks));
    let outcome = bench.client.job(&job.id);
    assert!(matches!(outcome, Err(JobError::Refused { status: 302, .. })), "{outcome:?}");
    assert_eq!((elsewhere.requests(Endpoint::Jwks), bench.waits()), (0, vec![]));
}

#[test]
fn a_job_without_end_is_given_up() {
    let tenant = FakeAuth0::builder().management_scope("create:users").start();
    let patience = Patience { job: Duration::from_secs(60), ..Patience::default() };
    let bench = JobBench::with(tenant, Limits { burst: 100, ..Limits::default() }, patience);
    let job = bench.import(&people(0..1)).expect("a job");
    bench.tenant.hold_jobs();
    let outcome = bench.client.finished_job(&job.id, &mut |_| {});
    assert!(matches!(outcome, Err(JobError::NotOver)), "{outcome:?}");
    assert_eq!(bench.waits(), secs(&[1, 2, 4, 8, 10, 10, 10, 10, 10], Wait::Job));
}

#[test]
fn whoever_waits_can_make_an_end() {
    let bench = JobBench::new();
    bench.tenant.fail(Endpoint::Job, 503);
    bench.on_wait(|_, count| if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    assert!(matches!(bench.client.job(NONE), Err(JobError::Interrupted)));
    assert_eq!(bench.tenant.requests(Endpoint::Job), 2);
}

#[test]
fn no_secret_token_or_address_is_shown() {
    let bench = JobBench::new();
    let secret = bench.tenant.client_secret();
    let mut shown = Vec::new();
    let lines = lines_of(|| {
        let export = bench.client.start_export(&["user_id"], None).expect("a job");
        let export = bench.finished(&export);
        shown.push(format!("{export:?}"));
        shown.push(format!("{:?}", bench.client.export_lines(&export.id, 0).expect("a file")));
        bench.tenant.fail(Endpoint::ExportFile, 403);
        shown.push(format!("{:?}", bench.client.export_lines(&export.id, 0)));
        bench.tenant.close(Endpoint::UsersImports);
        shown.push(format!("{:?}", bench.import(&people(0..1))));
    });
    shown.extend(lines);
    shown.push(format!("{:?}", bench.client));
    for text in shown {
        // `eyJ` begins every token that is a JWT, `/exports/` every address of a file.
        assert!(!text.contains(&secret) && !text.contains("eyJ") && !text.contains("/exports/"), "{text}");
    }
}
