//! Events pulled from a tenant on this machine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use auth0_management::{
    EventContent, EventStream, EventStreamClient, ManagementError, StreamContent, StreamError, StreamStart, read_event,
};
use domain::{Clock as _, ManualClock, Secret, UnixTime};
use fake_auth0::{Endpoint, FakeAuth0, FakeUser};

fn tenant() -> FakeAuth0 {
    let tenant = FakeAuth0::start();
    tenant.set_management_scope("read:events");
    tenant
}

fn client(tenant: &FakeAuth0) -> EventStreamClient {
    let clock = Arc::new(ManualClock::at(UnixTime::from_secs(tenant.now())));
    EventStreamClient::new(tenant.issuer(), tenant.client_id(), Secret::new(tenant.client_secret()), clock)
}

/// The next event: whom it is about, and its offset.
#[track_caller]
fn event(stream: &mut EventStream) -> (String, String) {
    loop {
        let message = stream.next_message().expect("no error").expect("a message");
        if let StreamContent::Event { body, is_whole } = message.content {
            let EventContent::Fact(fact) = read_event(&body).expect("an event").content else { panic!("no fact") };
            assert!(is_whole);
            return (fact.subject.as_str().to_owned(), message.offset.expect("an offset"));
        }
    }
}

#[test]
fn what_happens_from_now_on_comes_in_its_order() {
    let tenant = tenant();
    tenant.add_user(FakeUser::new("auth0|before"));
    let mut stream = client(&tenant).open(&StreamStart::Now).expect("a stream");
    for name in ["auth0|1", "auth0|2", "auth0|3"] {
        tenant.add_user(FakeUser::new(name));
        assert_eq!(event(&mut stream).0, name);
    }
    assert_eq!(stream.retry(), Some(Duration::from_secs(2)));
}

#[test]
fn a_stream_goes_on_behind_an_offset_or_from_a_moment() {
    let tenant = tenant();
    let client = client(&tenant);
    let (start, names) = (tenant.now(), ["auth0|1", "auth0|2", "auth0|3"]);
    names.iter().for_each(|name| tenant.add_user(FakeUser::new(*name)));
    let mut stream = client.open(&StreamStart::At(UnixTime::from_secs(start - 1))).expect("a stream");
    let (first, offset) = event(&mut stream);
    assert_eq!((first.as_str(), event(&mut stream).0.as_str()), ("auth0|1", "auth0|2"));
    let mut again = client.open(&StreamStart::Behind(offset)).expect("a stream");
    assert_eq!((event(&mut again).0.as_str(), event(&mut again).0.as_str()), ("auth0|2", "auth0|3"));
}

#[test]
fn a_mark_moves_the_offset_without_an_event() {
    let tenant = tenant();
    let mut stream = client(&tenant).open(&StreamStart::Now).expect("a stream");
    tenant.mark_event_progress();
    let message = stream.next_message().expect("no error").expect("a message");
    assert_eq!(message.content, StreamContent::OffsetOnly);
    assert!(message.offset.is_some());
}

#[test]
fn a_stream_that_auth0_closes_is_over_and_another_one_follows() {
    let tenant = tenant();
    let client = client(&tenant);
    let mut stream = client.open(&StreamStart::Now).expect("a stream");
    tenant.close_event_connections();
    assert_eq!(stream.next_message().expect("no error"), None);
    client.open(&StreamStart::Now).expect("another stream");
    assert_eq!(tenant.requests(Endpoint::Token), 1);
}

#[test]
fn a_position_that_is_too_old_and_one_that_is_none_are_told_apart() {
    let tenant = tenant();
    let client = client(&tenant);
    let mut stream = client.open(&StreamStart::Now).expect("a stream");
    tenant.add_user(FakeUser::new("auth0|1"));
    let (_, offset) = event(&mut stream);
    tenant.expire_event_offsets();
    let expired = client.open(&StreamStart::Behind(offset));
    assert!(matches!(expired, Err(StreamError::PositionExpired)), "{expired:?}");
    let refused = client.open(&StreamStart::Behind("no & offset".to_owned()));
    assert!(matches!(refused, Err(StreamError::PositionRefused)), "{refused:?}");
    tenant.fail_event_connections("cursor_expired");
    assert!(matches!(stream.next_message(), Err(StreamError::PositionExpired)));
}

#[test]
fn auth0_may_end_a_stream_with_an_error() {
    let tenant = tenant();
    let mut stream = client(&tenant).open(&StreamStart::Now).expect("a stream");
    tenant.fail_event_connections("processing_error");
    let ended = stream.next_message();
    assert!(matches!(&ended, Err(StreamError::Ended { code }) if code == "processing_error"), "{ended:?}");
}

