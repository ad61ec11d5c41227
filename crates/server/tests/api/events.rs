//! `POST /auth0/events`: who may deliver, and what is answered.

use scratch_database::OwnPostgres;
use serde_json::{Value, json};

use crate::client::{Answer, METHOD_NOT_ALLOWED, NO_SUCH_ROUTE, TOO_LARGE, bearer, sync_body};
use crate::databases::{count, migrate_up, on_both_databases};
use crate::program::Program;
use crate::raw_connection::head;
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

on_both_databases! {
    an_event_makes_and_changes_a_user_before_any_login,
    a_second_delivery_of_an_event_changes_nothing,
    what_makes_no_sense_is_parked_and_answered_like_anything_else,
    test_deliveries_and_events_about_other_things_change_nothing,
    a_conflict_is_parked_and_no_refusal,
    a_database_that_refuses_the_event_and_the_letter_asks_for_another_attempt,
}

pub(crate) const TOKEN: &str = "t0ken-of-the-events";

pub(crate) fn event(id: &str, kind: &str, time: &str, object: &Value) -> Value {
    json!({
        "specversion": "1.0", "type": kind, "source": "urn:auth0:acme.eu.auth0.com", "id": id, "time": time,
        "data": { "object": object }, "a0tenant": "acme", "a0stream": "est_1234567890abcdefghijkl",
    })
}

pub(crate) fn user(id: &str, email: &str, updated_at: &str) -> Value {
    json!({
        "user_id": id, "email": email, "email_verified": true, "name": "Ada", "identities": [],
        "created_at": "2026-01-01T00:00:00.000Z", "updated_at": updated_at,
    })
}

impl TestServer {
    pub(crate) fn deliver(&self, token: &str, body: &[u8]) -> Answer {
        let headers = [("authorization", bearer(token)), ("content-type", "application/json".to_owned())];
        self.send("POST", "/auth0/events", &headers.each_ref().map(|(name, value)| (*name, value.as_str())), body)
    }

    /// A delivery of the right sender.
    #[track_caller]
    pub(crate) fn hears(&self, event: &Value) {
        assert_taken(&self.deliver(TOKEN, event.to_string().as_bytes()));
    }

    pub(crate) fn letters(&self) -> i64 {
        count(&self.database, "SELECT count(*) FROM auth0_dead_letters")
    }

    fn counted(&self, outcome: &str) -> Option<String> {
        let line = format!("authsync_events_total{{outcome=\"{outcome}\"}} ");
        self.get("/metrics").body.lines().find_map(|written| written.strip_prefix(&line).map(str::to_owned))
    }
}

#[track_caller]
fn assert_taken(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
    assert_eq!(answer.header("content-type"), None, "{answer:?}");
    assert!(answer.header("x-request-id").is_some(), "{answer:?}");
}

pub(crate) fn listening(setup: Setup) -> TestServer {
    setup.with("AUTH0_EVENTS_TOKEN", TOKEN).start()
}

