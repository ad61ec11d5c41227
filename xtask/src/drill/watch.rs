//! Memory and open descriptors of a process, again and again while a drill runs.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;

const INTERVAL: Duration = Duration::from_millis(100);

/// One look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) at: Instant,
    pub(super) resident_mebibytes: f64,
    pub(super) descriptors: usize,
}

/// All of them, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Course(pub(super) Vec<Look>);

impl Course {
    /// Between two moments.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Self {
        Self(self.0.iter().filter(|look| (from..to).contains(&look.at)).copied().collect())
    }

    pub(super) fn most_memory(&self) -> f64 {
        self.0.iter().map(|look| look.resident_mebibytes).fold(0.0, f64::max)
    }

    pub(super) fn most_descriptors(&self) -> usize {
        self.0.iter().map(|look| look.descriptors).max().unwrap_or_default()
    }
}

/// Looks at a process until it is stopped. While the cell holds 0 there is none.
#[derive(Debug)]
pub(super) struct Watch {
    over: Arc<AtomicBool>,
    eye: Option<JoinHandle<Course>>,
}

impl Watch {
    /// Begins to look at the process whose id is in the cell.
    pub(super) fn begin(process: Arc<AtomicU32>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let eye = thread::spawn(move || {
            let mut course = Course::default();
            while !stop.load(Ordering::SeqCst) {
                course.0.extend(look(process.load(Ordering::SeqCst)));
                thread::park_timeout(INTERVAL);
            }
            course
        });
        Self { over, eye: Some(eye) }
    }

    /// What was seen.
    ///
    /// # Errors
    /// The thread that looks has panicked.
    pub(super) fn stop(mut self) -> anyhow::Result<Course> {
        self.over.store(true, Ordering::SeqCst);
        let eye = self.eye.take().ok_or_else(|| anyhow!("stopped twice"))?;
        eye.thread().unpark();
        eye.join().map_err(|_| anyhow!("the watch panicked"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// A process that is gone shows nothing.
pub(super) fn look(process: u32) -> Option<Look> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?;
    let kibibytes: u32 = kibibytes.trim().parse().ok()?;
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
    Some(Look { at: Instant::now(), resident_mebibytes: f64::from(kibibytes) / 1024.0, descriptors })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::wait;

    #[test]
    fn a_process_has_memory_and_descriptors_and_none_has_nothing() {
        let own = look(std::process::id()).unwrap();
        assert!(own.resident_mebibytes > 0.0 && own.descriptors > 2);
        assert!(look(0).is_none());
    }

    #[test]
    fn a_watch_sees_the_process_in_its_cell() {
        let cell = Arc::new(AtomicU32::new(std::process::id()));
        let begin = Instant::now();
        let watch = Watch::begin(cell);
        wait::up_to(begin + INTERVAL);
        let course = watch.stop().unwrap().between(begin, Instant::now());
        assert!(course.most_memory() > 0.0 && course.most_descriptors() > 2);
    }
}
