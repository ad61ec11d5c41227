//! The agent against a tenant on this machine, over real sockets.

use std::time::{Duration, Instant};

use auth0_http::{TOTAL_TIMEOUT, agent_for};
use fake_auth0::{Endpoint, FakeAuth0};

#[test]
fn every_status_is_an_answer() {
    let tenant = FakeAuth0::start();
    let agent = agent_for(tenant.issuer());
    let status = || agent.get(tenant.url(Endpoint::Jwks)).call().expect("an answer").status().as_u16();
    assert_eq!(status(), 200);
    for failure in [401, 429, 500] {
        tenant.fail(Endpoint::Jwks, failure);
        assert_eq!(status(), failure);
    }
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let (tenant, elsewhere) = (FakeAuth0::start(), FakeAuth0::start());
    tenant.redirect(Endpoint::Jwks, &elsewhere.url(Endpoint::Jwks));
    let answer = agent_for(tenant.issuer()).get(tenant.url(Endpoint::Jwks)).call().expect("an answer");
    assert_eq!(answer.status().as_u16(), 302);
    assert_eq!(elsewhere.requests(Endpoint::Jwks), 0);
}

#[test]
fn a_host_that_never_answers_is_given_up_within_the_time_limit() {
    let tenant = FakeAuth0::start();
    tenant.stall(Endpoint::Jwks);
    let begun = Instant::now();
    let outcome = agent_for(tenant.issuer()).get(tenant.url(Endpoint::Jwks)).call();
    assert!(matches!(outcome, Err(ureq::Error::Timeout(_))), "{outcome:?}");
    assert!(begun.elapsed() < TOTAL_TIMEOUT + Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_certificate_of_an_authority_that_nobody_trusts_is_refused() {
    let tenant = FakeAuth0::builder().https(true).start();
    let outcome = agent_for(tenant.issuer()).get(tenant.url(Endpoint::Jwks)).call();
    assert!(outcome.is_err(), "{outcome:?}");
    assert_eq!(tenant.requests(Endpoint::Jwks), 0);
}
