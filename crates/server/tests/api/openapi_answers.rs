//! Every answer that the description names, provoked, and held against it: its status, its headers, its type and its body.
//! Both ways: nothing comes that is not described, and every example that is described comes.

use scratch_database::ScratchDatabase;
use serde_json::json;

use crate::client::{Answer, bearer, sync_body};
use crate::described::Described;
use crate::program::Program;
use crate::raw_connection::{RawConnection, head, request};
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;
use crate::websocket_client::Socket;

const EVENTS_TOKEN: &str = "t0ken";
const KNOWN: &str = "auth0|123456789";

/// Answers that nobody can bring about from outside, because they stand for defects.
const DEFECTS: [(&str, &str, u16, &str); 1] = [("post", "/auth0/events", 500, "internal")];

/// The first to be asked: it makes the people that the others know, and that the examples name.
fn syncs(described: &mut Described, server: &TestServer) {
    let (ada, good) = (server.tenant.token("auth0|ada"), sync_body("ada@example.com", "auth0|ada", None));
    let known = server.tenant.token(KNOWN);
    let mut slow = server.raw();
    slow.send(request("POST", "/auth/sync", Some(&ada), &good).strip_suffix('}').expect("the end of the body"));
    let other = server.tenant.token("auth0|other");
    for answer in [
        server.sync(&known, &sync_body("user@example.com", KNOWN, Some("User Name"))),
        server.sync(&other, &sync_body("other@example.com", "auth0|other", None)),
    ] {
        described.hold("post", "/auth/sync", &answer);
    }
    server.database.execute("INSERT INTO users (email, auth0_id) VALUES ('nonsense', 'auth0|broken')");
    server.database.execute("INSERT INTO users (email, auth0_id, blocked) VALUES ('m@x', 'auth0|mallory', TRUE)");
    for answer in [
        server.sync(&ada, "{"),
        server.sync("bad", &good),
        server.send("POST", "/auth/sync", &[], b""),
        server.sync(&ada, &sync_body("ada@example.com", "auth0|eve", None)),
        server.sync(&server.tenant.token("auth0|mallory"), &sync_body("m@x", "auth0|mallory", None)),
        slow.answer(),
        server.sync(&ada, &sync_body("user@example.com", "auth0|ada", None)),
        server.sync(&ada, &" ".repeat(70_000)),
        server.send("POST", "/auth/sync", &[("authorization", &bearer(&ada))], good.as_bytes()),
        server.sync(&server.tenant.token("auth0|broken"), &sync_body("a@example.com", "auth0|broken", None)),
    ] {
        described.hold("post", "/auth/sync", &answer);
    }
}

fn verifications(described: &mut Described, server: &TestServer) {
    for (authorization, path) in [
        "bad",
        &server.tenant.token("auth0|nobody"),
        &server.tenant.token("auth0|mallory"),
        &server.tenant.token("auth0|broken"),
        &server.tenant.token(KNOWN),
    ]
    .map(|token| (bearer(token), "/auth/verify"))
    {
        described.hold("get", path, &server.ask("GET", path, &[("authorization", &authorization)]));
    }
    described.hold("get", "/auth/verify", &server.get("/auth/verify"));
}

