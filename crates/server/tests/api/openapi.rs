//! The description of the API, held against the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::client::{Answer, bearer, sync_body};
use crate::errors::ROUTES;
use crate::raw_connection::{head, request};
use crate::spawn::{Setup, TestServer};

/// What a `$ref` points at, or the value itself.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => resolved(document, document.pointer(pointer).expect("a reference to something")),
        None => value,
    }
}

/// What is documented for a route: by status, the bodies of the examples.
fn documented(document: &Value, path: &str, method: &str) -> BTreeMap<u16, BTreeSet<String>> {
    let responses = document["paths"][path][method]["responses"].as_object().expect("responses");
    responses
        .iter()
        .map(|(status, response)| {
            let content = &resolved(document, response)["content"]["application/json"];
            let examples = content["examples"].as_object();
            let bodies = examples.into_iter().flatten().map(|(_, example)| example["value"].to_string()).collect();
            (status.parse().expect("a status"), bodies)
        })
        .collect()
}

/// Every refusal of a sync that can be brought about from outside.
fn refused_syncs(server: &TestServer) -> Vec<Answer> {
    server.database.execute("INSERT INTO users (email, auth0_id) VALUES ('nonsense', 'auth0|broken')");
    server.database.execute("INSERT INTO users (email, auth0_id, blocked) VALUES ('m@x', 'auth0|mallory', TRUE)");
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    let ada = server.tenant.token("auth0|ada");
    let good = sync_body("ada@example.com", "auth0|ada", None);
    let mut slow = server.raw();
    slow.send(request("POST", "/auth/sync", Some(&ada), &good).strip_suffix('}').expect("the end of the body"));
    vec![
        server.sync("bad", &good),
        server.sync(&ada, "{"),
        server.sync(&ada, &sync_body("ada@example.com", "auth0|eve", None)),
        server.get("/auth/sync"),
        slow.answer(),
        server.sync(&ada, &sync_body("eve@example.com", "auth0|ada", None)),
        server.sync(&ada, &" ".repeat(70_000)),
        server.send("POST", "/auth/sync", &[("authorization", &bearer(&ada))], good.as_bytes()),
        server.sync(&server.tenant.token("auth0|broken"), &sync_body("a@example.com", "auth0|broken", None)),
        server.sync(&server.tenant.token("auth0|mallory"), &sync_body("m@x", "auth0|mallory", None)),
    ]
}

/// The same of a verification.
fn refused_verifications(server: &TestServer) -> Vec<Answer> {
    vec![
        server.get("/auth/verify"),
        server.verify(&server.tenant.token("auth0|nobody")),
        server.send("POST", "/auth/verify", &[], b""),
        server.verify(&server.tenant.token("auth0|broken")),
        server.verify(&server.tenant.token("auth0|mallory")),
    ]
}

#[test]
fn the_document_is_openapi_3_1() {
    let server = Setup::on_sqlite().start();
    let answer = server.get("/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let document = answer.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
}

#[test]
fn every_route_is_documented_and_every_documented_route_answers() {
    let server = Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", "t0ken").start();
    let document = server.get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    let known: BTreeSet<&str> = ROUTES.iter().map(|(path, _)| *path).collect();
    assert_eq!(paths.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    let mut connection = server.raw();
    for (path, operations) in paths {
        for method in operations.as_object().expect("methods").keys() {
            connection.send(head(&method.to_ascii_uppercase(), path, &[("content-length", "0")]));
            let answer = connection.answer();
            assert!(!matches!(answer.status, 404 | 405), "{method} {path}: {answer:?}");
            assert!(documented(&document, path, method).contains_key(&answer.status), "{method} {path}: {answer:?}");
        }
    }
}

#[test]
fn the_documented_refusals_are_those_that_the_server_answers() {
    let server = Setup::on_sqlite().with_file("[http]\nbody_timeout_ms = 200").start();
    let unready = Setup::on_sqlite();
    unready.tenant.go_down();
    let unready = unready.start_without_waiting();
    let ada = unready.tenant.token("auth0|ada");
    let document = server.get("/openapi.json").json();
    let mut syncs = refused_syncs(&server);
    syncs.push(unready.sync(&ada, "{}"));
    let mut verifications = refused_verifications(&server);
    verifications.push(unready.verify(&ada));
    for (path, method, answers) in [("/auth/sync", "post", syncs), ("/auth/verify", "get", verifications)] {
        let documented = documented(&document, path, method);
        for answer in &answers {
            let examples = documented.get(&answer.status).unwrap_or_else(|| panic!("undocumented: {answer:?}"));
            assert!(examples.contains(&answer.body), "{answer:?} is none of {examples:?}");
        }
        let answered: BTreeSet<u16> = answers.iter().map(|answer| answer.status).chain([200]).collect();
        assert_eq!(documented.keys().copied().collect::<BTreeSet<_>>(), answered, "{path}");
    }
}

#[test]
fn the_documented_answers_have_the_members_that_the_server_gives() {
    let server = Setup::on_sqlite().start();
    let document = server.get("/openapi.json").json();
    let token = server.tenant.token("auth0|123456789");
    let synced = server.sync(&token, &sync_body("user@example.com", "auth0|123456789", Some("User Name")));
    let examples = |path, method| documented(&document, path, method)[&200].clone();
    assert!(examples("/auth/sync", "post").contains(&synced.json().to_string()));
    assert!(examples("/auth/verify", "get").contains(&server.verify(&token).json().to_string()));
    let mut ready = server.get("/readyz").json();
    ready["keys"]["age_seconds"] = 42.into();
    ready["keys"]["issuers"][0]["age_seconds"] = 42.into();
    ready["keys"]["issuers"][0]["issuer"] = "https://acme.eu.auth0.com/".into();
    assert!(examples("/readyz", "get").contains(&ready.to_string()), "{ready}");
}

#[test]
fn the_page_is_html_that_needs_nobody_else() {
    let server = Setup::on_sqlite().start();
    let answer = server.get("/docs");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(answer.body.to_ascii_lowercase().starts_with("<!doctype html>"), "{}", &answer.body[..100]);
    assert!(answer.body.contains("/openapi.json") || answer.body.contains("openapi.json"));
    for elsewhere in ["http://", "https://", "src=\"//", "href=\"//", "url(//", "@import"] {
        assert!(!answer.body.contains(elsewhere), "{elsewhere}");
    }
}
