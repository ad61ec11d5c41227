//! Many idle sockets, held open from here.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, anyhow};
use tungstenite::client::{IntoClientRequest, client_with_config};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use super::place::Person;

/// Handshakes at once.
const DOORS: usize = 4;
/// How often each socket is looked at; pings wait for an answer that long.
const GLANCE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// One open socket.
pub(super) type Socket = WebSocket<TcpStream>;

/// Sockets that say nothing and answer pings, until this is dropped.
pub(super) struct Crowd {
    over: Arc<AtomicBool>,
    open: Arc<AtomicUsize>,
    keeper: Option<JoinHandle<()>>,
}

impl Crowd {
    /// Opens a socket for each of these people, as often as they come.
    ///
    /// # Errors
    /// A handshake is refused.
    pub(super) fn gather<'a>(address: SocketAddr, people: impl Iterator<Item = &'a Person>) -> anyhow::Result<Self> {
        let people: Vec<&Person> = people.collect();
        let share = people.len().div_ceil(DOORS).max(1);
        let mut sockets = Vec::with_capacity(people.len());
        thread::scope(|scope| {
            let doors: Vec<_> = people.chunks(share).map(|people| scope.spawn(|| opened(address, people))).collect();
            for door in doors {
                sockets.extend(door.join().map_err(|_| anyhow!("a thread panicked"))??);
            }
            anyhow::Ok(())
        })?;
        let (over, open) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(sockets.len())));
        let keeper = {
            let (over, open) = (Arc::clone(&over), Arc::clone(&open));
            thread::spawn(move || keep(sockets, &over, &open))
        };
        Ok(Self { over, open, keeper: Some(keeper) })
    }

    /// How many of them are still open.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            keeper.thread().unpark();
            let _ended = keeper.join();
        }
    }
}

/// A socket of this person, of which the first message has been read. Waiting on it is bounded.
///
/// # Errors
/// The handshake is refused.
pub(super) fn open(address: SocketAddr, person: &Person) -> anyhow::Result<Socket> {
    let stream = TcpStream::connect(address).context("no connection")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    request.headers_mut().insert("authorization", HeaderValue::try_from(format!("Bearer {}", person.token))?);
    // The library would set 128 KiB aside for each.
    let config = WebSocketConfig::default().read_buffer_size(1024);
    let (mut socket, _) = client_with_config(request, stream, Some(config))
        .map_err(|error| anyhow!("no handshake for {}: {error}", person.subject))?;
    socket.read().context("no first message")?;
    Ok(socket)
}

fn opened(address: SocketAddr, people: &[&Person]) -> anyhow::Result<Vec<Socket>> {
    let sockets = people.iter().map(|person| {
        let socket = open(address, person)?;
        socket.get_ref().set_nonblocking(true)?;
        Ok(socket)
    });
    sockets.collect()
}

fn keep(mut sockets: Vec<Socket>, over: &AtomicBool, open: &AtomicUsize) {
    while !over.load(Ordering::SeqCst) {
        sockets.retain_mut(lives);
        open.store(sockets.len(), Ordering::SeqCst);
        thread::park_timeout(GLANCE);
    }
}

/// Takes what has come; the library answers pings at the next look.
fn lives(socket: &mut Socket) -> bool {
    loop {
        match socket.read() {
            Ok(Message::Close(_)) => return false,
            Ok(_) => {}
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        }
    }
}
