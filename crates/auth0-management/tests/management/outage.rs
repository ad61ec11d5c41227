//! Auth0 is in trouble, or somebody answers in its place.

use std::time::{Duration, Instant};

use auth0_http::TOTAL_TIMEOUT;
use auth0_management::ManagementError;
use fake_auth0::{Endpoint, FakeAuth0, FakeUser, Fault};

use crate::{ADA, Bench, stranger};

/// Longer than a profile may be.
const TOO_LONG: usize = 256 * 1024 + 1;

#[track_caller]
fn trouble_with(fault: Fault) -> ManagementError {
    let bench = Bench::new();
    bench.ask(&stranger(0)).expect("an answer, and a token");
    bench.tenant.break_endpoint(Endpoint::Users, fault);
    let begun = Instant::now();
    let error = bench.trouble(ADA);
    assert!(begun.elapsed() < TOTAL_TIMEOUT + Duration::from_secs(2), "{:?}", begun.elapsed());
    // Trouble is never remembered as an answer.
    bench.tenant.restore_all();
    bench.pass(5);
    assert!(bench.profile(ADA).email.is_some());
    error
}

#[test]
fn a_status_that_says_nothing_of_the_user_is_an_error() {
    for status in [204, 302, 400, 418, 500, 502, 503] {
        let error = trouble_with(Fault::Status(status));
        assert!(matches!(error, ManagementError::Status(found) if found == status), "{error:?}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = FakeAuth0::start();
    elsewhere.add_user(FakeUser::new(ADA));
    let location = elsewhere.url(Endpoint::Users).replace("{id}", "auth0%7Cada");
    assert!(matches!(trouble_with(Fault::Redirect(location)), ManagementError::Status(302)));
    assert_eq!(elsewhere.requests(Endpoint::Users), 0);
}

#[test]
fn what_is_no_profile_is_garbage() {
    for fault in [Fault::Garble, Fault::Oversize(TOO_LONG), Fault::OversizeUnannounced(TOO_LONG)] {
        let error = trouble_with(fault.clone());
        assert!(matches!(error, ManagementError::Garbage(_)), "{fault:?}: {error:?}");
    }
}

#[test]
fn the_longest_answer_that_is_read_is_read() {
    let bench = Bench::new();
    bench.tenant.oversize(Endpoint::Users, TOO_LONG - 1);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_connection_that_ends_too_soon_is_an_error() {
    for fault in [Fault::Close, Fault::Truncate] {
        let error = trouble_with(fault.clone());
        assert!(matches!(error, ManagementError::Unreachable(_)), "{fault:?}: {error:?}");
    }
}

#[test]
fn a_stalled_api_is_given_up_within_the_time_limit() {
    assert!(matches!(trouble_with(Fault::Stall), ManagementError::TooSlow));
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_given_up_within_the_time_limit() {
    assert!(matches!(trouble_with(Fault::Drip(Duration::from_millis(200))), ManagementError::TooSlow));
}

#[test]
fn a_stalled_token_endpoint_is_given_up_within_the_time_limit_by_all_who_wait() {
    let bench = Bench::new();
    bench.tenant.stall(Endpoint::Token);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let bench = &bench;
            scope.spawn(move || {
                let error = bench.trouble(&stranger(number));
                assert!(matches!(error, ManagementError::TooSlow), "{error:?}");
            });
        }
    });
    assert!(begun.elapsed() < TOTAL_TIMEOUT + Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((bench.token_requests(), bench.reads()), (1, 0));
}

#[test]
fn during_an_outage_one_request_in_five_seconds_asks_whether_it_is_over() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Users, 503);
    for number in 0..10 {
        assert!(matches!(bench.trouble(&stranger(number)), ManagementError::Status(503)));
    }
    assert_eq!(bench.reads(), 1);
    bench.pass(5);
    for number in 10..20 {
        bench.trouble(&stranger(number));
    }
    assert_eq!(bench.reads(), 2);
    bench.tenant.restore(Endpoint::Users);
    bench.pass(5);
    assert!(bench.profile(ADA).email.is_some());
    assert!(bench.ask(&stranger(20)).is_ok());
}

#[test]
fn one_odd_user_does_not_stand_in_the_way_of_the_others() {
    let bench = Bench::new();
    bench.tenant.add_user(FakeUser::new("auth0|odd").with("user_id", 7));
    assert!(matches!(bench.trouble("auth0|odd"), ManagementError::Garbage(_)));
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_tenant_that_is_down_is_an_error_and_its_return_needs_no_restart() {
    let bench = Bench::new();
    bench.tenant.go_down();
    assert!(matches!(bench.trouble(ADA), ManagementError::Unreachable(_)));
    bench.tenant.come_back();
    bench.pass(5);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn what_is_remembered_outlives_an_outage() {
    let bench = Bench::new();
    let profile = bench.profile(ADA);
    bench.tenant.go_down();
    bench.pass(599);
    assert_eq!(bench.profile(ADA), profile);
    bench.pass(1);
    bench.trouble(ADA);
}
