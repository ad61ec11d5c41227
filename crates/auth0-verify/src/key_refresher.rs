//! The threads that keep keys fresh.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::KeyCache;

/// Looks after some caches until it is dropped, each in a thread of its own, so that an issuer that does not answer keeps
/// nobody else's keys from being fetched. Nobody else fetches without a request waiting for it.
#[derive(Debug)]
pub struct KeyRefresher {
    stop: Arc<Stop>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl KeyRefresher {
    /// How often it looks whether a refresh is due: a twentieth of the greatest age, so that looking is never what makes a
    /// refresh late, and not more often or more seldom than this.
    const TICKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

    /// Starts the threads, which fetch at once what has not been fetched.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(caches: Vec<Arc<KeyCache>>) -> std::io::Result<Self> {
        let (shortest, longest) = Self::TICKS;
        // Dropped, and with it the threads that have begun are ended, if one cannot begin.
        let refresher = Self { stop: Arc::default() };
        for cache in caches {
            let (tick, stop) = ((cache.max_age() / 20).clamp(shortest, longest), Arc::clone(&refresher.stop));
            thread::Builder::new().name("jwks-refresh".into()).spawn(move || {
                loop {
                    cache.refresh_if_due();
                    if stop.within(tick) {
                        return;
                    }
                }
            })?;
        }
        Ok(refresher)
    }
}

impl Drop for KeyRefresher {
    /// Asks the threads to end and does not wait for fetches that are under way.
    fn drop(&mut self) {
        *self.stop.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.changed.notify_all();
    }
}

impl Stop {
    /// Waits for the span, or until asked to stop; says which.
    fn within(&self, span: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, _) =
            self.changed.wait_timeout_while(asked, span, |asked| !*asked).unwrap_or_else(PoisonError::into_inner);
        *asked
    }
}
