//! The events API: server-sent events.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use fake_auth0::{Endpoint, FakeAuth0, FakeUser, Fault};
use serde_json::Value;
use ureq::Body;
use ureq::http::Response;

use crate::client::agent;
use crate::management::{Management, read};

/// One message: the fields of its lines.
#[derive(Debug, Default, PartialEq)]
struct Message {
    event: String,
    id: String,
    data: Value,
}

/// An open connection, message after message.
struct Connection(BufReader<Box<dyn std::io::Read>>);

impl Connection {
    /// The next message; `None`: the connection has ended. Comments and `retry` are passed over.
    fn next(&mut self) -> Option<Message> {
        let mut message = Message::default();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", value)) => message.event = value.to_owned(),
                Some(("id", value)) => message.id = value.to_owned(),
                Some(("data", value)) => message.data = serde_json::from_str(value).unwrap(),
                None if line == "\n" && !message.event.is_empty() => return Some(message),
                _ => (),
            }
        }
    }

    fn names(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.next().unwrap().event).collect()
    }
}

fn ask(management: &Management, query: &str, last_event_id: Option<&str>) -> Response<Body> {
    let url = format!("{}{query}", management.tenant.url(Endpoint::Events));
    let mut request = agent().get(url).header("authorization", format!("Bearer {}", management.token));
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    request.call().unwrap()
}

fn listen(management: &Management, query: &str) -> Connection {
    let answer = ask(management, query, None);
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    Connection(BufReader::new(Box::new(answer.into_body().into_reader())))
}

fn add(tenant: &FakeAuth0, number: usize) {
    tenant.add_user(FakeUser::new(format!("auth0|{number}")));
}

#[test]
fn a_listener_hears_what_happens_from_then_on() {
    let management = Management::start();
    add(&management.tenant, 1);
    let mut connection = listen(&management, "");
    let mut greeting = String::new();
    while !greeting.ends_with("retry: 2000\n") {
        connection.0.read_line(&mut greeting).unwrap();
    }
    assert_eq!(greeting, ":connected\n\nretry: 2000\n");
    add(&management.tenant, 2);
    let message = connection.next().unwrap();
    assert_eq!(message.event, "user.created");
    assert_eq!(message.data["offset"], message.id.as_str());
    assert_eq!(message.data["event"]["data"]["object"]["user_id"], "auth0|2");
    assert_eq!(message.data["event"]["a0stream"], management.tenant.event_stream_id());
    management.tenant.close_event_connections();
    assert_eq!(connection.next(), None);
}

