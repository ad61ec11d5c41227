//! Faults, and how often an endpoint was asked.

use std::thread;
use std::time::{Duration, Instant};

use fake_auth0::{Endpoint, FakeAuth0, Fault};

use crate::client::{agent, fetch, jwks};

const LONG: Duration = Duration::from_secs(10);

#[test]
fn a_start_is_quick_once_there_are_keys() {
    drop(FakeAuth0::start());
    let begun = Instant::now();
    drop(FakeAuth0::start());
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn requests_are_counted_per_endpoint() {
    let tenant = FakeAuth0::start();
    assert_eq!(tenant.requests(Endpoint::Jwks), 0);
    jwks(&tenant);
    jwks(&tenant);
    assert_eq!(tenant.requests(Endpoint::Jwks), 2);
    assert_eq!(tenant.requests(Endpoint::OpenidConfiguration), 0);
    assert_eq!(tenant.requests_in_flight_peak(Endpoint::Jwks), 1);
}

#[test]
fn a_failing_endpoint_answers_its_status_until_it_is_restored() {
    let tenant = FakeAuth0::start();
    tenant.fail(Endpoint::Jwks, 503);
    assert_eq!(fetch(&tenant, Endpoint::Jwks).unwrap().status(), 503);
    assert_eq!(fetch(&tenant, Endpoint::OpenidConfiguration).unwrap().status(), 200);
    tenant.restore(Endpoint::Jwks);
    assert_eq!(fetch(&tenant, Endpoint::Jwks).unwrap().status(), 200);
}

#[test]
fn stalled_requests_are_counted_and_answered_when_released() {
    let tenant = FakeAuth0::start();
    tenant.stall(Endpoint::Jwks);
    thread::scope(|scope| {
        let waiting: Vec<_> =
            (0..3).map(|_| scope.spawn(|| fetch(&tenant, Endpoint::Jwks).unwrap().status())).collect();
        assert!(tenant.wait_for_requests(Endpoint::Jwks, 3, LONG));
        assert_eq!(tenant.requests_in_flight(Endpoint::Jwks), 3);
        tenant.restore(Endpoint::Jwks);
        for answer in waiting {
            assert_eq!(answer.join().unwrap(), 200);
        }
    });
    assert!(tenant.wait_until_idle(Endpoint::Jwks, LONG));
    assert_eq!(tenant.requests_in_flight_peak(Endpoint::Jwks), 3);
}

#[test]
fn a_stalled_request_ends_with_its_connection() {
    let tenant = FakeAuth0::start();
    tenant.stall(Endpoint::Jwks);
    // Time enough to send the request on a busy machine, and then to go.
    let impatient =
        agent().get(tenant.url(Endpoint::Jwks)).config().timeout_global(Some(Duration::from_secs(1))).build();
    assert!(impatient.call().is_err());
    assert!(tenant.wait_for_requests(Endpoint::Jwks, 1, LONG));
    assert!(tenant.wait_until_idle(Endpoint::Jwks, LONG));
}

#[test]
fn a_tenant_with_a_stalled_client_stops_at_once() {
    let tenant = FakeAuth0::start();
    tenant.stall(Endpoint::Jwks);
    let url = tenant.url(Endpoint::Jwks);
    let client = thread::spawn(move || agent().get(url).call().is_err());
    assert!(tenant.wait_for_requests(Endpoint::Jwks, 1, LONG));
    let begun = Instant::now();
    drop(tenant);
    assert!(client.join().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_dripping_body_is_the_right_one_but_slow() {
    let tenant = FakeAuth0::start();
    tenant.break_endpoint(Endpoint::OpenidConfiguration, Fault::Drip(Duration::from_micros(10)));
    let body = fetch(&tenant, Endpoint::OpenidConfiguration).unwrap().body_mut().read_to_string().unwrap();
    assert!(body.contains(tenant.issuer()));
    tenant.drip(Endpoint::Jwks);
    let slow =
        agent().get(tenant.url(Endpoint::Jwks)).config().timeout_global(Some(Duration::from_millis(300))).build();
    let slow = slow.call().and_then(|mut answer| answer.body_mut().read_to_string());
    assert!(matches!(slow, Err(ureq::Error::Timeout(_))), "{slow:?}");
}

#[test]
fn a_garbled_answer_is_no_json() {
    let tenant = FakeAuth0::start();
    tenant.garble(Endpoint::Jwks);
    let mut answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.body_mut().read_json::<serde_json::Value>().is_err());
}

#[test]
fn a_truncated_answer_ends_in_the_middle() {
    let tenant = FakeAuth0::start();
    tenant.truncate(Endpoint::Jwks);
    let mut answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(answer.headers()["content-length"].to_str().unwrap(), tenant.jwks().len().to_string());
    assert!(answer.body_mut().read_to_string().is_err());
}

#[test]
fn an_oversized_answer_is_right_but_for_its_size() {
    let tenant = FakeAuth0::start();
    for (fault, announced) in [(Fault::Oversize(100_000), true), (Fault::OversizeUnannounced(100_000), false)] {
        tenant.break_endpoint(Endpoint::Jwks, fault);
        let mut answer = fetch(&tenant, Endpoint::Jwks).unwrap();
        assert_eq!(answer.headers().contains_key("content-length"), announced);
        let body = answer.body_mut().read_to_string().unwrap();
        assert_eq!(body.len(), 100_000);
        assert_eq!(body.trim_end().as_bytes(), tenant.jwks());
    }
}

#[test]
fn a_redirect_names_its_location() {
    let tenant = FakeAuth0::start();
    tenant.redirect(Endpoint::Jwks, "http://127.0.0.1:1/elsewhere");
    let answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (302, "http://127.0.0.1:1/elsewhere")
    );
}

#[test]
fn a_closed_connection_brings_no_answer() {
    let tenant = FakeAuth0::start();
    tenant.close(Endpoint::Jwks);
    assert!(fetch(&tenant, Endpoint::Jwks).is_err());
    assert!(tenant.requests(Endpoint::Jwks) >= 1);
}

#[test]
fn a_rate_limit_says_when_it_ends() {
    let tenant = FakeAuth0::start();
    tenant.rate_limit(Endpoint::Jwks, 2_000_000_000);
    let answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(answer.headers()["x-ratelimit-reset"], "2000000000");
}

#[test]
fn a_tenant_that_went_down_refuses_connections_and_comes_back_on_its_port() {
    let tenant = FakeAuth0::start();
    let (client, url, kid) = (agent(), tenant.url(Endpoint::Jwks), tenant.signing_key().kid().to_owned());
    assert_eq!(client.get(&url).call().unwrap().status(), 200);
    for _ in 0..3 {
        tenant.go_down();
        tenant.go_down();
        // A connection kept alive from before is as dead as a new one.
        assert!(client.get(&url).call().is_err());
        assert!(agent().get(&url).call().is_err());
        tenant.come_back();
        tenant.come_back();
        assert_eq!(agent().get(&url).call().unwrap().status(), 200);
    }
    assert_eq!(tenant.signing_key().kid(), kid);
    assert_eq!(tenant.requests(Endpoint::Jwks), 4);
}

#[test]
fn an_unknown_path_or_method_is_404_in_json() {
    let tenant = FakeAuth0::start();
    let mut answer = agent().get(format!("{}nowhere", tenant.issuer())).call().unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(crate::client::json(&mut answer)["statusCode"], 404);
    assert_eq!(agent().delete(tenant.url(Endpoint::Jwks)).call().unwrap().status(), 404);
}
