//! Every open socket: how many there may be, and who is woken when a row changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Subject, UserChange};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::sleep;

use crate::settings::WebSocketSettings;

/// How many rows are read at once because of changes. A change may concern every socket there is, and the threads and
/// connections are those of all other requests, too.
const READS_AT_ONCE: usize = 4;

/// In how many steps the sockets are sent away when the server stops.
const STEPS: u32 = 20;

/// The open sockets of one server, over all its workers.
#[derive(Debug)]
pub struct Sockets {
    table: Mutex<Table>,
    reads: Semaphore,
}

#[derive(Debug, Default)]
struct Table {
    of: HashMap<Subject, Vec<Arc<Signal>>>,
    open: usize,
    closing: bool,
}

/// What wakes one socket. Whatever was told before the socket looks is kept.
#[derive(Debug, Default)]
struct Signal {
    woken: Notify,
    changed: AtomicBool,
    going_away: AtomicBool,
}

/// A socket's place among the others, free again when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    sockets: Arc<Sockets>,
    subject: Subject,
    signal: Arc<Signal>,
}

/// What a socket was woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// The row of its user may be another one.
    Changed,
    /// The server stops.
    GoAway,
}

/// Why there is no place for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("the user has as many sockets as one may have")]
    User,
    #[error("there are as many sockets as there may be")]
    Server,
    #[error("the server is stopping")]
    Closing,
}

impl Default for Sockets {
    fn default() -> Self {
        Self { table: Mutex::default(), reads: Semaphore::new(READS_AT_ONCE) }
    }
}

impl Sockets {
    /// Wakes the sockets that a change concerns. Never waits for any of them.
    pub fn tell(&self, change: &UserChange) {
        if matches!(change, UserChange::ToldUntil(_)) {
            return;
        }
        let table = self.table();
        match change {
            UserChange::Of(subject) => table.of.get(subject).into_iter().flatten().for_each(|signal| signal.change()),
            UserChange::Any => table.of.values().flatten().for_each(|signal| signal.change()),
            UserChange::ToldUntil(_) => {}
        }
    }

    /// Sends every socket away, evenly over this time, so that their clients do not all come back in one moment; takes
    /// no new ones.
    pub async fn go_away(&self, spread: Duration) {
        let signals: Vec<Arc<Signal>> = {
            let mut table = self.table();
            table.closing = true;
            table.of.values().flatten().cloned().collect()
        };
        let step = signals.len().div_ceil(STEPS as usize).max(1);
        for signals in signals.chunks(step) {
            signals.iter().for_each(|signal| signal.go_away());
            sleep(spread / STEPS).await;
        }
    }

    /// Takes a place for one more socket of this user.
    pub(super) fn admit(self: &Arc<Self>, subject: &Subject, limits: &WebSocketSettings) -> Result<Seat, Full> {
        let mut table = self.table();
        if table.closing {
            return Err(Full::Closing);
        }
        if table.open >= limits.max_sockets {
            return Err(Full::Server);
        }
        let signals = table.of.entry(subject.clone()).or_default();
        if signals.len() >= limits.max_sockets_per_user {
            return Err(Full::User);
        }
        let signal = Arc::new(Signal::default());
        signals.push(Arc::clone(&signal));
        table.open += 1;
        Ok(Seat { sockets: Arc::clone(self), subject: subject.clone(), signal })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing that is done under the lock can panic half-way.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until there is a reason to wake. The end of the server comes first.
    pub(super) async fn woken(&self) -> Wake {
        loop {
            if self.signal.going_away.load(Ordering::SeqCst) {
                return Wake::GoAway;
            }
            if self.signal.changed.swap(false, Ordering::SeqCst) {
                return Wake::Changed;
            }
            self.signal.woken.notified().await;
        }
    }

    pub(super) fn sockets(&self) -> Arc<Sockets> {
        Arc::clone(&self.sockets)
    }
}

impl Sockets {
    /// A turn to read a row.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.reads.acquire().await.ok()
    }
}

impl Signal {
    fn change(&self) {
        self.changed.store(true, Ordering::SeqCst);
        self.woken.notify_one();
    }

    fn go_away(&self) {
        self.going_away.store(true, Ordering::SeqCst);
        self.woken.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.sockets.table();
        if let Some(signals) = table.of.get_mut(&self.subject) {
            signals.retain(|signal| !Arc::ptr_eq(signal, &self.signal));
            if signals.is_empty() {
                table.of.remove(&self.subject);
            }
        }
        table.open = table.open.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Wake as Wakes, Waker};

