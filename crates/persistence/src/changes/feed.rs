//! The thread that watches a database for changes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use domain::{ChangeListener, UserChange, UserChanges};

use super::listeners::Listeners;

/// After the first failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// As long as a failure lasts, no pause is longer than this: whoever waits for a change notices an outage's end in time.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a database says about changes, looked at again and again.
pub(crate) trait Source: Send + 'static {
    /// How long to wait between two looks.
    const PAUSE: Duration;

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
    Idle(S),
    /// Nothing is ever sent; the thread sees that this is gone.
    Running(Sender<()>),
    /// The machine gave no thread.
    Failed,
}

impl<S: Source> Feed<S> {
    pub(crate) fn new(source: S, listeners: Arc<Listeners>) -> Self {
        Self { listeners, watch: Mutex::new(Watch::Idle(source)) }
    }
}

impl<S: Source> UserChanges for Feed<S> {
    fn listen(&self, listener: ChangeListener) -> io::Result<()> {
        self.listeners.add(listener);
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *watch, Watch::Failed) {
            Watch::Idle(source) => {
                let (alive, ended) = channel();
                let listeners = Arc::clone(&self.listeners);
                thread::Builder::new()
                    .name("user-changes".to_owned())
                    .spawn(move || look_until(source, &listeners, &ended))?;
                *watch = Watch::Running(alive);
                Ok(())
            }
            Watch::Running(alive) => {
                *watch = Watch::Running(alive);
                Ok(())
            }
            Watch::Failed => Err(io::Error::other("the thread that watches for changes could not be started")),
        }
    }
}

fn look_until<S: Source>(mut source: S, listeners: &Listeners, ended: &Receiver<()>) {
    let mut failures = 0_u32;
    loop {
        let pause = match source.look() {
            Ok(changes) => {
                if failures > 0 {
                    log::info!("changes of users are seen again");
                }
                failures = 0;
                changes.iter().for_each(|change| listeners.tell(change));
                S::PAUSE
            }
            Err(reason) => {
                if failures == 0 {
                    log::warn!("changes of users go unseen for now: {reason}");
                }
                failures = failures.saturating_add(1);
                pause_after(failures)
            }
        };
        if ended.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Says what it was given, one line a look, and fails at the end of them.
    struct Script(Vec<Result<Vec<UserChange>, String>>, Sender<&'static str>);

    impl Source for Script {
        const PAUSE: Duration = Duration::ZERO;

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
        let feed = Feed::new(Script(script, ended), Arc::default());
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
