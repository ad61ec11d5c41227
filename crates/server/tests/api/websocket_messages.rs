//! What a client may say on a socket, and what happens to one that says something else.

use fake_auth0::{BadToken, Endpoint};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Bytes, Message};

use crate::spawn::Setup;
use crate::websocket_client::Socket;

/// The beginning of a frame (RFC 6455 §5.2), with a mask of zeros: what it announces, and nothing of it.
fn announcement(first: u8, length: u64) -> Vec<u8> {
    [&[first, 0x80 | 127], &length.to_be_bytes()[..], &[0; 4]].concat()
}

/// A piece of a text message.
fn piece(code: Data, text: &str, is_last: bool) -> Message {
    Message::Frame(Frame::message(Bytes::from(text.to_owned()), OpCode::Data(code), is_last))
}

#[track_caller]
fn assert_refused(socket: &mut Socket, code: &str, message: &str) {
    let expected = serde_json::json!({ "type": "error", "code": code, "message": message });
    assert_eq!(socket.next(), expected);
}

#[test]
fn a_newer_token_of_the_same_user_takes_the_place_of_the_old_one() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut socket = server.socket(&token);
    let expires_at = server.tenant.now() + 5_000;
    socket.renew(&server.tenant.token_for("auth0|ada").expires_at(expires_at).mint());
    assert_eq!(socket.next(), serde_json::json!({ "type": "renewed", "expires_at": expires_at }));
    socket.assert_served();
}

#[test]
fn a_token_of_another_user_changes_nothing() {
    let server = Setup::on_sqlite().start();
    let (ada, eve) = (server.user("ada"), server.user("eve"));
    let (mut socket, mut of_eve) = (server.socket(&ada), server.socket(&eve));
    socket.renew(&eve);
    assert_refused(&mut socket, "forbidden", "Token of another user");
    of_eve.assert_undisturbed();
    // It is still Ada's.
    server.database.execute("UPDATE users SET name = 'Eve' WHERE auth0_id = 'auth0|eve'");
    server.database.execute("UPDATE users SET name = 'Ada' WHERE auth0_id = 'auth0|ada'");
    assert_eq!(socket.next()["user"]["name"], "Ada");
}

#[test]
fn no_bad_token_renews() {
    let server = Setup::on_sqlite().with_file("[websocket]\nmax_frames = 1000").start();
    let mut socket = server.socket(&server.user("ada"));
    for bad in BadToken::ALL {
        let token = bad.mint(&server.tenant, "auth0|ada");
        if token.len() < 30_000 {
            socket.renew(&token);
            assert_refused(&mut socket, "unauthorized", "Invalid or expired token");
        }
    }
    socket.assert_served();
}

#[test]
fn keys_out_of_reach_are_our_own_trouble_and_the_old_token_goes_on() {
    let server = Setup::on_sqlite().start();
    let mut socket = server.socket(&server.user("ada"));
    server.tenant.fail(Endpoint::Jwks, 500);
    socket.renew(&server.tenant.token_for("auth0|ada").kid("made-up").mint());
    assert_refused(&mut socket, "unavailable", "Temporarily unavailable");
    socket.assert_served();
}

#[test]
fn what_is_no_message_is_answered_and_harms_nobody() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let (mut socket, mut neighbour) = (server.socket(&token), server.socket(&token));
    for text in ["", "null", "{", "[]", "{}", r#"{"type":"auth"}"#, r#"{"type":"subscribe","to":"everything"}"#] {
        socket.say(text);
        assert_refused(&mut socket, "bad_message", "Invalid message");
    }
    socket.send(Message::binary(vec![0, 159, 146, 150]));
    assert_refused(&mut socket, "bad_message", "Invalid message");
    socket.assert_served();
    neighbour.assert_undisturbed();
}

#[test]
fn a_ping_is_answered_with_what_it_holds() {
    let server = Setup::on_sqlite().start();
    let mut socket = server.socket(&server.user("ada"));
    socket.send(Message::Ping(Bytes::from_static(b"are you there?")));
    assert_eq!(socket.next_frame(), Message::Pong(Bytes::from_static(b"are you there?")));
}

#[test]
fn a_message_may_come_in_pieces() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut socket = server.socket(&token);
    let text = serde_json::json!({ "type": "auth", "token": token }).to_string();
    let (first, rest) = text.split_at(20);
    let (second, third) = rest.split_at(20);
    socket.send(piece(Data::Text, first, false));
    socket.send(piece(Data::Continue, second, false));
    // Control frames may come in between (RFC 6455 §5.4).
    socket.send(Message::Pong(Bytes::new()));
    socket.send(piece(Data::Continue, third, true));
    assert_eq!(socket.next()["type"], "renewed");
}

#[test]
fn the_longest_token_there_is_fits_into_a_message() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    let mut socket = server.socket(&server.tenant.token("auth0|ada"));
    let token = server.tenant.token_for("auth0|ada").claim("padding", "x".repeat(11_500)).mint();
    assert!((15_000..=16_384).contains(&token.len()), "{}", token.len());
    socket.renew(&token);
    assert_eq!(socket.next()["type"], "renewed");
}

#[test]
fn a_message_that_is_too_big_closes_the_socket_and_no_other() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut neighbour = server.socket(&token);
    let mut whole = server.socket(&token);
    whole.say(&" ".repeat(32 * 1024));
    assert_refused(&mut whole, "bad_message", "Invalid message");
    whole.say(&" ".repeat(32 * 1024 + 1));
    assert_eq!(whole.close_code(), 1009);
    let mut huge = server.socket(&token);
    huge.send_what_is_taken(Message::text(" ".repeat(4 * 1024 * 1024)));
    assert_eq!(huge.close_code(), 1009);
    let mut in_pieces = server.socket(&token);
    in_pieces.send(piece(Data::Text, &" ".repeat(20 * 1024), false));
    in_pieces.send_what_is_taken(piece(Data::Continue, &" ".repeat(20 * 1024), false));
    assert_eq!(in_pieces.close_code(), 1009);
    neighbour.assert_undisturbed();
}

