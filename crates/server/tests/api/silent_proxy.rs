//! A proxy in front of PostgreSQL that can fall silent without closing anything, as a firewall that forgets a connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What the connection says on which the server listens for changes.
const LISTENS: &[u8] = b"LISTEN authsync_users";

/// Passes bytes on. Ends with the test's process.
pub(crate) struct SilentProxy {
    address: SocketAddr,
    /// The connections that listen for changes get and send nothing any more; the others go on.
    silent: Arc<AtomicBool>,
}

impl SilentProxy {
    /// In front of a port of this machine.
    pub(crate) fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, silent) = (listener.local_addr().expect("an address"), Arc::new(AtomicBool::new(false)));
        let is_silent = Arc::clone(&silent);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                // PostgreSQL may be down: then the client sees a connection that ends.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    connect(&client, &server, &is_silent);
                }
            }
        });
        Self { address, silent }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn silence_whoever_listens(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }
}

fn connect(client: &TcpStream, server: &TcpStream, silent: &Arc<AtomicBool>) {
    let listens = Arc::new(AtomicBool::new(false));
    for (from, to) in [(client, server), (server, client)] {
        let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
        let (silent, listens) = (Arc::clone(silent), Arc::clone(&listens));
        thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                let some = &bytes[..count];
                if some.windows(LISTENS.len()).any(|window| window == LISTENS) {
                    listens.store(true, Ordering::SeqCst);
                }
                let is_lost = silent.load(Ordering::SeqCst) && listens.load(Ordering::SeqCst);
                if !is_lost && to.write_all(some).is_err() {
                    break;
                }
            }
            let _gone_already = to.shutdown(Shutdown::Both);
        });
    }
}
