//! The thread that watches a database for changes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{ChangeListener, UserChange, UserChanges};

use super::listeners::Listeners;
use crate::rounds::{Round, Rounds};

/// After the first failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// As long as a failure lasts, no pause is longer than this: whoever waits for a change notices an outage's end in time.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a database says about changes, looked at again and again.
pub(crate) trait Source: Send + 'static {
    /// How long to wait between two looks.
    const PAUSE: Duration;

    /// How long the next look may take. Whoever takes longer hangs, and gives way to another connection.
    fn patience(&self) -> Duration;

    /// What has changed since the last look. Connects where there is no connection, and then says
    /// [`UserChange::Any`]: nobody was looking before. A [`UserChange::ToldUntil`] stands behind the changes that it counts.
    ///
    /// # Errors
    /// One line that says why nothing can be seen; it holds no password.
    fn look(&mut self) -> Result<Vec<UserChange>, String>;
}

/// A source and its listeners. The thread begins with the first listener and ends with the feed.
pub(crate) struct Feed<S> {
    listeners: Arc<Listeners>,
    watch: Mutex<Watch<S>>,
}

enum Watch<S> {
    /// Makes a source without a connection.
    Idle(Box<dyn Fn() -> S + Send + Sync>),
    Running(Rounds),
    /// The machine gave no thread.
    Failed,
}

/// What the thread does.
struct Looking<S> {
    source: S,
    listeners: Arc<Listeners>,
    failures: u32,
}

impl<S: Source> Feed<S> {
    pub(crate) fn new(make: impl Fn() -> S + Send + Sync + 'static, listeners: Arc<Listeners>) -> Self {
        Self { listeners, watch: Mutex::new(Watch::Idle(Box::new(make))) }
    }
}

impl<S: Source> UserChanges for Feed<S> {
    fn listen(&self, listener: ChangeListener) -> io::Result<()> {
        self.listeners.add(listener);
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *watch, Watch::Failed) {
            Watch::Idle(make) => {
                let listeners = Arc::clone(&self.listeners);
                let looking = move || Looking { source: make(), listeners: Arc::clone(&listeners), failures: 0 };
                *watch = Watch::Running(Rounds::start("user-changes", looking)?);
                Ok(())
            }
            Watch::Running(rounds) => {
                *watch = Watch::Running(rounds);
                Ok(())
            }
            Watch::Failed => Err(io::Error::other("the thread that watches for changes could not be started")),
        }
    }
}

impl<S: Source> Round for Looking<S> {
    type Seen = Result<Vec<UserChange>, String>;

    fn patience(&self) -> Duration {
        self.source.patience()
    }

    fn look(&mut self) -> Self::Seen {
        self.source.look()
    }

    fn tell(&mut self, seen: Self::Seen) -> Duration {
        match seen {
            Ok(changes) => {
                if self.failures > 0 {
                    log::info!("changes of users are seen again");
                }
                self.failures = 0;
                changes.iter().for_each(|change| self.listeners.tell(change));
                S::PAUSE
            }
            Err(reason) => {
                if self.failures == 0 {
                    log::warn!("changes of users go unseen for now: {reason}");
                }
                self.failures = self.failures.saturating_add(1);
                pause_after(self.failures)
            }
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Says what it was given, one line a look, and fails at the end of them.
    struct Script(Vec<Result<Vec<UserChange>, String>>, Sender<&'static str>);

    impl Source for Script {
        const PAUSE: Duration = Duration::ZERO;

        fn patience(&self) -> Duration {
            Duration::from_secs(60)
        }

        fn look(&mut self) -> Result<Vec<UserChange>, String> {
            if self.0.is_empty() { Ok(Vec::new()) } else { self.0.remove(0) }
        }
    }

    impl Drop for Script {
        fn drop(&mut self) {
            let _nobody_waits = self.1.send("the thread has ended");
        }
    }

    #[test]
    fn every_listener_hears_of_changes_before_and_after_a_failure_and_the_thread_ends_with_the_feed() {
        let (ended, end) = channel();
        let (heard, hear) = channel();
        let script =
            vec![Ok(vec![]), Err("out of reach".to_owned()), Err("out of reach".to_owned()), Ok(vec![UserChange::Any])];
        let script = Mutex::new(Some(Script(script, ended)));
        let once = move || script.lock().expect("a lock").take().expect("nobody hangs");
        let feed = Feed::new(once, Arc::default());
        for name in ["one", "other"] {
            let heard = Mutex::new(heard.clone());
            feed.listen(Arc::new(move |change| {
                let _test_is_over = heard.lock().map(|heard| heard.send((name, change)));
            }))
            .expect("a thread");
        }
        let patience = Duration::from_secs(20);
        let mut names =
            [hear.recv_timeout(patience), hear.recv_timeout(patience)].map(|heard| heard.expect("a change"));
        names.sort_by_key(|(name, _)| *name);
        assert_eq!(names, [("one", UserChange::Any), ("other", UserChange::Any)]);
        drop(feed);
        assert_eq!(end.recv_timeout(patience), Ok("the thread has ended"));
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        assert_eq!(pause_after(1), FIRST_PAUSE);
        assert_eq!(pause_after(2), FIRST_PAUSE * 2);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