fn events(described: &mut Described, server: &TestServer) {
    let body =
        described.document["paths"]["/auth0/events"]["post"]["requestBody"]["content"]["application/json"]["examples"]
            ["updated"]["value"]
            .to_string();
    let send = |token: &str, body: &[u8]| {
        let headers = [("authorization", bearer(token)), ("content-type", "application/json".to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        server.send("POST", "/auth0/events", &headers, body)
    };
    let mut too_long = server.raw();
    let authorization = bearer(EVENTS_TOKEN);
    too_long.send(head("POST", "/auth0/events", &[("authorization", &authorization), ("content-length", "300000")]));
    for answer in [send(EVENTS_TOKEN, body.as_bytes()), send("bad", b"{}"), too_long.answer()] {
        described.hold("post", "/auth0/events", &answer);
    }
}

fn handshakes(described: &mut Described, server: &TestServer) {
    let known = server.tenant.token(KNOWN);
    let protocols = format!("bearer, {known}");
    for headers in [("authorization", bearer(&known)), ("sec-websocket-protocol", protocols)] {
        let mut socket = Socket::open_with(server.address(), &[(headers.0, &headers.1)]);
        assert_eq!(socket.next()["type"], "ready");
        let answer = Answer { status: 101, headers: socket.answer.clone(), body: String::new() };
        described.hold("get", "/ws", &answer);
    }
    let authorization = bearer(&known);
    described.hold("get", "/ws", &server.ask("GET", "/ws", &[("authorization", &authorization)]));
    described.hold("get", "/ws", &server.refused_socket(&[]));
    described.hold("get", "/ws", &server.refused_socket(&[("origin", "https://evil.example")]));
    for name in ["bad", "auth0|nobody", "auth0|mallory", "auth0|broken"] {
        let authorization = bearer(&server.tenant.token(name));
        let authorization = if name == "bad" { bearer("bad") } else { authorization };
        described.hold("get", "/ws", &server.refused_socket(&[("authorization", &authorization)]));
    }
}

/// Keys and database are out of reach, and whoever asks for them hears of it.
fn outage(described: &mut Described) {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let setup = Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", EVENTS_TOKEN);
    setup.tenant.go_down();
    let server = setup.with("DATABASE_URL", &format!("postgres://authsync@{closed}/authsync")).start_without_waiting();
    let (token, authorization) = (server.tenant.token(KNOWN), bearer(EVENTS_TOKEN));
    let event = json!({ "id": "e", "type": "user.updated", "time": "2026-01-31T12:00:00.000Z",
        "data": { "object": { "user_id": KNOWN } } });
    let event = event.to_string();
    described.hold("post", "/auth/sync", &server.sync(&token, &sync_body("user@example.com", KNOWN, None)));
    described.hold("get", "/auth/verify", &server.verify(&token));
    described.hold("get", "/ws", &server.refused_socket(&[("authorization", &bearer(&token))]));
    let delivery = server.send("POST", "/auth0/events", &[("authorization", &authorization)], event.as_bytes());
    described.hold("post", "/auth0/events", &delivery);
    let readiness = eventually("the issuer has been asked", || {
        let answer = server.get("/readyz");
        (answer.json()["keys"]["issuers"][0]["last_fetch"] == "failed").then_some(answer)
    });
    described.hold("get", "/readyz", &readiness);
}

fn unreadiness(described: &mut Described) {
    let server = Setup::on(ScratchDatabase::postgres()).start_without_waiting();
    let behind = |client: &TestServer| {
        let report = client.get("/readyz");
        let (keys, schema) = (&report.json()["keys"]["state"], &report.json()["schema"]["state"]);
        (keys == "fresh" && schema == "behind").then_some(report)
    };
    described.hold("get", "/readyz", &eventually("the schema is behind", || behind(&server)));

    let program = Program::on_sqlite().with_file("[http]\ndrain_ms = 10000").serve_ready();
    program.signal("TERM");
    let draining = eventually("it drains", || {
        let mut connection = RawConnection::open(program.address());
        connection.send(head("GET", "/readyz", &[]));
        Some(connection.answer()).filter(|answer| answer.status == 503)
    });
    described.hold("get", "/readyz", &draining);
}

#[test]
fn every_answer_is_as_described_and_every_described_answer_comes() {
    let server =
        Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", EVENTS_TOKEN).with_file("[http]\nbody_timeout_ms = 300").start();
    let mut described = Described::by(&server);
    let operations: Vec<(String, String)> =
        described.examples().into_iter().map(|(method, path, ..)| (method, path)).collect();
    syncs(&mut described, &server);
    verifications(&mut described, &server);
    events(&mut described, &server);
    handshakes(&mut described, &server);
    let mut connection = server.raw();
    for (method, path) in operations {
        connection.send(head("DELETE", &path, &[("content-length", "0")]));
        described.hold(&method, &path, &connection.answer());
        if method == "get" && !["/auth/verify", "/ws"].contains(&path.as_str()) {
            described.hold(&method, &path, &server.get(&path));
        }
    }
    outage(&mut described);
    unreadiness(&mut described);

    let examples = described.examples();
    let defects = DEFECTS.map(|(method, path, status, name)| (method.into(), path.into(), status, name.into()));
    let missing: Vec<_> = examples.difference(&described.seen).filter(|example| !defects.contains(example)).collect();
    assert!(missing.is_empty(), "these never come: {missing:?}");
}

#[test]
fn the_documents_are_the_files_that_others_judge() {
    let server = Setup::on_sqlite().start();
    assert_eq!(server.get("/openapi.json").body, include_str!("../../openapi.json"));
    assert_eq!(server.get("/asyncapi.json").body, include_str!("../../asyncapi.json"));
}