    use super::*;
    use crate::composition::word_of_changes;
    use crate::user_cache::bench::{self, Bench};

    const LIMITS: WebSocketSettings = WebSocketSettings {
        max_sockets: 3,
        max_sockets_per_user: 2,
        max_frames: 20,
        ping_every: Duration::from_secs(30),
        write_timeout: Duration::from_secs(10),
    };

    fn subject(text: &str) -> Subject {
        Subject::parse(text).expect("a subject")
    }

    #[test]
    fn places_are_limited_for_each_user_and_in_all_and_are_free_again_afterwards() {
        let sockets = Arc::new(Sockets::default());
        let admit = |name: &str| sockets.admit(&subject(name), &LIMITS);
        let first = admit("ann").expect("a place");
        let _second = admit("ann").expect("a place");
        assert_eq!(admit("ann").err(), Some(Full::User));
        let third = admit("bob").expect("a place");
        assert_eq!(admit("bob").err(), Some(Full::Server));
        drop(first);
        assert!(admit("bob").is_ok());
        drop(third);
        assert!(admit("ann").is_ok());
        assert_eq!(sockets.table().open, 1);
        assert_eq!(sockets.table().of.len(), 1);
    }

    #[actix_web::test]
    async fn a_change_wakes_the_sockets_of_its_user_and_no_others() {
        let sockets = Arc::new(Sockets::default());
        let ann = sockets.admit(&subject("ann"), &LIMITS).expect("a place");
        let bob = sockets.admit(&subject("bob"), &LIMITS).expect("a place");
        sockets.tell(&UserChange::Of(subject("ann")));
        sockets.tell(&UserChange::Of(subject("eve")));
        assert_eq!(ann.woken().await, Wake::Changed);
        assert!(!bob.signal.changed.load(Ordering::SeqCst));
        sockets.tell(&UserChange::Any);
        assert_eq!((ann.woken().await, bob.woken().await), (Wake::Changed, Wake::Changed));
    }

    #[actix_web::test]
    async fn they_are_sent_away_a_few_at_a_time() {
        let sockets = Arc::new(Sockets::default());
        let limits = WebSocketSettings { max_sockets: 40, ..LIMITS };
        let seats: Vec<Seat> = (0..40)
            .map(|number| sockets.admit(&subject(&format!("user-{number}")), &limits).expect("a place"))
            .collect();
        tokio::select! {
            biased;
            () = sockets.go_away(Duration::from_secs(3_600)) => panic!("that was quick"),
            () = std::future::ready(()) => {}
        }
        let sent_away = seats.iter().filter(|seat| seat.signal.going_away.load(Ordering::SeqCst)).count();
        assert_eq!(sent_away, 2);
    }

    #[actix_web::test]
    async fn all_are_sent_away_and_nobody_comes_in_any_more() {
        let sockets = Arc::new(Sockets::default());
        let ann = sockets.admit(&subject("ann"), &LIMITS).expect("a place");
        let bob = sockets.admit(&subject("bob"), &LIMITS).expect("a place");
        sockets.tell(&UserChange::Any);
        sockets.go_away(Duration::ZERO).await;
        assert_eq!((ann.woken().await, bob.woken().await), (Wake::GoAway, Wake::GoAway));
        assert_eq!(sockets.admit(&subject("eve"), &LIMITS).err(), Some(Full::Closing));
    }

    /// Looks into memory at the moment of being woken.
    struct Look {
        bench: Bench,
        found: Mutex<Vec<bool>>,
    }

    impl Wakes for Look {
        fn wake(self: Arc<Self>) {
            let found = self.bench.cache.current(&bench::subject("ann")).is_some();
            self.found.lock().expect("no panic").push(found);
        }
    }

    #[actix_web::test]
    async fn a_socket_that_is_woken_does_not_find_the_older_row_in_memory() {
        for word in [UserChange::Of(bench::subject("ann")), UserChange::Any] {
            let (sockets, bench) = (Arc::new(Sockets::default()), Bench::new());
            bench.kept("ann").await;
            let seat = sockets.admit(&bench::subject("ann"), &LIMITS).expect("a place");
            let tell = word_of_changes(Arc::clone(&bench.users), sockets);
            let look = Arc::new(Look { bench, found: Mutex::default() });
            let (mut waiting, waker) = (pin!(seat.woken()), Waker::from(Arc::clone(&look)));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            tell(word);
            assert_eq!(*look.found.lock().expect("no panic"), [false]);
        }
    }
}
