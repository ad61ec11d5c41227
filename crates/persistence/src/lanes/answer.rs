//! An answer that is promised by one thread and awaited by a task.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use domain::RepositoryError;

use super::refusal::Busy;

/// What comes of a question.
pub(crate) type Outcome<A> = Result<A, RepositoryError>;

/// The side that answers. One that is dropped without a word answers that the question was lost.
pub(crate) struct Promise<A>(Arc<Cell<A>>);

/// The side that asks.
pub(crate) struct Awaited<A>(Arc<Cell<A>>);

/// A look at a promise that somebody else has: for whoever sees to it that nobody waits for ever.
pub(super) struct Witness<A>(Arc<Cell<A>>);

struct Cell<A>(Mutex<State<A>>);

enum State<A> {
    /// Somebody waits, and may have been here before.
    Open(Option<Waker>),
    /// The answer is here.
    Given(Outcome<A>),
    /// It was taken, or nobody wants it any more.
    Over,
}

/// Two ends of one answer.
pub(crate) fn promised<A>() -> (Promise<A>, Awaited<A>) {
    let cell = Arc::new(Cell(Mutex::new(State::Open(None))));
    (Promise(Arc::clone(&cell)), Awaited(cell))
}

impl<A> Cell<A> {
    fn lock(&self) -> MutexGuard<'_, State<A>> {
        // Nothing below panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        matches!(*self.lock(), State::Open(_))
    }

    /// Answers, unless that has happened already or nobody waits. Says whether it did.
    fn give(&self, outcome: Outcome<A>) -> bool {
        let mut state = self.lock();
        let State::Open(waker) = &mut *state else { return false };
        let waker = waker.take();
        *state = State::Given(outcome);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

impl<A> Promise<A> {
    /// Answers. The first answer counts.
    pub(crate) fn keep(self, outcome: Outcome<A>) {
        self.0.give(outcome);
    }

    /// Whether somebody still waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.is_open()
    }

    pub(super) fn witness(&self) -> Witness<A> {
        Witness(Arc::clone(&self.0))
    }
}

impl<A> Drop for Promise<A> {
    fn drop(&mut self) {
        if self.0.is_open() {
            self.0.give(Err(Busy::Lost.into()));
        }
    }
}

impl<A> Witness<A> {
    pub(super) fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Answers in place of whoever promised. Says whether somebody was still waiting.
    pub(super) fn refuse(&self, reason: Busy) -> bool {
        self.0.give(Err(reason.into()))
    }
}

impl<A> Future for Awaited<A> {
    type Output = Outcome<A>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock();
        match &mut *state {
            State::Open(waker) => {
                match waker {
                    Some(known) => known.clone_from(context.waker()),
                    none => *none = Some(context.waker().clone()),
                }
                Poll::Pending
            }
            // Nobody polls again after the answer; one who does is told that it is gone.
            _ => match std::mem::replace(&mut *state, State::Over) {
                State::Given(outcome) => Poll::Ready(outcome),
                State::Open(_) | State::Over => Poll::Ready(Err(Busy::Lost.into())),
            },
        }
    }
}

impl<A> Drop for Awaited<A> {
    fn drop(&mut self) {
        let left = std::mem::replace(&mut *self.0.lock(), State::Over);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn polled<A>(awaited: &mut Awaited<A>, wakes: &Arc<Wakes>) -> Poll<Outcome<A>> {
        Pin::new(awaited).poll(&mut Context::from_waker(&Waker::from(Arc::clone(wakes))))
    }

    #[test]
    fn an_answer_wakes_whoever_waits_once_and_the_first_one_counts() {
        let (promise, mut awaited) = promised();
        let wakes = Arc::default();
        assert!(polled(&mut awaited, &wakes).is_pending());
        let witness = promise.witness();
        promise.keep(Ok(1));
        assert!(!witness.refuse(Busy::Expired));
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        assert!(matches!(polled(&mut awaited, &wakes), Poll::Ready(Ok(1))));
    }

    #[test]
    fn a_promise_that_is_dropped_answers_all_the_same() {
        let (promise, mut awaited) = promised::<()>();
        drop(promise);
        assert!(matches!(polled(&mut awaited, &Arc::default()), Poll::Ready(Err(RepositoryError::Failed(_)))));
    }

    #[test]
    fn an_answer_that_nobody_waits_for_any_more_is_known_to_be_unwanted() {
        let (promise, awaited) = promised::<()>();
        assert!(promise.is_awaited());
        drop(awaited);
        assert!(!promise.is_awaited());
        assert!(!promise.witness().refuse(Busy::Expired));
    }
}
