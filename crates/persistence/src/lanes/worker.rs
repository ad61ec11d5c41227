//! The threads behind a lane.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use super::lane::{Asked, Lane, Shared};
use super::seat::Place;

/// After the second failure in a row; each further one doubles it. The first one is tried again at once.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// As long as an outage lasts, no pause is longer than this: its end is noticed in time.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What a thread of a lane does.
pub(crate) trait Worker: Send + 'static {
    /// What is asked.
    type Question: Send + 'static;
    /// What is answered.
    type Answer: Send + 'static;

    /// Opens the connection.
    ///
    /// # Errors
    /// One line that says why there is none; it holds no password.
    fn connect(&mut self) -> Result<(), String>;

    /// Whether there is a connection, as far as anybody knows.
    fn is_connected(&self) -> bool;

    /// Gives the connection up: nobody knows what state it is in.
    fn disconnect(&mut self);

    /// Answers a batch; hands back whatever has not been begun and is to be taken once more.
    fn work(&mut self, batch: Batch<Self>) -> Batch<Self>;
}

/// Questions for one worker.
pub(crate) type Batch<W> = Vec<Asked<<W as Worker>::Question, <W as Worker>::Answer>>;

/// Starts the threads of a lane, with a worker each, and others in the place of those that hang. Where the machine gives none,
/// whoever asks is refused.
pub(crate) fn start<W: Worker>(
    lane: &Lane<W::Question, W::Answer>,
    name: &'static str,
    make: impl Fn() -> W + Send + Sync + 'static,
) -> io::Result<()> {
    let of = Arc::downgrade(lane.shared());
    let start_at = move |place: Place| {
        let Some(lane) = of.upgrade() else { return Ok(()) };
        let worker = make();
        let builder = thread::Builder::new().name(format!("{name}-{}", place.seat));
        builder.spawn(move || work_until_closed(&lane, place, worker)).map(drop)
    };
    for seat in 0..lane.shared().seats.len() {
        start_at(Place { seat, turn: 0 })?;
    }
    let _only_once = lane.shared().replacement.set(Box::new(start_at));
    Ok(())
}

fn work_until_closed<W: Worker>(lane: &Shared<W::Question, W::Answer>, place: Place, mut worker: W) {
    let mut failures = 0_u32;
    loop {
        if !worker.is_connected() {
            lane.connects(place);
            let connected = worker.connect();
            if !lane.is_back(place) {
                return;
            }
            if let Err(reason) = connected {
                failures = failures.saturating_add(1);
                if !lane.wait_to_reconnect(&reason, pause_after(failures)) {
                    return lane.give_up();
                }
                continue;
            }
        }
        // Also one that needs no connection of its own.
        lane.is_connected(place, true);
        let Some(batch) = lane.take(place) else { return };
        // A defect costs the batch it shows in, and not the lane.
        let left = catch_unwind(AssertUnwindSafe(|| worker.work(batch))).unwrap_or_else(|_| {
            worker.disconnect();
            Vec::new()
        });
        if !lane.is_back(place) {
            return;
        }
        if worker.is_connected() {
            failures = 0;
        } else {
            lane.is_connected(place, false);
            // A connection that is cut again and again is not opened without end.
            failures = failures.saturating_add(1);
        }
        lane.finish(left);
        if failures > 1 && !lane.wait_to_reconnect("it was cut again", pause_after(failures)) {
            return lane.give_up();
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    match failures {
        0 | 1 => Duration::ZERO,
        more => FIRST_PAUSE.saturating_mul(1 << (more - 2).min(10)).min(LONGEST_PAUSE),
    }
}
