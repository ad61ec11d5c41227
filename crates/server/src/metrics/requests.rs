//! What is counted of every request: plain numbers of each worker, added up when somebody asks.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Route;

/// In nanoseconds: from a token check out of the cache to a request that waits for everything it may wait for.
pub(super) const DURATION_BOUNDS: [u64; 14] = [
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// More statuses than this no route is expected to answer.
const MOST_STATUSES: usize = 12;

/// The counts of all workers of one server; a clone is the same.
#[derive(Clone, Debug, Default)]
pub struct RequestMetrics {
    workers: Arc<Mutex<Vec<Arc<Counts>>>>,
}

/// Where one worker counts. It stays on its thread, so nobody else writes there, and counting takes neither a lock nor
/// a locked instruction.
#[derive(Debug)]
pub struct WorkerRequests {
    counts: Arc<Counts>,
    one_thread: PhantomData<Rc<()>>,
}

/// Counts a request as in flight for as long as it lives, however the request ends.
#[derive(Debug)]
#[must_use = "the request counts as in flight until this is dropped"]
pub struct InFlight {
    worker: Rc<WorkerRequests>,
    route: Route,
}

/// Far enough from what other threads write that no cache line is shared.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    routes: [RouteCounts; Route::ALL.len()],
}

/// What is counted of one route.
#[derive(Debug, Default)]
struct RouteCounts {
    in_flight: AtomicU64,
    shed: AtomicU64,
    /// By duration, as [`DURATION_BOUNDS`] has them, and longer.
    durations: [AtomicU64; DURATION_BOUNDS.len() + 1],
    nanos: AtomicU64,
    /// As [`Route::statuses`] has them, and others after them.
    statuses: [AtomicU64; MOST_STATUSES],
}

/// The sums of one route over all workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RouteSums {
    pub(super) in_flight: u64,
    /// Sent away at once, because too many were waiting already.
    pub(super) shed: u64,
    pub(super) durations: [u64; DURATION_BOUNDS.len() + 1],
    pub(super) nanos: u64,
    pub(super) statuses: [u64; MOST_STATUSES],
}

impl RequestMetrics {
    /// A place to count for the worker of the calling thread; that of a worker which is gone is used again.
    #[must_use]
    pub fn worker(&self) -> Rc<WorkerRequests> {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let left = workers.iter().find(|counts| Arc::strong_count(counts) == 1).cloned();
        // What its last worker wrote comes before what the next will.
        fence(Ordering::Acquire);
        let counts = left.unwrap_or_else(|| {
            let counts = Arc::<Counts>::default();
            workers.push(Arc::clone(&counts));
            counts
        });
        Rc::new(WorkerRequests { counts, one_thread: PhantomData })
    }

    /// What all workers have counted of a route. Numbers that belong together may be a request apart.
    pub(super) fn sums(&self, route: Route) -> RouteSums {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.iter().filter_map(|counts| counts.routes.get(route.index())).fold(RouteSums::default(), RouteSums::with)
    }
}

impl WorkerRequests {
    /// Counts a request as in flight until the answer is dropped.
    pub fn started(self: &Rc<Self>, route: Route) -> InFlight {
        if let Some(counts) = self.of(route) {
            add(&counts.in_flight, 1);
        }
        InFlight { worker: Rc::clone(self), route }
    }

    /// How many requests of a route this worker has not answered yet.
    #[must_use]
    pub fn in_flight(&self, route: Route) -> u64 {
        self.of(route).map_or(0, |counts| counts.in_flight.load(Ordering::Relaxed))
    }

    /// Counts a request that was sent away at once, because too many were waiting already.
    pub fn shed(&self, route: Route) {
        if let Some(counts) = self.of(route) {
            add(&counts.shed, 1);
        }
    }

    /// Counts an answered request.
    pub fn answered(&self, route: Route, status: u16, duration: Duration) {
        let Some(counts) = self.of(route) else { return };
        // More than five centuries count as that many.
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bound = DURATION_BOUNDS.iter().position(|bound| nanos <= *bound).unwrap_or(DURATION_BOUNDS.len());
        let statuses = route.statuses();
        let expected = statuses.iter().position(|known| *known == status).unwrap_or(statuses.len());
        if let (Some(took), Some(answered)) = (counts.durations.get(bound), counts.statuses.get(expected)) {
            add(took, 1);
            add(answered, 1);
            add(&counts.nanos, nanos);
        }
    }

    fn of(&self, route: Route) -> Option<&RouteCounts> {
        self.counts.routes.get(route.index())
    }
}

impl InFlight {
    /// What was asked for.
    #[must_use]
    pub fn route(&self) -> Route {
        self.route
    }

    /// Counts the answer.
    pub fn answered(&self, status: u16, duration: Duration) {
        self.worker.answered(self.route, status, duration);
    }
}

impl RouteSums {
    fn with(mut self, counts: &RouteCounts) -> Self {
        let add = |sum: &mut u64, count: &AtomicU64| *sum = sum.wrapping_add(count.load(Ordering::Relaxed));
        add(&mut self.in_flight, &counts.in_flight);
        add(&mut self.shed, &counts.shed);
        add(&mut self.nanos, &counts.nanos);
        self.durations.iter_mut().zip(&counts.durations).for_each(|(sum, count)| add(sum, count));
        self.statuses.iter_mut().zip(&counts.statuses).for_each(|(sum, count)| add(sum, count));
        self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(counts) = self.worker.of(self.route) {
            add(&counts.in_flight, 1_u64.wrapping_neg());
        }
    }
}

/// Only ever called on the one thread that writes to the number.
fn add(number: &AtomicU64, more: u64) {
    number.store(number.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_its_place_and_room_for_its_statuses() {
        for (place, route) in Route::ALL.iter().enumerate() {
            assert_eq!(route.index(), place);
            assert!(route.statuses().len() < MOST_STATUSES, "{route:?}");
        }
    }

    #[test]
    fn workers_count_apart_and_are_added_up() {
        let metrics = RequestMetrics::default();
        let (one, other) = (metrics.worker(), metrics.worker());
        one.answered(Route::Verify, 200, Duration::from_micros(400));
        other.answered(Route::Verify, 200, Duration::from_secs(60));
        other.answered(Route::Verify, 418, Duration::from_micros(500));
        let first = one.started(Route::Verify);
        let second = other.started(Route::Verify);
        other.shed(Route::Verify);
        let sums = metrics.sums(Route::Verify);
        assert_eq!((sums.in_flight, sums.shed), (2, 1));
        assert_eq!((one.in_flight(Route::Verify), one.in_flight(Route::Sync)), (1, 0));
        assert_eq!((sums.durations.first(), sums.durations.last()), (Some(&2), Some(&1)));
        assert_eq!(sums.nanos, 60_000_900_000);
        assert_eq!(sums.statuses.iter().sum::<u64>(), 3);
        assert_eq!((sums.statuses.first(), sums.statuses.get(Route::Verify.statuses().len())), (Some(&2), Some(&1)));
        assert_eq!(metrics.sums(Route::Sync), RouteSums::default());
        drop((first, second));
        assert_eq!(metrics.sums(Route::Verify).in_flight, 0);
    }

    #[test]
    fn what_a_worker_counted_outlives_it_and_its_place_is_used_again() {
        let metrics = RequestMetrics::default();
        for _ in 0..3 {
            metrics.worker().answered(Route::Health, 200, Duration::ZERO);
        }
        assert_eq!(metrics.workers.lock().expect("whole").len(), 1);
        assert_eq!(metrics.sums(Route::Health).statuses.first(), Some(&3));
    }
}
