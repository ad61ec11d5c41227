//! How long a socket lives.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tungstenite::Message;

use crate::program::Program;
use crate::raw_connection::{RawConnection, head};
use crate::spawn::Setup;
use crate::waiting::pause;
use crate::websocket_client::{HANDSHAKE, Socket};

/// How late an end may be: a second, and the rest for a busy machine.
const LATE: Duration = Duration::from_secs(3);

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
}

#[test]
fn a_socket_ends_with_its_token_and_not_after_a_leeway() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    let token = server.tenant.token_for("auth0|ada").expires_in(6).mint();
    let mut socket = Socket::open(server.address(), &token);
    let ready = socket.next();
    let expires_at = ready["expires_at"].as_u64().expect("a time");
    assert_eq!(socket.next(), serde_json::json!({ "type": "expiring", "expires_at": expires_at }));
    assert_eq!(socket.close_code(), 4401);
    let late = now().checked_sub(Duration::from_secs(expires_at)).expect("not before the token ends");
    assert!(late < LATE, "{late:?}");
}

#[test]
fn the_end_is_announced_a_minute_ahead() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    let mut socket = server.socket(&server.tenant.token_for("auth0|ada").expires_in(62).mint());
    let expires_at = socket.next_of("expiring")["expires_at"].as_u64().expect("a time");
    let ahead = Duration::from_secs(expires_at).checked_sub(now()).expect("ahead of the end");
    assert!(ahead <= Duration::from_secs(60) && ahead > Duration::from_secs(60) - LATE, "{ahead:?}");
}

#[test]
fn a_socket_that_is_renewed_at_nine_tenths_of_each_life_lives_on() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    // The last tenth of a life is all the time that a busy machine has for a renewal.
    let life = 12;
    let mut expires_at = server.tenant.now() + life;
    let mut socket = server.socket(&server.tenant.token_for("auth0|ada").expires_at(expires_at).mint());
    for _ in 0..2 {
        let end = Duration::from_secs(expires_at.unsigned_abs());
        let renew_at = now() + end.saturating_sub(now()).mul_f64(0.9);
        while now() < renew_at {
            pause();
        }
        expires_at += life;
        socket.renew(&server.tenant.token_for("auth0|ada").expires_at(expires_at).mint());
        assert_eq!(socket.next_of("renewed")["expires_at"], expires_at);
    }
    assert_eq!(socket.close_code(), 4401);
}

#[test]
fn a_refused_renewal_does_not_put_off_the_end() {
    let server = Setup::on_sqlite().start();
    let eve = server.user("eve");
    server.user("ada");
    let mut socket = server.socket(&server.tenant.token_for("auth0|ada").expires_in(6).mint());
    socket.renew(&eve);
    assert_eq!(socket.next_of("error")["code"], "forbidden");
    assert_eq!(socket.close_code(), 4401);
}

#[test]
fn a_token_in_its_leeway_opens_a_socket_that_ends_at_once() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    let mut socket = server.socket(&server.tenant.token_for("auth0|ada").expires_at(server.tenant.now() - 5).mint());
    assert_eq!(socket.close_code(), 4401);
}

#[test]
fn a_client_that_answers_pings_stays_and_one_that_does_not_is_closed() {
    let server = Setup::on_sqlite().with_file("[websocket]\nping_ms = 300\nmax_frames = 1000").start();
    let token = server.user("ada");
    let mut answering = server.socket(&token);
    for _ in 0..5 {
        // The library answers by itself.
        assert!(matches!(answering.next_frame(), Message::Ping(_)));
    }
    answering.assert_served();
    let mut silent = RawConnection::open(server.address());
    let authorization = crate::client::bearer(&token);
    silent.send(head("GET", "/ws", &[&HANDSHAKE[..], &[("authorization", &authorization)]].concat()));
    let bytes = silent.everything_until_the_end();
    let close = [0x88, 2 + u8::try_from("no pong".len()).expect("a small number"), 0x03, 0xf0];
    assert!(bytes.windows(close.len()).any(|window| window == close), "{:?}", String::from_utf8_lossy(&bytes));
    assert_eq!(bytes.windows(2).filter(|window| *window == [0x89, 0]).count(), 2);
}

#[test]
fn sockets_are_told_that_the_server_stops_and_do_not_hold_it_up() {
    let mut program = Program::on_sqlite().with_file("[http]\ndrain_ms = 1000").serve_ready();
    let subject = "auth0|ada";
    let token = program.tenant.token(subject);
    program.client().sync(&token, &crate::client::sync_body("ada@example.com", subject, None)).id();
    let mut sockets: Vec<_> = (0..5).map(|_| Socket::open(program.address(), &token)).collect();
    for socket in &mut sockets {
        assert_eq!(socket.next()["type"], "ready");
    }
    let began = Instant::now();
    program.signal("TERM");
    for socket in &mut sockets {
        assert_eq!(socket.close_code(), 1001);
    }
    assert_eq!(program.wait(Duration::from_secs(30)).code(), Some(0), "{}", program.log());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn no_token_of_a_socket_is_in_the_log_at_its_loudest() {
    let mut program = Program::on_sqlite().with("AUTHSYNC_LOG", "trace").serve_ready();
    let subject = "auth0|ada";
    let token = program.tenant.token(subject);
    program.client().sync(&token, &crate::client::sync_body("ada@example.com", subject, None)).id();
    let newer = program.tenant.token_for(subject).expires_in(5_000).mint();
    let bad = program.tenant.token_for(subject).kid("made-up").mint();
    let protocols = format!("bearer, {token}");
    let mut socket = Socket::open_with(program.address(), &[("sec-websocket-protocol", &protocols)]);
    for (text, kind) in [
        (format!(r#"{{"type":"auth","token":"{newer}"}}"#), "renewed"),
        (format!(r#"{{"type":"auth","token":"{bad}"}}"#), "error"),
        (format!(r#"{{"type":"auth","token":["{newer}"]}}"#), "error"),
        (newer.clone(), "error"),
    ] {
        socket.say(&text);
        socket.next_of(kind);
    }
    let refused = format!("bearer, {bad}");
    assert!(Socket::try_open(program.address(), &[("sec-websocket-protocol", &refused)]).is_err());
    socket.leave();
    program.signal("TERM");
    assert_eq!(program.wait(Duration::from_secs(30)).code(), Some(0));
    let log = program.log();
    assert!(log.contains("GET /ws 101") && log.contains("GET /ws 401"), "{log}");
    for token in [&token, &newer, &bad] {
        let signature = token.rsplit('.').next().expect("a signature");
        assert!(!log.contains(signature) && !log.contains(token.as_str()), "{log}");
    }
}
