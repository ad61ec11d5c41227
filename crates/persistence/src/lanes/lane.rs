//! A bounded queue of questions.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use domain::Reply;

use super::answer::{Promise, Witness, promised};
use super::overseer::Overseen;
use super::refusal::Busy;
use super::report::{Counters, LaneReport};
use super::seat::{Place, Replacement, Seat};
use super::times::Times;

/// How much a lane takes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many questions may wait.
    pub(crate) capacity: usize,
    /// The most of them in one batch.
    pub(crate) batch: usize,
    /// How long a question may wait until it is begun.
    pub(crate) patience: Duration,
    /// How long it may take once it is begun, on top of that. A caller who asks for one thing after another waits no longer
    /// than both for all of them.
    pub(crate) work_time: Duration,
}

/// A question on its way.
pub(crate) struct Asked<Q, A> {
    pub(crate) question: Q,
    pub(crate) promise: Promise<A>,
    pub(super) times: Times,
}

/// A queue of questions, and the threads that answer them see the other side of it. Closed when dropped: what waits is
/// still answered.
pub(crate) struct Lane<Q, A>(Arc<Shared<Q, A>>);

pub(super) struct Shared<Q, A> {
    pub(super) limits: Limits,
    state: Mutex<State<Q, A>>,
    filled: Condvar,
    closed: Condvar,
    /// One for each thread.
    pub(super) seats: Vec<Seat<A>>,
    pub(super) replacement: OnceLock<Replacement>,
    counters: Counters,
}

/// A question that is not taken on, for whoever brought it to answer.
type Refused<Q, A> = (Asked<Q, A>, Busy);

pub(super) struct State<Q, A> {
    pub(super) waiting: VecDeque<Asked<Q, A>>,
    /// Threads that wait for a question.
    idle: usize,
    /// Threads that can answer one.
    connected: usize,
    /// Since when none can, and why.
    outage: Option<(Instant, Arc<str>)>,
    /// Whether what is under way has been for too long.
    pub(super) is_stuck: bool,
    /// Threads that hang and were given up.
    pub(super) given_up: usize,
    is_closed: bool,
}

impl<Q: Send + 'static, A: Send + 'static> Lane<Q, A> {
    /// A lane for so many threads.
    pub(crate) fn new(limits: Limits, threads: usize) -> Self {
        let not_yet = (Instant::now(), Arc::from("it is being opened"));
        let state = State {
            waiting: VecDeque::new(),
            idle: 0,
            connected: 0,
            outage: Some(not_yet),
            is_stuck: false,
            given_up: 0,
            is_closed: false,
        };
        let (seats, replacement) = ((0..threads).map(|_| Seat::empty()).collect(), OnceLock::new());
        let (filled, closed, counters) = (Condvar::new(), Condvar::new(), Counters::default());
        Self(Arc::new(Shared { limits, state: Mutex::new(state), filled, closed, seats, replacement, counters }))
    }

    pub(crate) fn overseen(&self) -> Weak<dyn Overseen> {
        let lane: Arc<dyn Overseen> = self.0.clone();
        Arc::downgrade(&lane)
    }

    pub(super) fn shared(&self) -> &Arc<Shared<Q, A>> {
        &self.0
    }

    /// Leaves a question. Never waits.
    pub(crate) fn ask(&self, question: Q) -> Reply<A> {
        let now = Instant::now();
        self.ask_at(now, now, question)
    }

    /// The same of a caller who has asked before, at this moment.
    pub(crate) fn ask_since(&self, since: Instant, question: Q) -> Reply<A> {
        self.ask_at(Instant::now(), since, question)
    }

    fn ask_at(&self, now: Instant, since: Instant, question: Q) -> Reply<A> {
        let (promise, awaited) = promised();
        match self.0.push(Asked { question, promise, times: Times::of(now, since) }, now) {
            Ok(()) => Reply::Later(Box::pin(awaited)),
            Err((_, busy)) => Reply::AtOnce(Err(busy.into())),
        }
    }

    /// Takes a question over from another lane; its time goes on running.
    pub(crate) fn hand_over(&self, asked: Asked<Q, A>) {
        if let Err((refused, busy)) = self.0.push(asked, Instant::now()) {
            refused.promise.keep(Err(busy.into()));
        }
    }

    pub(crate) fn report(&self) -> LaneReport {
        let (depth, connected) = {
            let state = self.0.lock();
            (state.waiting.len(), state.connected > 0 && !state.is_stuck)
        };
        let counters = &self.0.counters;
        LaneReport {
            depth,
            connected,
            capacity: self.0.limits.capacity,
            batches: counters.batches.read(),
            questions: counters.questions.read(),
            overflows: counters.overflows.read(),
            expired: counters.expired.read(),
        }
    }
}