#[test]
fn what_the_operator_must_mend_is_told_from_an_outage() {
    type Trouble = fn(&FakeAuth0);
    let rows: [(Trouble, &str); 3] = [
        (|tenant| tenant.set_management_scope("read:users"), "the scope read:events"),
        (|tenant| tenant.set_client_secret("another-one"), "AUTH0_CLIENT_SECRET"),
        (|tenant| tenant.fail(Endpoint::Token, 403), "authorize it for read:events"),
    ];
    for (trouble, told) in rows {
        let tenant = tenant();
        let client = client(&tenant);
        trouble(&tenant);
        let error = client.open(&StreamStart::Now).expect_err("trouble");
        assert!(error.is_misconfiguration(), "{error:?}");
        assert!(domain::in_one_line(&error).contains(told), "{error:?}");
    }
    let tenant = tenant();
    let client = client(&tenant);
    tenant.fail(Endpoint::Events, 503);
    let error = client.open(&StreamStart::Now).expect_err("an outage");
    assert!(matches!(error, StreamError::Management(ManagementError::Status(503))) && !error.is_misconfiguration());
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let tenant = tenant();
    tenant.set_clock(tenant.now());
    let clock = ManualClock::at(UnixTime::from_secs(tenant.now()));
    let client = client(&tenant);
    tenant.rate_limit(Endpoint::Events, tenant.now() + 30);
    let error = client.open(&StreamStart::Now).expect_err("a limit");
    assert_eq!(error.asks_for(clock.now()), Some(Duration::from_secs(30)), "{error:?}");
}

#[test]
fn a_refused_token_is_replaced_once() {
    let tenant = tenant();
    let client = client(&tenant);
    tenant.fail(Endpoint::Events, 401);
    let error = client.open(&StreamStart::Now).expect_err("no token will do");
    assert!(matches!(error, StreamError::Management(ManagementError::Status(401))), "{error:?}");
    assert_eq!((tenant.requests(Endpoint::Token), tenant.requests(Endpoint::Events)), (2, 2));
}

/// A tenant of our own bytes: gives a token, then this, and then leaves the connection to the test.
fn scripted(answer: &'static [u8]) -> (EventStreamClient, JoinHandle<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}/", listener.local_addr().expect("an address"));
    let serving = thread::spawn(move || {
        let token = br#"{"access_token":"t0ken","token_type":"Bearer","expires_in":86400}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", token.len());
        accept(&listener).write_all(&[head.as_bytes(), token].concat()).expect("written");
        let mut stream = accept(&listener);
        stream.write_all(answer).expect("written");
        stream
    });
    let clock = Arc::new(ManualClock::at(UnixTime::from_secs(1_800_000_000)));
    (EventStreamClient::new(&issuer, "id", Secret::new("secret"), clock), serving)
}

/// Reads the head of a request, and the short body behind it.
fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().expect("a connection");
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.is_empty() {
            break;
        }
    }
    std::io::copy(&mut std::io::Read::take(&mut reader, length), &mut std::io::sink()).expect("a body");
    stream
}

#[test]
fn a_message_counts_only_when_it_is_whole() {
    let (client, serving) = scripted(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: 1\ndata: {}\n\nid: 2\ndata: {\"event\":{\"id\"",
    );
    let mut stream = client.open(&StreamStart::Now).expect("a stream");
    assert_eq!(stream.next_message().expect("no error").and_then(|message| message.offset).as_deref(), Some("1"));
    drop(serving.join().expect("no panic"));
    assert!(!matches!(stream.next_message(), Ok(Some(_))), "half a message is none");
}

#[test]
fn a_silent_connection_is_given_up() {
    let (client, serving) = scripted(b"HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\r\n");
    let mut stream = client.giving_up_after(Duration::from_millis(100)).open(&StreamStart::Now).expect("a stream");
    let _held_open = serving.join().expect("no panic");
    let error = stream.next_message().expect_err("silence");
    assert!(matches!(error, StreamError::BrokenOff(_)), "{error:?}");
}

#[test]
fn an_answer_that_is_no_stream_is_refused() {
    let (client, serving) = scripted(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>");
    let error = client.open(&StreamStart::Now).expect_err("no stream");
    assert!(matches!(error, StreamError::Management(ManagementError::Garbage(_))), "{error:?}");
    drop(serving.join().expect("no panic"));
}
