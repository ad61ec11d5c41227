//! Lines on their way to standard error: gathered in memory, written by a thread of its own, so that no request waits for
//! whoever reads them.

use std::io::Write;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::line_time::LineTime;

#[cfg(test)]
mod tests;

/// How long a line may wait for more.
const GATHER: Duration = Duration::from_millis(50);

/// So much is written without waiting for more.
const ENOUGH: usize = 64 * 1024;

/// What one stripe holds of lines about requests while they cannot be written, and of all lines.
const MOST_OF_REQUESTS: usize = 1024 * 1024;
const MOST: usize = MOST_OF_REQUESTS + 256 * 1024;

/// As many threads as this do not get into each other's way.
const STRIPES: usize = 8;

/// How long [`Sink::flush`] waits for a reader that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

const IDLE: u8 = 0;
const GATHERING: u8 = 1;
const URGENT: u8 = 2;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request: it may wait for others, and goes first where there is no room.
    Request,
    /// Anything else: it is written at once.
    Other,
}

/// Where lines are put. The order is kept of those from one thread.
#[derive(Debug)]
pub(super) struct Sink {
    shared: Arc<Shared>,
    writer: Thread,
}

#[derive(Debug)]
struct Shared {
    stripes: [Stripe; STRIPES],
    state: AtomicU8,
    dropped_requests: AtomicU64,
    dropped_others: AtomicU64,
    flushes: Mutex<Flushes>,
    flushed: Condvar,
}

/// Far enough from the next that no cache line is shared.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(Mutex<Lines>);

/// The lines that wait, and what time it was when the last of them was put there.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    time: LineTime,
}

#[derive(Debug, Default)]
struct Flushes {
    asked: u64,
    done: u64,
}

/// The lines that were lost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) requests: u64,
    pub(crate) others: u64,
}

impl Sink {
    /// Starts the thread that writes. Whatever is lost it tells in a line of its own, made of a time and a number.
    pub(super) fn to(
        out: impl Write + Send + 'static,
        lost: impl Fn(&str, u64) -> String + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            stripes: Default::default(),
            state: AtomicU8::new(IDLE),
            dropped_requests: AtomicU64::new(0),
            dropped_others: AtomicU64::new(0),
            flushes: Mutex::default(),
            flushed: Condvar::new(),
        });
        let of_writer = Arc::clone(&shared);
        let writer = thread::Builder::new().name("log".to_owned()).stack_size(128 * 1024);
        let writer = writer.spawn(move || of_writer.write_for_ever(out, lost))?.thread().clone();
        Ok(Self { shared, writer })
    }

    /// Puts a line there, as it is written with the time of a moment that has just passed. One that has no room is counted
    /// and forgotten.
    pub(super) fn put(&self, kind: Kind, moment: Instant, write: impl FnOnce(&mut Vec<u8>, &str)) {
        let shared = &*self.shared;
        let Some(stripe) = shared.stripes.get(stripe()) else { return };
        let (most, dropped) = match kind {
            Kind::Request => (MOST_OF_REQUESTS, &shared.dropped_requests),
            Kind::Other => (MOST, &shared.dropped_others),
        };
        let mut lines = locked(&stripe.0);
        if lines.text.len() >= most {
            drop(lines);
            dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let Lines { text, time } = &mut *lines;
        write(text, time.of(moment));
        let waiting = text.len();
        drop(lines);
        if kind == Kind::Other || waiting >= ENOUGH {
            if shared.state.load(Ordering::Relaxed) != URGENT && shared.state.swap(URGENT, Ordering::AcqRel) != URGENT {
                self.writer.unpark();
            }
        } else if shared.state.load(Ordering::Relaxed) == IDLE
            && shared.state.compare_exchange(IDLE, GATHERING, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            self.writer.unpark();
        }
    }

    /// Returns once everything is written that was put there before, or after a second.
    pub(super) fn flush(&self) {
        if thread::current().id() == self.writer.id() {
            return;
        }
        let mut flushes = locked(&self.shared.flushes);
        flushes.asked += 1;
        let asked = flushes.asked;
        self.shared.state.store(URGENT, Ordering::Release);
        self.writer.unpark();
        let waits = |flushes: &mut Flushes| flushes.done < asked;
        // Whatever is left after that is lost.
        drop(self.shared.flushed.wait_timeout_while(flushes, PATIENCE, waits));
    }

    pub(super) fn dropped(&self) -> Dropped {
        self.shared.dropped()
    }
}

impl Shared {
    fn dropped(&self) -> Dropped {
        Dropped {
            requests: self.dropped_requests.load(Ordering::Relaxed),
            others: self.dropped_others.load(Ordering::Relaxed),
        }
    }

    fn write_for_ever(&self, mut out: impl Write, lost: impl Fn(&str, u64) -> String) {
        let mut spare = Vec::new();
        let mut told = 0;
        loop {
            self.wait();
            // From here on a new line asks for another round.
            self.state.store(IDLE, Ordering::Release);
            let asked = locked(&self.flushes).asked;
            for stripe in &self.stripes {
                std::mem::swap(&mut locked(&stripe.0).text, &mut spare);
                // Nobody is left to be told that standard error is gone.
                let _ = out.write_all(&spare);
                spare.clear();
            }
            let dropped = self.dropped();
            let dropped = dropped.requests + dropped.others;
            if dropped > told {
                let _ = out.write_all(lost(LineTime::default().of(Instant::now()), dropped - told).as_bytes());
                told = dropped;
            }
            let _ = out.flush();
            locked(&self.flushes).done = asked;
            self.flushed.notify_all();
        }
    }

    /// Returns when there is something that has waited long enough.
    fn wait(&self) {
        let mut since = None;
        loop {
            match self.state.load(Ordering::Acquire) {
                IDLE => thread::park(),
                GATHERING => {
                    let since = *since.get_or_insert_with(Instant::now);
                    let left = GATHER.saturating_sub(since.elapsed());
                    if left.is_zero() {
                        return;
                    }
                    thread::park_timeout(left);
                }
                _ => return,
            }
        }
    }
}

/// The stripe of the calling thread.
fn stripe() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static STRIPE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    STRIPE.try_with(|stripe| *stripe).unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
