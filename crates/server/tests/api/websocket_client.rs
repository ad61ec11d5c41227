//! A socket, from a client that knows nothing of how the server is made.

use std::io::{ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::{Error, Message, WebSocket, client};

use crate::client::{Answer, PATIENCE, bearer, sync_body};
use crate::raw_connection::{RawConnection, head};
use crate::spawn::TestServer;

/// The headers of a handshake (RFC 6455 §1.3), for requests that are to be refused.
pub(crate) const HANDSHAKE: [(&str, &str); 4] = [
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// An open socket. Waiting for a message ends in a failure rather than never.
pub(crate) struct Socket {
    socket: WebSocket<TcpStream>,
    /// The headers of the answer to the handshake.
    pub(crate) answer: Vec<(String, String)>,
}

impl Socket {
    /// With the token in `Authorization`.
    #[track_caller]
    pub(crate) fn open(address: SocketAddr, token: &str) -> Self {
        Self::open_with(address, &[("authorization", &bearer(token))])
    }

    #[track_caller]
    pub(crate) fn open_with(address: SocketAddr, headers: &[(&str, &str)]) -> Self {
        Self::try_open(address, headers).unwrap_or_else(|status| panic!("refused with {status}"))
    }

    /// The status of a refusal where there is one.
    pub(crate) fn try_open(address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time limit");
        let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a name");
            request.headers_mut().append(name, HeaderValue::try_from(*value).expect("a value"));
        }
        match client(request, stream) {
            Ok((socket, answer)) => {
                let pair = |(name, value): (&HeaderName, &HeaderValue)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                Ok(Self { socket, answer: answer.headers().iter().map(pair).collect() })
            }
            Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    /// The next message; pings are answered on the way.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Value {
        loop {
            match self.socket.read().expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a text, got {other:?}"),
            }
        }
    }

    /// The next frame, whatever it is.
    #[track_caller]
    pub(crate) fn next_frame(&mut self) -> Message {
        self.socket.read().expect("a frame")
    }

    /// The next message of this type; others may come before it.
    #[track_caller]
    pub(crate) fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next();
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The code with which the server closes the socket; messages may come before it. Then the connection ends, too.
    #[track_caller]
    pub(crate) fn close_code(&mut self) -> u16 {
        let code = loop {
            if let Message::Close(frame) = self.socket.read().expect("a close frame") {
                break u16::from(frame.expect("a code").code);
            }
        };
        loop {
            match self.socket.read() {
                Ok(_) => {}
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return code,
                Err(Error::Io(error)) if error.kind() == ErrorKind::ConnectionReset => return code,
                Err(error) => panic!("after the goodbye: {error}"),
            }
        }
    }

    #[track_caller]
    pub(crate) fn say(&mut self, text: &str) {
        self.send(Message::text(text));
    }

    #[track_caller]
    pub(crate) fn send(&mut self, message: Message) {
        self.socket.send(message).expect("the server takes the message");
    }

    /// Sends as much as the server takes; it may close the socket meanwhile.
    pub(crate) fn send_what_is_taken(&mut self, message: Message) {
        let _refused = self.socket.send(message);
    }

    /// Sends bytes that are no frame of the library's.
    #[track_caller]
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).expect("the server takes the bytes");
    }

    /// Sends as many of these bytes as the server takes; it may close the socket meanwhile.
    pub(crate) fn write_what_is_taken(&mut self, bytes: &[u8]) {
        let _refused = self.socket.get_mut().write_all(bytes);
    }

    #[track_caller]
    pub(crate) fn renew(&mut self, token: &str) {
        self.say(&json!({ "type": "auth", "token": token }).to_string());
    }

    /// Shows that the socket is served: a message that means nothing is answered.
    #[track_caller]
    pub(crate) fn assert_served(&mut self) {
        self.say("{}");
        assert_eq!(self.next_of("error")["code"], "bad_message");
    }

    /// Shows that the socket is served and that nothing has been said on it since the last message was read.
    #[track_caller]
    pub(crate) fn assert_undisturbed(&mut self) {
        self.say("{}");
        assert_eq!(self.next()["code"], "bad_message");
    }

    /// Says goodbye and waits for the answer.
    pub(crate) fn leave(mut self) {
        self.socket.close(None).expect("a goodbye");
        while self.socket.read().is_ok() {}
    }
}

impl TestServer {
    /// A user of this name and with a token.
    #[track_caller]
    pub(crate) fn user(&self, name: &str) -> String {
        let (subject, email) = (format!("auth0|{name}"), format!("{name}@example.com"));
        let token = self.tenant.token(&subject);
        self.sync(&token, &sync_body(&email, &subject, None)).id();
        token
    }

    /// An open socket of which the first message has been read.
    #[track_caller]
    pub(crate) fn socket(&self, token: &str) -> Socket {
        let mut socket = Socket::open(self.address(), token);
        assert_eq!(socket.next()["type"], "ready");
        socket
    }

    /// The answer to a handshake that is refused.
    pub(crate) fn refused_socket(&self, headers: &[(&str, &str)]) -> Answer {
        let mut connection = RawConnection::open(self.address());
        connection.send(head("GET", "/ws", &[&HANDSHAKE, headers].concat()));
        connection.answer()
    }
}
