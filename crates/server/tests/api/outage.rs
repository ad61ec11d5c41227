//! The database goes away and comes back.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use crate::client::{Answer, sync_body};
use crate::databases::migrate_up;
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

/// One second for a connection from the pool, and some for a loaded machine.
const PROMPT: Duration = Duration::from_secs(4);

/// For tests that are not about the default.
const QUICK: &str = "[database]\ncheckout_timeout_ms = 300";

#[track_caller]
fn promptly(ask: impl FnOnce() -> Answer) -> Answer {
    let began = Instant::now();
    let answer = ask();
    assert!(began.elapsed() < PROMPT, "{:?} for {answer:?}", began.elapsed());
    answer
}

/// What a server without its database does, whatever is wrong with it.
#[track_caller]
fn assert_serves_as_far_as_it_can(server: &TestServer) {
    let token = server.tenant.token("auth0|ada");
    let body = sync_body("ada@example.com", "auth0|ada", None);
    promptly(|| server.verify(&token)).assert_unavailable();
    promptly(|| server.sync(&token, &body)).assert_unavailable();
    promptly(|| server.get("/healthz")).assert_ok(r#"{"status":"ok"}"#);
    let readiness = eventually("the server is not ready", || Some(server.get("/readyz")).filter(|it| it.status == 503));
    assert_eq!(readiness.json()["database"]["state"], "unreachable", "{readiness:?}");
    assert_eq!(readiness.json()["schema"]["state"], "unknown", "{readiness:?}");
    // What needs no database is judged as ever.
    promptly(|| server.verify("bad")).assert_refuses_the_token();
    assert_eq!(promptly(|| server.sync(&token, "{")).status, 400);
    assert_eq!(promptly(|| server.sync(&token, &sync_body("a@example.com", "auth0|eve", None))).status, 403);
    assert_eq!(promptly(|| server.get("/metrics")).status, 200);
}

#[test]
fn a_postgres_that_stops_and_comes_back_needs_no_restart() {
    let postgres = OwnPostgres::start();
    let database = postgres.database();
    migrate_up(&database);
    let server = Setup::on(database).start();
    let token = server.tenant.token("auth0|ada");
    assert_eq!(server.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id(), 1);
    postgres.stop();
    assert_serves_as_far_as_it_can(&server);
    postgres.start_again();
    server.wait_until_ready();
    eventually("the user is known again", || (server.verify(&token).status == 200).then_some(()));
    assert_eq!(server.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id(), 1);
}

#[test]
fn a_server_that_starts_without_its_postgres_serves_once_it_is_there() {
    let postgres = OwnPostgres::start();
    let database = postgres.database();
    migrate_up(&database);
    postgres.stop();
    let server = Setup::on(database).with_file(QUICK).start_without_waiting();
    eventually("the keys are there", || (server.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    assert_serves_as_far_as_it_can(&server);
    postgres.start_again();
    server.wait_until_ready();
    let token = server.tenant.token("auth0|ada");
    let synced = eventually("a sync succeeds", || {
        Some(server.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)))
            .filter(|answer| answer.status == 200)
    });
    assert_eq!(synced.id(), 1);
}

#[test]
fn a_postgres_that_accepts_connections_and_stays_silent_is_out_of_reach() {
    // The system accepts for the listener; nobody ever reads.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://authsync@{}/authsync", silent.local_addr().expect("an address"));
    let server = Setup::on_sqlite().with("DATABASE_URL", &url).with_file(QUICK).start_without_waiting();
    eventually("the keys are there", || (server.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    assert_serves_as_far_as_it_can(&server);
}