#[test]
fn a_listener_goes_on_behind_its_offset_and_last_event_id_wins() {
    let management = Management::start();
    let mut connection = listen(&management, "");
    (1..=3).for_each(|number| add(&management.tenant, number));
    let offsets: Vec<String> = (0..3).map(|_| connection.next().unwrap().id).collect();
    let first_user = |mut connection: Connection| {
        connection.next().unwrap().data["event"]["data"]["object"]["user_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(first_user(listen(&management, &format!("?from={}", offsets[0]))), "auth0|2");
    let answer = ask(&management, &format!("?from={}", offsets[0]), Some(&offsets[1]));
    assert_eq!(first_user(Connection(BufReader::new(Box::new(answer.into_body().into_reader())))), "auth0|3");
    let answer = ask(&management, "?from_timestamp=2020-01-01T00:00:00Z", Some(&offsets[1]));
    assert_eq!(first_user(Connection(BufReader::new(Box::new(answer.into_body().into_reader())))), "auth0|3");
}

#[test]
fn a_listener_may_begin_at_a_time() {
    let management = Management::of(FakeAuth0::builder().clock_at(1_800_000_000).start());
    add(&management.tenant, 1);
    management.tenant.set_clock(1_800_000_060);
    add(&management.tenant, 2);
    let mut connection = listen(&management, "?from_timestamp=2027-01-15T08:01:00Z");
    assert_eq!(connection.next().unwrap().data["event"]["data"]["object"]["user_id"], "auth0|2");
    let mut connection = listen(&management, "?from_timestamp=2027-01-15T08:00:00.000Z");
    assert_eq!(connection.next().unwrap().data["event"]["data"]["object"]["user_id"], "auth0|1");
}

#[test]
fn other_kinds_are_passed_over_and_a_mark_tells_how_far() {
    let management = Management::start();
    let mut connection = listen(&management, "?event_type=user.deleted&event_type=user.updated");
    add(&management.tenant, 1);
    let mark = connection.next().unwrap();
    assert_eq!((mark.event.as_str(), &mark.data["offset"]), ("offset-only", &Value::from(mark.id.as_str())));
    management.tenant.update_user("auth0|1", |_| ());
    management.tenant.delete_user("auth0|1");
    assert_eq!(connection.names(2), ["user.updated", "user.deleted"]);
    let mut resumed = listen(&management, &format!("?from={}", mark.id));
    assert_eq!(resumed.next().unwrap().event, "user.updated");
}

#[test]
fn marks_come_now_and_then_and_by_order() {
    let management = Management::start();
    management.tenant.mark_event_progress_every(2);
    let mut connection = listen(&management, "");
    (1..=3).for_each(|number| add(&management.tenant, number));
    assert_eq!(connection.names(4), ["user.created", "user.created", "offset-only", "user.created"]);
    management.tenant.mark_event_progress();
    assert_eq!(connection.names(1), ["offset-only"]);
}

#[test]
fn an_idle_connection_has_a_heartbeat() {
    let management = Management::start();
    management.tenant.set_event_heartbeat(Duration::from_millis(1));
    let mut connection = listen(&management, "");
    let mut text = String::new();
    while !text.contains(": heartbeat\n") {
        connection.0.read_line(&mut text).unwrap();
    }
    assert_eq!(connection.next().unwrap().event, "offset-only");
}

#[test]
fn a_connection_ends_after_so_many_messages() {
    let management = Management::start();
    management.tenant.close_event_connections_after(Some(2));
    let mut connection = listen(&management, "");
    (1..=3).for_each(|number| add(&management.tenant, number));
    connection.next().unwrap();
    let last = connection.next().unwrap();
    assert_eq!(connection.next(), None);
    management.tenant.close_event_connections_after(None);
    let mut resumed = listen(&management, &format!("?from={}", last.id));
    assert_eq!(resumed.next().unwrap().data["event"]["data"]["object"]["user_id"], "auth0|3");
    assert!(management.tenant.event_connections() >= 1);
}

#[test]
fn an_error_message_is_the_last() {
    let management = Management::start();
    let mut connection = listen(&management, "");
    management.tenant.fail_event_connections("processing_error");
    let message = connection.next().unwrap();
    assert_eq!((message.event.as_str(), message.id.as_str()), ("error", ""));
    assert_eq!(message.data["error"]["code"], "processing_error");
    assert_eq!(connection.next(), None);
}

#[test]
fn an_expired_offset_is_410_and_the_events_are_still_there_by_time() {
    let management = Management::start();
    let mut connection = listen(&management, "");
    add(&management.tenant, 1);
    let offset = connection.next().unwrap().id;
    management.tenant.expire_event_offsets();
    let (status, refusal) = read(ask(&management, &format!("?from={offset}"), None));
    assert_eq!((status, &refusal["errorCode"]), (410, &"cursor_expired".into()));
    assert_eq!(ask(&management, "", Some(&offset)).status(), 410);
    let fresh = listen(&management, "?from_timestamp=2020-01-01T00:00:00Z").next().unwrap();
    assert_eq!(fresh.event, "user.created");
    assert_eq!(ask(&management, &format!("?from={}", fresh.id), None).status(), 200);
}

#[test]
fn a_question_that_makes_no_sense_is_400() {
    let management = Management::start();
    let other = Management::start();
    let mut elsewhere = listen(&other, "");
    add(&other.tenant, 1);
    let foreign = elsewhere.next().unwrap().id;
    for query in [
        "?from=nonsense".to_owned(),
        format!("?from={foreign}"),
        "?event_type=user.vanished".to_owned(),
        "?from_timestamp=yesterday".to_owned(),
        format!("?from={foreign}&from_timestamp=2020-01-01T00:00:00Z"),
    ] {
        assert_eq!(ask(&management, &query, None).status(), 400, "{query}");
    }
    assert_eq!(ask(&management, "", Some("nonsense")).status(), 400);
}

#[test]
fn the_events_api_takes_its_scope_and_has_its_faults() {
    let management = Management::start();
    management.tenant.break_endpoint(Endpoint::Events, Fault::RetryAfter { seconds: 7 });
    let answer = ask(&management, "", None);
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    management.tenant.restore(Endpoint::Events);
    management.tenant.revoke_management_tokens();
    assert_eq!(ask(&management, "", None).status(), 401);
    assert_eq!(management.tenant.requests(Endpoint::Events), 2);
}