fn an_event_makes_and_changes_a_user_before_any_login(setup: Setup) {
    let server = listening(setup);
    let (one, two) = ("2026-01-31T12:00:00.000Z", "2026-01-31T13:00:00.000Z");
    server.hears(&event("evt_1", "user.created", one, &user("auth0|ada", "ada@example.com", one)));
    server.hears(&event("evt_2", "user.updated", two, &user("auth0|ada", "new@example.com", two)));
    server.hears(&event("evt_3", "user.updated", one, &user("auth0|ada", "old@example.com", one)));
    let answer = server.verify(&server.tenant.token("auth0|ada"));
    answer.assert_ok(r#"{"valid":true,"user":{"id":1,"email":"new@example.com","name":"Ada"}}"#);
    assert_eq!([server.counted("applied"), server.counted("parked")], [Some("2".to_owned()), Some("0".to_owned())]);
}

fn a_second_delivery_of_an_event_changes_nothing(setup: Setup) {
    let server = listening(setup);
    let time = "2026-01-31T12:00:00.000Z";
    let event = event("evt_1", "user.created", time, &user("auth0|ada", "ada@example.com", time));
    server.hears(&event);
    server.age_rows();
    let before = server.table();
    server.hears(&event);
    assert_eq!(server.table(), before);
    assert_eq!(server.counted("duplicate").as_deref(), Some("1"));
}

fn what_makes_no_sense_is_parked_and_answered_like_anything_else(setup: Setup) {
    let server = listening(setup);
    let nobody = event("evt_9", "user.created", "2026-01-31T12:00:00Z", &json!({})).to_string();
    let bodies = ["", "{", "[]", "\u{0}\u{fffd}", "{\"id\":\"evt_8\"}", &nobody, &nobody];
    for body in bodies {
        assert_taken(&server.deliver(TOKEN, body.as_bytes()));
    }
    assert_taken(&server.deliver(TOKEN, b"\xff\xfe\x00"));
    assert_eq!((server.letters(), server.rows()), (7, 0), "an event has one letter");
    let reason = server.database.scalar("SELECT reason FROM auth0_dead_letters WHERE event_id = 'evt_9'");
    assert_eq!(reason.as_deref(), Some("data.object.user_id is missing or no subject of a user"));
    assert_eq!(server.counted("parked").as_deref(), Some("8"));
}

fn test_deliveries_and_events_about_other_things_change_nothing(setup: Setup) {
    let server = listening(setup);
    let time = "2026-01-31T12:00:00.000Z";
    let mut test = event("evt_1", "user.created", time, &user("auth0|ada", "ada@example.com", time));
    test["a0purpose"] = "test".into();
    server.hears(&test);
    server.hears(&event("evt_2", "organization.created", time, &json!({ "id": "org_1" })));
    assert_eq!((server.rows(), server.letters()), (0, 0));
    assert_eq!([server.counted("test"), server.counted("ignored")], [Some("1".to_owned()), Some("1".to_owned())]);
}

fn a_conflict_is_parked_and_no_refusal(setup: Setup) {
    let server = listening(setup);
    let time = "2026-01-31T12:00:00.000Z";
    server.hears(&event("evt_1", "user.created", time, &user("auth0|1", "ada@example.com", time)));
    server.hears(&event("evt_2", "user.created", time, &user("auth0|2", "ada@example.com", time)));
    assert_eq!((server.rows(), server.letters()), (2, 1));
    let reason = server.database.scalar("SELECT reason FROM auth0_dead_letters").expect("a reason");
    assert!(!reason.contains("ada"), "{reason}");
    let later = "2026-01-31T13:00:00.000Z";
    server.hears(&event("evt_3", "user.updated", later, &user("auth0|1", "moved@example.com", later)));
    assert_eq!(server.column("email", "auth0|2").as_deref(), Some("ada@example.com"));
}

fn a_database_that_refuses_the_event_and_the_letter_asks_for_another_attempt(setup: Setup) {
    let server = listening(setup);
    let time = "2026-01-31T12:00:00.000Z";
    let event = event("evt_1", "user.created", time, &user("auth0|ada", "ada@example.com", time));
    server.database.execute("ALTER TABLE users RENAME COLUMN picture TO photograph");
    server.database.execute("ALTER TABLE auth0_dead_letters RENAME COLUMN reason TO excuse");
    server.deliver(TOKEN, event.to_string().as_bytes()).assert_unavailable();
    server.deliver(TOKEN, b"nonsense").assert_unavailable();
    assert_eq!(server.counted("failed").as_deref(), Some("2"));
    server.database.execute("ALTER TABLE users RENAME COLUMN photograph TO picture");
    server.hears(&event);
    assert_eq!(server.rows(), 1);
}

#[test]
fn without_a_token_of_its_own_the_route_is_not_there() {
    for setup in [Setup::on_sqlite(), Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", "")] {
        let server = setup.start();
        server.deliver(TOKEN, b"{}").assert_error(NO_SUCH_ROUTE);
        server.deliver("", b"{}").assert_error(NO_SUCH_ROUTE);
        server.get("/auth0/events").assert_error(NO_SUCH_ROUTE);
    }
}

#[test]
fn two_tokens_open_the_route_while_one_takes_the_others_place() {
    let server = Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", "the-old-one,the-new-one").start();
    let body = json!({ "id": "evt_1", "type": "nothing" }).to_string();
    for token in ["the-old-one", "the-new-one"] {
        assert_taken(&server.deliver(token, body.as_bytes()));
    }
    for token in ["the-old-one,the-new-one", "the-old-on", "the-old-onee", "THE-OLD-ONE", "another", "x"] {
        server.deliver(token, body.as_bytes()).assert_refuses_the_token();
    }
}

#[test]
fn a_wrong_sender_is_refused_whatever_they_send() {
    let server = listening(Setup::on_sqlite());
    let body = b"not even JSON";
    server.send("POST", "/auth0/events", &[], body).assert_asks_for_a_token();
    for scheme in ["Basic dTpw", "Bearer", "Bearer "] {
        server.send("POST", "/auth0/events", &[("authorization", scheme)], body).assert_asks_for_a_token();
    }
    server.deliver("wrong", body).assert_refuses_the_token();
    server.deliver(&server.tenant.token("auth0|ada"), body).assert_refuses_the_token();
    let too_much = vec![b' '; 300 * 1024];
    server.deliver("wrong", &too_much).assert_refuses_the_token();
    let mut slow = server.raw();
    slow.send(head("POST", "/auth0/events", &[("authorization", "Bearer wrong"), ("content-length", "100")]));
    slow.answer().assert_refuses_the_token();
    assert_eq!(server.letters(), 0);
}

#[test]
fn only_post_is_answered_and_any_type_of_body_is_read() {
    let server = listening(Setup::on_sqlite());
    let authorization = bearer(TOKEN);
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.ask(method, "/auth0/events", &[("authorization", &authorization)]);
        answer.assert_error(METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    let body = json!({ "id": "evt_1", "type": "nothing" }).to_string();
    for content_type in [None, Some("application/cloudevents+json; charset=utf-8"), Some("text/plain"), Some("")] {
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(content_type.map(|value| ("content-type", value)));
        assert_taken(&server.send("POST", "/auth0/events", &headers, body.as_bytes()));
    }
    assert_eq!(server.letters(), 0);
}

#[test]
fn an_event_of_256_kib_is_read_and_kept_whole_and_a_longer_one_refused() {
    let server = listening(Setup::on_sqlite().with_file("[http]\nmax_body_bytes = 1024"));
    let mut longest = vec![b'x'; 256 * 1024];
    assert_taken(&server.deliver(TOKEN, &longest));
    assert_eq!(count(&server.database, "SELECT length(body) FROM auth0_dead_letters"), 256 * 1024);
    longest.push(b'x');
    server.deliver(TOKEN, &longest).assert_error(TOO_LARGE);
    let mut chunked = server.raw();
    let headers = [("authorization", bearer(TOKEN)), ("transfer-encoding", "chunked".to_owned())];
    chunked.send(head("POST", "/auth0/events", &headers.each_ref().map(|(name, value)| (*name, value.as_str()))));
    chunked.send_what_is_taken(format!("{:x}\r\n", longest.len()).as_bytes());
    chunked.send_what_is_taken(&longest);
    chunked.send_what_is_taken(b"\r\n0\r\n\r\n");
    chunked.answer().assert_error(TOO_LARGE);
    assert_eq!(server.letters(), 1);
}

#[test]
fn an_event_that_stops_on_the_way_is_asked_for_again() {
    let server = listening(Setup::on_sqlite().with_file("[http]\nbody_timeout_ms = 200"));
    let mut slow = server.raw();
    slow.send(head("POST", "/auth0/events", &[("authorization", &bearer(TOKEN)), ("content-length", "100")]));
    slow.send("{\"id\":");
    slow.answer().assert_unavailable();
    assert_eq!(server.letters(), 0);
}

#[test]
fn while_the_database_is_away_events_are_asked_for_again() {
    let postgres = OwnPostgres::start();
    let database = postgres.database();
    migrate_up(&database);
    let server = listening(Setup::on(database).with_file("[database]\ncheckout_timeout_ms = 300"));
    let time = "2026-01-31T12:00:00.000Z";
    let event = event("evt_1", "user.created", time, &user("auth0|ada", "ada@example.com", time));
    postgres.stop();
    server.deliver(TOKEN, event.to_string().as_bytes()).assert_unavailable();
    server.deliver(TOKEN, b"nonsense").assert_unavailable();
    server.deliver("wrong", b"nonsense").assert_refuses_the_token();
    postgres.start_again();
    server.wait_until_ready();
    eventually("the event is taken", || {
        (server.deliver(TOKEN, event.to_string().as_bytes()).status == 204).then_some(())
    });
    assert_eq!((server.rows(), server.letters()), (1, 0));
}

#[test]
fn the_log_tells_of_events_and_of_nothing_that_is_in_them() {
    let program = Program::on_sqlite().with("AUTH0_EVENTS_TOKEN", TOKEN).with("AUTHSYNC_LOG", "trace").serve_ready();
    let client = program.client();
    let authorization = bearer(TOKEN);
    let deliver =
        |body: &str| client.send("POST", "/auth0/events", &[("authorization", &authorization)], body.as_bytes());
    let time = "2026-01-31T12:00:00.000Z";
    for (id, subject) in [("evt_1", "auth0|ada"), ("evt_2", "auth0|twin")] {
        assert_taken(&deliver(
            &event(id, "user.created", time, &user(subject, "s3cret@example.com", time)).to_string(),
        ));
    }
    assert_taken(&deliver("{\"s3cret\""));
    client.send("POST", "/auth0/events", &[("authorization", "Bearer s3cret-guess")], b"{}").assert_refuses_the_token();
    for line in
        ["event evt_1 user.created applied", "event evt_2 user.created parked: ", "event without an id other parked: "]
    {
        eventually("the log tells of it", || program.log().contains(line).then_some(()));
    }
    let log = program.log();
    for secret in ["s3cret", TOKEN, "auth0|ada@", "a0tenant"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    assert!(log.contains(" DEBUG events  event evt_1 is about auth0|ada"), "{log}");
    let info = log.lines().filter(|line| line.contains(" INFO ")).collect::<String>();
    assert!(!info.contains("auth0|ada"), "{info}");
}

#[test]
fn a_page_s_preflight_is_no_way_in() {
    let server = listening(Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://app.example.com"));
    let headers = [("origin", "https://evil.example.com"), ("access-control-request-method", "POST")];
    let answer = server.ask("OPTIONS", "/auth0/events", &headers);
    assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
    let ada = server.tenant.token("auth0|ada");
    assert_eq!(server.sync(&ada, &sync_body("ada@example.com", "auth0|ada", None)).status, 200);
}
