//! Who checks a signature now.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use domain::{AtOnce, VerifyError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::yield_now;

/// So many signatures a thread checks in a flood before it sees what else has come: a fifth of a millisecond.
const IN_A_ROW: usize = 6;
/// The share of refused tokens, where all are refused.
const ALL: u32 = 1 << 16;
/// From this share on it is a flood.
const MANY: u32 = ALL / 4;
/// One token is so much of the share: twenty refused ones in a row make a flood, and ninety good ones end it.
const TOKENS: u32 = 64;

/// Turns at checking signatures.
///
/// To check one takes tens of microseconds, and the thread that does it does nothing else meanwhile. Of forged tokens there
/// may come thousands at a time; all whose answer is at hand would wait behind them. So in a flood the thread lets the
/// runtime see after a few who else has come, and the others wait in line, in their order. Where most unknown tokens are
/// good nobody waits: then each is somebody's login, and to change between them would only cost.
#[derive(Debug)]
pub(crate) struct Turns {
    threads: usize,
    in_a_row: AtomicUsize,
    refused: AtomicU32,
    line: Semaphore,
    waiting: AtomicUsize,
}

/// A place in line, until its turn comes or whoever waited is gone.
struct Waiting<'a>(&'a AtomicUsize);

/// A turn; the next one in line has theirs when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    _place: Option<SemaphorePermit<'a>>,
}

impl Turn<'_> {
    /// Notes what was found. Of two at the same moment one may be lost.
    pub(crate) fn found(&self, told: &AtOnce) {
        let share = self.turns.refused.load(Ordering::Relaxed);
        let is_refused = matches!(told, AtOnce::Judged(Err(VerifyError::Rejected(_))));
        let part = if is_refused { ALL / TOKENS } else { 0 };
        self.turns.refused.store(share - share / TOKENS + part, Ordering::Relaxed);
    }
}

impl Turns {
    /// For one thread.
    pub(crate) fn of_one_thread() -> Self {
        Self::of(1)
    }

    /// For as many threads as the machine has cores.
    pub(crate) fn of_all_threads() -> Self {
        Self::of(thread::available_parallelism().map_or(1, usize::from))
    }

    fn of(threads: usize) -> Self {
        let (in_a_row, refused, waiting) = (AtomicUsize::new(0), AtomicU32::new(0), AtomicUsize::new(0));
        Self { threads, in_a_row, refused, line: Semaphore::new(threads), waiting }
    }

    /// A turn, unless there is a flood and others wait, or there were too many in a row.
    pub(crate) fn at_once(&self) -> Option<Turn<'_>> {
        let is_flood = self.refused.load(Ordering::Relaxed) >= MANY;
        let is_free = !is_flood || (self.line.available_permits() == self.threads && self.is_one_more());
        is_free.then_some(Turn { turns: self, _place: None })
    }

    /// How many wait in line.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A turn after all who came before.
    pub(crate) async fn in_line(&self) -> Turn<'_> {
        let _waiting = Waiting::in_line(&self.waiting);
        // Nobody closes the line; if somebody did, there would be none to wait in.
        let place = self.line.acquire().await.ok();
        if !self.is_one_more() {
            others_first().await;
            self.in_a_row.store(1, Ordering::Relaxed);
        }
        Turn { turns: self, _place: place }
    }

    /// Counts one more. Where threads share this, one may be lost or gained: what counts is that there is an end.
    fn is_one_more(&self) -> bool {
        let so_far = self.in_a_row.load(Ordering::Relaxed);
        let is_one_more = so_far < IN_A_ROW * self.threads;
        if is_one_more {
            self.in_a_row.store(so_far + 1, Ordering::Relaxed);
        }
        is_one_more
    }
}

impl<'a> Waiting<'a> {
    fn in_line(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until the runtime has seen who else has come. `yield_now` alone is over when it is polled a second time, whoever does
/// that: actix-web polls an answer twice at first.
async fn others_first() {
    let looked = Arc::new(Looked::default());
    let mut is_asked = false;
    poll_fn(|context| {
        *looked.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        if looked.is_over.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        if !is_asked {
            is_asked = true;
            let waker = Waker::from(Arc::clone(&looked));
            let _pending = pin!(yield_now()).poll(&mut Context::from_waker(&waker));
        }
        Poll::Pending
    })
    .await;
}

/// Woken once the runtime has looked.
#[derive(Default)]
struct Looked {
    is_over: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Looked {
    fn wake(self: Arc<Self>) {
        self.is_over.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Write as _;
    use std::net;
    use std::rc::Rc;

    use domain::Rejection;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpStream;
    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    fn refused() -> AtOnce {
        AtOnce::Judged(Err(VerifyError::Rejected(Rejection::BadSignature)))
    }

    fn flooded() -> Turns {
        let turns = Turns::of_one_thread();
        note(&turns, &refused(), TOKENS);
        turns
    }

    fn note(turns: &Turns, told: &AtOnce, times: u32) {
        (0..times).for_each(|_| Turn { turns, _place: None }.found(told));
    }

    /// A future that is polled twice whenever it is polled.
    async fn polled_twice<T>(future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Pending => future.as_mut().poll(context),
            ready => ready,
        })
        .await
    }

    /// It is there, and the runtime has not looked for it.
    fn a_byte_that_has_come() -> net::TcpStream {
        let listener = net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let mut here = net::TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (there, _) = listener.accept().expect("a connection");
        here.write_all(&[1]).expect("room for a byte");
        assert_eq!(there.peek(&mut [0]).expect("a byte"), 1);
        there.set_nonblocking(true).expect("a mode");
        there
    }

    /// How many of a hundred checks go before somebody whose byte has come.
    fn checks_before_a_byte_is_seen(turns: Turns) -> usize {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        LocalSet::new().block_on(&runtime, async {
            let mut there = TcpStream::from_std(a_byte_that_has_come()).expect("a connection");
            let (turns, checks) = (Rc::new(turns), Rc::new(Cell::new(0)));
            let counted = Rc::clone(&checks);
            let seen = spawn_local(async move {
                there.read_u8().await.expect("a byte");
                counted.get()
            });
            let check = |_| {
                let (turns, checks) = (Rc::clone(&turns), Rc::clone(&checks));
                spawn_local(async move {
                    let turn = match turns.at_once() {
                        Some(turn) => turn,
                        None => polled_twice(turns.in_line()).await,
                    };
                    checks.set(checks.get() + 1);
                    turn.found(&refused());
                })
            };
            let checking: Vec<_> = (0..100).map(check).collect();
            let seen = seen.await.expect("an answer");
            for check in checking {
                check.await.expect("a check");
            }
            assert_eq!(checks.get(), 100, "everybody has their turn");
            seen
        })
    }

    #[test]
    fn in_a_flood_what_has_come_is_seen_after_a_few_checks_however_many_wait() {
        let seen = checks_before_a_byte_is_seen(flooded());
        assert!(seen <= 3 * IN_A_ROW, "{seen} checks went before");
    }

    #[test]
    fn a_flood_is_noticed_and_is_over_again() {
        assert!(checks_before_a_byte_is_seen(Turns::of_one_thread()) < 80);
        let turns = flooded();
        (0..IN_A_ROW).for_each(|_| assert!(turns.at_once().is_some()));
        assert!(turns.at_once().is_none());
        note(&turns, &AtOnce::NeedsKeys { issuer: 0 }, 100);
        (0..100).for_each(|_| assert!(turns.at_once().is_some()));
    }
}
