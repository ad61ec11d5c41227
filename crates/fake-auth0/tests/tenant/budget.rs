//! The limit of the Management API.

use fake_auth0::{Endpoint, FakeAuth0, FakeUser};
use ureq::Body;
use ureq::http::Response;

use crate::client::{agent, fetch};
use crate::management::Management;

fn limited() -> Management {
    let tenant = FakeAuth0::builder().clock_at(1_800_000_000).rate_limit(2, 0.5).start();
    tenant.add_user(FakeUser::new("auth0|1"));
    Management::of(tenant)
}

fn user(management: &Management) -> Response<Body> {
    let url = management.tenant.url(Endpoint::Users).replace("{id}", "auth0%7C1");
    agent().get(url).header("authorization", format!("Bearer {}", management.token)).call().unwrap()
}

fn said(answer: &Response<Body>) -> (u16, [&str; 3]) {
    let header = |name: &str| answer.headers()[name].to_str().unwrap();
    (
        answer.status().as_u16(),
        [header("x-ratelimit-limit"), header("x-ratelimit-remaining"), header("x-ratelimit-reset")],
    )
}

#[test]
fn requests_beyond_the_budget_are_refused_and_counted_until_time_has_passed() {
    let management = limited();
    assert_eq!(said(&user(&management)), (200, ["2", "1", "1800000000"]));
    assert_eq!(said(&user(&management)), (200, ["2", "0", "1800000002"]));
    assert_eq!(said(&user(&management)), (429, ["2", "0", "1800000002"]));
    management.tenant.set_clock(1_800_000_002);
    assert_eq!(said(&user(&management)).0, 200);
    assert_eq!((management.tenant.requests(Endpoint::Users), management.tenant.refused_requests()), (4, 1));
}

#[test]
fn the_budget_is_one_for_the_whole_management_api_and_for_nothing_else() {
    let management = limited();
    user(&management);
    management.job("job_0000000000000000");
    assert_eq!(management.import_form(&[b' '; 400_000], &[]).0, 429);
    let jwks = fetch(&management.tenant, Endpoint::Jwks).unwrap();
    assert_eq!((jwks.status().as_u16(), jwks.headers().contains_key("x-ratelimit-limit")), (200, false));
    management.tenant.lift_request_limit();
    assert!(!user(&management).headers().contains_key("x-ratelimit-limit"));
    management.tenant.limit_requests(1, 1.0);
    assert_eq!((said(&user(&management)).0, said(&user(&management)).0), (200, 429));
}

#[test]
fn failures_of_the_management_api_carry_the_headers_too() {
    let management = limited();
    management.tenant.fail(Endpoint::Users, 500);
    assert_eq!(said(&user(&management)), (500, ["2", "1", "1800000000"]));
    management.tenant.rate_limit(Endpoint::Users, 1_900_000_000);
    assert_eq!(said(&user(&management)), (429, ["10", "0", "1900000000"]));
}
