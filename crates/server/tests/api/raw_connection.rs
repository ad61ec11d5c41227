//! A connection of which a test decides every byte and the moment of each.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::client::{Answer, PATIENCE};

/// One TCP connection. Reading ends in a failure rather than never.
#[derive(Debug)]
pub(crate) struct RawConnection {
    stream: TcpStream,
    /// Received and not looked at yet.
    unread: Vec<u8>,
}

impl RawConnection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, unread: Vec::new() }
    }

    /// Sends these bytes in one piece.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server takes the bytes");
    }

    /// Sends as much of these bytes as the server takes; it may close the connection meanwhile.
    pub(crate) fn send_what_is_taken(&mut self, bytes: &[u8]) {
        let _refused = self.stream.write_all(bytes);
    }

    /// Whether these bytes can still be sent.
    pub(crate) fn takes(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish_sending(&self) {
        self.stream.shutdown(Shutdown::Write).expect("an open connection");
    }

    /// The next answer, which has a `content-length`. Interim answers (RFC 9110 §15.2) are passed over.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer(true).expect("an answer")
    }

    /// The next answer, to a HEAD request: its length is announced and its body never comes.
    #[track_caller]
    pub(crate) fn answer_without_body(&mut self) -> Answer {
        self.try_answer(false).expect("an answer")
    }

    /// The next answer, or `None` if the connection ends before it.
    pub(crate) fn answer_or_end(&mut self) -> Option<Answer> {
        self.try_answer(true)
    }

    /// Everything that comes until the server closes the connection.
    pub(crate) fn everything_until_the_end(&mut self) -> Vec<u8> {
        while self.receive() {}
        std::mem::take(&mut self.unread)
    }

    /// Whether the server has closed the connection; waits for it.
    pub(crate) fn is_closed_by_the_server(&mut self) -> bool {
        while self.receive() {}
        self.unread.is_empty()
    }

    fn try_answer(&mut self, has_body: bool) -> Option<Answer> {
        loop {
            let head = loop {
                if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                    break self.take(end + 4);
                }
                if !self.receive() {
                    assert!(self.unread.is_empty(), "half an answer: {:?}", String::from_utf8_lossy(&self.unread));
                    return None;
                }
            };
            let mut answer = parse_head(&head);
            if (100..200).contains(&answer.status) {
                continue;
            }
            let length = answer.header("content-length").map_or(0, |length| length.parse().expect("a number"));
            if has_body {
                while self.unread.len() < length {
                    assert!(self.receive(), "half a body behind {answer:?}");
                }
                answer.body = self.take(length);
            }
            return Some(answer);
        }
    }

    /// Waits for more bytes. `false`: there will be none.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.unread.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("waiting for the server: {error}"),
        }
    }

    fn take(&mut self, count: usize) -> String {
        String::from_utf8(self.unread.drain(..count).collect()).expect("text")
    }
}

/// The head of a request, with a `host` and the empty line at the end.
pub(crate) fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: authsync.test\r\n{lines}\r\n")
}

/// A whole request with a body of JSON.
pub(crate) fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> String {
    let length = body.len().to_string();
    let authorization = token.map(crate::client::bearer);
    let mut headers = vec![("content-type", "application/json"), ("content-length", length.as_str())];
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    head(method, path, &headers) + body
}

fn parse_head(head: &str) -> Answer {
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 ")))
        .and_then(|rest| rest.split(' ').next())
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no status line: {head:?}"));
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Answer { status, headers, body: String::new() }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
