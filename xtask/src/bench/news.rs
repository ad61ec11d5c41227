//! How long it takes until every socket of a user tells of a change.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use tungstenite::Message;

use super::crowd::{self, Socket};
use super::place::{Person, Place};
use super::verifications::percentile;

const CHANGES: usize = 200;
const PATIENCE: Duration = Duration::from_secs(5);

/// From the request that makes a change to the last socket of the user that tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub(super) p50: Duration,
    pub(super) worst: Duration,
}

/// The sockets of one user, each with a thread that waits for what is said.
pub(super) struct Watchers {
    sockets: Vec<Socket>,
}

impl Watchers {
    /// Opens them.
    ///
    /// # Errors
    /// A handshake is refused.
    pub(super) fn open(address: SocketAddr, person: &Person, count: usize) -> anyhow::Result<Self> {
        let sockets = (0..count).map(|_| crowd::open(address, person)).collect::<anyhow::Result<_>>()?;
        Ok(Self { sockets })
    }

    /// Renames the person again and again.
    ///
    /// # Errors
    /// A sync is refused, or a socket does not tell of a change in time.
    pub(super) fn measure(self, place: &Place, person: &Person) -> anyhow::Result<Spread> {
        let count = self.sockets.len();
        let (sender, told) = mpsc::channel();
        thread::scope(|scope| {
            for socket in self.sockets {
                let sender = sender.clone();
                scope.spawn(move || watch(socket, &sender));
            }
            drop(sender);
            let mut times = Vec::with_capacity(CHANGES);
            for number in 0..CHANGES {
                let name = name(number);
                let begin = Instant::now();
                place.sync(person, &name)?;
                for _ in 0..count {
                    let (seen, at) = told.recv_timeout(PATIENCE).context("a socket does not tell of a change")?;
                    if seen != name {
                        bail!("a socket tells of {seen}, not of {name}");
                    }
                    times.push(at.saturating_duration_since(begin));
                }
            }
            // Of each change, the socket that was told last.
            let mut last: Vec<Duration> = times.chunks(count).filter_map(|times| times.iter().max().copied()).collect();
            last.sort_unstable();
            Ok(Spread { p50: percentile(&last, 50), worst: last.last().copied().unwrap_or_default() })
        })
    }
}

fn name(number: usize) -> String {
    format!("Name {number}")
}

/// Tells of every name that the socket tells of, up to the last one.
fn watch(mut socket: Socket, told: &Sender<(String, Instant)>) {
    while let Ok(message) = socket.read() {
        let Message::Text(text) = message else { continue };
        let at = Instant::now();
        let name_told = serde_json::from_str::<Value>(&text)
            .ok()
            .and_then(|message| message.pointer("/user/name").and_then(Value::as_str).map(str::to_owned));
        let Some(name_told) = name_told else { continue };
        let is_last = name_told == name(CHANGES - 1);
        if told.send((name_told, at)).is_err() || is_last {
            return;
        }
    }
}
