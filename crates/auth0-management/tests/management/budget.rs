//! How much is asked of Auth0, as the tenant counts it.

use auth0_management::{Limits, ManagementError};
use domain::UnixTime;
use fake_auth0::Endpoint;

use crate::{ADA, Bench, stranger};

#[test]
fn no_more_is_asked_than_the_budget_allows_and_the_rest_is_an_error_at_once() {
    let bench = Bench::new();
    let outcomes: Vec<_> = (0..50).map(|number| bench.ask(&stranger(number))).collect();
    assert!(outcomes[..10].iter().all(Result::is_ok), "{outcomes:?}");
    assert!(outcomes[10..].iter().all(|outcome| matches!(outcome, Err(ManagementError::OverBudget))), "{outcomes:?}");
    assert_eq!(bench.reads(), 10);
    for second in 1..=5 {
        bench.pass(1);
        for number in 0..10 {
            let _ = bench.ask(&stranger(100 * second + number));
        }
    }
    assert_eq!(bench.reads(), 10 + 5 * 2);
}

#[test]
fn the_budget_is_a_setting() {
    let bench = Bench::with(Limits { burst: 1, per_second: 5, ..Limits::default() });
    assert!(bench.ask(&stranger(0)).is_ok());
    assert!(matches!(bench.trouble(&stranger(1)), ManagementError::OverBudget));
    bench.pass(1);
    assert!(bench.ask(&stranger(2)).is_ok());
}

#[test]
fn what_is_remembered_costs_nothing() {
    let bench = Bench::with(Limits { burst: 1, ..Limits::default() });
    for _ in 0..100 {
        bench.profile(ADA);
    }
    assert_eq!(bench.reads(), 1);
}

#[test]
fn a_429_is_obeyed_until_its_reset() {
    let bench = Bench::new();
    let reset = bench.tenant.now() + 60;
    bench.tenant.rate_limit(Endpoint::Users, reset);
    for number in 0..20 {
        let error = bench.trouble(&stranger(number));
        assert!(
            matches!(error, ManagementError::RateLimited { until } if until == UnixTime::from_secs(reset)),
            "{error:?}"
        );
    }
    assert_eq!(bench.reads(), 1);
    bench.tenant.restore(Endpoint::Users);
    bench.pass(59);
    assert!(matches!(bench.trouble(ADA), ManagementError::RateLimited { .. }));
    assert_eq!(bench.reads(), 1);
    bench.pass(1);
    assert!(bench.profile(ADA).email.is_some());
    assert_eq!(bench.reads(), 2);
}

#[test]
fn a_429_without_a_moment_is_obeyed_for_a_while() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Users, 429);
    assert!(matches!(bench.trouble(ADA), ManagementError::RateLimited { .. }));
    bench.tenant.restore(Endpoint::Users);
    bench.pass(4);
    assert!(matches!(bench.trouble(ADA), ManagementError::RateLimited { .. }));
    bench.pass(1);
    assert!(bench.profile(ADA).email.is_some());
}

#[test]
fn a_closed_door_costs_no_token_either() {
    let bench = Bench::new();
    bench.tenant.rate_limit(Endpoint::Users, bench.tenant.now() + 86_400);
    bench.trouble(ADA);
    bench.tenant.revoke_management_tokens();
    bench.pass(1800);
    bench.trouble(ADA);
    assert_eq!((bench.token_requests(), bench.reads()), (1, 1));
}
