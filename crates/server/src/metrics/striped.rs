//! Counters that many threads write to at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{MetricFamily, MetricType};

use super::family::{counted, described, family};

/// As many threads as this write to places of their own.
const STRIPES: usize = 16;

/// A counter whose writers do not get into each other's way: each thread has a place, and a reader adds them up. A clone
/// is the same counter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Striped(Arc<[Place; STRIPES]>);

/// Far enough from the next that no cache line is shared.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place(AtomicU64);

/// A family of such counters, told apart by one label.
#[derive(Debug)]
pub(super) struct StripedFamily {
    description: Desc,
    label: &'static str,
    series: Vec<(&'static str, Striped)>,
}

impl Striped {
    /// Counts one.
    pub(crate) fn inc(&self) {
        if let Some(place) = self.0.get(stripe()) {
            place.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How much was counted so far.
    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().map(|place| place.0.load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }
}

impl StripedFamily {
    pub(super) fn new(name: &str, help: &str, label: &'static str) -> prometheus::Result<Self> {
        Ok(Self { description: described(name, help, &[label])?, label, series: Vec::new() })
    }

    /// One counter more.
    pub(super) fn counter(&mut self, value: &'static str) -> Striped {
        let counter = Striped::default();
        self.series.push((value, counter.clone()));
        counter
    }
}

impl Collector for StripedFamily {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.description]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let series = self.series.iter().map(|(value, counter)| counted(&[(self.label, value)], counter.sum()));
        vec![family(&self.description, MetricType::COUNTER, series.collect())]
    }
}

/// The place of the calling thread.
fn stripe() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static STRIPE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    // A thread that is about to end counts in the first.
    STRIPE.try_with(|stripe| *stripe).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn nothing_that_any_thread_counts_is_lost() {
        let counter = Striped::default();
        thread::scope(|scope| {
            for _ in 0..2 * STRIPES {
                scope.spawn(|| (0..1_000).for_each(|_| counter.inc()));
            }
        });
        assert_eq!(counter.sum(), 2 * STRIPES as u64 * 1_000);
    }
}
