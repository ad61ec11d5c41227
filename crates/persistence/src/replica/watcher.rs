//! The thread that compares a standby with its primary.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::log_position::LogPosition;
use super::proof::Proof;
use super::report::ReplicaState;
use crate::rounds::{Round, Rounds};

/// How often both are asked. A proof is at least this old before the next one comes.
const PAUSE: Duration = Duration::from_millis(200);

/// How long both may take together, connecting to several hosts included. Whoever takes longer hangs, and gives way to another connection.
const PATIENCE: Duration = Duration::from_secs(30);

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
pub(crate) struct Watcher {
    _rounds: Rounds,
}

impl Watcher {
    /// # Errors
    /// The machine gives no thread.
    pub(crate) fn start<P: Places>(
        make: impl Fn() -> P + Send + Sync + 'static,
        proof: Arc<Proof>,
    ) -> io::Result<Self> {
        let comparison = move || Comparison { places: make(), proof: Arc::clone(&proof), was: None };
        Ok(Self { _rounds: Rounds::start("db-replica", comparison)? })
    }
}

/// What the thread does.
struct Comparison<P> {
    places: P,
    proof: Arc<Proof>,
    was: Option<ReplicaState>,
}

/// What primary and standby said.
struct Compared {
    /// Before the questions: all that was committed by then is in the primary's answer.
    moment: Instant,
    primary: Result<LogPosition, String>,
    standby: Result<Result<LogPosition, ReplicaState>, String>,
}

impl<P: Places> Round for Comparison<P> {
    type Seen = Compared;

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn look(&mut self) -> Compared {
        let moment = Instant::now();
        let primary = self.places.primary().and_then(|text| position(&text));
        let standby = self.places.standby().and_then(|said| match said {
            Ok(text) => position(&text).map(Ok),
            Err(state) => Ok(Err(state)),
        });
        Compared { moment, primary, standby }
    }

    fn tell(&mut self, seen: Compared) -> Duration {
        let trouble = learn(&self.proof, seen).err();
        let (is, _) = self.proof.state(Instant::now());
        if self.was.replace(is) != Some(is) {
            say(is, trouble.as_deref());
        }
        PAUSE
    }
}

fn learn(proof: &Proof, Compared { moment, primary, standby }: Compared) -> Result<(), String> {
    // Without the primary nothing new is proven, and the last proof grows old by itself.
    if let Ok(reached) = primary {
        proof.primary_is_at(moment, reached);
    }
    match standby.inspect_err(|_| proof.is_in_trouble(ReplicaState::OutOfReach))? {
        Ok(reached) => proof.standby_is_at(reached),
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
        ReplicaState::Diverged => {
            log::warn!(
                "users are looked up at the primary, because the replica does not follow it, or does not show so yet: has there been \
                 a failover?"
            );
        }
    }
}