#[test]
fn a_frame_is_refused_by_its_announced_length() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut neighbour = server.socket(&token);
    // A text and a binary message, whole and in pieces.
    for first in [0x81, 0x82, 0x01, 0x02] {
        for length in [32 * 1024 + 1, 1 << 40, u64::MAX] {
            let mut socket = server.socket(&token);
            socket.write_bytes(&announcement(first, length));
            assert_eq!(socket.close_code(), 1009, "{first:#x}, {length}");
        }
    }
    let mut endless = server.socket(&token);
    endless.write_bytes(&announcement(0x81, 1 << 40));
    endless.write_what_is_taken(&vec![b' '; 64 * 1024 * 1024]);
    assert_eq!(endless.close_code(), 1009);
    neighbour.assert_undisturbed();
}

#[test]
fn a_message_in_pieces_is_refused_by_what_its_pieces_announce_together() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    for first in [Data::Text, Data::Binary] {
        let mut socket = server.socket(&token);
        socket.send(piece(first, &" ".repeat(20 * 1024), false));
        socket.send(piece(Data::Continue, &" ".repeat(12 * 1024), false));
        // Control frames are no part of it.
        socket.send(Message::Ping(Bytes::from_static(b"still there?")));
        while !socket.next_frame().is_pong() {}
        socket.write_bytes(&announcement(0x80, 1));
        assert_eq!(socket.close_code(), 1009, "{first:?}");
    }
}

#[test]
fn what_came_before_a_refused_frame_is_still_answered() {
    let server = Setup::on_sqlite().start();
    let mut socket = server.socket(&server.user("ada"));
    let message = [0x81, 0x82, 0, 0, 0, 0, b'{', b'}'];
    socket.write_bytes(&[&message, &message, &announcement(0x81, 1 << 40)[..]].concat());
    assert_refused(&mut socket, "bad_message", "Invalid message");
    assert_refused(&mut socket, "bad_message", "Invalid message");
    assert_eq!(socket.close_code(), 1009);
}

#[test]
fn a_control_frame_is_refused_by_its_announced_length() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    for first in [0x88, 0x89, 0x8a] {
        let mut socket = server.socket(&token);
        socket.write_bytes(&announcement(first, 126));
        assert_eq!(socket.close_code(), 1002, "{first:#x}");
    }
}

#[test]
fn what_breaks_the_protocol_closes_the_socket_and_no_other() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut neighbour = server.socket(&token);
    let mut not_utf8 = server.socket(&token);
    not_utf8.send(Message::Frame(Frame::message(Bytes::from_static(&[0xff]), OpCode::Data(Data::Text), true)));
    assert_eq!(not_utf8.close_code(), 1007);
    // RFC 6455 §8.1: nor may the words of a goodbye be anything else.
    let goodbye = |code: u16, words: &[u8]| {
        let said = [&code.to_be_bytes()[..], words].concat();
        let mask = [0x12, 0x34, 0x56, 0x78];
        let length = 0x80 | u8::try_from(said.len()).expect("a short one");
        let masked = said.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        [0x88, length].into_iter().chain(mask).chain(masked).collect::<Vec<u8>>()
    };
    for (code, words, answer) in [(1000, &b"bye \xff"[..], 1007), (1000, b"bye", 1000), (1005, b"bye", 1002)] {
        let mut leaving = server.socket(&token);
        leaving.write_bytes(&goodbye(code, words));
        assert_eq!(leaving.close_code(), answer, "{code} {words:?}");
    }
    let mut without_a_beginning = server.socket(&token);
    without_a_beginning.send(piece(Data::Continue, "{}", true));
    assert_eq!(without_a_beginning.close_code(), 1002);
    let mut unmasked = server.socket(&token);
    unmasked.write_bytes(&[0x81, 0x02, b'{', b'}']);
    assert_eq!(unmasked.close_code(), 1002);
    neighbour.assert_undisturbed();
}

#[test]
fn a_flood_closes_the_socket_and_no_other() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let (mut flooding, mut pinging, mut neighbour) =
        (server.socket(&token), server.socket(&token), server.socket(&token));
    for _ in 0..21 {
        flooding.send_what_is_taken(Message::text("{}"));
        pinging.send_what_is_taken(Message::Ping(Bytes::new()));
    }
    assert_eq!(flooding.close_code(), 1008);
    assert_eq!(pinging.close_code(), 1008);
    neighbour.assert_undisturbed();
}

#[test]
fn what_happens_on_sockets_is_counted() {
    let server = Setup::on_sqlite().start();
    let token = server.user("ada");
    let mut socket = server.socket(&token);
    let _other = server.socket(&token);
    socket.renew(&token);
    assert_eq!(socket.next()["type"], "renewed");
    socket.assert_served();
    socket.leave();
    crate::waiting::eventually("everything is counted", || {
        let text = server.get("/metrics").body;
        let all = [
            "authsync_websockets_open 1",
            r#"authsync_websockets_closed_total{code="client"} 1"#,
            "authsync_websocket_renewals_total 1",
            r#"authsync_websocket_messages_refused_total{code="bad_message"} 1"#,
            r#"authsync_http_requests_total{route="/ws",status="101"} 2"#,
        ];
        all.iter().all(|line| text.lines().any(|written| written == *line)).then_some(())
    });
}
