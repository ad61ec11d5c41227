//! Several domains of one tenant: each with keys of its own, and none at another's mercy.

use std::time::Duration;

use fake_auth0::{Endpoint, FakeAuth0, SigningKeyChoice};

use crate::client::sync_body;
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

/// A server that trusts its own tenant and another one, and knows Ada.
fn server_with(other: &FakeAuth0) -> TestServer {
    let setup = Setup::on_sqlite().with("AUTHSYNC_JWKS_COOLDOWN_SECS", "1");
    let domains = format!("{},{}", other.domain(), setup.tenant.domain());
    let server = setup.with("AUTH0_DOMAIN", &domains).start();
    let token = server.tenant.token("auth0|ada");
    let body = sync_body("ada@example.com", "auth0|ada", None);
    eventually("Ada is known", || (server.sync(&token, &body).status == 200).then_some(()));
    server
}

/// The server once it has the keys of both.
fn server_with_keys_of(other: &FakeAuth0) -> TestServer {
    let server = server_with(other);
    eventually("keys of both", || (server.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    server
}

/// The value of a series.
#[track_caller]
fn metric(server: &TestServer, series: &str) -> f64 {
    let text = server.get("/metrics").body;
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().expect("a number")
}

#[test]
fn tokens_of_each_issuer_pass() {
    let other = FakeAuth0::start();
    let server = server_with_keys_of(&other);
    assert_eq!(server.verify(&server.tenant.token("auth0|ada")).status, 200);
    assert_eq!(server.verify(&other.token("auth0|ada")).status, 200);
    server.verify(&FakeAuth0::start().token("auth0|ada")).assert_refuses_the_token();
}

#[test]
fn a_key_of_one_issuer_never_verifies_a_token_of_another() {
    let other = FakeAuth0::start();
    let server = server_with_keys_of(&other);
    for (signer, claimed) in [(&other, &*server.tenant), (&*server.tenant, &other)] {
        // With the signer's own kid, which the claimed issuer does not publish, and with one that it does.
        let named = || signer.token_for("auth0|ada").claim("iss", claimed.issuer());
        server.verify(&named().mint()).assert_refuses_the_token();
        server.verify(&named().kid(claimed.signing_key().kid()).mint()).assert_refuses_the_token();
        let disguised = claimed.token_for("auth0|ada").sign_with(SigningKeyChoice::Key(signer.signing_key()));
        server.verify(&disguised.mint()).assert_refuses_the_token();
        assert_eq!(server.verify(&claimed.token("auth0|ada")).status, 200);
    }
}

#[test]
fn two_keys_of_one_name_stay_with_their_issuers() {
    let other = FakeAuth0::start();
    let setup = Setup::on_sqlite();
    other.publish_current_key_as(setup.tenant.signing_key().kid());
    let domains = format!("{},{}", other.domain(), setup.tenant.domain());
    let server = setup.with("AUTH0_DOMAIN", &domains).start();
    eventually("keys of both", || (server.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    let kid = server.tenant.signing_key().kid().to_owned();
    let of = |signer: &FakeAuth0, issuer: &str| signer.token_for("auth0|ada").claim("iss", issuer).kid(&*kid).mint();
    // 404: a good token of somebody who is not in the table.
    for (signer, issuer, status) in [
        (&other, other.issuer(), 404),
        (&*server.tenant, server.tenant.issuer(), 404),
        (&other, server.tenant.issuer(), 401),
        (&*server.tenant, other.issuer(), 401),
    ] {
        assert_eq!(server.verify(&of(signer, issuer)).status, status, "{issuer}");
    }
}

#[test]
fn an_issuer_that_is_down_does_no_harm_to_tokens_of_another() {
    let other = FakeAuth0::start();
    other.go_down();
    // Ready although one has no keys: the other's tokens can be judged.
    let server = server_with(&other);
    let report = server.get("/readyz").json();
    assert_eq!((&report["ready"], &report["keys"]["state"]), (&true.into(), &"partial".into()));
    let states: Vec<_> = report["keys"]["issuers"].as_array().expect("issuers").iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["missing", "fresh"]);
    let state = |issuer: &str, state| {
        metric(&server, &format!(r#"authsync_issuer_keys_state{{issuer="{issuer}",state="{state}"}}"#))
    };
    assert_eq!((state(other.issuer(), "missing"), state(server.tenant.issuer(), "fresh")), (1.0, 1.0));

    let (good, out_of_reach) = (server.tenant.token("auth0|ada"), other.token("auth0|ada"));
    let fetches = server.tenant.requests(Endpoint::Jwks);
    for n in 0..20 {
        server.verify(&out_of_reach).assert_unavailable();
        server.verify(&other.token_for("auth0|ada").kid(format!("made-up-{n}")).mint()).assert_unavailable();
        assert_eq!(server.verify(&good).status, 200);
    }
    assert_eq!(server.tenant.requests(Endpoint::Jwks), fetches);

    other.come_back();
    eventually("recovery needs no restart", || (server.verify(&out_of_reach).status == 200).then_some(()));
    assert_eq!(server.get("/readyz").json()["keys"]["state"], "fresh");
}

#[test]
fn an_issuer_that_hangs_costs_no_token_of_another_that_has_rotated_suddenly() {
    let other = FakeAuth0::start();
    let server = server_with_keys_of(&other);
    let began = other.requests(Endpoint::Jwks);
    other.stall(Endpoint::Jwks);
    server.tenant.rotate_suddenly();
    let good = server.tenant.token("auth0|ada");
    std::thread::scope(|scope| {
        // It takes no token of that issuer to have it asked: these are forged.
        let made_up = |n| other.token_for("auth0|eve").kid(format!("made-up-{n}")).mint();
        for n in 0..3 {
            let (server, token) = (&server, made_up(n));
            scope.spawn(move || assert_ne!(server.verify(&token).status, 200));
        }
        assert!(other.wait_for_requests(Endpoint::Jwks, began + 1, Duration::from_secs(20)));
        assert_eq!(server.verify(&good).status, 200);
        other.restore(Endpoint::Jwks);
    });
}

#[test]
fn a_sudden_rotation_at_one_issuer_costs_the_other_no_fetch() {
    let other = FakeAuth0::start();
    let server = server_with_keys_of(&other);
    let fetches = server.tenant.requests(Endpoint::Jwks);
    other.rotate_suddenly();
    assert_eq!(server.verify(&other.token("auth0|ada")).status, 200);
    assert_eq!((server.tenant.requests(Endpoint::Jwks), other.requests(Endpoint::Jwks)), (fetches, 2));
}

#[test]
fn fetches_are_counted_by_issuer_and_together() {
    let other = FakeAuth0::start();
    let server = server_with_keys_of(&other);
    other.fail(Endpoint::Jwks, 503);
    let made_up = other.token_for("auth0|ada").kid("made-up").mint();
    server.verify(&made_up).assert_unavailable();
    let fetches = |issuer: &str, outcome| {
        metric(&server, &format!(r#"authsync_issuer_keys_fetches_total{{issuer="{issuer}",outcome="{outcome}"}}"#))
    };
    assert_eq!((fetches(other.issuer(), "ok"), fetches(server.tenant.issuer(), "failed")), (1.0, 0.0));
    let failed = fetches(other.issuer(), "failed");
    assert!(failed >= 1.0);
    assert!(metric(&server, r#"authsync_jwks_fetches_total{outcome="failed"}"#) >= failed);
    assert_eq!(metric(&server, "authsync_jwks_keys"), 4.0);
    let last = format!(r#"authsync_issuer_keys_last_fetch{{issuer="{}",outcome="failed"}}"#, other.issuer());
    assert_eq!(metric(&server, &last), 1.0);
}
