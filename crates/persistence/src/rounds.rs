//! A thread that asks a database again and again over a connection of its own, and that gives way to another one when no answer
//! comes: libpq itself waits for as long as the machine at the other end lives.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::lanes::{Overseen, Overseer};

/// As many may hang at once; nobody takes the place of one more until one of them is back.
const MOST_GIVEN_UP: usize = 4;
/// How often it is looked whether one hangs.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What such a thread does.
pub(crate) trait Round: Send + 'static {
    /// What a look finds.
    type Seen;

    /// How long the next look may take.
    fn patience(&self) -> Duration;

    /// Asks. It may hang.
    fn look(&mut self) -> Self::Seen;

    /// Passes on what was seen, and says how long to rest. Whoever was given up meanwhile is not asked to.
    fn tell(&mut self, seen: Self::Seen) -> Duration;
}

/// The thread. It ends with its owner.
pub(crate) struct Rounds {
    shared: Arc<Shared>,
    _overseer: Overseer,
}

struct Shared {
    state: Mutex<State>,
    over: Condvar,
    replacement: OnceLock<Replacement>,
}

/// Starts the thread whose turn it is then.
type Replacement = Box<dyn Fn(u64) -> io::Result<()> + Send + Sync>;

#[derive(Default)]
struct State {
    /// How many have been given up so far, which tells the one that counts from those before it.
    turn: u64,
    /// Then the look that is under way counts as one that hangs.
    hangs_from: Option<Instant>,
    /// Of those given up, how many have not come back.
    given_up: usize,
    is_over: bool,
}

impl Rounds {
    /// # Errors
    /// The machine gives no thread.
    pub(crate) fn start<R: Round>(
        name: &'static str,
        make: impl Fn() -> R + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), over: Condvar::new(), replacement: OnceLock::new() });
        let overseen: Arc<dyn Overseen> = shared.clone();
        let overseer = Overseer::start(vec![Arc::downgrade(&overseen)])?;
        let of = Arc::downgrade(&shared);
        let start = move |turn| {
            let (shared, round) = (Weak::clone(&of), make());
            thread::Builder::new().name(name.to_owned()).spawn(move || go_round(&shared, turn, round)).map(drop)
        };
        start(0)?;
        let _only_once = shared.replacement.set(Box::new(start));
        Ok(Self { shared, _overseer: overseer })
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.over.notify_all();
    }
}

fn go_round<R: Round>(shared: &Weak<Shared>, turn: u64, mut round: R) {
    while let Some(shared) = shared.upgrade() {
        shared.begin(turn, round.patience());
        let seen = round.look();
        if !shared.is_back(turn) {
            return;
        }
        let pause = round.tell(seen);
        if !shared.rest(pause) {
            return;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing below panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, turn: u64, patience: Duration) {
        let mut state = self.lock();
        if state.turn == turn {
            state.hangs_from = Some(Instant::now() + patience);
        }
    }

    /// A look is over. `false` for one that was given up.
    fn is_back(&self, turn: u64) -> bool {
        let mut state = self.lock();
        let counts = state.turn == turn;
        if counts {
            state.hangs_from = None;
        } else {
            state.given_up = state.given_up.saturating_sub(1);
        }
        counts
    }

    /// `false` once there is no owner any more.
    fn rest(&self, pause: Duration) -> bool {
        let goes_on = |state: &mut State| !state.is_over;
        let waited = self.over.wait_timeout_while(self.lock(), pause, goes_on);
        !waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }
}

impl Overseen for Shared {
    fn look(&self, now: Instant) -> Instant {
        let mut state = self.lock();
        if state.hangs_from.is_some_and(|moment| moment <= now)
            && state.given_up < MOST_GIVEN_UP
            && let Some(start) = self.replacement.get()
        {
            // It waits for this lock before it does anything.
            match start(state.turn + 1) {
                Ok(()) => {
                    log::warn!("the database does not answer one that watches it: another connection is opened");
                    *state = State { turn: state.turn + 1, hangs_from: None, given_up: state.given_up + 1, ..*state };
                }
                Err(error) => log::error!("a thread for the database could not be started: {error}"),
            }
        }
        now + LOOK_EVERY
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Comes back from a look when the test lets go of it.
    struct Waiting {
        number: usize,
        leave: Receiver<()>,
        said: Sender<(usize, Said)>,
    }

    #[derive(Debug, PartialEq, Eq)]
    enum Said {
        Told,
        Ended,
    }

    impl Round for Waiting {
        type Seen = ();

        fn patience(&self) -> Duration {
            Duration::ZERO
        }

        fn look(&mut self) {
            let _let_go = self.leave.recv();
        }

        fn tell(&mut self, (): ()) -> Duration {
            let _test_is_over = self.said.send((self.number, Said::Told));
            Duration::ZERO
        }
    }

    impl Drop for Waiting {
        fn drop(&mut self) {
            let _test_is_over = self.said.send((self.number, Said::Ended));
        }
    }

    /// The rounds, what holds each of them as it is made, and what they say.
    fn rounds() -> (Rounds, Receiver<Sender<()>>, Receiver<(usize, Said)>) {
        let ((hold, held), (said, hear)) = (channel(), channel());
        let making = Mutex::new((0, hold, said));
        let make = move || {
            let (leave, wait) = channel();
            let mut making = making.lock().expect("a lock");
            making.0 += 1;
            let _test_is_over = making.1.send(leave);
            Waiting { number: making.0, leave: wait, said: making.2.clone() }
        };
        (Rounds::start("test", make).expect("a thread"), held, hear)
    }

    #[test]
    fn one_that_hangs_gives_way_and_what_it_finds_late_is_not_passed_on() {
        let (_rounds, held, hear) = rounds();
        let first = held.recv().expect("the first one");
        let mut all = Vec::new();
        // All others come back at once.
        while !all.iter().any(|(_, said)| *said == Said::Told) {
            held.try_iter().for_each(drop);
            all.extend(hear.recv_timeout(Duration::from_millis(10)));
        }
        drop(first);
        while !all.contains(&(1, Said::Ended)) {
            all.push(hear.recv().expect("a word"));
        }
        assert!(!all.contains(&(1, Said::Told)), "{all:?}");
    }

    #[test]
    fn a_few_may_hang_and_no_more() {
        let (rounds, held, _hear) = rounds();
        let all: Vec<_> = (0..=MOST_GIVEN_UP).map(|_| held.recv().expect("one that looks")).collect();
        while rounds.shared.lock().hangs_from.is_none() {
            thread::yield_now();
        }
        rounds.shared.look(Instant::now() + LOOK_EVERY);
        assert!(held.try_recv().is_err());
        assert_eq!(rounds.shared.lock().given_up, all.len() - 1);
    }
}