impl<Q, A> Drop for Lane<Q, A> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.filled.notify_all();
        self.0.closed.notify_all();
    }
}

impl<Q, A> Shared<Q, A> {
    pub(super) fn lock(&self) -> MutexGuard<'_, State<Q, A>> {
        // Nothing below panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, asked: Asked<Q, A>, now: Instant) -> Result<(), Refused<Q, A>> {
        let mut state = self.lock();
        let refusal = if state.waiting.len() >= self.limits.capacity {
            self.counters.overflows.add(1);
            Some(Busy::Full)
        } else if state.is_stuck {
            Some(Busy::Silent)
        } else {
            // A short interruption is waited out; once somebody has waited in vain for as long as they could, nobody else does.
            let outage = state.outage.as_ref().filter(|(since, _)| now.duration_since(*since) >= self.limits.patience);
            outage.map(|(_, reason)| Busy::OutOfReach(Arc::clone(reason)))
        };
        if let Some(busy) = refusal {
            return Err((asked, busy));
        }
        state.waiting.push_back(asked);
        self.wake_one(state);
        Ok(())
    }

    /// Wakes a thread if one sleeps. One that was woken and has not come yet counts as awake.
    fn wake_one(&self, mut state: MutexGuard<'_, State<Q, A>>) {
        let sleeps = state.idle > 0;
        state.idle -= usize::from(sleeps);
        drop(state);
        if sleeps {
            self.filled.notify_one();
        }
    }

    /// Waits for questions; takes as many as a batch may have, and notes that this thread has begun them. `None` once the lane
    /// is closed and empty.
    pub(super) fn take(&self, place: Place) -> Option<Vec<Asked<Q, A>>> {
        loop {
            let batch = self.take_waiting()?;
            let now = Instant::now();
            let mut wanted = Vec::with_capacity(batch.len());
            for asked in batch {
                if !asked.promise.is_awaited() {
                    continue;
                }
                if asked.times.begin_by(&self.limits) <= now {
                    self.expire(&asked.promise.witness(), Busy::Expired);
                } else {
                    wanted.push(asked);
                }
            }
            if wanted.is_empty() {
                continue;
            }
            self.counters.batches.add(1);
            self.counters.questions.add(wanted.len());
            self.begins(place, wanted.iter().map(|asked| (asked.times, asked.promise.witness())));
            return Some(wanted);
        }
    }

    fn take_waiting(&self) -> Option<Vec<Asked<Q, A>>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        // On a busy machine those who are about to ask go first, and there are fewer and larger batches: half the work for the
        // database. Where nothing else wants this core it returns at once, so that a lone question waits for nobody.
        if state.waiting.len() < self.limits.batch {
            drop(state);
            thread::yield_now();
            state = self.lock();
        }
        let count = state.waiting.len().min(self.limits.batch);
        Some(state.waiting.drain(..count).collect())
    }

    /// The batch is done with; these of it are to be taken once more, before all others.
    pub(super) fn finish(&self, left: Vec<Asked<Q, A>>) {
        let mut state = self.lock();
        state.is_stuck = false;
        left.into_iter().rev().for_each(|asked| state.waiting.push_front(asked));
    }

    /// One thread more is connected, or one less.
    pub(super) fn count_connected(&self, is_connected: bool) {
        let mut state = self.lock();
        if is_connected {
            state.connected += 1;
            state.outage = None;
            return;
        }
        state.connected = state.connected.saturating_sub(1);
        if state.connected == 0 {
            state.outage = Some((Instant::now(), Arc::from("it was cut")));
        }
    }

    /// A thread has tried in vain to connect. Waits before it tries again; `false` once the lane is closed.
    pub(super) fn wait_to_reconnect(&self, reason: &str, pause: Duration) -> bool {
        let mut state = self.lock();
        if let Some((_, known)) = &mut state.outage
            && **known != *reason
        {
            *known = Arc::from(reason);
        }
        let is_open = |state: &mut State<Q, A>| !state.is_closed;
        let (state, _) = self.closed.wait_timeout_while(state, pause, is_open).unwrap_or_else(PoisonError::into_inner);
        !state.is_closed
    }

    /// Nobody is going to answer.
    pub(super) fn give_up(&self) {
        let waiting = {
            let mut state = self.lock();
            state.is_closed = true;
            let now = Instant::now();
            let since = now.checked_sub(self.limits.patience).unwrap_or(now);
            state.outage = Some((since, Arc::from("its thread has ended")));
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(|asked| asked.promise.keep(Err(Busy::Closed.into())));
    }

    pub(super) fn expire(&self, witness: &Witness<A>, reason: Busy) {
        // Counted first: whoever was refused may look at once.
        self.counters.expired.add(usize::from(witness.is_open()));
        witness.refuse(reason);
    }
}
