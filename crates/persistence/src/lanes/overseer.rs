//! Who sees to it that nobody waits for ever.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

/// A lane as its overseer sees it.
pub(crate) trait Overseen: Send + Sync {
    /// Answers whoever has waited for too long, gives up whoever hangs, and says when to look again.
    fn look(&self, now: Instant) -> Instant;
}

/// A thread that answers those whose time is over while the threads of the lanes hang on the database, and starts others in their
/// place. It ends with its owner.
#[derive(Debug)]
pub(crate) struct Overseer {
    /// Nothing is ever sent; the thread sees that this is gone.
    _alive: Sender<()>,
}

impl Overseer {
    /// # Errors
    /// The machine gives no thread.
    pub(crate) fn start(lanes: Vec<Weak<dyn Overseen>>) -> io::Result<Self> {
        let (alive, ended) = channel();
        thread::Builder::new().name("db-overseer".to_owned()).spawn(move || look_until(&lanes, &ended))?;
        Ok(Self { _alive: alive })
    }
}

fn look_until(lanes: &[Weak<dyn Overseen>], ended: &Receiver<()>) {
    loop {
        let now = Instant::now();
        // A question that comes meanwhile, and of which less is left than that, waits so much longer at most.
        let next = lanes.iter().filter_map(Weak::upgrade).map(|lane: Arc<dyn Overseen>| lane.look(now)).min();
        let pause = next.map_or(Duration::from_secs(1), |next| next.saturating_duration_since(Instant::now()));
        if ended.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
