//! The end of the program.

use std::time::{Duration, Instant};

use fake_auth0::Endpoint;
use server::settings::{Environment, Settings};
use tempfile::TempDir;

use crate::client::{PATIENCE, bearer, sync_body};
use crate::program::Program;
use crate::raw_connection::{RawConnection, head, request};
use crate::waiting::eventually;

/// What the contract allows.
const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn while_it_drains_probes_are_told_to_look_away_and_requests_are_served() {
    let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 2000").serve_ready();
    let client = program.client();
    let token = program.tenant.token("auth0|ada");
    client.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id();
    program.signal("TERM");
    let address = program.address();
    eventually("new connections are told that it drains", || {
        let mut connection = RawConnection::open(address);
        connection.send(head("GET", "/readyz", &[]));
        let answer = connection.answer();
        (answer.status == 503 && answer.json()["draining"] == true && answer.json()["ready"] == false).then_some(())
    });
    let mut connection = RawConnection::open(address);
    connection.send(head("GET", "/auth/verify", &[("authorization", &bearer(&token))]));
    assert_eq!(connection.answer().status, 200);
    drop(connection);
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}

#[test]
fn a_request_whose_body_is_under_way_is_answered() {
    let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 200").serve_ready();
    let token = program.tenant.token("auth0|ada");
    let whole = request("POST", "/auth/sync", Some(&token), &sync_body("ada@example.com", "auth0|ada", None));
    let (first, rest) = whole.split_at(whole.len() - 10);
    let mut connection = program.raw();
    connection.send(first);
    // Whoever answers this has seen what was sent before.
    program.client().get("/healthz");
    program.signal("TERM");
    eventually("nobody listens any more", || std::net::TcpStream::connect(program.address()).err());
    connection.send(rest);
    connection.answer().assert_ok(r#"{"id":1,"email":"ada@example.com","name":null}"#);
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}

#[test]
fn a_request_that_waits_for_the_issuer_is_answered() {
    let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 200").serve_ready();
    program.tenant.stall(Endpoint::Jwks);
    program.tenant.rotate_suddenly();
    let token = program.tenant.token("auth0|ada");
    let mut connection = program.raw();
    connection.send(head("GET", "/auth/verify", &[("authorization", &bearer(&token))]));
    assert!(program.tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    program.signal("TERM");
    eventually("nobody listens any more", || std::net::TcpStream::connect(program.address()).err());
    program.tenant.restore(Endpoint::Jwks);
    connection.answer().assert_error(crate::client::USER_NOT_FOUND);
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}

#[test]
fn stuck_clients_do_not_hold_it_up() {
    // They could go on for ten minutes; the end comes all the same.
    let limits = "[http]\ndrain_ms = 200\nshutdown_ms = 1500\nheader_timeout_ms = 600000\nbody_timeout_ms = 600000\n\
                  keep_alive_ms = 600000";
    let mut program = Program::on_sqlite().with_file(limits).serve_ready();
    let token = program.tenant.token("auth0|ada");
    let whole = request("POST", "/auth/sync", Some(&token), &sync_body("ada@example.com", "auth0|ada", None));
    let mut half_a_head = program.raw();
    half_a_head.send(&whole.as_bytes()[..40]);
    let mut half_a_body = program.raw();
    half_a_body.send(&whole.as_bytes()[..whole.len() - 10]);
    let mut idle = program.raw();
    idle.send(head("GET", "/healthz", &[]));
    idle.answer().assert_ok(r#"{"status":"ok"}"#);
    let _silent = program.raw();
    let began = Instant::now();
    program.signal("TERM");
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn without_clients_it_ends_as_soon_as_it_has_drained() {
    let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 200").serve_ready();
    let began = Instant::now();
    program.signal("TERM");
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
#[cfg(target_os = "linux")]
fn from_the_moment_that_it_can_be_connected_to_it_can_be_ended_in_good_order() {
    for _ in 0..20 {
        let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 0").spawn();
        // Without a pause: the moment after it is a short one.
        while !program.process().is_listening() {
            std::thread::yield_now();
        }
        program.process().terminate();
        assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
    }
}

#[test]
fn no_file_can_put_the_end_off_beyond_thirty_seconds() {
    let ended = |toml: &str| {
        let directory = TempDir::new().expect("a directory");
        std::fs::create_dir(directory.path().join("config")).expect("a directory");
        std::fs::write(directory.path().join("config/test.toml"), toml).expect("a file");
        let environment = Environment::default()
            .with("AUTH0_DOMAIN", "acme.eu.auth0.com")
            .with("AUTH0_API_IDENTIFIER", "https://api.acme.com")
            .with("AUTHSYNC_ENV", "test")
            .in_directory(directory.path());
        Settings::load(&environment).map(|settings| settings.http.shutdown.total)
    };
    assert!(ended("").expect("good settings") < LIMIT);
    assert!(ended("[http]\nshutdown_ms = 29000").expect("good settings") < LIMIT);
    let problems = ended("[http]\nshutdown_ms = 30000").expect_err("too long");
    assert_eq!(problems.names().collect::<Vec<_>>(), ["http.shutdown_ms"]);
}

#[test]
fn an_interrupt_from_the_terminal_ends_it_at_once() {
    let mut program = Program::on_sqlite().serve_ready();
    let mut idle = program.raw();
    idle.send(head("GET", "/healthz", &[]));
    idle.answer().assert_ok(r#"{"status":"ok"}"#);
    program.signal("INT");
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}

#[test]
fn it_ends_while_issuer_and_database_are_out_of_reach() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://authsync@{}/authsync", silent.local_addr().expect("an address"));
    let limits = "[http]\ndrain_ms = 200\nshutdown_ms = 1500";
    let mut program = Program::on_sqlite().with("DATABASE_URL", &url).with_file(limits).serve();
    program.tenant.stall(Endpoint::Jwks);
    let token = program.tenant.token_for("auth0|ada").kid("made-up").mint();
    let mut waiting = program.raw();
    waiting.send(head("GET", "/auth/verify", &[("authorization", &bearer(&token))]));
    assert!(program.tenant.wait_for_requests(Endpoint::Jwks, 1, PATIENCE));
    program.signal("TERM");
    assert_eq!(program.wait(LIMIT).code(), Some(0), "{}", program.log());
}
