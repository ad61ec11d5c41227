//! The thread that compares a standby with its primary.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use std::{io, thread};

use super::log_position::LogPosition;
use super::proof::Proof;
use super::report::ReplicaState;

/// How often both are asked. A proof is at least this old before the next one comes.
const PAUSE: Duration = Duration::from_millis(200);

/// Primary and standby, as far as they can be compared.
pub(crate) trait Places: Send + 'static {
    /// How far the primary's log is on its disk.
    ///
    /// # Errors
    /// One line that says why that is not known.
    fn primary(&mut self) -> Result<String, String>;

    /// How far the standby has replayed it; [`ReplicaState`] says why it is of no use.
    ///
    /// # Errors
    /// One line that says why that is not known.
    fn standby(&mut self) -> Result<Result<String, ReplicaState>, String>;
}

/// The thread. It ends with its owner.
#[derive(Debug)]
pub(crate) struct Watcher {
    /// Nothing is ever sent; the thread sees that this is gone.
    _alive: Sender<()>,
}

impl Watcher {
    /// # Errors
    /// The machine gives no thread.
    pub(crate) fn start(places: impl Places, proof: Arc<Proof>) -> io::Result<Self> {
        let (alive, ended) = channel();
        thread::Builder::new().name("db-replica".to_owned()).spawn(move || watch_until(places, &proof, &ended))?;
        Ok(Self { _alive: alive })
    }
}

fn watch_until(mut places: impl Places, proof: &Proof, ended: &Receiver<()>) {
    let mut was = None;
    loop {
        let trouble = compare(&mut places, proof).err();
        let (is, _) = proof.state(Instant::now());
        if was.replace(is) != Some(is) {
            say(is, trouble.as_deref());
        }
        if ended.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn compare(places: &mut impl Places, proof: &Proof) -> Result<(), String> {
    // Before the question: all that was committed by now is in the answer.
    let moment = Instant::now();
    // Without the primary nothing new is proven, and the last proof grows old by itself.
    let primary = places.primary().and_then(|text| position(&text));
    if let Ok(reached) = primary {
        proof.primary_is_at(moment, reached);
    }
    let standby = places.standby().inspect_err(|_| proof.is_in_trouble(ReplicaState::OutOfReach))?;
    match standby {
        Ok(text) => proof.standby_is_at(position(&text)?),
        Err(state) => proof.is_in_trouble(state),
    }
    primary.map(drop)
}

fn position(text: &str) -> Result<LogPosition, String> {
    LogPosition::parse(text).ok_or_else(|| "the server names no place in its log".to_owned())
}

/// Once for each change of state.
fn say(state: ReplicaState, trouble: Option<&str>) {
    let reason = trouble.map(|reason| format!(": {reason}")).unwrap_or_default();
    match state {
        ReplicaState::Current => log::info!("users are looked up at the replica"),
        ReplicaState::Behind => log::warn!("users are looked up at the primary, because the replica is behind{reason}"),
        ReplicaState::OutOfReach => {
            log::warn!("users are looked up at the primary, because the replica is out of reach{reason}");
        }
        ReplicaState::NoStandby => {
            log::error!(
                "DATABASE_READ_URL leads to a server that follows no other; users are looked up at the primary"
            );
        }
        ReplicaState::Stranger => {
            log::error!(
                "DATABASE_READ_URL leads to another database than DATABASE_URL; users are looked up there alone"
            );
        }
    }
}
