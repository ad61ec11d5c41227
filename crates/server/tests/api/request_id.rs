//! One name for a request, on both sides and in the log.

use std::collections::HashSet;

use crate::client::bearer;
use crate::program::Program;
use crate::raw_connection::{head, request};
use crate::spawn::Setup;
use crate::waiting::eventually;

const X_REQUEST_ID: &str = "x-request-id";

#[test]
fn a_harmless_id_is_taken_as_it_is() {
    let server = Setup::on_sqlite().start();
    let longest = "a".repeat(128);
    for id in ["7", "req-42_a.b:c/d+e=", "0af7651916cd43dd8448eb211c80319c", &longest] {
        for path in ["/healthz", "/auth/verify", "/nowhere"] {
            assert_eq!(server.ask("GET", path, &[(X_REQUEST_ID, id)]).header(X_REQUEST_ID), Some(id));
        }
    }
}

#[test]
fn a_missing_or_harmful_id_is_replaced() {
    let server = Setup::on_sqlite().start();
    let too_long = "a".repeat(129);
    let mut seen = HashSet::new();
    for sent in
        [None, Some(""), Some("a b"), Some("a\tb"), Some("<script>"), Some("\"a\""), Some("ü"), Some(&*too_long)]
    {
        let mut connection = server.raw();
        let headers: Vec<(&str, &str)> = sent.map(|id| (X_REQUEST_ID, id)).into_iter().collect();
        connection.send(head("GET", "/auth/verify", &headers));
        let answer = connection.answer();
        let made = answer.header(X_REQUEST_ID).expect("an id").to_owned();
        assert!(made.len() >= 16 && made.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{made}");
        assert!(seen.insert(made), "an id came twice");
    }
}

#[test]
fn every_answer_has_an_id_of_its_own() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let mut seen = HashSet::new();
    let mut connection = server.raw();
    for request in [
        head("GET", "/healthz", &[]),
        head("GET", "/readyz", &[]),
        head("GET", "/metrics", &[]),
        head("GET", "/openapi.json", &[]),
        head("GET", "/docs", &[]),
        head("GET", "/auth/verify", &[("authorization", &bearer(&token))]),
        head("GET", "/auth/verify", &[("authorization", "Bearer bad")]),
        head("GET", "/nowhere", &[]),
        head("DELETE", "/auth/sync", &[]),
        head("OPTIONS", "/auth/sync", &[("origin", "https://a.test"), ("access-control-request-method", "POST")]),
        request("POST", "/auth/sync", Some(&token), "{"),
        request("POST", "/auth/sync", Some(&token), &" ".repeat(70_000)),
    ] {
        connection.send(&request);
        let answer = connection.answer();
        assert!(seen.insert(answer.header(X_REQUEST_ID).expect("an id").to_owned()), "{answer:?}");
    }
}

#[test]
fn the_log_names_each_request_with_route_status_and_id() {
    let program = Program::on_sqlite().serve();
    let client = program.client();
    let token = program.tenant.token("auth0|ada");
    client.ask(
        "GET",
        "/auth/verify?secret=in-the-query",
        &[(X_REQUEST_ID, "known-user-1"), ("authorization", &bearer(&token))],
    );
    client.ask("GET", "/auth/verify", &[(X_REQUEST_ID, "expired-2"), ("authorization", "Bearer a.b.c")]);
    client.ask("GET", "/private/path-in-the-log", &[(X_REQUEST_ID, "unknown-3")]);
    let made = client.get("/healthz").header(X_REQUEST_ID).expect("an id").to_owned();
    for (id, words) in [
        ("known-user-1", vec!["GET", "/auth/verify", "404"]),
        ("expired-2", vec!["GET", "/auth/verify", "401", "malformed"]),
        ("unknown-3", vec!["GET", "404"]),
        (made.as_str(), vec!["GET", "/healthz", "200"]),
    ] {
        let line = eventually("a line of the access log", || {
            program.log().lines().find(|line| line.contains(&format!("id={id}"))).map(str::to_owned)
        });
        for word in words {
            assert!(line.split_whitespace().any(|part| part.ends_with(word)), "{word} is not in {line:?}");
        }
        assert_eq!(program.log().matches(&format!("id={id}")).count(), 1);
    }
    let log = program.log();
    assert!(!log.contains("in-the-query") && !log.contains("path-in-the-log"), "{log}");
}

#[test]
fn the_log_tells_the_cause_of_an_internal_error_under_the_request_s_id() {
    let program = Program::on_sqlite().serve();
    let client = program.client();
    program.database.execute("INSERT INTO users (email, auth0_id) VALUES ('nonsense', 'auth0|ada')");
    let token = program.tenant.token("auth0|ada");
    let headers = [(X_REQUEST_ID, "broken-row"), ("authorization", &bearer(&token))];
    let answer = client.ask("GET", "/auth/verify", &headers);
    answer.assert_error(crate::client::INTERNAL);
    let line = eventually("an error in the log", || {
        program.log().lines().find(|line| line.contains("ERROR") && line.contains("id=broken-row")).map(str::to_owned)
    });
    assert!(line.contains("email"), "{line}");
    assert!(!line.contains("nonsense"), "{line}");
}
