//! A door in front of servers: it spreads connections over those that are in, can be shut, and can keep silent.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Between two looks for a new connection.
const GLANCE: Duration = Duration::from_millis(1);

/// What becomes of connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Door {
    /// They are joined to the servers, in turn.
    #[default]
    Open,
    /// They are taken, and nothing is ever heard on them.
    Silent,
    /// Nobody listens.
    Shut,
}

/// Listens on one port for as long as it lives.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    door: Door,
    servers: Vec<SocketAddr>,
    turn: usize,
    /// Both ends of every connection, so that they can be cut.
    connections: Vec<TcpStream>,
    over: bool,
}

impl Gate {
    /// Listens on a free port.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || keep(address, listener, &shared));
        Ok(Self { address, state })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// New connections go to these from now on; those that there are stay.
    pub(super) fn lead_to(&self, servers: &[SocketAddr]) {
        lock(&self.state).servers = servers.to_vec();
    }

    /// Cuts all connections, and does so with new ones.
    pub(super) fn turn(&self, door: Door) {
        let mut state = lock(&self.state);
        state.door = door;
        for connection in state.connections.drain(..) {
            let _gone = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.turn(Door::Shut);
        lock(&self.state).over = true;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(address: SocketAddr, listener: TcpListener, state: &Arc<Mutex<State>>) {
    let mut listener = Some(listener);
    loop {
        let (door, over) = {
            let state = lock(state);
            (state.door, state.over)
        };
        if over {
            return;
        }
        if door == Door::Shut {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).ok();
        }
        let accepted = listener.as_ref().filter(|listener| listener.set_nonblocking(true).is_ok());
        match accepted.map(TcpListener::accept) {
            Some(Ok((client, _))) => take(client, state),
            _ => thread::park_timeout(GLANCE),
        }
    }
}

fn take(client: TcpStream, state: &Arc<Mutex<State>>) {
    let mut held = lock(state);
    if held.door == Door::Silent {
        held.connections.push(client);
        return;
    }
    held.turn += 1;
    let (turn, count) = (held.turn, held.servers.len().max(1));
    let Some(&server) = held.servers.get(turn % count) else { return };
    drop(held);
    let _ = client.set_nonblocking(false);
    let state = Arc::clone(state);
    thread::spawn(move || {
        let Ok(server) = TcpStream::connect(server) else { return };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let ends = [&client, &server].map(TcpStream::try_clone);
        lock(&state).connections.extend(ends.into_iter().flatten());
        thread::scope(|scope| {
            scope.spawn(|| carry(&client, &server));
            scope.spawn(|| carry(&server, &client));
        });
        let gone = [&client, &server].map(|end| end.local_addr().ok().zip(end.peer_addr().ok()));
        let is_open = |end: &TcpStream| {
            let names = end.local_addr().ok().zip(end.peer_addr().ok());
            names.is_some() && !gone.contains(&names)
        };
        lock(&state).connections.retain(is_open);
    });
}

fn carry(mut from: &TcpStream, mut to: &TcpStream) {
    let mut piece = [0; 16 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) if to.write_all(piece.get(..count).unwrap_or_default()).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::wait;

    const SOON: Duration = Duration::from_secs(60);

    #[test]
    fn it_leads_to_the_servers_in_turn_and_to_nobody_when_it_is_shut() {
        let servers = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let gate = Gate::start().unwrap();
        gate.lead_to(&servers.each_ref().map(|server| server.local_addr().unwrap()));
        let mut clients = [(); 2].map(|()| TcpStream::connect(gate.address()).unwrap());
        for server in &servers {
            let (mut joined, _) = server.accept().unwrap();
            joined.write_all(b"hello").unwrap();
        }
        for client in &mut clients {
            let mut heard = String::new();
            client.read_to_string(&mut heard).unwrap();
            assert_eq!(heard, "hello");
        }
        gate.turn(Door::Shut);
        let refused = || Ok(TcpStream::connect(gate.address()).is_err().then_some(()));
        wait::until("refused", SOON, refused).unwrap();
        gate.turn(Door::Silent);
        wait::until("taken", SOON, || Ok(TcpStream::connect(gate.address()).ok())).unwrap();
    }
}
