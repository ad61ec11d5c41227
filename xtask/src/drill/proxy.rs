//! A TCP proxy that can be slow, or silent.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::wait;

/// What becomes of bytes, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    /// They are passed on at once.
    #[default]
    Free,
    /// Each piece is held back for this time.
    Late(Duration),
    /// They are kept, and passed on when it flows again. New connections are taken and kept silent as well.
    Silent,
}

/// The proxy listens until the program ends; its threads end with their connections.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    valve: Arc<Valve>,
}

#[derive(Debug, Default)]
struct Valve {
    flow: Mutex<Flow>,
    turned: Condvar,
}

impl Proxy {
    /// Listens on a free port and passes everything on to `upstream`.
    ///
    /// # Errors
    /// There is no free port.
    pub(super) fn start(upstream: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let valve = Arc::<Valve>::default();
        let shared = Arc::clone(&valve);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let valve = Arc::clone(&shared);
                thread::spawn(move || join(&client, upstream, &valve));
            }
        });
        Ok(Self { address, valve })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on.
    pub(super) fn set(&self, flow: Flow) {
        *self.valve.flow() = flow;
        self.valve.turned.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Flow::Free);
    }
}

impl Valve {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when a piece that came now may go on.
    fn pass(&self) {
        let came = Instant::now();
        let silent = |flow: &mut Flow| *flow == Flow::Silent;
        let flow = self.turned.wait_while(self.flow(), silent).map_or_else(|error| *error.into_inner(), |flow| *flow);
        if let Flow::Late(delay) = flow {
            wait::up_to(came + delay);
        }
    }
}

fn join(client: &TcpStream, upstream: SocketAddr, valve: &Valve) {
    valve.pass();
    let Ok(server) = TcpStream::connect(upstream) else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    thread::scope(|scope| {
        scope.spawn(|| carry(client, &server, valve));
        scope.spawn(|| carry(&server, client, valve));
    });
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, valve: &Valve) {
    let mut piece = [0; 16 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                valve.pass();
                if to.write_all(piece.get(..count).unwrap_or_default()).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    // The other direction has no use any more, either.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_silent_proxy_keeps_goes_on_when_it_flows_again() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap()).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        let (mut peer, _) = server.accept().unwrap();
        proxy.set(Flow::Silent);
        client.write_all(b"hello").unwrap();
        peer.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut received = [0; 5];
        assert!(peer.read_exact(&mut received).is_err());
        proxy.set(Flow::Free);
        peer.set_read_timeout(None).unwrap();
        peer.read_exact(&mut received).unwrap();
        assert_eq!(&received, b"hello");
    }
}
