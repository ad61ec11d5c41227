//! A proxy in front of PostgreSQL that can fall silent without closing anything, as a firewall that forgets a connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::or_fail;

/// What the connection says on which the server listens for changes.
const LISTENS: &[u8] = b"LISTEN authsync_users";

/// Passes bytes on. Ends with the test's process.
#[derive(Debug)]
pub struct SilentProxy {
    address: SocketAddr,
    silence: Arc<Silence>,
}

/// Who gets and sends nothing any more.
#[derive(Debug, Default)]
struct Silence {
    /// The connections that listen for changes; the others go on.
    of_listeners: AtomicBool,
    /// All of them, those to come included.
    of_everybody: AtomicBool,
}

impl SilentProxy {
    /// In front of a port of this machine.
    #[must_use]
    #[track_caller]
    pub fn before(port: u16) -> Self {
        or_fail(Self::try_before(port))
    }

    fn try_before(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, silence) = (listener.local_addr()?, Arc::<Silence>::default());
        let of_connections = Arc::clone(&silence);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                // PostgreSQL may be down: then the client sees a connection that ends.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    let _gone_already = connect(&client, &server, &of_connections);
                }
            }
        });
        Ok(Self { address, silence })
    }

    /// Its own port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// As a firewall that forgets the connections which listen for changes, and passes on all others.
    pub fn silence_whoever_listens(&self) {
        self.silence.of_listeners.store(true, Ordering::SeqCst);
    }

    /// As a server that hangs, on a machine that lives: whatever it is sent arrives, and nothing comes back.
    pub fn silence_everybody(&self) {
        self.silence.of_everybody.store(true, Ordering::SeqCst);
    }
}

fn connect(client: &TcpStream, server: &TcpStream, silence: &Arc<Silence>) -> io::Result<()> {
    let listens = Arc::new(AtomicBool::new(false));
    for (from, to) in [(client, server), (server, client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        let (silence, listens) = (Arc::clone(silence), Arc::clone(&listens));
        thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                let some = bytes.get(..count).unwrap_or_default();
                if some.windows(LISTENS.len()).any(|window| window == LISTENS) {
                    listens.store(true, Ordering::SeqCst);
                }
                let is_lost = silence.of_everybody.load(Ordering::SeqCst)
                    || silence.of_listeners.load(Ordering::SeqCst) && listens.load(Ordering::SeqCst);
                if !is_lost && to.write_all(some).is_err() {
                    break;
                }
            }
            let _gone_already = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
