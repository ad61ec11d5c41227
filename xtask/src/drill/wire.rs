//! HTTP/1.1 over one connection, as plainly as can be: a client library that tries again, waits or hides which way a
//! connection broke would hide what a drill is about.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::person::Person;

const CONNECT: Duration = Duration::from_secs(1);
/// Answers of authsync are far shorter.
const LONGEST: usize = 64 * 1024;

/// An answer, as far as drills look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// It says of itself that it may be out of date (`x-authsync-stale`).
    pub(super) stale: bool,
    pub(super) retry_after: bool,
    pub(super) body: String,
    closes: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody listens there.
    NoConnection,
    /// The connection was closed or reset before the answer was complete.
    Broken,
    /// The client's patience is at its end.
    TimedOut,
}

/// A client with one connection at a time, which is kept for as long as the server keeps it.
#[derive(Debug)]
pub(super) struct Wire {
    address: SocketAddr,
    patience: Duration,
    connection: Option<TcpStream>,
}

impl Wire {
    pub(super) fn new(address: SocketAddr, patience: Duration) -> Self {
        Self { address, patience, connection: None }
    }

    /// Sends a request and reads the whole answer. Nothing is tried twice.
    ///
    /// # Errors
    /// There is no answer.
    pub(super) fn ask(&mut self, request: &str) -> Result<Reply, Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        connection.write_all(request.as_bytes()).map_err(|error| failure(&error))?;
        let reply = read(&mut connection)?;
        if !reply.closes {
            self.connection = Some(connection);
        }
        Ok(reply)
    }

    fn connect(&self) -> Result<TcpStream, Failure> {
        let connect = || -> std::io::Result<TcpStream> {
            let connection = TcpStream::connect_timeout(&self.address, CONNECT)?;
            connection.set_nodelay(true)?;
            connection.set_read_timeout(Some(self.patience))?;
            connection.set_write_timeout(Some(self.patience))?;
            Ok(connection)
        };
        connect().map_err(|_| Failure::NoConnection)
    }
}

/// `GET /auth/verify` of this person.
pub(super) fn verify(person: &Person) -> String {
    format!("GET /auth/verify HTTP/1.1\r\nhost: authsync\r\nauthorization: Bearer {}\r\n\r\n", person.token)
}

/// `POST /auth/sync` of this person, under this name.
pub(super) fn sync(person: &Person, name: &str) -> String {
    let Person { subject, email, token } = person;
    let body = format!(r#"{{"auth0_id":"{subject}","email":"{email}","name":"{name}"}}"#);
    format!(
        "POST /auth/sync HTTP/1.1\r\nhost: authsync\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn failure(error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::TimedOut,
        _ => Failure::Broken,
    }
}

fn read(connection: &mut impl Read) -> Result<Reply, Failure> {
    let (mut received, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some((mut reply, begin, length)) = head(&received)
            && let Some(body) = received.get(begin..begin + length)
        {
            reply.body = String::from_utf8_lossy(body).into_owned();
            return Ok(reply);
        }
        match connection.read(&mut piece) {
            Ok(0) => return Err(Failure::Broken),
            Ok(count) => received.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) => return Err(failure(&error)),
        }
        if received.len() > LONGEST {
            return Err(Failure::Broken);
        }
    }
}

/// The head, once it is there, where the body begins, and how long it is.
fn head(received: &[u8]) -> Option<(Reply, usize, usize)> {
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(received.get(..end)?).to_ascii_lowercase();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let (mut reply, mut length) = (Reply { status, ..Reply::default() }, 0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        match (name, value.trim()) {
            ("content-length", value) => length = value.parse().ok()?,
            ("connection", "close") => reply.closes = true,
            ("retry-after", _) => reply.retry_after = true,
            ("x-authsync-stale", "true") => reply.stale = true,
            _ => {}
        }
    }
    Some((reply, end + 4, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let mut bytes = &b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 2\r\n\r\n{}HTTP"[..];
        let reply = read(&mut bytes).unwrap();
        assert_eq!((reply.status, reply.retry_after, reply.stale), (503, true, false));
        assert_eq!((reply.body.as_str(), reply.closes), ("{}", false));
    }

    #[test]
    fn what_the_server_says_of_its_answer_and_its_connection_is_heard() {
        let mut bytes =
            &b"HTTP/1.1 200 OK\r\nconnection: close\r\nx-authsync-stale: true\r\ncontent-length: 0\r\n\r\n"[..];
        let reply = read(&mut bytes).unwrap();
        assert_eq!((reply.status, reply.stale, reply.closes), (200, true, true));
    }

    #[test]
    fn half_an_answer_is_none() {
        let mut bytes = &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"[..];
        assert_eq!(read(&mut bytes), Err(Failure::Broken));
    }
}
