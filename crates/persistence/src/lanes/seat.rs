//! The places at which the threads of a lane work, and who is given up there.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Limits;
use super::answer::Witness;
use super::lane::Shared;
use super::refusal::Busy;
use super::times::Times;

/// How long a thread may take to connect, where some of several hosts do not answer.
const CONNECT_TIME: Duration = Duration::from_secs(30);
/// A thread that has been at one batch for so many times as long as its callers can wait is not waited for any more.
const PATIENCES: u32 = 2;
/// As many threads of a lane may be given up whose calls have not come back, beside one for each seat.
const MORE_GIVEN_UP: usize = 3;

/// Questions that were begun.
pub(super) type UnderWay<A> = Vec<(Times, Witness<A>)>;

/// Where a thread works: one at a time, but that one that hangs gives way to another.
pub(super) struct Seat<A>(Mutex<Seated<A>>);

/// What the thread does that is seated.
pub(super) struct Seated<A> {
    /// How many were given up here before it.
    turn: u64,
    /// What it has begun.
    pub(super) under_way: UnderWay<A>,
    /// While it is busy with the database: from then on it is given up.
    given_up_from: Option<Instant>,
    /// Whether it counts as connected.
    is_counted: bool,
}

/// A thread's seat, and its turn there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) seat: usize,
    pub(super) turn: u64,
}

/// Starts a thread for a place whose last one is given up.
pub(super) type Replacement = Box<dyn Fn(Place) -> io::Result<()> + Send + Sync>;

impl<A> Seat<A> {
    pub(super) fn empty() -> Self {
        Self(Mutex::new(Seated::at(0)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Seated<A>> {
        // Nothing below panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Shared<Q, A> {
    /// What is under way at a place, for the thread that is seated there.
    fn seated(&self, place: Place) -> Option<MutexGuard<'_, Seated<A>>> {
        Some(self.seats.get(place.seat)?.lock()).filter(|seated| seated.turn == place.turn)
    }

    /// A thread begins to connect.
    pub(super) fn connects(&self, place: Place) {
        if let Some(mut seated) = self.seated(place) {
            let patience = CONNECT_TIME.max(patience(&self.limits));
            seated.given_up_from = Some(Instant::now() + patience);
        }
    }

    /// A thread begins these.
    pub(super) fn begins(&self, place: Place, questions: impl Iterator<Item = (Times, Witness<A>)>) {
        if let Some(mut seated) = self.seated(place) {
            seated.under_way.extend(questions);
            seated.given_up_from = Some(Instant::now() + patience(&self.limits));
        }
    }

    /// A thread is back from the database. `false` for one that was given up meanwhile: somebody else has its place.
    pub(super) fn is_back(&self, place: Place) -> bool {
        if let Some(mut seated) = self.seated(place) {
            seated.under_way.clear();
            seated.given_up_from = None;
            return true;
        }
        let mut state = self.lock();
        state.given_up = state.given_up.saturating_sub(1);
        false
    }

    /// Says of a thread whether it can answer questions.
    pub(super) fn is_connected(&self, place: Place, is_connected: bool) {
        let Some(mut seated) = self.seated(place) else { return };
        if std::mem::replace(&mut seated.is_counted, is_connected) != is_connected {
            drop(seated);
            self.count_connected(is_connected);
        }
    }

    /// Gives up whoever has been busy for too long, and starts another thread in their place.
    pub(super) fn replace_whoever_hangs(&self, now: Instant) {
        let Some(replacement) = self.replacement.get() else { return };
        for (number, seat) in self.seats.iter().enumerate() {
            let mut seated = seat.lock();
            let hangs = seated.given_up_from.is_some_and(|moment| moment <= now);
            if !hangs || self.lock().given_up >= self.seats.len() + MORE_GIVEN_UP {
                continue;
            }
            // It waits for this seat before it does anything.
            let turn = seated.turn + 1;
            if let Err(error) = replacement(Place { seat: number, turn }) {
                log::error!("a thread for the database could not be started: {error}");
                continue;
            }
            log::warn!("the database does not answer: another connection is opened");
            let was = std::mem::replace(&mut *seated, Seated::at(turn));
            drop(seated);
            was.under_way.iter().for_each(|(_, witness)| self.expire(witness, Busy::Silent));
            self.lock().given_up += 1;
            if was.is_counted {
                self.count_connected(false);
            }
        }
    }
}

impl<A> Seated<A> {
    /// One that has done nothing yet.
    fn at(turn: u64) -> Self {
        Self { turn, under_way: Vec::new(), given_up_from: None, is_counted: false }
    }
}

fn patience(limits: &Limits) -> Duration {
    (limits.patience + limits.work_time) * PATIENCES
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;

    use super::super::settled::settled;
    use super::super::{Batch, Lane, Overseer, Worker, start};
    use super::*;

    const LIMITS: Limits =
        Limits { capacity: 8, batch: 1, patience: Duration::from_secs(1), work_time: Duration::ZERO };

    /// Answers with what it is asked; one that is held does so once it is let go.
    struct Echo(Option<Receiver<()>>);

    impl Worker for Echo {
        type Question = u32;
        type Answer = u32;

        fn connect(&mut self) -> Result<(), String> {
            Ok(())
        }

        fn is_connected(&self) -> bool {
            true
        }

        fn disconnect(&mut self) {}

        fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
            let _let_go = self.0.as_ref().map(Receiver::recv);
            for asked in batch {
                let answer = asked.question;
                asked.promise.keep(Ok(answer));
            }
            Vec::new()
        }
    }

    /// A lane whose first threads are held, and what holds them.
    fn lane_with_held(held: usize) -> (Lane<u32, u32>, Arc<AtomicUsize>, Vec<Sender<()>>) {
        let (holds, waits): (Vec<_>, Vec<_>) = (0..held).map(|_| channel()).unzip();
        let (waits, made) = (Mutex::new(waits), Arc::<AtomicUsize>::default());
        let (lane, counted) = (Lane::new(LIMITS, 1), Arc::clone(&made));
        let make = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Echo(waits.lock().expect("a lock").pop())
        };
        start(&lane, "test", make).expect("a thread");
        (lane, made, holds)
    }

    #[test]
    fn a_thread_that_hangs_gives_way_to_another_one_and_ends_when_it_is_back() {
        let (lane, _, holds) = lane_with_held(1);
        let _overseer = Overseer::start(vec![lane.overseen()]).expect("a thread");
        assert!(settled(lane.ask(1)).is_err());
        while !matches!(settled(lane.ask(2)), Ok(2)) {}
        assert!(lane.report().connected);
        drop(holds);
        while lane.shared().lock().given_up > 0 {
            thread::yield_now();
        }
        assert!(matches!(settled(lane.ask(3)), Ok(3)));
        assert!(lane.report().connected);
    }

    #[test]
    fn of_the_threads_that_hang_a_few_give_way_and_no_more() {
        let (lane, made, holds) = lane_with_held(20);
        let late = Instant::now() + Duration::from_secs(3_600);
        let mut asked = Vec::new();
        for _ in 0..10 {
            asked.push(lane.ask(1));
            let Some(seat) = lane.shared().seats.first() else { panic!("a seat") };
            while seat.lock().under_way.is_empty() {
                thread::yield_now();
            }
            lane.shared().replace_whoever_hangs(late);
        }
        assert_eq!(made.load(Ordering::SeqCst), 1 + 1 + MORE_GIVEN_UP);
        drop(holds);
    }
}
