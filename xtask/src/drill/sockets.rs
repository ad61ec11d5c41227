//! WebSockets that are held open, and what becomes of them.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use tungstenite::client::{IntoClientRequest, client_with_config};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use super::person::Person;
use super::wait;

/// How often each socket is looked at; pings wait for an answer that long.
const GLANCE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(10);
/// Before somebody who was sent away comes again.
const PAUSE: Duration = Duration::from_millis(100);

/// How a socket ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) at: Instant,
    /// What the server said; nothing where the connection just broke.
    pub(super) code: Option<u16>,
}

/// Sockets that say nothing and answer pings; whoever is sent away comes again.
#[derive(Debug)]
pub(super) struct Sockets {
    over: Arc<AtomicBool>,
    open: Arc<AtomicUsize>,
    keeper: Option<JoinHandle<Seen>>,
}

/// What has become of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) ends: Vec<End>,
    /// Handshakes that came to nothing.
    pub(super) refused: usize,
    pub(super) messages: usize,
}

struct Seat {
    person: Person,
    socket: Option<WebSocket<TcpStream>>,
    not_before: Instant,
}

impl Sockets {
    /// Opens a socket for each of these people, and keeps them open.
    pub(super) fn of(people: Vec<Person>, address: SocketAddr) -> Self {
        let (over, open) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let keeper = {
            let (over, open, now) = (Arc::clone(&over), Arc::clone(&open), Instant::now());
            let seats = people.into_iter().map(|person| Seat { person, socket: None, not_before: now });
            let seats = seats.collect();
            thread::spawn(move || keep(seats, address, &over, &open))
        };
        Self { over, open, keeper: Some(keeper) }
    }

    /// Waits until so many are open.
    ///
    /// # Errors
    /// Not within that time.
    pub(super) fn wait_until_open(&self, count: usize, within: Duration) -> anyhow::Result<()> {
        let open = || self.open.load(Ordering::SeqCst);
        wait::until("sockets are open", within, || Ok((open() >= count).then_some(())))
    }

    /// Closes them.
    ///
    /// # Errors
    /// The thread that keeps them has panicked.
    pub(super) fn stop(mut self) -> anyhow::Result<Seen> {
        self.over.store(true, Ordering::SeqCst);
        let keeper = self.keeper.take().ok_or_else(|| anyhow!("stopped twice"))?;
        keeper.join().map_err(|_| anyhow!("the keeper of the sockets panicked"))
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

fn keep(mut seats: Vec<Seat>, address: SocketAddr, over: &AtomicBool, open: &AtomicUsize) -> Seen {
    let mut seen = Seen::default();
    while !over.load(Ordering::SeqCst) {
        for seat in &mut seats {
            let now = Instant::now();
            match seat.socket.take() {
                Some(socket) => match look(socket, &mut seen.messages) {
                    Ok(socket) => seat.socket = Some(socket),
                    Err(code) => {
                        seen.ends.push(End { at: now, code });
                        seat.not_before = now + PAUSE;
                    }
                },
                None if now >= seat.not_before => match opened(address, &seat.person) {
                    Some(socket) => seat.socket = Some(socket),
                    None => {
                        seen.refused += 1;
                        seat.not_before = now + PAUSE;
                    }
                },
                None => {}
            }
        }
        open.store(seats.iter().filter(|seat| seat.socket.is_some()).count(), Ordering::SeqCst);
        thread::park_timeout(GLANCE);
    }
    seen
}

/// Takes what has come. The error is how the socket has ended.
fn look(mut socket: WebSocket<TcpStream>, messages: &mut usize) -> Result<WebSocket<TcpStream>, Option<u16>> {
    loop {
        match socket.read() {
            Ok(Message::Close(frame)) => {
                let _said = socket.flush();
                return Err(frame.map(|frame| u16::from(frame.code)));
            }
            Ok(_) => *messages += 1,
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return Ok(socket),
            Err(_) => return Err(None),
        }
    }
}

/// A socket of this person, of which the first message has been read.
pub(super) fn opened(address: SocketAddr, person: &Person) -> Option<WebSocket<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut request = format!("ws://{address}/ws").into_client_request().ok()?;
    let bearer = HeaderValue::try_from(format!("Bearer {}", person.token)).ok()?;
    request.headers_mut().insert("authorization", bearer);
    let config = WebSocketConfig::default().read_buffer_size(1024);
    let (mut socket, _) = client_with_config(request, stream, Some(config)).ok()?;
    socket.read().ok()?;
    socket.get_ref().set_nonblocking(true).ok()?;
    Some(socket)
}
