//! The thread that keeps keys fresh.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::KeyCache;

/// Looks after some caches until it is dropped. Its thread is the only one that fetches without a request waiting for it.
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
    /// How often it looks whether a refresh is due: a twentieth of the smallest greatest age, so that looking is never what
    /// makes a refresh late, and not more often or more seldom than this.
    const TICKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

    /// Starts the thread, which fetches at once what has not been fetched.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(caches: Vec<Arc<KeyCache>>) -> std::io::Result<Self> {
        let (shortest, longest) = Self::TICKS;
        let tick = caches.iter().map(|cache| cache.max_age() / 20).min().unwrap_or(longest).clamp(shortest, longest);
        let stop = Arc::new(Stop::default());
        let seen = Arc::clone(&stop);
        thread::Builder::new().name("jwks-refresh".into()).spawn(move || {
            loop {
                caches.iter().for_each(|cache| cache.refresh_if_due());
                if seen.within(tick) {
                    return;
                }
            }
        })?;
        Ok(Self { stop })
    }
}

impl Drop for KeyRefresher {
    /// Asks the thread to end and does not wait for a fetch that is under way.
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
